package pypi

import (
	"strings"
	"testing"

	"larder.example/larder"
)

func TestNamesHaveOneNormalForm(t *testing.T) {
	for _, test := range []struct{ name, want string }{
		{"thing", "thing"},
		{"Thing", "thing"},
		{"My_Thing.core--2", "my-thing-core-2"},
		{"a-._-b", "a-b"},
		{"a", "a"},
		{"3", "3"},
		{strings.Repeat("x", 255), strings.Repeat("x", 255)},
	} {
		if _, got, err := canonical("", test.name); err != nil || got != test.want {
			t.Errorf("%q: got %q, %v, want %q", test.name, got, err, test.want)
		}
	}
	for _, name := range []string{
		"", "-a", "a-", ".", "..", "_", "a b", "a/b", "a%2fb", "ä", "a\n", "a\x00", "K\u212a", strings.Repeat("x", 256),
	} {
		if _, got, err := canonical("", name); !larder.Invalid.Is(err) {
			t.Errorf("%q: got %q, %v, want Invalid", name, got, err)
		}
	}
	if _, _, err := canonical("scope", "thing"); !larder.Invalid.Is(err) {
		t.Errorf("a namespace: got %v, want Invalid", err)
	}
}

func FuzzName(f *testing.F) {
	for _, s := range []string{"thing", "My_Thing.core--2", "-", "a.", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_, name, err := canonical("", s)
		if err != nil {
			return
		}
		if _, again, err := canonical("", name); err != nil || again != name || !isNormal(name) {
			t.Errorf("%q: %q becomes %q, %v", s, name, again, err)
		}
	})
}

func TestFilenamesAreOfOneVersion(t *testing.T) {
	for _, test := range []struct {
		file, project, version string
		kind                   kind
		want                   bool
	}{
		{"thing-1.0-py3-none-any.whl", "thing", "1.0", wheel, true},
		{"My.Thing-1.0-py2.py3-none-any.whl", "my-thing", "1.0", wheel, true},
		{"my_thing-1.0-1build-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", "my-thing", "1.0", wheel, true},
		{"thing-1.0_beta1-py3-none-any.whl", "thing", "1.0b1", wheel, true},
		{"thing-1!2.0+cpu-py3-none-any.whl", "thing", "1!2.0+cpu", wheel, true},
		{"thing-1.0-py3-none-any.whl", "other", "1.0", wheel, false},
		{"thing-1.0-py3-none-any.whl", "thing", "1.0.0", wheel, false},
		{"thing-1.0.tar.gz", "thing", "1.0", tarSdist, true},
		{"my_thing-1.0.zip", "my-thing", "1.0", zipSdist, true},
		{"My.Thing-1.0-RC1.tar.gz", "my-thing", "1.0rc1", tarSdist, true},
		{"my-thing-1.0.tar.gz", "my-thing", "1.0", tarSdist, true},
		{"my-thing-2-1.0.tar.gz", "my-thing-2", "1.0", tarSdist, true},
		{"my-thing-2-1.0.tar.gz", "my-thing", "1.0", tarSdist, false},
		{"thing-1.0-1.tar.gz", "thing", "1.0.post1", tarSdist, true},
		{"thing-1.1.tar.gz", "thing", "1.0", tarSdist, false},
	} {
		f, err := parseFilename(test.file)
		if err != nil || f.kind != test.kind {
			t.Errorf("%s: got kind %d, %v, want %d", test.file, f.kind, err, test.kind)
		}
		v, _ := parseVersion(test.version)
		if got := f.isOf(test.project, v); got != test.want {
			t.Errorf("%s is of %s %s: got %v, want %v", test.file, test.project, test.version, got, test.want)
		}
	}
}

func TestFilenamesThatAreNone(t *testing.T) {
	for _, s := range []string{
		"", ".whl", "thing.whl", "thing-1.0.whl", "thing-1.0-py3-none.whl", "thing--py3-none-any.whl", "thing-1.0-x1-py3-none-any.whl",
		"thing-1.0-1-2-py3-none-any.whl", "thing-1.0-py3-none-any+x.whl", "my-thing-1.0-py3-none-any.whl",
		"thing.tar.gz", "thing-1.0.tar.bz2", "thing-1.0.tgz", "thing-1.0.tar", "thing-1.0-py3.9.egg", "thing-1.0.win32.exe", "thing-1.0.WHL",
		"../thing-1.0.tar.gz", "/thing-1.0.tar.gz", `..\thing-1.0.tar.gz`, "th ing-1.0.tar.gz", "thing-1.0.tar.gz\x00", "thïng-1.0.tar.gz",
		"thing-1.0.tar.gz.metadata", "thing-1.0.tar.gz.asc", strings.Repeat("x", 250) + "-1.0.zip",
	} {
		if f, err := parseFilename(s); !larder.Invalid.Is(err) {
			t.Errorf("%q: got %+v, %v, want Invalid", s, f, err)
		}
	}
}

func FuzzFilename(f *testing.F) {
	for _, s := range []string{"thing-1.0-py3-none-any.whl", "my_thing-1.0-1-py3-none-any.whl", "my-thing-1.0.tar.gz", "thing-1.0-RC1.zip"} {
		f.Add(s)
	}
	one, _ := parseVersion("1.0")
	f.Fuzz(func(t *testing.T, s string) {
		name, err := parseFilename(s)
		if err != nil {
			if !larder.Invalid.Is(err) {
				t.Error(err)
			}
			return
		}
		if strings.ContainsAny(s, "/\\\x00%") || len(s) > maxFilename {
			t.Errorf("%q is taken for a file's name", s)
		}
		name.isOf("thing", one)
	})
}
