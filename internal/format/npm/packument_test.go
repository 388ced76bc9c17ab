package npm

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares JSON with a file. The server's address in it is replaced.
func golden(t *testing.T, path, base, got string) {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(strings.ReplaceAll(got, base, "https://registry.example/npm/shared/")), "", "  "); err != nil {
		t.Fatalf("%v: %s", err, got)
	}
	b.WriteByte('\n')
	path = "testdata/" + path + ".golden"
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("%s: got\n%s", path, b.String())
	}
}

const richManifest = `{
  "name": "@acme/widget", "version": "1.0.0", "description": "Widgets <of> all & every \"kind\"", "keywords": "ui, widget",
  "license": "MIT", "author": "Ann <ann@acme.example>", "repository": "github:acme/widget", "homepage": "https://acme.example",
  "bin": "./cli.js", "engines": {"node": ">=18"}, "os": ["linux"], "main": "index.js",
  "dependencies": {"left-pad": "^1.0.0", "fsevents": "^2.0.0"}, "optionalDependencies": {"fsevents": "^2.0.0"},
  "devDependencies": {"tap": "*"}, "peerDependencies": {"react": ">=18"}, "peerDependenciesMeta": {"react": {"optional": true}},
  "bundledDependencies": ["left-pad"], "scripts": {"test": "tap", "postinstall": "node build.js"},
  "_resolved": "/home/ann/widget", "custom": {"deep": [1.50, {"é": "\u00e9"}]}
}`

func publishRich(t *testing.T, base string) {
	t.Helper()
	p := newPublication(t, "@acme/widget", "1.0.0")
	p.tarball = packed(t, richManifest, file{"package/README.md", "# Widget\n"}, file{"package/cli.js", "1"})
	mustPut(t, base, p)
}

func TestPackumentInFullAndShort(t *testing.T) {
	_, base := serve(t)
	publishRich(t, base)
	full := expect(t, http.StatusOK, "GET", base+"@acme%2fwidget", "", "Accept: */*")
	if got := full.Header.Get("Content-Type"); got != jsonType {
		t.Errorf("the full packument is %s", got)
	}
	golden(t, "packument-full", base, full.body)
	short := expect(t, http.StatusOK, "GET", base+"@acme%2fwidget", "", "Accept: "+shortType)
	if got := short.Header.Get("Content-Type"); got != shortType {
		t.Errorf("the short packument is %s", got)
	}
	golden(t, "packument-short", base, short.body)
	golden(t, "version", base, expect(t, http.StatusOK, "GET", base+"@acme%2fwidget/1.0.0", "").body)
}

func TestAcceptDecidesTheForm(t *testing.T) {
	for accept, want := range map[string]bool{
		"": false, "*/*": false, "application/json": false, "text/html": false,
		"application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*": true,
		"application/json; q=0.8, application/vnd.npm.install-v1+json":             true,
		"application/vnd.npm.install-v1+json":                                      true,
		"application/vnd.npm.install-v1+json;q=0.5, application/json":              false,
		"application/vnd.npm.install-v1+json;q=0":                                  false,
		"application/vnd.npm.install-v1+json;q=x":                                  false,
		";;,": false,
	} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Accept", accept)
		if got := wantsShort(r); got != want {
			t.Errorf("Accept %q: short is %v", accept, got)
		}
	}
}

func TestUnlistedVersionsAreServedToWhoKnowsThem(t *testing.T) {
	registry, base := serve(t)
	for _, version := range []string{"1.0.0", "1.1.0", "2.0.0"} {
		mustPublish(t, base, "left-pad", version)
	}
	registry.restatus(ref("", "left-pad"), "2.0.0", larder.Unlisted)
	o := getObject(t, base+"left-pad")
	if at(o, "versions", "2.0.0") != nil || at(o, "time", "2.0.0") != nil || at(o, "versions", "1.1.0") == nil {
		t.Errorf("listed are %v at %v", o["versions"], o["time"])
	}
	if got := at(o, "dist-tags", "latest"); got != "1.1.0" {
		t.Errorf("latest is %v, want the highest that is listed", got)
	}
	if at(o, "time", "modified") != at(o, "time", "1.1.0") || at(o, "time", "created") != at(o, "time", "1.0.0") {
		t.Errorf("time is %v", o["time"])
	}
	if got := getObject(t, base+"-/package/left-pad/dist-tags"); got["latest"] != "1.1.0" || len(got) != 1 {
		t.Errorf("dist-tags are %v", got)
	}
	if got := getObject(t, base+"left-pad/latest")["version"]; got != "1.1.0" {
		t.Errorf("the version tagged latest is %v", got)
	}
	expect(t, http.StatusOK, "GET", base+"left-pad/2.0.0", "")
	expect(t, http.StatusOK, "GET", base+"left-pad/-/left-pad-2.0.0.tgz", "")
	registry.restatus(ref("", "left-pad"), "2.0.0", larder.Archived)
	expect(t, http.StatusNotFound, "GET", base+"left-pad/2.0.0", "")
	expect(t, http.StatusNotFound, "GET", base+"left-pad/-/left-pad-2.0.0.tgz", "")
	for _, version := range []string{"1.0.0", "1.1.0"} {
		registry.restatus(ref("", "left-pad"), version, larder.Unlisted)
	}
	for _, path := range []string{"left-pad", "left-pad?write=true", "left-pad/latest", "-/package/left-pad/dist-tags"} {
		expect(t, http.StatusNotFound, "GET", base+path, "")
	}
}

