package maven

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"larder.example/larder"
)

func TestNames(t *testing.T) {
	for _, test := range []struct {
		group, artifact string
		ok              bool
	}{
		{"org.acme", "lib", true},
		{"junit", "junit", true},
		{"Org.Acme_x-1", "lib_2.13", true},
		{"org.acme", "lib.", true},
		{"", "lib", false},
		{"org.acme", "", false},
		{".org", "lib", false},
		{"org.", "lib", false},
		{"org..acme", "lib", false},
		{"org/acme", "lib", false},
		{"org.acme", "../lib", false},
		{"org.acme", "..", false},
		{"org.acme", ".lib", false},
		{"org.acme", "li b", false},
		{"org.größe", "lib", false},
		{"org.acme", "lib\n", false},
		{strings.Repeat("a", 256), "lib", false},
	} {
		group, artifact, err := canonical(test.group, test.artifact)
		if ok := err == nil; ok != test.ok || ok && (group != test.group || artifact != test.artifact) || !ok && !larder.Invalid.Is(err) {
			t.Errorf("%q %q: got %q %q %v, want ok: %v", test.group, test.artifact, group, artifact, err, test.ok)
		}
	}
}

// The orders are those of the tests of Maven's own ComparableVersion.
func TestVersionsInMavensOrder(t *testing.T) {
	for _, list := range []string{
		"1-alpha2snapshot 1-alpha2 1-alpha-123 1-beta-2 1-beta123 1-m2 1-m11 1-rc 1-cr2 1-rc123 1-SNAPSHOT 1 1-sp 1-sp2 1-sp123 1-abc 1-def 1-pom-1 1-1-snapshot 1-1 1-2 1-123",
		"2.0 2.0.a 2-1 2.0.2 2.0.123 2.1.0 2.1-a 2.1b 2.1-c 2.1-1 2.1.0.1 2.2 2.123 11.a2 11.a11 11.b2 11.b11 11.m2 11.m11 11 11.a 11b 11c 11m",
		"1.0-SNAPSHOT 1.0 1.0.1-SNAPSHOT 1.0.1 1.9 1.10 2.0-beta-1 2.0-rc1 2.0 20190126.230843 1234567890.12345 123456789012345.1H.5-beta 12345678901234567890.1H.5-beta",
		"4.0.0.Alpha1 4.0.0.Beta3 4.0.0-RC1 4.0.0.RC2 4.0.0.Final 4.0.1.Final",
		"1.0-20210728.194552-1 1.0-20210728.194552-2 1.0-20210729.080000-1",
		"31.0-android 31.0-jre 31.0.1-android 31.0.1-jre",
		"6.1.0rc3 6.1.0 6.1H.5-beta",
		"1.0-alpha-1-SNAPSHOT 1.0-alpha-1 1.0-beta-1 1.0 1.0-1 1.0-2",
		"2.0-1 2.0.1-klm 2.0.1-lmn 2.0.1-123",
		"1-0.alpha 1-0.beta 1",
	} {
		want := strings.Fields(list)
		for i, a := range want {
			for j, b := range want {
				if got := compare(a, b); got != cmp.Compare(i, j) {
					t.Errorf("%s and %s: got %d, want %d", a, b, got, cmp.Compare(i, j))
				}
			}
		}
	}
	for _, same := range []string{
		"1 1.0 1.0.0 1-0 1.0-0 1ga 1-ga 1.release 1final 1.0.0-final", "1a 1-a 1.0-a 1.0.0-a 1.a", "1x 1.0.0-x 1.0.0x 1.X",
		"1cr 1rc 1.0.RC", "1a1 1-alpha-1", "1b2 1-beta-2", "1m3 1-milestone-3", "01 1", "2.0.alpha1 2-alpha-1 2.0.0.Alpha1",
	} {
		versions := strings.Fields(same)
		for _, v := range versions[1:] {
			if a, b := ordered(versions[0]), ordered(v); compareLists(a.items, b.items) != 0 || compareLists(b.items, a.items) != 0 {
				t.Errorf("%s and %s: got %+v and %+v, want the same", versions[0], v, a.items, b.items)
			}
		}
	}
}

