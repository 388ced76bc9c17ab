package pypi_test

import (
	"archive/tar"
	"bytes"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/format/pypi"
)

const (
	wheelName = "thing-1.0-py3-none-any.whl"
	sdistName = "thing-1.0.tar.gz"
)

var thing = coreMetadata("thing", "1.0")

func TestDistributionsAreInspected(t *testing.T) {
	for _, test := range []struct {
		claim, file string
		content     []byte
	}{
		{"a wheel", wheelName, wheelOf(t, "thing-1.0", thing)},
		{"a wheel whose directory is spelled in another way", wheelName, wheelOf(t, "Thing-1.0", thing)},
		{"a wheel with one inside", wheelName, wheelOf(t, "thing-1.0", thing, member{name: "thing/_vendor/other-2.0.dist-info/METADATA", body: coreMetadata("other", "2.0")})},
		{"a wheel with metadata of the future", wheelName, wheelOf(t, "thing-1.0", "Metadata-Version: 2.9\nName: thing\nVersion: 1.0\nNew-Field: x\n")},
		{"an sdist", sdistName, sdistOf(t, "thing-1.0", thing)},
		{"an sdist with an egg's metadata too", sdistName, sdistOf(t, "thing-1.0", thing, member{name: "thing-1.0/thing.egg-info/PKG-INFO", body: thing})},
		{"an sdist with a link in it", sdistName, sdistOf(t, "thing-1.0", thing, member{name: "thing-1.0/docs/README", link: "../README"})},
		{"an sdist with a hard link in it", sdistName, sdistOf(t, "thing-1.0", thing, member{name: "thing-1.0/b", link: "thing-1.0/thing.py", kind: tar.TypeLink})},
		{"an sdist in a zip", "thing-1.0.zip", zipOf(t, member{name: "thing-1.0/PKG-INFO", body: thing}, member{name: "thing-1.0/setup.py"})},
	} {
		facts, err := pypi.Format.Inspect(test.file, bytes.NewReader(test.content), int64(len(test.content)))
		if err != nil || facts.Name != "thing" || facts.Version != "1.0" {
			t.Errorf("%s: got %s %s, %v", test.claim, facts.Name, facts.Version, err)
		}
	}
}

