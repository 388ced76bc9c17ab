package maven_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/testenv"
)

func TestAVersionIsUnfinishedUntilItsMetadataComes(t *testing.T) {
	e := newEnv(t)
	const dir = "org/acme/lib/1.0/lib-1.0"
	e.put(201, dir+".jar", "jar")
	e.put(200, dir+".jar.sha1", sum(".sha1", "jar"))
	e.put(201, dir+".pom", pom("org.acme", "lib", "1.0", ""))
	e.put(201, dir+".jar.asc", "signature")
	e.hasStatuses("1.0 Unfinished")
	e.get(404, dir+".jar")
	e.get(404, dir+".jar.sha1")
	e.get(404, "org/acme/lib/maven-metadata.xml")

	body := about("org.acme", "lib", "1", "1.0")
	e.put(201, "org/acme/lib/maven-metadata.xml", body)
	for ext := range sums {
		e.put(200, "org/acme/lib/maven-metadata.xml"+ext, sum(ext, body))
		e.put(400, "org/acme/lib/maven-metadata.xml"+ext, sum(ext, "other"))
	}
	e.hasStatuses("1.0 Published")
	e.reads(dir+".jar", "jar")
	for ext := range sums {
		e.reads(dir+".jar"+ext, sum(ext, "jar"))
		e.reads(dir+".jar.asc"+ext, sum(ext, "signature"))
	}
	want := "[lib-1.0.jar lib-1.0.jar.asc lib-1.0.pom maven-metadata.xml]"
	if got := fmt.Sprint(e.assets("1.0")); got != want {
		t.Errorf("assets: got %s, want %s", got, want)
	}
	// More may come, at any time.
	e.put(201, dir+"-sources.jar", "sources")
	e.reads(dir+"-sources.jar", "sources")
	e.hasStatuses("1.0 Published")
}

func TestMetadataMayComeFirst(t *testing.T) {
	e := newEnv(t)
	body := about("org.acme", "lib", "1", "1.0")
	e.put(201, "org/acme/lib/maven-metadata.xml", body)
	e.put(200, "org/acme/lib/maven-metadata.xml.sha1", sum(".sha1", body))
	e.hasStatuses("1.0 Unfinished")
	e.get(404, "org/acme/lib/maven-metadata.xml")
	e.put(201, "org/acme/lib/1.0/lib-1.0.jar", "jar")
	e.hasStatuses("1.0 Published")
	e.put(201, "org/acme/lib/1.0/lib-1.0.pom", pom("org.acme", "lib", "1.0", ""))
	e.reads("org/acme/lib/1.0/lib-1.0.jar", "jar")
}

func TestFilesComeAtOnce(t *testing.T) {
	e := newEnv(t)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			path := fmt.Sprintf("org/acme/lib/1.0/lib-1.0-c%d.jar", i)
			e.put(201, path, "jar")
			e.put(200, path+".sha1", sum(".sha1", "jar"))
		})
	}
	wg.Wait()
	e.put(201, "org/acme/lib/maven-metadata.xml", about("org.acme", "lib", "1", "1.0"))
	if got, want := len(e.assets("1.0")), 17; got != want {
		t.Errorf("got %d assets, want %d", got, want)
	}
}

func TestVersionsDeployedAtOnceAreAllListed(t *testing.T) {
	e := newEnv(t)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			v := fmt.Sprintf("1.%d", i)
			e.put(201, "org/acme/lib/"+v+"/lib-"+v+".jar", "jar")
			body := about("org.acme", "lib", v, v) // none of them has seen the others
			e.put(201, "org/acme/lib/maven-metadata.xml", body)
			e.put(200, "org/acme/lib/maven-metadata.xml.sha1", sum(".sha1", body))
		})
	}
	wg.Wait()
	got := e.get(200, "org/acme/lib/maven-metadata.xml").Body
	if want := 8; strings.Count(got, "<version>") != want {
		t.Errorf("got %s, want %d versions", got, want)
	}
}

