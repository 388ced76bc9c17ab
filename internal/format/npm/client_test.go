package npm

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
)

type response struct {
	*http.Response
	body string
}

// request sends a request and reads the answer. Headers are name: value.
func request(t testing.TB, method, url, body string, headers ...string) response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response{answer, string(b)}
}

// expect sends a request that must be answered with a status.
func expect(t testing.TB, status int, method, url, body string, headers ...string) response {
	t.Helper()
	r := request(t, method, url, body, headers...)
	if r.StatusCode != status {
		t.Fatalf("%s %s: %s, want %d: %s", method, url, r.Status, status, r.body)
	}
	return r
}

// object is a JSON object that a test reads.
type anyObject = map[string]any

func getObject(t testing.TB, url string, headers ...string) anyObject {
	t.Helper()
	var o anyObject
	r := expect(t, http.StatusOK, "GET", url, "", headers...)
	if err := json.Unmarshal([]byte(r.body), &o); err != nil {
		t.Fatalf("%s: %v in %s", url, err, r.body)
	}
	return o
}

// at follows keys into an object.
func at(o anyObject, keys ...string) any {
	var v any = o
	for _, k := range keys {
		inner, ok := v.(anyObject)
		if !ok {
			return nil
		}
		v = inner[k]
	}
	return v
}

// file is one entry of a tarball.
type file struct{ name, body string }

// tgz packs files in their order.
func tgz(t testing.TB, files ...file) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, f := range files {
		if err := w.WriteHeader(&tar.Header{Name: f.name, Size: int64(len(f.body)), Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, f.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// packed is a tarball of a package.json and more files.
func packed(t testing.TB, manifest string, more ...file) []byte {
	t.Helper()
	return tgz(t, append([]file{{"package/package.json", manifest}}, more...)...)
}

// publication is a publish document before it is written. Tests change one
// thing of a good one.
type publication struct {
	name, version string
	manifest      string // of the document; empty: name and version
	dist          string // more members of dist
	tags          string // JSON; empty: none in the document
	tarball       []byte
	data          string // base64; empty: of tarball
	length        string // empty: of tarball
	more          string // more members of the document
	attachments   string // more attachments
}

func newPublication(t testing.TB, name, version string) publication {
	t.Helper()
	manifest := `{"name":"` + name + `","version":"` + version + `"}`
	return publication{name: name, version: version, manifest: manifest, tarball: packed(t, manifest)}
}

func (p publication) document() string {
	length := p.length
	if length == "" {
		b, _ := json.Marshal(len(p.tarball))
		length = string(b)
	}
	data := p.data
	if data == "" {
		data = base64.StdEncoding.EncodeToString(p.tarball)
	}
	tags := ""
	if p.tags != "" {
		tags = `"dist-tags":` + p.tags + `,`
	}
	manifest := strings.TrimSuffix(p.manifest, "}") + `,"dist":{"tarball":"http://elsewhere.example/x.tgz"` + p.dist + `}}`
	return `{"_id":"` + p.name + `","name":"` + p.name + `",` + tags + p.more +
		`"versions":{"` + p.version + `":` + manifest + `},` +
		`"_attachments":{"` + p.name + `-` + p.version + `.tgz":{"content_type":"application/octet-stream","data":"` + data +
		`","length":` + length + `}` + p.attachments + `}}`
}

func escaped(name string) string { return strings.Replace(name, "/", "%2f", 1) }

func (p publication) put(t testing.TB, base string) response {
	t.Helper()
	return request(t, "PUT", base+escaped(p.name), p.document(), "Content-Type: application/json")
}

func mustPublish(t testing.TB, base, name, version string) {
	t.Helper()
	mustPut(t, base, newPublication(t, name, version))
}

func mustPut(t testing.TB, base string, p publication) {
	t.Helper()
	if r := p.put(t, base); r.StatusCode != http.StatusCreated {
		t.Fatalf("publish %s@%s: %s: %s", p.name, p.version, r.Status, r.body)
	}
}
