package packagegroup_test

import (
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/packagegroup"
)

func parse(t testing.TB, text string) packagegroup.Pattern {
	t.Helper()
	p, err := packagegroup.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// path is the path of format/namespace/name.
func path(text string) packagegroup.Path {
	parts := strings.SplitN(text, "/", 3)
	return packagegroup.PathOf(larder.Format(parts[0]), parts[1], parts[2])
}

func TestParseRefusesWhatMatchesNothing(t *testing.T) {
	for text, why := range map[string]string{
		"":                    "is not a path",
		"*":                   "is not a path",
		"npm/*":               "is not a path",
		"/":                   "is not a path",
		"/npm/acme/ui":        "does not end with $, ~ or *",
		"/npm*":               "does not name a format",
		"/npm~":               "does not name a format",
		"//*":                 "does not name a format",
		"/npm/acme$":          "does not name a package",
		"/npm/acme/$":         "does not name a package",
		"/npm/acme/ui/*":      "more parts",
		"/npm/acme/ui*":       "inside a word: end it with ~",
		"/npm/acme/ui-~":      "where no word ends: end it with *",
		"/npm/acme/~":         "where no word ends",
		"/npm/*/ui$":          "not its end",
		"/npm/acme~/ui$":      "not its end",
		"/pypi/acme/ui$":      "has a namespace",
		"/pypi/acme~":         "has a namespace",
		"/maven//ui~":         "has no namespace",
		"/generic//*":         "has no namespace",
		"/npm/acme/\u00e9ui*": "inside a word",
	} {
		_, err := packagegroup.Parse(text)
		if !larder.Invalid.Is(err) || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: got %v, want it to say %q", text, err, why)
		}
	}
}

func TestPatternsMatch(t *testing.T) {
	const strong, weak, none = packagegroup.Strong, packagegroup.Weak, packagegroup.None
	for _, tt := range []struct {
		pattern string
		of      string
		want    packagegroup.Strength
	}{
		{"/*", "npm//left-pad", strong},
		{"/npm/*", "npm/acme/ui", strong},
		{"/npm/*", "pypi//requests", none},
		{"/npm//*", "npm//left-pad", strong},
		{"/npm//*", "npm/acme/ui", none},
		{"/pypi//*", "pypi//requests", strong},

		{"/npm/acme/*", "npm/acme/ui", strong},
		{"/npm/acme/*", "npm/acme-labs/ui", none},
		{"/npm/acme/*", "npm//acme", none},
		{"/npm/acme/*", "npm/Acme/ui", weak},
		{"/npm/acme/*", "npm/a\u0441me/ui", weak}, // a Cyrillic letter
		{"/npm/acme~", "npm/acme/ui", strong},
		{"/npm/acme~", "npm/acme-labs/ui", strong},
		{"/npm/acme~", "npm/acmes/ui", none},
		{"/npm/acme~", "npm/acme2/ui", none},
		{"/maven/com.acme~", "maven/com.acme.tools/ui", strong},
		{"/maven/com.acme~", "maven/com.acmetools/ui", none},
		{"/maven/com.acme~", "maven/com-acme/ui", weak},
		{"/npm/acme-*", "npm/acme-labs/ui", strong},
		{"/npm/acme-*", "npm/acme_labs/ui", weak},
		{"/npm/acme-*", "npm/acme/ui", none},

		{"/npm/acme/ui~", "npm/acme/ui", strong},
		{"/npm/acme/ui~", "npm/acme/ui-kit", strong},
		{"/npm/acme/ui~", "npm/acme/ui_kit", strong},
		{"/npm/acme/ui~", "npm/acme/uikit", none},
		{"/npm/acme/ui~", "npm/acme/uiKit", none}, // case is no boundary
		{"/npm/acme/ui~", "npm/acme/UI-kit", weak},
		{"/npm/acme/ui-*", "npm/acme/ui-kit", strong},
		{"/npm/acme/ui-*", "npm/acme/ui", none},
		{"/npm/acme/ui-*", "npm/acme/ui.kit", weak},
		{"/npm/acme/cafe~", "npm/acme/cafe\u0301", weak}, // a mark goes on with the word

		{"/npm/acme/ui-kit$", "npm/acme/ui-kit", strong},
		{"/npm/acme/ui-kit$", "npm/acme/ui-kit-2", none},
		{"/npm/acme/ui-kit$", "npm/acme/ui__kit", weak},
		{"/npm/acme/ui-kit$", "npm/acme/ui-.kit", weak},
		{"/npm/acme/ui-kit$", "npm/acme/uikit", none}, // a hyphen is not nothing
		{"/npm/acme/tool1$", "npm/acme/too11", weak},
		{"/npm/acme/c0de$", "npm/acme/code", weak},
		{"/npm/acme/common$", "npm/acme/comrnon", weak},
	} {
		if got := parse(t, tt.pattern).Match(path(tt.of)); got != tt.want {
			t.Errorf("%s of %s: got %q, want %q", tt.pattern, tt.of, got, tt.want)
		}
	}
}

