package npm

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"larder.example/larder"
)

func TestTagsAreSetAndRemoved(t *testing.T) {
	for _, name := range []string{"left-pad", "@acme/widget"} {
		registry, base := serve(t)
		mustPublish(t, base, name, "1.0.0")
		mustPublish(t, base, name, "1.1.0-beta.1")
		tags := base + "-/package/" + escaped(name) + "/dist-tags"
		for _, step := range []struct {
			method, path, body string
			status             int
			want               map[string]string
		}{
			{"PUT", "/beta", `"1.1.0-beta.1"`, 200, map[string]string{"latest": "1.1.0-beta.1", "beta": "1.1.0-beta.1"}},
			{"PUT", "/latest", ` "1.0.0" `, 200, map[string]string{"latest": "1.0.0", "beta": "1.1.0-beta.1"}},
			{"PUT", "/dist-tags", `"1.0.0"`, 200, map[string]string{"latest": "1.0.0", "beta": "1.1.0-beta.1", "dist-tags": "1.0.0"}},
			{"DELETE", "/dist-tags", "", 200, map[string]string{"latest": "1.0.0", "beta": "1.1.0-beta.1"}},
			{"PUT", "/beta", `1.0.0`, 400, nil},
			{"PUT", "/beta", `"1.0.0" 2`, 400, nil},
			{"PUT", "/beta", `{"beta":"1.0.0"}`, 400, nil},
			{"PUT", "/beta", `"9.9.9"`, 404, nil},
			{"PUT", "/beta", `""`, 404, nil},
			{"POST", "", `{"beta":""}`, 404, nil},
			{"PUT", "", `{"beta":""}`, 404, nil},
			{"PUT", "/1.x", `"1.0.0"`, 400, nil},
			{"PUT", "/a%2fb", `"1.0.0"`, 400, nil},
			{"DELETE", "/gamma", "", 404, nil},
			{"POST", "", `{"gamma":"1.0.0"}`, 200, map[string]string{"latest": "1.0.0", "beta": "1.1.0-beta.1", "gamma": "1.0.0"}},
			{"POST", "", `{"gamma":"1.0.0","delta":"9.9.9"}`, 404, map[string]string{"latest": "1.0.0", "beta": "1.1.0-beta.1", "gamma": "1.0.0"}},
			{"POST", "", `null`, 400, nil},
			{"PUT", "", `{"latest":"1.0.0","delta":"1.0.0"}`, 200, map[string]string{"latest": "1.0.0", "delta": "1.0.0"}},
			{"DELETE", "/delta", "", 200, map[string]string{"latest": "1.0.0"}},
			{"DELETE", "/latest", "", 200, map[string]string{}},
			{"DELETE", "/latest", "", 404, map[string]string{}},
		} {
			r := request(t, step.method, tags+step.path, step.body)
			if r.StatusCode != step.status {
				t.Errorf("%s %s %s: %s: %s", step.method, step.path, step.body, r.Status, r.body)
			}
			if r.StatusCode == http.StatusOK && !strings.Contains(r.body, `"ok":true`) {
				t.Errorf("yarn 1 does not take %s for a success", r.body)
			}
			namespace, bare, _ := cut(name)
			got := registry.packages[ref(namespace, bare)].tags
			if step.want != nil && !maps.Equal(got, step.want) {
				t.Errorf("after %s %s: tags are %v, want %v", step.method, step.path, got, step.want)
			}
		}
		if got := getObject(t, tags); len(got) != 1 || got["latest"] != "1.0.0" {
			t.Errorf("without a stored latest, dist-tags are %v", got)
		}
	}
}

func TestTagsOfWhatIsNotThere(t *testing.T) {
	registry, base := serve(t)
	expect(t, http.StatusNotFound, "GET", base+"-/package/nope/dist-tags", "")
	expect(t, http.StatusNotFound, "PUT", base+"-/package/nope/dist-tags/beta", `"1.0.0"`)
	mustPublish(t, base, "left-pad", "1.0.0")
	registry.denied["PutPackageMetadata"] = true
	expect(t, http.StatusForbidden, "PUT", base+"-/package/left-pad/dist-tags/beta", `"1.0.0"`)
	registry.denied["PutPackageMetadata"] = false
	registry.restatus(ref("", "left-pad"), "1.0.0", larder.Archived)
	expect(t, http.StatusNotFound, "PUT", base+"-/package/left-pad/dist-tags/beta", `"1.0.0"`)
}
