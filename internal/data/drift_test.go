package data_test

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/config"
	"larder.example/larder/internal/testenv"
	"larder.example/larder/internal/testenv/upstream"
)

// lying is a registry whose repository app fetches from a public one that
// changes its mind.
type lying struct {
	*testenv.Env
	testing.TB
	world      *upstream.Server
	connection string
	token      string
}

func newLying(t *testing.T, connection string) *lying {
	t.Helper()
	l := &lying{TB: t, world: upstream.New(t), connection: connection}
	l.Env = testenv.New(t, func(c *config.Config) {
		if _, err := c.Connect(connection, l.world.URL); err != nil {
			t.Fatal(err)
		}
	})
	l.token = l.Token(l.Admin)
	l.lead("store")
	testenv.OK(t, l.Admin, codeartifact.UpdateRepository, &codeartifact.UpdateRepositoryInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Upstreams: []codeartifact.UpstreamRepository{{RepositoryName: "store"}},
	})
	return l
}

// lead makes a repository with the connection.
func (l *lying) lead(repository string) {
	l.Helper()
	testenv.OK(l.TB, l.Admin, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{Domain: testenv.Domain, Repository: repository})
	testenv.OK(l.TB, l.Admin, codeartifact.AssociateExternalConnection, &codeartifact.AssociateExternalConnectionInput{
		Domain: testenv.Domain, Repository: repository, ExternalConnection: l.connection,
	})
}

// reads checks what is served at a path below a repository's endpoint.
func (l *lying) reads(format, repository, path, want string) {
	l.Helper()
	base := strings.TrimSuffix(l.Endpoint(format), testenv.Repository+"/") + repository + "/"
	if a := l.Do("GET", base+path, l.token, nil); a.Status != 200 || a.Body != want {
		l.Errorf("%s in %s: got %d %.80q, want %q", path, repository, a.Status, a.Body, want)
	}
}

// breaksOff checks that nobody gets what is served at a path.
func (l *lying) breaksOff(path string) {
	l.Helper()
	r, err := http.NewRequestWithContext(l.Context(), http.MethodGet, l.URL+path, nil)
	if err != nil {
		l.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+l.token)
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		return
	}
	defer a.Body.Close()
	if body, err := io.ReadAll(a.Body); err == nil && a.StatusCode == http.StatusOK {
		l.Errorf("%s: got %q, want none of it", path, body)
	}
}

// asks lets the index of the package be asked for when it is no longer fresh.
func (l *lying) asks(format, path string) {
	l.Helper()
	l.Clock.Advance(time.Hour)
	if a := l.Do("GET", l.Endpoint(format)+path, l.token, nil); a.Status != 200 {
		l.Errorf("%s: got %d %.200q", path, a.Status, a.Body)
	}
}

// reported checks the audit records of what changed upstream: what was kept
// and what is told of it, by SHA-256 or by whatever else a record has.
func (l *lying) reported(claim string, want ...string) {
	l.Helper()
	text, err := os.ReadFile(filepath.Join(l.Dir, "audit", "audit.jsonl"))
	if err != nil {
		l.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(text)) {
		var r struct {
			EventSource, EventName, EventType, RecipientAccountID string

			UserIdentity      struct{ AccountID, InvokedBy string }
			RequestParameters struct {
				DomainName, PackageName, PackageVersion, AssetName, ExternalConnection string
			}
			ServiceEventDetails struct {
				Repositories   []string
				Kept, Upstream struct{ SHA1, SHA256, SHA512 string }
			}
		}
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			l.Fatal(err)
		}
		if r.EventName != "UpstreamAssetChanged" {
			continue
		}
		d, p := r.ServiceEventDetails, r.RequestParameters
		if r.EventSource != "larder.amazonaws.com" || r.EventType != "AwsServiceEvent" || r.RecipientAccountID != l.Account ||
			r.UserIdentity.AccountID != l.Account || p.DomainName != testenv.Domain || p.PackageName != "thing" || p.ExternalConnection != l.connection {
			l.Errorf("%s: got %s", claim, line)
		}
		told := d.Upstream.SHA256
		if told == "" {
			told = d.Upstream.SHA512
		}
		got = append(got, fmt.Sprintf("%s %s %.8s %.8s", p.AssetName, strings.Join(d.Repositories, "+"), d.Kept.SHA256, told))
	}
	if !slices.Equal(got, want) {
		l.Errorf("%s: got %q, want %q", claim, got, want)
	}
}

func sha256Of(text string) string { s := sha256.Sum256([]byte(text)); return hex.EncodeToString(s[:]) }

