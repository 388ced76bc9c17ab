package npm

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// inspected is what inspect says of a package of a manifest and more files.
func inspected(t testing.TB, manifest string, more ...file) format.Facts {
	t.Helper()
	b := packed(t, manifest, more...)
	facts, err := inspect(packageFile, bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatalf("%s: %v", manifest, err)
	}
	return facts
}

func TestInspectReadsTheFacts(t *testing.T) {
	facts := inspected(t, richManifest, file{"package/README.md", "# Widget\n"})
	facts.Manifest = nil // see the golden packuments
	want := format.Facts{
		Namespace: "acme", Name: "widget", Version: "1.0.0", DisplayName: "@acme/widget",
		Summary: "Widgets <of> all & every \"kind\"", HomePage: "https://acme.example",
		SourceRepository: "https://github.com/acme/widget",
		Licenses:         []format.License{{Name: "MIT"}},
		Dependencies: []format.Dependency{
			{Name: "left-pad", Type: "regular", Requirement: "^1.0.0"},
			{Name: "tap", Type: "dev", Requirement: "*"},
			{Name: "react", Type: "peer", Requirement: ">=18"},
			{Name: "fsevents", Type: "optional", Requirement: "^2.0.0"},
		},
		Readme: []byte("# Widget\n"),
	}
	if !reflect.DeepEqual(facts, want) {
		t.Errorf("got %+v\nwant %+v", facts, want)
	}
}

func TestInspectRefuses(t *testing.T) {
	for what, b := range map[string][]byte{
		"no archive":             []byte("hello"),
		"no package.json":        packed(t, "")[:20],
		"an empty one":           packed(t, ""),
		"a list":                 packed(t, "[]"),
		"two objects":            packed(t, `{"name":"a","version":"1.0.0"}{}`),
		"no name":                packed(t, `{"version":"1.0.0"}`),
		"a Name":                 packed(t, `{"Name":"a","version":"1.0.0"}`),
		"a name that is none":    packed(t, `{"name":"../a","version":"1.0.0"}`),
		"a name of three parts":  packed(t, `{"name":"@a/b/c","version":"1.0.0"}`),
		"no version":             packed(t, `{"name":"a"}`),
		"a version that's none":  packed(t, `{"name":"a","version":"latest"}`),
		"nested too deep":        packed(t, `{"name":"a","version":"1.0.0","x":`+strings.Repeat("[", 99)+strings.Repeat("]", 99)+`}`),
		"nested behind bad text": packed(t, "{\"name\":\"a\",\"version\":\"1.0.0\",\"a\":\"\xff\",\"x\":"+strings.Repeat("[", 99)+strings.Repeat("]", 99)+`}`),
		"a huge package.json":    packed(t, `{"x":"`+strings.Repeat("x", maxManifest)+`"}`),
	} {
		if _, err := inspect(packageFile, bytes.NewReader(b), int64(len(b))); !larder.Invalid.Is(err) {
			t.Errorf("%s: %v, want larder.Invalid", what, err)
		}
	}
	b := packed(t, `{"name":"a","version":"1.0.0"}`)
	if _, err := inspect("a.whl", bytes.NewReader(b), int64(len(b))); !larder.Invalid.Is(err) {
		t.Errorf("another asset: %v", err)
	}
}

func TestLicenses(t *testing.T) {
	for license, want := range map[string][]format.License{
		`"license":"(MIT OR Apache-2.0)"`:                      {{Name: "(MIT OR Apache-2.0)"}},
		`"license":{"type":"BSD","url":"https://bsd.example"}`: {{Name: "BSD", URL: "https://bsd.example"}},
		`"license":{"name":"ISC"}`:                             {{Name: "ISC"}},
		`"licenses":[{"type":"MIT","url":"u"},{"type":"GPL"}]`: {{Name: "MIT", URL: "u"}, {Name: "GPL"}},
		`"licenses":["MIT","ISC"]`:                             {{Name: "MIT"}, {Name: "ISC"}},
		`"license":["MIT"]`:                                    {{Name: "MIT"}},
		`"license":"","licenses":"ISC"`:                        {{Name: "ISC"}},
		`"license":{}`:                                         nil,
		`"license":17`:                                         nil,
		`"description":"none"`:                                 nil,
		`"license":"M\u0000IT"`:                                {{Name: "MIT"}},
	} {
		if got := inspected(t, `{"name":"a","version":"1.0.0",`+license+`}`).Licenses; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", license, got, want)
		}
	}
}

