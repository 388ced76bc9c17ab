package maven_test

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/config"
	"larder.example/larder/internal/testenv"
	"larder.example/larder/internal/testenv/upstream"
)

const plugins = "org/acme/plugins/"

// pluginJar is the jar of a plugin with a descriptor.
func pluginJar(t testing.TB, descriptor string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{"org/acme/Mojo.class": "class", "META-INF/maven/plugin.xml": descriptor} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// plugin deploys a plugin of the group org.acme.plugins.
func (e *env) plugin(artifact, version, more, jar string) {
	e.Helper()
	path := plugins + artifact + "/" + version + "/" + artifact + "-" + version
	e.put(201, path+".jar", jar)
	e.put(201, path+".pom", pom("org.acme.plugins", artifact, version, "<packaging>maven-plugin</packaging>"+more))
	e.put(201, plugins+artifact+"/maven-metadata.xml", about("org.acme.plugins", artifact, "1", version))
	body := `<metadata><plugins><plugin><name>x</name><prefix>x</prefix><artifactId>` + artifact + `</artifactId></plugin></plugins></metadata>`
	e.put(201, plugins+"maven-metadata.xml", body)
	e.put(200, plugins+"maven-metadata.xml.sha1", sum(".sha1", body))
}

func TestMetadataOfAGroup(t *testing.T) {
	e := newEnv(t)
	e.get(404, plugins+"maven-metadata.xml")
	e.plugin("acme-maven-plugin", "1.0", "", "no jar")
	e.plugin("maven-odd-plugin", "1.0", "<name>Odd &lt;one&gt;</name><build><plugins><plugin><artifactId>maven-plugin-plugin</artifactId>"+
		"<configuration><goalPrefix>strange</goalPrefix></configuration></plugin></plugins></build>", "no jar")
	e.plugin("told", "1.0", "", pluginJar(t, "<plugin><name>Told</name><goalPrefix>say</goalPrefix></plugin>"))
	e.plugin("told", "1.1", "", pluginJar(t, "<plugin><name>Told</name><goalPrefix>tell</goalPrefix></plugin>"))
	e.plugin("broken", "1.0", "", pluginJar(t, "<!DOCTYPE x><plugin><goalPrefix>bad</goalPrefix></plugin>"))
	e.put(201, plugins+"lib/1.0/lib-1.0.pom", pom("org.acme.plugins", "lib", "1.0", ""))
	e.put(201, plugins+"lib/maven-metadata.xml", about("org.acme.plugins", "lib", "1", "1.0"))
	want := `<?xml version="1.0" encoding="UTF-8"?>
<metadata>
  <plugins>
    <plugin>
      <name>acme-maven-plugin</name>
      <prefix>acme</prefix>
      <artifactId>acme-maven-plugin</artifactId>
    </plugin>
    <plugin>
      <name>broken</name>
      <prefix>broken</prefix>
      <artifactId>broken</artifactId>
    </plugin>
    <plugin>
      <name>Odd &lt;one&gt;</name>
      <prefix>strange</prefix>
      <artifactId>maven-odd-plugin</artifactId>
    </plugin>
    <plugin>
      <name>Told</name>
      <prefix>tell</prefix>
      <artifactId>told</artifactId>
    </plugin>
  </plugins>
</metadata>
`
	got := e.get(200, plugins+"maven-metadata.xml").Body
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for ext := range sums {
		e.reads(plugins+"maven-metadata.xml"+ext, sum(ext, got))
	}
	e.get(404, "org/acme/maven-metadata.xml")
	e.get(404, "org/maven-metadata.xml")
	e.get(404, "org/maven-metadata.xml.asc")

	// The same path may be an artifact's.
	e.put(201, plugins+"1.0/plugins-1.0.pom", pom("org.acme", "plugins", "1.0", ""))
	e.put(201, plugins+"maven-metadata.xml", about("org.acme", "plugins", "1", "1.0"))
	both := e.get(200, plugins+"maven-metadata.xml").Body
	if !strings.Contains(both, "<artifactId>plugins</artifactId>") || strings.Count(both, "<plugin>") != 4 {
		t.Errorf("got %s, want the artifact and its plugins", both)
	}
	e.reads(plugins+"maven-metadata.xml.sha1", sum(".sha1", both))
	e.put(200, plugins+"maven-metadata.xml.sha1", sum(".sha1", "that of the group"))
}

func TestMetadataOfAGroupOfOneSegment(t *testing.T) {
	e := newEnv(t)
	e.put(201, "acme/acme-maven-plugin/1.0/acme-maven-plugin-1.0.pom", pom("acme", "acme-maven-plugin", "1.0", "<packaging>maven-plugin</packaging>"))
	e.put(201, "acme/acme-maven-plugin/maven-metadata.xml", about("acme", "acme-maven-plugin", "1", "1.0"))
	body := `<metadata><plugins><plugin><prefix>acme</prefix><artifactId>acme-maven-plugin</artifactId></plugin></plugins></metadata>`
	e.put(201, "acme/maven-metadata.xml", body)
	e.put(200, "acme/maven-metadata.xml.sha512", sum(".sha512", body))
	e.put(400, "acme/maven-metadata.xml.sha512", "x")
	e.put(400, "acme/maven-metadata.xml.asc", "x")
	got := e.get(200, "acme/maven-metadata.xml").Body
	if !strings.Contains(got, "<prefix>acme</prefix>") {
		t.Errorf("got %s", got)
	}
	e.reads("acme/maven-metadata.xml.md5", sum(".md5", got))
	for _, body := range []string{"<metadata/>", "<metadata><plugins><plugin><artifactId>../x</artifactId></plugin></plugins></metadata>", "x"} {
		e.put(400, "acme/maven-metadata.xml", body)
	}
	reader := e.Token(e.User("reader", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Resource":"*","Action":["codeartifact:GetAuthorizationToken","sts:GetServiceBearerToken","codeartifact:ReadFromRepository"]}]}`))
	e.want(403, e.Do("PUT", e.base+"acme/maven-metadata.xml", reader, strings.NewReader(body)), "a reader puts metadata of a group")
}

// Plugins of a group that a public registry tells of are found by their
// prefixes, but for the prefixes that plugins here have.
func TestMetadataOfAGroupIsMergedWithThatFromOutside(t *testing.T) {
	world := upstream.New(t)
	const name = "public:maven-central"
	theirs := func(listed string) {
		world.Put("/"+plugins+"maven-metadata.xml", "text/xml", []byte("<metadata><plugins>"+listed+"</plugins></metadata>"), time.Now())
	}
	const theirTell = "<plugin><name>Theirs</name><prefix>tell</prefix><artifactId>evil</artifactId></plugin>"
	theirs(theirTell + "<plugin><name>Shade</name><prefix> shade\n</prefix><artifactId>acme-shade-plugin</artifactId></plugin>" +
		"<plugin><prefix>out</prefix><artifactId>../x</artifactId></plugin>")
	e := newEnv(t, func(c *config.Config) {
		if _, err := c.Connect(name, world.URL); err != nil {
			t.Fatal(err)
		}
	})
	testenv.OK(t, e.Admin, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{Domain: testenv.Domain, Repository: "store"})
	testenv.OK(t, e.Admin, codeartifact.AssociateExternalConnection, &codeartifact.AssociateExternalConnectionInput{
		Domain: testenv.Domain, Repository: "store", ExternalConnection: name,
	})
	testenv.OK(t, e.Admin, codeartifact.UpdateRepository, &codeartifact.UpdateRepositoryInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Upstreams: []codeartifact.UpstreamRepository{{RepositoryName: "store"}},
	})
	prefixes := func(claim string, want ...string) {
		t.Helper()
		got := e.get(200, plugins+"maven-metadata.xml").Body
		for _, w := range want {
			if !strings.Contains(got, w) {
				t.Errorf("%s: got %s, want %s in it", claim, got, w)
			}
		}
		if n := strings.Count(got, "<plugin>"); n != len(want) {
			t.Errorf("%s: got %d plugins, want %d", claim, n, len(want))
		}
		e.reads(plugins+"maven-metadata.xml.sha1", sum(".sha1", got))
	}
	prefixes("theirs alone", "<artifactId>evil<", "<prefix>shade</prefix>\n      <artifactId>acme-shade-plugin<")
	e.plugin("told", "1.0", "", pluginJar(t, "<plugin><name>Told</name><goalPrefix>tell</goalPrefix></plugin>"))
	prefixes("beside ours", "<prefix>tell</prefix>\n      <artifactId>told<", "<artifactId>acme-shade-plugin<")
	e.get(404, "org/acme/none/maven-metadata.xml")
	e.get(404, "org/maven-metadata.xml")

	theirs(theirTell)
	e.Clock.Advance(time.Hour)
	prefixes("when theirs has changed", "<artifactId>told<")
	world.Break(upstream.Status(503))
	e.Clock.Advance(time.Hour)
	prefixes("while nobody answers", "<artifactId>told<")
}
