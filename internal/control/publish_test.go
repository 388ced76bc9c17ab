package control_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
)

// release is a version of an npm package that a test publishes.
type release struct {
	name, version string
	members       map[string]any // further ones of package.json
	files         map[string]string
}

// tarball returns the package's bytes, the same for the same release.
func (r release) tarball(t testing.TB) []byte {
	t.Helper()
	manifest := map[string]any{"name": r.name, "version": r.version}
	for name, value := range r.members {
		manifest[name] = value
	}
	text, err := json.Marshal(manifest)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	add := func(name string, content []byte) {
		if err := w.WriteHeader(&tar.Header{Name: "package/" + name, Mode: 0o644, Size: int64(len(content))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(content); err != nil {
			t.Fatal(err)
		}
	}
	add("package.json", text)
	for name, content := range r.files {
		add(name, []byte(content))
	}
	for _, close := range []func() error{w.Close, z.Close} {
		if err := close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// publish publishes a release as npm does, and returns the tarball.
func publish(t testing.TB, e *testenv.Env, c *client.Client, repository string, r release) []byte {
	t.Helper()
	text, tarball := r.document(t)
	path := fmt.Sprintf("/npm/d/%s-%s/%s/%s", testenv.Domain, e.Account, repository, strings.Replace(r.name, "/", "%2f", 1))
	a := e.Do(http.MethodPut, path, e.Token(c), bytes.NewReader(text), "Content-Type", "application/json")
	if a.Status/100 != 2 {
		t.Fatalf("publish %s %s: got %d %s", r.name, r.version, a.Status, a.Body)
	}
	return tarball
}

// document returns what npm sends to publish a release, and the tarball in
// it.
func (r release) document(t testing.TB) (text, tarball []byte) {
	t.Helper()
	tarball = r.tarball(t)
	manifest := map[string]any{"name": r.name, "version": r.version}
	for name, value := range r.members {
		manifest[name] = value
	}
	text, err := json.Marshal(map[string]any{
		"_id": r.name, "name": r.name,
		"dist-tags": map[string]string{"latest": r.version},
		"versions":  map[string]any{r.version: manifest},
		"_attachments": map[string]any{r.name + "-" + r.version + ".tgz": map[string]any{
			"content_type": "application/octet-stream", "data": base64.StdEncoding.EncodeToString(tarball), "length": len(tarball),
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return text, tarball
}
