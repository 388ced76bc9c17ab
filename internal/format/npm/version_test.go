package npm

import (
	"slices"
	"testing"
)

func TestStrictIsSemver2AsNodeReadsIt(t *testing.T) {
	for version, want := range map[string]bool{
		"0.0.0": true, "1.2.3": true, "1.0.0-alpha": true, "1.0.0-alpha.1": true, "1.0.0-0.3.7": true,
		"1.0.0-x.7.z.92": true, "1.0.0-x-y-z.--": true, "1.0.0+20130313144700": true, "1.0.0-beta+exp.sha.5114f85": true,
		"1.0.0+21AF26D3----117B344092BD": true, "1.0.0--": true, "1.0.0+01": true, "9007199254740991.0.0": true,
		"1.0.0-20240101000000000000000": true,
		"":                              false, "1": false, "1.2": false, "1.2.3.4": false, "v1.2.3": false, "=1.2.3": false, " 1.2.3": false,
		"01.2.3": false, "1.2.3-01": false, "1.2.3-": false, "1.2.3+": false, "1.2.3-a..b": false, "1.2.3-a_b": false,
		"1.2.x": false, "9007199254740992.0.0": false, "+1.0.0": false, "-1.0.0": false, "1.0.0-é": false, "1.0.0+a+b": false,
		"1.0.0\n": false, "latest": false,
	} {
		if got := strict(version); got != want {
			t.Errorf("strict(%q) = %v", version, got)
		}
	}
}

func TestCleanIsWhatNpmMakesOfAVersion(t *testing.T) {
	for version, want := range map[string]string{
		"1.2.3": "1.2.3", "v1.2.3": "1.2.3", " =v1.2.3 ": "1.2.3", "1.2.3+build.5": "1.2.3", "1.2.3-rc.1+b": "1.2.3-rc.1",
		"1.2": "", "": "", "latest": "",
	} {
		if got := clean(version); got != want {
			t.Errorf("clean(%q) = %q, want %q", version, got, want)
		}
	}
}

func TestCompareOrdersVersions(t *testing.T) {
	want := []string{
		"", "1.0", "next", // no versions
		"0.0.1", "0.9.0",
		"1.0.0-1", "1.0.0-2", "1.0.0-10", "1.0.0-20240101000000000000", "1.0.0-20240101000000000001",
		"1.0.0-A", "1.0.0-a", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
		"1.0.0", "1.0.0+a", "1.0.0+b", "1.0.1", "1.10.0", "2.0.0-0", "2.0.0", "10.0.0",
	}
	for i := range want {
		for j := range want {
			got := compare(want[i], want[j])
			if (got < 0) != (i < j) || (got > 0) != (i > j) {
				t.Errorf("compare(%q, %q) = %d", want[i], want[j], got)
			}
		}
	}
}

func FuzzCompareIsATotalOrder(f *testing.F) {
	f.Add("1.0.0", "1.0.0+a", "1.0.0-a")
	f.Add("1.x", "*", "")
	f.Add("v1.0.0", "1.0", "1.0.0")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		if compare(a, b) != -compare(b, a) || (compare(a, b) == 0) != (a == b) {
			t.Errorf("compare(%q, %q) = %d, the other way round %d", a, b, compare(a, b), compare(b, a))
		}
		s := []string{a, b, c}
		slices.SortFunc(s, compare)
		if compare(s[0], s[1]) > 0 || compare(s[1], s[2]) > 0 || compare(s[0], s[2]) > 0 {
			t.Errorf("%q is no order", s)
		}
	})
}

func TestATagCannotLookLikeARange(t *testing.T) {
	for tag, want := range map[string]bool{
		"latest": true, "next": true, "beta.1": true, "stable-2": true, "node_18": true, "1a": true, "release-1.x": true,
		"": false, "1": false, "v1": false, "1.x": false, "x": false, "X": false, "*": false, "~1": false, "1.2.3": false,
		"1.2.3-beta": false, "v1.2": false, "^1": false, ">=1": false, "1 - 2": false, "||": false,
		".": false, "..": false, "a b": false, "a/b": false, "ä": false,
	} {
		if err := checkTag(tag); (err == nil) != want {
			t.Errorf("checkTag(%q) = %v", tag, err)
		}
	}
}