func TestDeployingAgain(t *testing.T) {
	e := newEnv(t)
	e.deploy("1.0", "jar")
	e.deploy("1.0", "jar")
	second := about("org.acme", "lib", "2", "1.0")
	e.put(201, "org/acme/lib/maven-metadata.xml", second)
	e.put(200, "org/acme/lib/maven-metadata.xml.md5", sum(".md5", second))
	e.put(200, "org/acme/lib/maven-metadata.xml.md5", sum(".md5", about("org.acme", "lib", "1", "1.0"))) // of the deploy before
	e.put(409, "org/acme/lib/1.0/lib-1.0.jar", "other")
	e.reads("org/acme/lib/1.0/lib-1.0.jar", "jar")
	e.setStatus("org.acme", "lib", "Archived", "1.0")
	e.put(409, "org/acme/lib/1.0/lib-1.0-more.jar", "more")
	e.get(404, "org/acme/lib/1.0/lib-1.0.jar")
}

func TestChecksumsAreHeldAgainstFiles(t *testing.T) {
	e := newEnv(t)
	const dir = "org/acme/lib/1.0/lib-1.0"
	e.put(404, dir+".jar.sha1", sum(".sha1", "jar"))
	e.put(201, dir+".jar", "jar")
	e.put(404, dir+".pom.sha1", sum(".sha1", "jar"))
	for ext := range sums {
		e.put(200, dir+".jar"+ext, sum(ext, "jar"))
		e.put(200, dir+".jar"+ext, sum(ext, "jar")+"  lib-1.0.jar\n")
		e.put(400, dir+".jar"+ext, strings.ToUpper(sum(ext, "jar")))
		e.put(400, dir+".jar"+ext, sum(ext, "other"))
		e.put(400, dir+".jar"+ext, "")
		e.put(400, dir+".jar"+ext, strings.Repeat("a", 10_000))
	}
	e.put(400, dir+".jar.sha1.md5", sum(".md5", "x"))
	metadata := about("org.acme", "lib", "1", "1.0")
	e.put(400, "org/acme/lib/maven-metadata.xml", metadata)
	e.hasStatuses("1.0 Unfinished")
	for ext := range sums {
		e.put(400, "org/acme/lib/maven-metadata.xml", metadata)
		e.put(200, dir+".jar"+ext, sum(ext, "jar"))
	}
	e.put(201, "org/acme/lib/maven-metadata.xml", metadata)
	e.hasStatuses("1.0 Published")

	// It is too late to hold a version back.
	e.put(400, dir+".jar.sha1", sum(".sha1", "other"))
	e.put(201, "org/acme/lib/maven-metadata.xml", metadata)
	e.reads(dir+".jar.sha1", sum(".sha1", "jar"))
	e.get(404, dir+".jar.sha1.md5")
	for _, name := range e.assets("1.0") {
		if strings.Contains(name, ".sha") || strings.Contains(name, ".md5") {
			t.Errorf("the checksum %s is an asset", name)
		}
	}
}

func TestTheAPIPublishesWhatMetadataDoesNot(t *testing.T) {
	e := newEnv(t)
	e.put(201, "org/acme/lib/1.0/lib-1.0.jar", "jar")
	e.put(400, "org/acme/lib/1.0/lib-1.0.jar.sha1", sum(".sha1", "other"))
	e.setStatus("org.acme", "lib", "Published", "1.0")
	e.reads("org/acme/lib/1.0/lib-1.0.jar", "jar")
}