func TestWhatChangesOnNpmIsReportedOnceAndNotTaken(t *testing.T) {
	l := newLying(t, "public:npmjs")
	sha512Of := func(text string) string { s := sha512.Sum512([]byte(text)); return hex.EncodeToString(s[:]) }
	publish := func(bytes string, more ...string) {
		versions := map[string]any{}
		for _, v := range append(more, "1.0.0") {
			path := "/thing/-/thing-" + v + ".tgz"
			sum, weak := sha512.Sum512([]byte(bytes)), sha1.Sum([]byte(bytes))
			versions[v] = map[string]any{"name": "thing", "version": v, "dist": map[string]any{
				"tarball": l.world.URL + path, "shasum": hex.EncodeToString(weak[:]), "integrity": "sha512-" + base64.StdEncoding.EncodeToString(sum[:]),
			}}
			l.world.Put(path, "application/octet-stream", []byte(bytes), l.Clock.Now())
		}
		text, err := json.Marshal(map[string]any{"name": "thing", "versions": versions, "dist-tags": map[string]string{"latest": "1.0.0"}})
		if err != nil {
			t.Fatal(err)
		}
		l.world.Put("/thing", "application/json", text, l.Clock.Now())
	}
	const file = "thing/-/thing-1.0.0.tgz"
	publish("one")
	l.reads("npm", testenv.Repository, file, "one")
	l.asks("npm", "thing")
	l.reported("nothing has changed")
	publish("two")
	l.asks("npm", "thing")
	first := fmt.Sprintf("package.tgz app+store %.8s %.8s", sha256Of("one"), sha512Of("two"))
	l.reported("other bytes", first)
	l.asks("npm", "thing")
	publish("two", "1.0.1", "1.0.2")
	l.asks("npm", "thing")
	l.reported("the same again, beside new versions", first)
	publish("three")
	l.asks("npm", "thing")
	l.reported("other bytes again", first, fmt.Sprintf("package.tgz app+store %.8s %.8s", sha256Of("one"), sha512Of("three")))
	l.reads("npm", testenv.Repository, file, "one")
	l.reads("npm", "store", file, "one")
}

func TestWhatChangesOnPyPIIsReportedOnceAndNotTaken(t *testing.T) {
	l := newLying(t, "public:pypi")
	const wheel, sdist = "thing-1.0-py3-none-any.whl", "thing-1.0.tar.gz"
	publish := func(bytes string) {
		files := []map[string]any{}
		for _, name := range []string{wheel, sdist} {
			files = append(files, map[string]any{
				"filename": name, "url": l.world.URL + "/files/" + name, "hashes": map[string]string{"sha256": sha256Of(bytes + name)},
			})
			l.world.Put("/files/"+name, "application/octet-stream", []byte(bytes+name), l.Clock.Now())
		}
		text, err := json.Marshal(map[string]any{"meta": map[string]string{"api-version": "1.1"}, "name": "thing", "files": files})
		if err != nil {
			t.Fatal(err)
		}
		l.world.Put("/thing/", "application/vnd.pypi.simple.v1+json", text, l.Clock.Now())
	}
	publish("one")
	l.reads("pypi", testenv.Repository, "simple/thing/1.0/"+wheel, "one"+wheel)

	// A file that is only known yet comes with other bytes than the index had.
	l.world.Put("/files/"+sdist, "application/octet-stream", []byte("lie"), l.Clock.Now())
	for range 2 {
		l.breaksOff(l.Endpoint("pypi") + "simple/thing/1.0/" + sdist)
	}
	lie := fmt.Sprintf("%s app+store %.8s %.8s", sdist, sha256Of("one"+sdist), sha256Of("lie"))
	l.reported("a lie", lie)

	publish("two")
	l.asks("pypi", "simple/thing/")
	l.asks("pypi", "simple/thing/")
	told := []string{lie}
	for _, name := range []string{wheel, sdist} {
		told = append(told, fmt.Sprintf("%s app+store %.8s %.8s", name, sha256Of("one"+name), sha256Of("two"+name)))
	}
	l.reported("other bytes", told...)
	l.reads("pypi", testenv.Repository, "simple/thing/1.0/"+wheel, "one"+wheel)
}

func TestWhatChangesOnMavenIsReportedOnceAndNotTaken(t *testing.T) {
	l := newLying(t, "public:maven-central")
	const file = "org/acme/thing/1.0/thing-1.0.jar"
	l.world.Put("/"+file, "application/java-archive", []byte("one"), l.Clock.Now())
	l.reads("maven", testenv.Repository, file, "one")
	l.world.Put("/"+file, "application/java-archive", []byte("two"), l.Clock.Now())
	l.reads("maven", testenv.Repository, file, "one")
	l.reported("what is here is not fetched again")

	// Its index tells of no files: only who fetches one again learns of it.
	for _, repository := range []string{"second", "third"} {
		l.lead(repository)
		l.reads("maven", repository, file, "two")
	}
	l.reported("fetched elsewhere", fmt.Sprintf("thing-1.0.jar app+store %.8s %.8s", sha256Of("one"), sha256Of("two")))
	l.reads("maven", testenv.Repository, file, "one")
}