func TestSourceRepository(t *testing.T) {
	for spelled, want := range map[string]string{
		`"acme/widget"`:                        "https://github.com/acme/widget",
		`"acme/widget#main"`:                   "https://github.com/acme/widget#main",
		`"github:acme/widget"`:                 "https://github.com/acme/widget",
		`"gitlab:acme/group/widget"`:           "https://gitlab.com/acme/group/widget",
		`"bitbucket:acme/widget"`:              "https://bitbucket.org/acme/widget",
		`"gist:11081aaa281"`:                   "https://gist.github.com/11081aaa281",
		`"git+https://git.example/a/b.git"`:    "https://git.example/a/b.git",
		`"https://user:pw@git.example/a"`:      "https://git.example/a",
		`"http://git.example/a"`:               "http://git.example/a",
		`"git://git.example/a/b.git"`:          "https://git.example/a/b.git",
		`"git+ssh://git@git.example:22/a.git"`: "https://git.example/a.git",
		`"git@git.example:a/b.git"`:            "https://git.example/a/b.git",
		`"ssh://git@git.example:a/b.git"`:      "https://git.example/a/b.git",
		`{"type":"git","url":"acme/widget"}`:   "https://github.com/acme/widget",
		`{"url":"https://git.example/a"}`:      "https://git.example/a",
		`{"url":17}`:                           "",
		`"javascript:alert(1)"`:                "",
		`"file:///etc/passwd"`:                 "",
		`"https://"`:                           "",
		`"not a url"`:                          "",
		`17`:                                   "",
		`["acme/widget"]`:                      "",
	} {
		if got := inspected(t, `{"name":"a","version":"1.0.0","repository":`+spelled+`}`).SourceRepository; got != want {
			t.Errorf("%s: %q, want %q", spelled, got, want)
		}
	}
}

func TestHomePageIsOneThatABrowserMayOpen(t *testing.T) {
	for spelled, want := range map[string]string{
		`"https://a.example"`: "https://a.example", `"HTTP://a.example"`: "HTTP://a.example", `{"url":"https://a.example"}`: "https://a.example",
		`"javascript:alert(1)"`: "", `""`: "", `17`: "",
	} {
		if got := inspected(t, `{"name":"a","version":"1.0.0","homepage":`+spelled+`}`).HomePage; got != want {
			t.Errorf("%s: %q, want %q", spelled, got, want)
		}
	}
}

func TestDependencies(t *testing.T) {
	for manifest, want := range map[string][]format.Dependency{
		`"dependencies":{"@acme/a":"1","b":"npm:@acme/c@2"}`: {
			{Namespace: "acme", Name: "a", Type: "regular", Requirement: "1"}, {Name: "b", Type: "regular", Requirement: "npm:@acme/c@2"},
		},
		`"dependencies":{"a":"1","b":"1"},"optionalDependencies":{"a":"2"}`: {
			{Name: "b", Type: "regular", Requirement: "1"}, {Name: "a", Type: "optional", Requirement: "2"},
		},
		`"dependencies":{"a":1,"b":null,"c":["x"],"":"1"}`: nil,
		`"dependencies":"a@1, @acme/b@>=2 c"`: {
			{Name: "a", Type: "regular", Requirement: "1"}, {Namespace: "acme", Name: "b", Type: "regular", Requirement: ">=2"}, {Name: "c", Type: "regular"},
		},
		`"devDependencies":["a >= 1",17,"b"]`: {{Name: "a", Type: "dev", Requirement: ">= 1"}, {Name: "b", Type: "dev"}},
		`"dependencies":{"a/b":"1","@x":"1"}`: {{Name: "a/b", Type: "regular", Requirement: "1"}, {Name: "@x", Type: "regular", Requirement: "1"}},
		`"dependencies":17`:                   nil,
	} {
		if got := inspected(t, `{"name":"a","version":"1.0.0",`+manifest+`}`).Dependencies; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", manifest, got, want)
		}
	}
}

