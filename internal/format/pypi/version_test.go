package pypi

import (
	"slices"
	"testing"
)

func TestVersionsHaveOneNormalForm(t *testing.T) {
	for _, test := range []struct{ spelled, want string }{
		{"1.0", "1.0"},
		{"v1.0", "1.0"},
		{" 1.0\n", "1.0"},
		{"1.0.0", "1.0.0"},
		{"01.002", "1.2"},
		{"1.0-RC1", "1.0rc1"},
		{"1.0.c.1", "1.0rc1"},
		{"1.0-pre_2", "1.0rc2"},
		{"1.0preview", "1.0rc0"},
		{"1.0ALPHA", "1.0a0"},
		{"1.0-beta-3", "1.0b3"},
		{"1.0a-", "1.0a0"},
		{"1.0a-.dev", "1.0a0.dev0"},
		{"1!2.0.POST1", "1!2.0.post1"},
		{"0!1", "1"},
		{"1.0.0-1", "1.0.0.post1"},
		{"1.0a-1", "1.0a1"},
		{"1.0a1-1", "1.0a1.post1"},
		{"1.0rev3", "1.0.post3"},
		{"1.0r", "1.0.post0"},
		{"1.0_post_4", "1.0.post4"},
		{"1.0dev", "1.0.dev0"},
		{"1.0.dev07", "1.0.dev7"},
		{"1.0b2.post345.dev456+Local-1.007_a", "1.0b2.post345.dev456+local.1.7.a"},
		{"20260101123456789012345678901234567890", "20260101123456789012345678901234567890"},
	} {
		v, ok := parseVersion(test.spelled)
		if !ok || v.String() != test.want {
			t.Errorf("%q: got %q, %v, want %q", test.spelled, v, ok, test.want)
		}
	}
}

func TestWhatIsNoVersion(t *testing.T) {
	for _, s := range []string{
		"", "v", "x", "1.", ".1", "1..0", "1!", "!1", "1.0+", "1.0+a+b", "1.0+-a", "1.0+a..b", "1.0+a.", "1.0 0", "1.0-",
		"1.0-x", "1.0.*", "2004d", "1.0--1", "1.0+\u212a", "1.0\x00", "１.0", "vv1", "1.0/2", "../1.0",
	} {
		if v, ok := parseVersion(s); ok {
			t.Errorf("%q: got %q, want no version", s, v)
		}
	}
}

// The order of PEP 440's own examples and of packaging's tests.
func TestVersionsAreOrderedByPEP440(t *testing.T) {
	order := []string{
		"nonsense",
		"1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456", "1.0a12", "1.0b1.dev456", "1.0b2",
		"1.0b2.post345.dev456", "1.0b2.post345", "1.0b2-346", "1.0c1.dev456", "1.0c1", "1.0rc2", "1.0c3",
		"1.0", "1.0.0", "1.0+abc.5", "1.0+abc.7", "1.0+5", "1.0+5.1", "1.0+10", "1.0.post456.dev34", "1.0.post456",
		"1.1.dev1", "1.2", "1.2+123abc", "1.2+123abc456", "1.2+abc", "1.2+abc123", "1.2+abc123def", "1.2+1234.abc",
		"1.2+123456", "1.2.r32+123456", "1.2.rev33+123456", "1.10", "2013.10", "1!1.0.dev456", "1!1.0",
	}
	for i, a := range order {
		for j, b := range order {
			got, want := compare(a, b), 0
			if i != j {
				want = 1
				if i < j {
					want = -1
				}
			}
			if got != want {
				t.Errorf("%s and %s: got %d, want %d", a, b, got, want)
			}
		}
	}
}

func TestSpecifiers(t *testing.T) {
	for _, s := range []string{
		">=3.9", ">= 3.9 , <4", "!=3.0.*,!=3.1.*", "~=3.9", "==3.*", "===3.9", "==3.9+local", ">=2.7, !=3.0.*, <4.0", ">3", "<=3.14",
	} {
		if !isSpecifier(s) {
			t.Errorf("%q: got no specifier", s)
		}
	}
	for _, s := range []string{
		"", "3.9", ">=3.9,", ">=", ">=3.*", "~=3", "=>3", ">=3.9 <4", "^3.9", "==3.9.dev0.*", ">=3+local", "<script>", "===", ">=3.9;x",
	} {
		if isSpecifier(s) {
			t.Errorf("%q: got a specifier", s)
		}
	}
}

func FuzzVersion(f *testing.F) {
	for _, s := range []string{"1.0", "1!2.0b2.post345.dev456+local.1", "v1.0-RC1", "1.0-1", "1.0a-", "1.0+a_b", "x"} {
		f.Add(s, "1.0.0")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if va, ok := parseVersion(a); ok {
			normal := va.String()
			again, ok := parseVersion(normal)
			if !ok || again.String() != normal || va.order(&again) != 0 {
				t.Errorf("%q: %q becomes %q, %v", a, normal, again, ok)
			}
		}
		if compare(a, b) != -compare(b, a) || (compare(a, b) == 0) != (a == b) || compare(a, a) != 0 {
			t.Errorf("%q and %q have no total order", a, b)
		}
		isSpecifier(a)
		three := []string{a, b, "1.0"}
		slices.SortFunc(three, compare)
		if compare(three[0], three[2]) > 0 {
			t.Errorf("%q: the order is not transitive", three)
		}
	})
}
