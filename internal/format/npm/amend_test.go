package npm

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// written is the packument as a client gets it to change it.
func written(t *testing.T, base, name string) anyObject {
	t.Helper()
	return getObject(t, base+escaped(name)+"?write=true")
}

func body(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func threeVersions(t *testing.T) (*memory, string) {
	registry, base := serve(t)
	for _, version := range []string{"1.0.0", "1.1.0", "2.0.0"} {
		mustPublish(t, base, "@acme/widget", version)
	}
	return registry, base
}

func deprecate(o anyObject, version string, message any) {
	at(o, "versions", version).(anyObject)["deprecated"] = message
}

func TestDeprecateChangesTheVersionsThatDiffer(t *testing.T) {
	registry, base := threeVersions(t)
	shown := func(version string) any {
		return at(getObject(t, base+"@acme%2fwidget", "Accept: "+shortType), "versions", version, "deprecated")
	}
	o := written(t, base, "@acme/widget")
	deprecate(o, "1.0.0", "use \"2\" <now>")
	deprecate(o, "1.1.0", true)
	expect(t, http.StatusOK, "PUT", base+"@acme%2fwidget", body(t, o))
	want := map[string]json.RawMessage{
		"1.0.0": json.RawMessage(`{"deprecated":"use \"2\" <now>"}`), "1.1.0": json.RawMessage(`{"deprecated":"deprecated"}`),
	}
	if !reflect.DeepEqual(registry.change.Notes, want) || registry.change.Tags != nil || registry.change.Delete != nil {
		t.Errorf("asked for %s", registry.change.Notes)
	}
	if shown("1.0.0") != "use \"2\" <now>" || shown("2.0.0") != nil {
		t.Errorf("shown are %v and %v", shown("1.0.0"), shown("2.0.0"))
	}

	registry.change = nil
	expect(t, http.StatusOK, "PUT", base+"@acme%2fwidget", body(t, written(t, base, "@acme/widget")))
	if registry.change != nil {
		t.Errorf("nothing differs, but asked for %+v", registry.change)
	}

	o = written(t, base, "@acme/widget")
	deprecate(o, "1.0.0", "")
	delete(at(o, "versions", "1.1.0").(anyObject), "deprecated")
	expect(t, http.StatusOK, "PUT", base+"@acme%2fwidget", body(t, o))
	if shown("1.0.0") != nil || shown("1.1.0") != nil {
		t.Errorf("lifted, but shown are %v and %v", shown("1.0.0"), shown("1.1.0"))
	}
	if got := string(registry.change.Notes["1.0.0"]); got != "null" {
		t.Errorf("the note is %s, want null", got)
	}
}

func TestDeprecationThatCameWithTheVersionIsLiftedByANote(t *testing.T) {
	_, base := serve(t)
	p := newPublication(t, "left-pad", "1.0.0")
	p.tarball = packed(t, `{"name":"left-pad","version":"1.0.0","deprecated":"born old"}`)
	mustPut(t, base, p)
	o := written(t, base, "left-pad")
	if got := at(o, "versions", "1.0.0", "deprecated"); got != "born old" {
		t.Fatalf("deprecated is %v", got)
	}
	deprecate(o, "1.0.0", "")
	expect(t, http.StatusOK, "PUT", base+"left-pad", body(t, o))
	o = written(t, base, "left-pad")
	if got := at(o, "versions", "1.0.0", "deprecated"); got != nil {
		t.Errorf("lifted, but deprecated is %v", got)
	}
	deprecate(o, "1.0.0", "born old")
	expect(t, http.StatusOK, "PUT", base+"left-pad", body(t, o))
	if got := at(getObject(t, base+"left-pad"), "versions", "1.0.0", "deprecated"); got != "born old" {
		t.Errorf("deprecated again, but shown is %v", got)
	}
}

func TestAnUnchangedPackumentChangesNothing(t *testing.T) {
	registry, base := serve(t)
	registry.packages[ref("", "old")] = &stored{versions: map[string]*storedVersion{
		"1.0.0": {status: larder.Published, facts: format.Facts{Manifest: json.RawMessage(`{"dist":{},"deprecated":true}`)}},
		"2.0.0": {status: larder.Published, facts: format.Facts{Manifest: json.RawMessage(`{"dist":{},"deprecated":false}`)}},
	}}
	expect(t, http.StatusOK, "PUT", base+"old", body(t, written(t, base, "old")))
	if registry.change != nil {
		t.Errorf("asked for %+v", registry.change)
	}
}

func TestAPartOfAPackumentDeletesNothing(t *testing.T) {
	registry, base := threeVersions(t)
	expect(t, http.StatusOK, "PUT", base+"@acme%2fwidget",
		`{"name":"@acme/widget","versions":{"1.0.0":{"deprecated":"old"}}}`)
	if got := len(registry.packages[ref("acme", "widget")].versions); got != 3 {
		t.Errorf("%d versions are left", got)
	}
	if got := at(getObject(t, base+"@acme/widget"), "versions", "1.0.0", "deprecated"); got != "old" {
		t.Errorf("deprecated is %v", got)
	}
}

func TestDocumentsThatAreNoPackumentChangeNothing(t *testing.T) {
	for what, document := range map[string]string{
		"npm star":                `{"_id":"@acme/widget","_rev":"REV","users":{"alice":true}}`,
		"npm unstar":              `{"_id":"@acme/widget","_rev":"REV","users":{}}`,
		"npm owner":               `{"_id":"@acme/widget","_rev":"REV","maintainers":[{"name":"bob"}]}`,
		"pnpm star":               `{"name":"@acme/widget","_rev":"REV","users":{"alice":true},"versions":{"1.0.0":{}}}`,
		"null for versions":       `{"name":"@acme/widget","_rev":"REV","versions":null}`,
		"another package":         `{"name":"left-pad","_rev":"REV","versions":{"1.0.0":{}}}`,
		"a version that is new":   `{"name":"@acme/widget","_rev":"REV","versions":{"1.0.0":{},"3.0.0":{}}}`,
		"an attachment's mention": `{"name":"@acme/widget","_rev":"REV","versions":{"3.0.0":{}},"_attachments":{"widget-3.0.0.tgz":{"stub":true,"length":3}}}`,
		"too long a message":      `{"name":"@acme/widget","_rev":"REV","versions":{"1.0.0":{"deprecated":"` + strings.Repeat("x", maxNote+1) + `"}}}`,
		"versions in a list":      `{"name":"@acme/widget","_rev":"REV","versions":[]}`,
		"nothing":                 `{}`,
	} {
		registry, base := threeVersions(t)
		rev := written(t, base, "@acme/widget")["_rev"].(string)
		document := strings.ReplaceAll(document, "REV", rev)
		for _, path := range []string{"@acme%2fwidget", "@acme%2fwidget/-rev/" + rev, "@acme/widget/-rev/" + rev} {
			if r := request(t, "PUT", base+path, document); r.StatusCode != http.StatusBadRequest && r.StatusCode != http.StatusRequestEntityTooLarge || registry.change != nil {
				t.Errorf("%s at %s: %s: %s", what, path, r.Status, r.body)
			}
		}
	}
}

func TestUnpublishOfOneVersion(t *testing.T) {
	registry, base := threeVersions(t)
	registry.restatus(ref("acme", "widget"), "1.1.0", larder.Unlisted)
	expect(t, http.StatusOK, "PUT", base+"-/package/@acme%2fwidget/dist-tags/old", `"1.0.0"`)
	expect(t, http.StatusOK, "PUT", base+"-/package/@acme%2fwidget/dist-tags/next", `"2.0.0"`)

	o := written(t, base, "@acme/widget")
	delete(o["versions"].(anyObject), "2.0.0")
	tags := o["dist-tags"].(anyObject)
	delete(tags, "old")
	delete(tags, "next")
	tags["latest"] = "1.0.0"
	expect(t, http.StatusOK, "PUT", base+"@acme%2fwidget/-rev/"+o["_rev"].(string), body(t, o))
	want := format.Change{Delete: []string{"2.0.0"}, Tags: map[string]string{"latest": "1.0.0", "old": ""}}
	if !reflect.DeepEqual(*registry.change, want) {
		t.Errorf("asked for %+v, want %+v: next goes with its version, an unlisted one is not missed", *registry.change, want)
	}

	registry.change = nil
	rev := written(t, base, "@acme/widget")["_rev"].(string)
	expect(t, http.StatusOK, "DELETE", base+"@acme/widget/-/widget-2.0.0.tgz/-rev/"+rev, "")
	if registry.change != nil {
		t.Errorf("the version is gone, but asked for %+v", registry.change)
	}
	expect(t, http.StatusOK, "DELETE", base+"@acme%2fwidget/-/widget-1.1.0.tgz/-rev/"+rev, "")
	if got := registry.change.Delete; !slices.Equal(got, []string{"1.1.0"}) {
		t.Errorf("asked to delete %v", got)
	}
	expect(t, http.StatusNotFound, "DELETE", base+"@acme%2fwidget/-/left-pad-1.1.0.tgz/-rev/"+rev, "")
}

func TestUnpublishAsNpm6Spells(t *testing.T) {
	for _, name := range []string{"left-pad", "@acme/widget"} {
		registry, base := serve(t)
		mustPublish(t, base, name, "1.0.0")
		mustPublish(t, base, name, "1.1.0")
		_, bare, _ := cut(name)
		path := strings.TrimPrefix(endpoint, "/") + name + "/-/" + bare + "-1.1.0.tgz/-rev/" + written(t, base, name)["_rev"].(string)
		expect(t, http.StatusOK, "DELETE", base+path, "")
		if got := registry.change.Delete; !slices.Equal(got, []string{"1.1.0"}) {
			t.Errorf("asked to delete %v", got)
		}
	}
	_, base := serve(t)
	for _, path := range []string{"", "left-pad", "a/b/c", "a/-/b", "-rev/1", "a/-/b/c/-rev/1"} {
		expect(t, http.StatusNotFound, "DELETE", base+path, "")
	}
}

func TestUnpublishOfAll(t *testing.T) {
	registry, base := threeVersions(t)
	rev := written(t, base, "@acme/widget")["_rev"].(string)
	expect(t, http.StatusOK, "DELETE", base+"@acme%2fwidget/-rev/"+rev, "")
	if !registry.change.DeletePackage || len(registry.packages) != 0 {
		t.Errorf("asked for %+v", registry.change)
	}
	expect(t, http.StatusNotFound, "DELETE", base+"@acme%2fwidget/-rev/"+rev, "")
}

func TestUnpublishByAnEmptyPackumentSparesWhatIsNotListed(t *testing.T) {
	registry, base := threeVersions(t)
	registry.restatus(ref("acme", "widget"), "1.0.0", larder.Unlisted)
	rev := written(t, base, "@acme/widget")["_rev"].(string)
	expect(t, http.StatusOK, "PUT", base+"@acme%2fwidget/-rev/"+rev, `{"versions":{}}`)
	if got := registry.change.Delete; !slices.Equal(got, []string{"1.1.0", "2.0.0"}) {
		t.Errorf("asked to delete %v", got)
	}
}

func TestUnpublishRefuses(t *testing.T) {
	for _, test := range []struct {
		what, document string
		status         int
	}{
		{"a tag of a version that goes", `{"versions":{"1.0.0":{}},"dist-tags":{"latest":"2.0.0"}}`, 400},
		{"a tag of no version", `{"versions":{"1.0.0":{}},"dist-tags":{"latest":"9.0.0"}}`, 404},
		{"a tag that is a range", `{"versions":{"1.0.0":{}},"dist-tags":{"1.x":"1.0.0"}}`, 400},
		{"a tarball", newPublication(t, "@acme/widget", "3.0.0").document(), 400},
	} {
		registry, base := threeVersions(t)
		rev := written(t, base, "@acme/widget")["_rev"].(string)
		if r := request(t, "PUT", base+"@acme%2fwidget/-rev/"+rev, test.document); r.StatusCode != test.status || registry.change != nil {
			t.Errorf("%s: %s: %s", test.what, r.Status, r.body)
		}
	}
}

func TestAStaleRevisionIsAConflict(t *testing.T) {
	registry, base := threeVersions(t)
	o := written(t, base, "@acme/widget")
	stale := o["_rev"].(string)
	deprecate(o, "1.0.0", "old")
	mustPublish(t, base, "@acme/widget", "3.0.0")
	registry.change = nil
	for _, r := range []response{
		request(t, "PUT", base+"@acme%2fwidget", body(t, o)),
		request(t, "PUT", base+"@acme%2fwidget/-rev/"+stale, body(t, o)),
		request(t, "DELETE", base+"@acme%2fwidget/-rev/"+stale, ""),
		request(t, "DELETE", base+"@acme/widget/-/widget-1.0.0.tgz/-rev/"+stale, ""),
	} {
		if r.StatusCode != http.StatusConflict || !strings.Contains(r.body, "try again") || registry.change != nil {
			t.Errorf("%s %s: %s: %s", r.Request.Method, r.Request.URL, r.Status, r.body)
		}
	}
}

func TestEachPartOfAChangeIsJudged(t *testing.T) {
	for _, test := range []struct{ denied, method, path, document string }{
		{"PutPackageMetadata", "PUT", "@acme%2fwidget", `{"versions":{"1.0.0":{"deprecated":"old"}}}`},
		{"PublishPackageVersion", "PUT", "@acme%2fwidget", `{"versions":{"1.0.0":{"deprecated":"old"}}}`},
		{"DeletePackageVersions", "PUT", "@acme%2fwidget/-rev/REV", `{"versions":{"1.0.0":{}}}`},
		{"DeletePackageVersions", "DELETE", "@acme/widget/-/widget-1.0.0.tgz/-rev/REV", ""},
		{"DeletePackage", "DELETE", "@acme%2fwidget/-rev/REV", ""},
	} {
		registry, base := threeVersions(t)
		rev := written(t, base, "@acme/widget")["_rev"].(string)
		registry.denied[test.denied] = true
		r := request(t, test.method, base+strings.ReplaceAll(test.path, "REV", rev), test.document)
		if r.StatusCode != http.StatusForbidden || !strings.Contains(r.body, "not authorized to perform: codeartifact:"+test.denied) {
			t.Errorf("%s without %s: %s: %s", test.path, test.denied, r.Status, r.body)
		}
	}
}

func TestALargePackumentCanBeWrittenBack(t *testing.T) {
	_, base := threeVersions(t)
	padding := strings.Repeat("x", maxDocument)
	expect(t, http.StatusOK, "PUT", base+"@acme%2fwidget",
		`{"versions":{"1.0.0":{"deprecated":"old"},"1.1.0":{"x":"`+padding+`"}},"readme":"`+padding+`"}`)
}
