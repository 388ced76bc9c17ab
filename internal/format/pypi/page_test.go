package pypi

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	team  = larder.RepositoryRef{Domain: larder.DomainRef{Owner: "111122223333", Name: "team"}, Name: "app"}
	base  = "https://larder.test/pypi/d/team-111122223333/app/"
	noon  = time.Date(2026, 11, 24, 12, 0, 0, 123456789, time.FixedZone("", 3600))
	empty = ""
	bug   = `it "breaks" <everything> & more`
)

// shown is a package with versions as the registry would show it.
func shown(name string, versions ...format.Version) *format.Package {
	var all iter.Seq2[format.Version, error] = func(yield func(format.Version, error) bool) {
		for _, v := range versions {
			if !yield(v, nil) {
				return
			}
		}
	}
	return &format.Package{
		Ref:   larder.PackageRef{Repository: team, Format: larder.PyPI, Name: name},
		Stamp: "1.1", Versions: all,
	}
}

func asset(t testing.TB, name string, e entry) format.Asset {
	t.Helper()
	raw, err := e.encode()
	if err != nil {
		t.Fatal(err)
	}
	digit := fmt.Sprintf("%x", len(name)%16)
	return format.Asset{
		Name: name, Size: int64(1000 + len(name)), At: noon, Manifest: raw,
		Sums: format.Sums{MD5: strings.Repeat(digit, 32), SHA256: strings.Repeat(digit, 64)},
	}
}

// growing is a package that has something of everything.
func growing(t testing.TB) *format.Package {
	sum := strings.Repeat("ab", 32)
	return shown("my-thing",
		format.Version{Version: "1.10", Status: larder.Published, Assets: []format.Asset{
			asset(t, "my_thing-1.10.tar.gz", entry{RequiresPython: ">=3.9,<4"}),
			asset(t, "my_thing-1.10-py3-none-any.whl", entry{RequiresPython: ">=3.9,<4", CoreMetadata: sum, Provenance: sum}),
		}},
		format.Version{Version: "1!0.1+local.1", Status: larder.Published, Assets: []format.Asset{
			asset(t, "my_thing-1!0.1+local.1-py3-none-any.whl", entry{CoreMetadata: sum}),
		}},
		format.Version{Version: "1.9", Status: larder.Published, Assets: []format.Asset{
			asset(t, "My.Thing-1.9.zip", entry{Yanked: &bug}),
		}},
		format.Version{Version: "1.9rc1", Status: larder.Published, Assets: []format.Asset{
			{Name: "my-thing-1.9rc1.tar.gz", Size: 1, At: noon, Sums: format.Sums{SHA256: strings.Repeat("0", 64)}},
			asset(t, "my-thing-1.9rc1.zip", entry{Yanked: &empty}),
		}},
		format.Version{Version: "2.0", Status: larder.Unlisted, Assets: []format.Asset{asset(t, "my_thing-2.0.zip", entry{})}},
	)
}

func TestPages(t *testing.T) {
	p, err := newPage(growing(t), base)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "page.json", p.writeJSON)
	golden(t, "page.html", p.writeHTML)
	none, err := newPage(shown("none", format.Version{Version: "1", Status: larder.Unlisted}), base)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "empty.json", none.writeJSON)
	golden(t, "empty.html", none.writeHTML)
	golden(t, "projects.json", func(w io.Writer) error { return writeProjectsJSON(w, []string{"my-thing", "thing"}) })
	golden(t, "projects.html", func(w io.Writer) error { return writeProjectsHTML(w, []string{"my-thing", "thing"}) })
	golden(t, "no-projects.json", func(w io.Writer) error { return writeProjectsJSON(w, nil) })
}

// golden compares what is written with testdata/NAME, or with -update puts it
// there.
func golden(t *testing.T, name string, write func(io.Writer) error) {
	t.Helper()
	var got bytes.Buffer
	if err := write(&got); err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if strings.HasSuffix(name, ".json") && !json.Valid(got.Bytes()) {
		t.Errorf("%s is no JSON:\n%s", name, &got)
	}
	file := "testdata/" + name
	if *update {
		if err := os.WriteFile(file, got.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("%s:\ngot\n%s\nwant\n%s", name, &got, want)
	}
}

func TestAPageIsNotMadeOfDamagedEntries(t *testing.T) {
	p, err := newPage(shown("thing", format.Version{Version: "1", Status: larder.Published, Assets: []format.Asset{
		{Name: "thing-1.zip", Manifest: json.RawMessage(`[]`)},
	}}), base)
	if err != nil {
		t.Fatal(err)
	}
	for _, write := range []func(io.Writer) error{p.writeJSON, p.writeHTML} {
		if err := write(io.Discard); err == nil || !strings.Contains(err.Error(), "pypi/thing 1: read index entry of thing-1.zip") {
			t.Errorf("got %v", err)
		}
	}
	broken := shown("thing")
	broken.Versions = func(yield func(format.Version, error) bool) { yield(format.Version{}, io.ErrClosedPipe) }
	if _, err := newPage(broken, base); err == nil {
		t.Error("got a page of versions that could not be read")
	}
}

// BenchmarkPage renders the shapes of the performance targets; a page may
// take 20 ms a MB.
func BenchmarkPage(b *testing.B) {
	for _, shape := range []struct {
		name            string
		versions, files int // files of each
	}{{"2000files", 200, 10}, {"5000versions", 5000, 1}} {
		pkg := large(b, shape.versions, shape.files)
		for _, form := range []struct {
			name  string
			write func(*page, io.Writer) error
		}{{"json", (*page).writeJSON}, {"html", (*page).writeHTML}} {
			b.Run(shape.name+"/"+form.name, func(b *testing.B) {
				var w bytes.Buffer
				b.ReportAllocs()
				for b.Loop() {
					w.Reset()
					p, err := newPage(pkg, base)
					if err != nil {
						b.Fatal(err)
					}
					if err := form.write(p, &w); err != nil {
						b.Fatal(err)
					}
				}
				mb := float64(w.Len()) / 1e6
				b.ReportMetric(mb, "MB")
				b.ReportMetric(b.Elapsed().Seconds()*1e3/float64(b.N)/mb, "ms/MB")
			})
		}
	}
}

// large is a package of that many versions, of that many wheels each.
func large(b *testing.B, versions, files int) *format.Package {
	var all []format.Version
	for i := range versions {
		v := format.Version{Version: fmt.Sprintf("%d.%d.%d", i%7, i%100, i), Status: larder.Published}
		for j := range files {
			name := fmt.Sprintf("widget-%s-cp3%d-cp3%d-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", v.Version, j, j)
			v.Assets = append(v.Assets, asset(b, name, entry{RequiresPython: ">=3.9", CoreMetadata: strings.Repeat("ab", 32)}))
		}
		all = append(all, v)
	}
	return shown("widget", all...)
}