func TestLatestIsWhatNpmPicksWhereNoTagSays(t *testing.T) {
	for _, test := range []struct {
		versions []string
		want     string
	}{
		{[]string{"1.0.0", "10.0.0", "9.0.0"}, "10.0.0"},
		{[]string{"1.0.0", "2.0.0-rc.1"}, "1.0.0"},
		{[]string{"2.0.0-rc.2", "2.0.0-rc.10", "2.0.0-alpha"}, "2.0.0-rc.10"},
	} {
		_, base := serve(t)
		for _, version := range test.versions {
			p := newPublication(t, "left-pad", version)
			p.tags = `{"beta":"` + version + `"}`
			p.tarball = packed(t, p.manifest, file{"package/README", "of " + version})
			mustPut(t, base, p)
		}
		o := getObject(t, base+"left-pad")
		if got := at(o, "dist-tags", "latest"); got != test.want || o["readme"] != "of "+test.want {
			t.Errorf("%v: latest is %v with the readme %q, want %s", test.versions, got, o["readme"], test.want)
		}
	}
}

func TestWriteGetsThePackumentUncached(t *testing.T) {
	_, base := serve(t)
	publishRich(t, base)
	plain := expect(t, http.StatusOK, "GET", base+"@acme%2fwidget", "")
	write := expect(t, http.StatusOK, "GET", base+"@acme%2fwidget?write=true", "", "Accept: "+shortType)
	if write.body != plain.body || write.Header.Get("Cache-Control") != "no-store" || write.Header.Get("Content-Type") != jsonType {
		t.Errorf("got %v %s", write.Header, write.body)
	}
}

func TestVersionsUpstreamNeedNotHaveWhatOursHave(t *testing.T) {
	registry, base := serve(t)
	registry.packages[ref("", "old")] = &stored{tags: map[string]string{}, versions: map[string]*storedVersion{
		"1.0": {status: larder.Published, sums: format.Sums{SHA1: "abc"}, facts: format.Facts{
			Manifest: json.RawMessage(`{"name":"old","version":"1.0","dist":{"signatures":[]},"deprecated":"old"}`),
		}},
	}}
	m := at(getObject(t, base+"old"), "versions", "1.0").(anyObject)
	if at(m, "dist", "integrity") != nil || at(m, "dist", "shasum") != "abc" || at(m, "dist", "signatures") == nil || m["deprecated"] != "old" {
		t.Errorf("got %v", m)
	}
}

func TestABrokenManifestIsNotServed(t *testing.T) {
	for _, manifest := range []string{``, `{`, `{"a":1`, `{"a"`, `{"a":}`, `{"dist":[]}`, `[]`} {
		registry, base := serve(t)
		registry.packages[ref("", "left-pad")] = &stored{versions: map[string]*storedVersion{
			"1.0.0": {status: larder.Published, facts: format.Facts{Manifest: json.RawMessage(manifest)}},
		}}
		if r := expect(t, http.StatusInternalServerError, "GET", base+"left-pad", ""); strings.Contains(r.body, "manifest") {
			t.Errorf("%s: %s", manifest, r.body)
		}
	}
}

// exchange is one on a package of n versions like the rich one.
func exchange(t testing.TB, n int) *format.Exchange {
	facts, err := inspect(packageFile, bytes.NewReader(richTarball(t)), int64(len(richTarball(t))))
	if err != nil {
		t.Fatal(err)
	}
	m := newMemory()
	s := &stored{tags: map[string]string{"latest": "1.0.0"}, versions: map[string]*storedVersion{}}
	for i := range n {
		s.versions[fmt.Sprintf("1.0.%d", i)] = &storedVersion{
			status: larder.Published, at: time.Unix(int64(i), 0), facts: facts, sums: newUpload(nil).sums,
		}
	}
	m.packages[ref("acme", "widget")] = s
	return &format.Exchange{
		R: httptest.NewRequest(http.MethodGet, "/", nil), Package: ref("acme", "widget"), Base: "https://registry.example/npm/shared/", Registry: m,
	}
}

func richTarball(t testing.TB) []byte {
	return packed(t, richManifest, file{"package/README.md", strings.Repeat("# Widget\n\nIt is \"good\".\n", 200)})
}

func BenchmarkPackument(b *testing.B) {
	for _, short := range []bool{false, true} {
		for _, n := range []int{100, 3000} {
			b.Run(fmt.Sprintf("short=%v/versions=%d", short, n), func(b *testing.B) {
				x := exchange(b, n)
				var size countWriter
				for b.Loop() {
					size = 0
					if _, err := writePackument(b.Context(), x, &size, short); err != nil {
						b.Fatal(err)
					}
				}
				b.SetBytes(int64(size))
				b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N)/(float64(size)/1e6), "ms/MB")
			})
		}
	}
}

type countWriter int

func (w *countWriter) Write(b []byte) (int, error) {
	*w += countWriter(len(b))
	return len(b), nil
}

func BenchmarkReadDocument(b *testing.B) {
	p := publication{name: "left-pad", version: "1.0.0", manifest: `{"name":"left-pad","version":"1.0.0"}`, tarball: make([]byte, 64<<20)}
	body := p.document()
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		_, err := readDocument(strings.NewReader(body), func(r io.Reader) (format.Upload, error) {
			_, err := io.CopyBuffer(io.Discard, struct{ io.Reader }{r}, make([]byte, 256<<10))
			return nil, err
		})
		if err != nil {
			b.Fatal(err)
		}
	}
}
