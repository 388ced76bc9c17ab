package npm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

var isOdd = larder.PackageRef{Format: larder.NPM, Name: "is-odd"}

// theirs is a document as npm's registry has it, with what is odd in old ones.
const theirs = `{"_id":"is-odd","_rev":"5-x","name":"is-odd",
 "dist-tags": {"latest":"2.0.0", "next":"3.0.0-rc.1"},
 "versions": {
  "1.0.0": {"name":"is-odd","version":"1.0.0","description":"a \"quoted\" {brace} \\","dist":{"shasum":"0123456789abcdef0123456789abcdef01234567","tarball":"http://registry.test/is-odd/-/is-odd-1.0.0.tgz"},"deprecated":"old"},
  "2.0.0":{"name":"is-odd","version":"2.0.0","_apart":{"readme":"x"},"scripts":{"test":"x","postinstall":"node x"},"dist":{"integrity":"sha512-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==","shasum":"ABCDEF0123456789ABCDEF0123456789ABCDEF01","tarball":"https://registry.test/is-odd/-/is-odd-2.0.0.tgz","fileCount":3,"signatures":[{"keyid":"k","sig":"s"}],"attestations":{"url":"https://registry.test/a","provenance":{"predicateType":"p"}}},"dependencies":{"a":"^1"}},
  "../3":{"dist":{}}
 },
 "time":{"created":"2015-01-01T00:00:00.000Z","modified":"2020-02-02T02:02:02.020Z","1.0.0":"2015-01-01T00:00:00.100Z","2.0.0":"2020-02-02T02:02:02.000Z"},
 "readme":"# is-odd","users":{"someone":true}}`

func readTheirs(t testing.TB, doc string, p larder.PackageRef) (map[string]format.Version, *format.Package, error) {
	t.Helper()
	pkg, err := readPublic(format.Document{ReaderAt: strings.NewReader(doc), Size: int64(len(doc)), URL: "https://registry.test/is-odd"}, p)
	if err != nil {
		return nil, nil, err
	}
	all := map[string]format.Version{}
	for v, err := range pkg.Versions {
		if err != nil {
			return nil, nil, err
		}
		all[v.Version] = v
	}
	return all, pkg, nil
}

func TestAPublicDocumentIsReadInPieces(t *testing.T) {
	for _, doc := range []string{theirs, indent(t, theirs), strings.Replace(theirs, `"readme":"#`, `"readme":"`+strings.Repeat(`\"x\\`, windowSize), 1)} {
		all, pkg, err := readTheirs(t, doc, isOdd)
		if err != nil {
			t.Fatal(err)
		}
		if len(all) != 2 || pkg.Tags["latest"] != "2.0.0" || pkg.Tags["next"] != "3.0.0-rc.1" {
			t.Errorf("got %d versions, tags %v", len(all), pkg.Tags)
		}
		if got, want := pkg.ChangedAt, time.Date(2020, 2, 2, 2, 2, 2, 20e6, time.UTC); !got.Equal(want) {
			t.Errorf("got changed at %v, want %v", got, want)
		}
		for version, want := range map[string]struct{ manifest, url, sha1, sha512 string }{
			"1.0.0": {
				`{"name":"is-odd","version":"1.0.0","description":"a \"quoted\" {brace} \\","deprecated":"old","dist":{}}`,
				"http://registry.test/is-odd/-/is-odd-1.0.0.tgz", "0123456789abcdef0123456789abcdef01234567", "",
			},
			"2.0.0": {
				`{"name":"is-odd","version":"2.0.0","scripts":{"test":"x","postinstall":"node x"},"dependencies":{"a":"^1"},"hasInstallScript":true,` +
					`"dist":{"fileCount":3,"signatures":[{"keyid":"k","sig":"s"}]}}`,
				"https://registry.test/is-odd/-/is-odd-2.0.0.tgz", "abcdef0123456789abcdef0123456789abcdef01", strings.Repeat("0", 128),
			},
		} {
			v := all[version]
			a := v.Assets[0]
			if string(v.Manifest) != want.manifest {
				t.Errorf("%s: got manifest\n%s\nwant\n%s", version, v.Manifest, want.manifest)
			}
			if a.Name != packageFile || a.URL != want.url || a.Sums.SHA1 != want.sha1 || a.Sums.SHA512 != want.sha512 || a.Size != -1 || v.PublishedAt.IsZero() || a.At != v.PublishedAt {
				t.Errorf("%s: got asset %+v, published at %v", version, a, v.PublishedAt)
			}
		}
	}
}