func TestManifestIsNormalised(t *testing.T) {
	for _, test := range []struct {
		what, manifest string
		more           []file
		key, want      string
	}{
		{"a command called like the package", `"bin":"./a.js"`, nil, "bin", `{"a":"a.js"}`},
		{"commands", `"bin":{"x":"./x.js","..\\y":"bin\\y.js","z":17,"..":"q"}`, nil, "bin", `{"x":"x.js","y":"bin/y.js"}`},
		{"a list of commands", `"bin":["bin/x","y"]`, nil, "bin", `{"x":"bin/x","y":"y"}`},
		{"commands that climb out", `"bin":{"x":"../../x"}`, nil, "bin", `{"x":"x"}`},
		{"no command", `"bin":{}`, nil, "bin", ""},
		{
			"a directory of commands", `"directories":{"bin":"./bin"}`,
			[]file{{"package/bin/x", ""}, {"package/bin/sub/y", ""}, {"package/bin/.z", ""}, {"package/binx", ""}},
			"bin", `{"x":"bin/x","y":"bin/sub/y"}`,
		},
		{"optional dependencies in both maps", `"dependencies":{"x":"1","y":"1"},"optionalDependencies":{"x":"1"}`, nil, "dependencies", `{"y":"1"}`},
		{"dependencies that are none", `"dependencies":{"x":1}`, nil, "dependencies", ""},
		{"all dependencies bundled", `"bundleDependencies":true,"dependencies":{"x":"1"}`, nil, "bundleDependencies", `["x"]`},
		{"dependencies bundled in a map", `"bundledDependencies":{"x":"1"}`, nil, "bundleDependencies", `["x"]`},
		{"none bundled", `"bundleDependencies":false`, nil, "bundleDependencies", ""},
		{"the old name is gone", `"bundledDependencies":["x"]`, nil, "bundledDependencies", ""},
		{"an install script", `"scripts":{"preinstall":"x"}`, nil, "hasInstallScript", "true"},
		{"other scripts only", `"scripts":{"prepare":"x","test":"y"}`, nil, "hasInstallScript", ""},
		{"an install script that is empty", `"scripts":{"install":""}`, nil, "hasInstallScript", ""},
		{"a claim of no install script", `"hasInstallScript":false,"scripts":{"install":"x"}`, nil, "hasInstallScript", "true"},
		{"a claim of an install script", `"hasInstallScript":true`, nil, "hasInstallScript", ""},
		{"scripts that are none", `"scripts":{"test":17,"install":["x"]}`, nil, "scripts", ""},
		{"a gyp file", ``, []file{{"package/binding.gyp", ""}}, "scripts", `{"install":"node-gyp rebuild"}`},
		{"a gyp file runs on install", ``, []file{{"package/binding.gyp", ""}}, "hasInstallScript", "true"},
		{"a gyp file that is not used", `"gypfile":false`, []file{{"package/binding.gyp", ""}}, "hasInstallScript", ""},
		{"a gyp file below", ``, []file{{"package/deps/binding.gyp", ""}}, "hasInstallScript", ""},
		{"a shrinkwrap", ``, []file{{"package/npm-shrinkwrap.json", "{}"}}, "_hasShrinkwrap", "true"},
		{"a claim of a shrinkwrap", `"_hasShrinkwrap":true`, nil, "_hasShrinkwrap", "false"},
		{"leftovers of an install", `"_resolved":"/home/x"`, nil, "_resolved", ""},
		{"a dist", `"dist":{"tarball":"http://evil.example"}`, nil, "dist", ""},
		{"keywords in a line", `"keywords":"a, b c"`, nil, "keywords", `["a","b","c"]`},
		{"keywords that are none", `"keywords":17`, nil, "keywords", ""},
		{"maintainers that are none", `"maintainers":"Ann"`, nil, "maintainers", ""},
		{"a deprecation", `"deprecated":true`, nil, "deprecated", `"deprecated"`},
		{"no deprecation", `"deprecated":false`, nil, "deprecated", ""},
		{"the last of two keys", `"main":"a.js","main":"b.js"`, nil, "main", `"b.js"`},
		{"text that is not UTF-8", "\"main\":\"a\xff\"", nil, "main", "\"a\ufffd\""},
	} {
		manifest := `{"name":"a","version":"1.0.0"}`
		if test.manifest != "" {
			manifest = `{"name":"a","version":"1.0.0",` + test.manifest + `}`
		}
		o, err := parseObject(inspected(t, manifest, test.more...).Manifest)
		if err != nil {
			t.Fatal(err)
		}
		got := string(o.values[test.key])
		if test.what == "a dist" {
			got = o.object("dist").text("tarball")
		}
		if got != test.want {
			t.Errorf("%s: %s is %s, want %s", test.what, test.key, got, test.want)
		}
	}
}

func FuzzInspectOfAnyManifest(f *testing.F) {
	f.Add([]byte(richManifest))
	f.Add([]byte("\ufeff" + `{"name":"a","version":"v1.0.0","bin":["x"],"dependencies":"a@1 b","licenses":[{}],"directories":{"bin":"."}}`))
	f.Add([]byte(`{"name":"@a/b","version":"1.0.0","":1,"bundledDependencies":true,"keywords":"a,b","repository":"git@h:p"}`))
	f.Fuzz(func(t *testing.T, manifest []byte) {
		b := packed(t, string(manifest), file{"package/README", string(manifest)}, file{"package/x.gyp", ""})
		facts, err := inspect(packageFile, bytes.NewReader(b), int64(len(b)))
		if err != nil {
			if !larder.Invalid.Is(err) {
				t.Errorf("%v is not the package's fault", err)
			}
			return
		}
		if _, _, err := canonical(facts.Namespace, facts.Name); err != nil || !strict(facts.Version) || !json.Valid(facts.Manifest) {
			t.Errorf("got %q %q %q: %s", facts.Namespace, facts.Name, facts.Version, facts.Manifest)
		}
		if err := members(facts.Manifest, "", func(_, _ []byte) {}); err != nil {
			t.Errorf("%v: %s", err, facts.Manifest)
		}
	})
}
