package query_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"larder.example/larder/internal/cli/query"
	"larder.example/larder/internal/cli/value"
)

// TestCompliance runs the suite of jmespath.org (Apache-2.0) that comes with
// its implementation in Go.
func TestCompliance(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) < 16 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := value.ParseJSON(string(text))
		if err != nil {
			t.Fatal(file, err)
		}
		for _, suite := range doc.([]any) {
			runSuite(t, filepath.Base(file), suite.(*value.Object))
		}
	}
}

func runSuite(t *testing.T, file string, suite *value.Object) {
	t.Helper()
	given, _ := suite.Get("given")
	cases, _ := suite.Get("cases")
	for _, c := range cases.([]any) {
		c := c.(*value.Object)
		text := c.Text("expression")
		got, err := search(text, given)
		want, succeeds := c.Get("result")
		switch {
		case !succeeds && err == nil:
			t.Errorf("%s: %s: got %s, want the error %s", file, text, value.Line(got), c.Text("error"))
		case succeeds && err != nil:
			t.Errorf("%s: %s: %v", file, text, err)
		case succeeds && value.Line(got) != value.Line(want) && !alike(got, want):
			t.Errorf("%s: %s: got %s, want %s", file, text, value.Line(got), value.Line(want))
		}
	}
}

// alike compares what may be in any order, and numbers that are equal.
func alike(a, b any) bool {
	e, err := query.Compile("[0] == [1]")
	if err != nil {
		return false
	}
	same, err := e.Search([]any{a, b})
	return err == nil && same == true
}

func search(text string, v any) (any, error) {
	e, err := query.Compile(text)
	if err != nil {
		return nil, err
	}
	return e.Search(v)
}

func FuzzCompile(f *testing.F) {
	for _, s := range []string{"a.b[0].c", "a[?b==`1`] | [0]", "{a: b, c: d[*].e}", "sort_by(@, &a)[::-1]", "'x'", "\"q\"", "!a && b || c", "foo["} {
		f.Add(s)
	}
	doc, err := value.ParseJSON(`{"a": [{"b": 1, "c": "x"}, {"b": 2.5, "c": null}], "d": {"e": [[1], [2, 3]]}}`)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(_ *testing.T, text string) {
		if len(text) > 500 || strings.Contains(text, "0000000") {
			return
		}
		search(text, doc) //nolint:errcheck // it ends, and does not panic
	})
}