func TestTheMostSpecificPatternIsChosen(t *testing.T) {
	for _, tt := range []struct{ of, less, more string }{
		{"npm/acme/ui-kit", "/*", "/npm/*"},
		{"npm/acme/ui-kit", "/npm/*", "/npm/acme~"},
		{"npm/acme/ui-kit", "/npm/acme~", "/npm/acme/*"},
		{"npm/acme/ui-kit", "/npm/acme/*", "/npm/acme/ui~"},
		{"npm/acme/ui-kit", "/npm/acme/ui~", "/npm/acme/ui-*"},
		{"npm/acme/ui-kit", "/npm/acme/ui-*", "/npm/acme/ui-kit~"},
		{"npm/acme/ui-kit", "/npm/acme/ui-kit~", "/npm/acme/ui-kit$"},
		// What resembles it goes before what is wider; of the same width, what is exact.
		{"npm/acme/ui-kit", "/npm/*", "/npm/Acme/*"},
		{"npm/acme/ui-kit", "/npm/acme/ui-kit~", "/npm/acme/ui_kit$"},
		{"npm/acme/ui-kit", "/npm/acme/ui_kit$", "/npm/acme/ui-kit$"},
		{"npm/acme/ui-kit", "/npm/acme/ui--kit$", "/npm/acme/ui-kit$"},
	} {
		less, more := parse(t, tt.less), parse(t, tt.more)
		if less.Match(path(tt.of)) == packagegroup.None || more.Match(path(tt.of)) == packagegroup.None {
			t.Errorf("%s: one of %s and %s does not match", tt.of, tt.less, tt.more)
		}
		if packagegroup.Compare(less, more, path(tt.of)) >= 0 || packagegroup.Compare(more, less, path(tt.of)) <= 0 {
			t.Errorf("%s: %s is not less specific than %s", tt.of, tt.less, tt.more)
		}
	}
}

func TestWiderPatternsAreAbove(t *testing.T) {
	for _, tt := range []struct {
		above, below string
		want         bool
	}{
		{"/*", "/npm/*", true},
		{"/npm/*", "/*", false},
		{"/*", "/*", false},
		{"/npm/*", "/pypi/*", false},
		{"/npm/acme~", "/npm/acme/*", true},
		{"/npm/acme~", "/npm/acme-labs~", true},
		{"/npm/acme~", "/npm/acmes/*", false},
		{"/npm/acme/ui~", "/npm/acme/ui$", true},
		{"/npm/acme/ui$", "/npm/acme/ui~", false},
		{"/npm/acme/ui~", "/npm/acme/ui-*", true},
		{"/npm/Acme/*", "/npm/acme/ui$", false},
	} {
		if got := parse(t, tt.above).Above(parse(t, tt.below)); got != tt.want {
			t.Errorf("%s above %s: got %v", tt.above, tt.below, got)
		}
	}
}

func TestAPatternKnowsWhatItIsAbout(t *testing.T) {
	for text, want := range map[string]struct {
		format          larder.Format
		namespace, name string
		whole, ok       bool
	}{
		"/*":              {},
		"/npm/*":          {format: larder.NPM},
		"/npm/acme~":      {format: larder.NPM},
		"/npm/acme/*":     {format: larder.NPM},
		"/pypi//req~":     {format: larder.PyPI, name: "req", ok: true},
		"/npm/acme/ui-*":  {larder.NPM, "acme", "ui-", false, true},
		"/npm/acme/ui$":   {larder.NPM, "acme", "ui", true, true},
		"/npm//left-pad$": {larder.NPM, "", "left-pad", true, true},
	} {
		p := parse(t, text)
		namespace, name, whole, ok := p.Name()
		if p.Format() != want.format || namespace != want.namespace || name != want.name || whole != want.whole || ok != want.ok || p.String() != text {
			t.Errorf("%s: got %s %q %q %v %v", p, p.Format(), namespace, name, whole, ok)
		}
	}
}

// Whatever matches a pattern has its folded beginning: databases look for
// patterns by that.
func FuzzWhatMatchesBeginsWithWhatIsFolded(f *testing.F) {
	for _, seed := range [][3]string{
		{"/npm/acme/ui-*", "acme", "ui-kit"},
		{"/npm/acme~", "acme-labs", "x"},
		{"/npm/Acme/UI$", "acme", "ui"},
		{"/npm/acme/co~", "acme", "com"},
		{"/*", "", "\u00e9"},
		{"/npm/acme/ui--*", "acme", "ui-_.kit"},
	} {
		f.Add(seed[0], seed[1], seed[2])
	}
	f.Fuzz(func(t *testing.T, text, namespace, name string) {
		p, err := packagegroup.Parse(text)
		if err != nil {
			return
		}
		of := packagegroup.PathOf(larder.NPM, namespace, name)
		if p.Match(of) != packagegroup.None && !strings.HasPrefix(of.Folded(), p.Folded()) {
			t.Errorf("%s matches %q, whose folded path %q does not begin with %q", text, namespace+"/"+name, of.Folded(), p.Folded())
		}
	})
}
