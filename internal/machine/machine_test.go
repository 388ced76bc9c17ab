package machine

import (
	"archive/zip"
	"os"
	"path/filepath"
	"testing"
)

func TestPipSaysWhereItsIndexIs(t *testing.T) {
	for _, test := range []struct{ list, want string }{
		{":env:.cert='/x'\nglobal.index-url='https://a.test/simple'\n", "https://a.test/simple"},
		{"global.index-url='https://a.test'\ninstall.index-url='https://b.test'\n", "https://b.test"},
		{"install.index-url='https://b.test'\n:env:.index-url='https://c.test'\n", "https://c.test"},
		{"global.extra-index-url='https://a.test'\n", ""},
		{"", ""},
	} {
		if got := configuredIndex(test.list); got != test.want {
			t.Errorf("%q: got %q, want %q", test.list, got, test.want)
		}
	}
	help := `  -i, --index-url <url>       Base URL of the Python Package Index (default
                              https://index.test/simple). This should point to a
  --extra-index-url <url>     Extra URLs (default x)
`
	if got := ownIndex(help); got != "https://index.test/simple" {
		t.Errorf("got %q", got)
	}
	if got := ownIndex("  -i, --index-url <url>   Base\n  --other (default x)"); got != "" {
		t.Errorf("got %q of another option", got)
	}
}

func TestMavenSaysWhereCentralIs(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	settings := write("settings.xml", `<settings xmlns="http://maven.apache.org/SETTINGS/1.2.0"><mirrors>
		<mirror><mirrorOf>external:http:*</mirrorOf><url>http://0.0.0.0/</url><blocked>true</blocked></mirror>
		<mirror><mirrorOf>*,!central</mirrorOf><url>https://others.test/</url></mirror>
		<mirror><mirrorOf>snapshots,central</mirrorOf><url> https://mirror.test/maven </url></mirror></mirrors></settings>`)
	if got := readMirror(settings); got != "https://mirror.test/maven" {
		t.Errorf("got %q", got)
	}
	if got := readMirror(write("bad.xml", "<settings")) + readMirror(filepath.Join(dir, "none")); got != "" {
		t.Errorf("got %q of what is none", got)
	}
	if got := mavenHome("\x1b[1mApache Maven 3.9\x1b[m\nMaven home: /opt/maven\nJava version: 17\n"); got != "/opt/maven" {
		t.Errorf("got %q", got)
	}
	jar := filepath.Join(dir, "maven-model-builder-1.jar")
	f, err := os.Create(jar)
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	w, err := z.Create("org/apache/maven/model/pom-4.0.0.xml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write([]byte(`<project><repositories><repository><id>central</id><url>https://central.test</url></repository></repositories></project>`)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if got := readCentral(jar); got != "https://central.test" {
		t.Errorf("got %q", got)
	}
}