func TestMetadataOfAnArtifact(t *testing.T) {
	e := newEnv(t)
	for _, v := range []string{"1.10", "1.9", "2.0-rc1", "1.9.1", "2.0-beta-1"} {
		e.Clock.Advance(time.Second)
		e.deploy(v, "jar "+v)
	}
	at := e.Clock.Now().UTC().Format("20060102150405")
	want := `<?xml version="1.0" encoding="UTF-8"?>
<metadata>
  <groupId>org.acme</groupId>
  <artifactId>lib</artifactId>
  <versioning>
    <latest>2.0-rc1</latest>
    <release>2.0-rc1</release>
    <versions>
      <version>1.9</version>
      <version>1.9.1</version>
      <version>1.10</version>
      <version>2.0-beta-1</version>
      <version>2.0-rc1</version>
    </versions>
    <lastUpdated>` + at + `</lastUpdated>
  </versioning>
</metadata>
`
	got := e.get(200, "org/acme/lib/maven-metadata.xml")
	if got.Body != want {
		t.Errorf("got %s, want %s", got.Body, want)
	}
	for ext := range sums {
		e.reads("org/acme/lib/maven-metadata.xml"+ext, sum(ext, got.Body))
	}
	e.setStatus("org.acme", "lib", "Unlisted", "2.0-rc1")
	body := e.get(200, "org/acme/lib/maven-metadata.xml").Body
	if !strings.Contains(body, "<release>2.0-beta-1</release>") || strings.Contains(body, "rc1") {
		t.Errorf("with its highest version unlisted: got %s", body)
	}
	e.reads("org/acme/lib/maven-metadata.xml.sha1", sum(".sha1", body))
	e.reads("org/acme/lib/2.0-rc1/lib-2.0-rc1.jar", "jar 2.0-rc1")
	e.setStatus("org.acme", "lib", "Archived", "1.9", "1.9.1", "1.10", "2.0-beta-1", "2.0-rc1")
	e.get(404, "org/acme/lib/maven-metadata.xml")
	e.get(404, "org/acme/lib/maven-metadata.xml.sha1")
	e.get(404, "org/acme/lib/maven-metadata.xml.asc")
}

func TestMetadataNamesWhatItFinishes(t *testing.T) {
	e := newEnv(t)
	for _, v := range []string{"1.0", "1.1", "1.2"} {
		e.put(201, "org/acme/lib/"+v+"/lib-"+v+".jar", "jar")
	}
	for _, body := range []string{
		about("org.acme", "other", "1", "1.0"),
		about("org.other", "lib", "1", "1.0"),
		"<metadata/>", "<project/>", "", "no XML", "<metadata><groupId>org.acme</groupId>",
		`<!DOCTYPE m [<!ENTITY v "1.0">]>` + about("org.acme", "lib", "1", "&v;"),
		strings.Repeat("<metadata>", 200) + strings.Repeat("</metadata>", 200),
	} {
		e.put(400, "org/acme/lib/maven-metadata.xml", body)
	}
	e.hasStatuses("1.0 Unfinished", "1.1 Unfinished", "1.2 Unfinished")
	e.put(201, "org/acme/lib/maven-metadata.xml", about("org.acme", "lib", "1", "0.9", "1.0", "1.1"))
	e.hasStatuses("1.0 Published", "1.1 Published", "1.2 Unfinished")
}

func TestPathsThatAreNoArtifacts(t *testing.T) {
	e := newEnv(t)
	for _, path := range []string{
		"x", "x/y", "x/y/z", "archetype-catalog.xml", ".index/nexus-maven-repository-index.gz",
		"org.acme/lib/1.0/lib-1.0.jar", "org/ac me/lib/1.0/lib-1.0.jar",
		"org/acme/lib/1.0/.lib", "org/acme/.lib/1.0/x.jar", "org/acme/lib/.1/x.jar",
		"org/acme/lib/1.0/..%2f..%2fx.jar", "org/acme/lib/%2e%2e%2f1.0/x.jar", "org/acme/lib/1.0/a%5cb.jar", "org/acme/lib/1.0/a%0ab.jar",
		"org/acme/lib/1.0/lib-1.0.jar.sha1.md5", "org/acme/lib/1.0/.sha1",
		strings.Repeat("a/", 70) + "lib/1.0/lib-1.0.jar",
		"org/" + strings.Repeat("a", 300) + "/lib/1.0/lib-1.0.jar",
		"org/acme/lib/1:0/lib.jar", "org/acme/lib/%5b1,2%5d/lib.jar", "org/acme/lib/maven-metadata.xml.asc", "maven-metadata.xml/x",
	} {
		path = strings.ReplaceAll(path, " ", "%20")
		if got := e.Do("GET", e.base+path, e.token, nil).Status; got != 404 && got != 400 {
			t.Errorf("GET %s: got %d, want 404", path, got)
		}
		if got := e.Do("PUT", e.base+path, e.token, strings.NewReader("x")).Status; got != 400 {
			t.Errorf("PUT %s: got %d, want 400", path, got)
		}
	}
	if got := testenv.OK(t, e.Admin, codeartifact.ListPackages, &codeartifact.ListPackagesInput{
		Domain: testenv.Domain, Repository: testenv.Repository,
	}).Packages; len(got) > 0 {
		t.Errorf("got %v, want nothing", got)
	}
}

