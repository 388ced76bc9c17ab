package pypi_test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io/fs"
	"testing"
)

// member is what a distribution is made of.
type member struct {
	name, body string
	link       string // a symbolic link to there
	kind       byte   // of a tar; zero: a file
}

// coreMetadata is the metadata of a version, with more fields.
func coreMetadata(name, version string, more ...string) string {
	text := "Metadata-Version: 2.1\nName: " + name + "\nVersion: " + version + "\n"
	for _, line := range more {
		text += line + "\n"
	}
	return text
}

// wheelOf returns a wheel with METADATA and more.
func wheelOf(t testing.TB, dir, metadata string, more ...member) []byte {
	t.Helper()
	return zipOf(t, append([]member{
		{name: "thing/__init__.py", body: "word = 'thing'\n"},
		{name: dir + ".dist-info/METADATA", body: metadata},
		{name: dir + ".dist-info/WHEEL", body: "Wheel-Version: 1.0\nGenerator: hand\nRoot-Is-Purelib: true\nTag: py3-none-any\n"},
		{name: dir + ".dist-info/RECORD", body: ""},
	}, more...)...)
}

func zipOf(t testing.TB, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range members {
		h := &zip.FileHeader{Name: m.name, Method: zip.Deflate}
		if m.link != "" {
			h.SetMode(0o777 | fs.ModeSymlink)
			m.body = m.link
		}
		w, err := z.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(m.body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sdistOf returns a source distribution with PKG-INFO and more.
func sdistOf(t testing.TB, dir, metadata string, more ...member) []byte {
	t.Helper()
	return packed(t, tarOf(t, append([]member{
		{name: dir + "/", kind: tar.TypeDir},
		{name: dir + "/PKG-INFO", body: metadata},
		{name: dir + "/thing.py", body: "word = 'thing'\n"},
	}, more...)...))
}

func tarOf(t testing.TB, members ...member) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, m := range members {
		h := &tar.Header{Name: m.name, Mode: 0o644, Size: int64(len(m.body)), Typeflag: tar.TypeReg}
		if m.link != "" {
			h.Typeflag, h.Linkname = tar.TypeSymlink, m.link
		}
		if m.kind != 0 {
			h.Typeflag = m.kind
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(m.body)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func packed(t testing.TB, b []byte) []byte {
	t.Helper()
	var to bytes.Buffer
	z := gzip.NewWriter(&to)
	if _, err := z.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return to.Bytes()
}