func TestDistributionsThatAreNotWhatTheySay(t *testing.T) {
	wheel, sdist := wheelOf(t, "thing-1.0", thing), sdistOf(t, "thing-1.0", thing)
	for _, test := range []struct {
		claim, file string
		content     []byte
		says        string
	}{
		{"metadata of another project", wheelName, wheelOf(t, "thing-1.0", coreMetadata("other", "1.0")), "is of other 1.0"},
		{"metadata of another version", wheelName, wheelOf(t, "thing-1.0", coreMetadata("thing", "2.0")), "is of thing 2.0"},
		{"metadata of another project, which the directory says too", wheelName, wheelOf(t, "other-1.0", coreMetadata("other", "1.0")), "is of other 1.0"},
		{"a directory of another project", wheelName, wheelOf(t, "other-1.0", thing), "the directory"},
		{"a directory of another version", wheelName, wheelOf(t, "thing-1.1", thing), "the directory"},
		{"two directories", wheelName, wheelOf(t, "thing-1.0", thing, member{name: "other-1.0.dist-info/METADATA", body: thing}), "two .dist-info"},
		{"two directories, of which one is empty", wheelName, wheelOf(t, "thing-1.0", thing, member{name: "other-1.0.dist-info/"}), "two .dist-info"},
		{"two kinds of metadata", wheelName, wheelOf(t, "thing-1.0", thing, member{name: "thing-1.0.dist-info/METADATA", body: coreMetadata("thing", "1.0", "Summary: x")}), "two different"},
		{"no metadata", wheelName, zipOf(t, member{name: "thing/__init__.py"}), "no NAME-VERSION.dist-info/METADATA"},
		{"a way out", wheelName, wheelOf(t, "thing-1.0", thing, member{name: "../evil"}), ".."},
		{"an absolute name", wheelName, wheelOf(t, "thing-1.0", thing, member{name: "/etc/evil"}), "absolute"},
		{"a link", wheelName, wheelOf(t, "thing-1.0", thing, member{name: "thing/passwd", link: "/etc/passwd"}), "symbolic link"},
		{"metadata that is a link", wheelName, zipOf(t, member{name: "thing-1.0.dist-info/METADATA", link: "../thing"}), "symbolic link"},
		{"metadata without end", wheelName, wheelOf(t, "thing-1.0", thing+strings.Repeat("x", 5<<20)), "larger than"},
		{"a bomb", wheelName, wheelOf(t, "thing-1.0", thing, member{name: "zeros", body: strings.Repeat("\x00", 40<<20)}), "times its size"},
		{"half a wheel", wheelName, wheel[:len(wheel)/2], ""},
		{"an sdist that is called a wheel", wheelName, sdist, ""},
		{"nothing", wheelName, nil, ""},
		{"text", wheelName, []byte("text"), ""},

		{"an sdist of another project", sdistName, sdistOf(t, "thing-1.0", coreMetadata("other", "1.0")), "is of other 1.0"},
		{"an sdist of another version", sdistName, sdistOf(t, "thing-1.0", coreMetadata("thing", "1.1")), "is of thing 1.1"},
		{"an sdist without metadata", sdistName, packed(t, tarOf(t, member{name: "thing-1.0/setup.py"})), "no NAME-VERSION/PKG-INFO"},
		{"an sdist with two roots", sdistName, sdistOf(t, "thing-1.0", thing, member{name: "thing-1.1/PKG-INFO", body: thing}), "several directories"},
		{"an sdist with a way out", sdistName, sdistOf(t, "thing-1.0", thing, member{name: "thing-1.0/../../evil"}), ".."},
		{"an sdist with an absolute name", sdistName, sdistOf(t, "thing-1.0", thing, member{name: "/etc/evil"}), "absolute"},
		{"a link out", sdistName, sdistOf(t, "thing-1.0", thing, member{name: "thing-1.0/x", link: "../../x"}), "leads out"},
		{"an absolute link", sdistName, sdistOf(t, "thing-1.0", thing, member{name: "thing-1.0/x", link: "/etc/passwd"}), "leads out"},
		{"a link to the root's neighbour", sdistName, sdistOf(t, "thing-1.0", thing, member{name: "thing-1.0/x", link: "../thing-1.1/x"}), "leads out"},
		{"a hard link out", sdistName, sdistOf(t, "thing-1.0", thing, member{name: "thing-1.0/x", link: "etc/passwd", kind: tar.TypeLink}), "leads out"},
		{"a device", sdistName, sdistOf(t, "thing-1.0", thing, member{name: "thing-1.0/x", kind: tar.TypeChar}), "special file"},
		{"a bomb of an sdist", sdistName, sdistOf(t, "thing-1.0", thing, member{name: "thing-1.0/x", body: strings.Repeat("\x00", 40<<20)}), "times its size"},
		{"an sdist that is not compressed", sdistName, tarOf(t, member{name: "thing-1.0/PKG-INFO", body: thing}), "not compressed"},
		{"a wheel that is called an sdist", sdistName, wheel, "not compressed"},
		{"half an sdist", sdistName, sdist[:len(sdist)/2], ""},
		{"an empty sdist", sdistName, nil, "not compressed"},
		{"an egg", "thing-1.0-py3.9.egg", wheel, "not supported"},
		{"a companion", wheelName + ".metadata", []byte(thing), "not supported"},
	} {
		_, err := pypi.Format.Inspect(test.file, bytes.NewReader(test.content), int64(len(test.content)))
		if !larder.Invalid.Is(err) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: got %v, want Invalid that says %q", test.claim, err, test.says)
		}
	}
}

func FuzzInspect(f *testing.F) {
	f.Add(wheelName, wheelOf(f, "thing-1.0", thing))
	f.Add(sdistName, sdistOf(f, "thing-1.0", thing))
	f.Add("thing-1.0.zip", zipOf(f, member{name: "thing-1.0/PKG-INFO", body: thing}))
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		if _, err := pypi.Format.Inspect(name, bytes.NewReader(content), int64(len(content))); err != nil && !larder.Invalid.Is(err) {
			t.Errorf("%q: %v", name, err)
		}
	})
}
