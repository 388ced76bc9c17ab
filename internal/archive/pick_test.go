package archive_test

import (
	"archive/tar"
	"bytes"
	"maps"
	"path"
	"strings"
	"testing"

	"larder.example/larder/internal/archive"
)

func TestPickFindsFilesByPattern(t *testing.T) {
	p := archive.Pick{Patterns: []string{"*/package.json", "*.nuspec", "*.dist-info/METADATA"}}
	archived := tarOf(t,
		file("package/package.json", "1"),
		file("./other/package.json", "2"),
		file("package/node_modules/x/package.json", "3"),
		file("package.json", "4"),
		file("Some.nuspec", "5"),
		file("lib/Some.nuspec", "6"),
		file("p-1.dist-info/METADATA", "7"),
		file("/abs/package.json", "8"),
		file("../package.json", "9"),
		tar.Header{Name: "link/package.json", Typeflag: tar.TypeSymlink, Linkname: "x"},
	)
	if err := archive.WalkTar(bytes.NewReader(archived), archive.Limits{}, p.Visit); err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	for name, b := range p.Found {
		got[name] = string(b)
	}
	want := map[string]string{
		"package/package.json":   "1",
		"other/package.json":     "2",
		"Some.nuspec":            "5",
		"p-1.dist-info/METADATA": "7",
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestPickRefusesWhatIsAmbiguousOrLarge(t *testing.T) {
	for _, test := range []struct {
		name  string
		files []string
		most  int64
		want  string
	}{
		{"the same twice", []string{"p/f", "1", "p/f", "1"}, 0, ""},
		{"two of one name", []string{"p/f", "1", "p/f", "2"}, 0, `The archive holds two different files named "p/f".`},
		{"two of one name, spelled differently", []string{"p/f", "1", "./p//f", "2"}, 0, `The archive holds two different files named "p/f".`},
		{"as large as may be", []string{"p/f", "1234"}, 4, ""},
		{"larger", []string{"p/f", "12345"}, 4, `The archive's entry "p/f" is larger than 4 bytes.`},
		{"larger than the default", []string{"p/f", strings.Repeat("x", 1<<20+1)}, 0, `The archive's entry "p/f" is larger than 1 MiB.`},
		{
			"a long name",
			[]string{"p/" + strings.Repeat("x", 200), "12345"},
			4,
			`The archive's entry "p/` + strings.Repeat("x", 118) + `"... is larger than 4 bytes.`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := archive.Pick{Patterns: []string{"p/*"}, Most: test.most}
			b := zipOf(t, test.files...)
			err := archive.WalkZip(bytes.NewReader(b), int64(len(b)), archive.Limits{}, p.Visit)
			checkMessage(t, err, test.want)
		})
	}
}

func TestPickReportsABadPattern(t *testing.T) {
	p := archive.Pick{Patterns: []string{"["}}
	b := zipOf(t, "a", "1")
	err := archive.WalkZip(bytes.NewReader(b), int64(len(b)), archive.Limits{}, p.Visit)
	if err == nil || !strings.Contains(err.Error(), path.ErrBadPattern.Error()) {
		t.Errorf("got %v, want %v", err, path.ErrBadPattern)
	}
}
