package value_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"larder.example/larder/internal/cli/value"
)

func TestJSONKeepsOrderAndKindsOfNumber(t *testing.T) {
	for text, want := range map[string]string{
		`{"b": 1, "a": [1.0, 1e-7, 1e21, 10000000000000000000000]}`: `{"b": 1, "a": [1.0, 1e-07, 1e+21, 10000000000000000000000]}`,
		`{"a": 1, "b": 2, "a": 3}`:                                  `{"a": 3, "b": 2}`,
		`"\u00e9\ud83d\ude00\u2028<"`:                               `"é😀` + "\u2028" + `<"`,
		`[true,false,null,"",{},[]]`:                                `[true, false, null, "", {}, []]`,
		`1600000000.0`:                                              `1600000000.0`,
		`"\u0001\t"`:                                                `"\u0001\t"`,
	} {
		v, err := value.ParseJSON(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := value.Line(v); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// The messages are those of Python 3.13's json module.
func TestJSONErrorsArePythons(t *testing.T) {
	for text, want := range map[string]string{
		"":              "Expecting value: line 1 column 1 (char 0)",
		"[bad":          "Expecting value: line 1 column 2 (char 1)",
		"{":             "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)",
		`{"a" 1}`:       "Expecting ':' delimiter: line 1 column 6 (char 5)",
		"{\"a\":\n1 2}": "Expecting ',' delimiter: line 2 column 3 (char 8)",
		"[1,]":          "Illegal trailing comma before end of array: line 1 column 3 (char 2)",
		`"abc`:          "Unterminated string starting at: line 1 column 1 (char 0)",
		"1 2":           "Extra data: line 1 column 3 (char 2)",
		`"\x"`:          `Invalid \escape: line 1 column 2 (char 1)`,
	} {
		_, err := value.ParseJSON(text)
		if err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

func TestFloatsAreSpelledAsPythonDoes(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0.0", 1: "1.0", 1.5: "1.5", 1e15: "1000000000000000.0", 1e16: "1e+16", 1e-4: "0.0001", 1e-5: "1e-05",
		1893499445.743: "1893499445.743", math.Inf(-1): "-inf",
	} {
		if got := value.Float(f); got != want {
			t.Errorf("%g: got %s, want %s", f, got, want)
		}
	}
}

func TestTimestamps(t *testing.T) {
	zone := time.FixedZone("", -5*60*60)
	for _, tt := range []struct{ raw, want any }{
		{int64(1893499445), "2030-01-01T07:04:05-05:00"},
		{1893499445.743, "2030-01-01T07:04:05.743000-05:00"},
		{1893499445.0, "2030-01-01T07:04:05-05:00"},
		{"2030-01-01T12:04:05Z", "2030-01-01T12:04:05+00:00"},
		{"2030-01-01T12:04:05.5+02:00", "2030-01-01T12:04:05.500000+02:00"},
		{"soon", "soon"},
		{nil, nil},
	} {
		if got := value.ISOTime(tt.raw, zone); got != tt.want {
			t.Errorf("%v: got %v, want %v", tt.raw, got, tt.want)
		}
	}
}

func TestRepr(t *testing.T) {
	v := value.NewObject(value.Member{Key: "it's", Value: []any{nil, true, int64(1), 1.0, "a\n", []byte("b'\x00")}})
	if got, want := value.Repr(v), `{"it's": [None, True, 1, 1.0, 'a\n', b"b'\x00"]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestObjectsKeepOrderWhenTheyGrow(t *testing.T) {
	o := new(value.Object)
	for i := range 100 {
		o.Set(string(rune('a'+i%50)), i)
	}
	o.Delete("b")
	o.Set("b", 1)
	if v, ok := o.Get("c"); o.Len() != 50 || !ok || v != 52 || o.Members()[49].Key != "b" {
		t.Errorf("got %d members, c = %v, %t", o.Len(), v, ok)
	}
}

// What encoding/json reads we read too, to the same value, and the reverse.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5,"\u00e9"],"b":null}`, "[1,]", `"\ud800"`, "012", "-", "1.", "{}x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := value.ParseJSON(text)
		valid := json.Valid([]byte(text))
		if valid != (err == nil) {
			t.Fatalf("%q: got %v, want valid = %t", text, err, valid)
		}
		if err != nil {
			return
		}
		again, err := value.ParseJSON(value.Line(v))
		if err != nil || value.Line(again) != value.Line(v) {
			t.Errorf("%q: got %s, then %s, %v", text, value.Line(v), value.Line(again), err)
		}
	})
}
