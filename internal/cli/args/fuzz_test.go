package args_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"larder.example/larder/internal/cli/args"
	"larder.example/larder/internal/cli/value"
)

// soon fails a fuzz target that takes longer than its input is worth.
func soon(t *testing.T, what string, f func()) {
	t.Helper()
	const most = time.Minute // what is not in proportion takes far longer, and no machine is that slow
	began := time.Now()
	f()
	if took := time.Since(began); took > most {
		t.Errorf("%s: got an end after %v", what, took)
	}
}

func word(text string) (any, error) { return text, nil }

// FuzzShorthand reads whatever is there. What was read, written with quotes
// and brackets around all of it, is read as the same.
func FuzzShorthand(f *testing.F) {
	for _, seed := range []string{
		"key=a,value=b", "a=b,c,d", "a=b,c,d=e", "a=[b,c],d={e=f,g=[h]}", `a='it\'s',b="so \"x\""`, "a=,b= ", `a=b\,c`, "a@=file://x",
		"a", "=", "a={", "a=[[[[", "a='", "a=b c,d=é", "a=b\n,c=d", `a="\\"`, "a=b,c,d,e=f,g,h=i", "a = [ ]",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var o *value.Object
		var err error
		soon(t, "reading", func() { o, err = args.Shorthand(text, word) })
		if err != nil {
			return
		}
		spelled, can := spell(o)
		if !can {
			return
		}
		again, err := args.Shorthand(spelled[1:len(spelled)-1], word)
		if err != nil || !reflect.DeepEqual(again, o) {
			t.Errorf("%q: got %s, %v from %s, want %s", text, value.Line(again), err, spelled, value.Line(o))
		}
	})
}

// spell writes shorthand with quotes around every word. A word with a
// backslash at its end has no such form.
func spell(v any) (string, bool) {
	switch v := v.(type) {
	case *value.Object:
		var parts []string
		for _, m := range v.Members() {
			text, can := spell(m.Value)
			if !can {
				return "", false
			}
			parts = append(parts, m.Key+"="+text)
		}
		return "{" + strings.Join(parts, ",") + "}", true
	case []any:
		var parts []string
		for _, e := range v {
			text, can := spell(e)
			if !can {
				return "", false
			}
			parts = append(parts, text)
		}
		return "[" + strings.Join(parts, ",") + "]", true
	case string:
		return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(v) + "'", !strings.HasSuffix(v, `\`)
	}
	return "", false
}

// FuzzYAML reads whatever is there. What was read, written as JSON, which is
// YAML too, is read as the same.
func FuzzYAML(f *testing.F) {
	for _, seed := range []string{
		"domain: team\nrepository: app\n", "a: [1, 0x1f, 0o17, 1.5, 1e3, .5, true, ~, yes, 0123, 1_000]\n", "- a\n- b: c\n", "a: &x [1]\nb: *x\n",
		"a: &a [*a]\n", "? [a, b]\n: c\n", "a: |\n  text\n  more\n", "a: 'it''s'\nb: \"\\u00e9\\n\"\n", "{a: b, c: [d]}", "--- \na\n...\n", "!!str 1", "!!binary YQ==",
		"a: b: c", "\t", "%YAML 1.2\n---\na: 1\n", "a: -.inf\nb: .nan\n", "<<: {a: b}\n", "a: 2026-12-01\n",
		"a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\nd: &d [*c,*c]\n",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var v any
		var err error
		soon(t, "reading", func() { v, err = args.ParseYAML(text) })
		if err != nil || !plain(v) {
			return
		}
		spelled := value.Dumps(v)
		again, err := args.ParseYAML(spelled)
		if err != nil || !reflect.DeepEqual(again, v) {
			t.Errorf("%q: got %#v, %v from %s, want %#v", text, again, err, spelled, v)
		}
	})
}

// plain reports whether JSON has a form of a value that YAML has too: its
// escapes are not in pairs.
func plain(v any) bool {
	switch v := v.(type) {
	case *value.Object:
		return !slices.ContainsFunc(v.Members(), func(m value.Member) bool { return !plain(m.Key) || !plain(m.Value) })
	case []any:
		return !slices.ContainsFunc(v, func(e any) bool { return !plain(e) })
	case string:
		return utf8.ValidString(v) && !strings.ContainsFunc(v, func(r rune) bool { return r > 0xffff })
	case float64:
		return !strings.ContainsAny(fmt.Sprint(v), "nN")
	}
	return true
}

// What is as long as a command line can be, and as awkward, is read at once.
func TestLongInputIsReadAtOnce(t *testing.T) {
	const most = 128 << 10 // of one argument, on Linux
	for name, text := range map[string]string{
		"pairs":   strings.Repeat("a=b,c,", most/6),
		"keys":    strings.TrimSuffix(distinct(most/8), ","),
		"commas":  "a=" + strings.Repeat("b,", most/2),
		"opened":  strings.Repeat("a={", most/3),
		"quotes":  "a=" + strings.Repeat(`'b',`, most/4),
		"escapes": "a=" + strings.Repeat(`\,`, most/2),
	} {
		soon(t, "shorthand of "+name, func() { args.Shorthand(text, word) }) //nolint:errcheck // that it ends is the claim
	}
	for name, text := range map[string]string{
		"a bomb":  bomb(30),
		"keys":    strings.ReplaceAll(strings.ReplaceAll(distinct(most/8), "=", ": "), ",", "\n"),
		"opened":  strings.Repeat("[", most),
		"anchors": strings.Repeat("- &a b\n", most/7),
	} {
		soon(t, "YAML of "+name, func() { args.ParseYAML(text) }) //nolint:errcheck // that it ends is the claim
	}
}

// distinct is pairs of which no key is there twice.
func distinct(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%x=v%x,", i, i)
	}
	return b.String()
}

// bomb is a small document of many values.
func bomb(n int) string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x]\n")
	for i := range n {
		fmt.Fprintf(&b, "a%d: &a%d [*a%d, *a%d]\n", i+1, i+1, i, i)
	}
	return b.String()
}
