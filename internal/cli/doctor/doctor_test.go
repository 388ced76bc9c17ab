package doctor

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// A word that may be a token of any registry.
const elsewhere = "npm_0123456789012345678901234567890123456789"

func TestToolsAreFoundWithoutTheirSecretsInAddresses(t *testing.T) {
	home := t.TempDir()
	for name, text := range map[string]string{
		".npmrc":                                 "//registry.npmjs.org/:_authToken=" + elsewhere + "\nregistry=https://h.example/npm/d/x/\n//h.example/npm/d/x/:_authToken=T1\nproxy=https://other.example/\n",
		".config/pip/pip.conf":                   "[global]\nindex-url = https://aws:T2@h.example/pypi/d/x/simple/\n",
		".m2/settings.xml":                       "<settings><password>T3</password><url>https://h.example/maven/d/x/</url></settings>",
		".sbt/1.0/a.sbt":                         `resolvers += ("x" at "https://h.example/maven/d/x/")`,
		".sbt/a.credentials":                     "host=h.example\npassword=" + elsewhere + "\n",
		".bundle/config":                         "---\nBUNDLE_HTTP://127__0__0__1:1/RUBY/D/MY___X/: \"aws:" + elsewhere + "\"\n",
		".swiftpm/configuration/registries.json": `{"registries":{"[default]":{"url":"https:\/\/h.example\/swift\/d\/x\/"}}}`,
	} {
		file := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(filepath.Join(home, ".bundle/config"), 0o644); err != nil {
		t.Fatal(err)
	}
	got := Tools(home, func(address string) bool { return strings.Contains(address, "/d/") })
	other := func(file string) []Word { return []Word{{elsewhere, filepath.Join(home, file), false}} }
	want := []Configured{
		{"npm", filepath.Join(home, ".npmrc"), "https://h.example/npm/d/x/", "T1", other(".npmrc")},
		{"pip", filepath.Join(home, ".config/pip/pip.conf"), "https://h.example/pypi/d/x/simple/", "T2", nil},
		{"maven", filepath.Join(home, ".m2/settings.xml"), "https://h.example/maven/d/x/", "", nil},
		{"sbt", filepath.Join(home, ".sbt/1.0/a.sbt"), "https://h.example/maven/d/x/", "", other(".sbt/a.credentials")},
		{"bundler", filepath.Join(home, ".bundle/config"), "http://127.0.0.1:1/ruby/d/my-x/", "", []Word{{elsewhere, filepath.Join(home, ".bundle/config"), true}}},
		{"swift", filepath.Join(home, ".swiftpm/configuration/registries.json"), "https://h.example/swift/d/x/", "", nil},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v\nwant %+v", got, want)
	}
}
