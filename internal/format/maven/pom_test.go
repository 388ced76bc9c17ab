package maven_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/format/maven"
	"larder.example/larder/internal/testenv"
)

// describe returns what is known of a version of org.acme:lib.
func (e *env) describe(version string) *codeartifact.PackageVersionDescription {
	e.Helper()
	return testenv.OK(e.TB, e.Admin, codeartifact.DescribePackageVersion, &codeartifact.DescribePackageVersionInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Format: "maven", Namespace: "org.acme", Package: "lib", PackageVersion: version,
	}).PackageVersion
}

func inspected(text string) (format.Facts, error) {
	return maven.Format.Inspect("lib-1.0.pom", strings.NewReader(text), int64(len(text)))
}

func TestAPOMIsRead(t *testing.T) {
	text, err := os.ReadFile("testdata/lib.pom")
	if err != nil {
		t.Fatal(err)
	}
	got, err := inspected(string(text))
	if err != nil {
		t.Fatal(err)
	}
	got.Manifest = nil
	want := format.Facts{
		Namespace: "org.acme", Name: "lib", Version: "1.0",
		DisplayName: "Acme lib", Summary: "Größe & co", HomePage: "https://acme.test/lib", SourceRepository: "https://acme.test/git/lib",
		Licenses: []format.License{{Name: "Apache-2.0", URL: "https://acme.test/apache"}, {Name: "MIT"}},
		Dependencies: []format.Dependency{
			{Namespace: "org.acme", Name: "parent", Type: "parent", Requirement: "7"},
			{Namespace: "org.acme", Name: "core", Type: "compile", Requirement: "1.0"},
			{Namespace: "org.slf4j", Name: "slf4j-api", Type: "runtime", Requirement: "[1.7,2.0)"},
			{Namespace: "junit", Name: "junit", Type: "test", Requirement: "4.13"},
			{Namespace: "javax.servlet", Name: "servlet-api", Type: "provided", Requirement: ""},
			{Namespace: "com.sun", Name: "tools", Type: "system", Requirement: "1.8"},
			{Namespace: "org.extra", Name: "extra", Type: "optional", Requirement: "${extra.version}"},
		},
	}
	if fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestPOMsThatAreRefused(t *testing.T) {
	bomb := "<properties><a>${b}${b}${b}${b}${b}${b}${b}${b}${b}${b}</a>"
	for c := 'b'; c < 'p'; c++ {
		bomb += fmt.Sprintf("<%c>%s</%[1]c>", c, strings.Repeat(fmt.Sprintf("${%c}", c+1), 10))
	}
	bomb += "<p>x</p><q>${q}</q></properties>"
	for _, test := range []struct {
		claim, text string
		ok          bool
	}{
		{"plain", pom("org.acme", "lib", "1.0", ""), true},
		{"without a namespace", "<project><groupId>g</groupId><artifactId>a</artifactId><version>1</version></project>", true},
		{"with a mark before it", "\ufeff" + pom("org.acme", "lib", "1.0", ""), true},
		{"Latin-1", `<?xml version="1.0" encoding="ISO-8859-1"?>` + pom("org.acme", "lib", "1.0", "<name>Gr\xf6\xdfe</name>"), true},
		{"an entity of HTML's", pom("org.acme", "lib", "1.0", "<name>&copy; &oslash;</name>"), true},
		{"properties that grow", pom("org.acme", "lib", "1.0", bomb+"<name>${a}</name><url>${q}</url>"), true},
		{"a document type", `<!DOCTYPE project [<!ENTITY x "y">]>` + pom("org.acme", "lib", "1.0", ""), false},
		{"an entity of its own", pom("org.acme", "lib", "1.0", "<name>&x;</name>"), false},
		{"another encoding", `<?xml version="1.0" encoding="EBCDIC-US"?>` + pom("org.acme", "lib", "1.0", ""), false},
		{"not UTF-8", pom("org.acme", "lib", "1.0", "<name>\xff</name>"), false},
		{"too deep", pom("org.acme", "lib", "1.0", strings.Repeat("<x>", 10_000)+strings.Repeat("</x>", 10_000)), false},
		{"too large", pom("org.acme", "lib", "1.0", strings.Repeat(" ", 5<<20)), false},
		{"another document", "<metadata></metadata>", false},
		{"cut off", "<project><artifactId>lib", false},
		{"empty", "", false},
		{"no XML", "PK\x03\x04", false},
	} {
		_, err := inspected(test.text)
		if ok := err == nil; ok != test.ok || !ok && !larder.Invalid.Is(err) {
			t.Errorf("%s: got %v, want ok: %v", test.claim, err, test.ok)
		}
	}
}

func TestAPOMIsOfThePathsArtifact(t *testing.T) {
	e := newEnv(t)
	const path = "org/acme/lib/1.0/lib-1.0.pom"
	for claim, text := range map[string]string{
		"another group":    pom("org.other", "lib", "1.0", ""),
		"another artifact": pom("org.acme", "other", "1.0", ""),
		"another version":  pom("org.acme", "lib", "1.1", ""),
		"no version":       pom("org.acme", "lib", "", ""),
		"another parent's": "<project><parent><groupId>org.other</groupId><artifactId>p</artifactId><version>1.0</version></parent><artifactId>lib</artifactId></project>",
		"no POM":           "jar",
	} {
		if got := e.Do("PUT", e.base+path, e.token, strings.NewReader(text)); got.Status != 400 || strings.Count(got.Body, "\n") != 1 {
			t.Errorf("%s: got %d %q, want 400 and a line", claim, got.Status, got.Body)
		}
	}
	for i, text := range []string{
		"<project><parent><groupId>org.acme</groupId><artifactId>p</artifactId><version>1.0</version></parent><artifactId>lib</artifactId></project>",
		pom("${project.parent.groupId}", "lib", "${revision}${changelist}", "<properties><revision>1.</revision><changelist>0</changelist></properties>"+
			"<parent><groupId>org.acme</groupId><artifactId>p</artifactId><version>3</version></parent>"),
		pom("org.acme", "lib", "${of.my.parent}", ""),
		pom("org.acme", "lib", "${revision}", "<properties><revision>2</revision></properties>"), // mvn -Drevision=1.0
	} {
		name := fmt.Sprintf("lib%d", i)
		e.put(201, strings.ReplaceAll(path, "lib", name), strings.Replace(text, "lib", name, 1))
	}
	// Only the version's own POM is read.
	e.put(201, "org/acme/lib/1.0/lib-1.0.jar", "jar")
	e.put(201, "org/acme/lib/1.0/other-1.0.pom", "no POM")
	e.put(201, "org/acme/lib/1.0/lib-1.0-sources.pom", "no POM")
	e.put(201, path, pom("org.acme", "lib", "1.0", "<name>Lib</name><licenses><license><name>MIT</name><url>https://mit.test</url></license></licenses>"+
		"<dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><version>2</version><scope>test</scope></dependency></dependencies>"))
	e.put(201, "org/acme/lib/1.0/lib-1.0-more.jar", "more")
	d := e.describe("1.0")
	if d.DisplayName != "Lib" || len(d.Licenses) != 1 || d.Licenses[0].Name != "MIT" || d.Licenses[0].Url != "https://mit.test" {
		t.Errorf("got %+v", d)
	}
	needs := testenv.OK(t, e.Admin, codeartifact.ListPackageVersionDependencies, &codeartifact.ListPackageVersionDependenciesInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Format: "maven", Namespace: "org.acme", Package: "lib", PackageVersion: "1.0",
	}).Dependencies
	if len(needs) != 1 || !slices.Equal([]string{needs[0].Namespace, needs[0].Package, needs[0].DependencyType, needs[0].VersionRequirement}, []string{"g", "a", "test", "2"}) {
		t.Errorf("got the dependencies %+v", needs)
	}
}

func FuzzPOM(f *testing.F) {
	text, err := os.ReadFile("testdata/lib.pom")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text))
	f.Add(`<?xml version="1.0" encoding="latin1"?>` + pom("g", "a", "${v}", "<properties><v>${w}</v><w>${v}</w></properties><name>\xe9</name>"))
	f.Add("<project><dependencies><dependency/></dependencies>")
	f.Fuzz(func(t *testing.T, text string) {
		facts, err := inspected(text)
		if err != nil && !larder.Invalid.Is(err) {
			t.Errorf("got %v", err)
		}
		total := len(facts.DisplayName) + len(facts.Summary) + len(facts.HomePage)
		if limit := 10*len(text) + 4*(16<<10); total > limit {
			t.Errorf("got %d bytes of %d", total, len(text))
		}
	})
}