func TestPathsThatAreUnusual(t *testing.T) {
	e := newEnv(t)
	for _, path := range []string{
		"junit/junit/4.13/junit-4.13.jar",
		"org/acme/lib/1.0+build.5~rc/lib-1.0+build.5~rc.jar",
		"org/acme/lib/1.0%2Bx/lib-1.0%2Bx.jar",
		"org/acme/lib_2.13/1.0/lib_2.13-1.0.jar",
		"org/acme/sbt-thing_2.12_1.0/1.0/sbt-thing-1.0.jar",
		"org/acme/lib.core/1.0/lib.core-1.0-jdk1.5.tar.gz",
		"org/acme/lib/1.0/lib-1.0-linux-x86_64.tar.gz",
		"org/acme/lib/1.0/lib-1.0.jar.asc",
		"org/acme/lib/1.0/lib-1.0.module",
		"org//acme/lib/1.1/lib-1.1.jar",
		"org/acme/lib/20210101.120000-1/x",
	} {
		e.put(201, path, "jar")
		e.put(200, path+".sha512", sum(".sha512", "jar"))
	}
	e.setStatus("junit", "junit", "Published", "4.13")
	e.reads("junit/junit/4.13/junit-4.13.jar", "jar")
	e.setStatus("org.acme", "lib", "Published", "1.0+build.5~rc", "1.0+x", "1.0")
	e.reads("org/acme/lib/1.0%2bx/lib-1.0%2bx.jar", "jar")
	e.reads("org/acme/lib/1.0/lib-1.0-linux-x86_64.tar.gz.sha1", sum(".sha1", "jar"))
}

func TestHeadersOfFiles(t *testing.T) {
	e := newEnv(t)
	e.deploy("1.0", "jar")
	e.put(201, "org/acme/lib/1.0/lib-1.0.html", "<script>")
	at := e.Clock.Now().UTC().Format("Mon, 02 Jan 2006 15:04:05 GMT")
	e.Clock.Advance(time.Hour)
	for ext, kind := range map[string]string{
		".jar": "application/java-archive", ".pom": "application/xml; charset=utf-8", ".html": "application/octet-stream",
		".jar.sha1": "text/plain; charset=utf-8",
	} {
		got := e.get(200, "org/acme/lib/1.0/lib-1.0"+ext)
		for name, want := range map[string]string{"Content-Type": kind, "Last-Modified": at, "Cache-Control": "private, no-cache"} {
			if got := got.Header.Get(name); got != want {
				t.Errorf("%s: got %s %q, want %q", ext, name, got, want)
			}
		}
	}
	got := e.get(206, "org/acme/lib/1.0/lib-1.0.jar", "Range", "bytes=1-1")
	if got.Header.Get("X-Checksum-Sha1") != sum(".sha1", "jar") || got.Header.Get("X-Checksum-Md5") != sum(".md5", "jar") {
		t.Errorf("got the checksums %v, want those of the whole file", got.Header)
	}
	for _, path := range []string{"org/acme/lib/1.0/lib-1.0.jar", "org/acme/lib/1.0/lib-1.0.jar.sha1", "org/acme/lib/maven-metadata.xml", "org/acme/lib/maven-metadata.xml.md5"} {
		get, head := e.get(200, path), e.want(200, e.Do("HEAD", e.base+path, e.token, nil), "HEAD "+path)
		if head.Body != "" || head.Header.Get("Content-Length") != fmt.Sprint(len(get.Body)) {
			t.Errorf("HEAD %s: got %q and %v", path, head.Body, head.Header)
		}
	}
	if missing := e.get(404, "org/acme/lib/1.0/lib-1.0-x.jar"); missing.Header.Get("X-Checksum-Sha1") != "" || !strings.HasPrefix(missing.Header.Get("Content-Type"), "text/plain") {
		t.Errorf("got %v", missing.Header)
	}
}

