package npm

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"larder.example/larder"
)

const minimal = `{"name":"a","version":"1.0.0"}`

func readTar(t *testing.T, b []byte) (*tarball, error) {
	t.Helper()
	return readTarball(bytes.NewReader(b), int64(len(b)))
}

func TestTheManifestIsTheOneThatClientsExtract(t *testing.T) {
	other := `{"name":"other","version":"1.0.0"}`
	for _, test := range []struct {
		what  string
		files []file
		want  string // "": refused
	}{
		{"in package", []file{{"package/package.json", minimal}}, minimal},
		{"in any directory", []file{{"a-1.0.0/package.json", minimal}}, minimal},
		{"in .", []file{{"./package.json", minimal}}, minimal},
		{"in the root", []file{{"/package.json", minimal}}, minimal},
		{"in ..", []file{{"../package.json", minimal}}, minimal},
		{"with a byte order mark", []file{{"package/package.json", "\ufeff" + minimal}}, minimal},
		{"of two the last", []file{{"package/package.json", other}, {"package/package.json", minimal}}, minimal},
		{"of two directories the last", []file{{"package/package.json", other}, {"x/package.json", minimal}}, minimal},
		{"by a roundabout path", []file{{"package/package.json", other}, {"package/.//package.json", minimal}}, minimal},
		{"not the one of a bundled package", []file{{"package/package.json", minimal}, {"package/node_modules/b/package.json", other}}, minimal},
		{"not one that climbs", []file{{"package/package.json", minimal}, {"package/x/../package.json", other}}, minimal},
		{"not one without a directory", []file{{"package.json", minimal}}, ""},
		{"none", []file{{"package/index.js", ""}}, ""},
		{"one that Windows alone sees", []file{{"package/package.json", minimal}, {`package\package.json`, other}}, ""},
		{"one that npm alone sees", []file{{"package/package.json", minimal}, {"package/C:/package.json", other}}, ""},
		{"a gyp file that Windows alone sees", []file{{"package/package.json", minimal}, {`package\x.gyp`, ""}}, ""},
		{"a backslash elsewhere", []file{{"package/package.json", minimal}, {`package/a\b.js`, ""}}, minimal},
	} {
		got, err := readTar(t, tgz(t, test.files...))
		switch {
		case test.want == "" && !larder.Invalid.Is(err):
			t.Errorf("%s: %v, want larder.Invalid", test.what, err)
		case test.want != "" && (err != nil || string(got.manifest) != test.want):
			t.Errorf("%s: %v, %+v", test.what, err, got)
		}
	}
}

func TestLinksAreNoFiles(t *testing.T) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, h := range []*tar.Header{
		{Name: "package/", Typeflag: tar.TypeDir},
		{Name: "package/package.json", Typeflag: tar.TypeReg, Size: int64(len(minimal))},
		{Name: "package/package.json", Typeflag: tar.TypeSymlink, Linkname: "other.json"},
		{Name: "package/binding.gyp", Typeflag: tar.TypeLink, Linkname: "package/package.json"},
		{Name: "package/null", Typeflag: tar.TypeChar},
	} {
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Size > 0 {
			if _, err := w.Write([]byte(minimal)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := readTar(t, b.Bytes())
	if err != nil || string(got.manifest) != minimal || got.gyp || len(got.paths) != 1 || got.unpacked != int64(len(minimal)) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestReadmeIsTheBestOfThem(t *testing.T) {
	for want, files := range map[string]string{
		"README.md": "README.txt README.md readme.markdown README", "readme": "README.txt readme README.html",
		"README.txt": "README.txt docs/README.md READMES.md", "Readme.MD": "Readme.MD", "": "docs/README.md index.js",
	} {
		entries := []file{{"package/package.json", minimal}}
		for name := range strings.FieldsSeq(files) {
			entries = append(entries, file{"package/" + name, "of " + name})
		}
		got, err := readTar(t, tgz(t, entries...))
		if err != nil || got.readmeFile != want || want != "" && got.readme != "of "+want {
			t.Errorf("of %s: %q %q, %v", files, got.readmeFile, got.readme, err)
		}
	}
}

func TestReadmeIsCut(t *testing.T) {
	facts := inspected(t, minimal, file{"package/README.md", "x" + strings.Repeat("é", maxReadme)})
	if got := len(facts.Readme); got > maxReadme || strings.Contains(string(facts.Readme), "\ufffd") || !strings.HasPrefix(string(facts.Readme), "xéé") {
		t.Errorf("the README has %d bytes", got)
	}
	o, err := parseObject(facts.Manifest)
	if err != nil {
		t.Fatal(err)
	}
	if got := o.object(apartKey).text("readme"); len(got) > maxShownReadme || len(got) < maxShownReadme-2 || strings.Contains(got, "\ufffd") {
		t.Errorf("the README that is shown has %d bytes", len(got))
	}
}

func TestNamesAreBounded(t *testing.T) {
	files := []file{{"package/package.json", minimal}}
	for range 40 {
		files = append(files, file{"package/" + strings.Repeat("x", 900<<10), ""})
	}
	if _, err := readTar(t, tgz(t, files...)); !larder.Invalid.Is(err) {
		t.Errorf("got %v, want larder.Invalid", err)
	}
}
