package policy

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestGlob(t *testing.T) {
	for _, tt := range []struct {
		pattern, s string
		want       bool
	}{
		{"", "", true},
		{"", "a", false},
		{"*", "", true},
		{"*", "a/b:c", true},
		{"**", "", true},
		{"?", "", false},
		{"?", "a", true},
		{"?", "ab", false},
		{"a", "a", true},
		{"a", "b", false},
		{"a*", "a", true},
		{"*a", "ba", true},
		{"*a", "ab", false},
		{"a*b", "ab", true},
		{"a*b", "acb", true},
		{"a*b", "acbd", false},
		{"a*a", "a", false},
		{"*ab*ab", "ab", false},
		{"*ab*ab", "abab", true},
		{"*a?c*", "xxabcxx", true},
		{"*a?c", "abcabc", true},
		{"a?*?c", "abc", false},
		{"a?*?c", "abbc", true},
		{"*?", "", false},
		{"*?", "x", true},
		{"?*", "x", true},
		{"?ber", "über", true},
		{"??ber", "über", false},
		{"*?", "ü", true},
		{"a?", "a\xff", true},
	} {
		if got := glob(wildcards(tt.pattern), tt.s); got != tt.want {
			t.Errorf("%q of %q: got %v, want %v", tt.pattern, tt.s, got, tt.want)
		}
	}
}

// slowGlob is the definition: a star is nothing, or one character and a star.
func slowGlob(pattern, s string) bool {
	if pattern == "" {
		return s == ""
	}
	_, size := utf8.DecodeRuneInString(s)
	switch pattern[:1] {
	case star:
		return slowGlob(pattern[1:], s) || s != "" && slowGlob(pattern, s[size:])
	case one:
		return s != "" && slowGlob(pattern[1:], s[size:])
	}
	return s != "" && pattern[0] == s[0] && slowGlob(pattern[1:], s[1:])
}

func FuzzGlob(f *testing.F) {
	for _, seed := range [][2]string{{"", ""}, {"*", "a"}, {"a*b?c", "abxc"}, {"*a*a*b", "aaaa"}, {"??", "üa"}, {"*?*?", "ab"}, {"*é?", "éé"}, {"arn:*:?/*", "arn:aws:x/y"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, s string) {
		if len(pattern) > 12 || len(s) > 24 || !utf8.ValidString(pattern) || !utf8.ValidString(s) {
			return
		}
		p := wildcards(pattern)
		if got, want := glob(p, s), slowGlob(p, s); got != want {
			t.Errorf("%q of %q: got %v, want %v", pattern, s, got, want)
		}
		compiled := plain(p)
		if got, _ := compiled.match(s, nil); got != slowGlob(p, s) {
			t.Errorf("%q of %q, compiled: got %v, want %v", pattern, s, got, !got)
		}
	})
}

func BenchmarkGlobOfManyStars(b *testing.B) {
	s := strings.Repeat("a", 1000)
	for name, pattern := range map[string]string{
		"stars":           strings.Repeat("*a", 500) + "b",
		"stars and marks": strings.Repeat("*a?", 300) + "b",
		"one long run":    "*" + strings.Repeat("a?", 250) + "b*",
	} {
		p := wildcards(pattern)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if glob(p, s) {
					b.Fatal("matched")
				}
			}
		})
	}
}

func TestDecimalsCompareExactly(t *testing.T) {
	ascending := []string{"-100", "-99.5", "-99.05", "-1", "0", "0.001", "0.01", "0.1", "1", "1.5", "2", "10", "99", "100", "9007199254740992", "9007199254740993", "90071992547409930"}
	for i, a := range ascending {
		for j, b := range ascending {
			x, okX := parseDecimal(a)
			y, okY := parseDecimal(b)
			want := min(max(i-j, -1), 1)
			if got := x.compare(y); !okX || !okY || got != want {
				t.Errorf("%s and %s: got %d, want %d", a, b, got, want)
			}
		}
	}
	for _, same := range [][2]string{{"0", "-0.0"}, {"007", "7.00"}, {"-1.50", "-1.5"}} {
		x, _ := parseDecimal(same[0])
		y, _ := parseDecimal(same[1])
		if x.compare(y) != 0 {
			t.Errorf("%s and %s: got unequal, want equal", same[0], same[1])
		}
	}
	for _, s := range []string{"", "-", ".", "1.", ".5", "+1", "1e3", "0x1", "1,5", " 1", "1.2.3", "--1", "١"} {
		if d, ok := parseDecimal(s); ok {
			t.Errorf("%q: got %+v, want refused", s, d)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2020", "2020-01", "2020-01-01", "2020-01-01T00:00Z", "2020-01-01T00:00:00.5+01:00", "1577836800", "99999999999999999999", "-1", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, ok := parseDate(s); ok && len(s) < 4 && !digits(s) {
			t.Errorf("%q: got %v, want refused", s, d)
		}
		parseDecimal(s)
		parseNetwork(s)
	})
}

// A pattern that is tried at every place for every star would take longer than
// the universe has had.
func TestThreatManyWildcards(t *testing.T) {
	stars := strings.Repeat("*a", 1000) + "*b"
	many := strings.Repeat("a", 5000)
	for name, of := range map[string]string{"stars": stars, "stars and marks": strings.Repeat("*a?", 700) + "*b"} {
		if pattern := wildcards(of); glob(pattern, many) || !glob(pattern, many+"b") {
			t.Errorf("%s: the pattern does not match what it should", name)
		}
	}
}