func TestPublishingNeedsBothPermissions(t *testing.T) {
	e := newEnv(t)
	only := func(user string, actions ...string) string {
		return e.Token(e.User(user, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*","Action":["codeartifact:GetAuthorizationToken","sts:GetServiceBearerToken","`+
			strings.Join(actions, `","`)+`"]}]}`))
	}
	publisher := only("publisher", "codeartifact:PublishPackageVersion")
	reader := only("reader", "codeartifact:ReadFromRepository")
	both := only("both", "codeartifact:PublishPackageVersion", "codeartifact:PutPackageMetadata")
	do := func(want int, token, path, body string) {
		t.Helper()
		e.want(want, e.Do("PUT", e.base+path, token, strings.NewReader(body)), path)
	}
	const jar, metadata = "org/acme/lib/1.0/lib-1.0.jar", "org/acme/lib/maven-metadata.xml"
	body := about("org.acme", "lib", "1", "1.0")
	do(403, reader, jar, "jar")
	do(201, publisher, jar, "jar")
	do(400, publisher, jar+".sha1", sum(".sha1", "other"))
	do(200, publisher, jar+".sha1", sum(".sha1", "jar"))
	do(403, reader, jar+".sha1", sum(".sha1", "jar"))
	do(403, reader, metadata, body)
	do(403, publisher, metadata, body)
	e.hasStatuses("1.0 Unfinished")
	do(201, both, metadata, body)
	do(200, both, metadata+".sha1", sum(".sha1", body))
	e.hasStatuses("1.0 Published")
	e.want(403, e.Do("GET", e.base+jar, both, nil), "who may publish only reads")

	do(403, reader, metadata+".sha1", sum(".sha1", body))
	do(403, reader, "org/acme/none/maven-metadata.xml.sha1", sum(".sha1", body))
	do(403, reader, "acme/maven-metadata.xml.sha1", sum(".sha1", body))
	do(200, publisher, "acme/maven-metadata.xml.sha1", sum(".sha1", body))
}

func TestAChecksumOfAGroupNeedsPermissionForOnePackageOfIt(t *testing.T) {
	e := newEnv(t)
	e.plugin("acme-maven-plugin", "1.0", "", "no jar")
	may := func(user, name string) string {
		return e.Token(e.User(user, `{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Resource":"*","Action":["codeartifact:GetAuthorizationToken","sts:GetServiceBearerToken","codeartifact:ReadFromRepository"]},
			{"Effect":"Allow","Resource":"arn:aws:codeartifact:*:*:package/*/*/maven/org.acme.plugins/`+name+`","Action":"codeartifact:PublishPackageVersion"}]}`))
	}
	checksum := sum(".sha1", "any")
	for name, want := range map[string]int{"acme-maven-plugin": 200, "*": 200, "other": 403} {
		token := may("user"+strings.ReplaceAll(name, "*", "all"), name)
		e.want(want, e.Do("PUT", e.base+plugins+"maven-metadata.xml.sha1", token, strings.NewReader(checksum)), name)
	}
}
