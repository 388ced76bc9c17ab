package npm

import (
	"net/http"
	"testing"
)

func TestFileVersionReadsEverySpelling(t *testing.T) {
	for _, test := range []struct {
		namespace, name, file, want string
	}{
		{"", "left-pad", "left-pad-1.3.0.tgz", "1.3.0"},
		{"", "left-pad", "left-pad-1.3.0-beta.1.tgz", "1.3.0-beta.1"},
		{"", "left-pad", "left-pad-1.3.0+build.tgz", "1.3.0+build"},
		{"acme", "widget", "widget-1.0.0.tgz", "1.0.0"},
		{"acme", "widget", "@acme/widget-1.0.0.tgz", "1.0.0"},
		{"", "a-1", "a-1-2.0.0.tgz", "2.0.0"},
		{"", "left-pad", "left-pad-1.3.0.tar.gz", ""},
		{"", "left-pad", "left-pad-.tgz", ""},
		{"", "left-pad", "left-pad.tgz", ""},
		{"", "left-pad", "right-pad-1.3.0.tgz", ""},
		{"", "left-pad", "@acme/left-pad-1.3.0.tgz", ""},
		{"acme", "widget", "@other/widget-1.0.0.tgz", ""},
		{"", "left-pad", "left-pad-1.0.0/../x.tgz", ""},
	} {
		got, ok := fileVersion(ref(test.namespace, test.name), test.file)
		if got != test.want || ok != (test.want != "") {
			t.Errorf("fileVersion(%s, %q) = %q, %v", display(test.namespace, test.name), test.file, got, ok)
		}
	}
}

func FuzzFileVersionIsTheInverseOfTarballFile(f *testing.F) {
	f.Add("left-pad", "left-pad-1.3.0.tgz")
	f.Add("a", "a-.tgz")
	f.Fuzz(func(t *testing.T, name, file string) {
		if version, ok := fileVersion(ref("", name), file); ok && tarballFile(name, version) != file {
			t.Errorf("tarballFile(%q, %q) = %q, want %q", name, version, tarballFile(name, version), file)
		}
	})
}

func TestEverySpellingOfAPathIsUnderstood(t *testing.T) {
	_, base := serve(t)
	mustPublish(t, base, "@acme/widget", "1.0.0")
	mustPublish(t, base, "left-pad", "1.0.0")
	for path, want := range map[string]int{
		"left-pad":                                  200,
		"left-pad/1.0.0":                            200,
		"left-pad/latest":                           200,
		"left-pad/2.0.0":                            404,
		"left-pad/-/left-pad-1.0.0.tgz":             200,
		"left-pad/-/left-pad-2.0.0.tgz":             404,
		"left-pad/-/right-pad-1.0.0.tgz":            404,
		"@acme/widget":                              200,
		"@acme%2fwidget":                            200,
		"@acme%2Fwidget":                            200,
		"%40acme%2Fwidget":                          200,
		"@acme/widget/1.0.0":                        200,
		"@acme%2fwidget/1.0.0":                      200,
		"@acme%2fwidget/latest":                     200,
		"@acme/widget/-/widget-1.0.0.tgz":           200,
		"@acme%2fwidget/-/widget-1.0.0.tgz":         200,
		"@acme/widget/-/@acme/widget-1.0.0.tgz":     200,
		"@acme%2fwidget/-/@acme%2fwidget-1.0.0.tgz": 200,
		"-/package/@acme%2fwidget/dist-tags":        200,
		"-/package/@acme/widget/dist-tags":          200,
		"-/package/left-pad/dist-tags":              200,
		"a%2F..%2Fb":                                404,
		"..%2Fleft-pad":                             404,
		".hidden":                                   400,
		"@acme":                                     400,
	} {
		r := request(t, "GET", base+path, "")
		if r.StatusCode != want {
			t.Errorf("GET %s: %s, want %d: %s", path, r.Status, want, r.body)
		}
		if got := r.Header.Get("Content-Type"); got != jsonType && r.StatusCode != http.StatusOK {
			t.Errorf("GET %s answers with %s: %s", path, got, r.body)
		}
	}
}