func indent(t *testing.T, doc string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(doc), "", "  "); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWhatIsNoPublicDocumentIsRefused(t *testing.T) {
	for claim, doc := range map[string]string{
		"HTML":               "<!DOCTYPE html><p>Welcome",
		"nothing":            "",
		"another package's":  `{"name":"is-even","versions":{}}`,
		"an error":           `{"error":"not_found"}`,
		"truncated":          theirs[:len(theirs)/2],
		"a broken version":   `{"name":"is-odd","versions":{"1.0.0":{"dist":{]}}}`,
		"a version of words": `{"name":"is-odd","versions":{"1.0.0":"x"}}`,
		"a list":             `[]`,
	} {
		if all, _, err := readTheirs(t, doc, isOdd); !larder.Invalid.Is(err) {
			t.Errorf("%s: got %v %v, want %v", claim, all, err, larder.Invalid)
		}
	}
	if _, _, err := readTheirs(t, `{"name":"is-odd","time":{"unpublished":{"time":"2020-01-01T00:00:00.000Z"}}}`, isOdd); !larder.NotFound.Is(err) {
		t.Errorf("what was unpublished: got %v, want %v", err, larder.NotFound)
	}
}

func TestWherePublicThingsAre(t *testing.T) {
	scoped := larder.PackageRef{Format: larder.NPM, Namespace: "a", Name: "b"}
	if got := public.Index(scoped); got.URL != "@a%2fb" || got.Accept != jsonType {
		t.Errorf("got %+v", got)
	}
	for url, want := range map[string]string{
		"https://files.test/x.tgz":    "https://files.test/x.tgz",
		"http://registry.test/x.tgz":  "https://registry.test/x.tgz", // as old packages have it
		"http://registry.test:1/x.gz": "http://registry.test:1/x.gz",
	} {
		if got := publicFile("https://registry.test/", larder.AssetRef{}, &format.Asset{URL: url}); got.URL != want {
			t.Errorf("%s: got %s, want %s", url, got.URL, want)
		}
	}
	if got := publicFile("https://registry.test/", larder.AssetRef{}, nil); got.URL != "" {
		t.Errorf("a file that no index tells of: got %s", got.URL)
	}
}

// Memory for reading a document does not grow with it, but for the tags and
// times of its versions.
func TestALargeDocumentIsNotHeld(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"name":"is-odd","dist-tags":{"latest":"1.0.0"},"versions":{`)
	manifest := strings.Repeat(`"some text of a manifest",`, 1000)
	const versions = 1500
	for i := range versions {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"1.0.%d":{"name":"is-odd","version":"1.0.%d","keywords":[%s"x"],"dist":{"tarball":"https://registry.test/x"}}`, i, i, manifest)
	}
	b.WriteString(`},"time":{}}`)
	doc := b.String()
	result := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := readPublic(format.Document{ReaderAt: strings.NewReader(doc), Size: int64(len(doc))}, isOdd); err != nil {
				b.Fatal(err)
			}
		}
	})
	if got := result.AllocedBytesPerOp(); got > 1<<20 {
		t.Errorf("finding the versions of a document of %d bytes took %d bytes of memory, want less than 1 MiB", len(doc), got)
	}
}

func FuzzReadPublic(f *testing.F) {
	f.Add(theirs)
	f.Add(`{"name":"is-odd","versions":{"1.0.0":{"dist":{}}}}`)
	f.Fuzz(func(t *testing.T, doc string) {
		all, _, err := readTheirs(t, doc, isOdd)
		if err != nil {
			return
		}
		for _, v := range all {
			if err := members(v.Manifest, "", func(_, _ []byte) {}); err != nil {
				t.Errorf("%s: a manifest that cannot be shown: %s", v.Version, v.Manifest)
			}
		}
	})
}
