package doctor

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestToolsAreFoundWithoutTheirSecretsInAddresses(t *testing.T) {
	home := t.TempDir()
	for name, text := range map[string]string{
		".npmrc":               "registry=https://h.example/npm/d/x/\n//h.example/npm/d/x/:_authToken=T1\nproxy=https://other.example/\n",
		".config/pip/pip.conf": "[global]\nindex-url = https://aws:T2@h.example/pypi/d/x/simple/\n",
		".m2/settings.xml":     "<settings><password>T3</password><url>https://h.example/maven/d/x/</url></settings>",
		".sbt/1.0/a.sbt":       `resolvers += ("x" at "https://h.example/maven/d/x/")`,
	} {
		file := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(home, ".config/pip/pip.conf"), 0o644); err != nil {
		t.Fatal(err)
	}
	got := Tools(home, func(address string) bool { return strings.Contains(address, "/d/") })
	want := []Configured{
		{"npm", filepath.Join(home, ".npmrc"), "https://h.example/npm/d/x/", false, "T1"},
		{"pip", filepath.Join(home, ".config/pip/pip.conf"), "https://h.example/pypi/d/x/simple/", true, "T2"},
		{"maven", filepath.Join(home, ".m2/settings.xml"), "https://h.example/maven/d/x/", false, "T3"},
		{"sbt", filepath.Join(home, ".sbt/1.0/a.sbt"), "https://h.example/maven/d/x/", false, ""},
	}
	if len(got) != len(want) {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %+v, want %+v", got[i], want[i])
		}
	}
}
