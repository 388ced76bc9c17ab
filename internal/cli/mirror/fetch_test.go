package mirror_test

import (
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/cli/mirror"
)

// repository answers as a repository would, and refuses who has no token.
func repository(t *testing.T, answers map[string]string) (*mirror.Fetcher, *httptest.Server) {
	t.Helper()
	var busy atomic.Bool
	busy.Store(true)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, password, _ := r.BasicAuth()
		if r.Header.Get("Authorization") != "Bearer hush" && password != "hush" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if r.URL.Path == "/npm/busy/-/busy-1.0.0.tgz" && busy.Swap(false) {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		body, found := answers[r.URL.Path]
		if !found {
			http.Error(w, "not here", http.StatusNotFound)
			return
		}
		fmt.Fprint(w, strings.ReplaceAll(body, "BASE", "http://"+r.Host))
	}))
	t.Cleanup(server.Close)
	return &mirror.Fetcher{
		Client: server.Client(), Token: "hush", Jobs: 2,
		Endpoints: map[larder.Format]string{larder.NPM: server.URL + "/npm/", larder.PyPI: server.URL + "/pypi/", larder.Maven: server.URL + "/maven/"},
	}, server
}

func TestWhatIsFetched(t *testing.T) {
	tarball := func(name string) string {
		return `{"dist": {"tarball": "BASE/npm/` + name + `/-/` + name + `-1.0.0.tgz"}}`
	}
	sum := sha512.Sum512([]byte("bytes"))
	right := "sha512:" + hex.EncodeToString(sum[:])
	page := `{"files": [
		{"filename": "a_b-1.0-py3-none-any.whl", "url": "../../a_b-1.0-py3-none-any.whl", "hashes": {"sha256": "277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9"}, "core-metadata": true},
		{"filename": "a-b-1.0.tar.gz", "url": "../../a-b-1.0.tar.gz", "hashes": {}, "core-metadata": false},
		{"filename": "a-b-1.1.tar.gz", "url": "../../a-b-1.1.tar.gz", "hashes": {}}]}`
	f, _ := repository(t, map[string]string{
		"/npm/a/1.0.0": tarball("a"), "/npm/a/-/a-1.0.0.tgz": "bytes",
		"/npm/busy/1.0.0": tarball("busy"), "/npm/busy/-/busy-1.0.0.tgz": "bytes",
		"/npm/away/1.0.0":                `{"dist": {"tarball": "http://elsewhere.test/a.tgz"}}`,
		"/pypi/simple/a-b/":              page,
		"/pypi/a_b-1.0-py3-none-any.whl": "bytes", "/pypi/a_b-1.0-py3-none-any.whl.metadata": "metadata", "/pypi/a-b-1.0.tar.gz": "bytes",
		"/maven/org/x/lib/1/lib-1.pom":       `<project><parent><groupId>org.x</groupId><artifactId>parent</artifactId><version>1</version></parent><artifactId>lib</artifactId></project>`,
		"/maven/org/x/lib/1/lib-1.jar":       "bytes",
		"/maven/org/x/parent/1/parent-1.pom": `<project><packaging>pom</packaging><properties><bom>2</bom></properties><dependencyManagement><dependencies><dependency><groupId>org.x</groupId><artifactId>bom</artifactId><version>${bom}</version><type>pom</type><scope>import</scope></dependency></dependencies></dependencyManagement></project>`,
		"/maven/org/x/bom/2/bom-2.pom":       `<project><packaging>pom</packaging></project>`,
		"/maven/org/y/plug/1/plug-1.pom":     `<project><packaging>maven-plugin</packaging></project>`,
		"/maven/org/y/plug/1/plug-1.jar":     "bytes",
		"/maven/org/y/maven-metadata.xml":    `<metadata><plugins/></metadata>`,
		"/maven/org/x/loop/1/loop-1.pom":     `<project><parent><groupId>org.x</groupId><artifactId>loop</artifactId><version>1</version></parent></project>`,
	})
	for _, tt := range []struct {
		item  mirror.Item
		files int
		err   string
	}{
		{mirror.Item{Format: larder.NPM, Name: "a", Version: "1.0.0", Digests: []string{"sha1:00", right}}, 1, ""},
		{mirror.Item{Format: larder.NPM, Name: "busy", Version: "1.0.0"}, 1, ""},
		{mirror.Item{Format: larder.NPM, Name: "a", Version: "1.0.0", Digests: []string{"sha512:00"}}, 1, "its bytes are not those of the lock: got sha512:"},
		{mirror.Item{Format: larder.NPM, Name: "none", Version: "1.0.0"}, 0, "ask for its manifest: 404 Not Found: not here"},
		{mirror.Item{Format: larder.NPM, Name: "away", Version: "1.0.0"}, 0, "the repository leads away, to http://elsewhere.test"},
		{mirror.Item{Format: larder.PyPI, Name: "a-b", Version: "1.0.0"}, 3, ""},
		{mirror.Item{Format: larder.PyPI, Name: "a-b", Version: "1.0", Digests: []string{"sha256:277089d91c0bdf4f2e6862ba7e4a07605119431f5d13f726dd352b06f1b206a9"}}, 2, ""},
		{mirror.Item{Format: larder.PyPI, Name: "a-b", Version: "1.0", Digests: []string{"sha256:00"}}, 0, "none of its files is one of the lock"},
		{mirror.Item{Format: larder.PyPI, Name: "a-b", Version: "3"}, 0, "no files of that version"},
		{mirror.Item{Format: larder.Maven, Namespace: "org.x", Name: "lib", Version: "1"}, 4, ""},
		{mirror.Item{Format: larder.Maven, Namespace: "org.x", Name: "bom", Version: "2", Type: "pom"}, 1, ""},
		{mirror.Item{Format: larder.Maven, Namespace: "org.y", Name: "plug", Version: "1"}, 3, ""},
		{mirror.Item{Format: larder.Maven, Namespace: "org.x", Name: "lib", Version: "1", Classifier: "linux"}, 3, "404"},
		{mirror.Item{Format: larder.Maven, Namespace: "org.x", Name: "loop", Version: "1"}, 0, "its parents lead to one another"},
	} {
		calls := 0
		f.Done = func(_ mirror.Item, r mirror.Result, err error) {
			calls++
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("%s: got %v, want %q", tt.item, err, tt.err)
			}
			if err == nil && r.Files != tt.files {
				t.Errorf("%s: got %d files, want %d", tt.item, r.Files, tt.files)
			}
		}
		f.Fetch(t.Context(), []mirror.Item{tt.item})
		if calls != 1 {
			t.Errorf("%s: Done was called %d times", tt.item, calls)
		}
	}
}
