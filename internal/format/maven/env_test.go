package maven_test

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/config"
	"larder.example/larder/internal/testenv"
)

// env is a registry seen through its Maven endpoint.
type env struct {
	*testenv.Env
	testing.TB
	token, base string
}

func newEnv(t testing.TB, settings ...func(*config.Config)) *env {
	t.Helper()
	e := &env{Env: testenv.New(t, settings...), TB: t}
	e.token, e.base = e.Token(e.Admin), e.Endpoint("maven")
	return e
}

// put sends a file and checks the status of the answer.
func (e *env) put(want int, path, body string) {
	e.Helper()
	e.want(want, e.Do("PUT", e.base+path, e.token, strings.NewReader(body)), "PUT "+path)
}

// get asks for a file and checks the status of the answer.
func (e *env) get(want int, path string, header ...string) testenv.Answer {
	e.Helper()
	return e.want(want, e.Do("GET", e.base+path, e.token, nil, header...), "GET "+path)
}

func (e *env) want(status int, a testenv.Answer, what string) testenv.Answer {
	e.Helper()
	if a.Status != status {
		e.Errorf("%s: got %d, want %d: %.300s", what, a.Status, status, a.Body)
	}
	return a
}

// reads checks what a file holds.
func (e *env) reads(path, want string) {
	e.Helper()
	if got := e.get(200, path).Body; got != want {
		e.Errorf("%s: got %q, want %q", path, got, want)
	}
}

// statuses are those of the versions of org.acme:lib, as VERSION STATUS,
// in order.
func (e *env) statuses() []string {
	e.Helper()
	var list []string
	for _, v := range testenv.OK(e.TB, e.Admin, codeartifact.ListPackageVersions, &codeartifact.ListPackageVersionsInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Format: "maven", Namespace: "org.acme", Package: "lib",
	}).Versions {
		list = append(list, fmt.Sprint(v.Version, " ", v.Status))
	}
	slices.Sort(list)
	return list
}

func (e *env) hasStatuses(want ...string) {
	e.Helper()
	if got := e.statuses(); !slices.Equal(got, want) {
		e.Errorf("versions: got %q, want %q", got, want)
	}
}

// setStatus sets the status of versions by the API.
func (e *env) setStatus(group, artifact, status string, versions ...string) {
	e.Helper()
	out := testenv.OK(e.TB, e.Admin, codeartifact.UpdatePackageVersionsStatus, &codeartifact.UpdatePackageVersionsStatusInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Format: "maven", Namespace: group, Package: artifact,
		Versions: versions, TargetStatus: larder.Status(status),
	})
	if len(out.FailedVersions) > 0 {
		e.Fatalf("set %s of %v: %v", status, versions, out.FailedVersions)
	}
}

// assets are the names of the assets of a version of org.acme:lib, in order.
func (e *env) assets(version string) []string {
	e.Helper()
	var names []string
	for _, a := range testenv.OK(e.TB, e.Admin, codeartifact.ListPackageVersionAssets, &codeartifact.ListPackageVersionAssetsInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Format: "maven", Namespace: "org.acme", Package: "lib", PackageVersion: version,
	}).Assets {
		names = append(names, a.Name)
	}
	slices.Sort(names)
	return names
}

// sums are the endings of checksums.
var sums = map[string]func() hash.Hash{".md5": md5.New, ".sha1": sha1.New, ".sha256": sha256.New, ".sha512": sha512.New}

func sum(ext, body string) string {
	h := sums[ext]()
	h.Write([]byte(body))
	return hex.EncodeToString(h.Sum(nil))
}

func pom(group, artifact, version, more string) string {
	return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>` +
		`<groupId>` + group + `</groupId><artifactId>` + artifact + `</artifactId><version>` + version + `</version>` + more + `</project>`
}

// about is the metadata that a client sends of an artifact.
func about(group, artifact, stamp string, versions ...string) string {
	return `<metadata><groupId>` + group + `</groupId><artifactId>` + artifact + `</artifactId><versioning><release>` +
		versions[len(versions)-1] + `</release><versions><version>` + strings.Join(versions, `</version><version>`) +
		`</version></versions><lastUpdated>` + stamp + `</lastUpdated></versioning></metadata>`
}

// deploy publishes a version of org.acme:lib.
func (e *env) deploy(version, content string) {
	e.Helper()
	dir := "org/acme/lib/" + version + "/lib-" + version
	e.put(201, dir+".pom", pom("org.acme", "lib", version, ""))
	e.put(201, dir+".jar", content)
	e.put(201, "org/acme/lib/maven-metadata.xml", about("org.acme", "lib", "1", version))
}
