package npm

import (
	"encoding/json"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"larder.example/larder"
)

func read1(text string) error {
	s := newStream(iotest.OneByteReader(strings.NewReader(text)), 1<<20)
	if err := s.skip(); err != nil {
		return err
	}
	return s.end()
}

func TestStreamIsStrict(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":[1,-2.5e+10,true,false,null,"x\u00e9\n"],"b":{}} `: "",
		`[]`: "", ` 0 `: "", `"\ud83d\udce6"`: "", `"\ud83d"`: "", `"\ud83d\n"`: "", `"\ud83dx"`: "",
		``:                 "ends early",
		`{`:                "ends early",
		`{"a"`:             "ends early",
		`{"a":`:            "ends early",
		`{"a":1`:           "ends early",
		`"abc`:             "ends early",
		`"abc\`:            "ends early",
		`tru`:              "ends early",
		`{"a":1}x`:         "something follows its end",
		`{"a":1}{}`:        "something follows its end",
		`{"a":1,}`:         `'}' where '"' must stand`,
		`[1,]`:             "unexpected",
		`{a:1}`:            `where '"' must stand`,
		`{"a" 1}`:          "where ':' must stand",
		`{'a':1}`:          "must stand",
		`[1 2]`:            "where ',' must stand",
		`01`:               "is no number",
		`1.`:               "is no number",
		`.5`:               "is no number",
		`+1`:               "is no number",
		`1e`:               "is no number",
		`-`:                "is no number",
		`NaN`:              "unexpected",
		`nul1`:             "unexpected",
		"\"a\nb\"":         "control character",
		"\"\xff\"":         "not UTF-8",
		"\"\xed\xa0\x80\"": "not UTF-8",
		`"\x"`:             "unknown escape",
		`"\u12g4"`:         "broken \\u escape",
		"\ufeff{}":         "unexpected",
		strings.Repeat("[", 101) + strings.Repeat("]", 101): "nests deeper than 100 levels",
	} {
		err := read1(text)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%.40q: %v, want %q", text, err, want)
		}
		if err != nil && !larder.Invalid.Is(err) && !larder.TooLarge.Is(err) {
			t.Errorf("%.40q: %v is not the caller's fault", text, err)
		}
	}
}

func TestStreamTellsAReaderThatFailsFromADocumentThatEnds(t *testing.T) {
	s := newStream(io.MultiReader(strings.NewReader(`{"a":`), iotest.ErrReader(io.ErrClosedPipe)), 1<<20)
	if err := s.skip(); err == nil || larder.Invalid.Is(err) {
		t.Errorf("got %v, want an error that is not the document's", err)
	}
}

func FuzzStreamReadsAsEncodingJSONDoes(f *testing.F) {
	for _, s := range []string{
		`{"a":[1,2.5e-3,"x"],"b":null}`, `"\ud83d\udce6\ud83d\ud83d\udce6"`, `"\\\""`, `[[[]]]`, "\"\xff\"", `1e5`, `"\ud800\u0041"`,
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		err := read1(text)
		if larder.TooLarge.Is(err) {
			return
		}
		if want := json.Valid([]byte(text)) && utf8.ValidString(text); (err == nil) != want {
			t.Fatalf("%q: %v, but valid is %v", text, err, want)
		}
		var want string
		if err == nil && json.Unmarshal([]byte(text), &want) == nil {
			if got, err := newStream(strings.NewReader(text), 1<<20).text(1 << 20); err == nil && got != want {
				t.Errorf("%q reads as %q, want %q", text, got, want)
			}
		}
		if err == nil {
			raw, err := newStream(strings.NewReader(text), 1<<20).raw()
			if got, want := string(raw), strings.Trim(text, " \t\r\n"); got != want || err != nil {
				t.Errorf("raw is %q, %v, want %q", got, err, want)
			}
		}
	})
}