func TestPaths(t *testing.T) {
	for _, test := range []struct {
		path, group, artifact, version, file, sum, build string
	}{
		{"org/acme/lib/1.0/lib-1.0.jar", "org.acme", "lib", "1.0", "lib-1.0.jar", "", "1.0"},
		{"junit/junit/4.13/junit-4.13.pom.sha1", "junit", "junit", "4.13", "junit-4.13.pom", ".sha1", "4.13"},
		{"a/b/1-SNAPSHOT/b-1-20210728.194552-12-src.tar.gz.md5", "a", "b", "1-SNAPSHOT", "b-1-20210728.194552-12-src.tar.gz", ".md5", "1-20210728.194552-12"},
		{"a/b/1-20210728.194552-12/b-1-20210728.194552-12.jar", "a", "b", "1-20210728.194552-12", "b-1-20210728.194552-12.jar", "", "1-20210728.194552-12"},
		{"a/b/1.0/b-1.0.jar.asc.sha512", "a", "b", "1.0", "b-1.0.jar.asc", ".sha512", "1.0"},
		{"a/b/1.0/b.SHA1", "a", "b", "1.0", "b.SHA1", "", "1.0"},
	} {
		p, err := parse(test.path)
		if err != nil {
			t.Errorf("%s: %v", test.path, err)
			continue
		}
		ext := ""
		if p.sum != nil {
			ext = p.sum.ext
		}
		build, err := p.build()
		got := []string{p.group, p.artifact, p.version, p.file, ext, build}
		if want := []string{test.group, test.artifact, test.version, test.file, test.sum, test.build}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %q %v, want %q", test.path, got, err, want)
		}
	}
}

func TestPrefixesOfPlugins(t *testing.T) {
	for artifact, want := range map[string]string{
		"acme-maven-plugin": "acme", "maven-acme-plugin": "acme", "maven-plugin-plugin": "plugin", "acme": "acme",
		"a-maven-b-plugin-c": "abc", "maven-plugin": "",
	} {
		if got := derivedPrefix(artifact); got != want {
			t.Errorf("%s: got %q, want %q", artifact, got, want)
		}
	}
}

func FuzzPath(f *testing.F) {
	for _, path := range []string{
		"org/acme/lib/1.0/lib-1.0.jar", "a/b/1-SNAPSHOT/b-1-20210728.194552-12-src.tar.gz.md5", "a/../b/1/x", "a/b/1/x.sha1.md5", "////", "a/b/SNAPSHOT/b-20210728.194552-1.jar",
	} {
		f.Add(path)
	}
	f.Fuzz(func(t *testing.T, path string) {
		p, err := parse(path)
		if err != nil {
			if !larder.Invalid.Is(err) {
				t.Errorf("%q: got %v", path, err)
			}
			return
		}
		ext := ""
		if p.sum != nil {
			ext = p.sum.ext
		}
		if again := strings.ReplaceAll(p.group, ".", "/") + "/" + p.artifact + "/" + p.version + "/" + p.file + ext; again != path {
			t.Errorf("%q: is read as %q", path, again)
		}
		for segment := range strings.SplitSeq(path, "/") {
			if segment == "" || segment == "." || segment == ".." || strings.ContainsAny(segment, "\x00\\\n") {
				t.Errorf("%q was taken", path)
			}
		}
		if _, _, err := canonical(p.group, p.artifact); err != nil {
			t.Errorf("%q: %v", path, err)
		}
		if b, err := p.build(); err == nil && (badVersion(b) != "" || isSnapshot(p.version) && !isBuild(b) && strings.TrimSuffix(p.version, "SNAPSHOT") != "" && strings.HasSuffix(p.version, "-SNAPSHOT")) {
			t.Errorf("%q: is of %q", path, b)
		}
	})
}

func FuzzCompare(f *testing.F) {
	f.Add("1.0", "1.0-rc", "1.0-1")
	f.Add("2.0.a", "2-1", "")
	f.Add("1.0-SNAPSHOT", "1.ga", "[1,2]")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		ab, ba := compare(a, b), compare(b, a)
		if ab != -ba || (ab == 0) != (a == b) {
			t.Errorf("%q %q: got %d and %d", a, b, ab, ba)
		}
		if bc := compare(b, c); ab <= 0 && bc <= 0 && compare(a, c) > 0 {
			t.Errorf("%q <= %q <= %q, but not %q <= %[3]q", a, b, c, a)
		}
	})
}

func FuzzMetadata(f *testing.F) {
	f.Add("<metadata><groupId>g</groupId><versioning><versions><version>1</version></versions></versioning></metadata>")
	f.Add("<metadata><plugins><plugin><artifactId>a</artifactId></plugin></plugins></metadata>")
	f.Add(`<!DOCTYPE a><metadata/>`)
	f.Fuzz(func(t *testing.T, text string) {
		m, err := readMetadata(strings.NewReader(text), int64(len(text)))
		if err != nil {
			if !larder.Invalid.Is(err) {
				t.Errorf("got %v", err)
			}
			return
		}
		for _, v := range m.named() {
			if badVersion(v) != "" {
				t.Errorf("%q is named", v)
			}
		}
	})
}
