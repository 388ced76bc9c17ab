package npm

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"larder.example/larder"
)

func TestSearch(t *testing.T) {
	registry, base := serve(t)
	for _, manifest := range []string{
		`{"name":"left-pad","version":"1.0.0","description":"Pads on the left","keywords":["string","pad"]}`,
		`{"name":"right-pad","version":"1.0.0","description":"As left-pad, elsewhere","keywords":["String"],"bugs":{"url":"https://bugs.example"}}`,
		`{"name":"@acme/pad","version":"1.0.0","homepage":"https://pad.example","repository":"acme/pad","license":"MIT"}`,
		`{"name":"@acme/other","version":"1.0.0","description":"<Nothing> & \"more\"","homepage":"javascript:alert(1)"}`,
		`{"name":"hidden-pad","version":"1.0.0"}`,
	} {
		o, err := parseObject([]byte(manifest))
		if err != nil {
			t.Fatal(err)
		}
		p := newPublication(t, o.text("name"), "1.0.0")
		p.tarball = packed(t, manifest)
		mustPut(t, base, p)
	}
	registry.restatus(ref("", "hidden-pad"), "1.0.0", larder.Unlisted)
	for _, test := range []struct {
		query string
		want  string
		total float64
	}{
		{"text=pad", "@acme/pad left-pad right-pad", 3},
		{"text=PAD+left", "left-pad right-pad", 2},
		{"text=left-pad", "left-pad right-pad", 2},
		{"text=keywords:string", "left-pad right-pad", 2},
		{"text=keywords:pad,nope", "left-pad", 1},
		{"text=scope:acme", "@acme/other @acme/pad", 2},
		{"text=scope:@acme+pad", "@acme/pad", 1},
		{"text=nothing", "@acme/other", 1},
		{"text=zzz", "", 0},
		{"", "left-pad right-pad @acme/other @acme/pad", 4},
		{"text=pad&size=1", "@acme/pad", 3},
		{"text=pad&size=1&from=1", "left-pad", 3},
		{"text=pad&from=9", "", 3},
		{"text=pad&size=-1&from=x", "@acme/pad left-pad right-pad", 3},
	} {
		o := getObject(t, base+"-/v1/search?"+test.query)
		var names []string
		for _, hit := range o["objects"].([]any) {
			names = append(names, at(hit.(anyObject), "package", "name").(string))
		}
		if got := strings.Join(names, " "); got != test.want || o["total"] != test.total {
			t.Errorf("%s: found %s of %v, want %s of %v", test.query, got, o["total"], test.want, test.total)
		}
	}
	golden(t, "search", base, expect(t, http.StatusOK, "GET", base+"-/v1/search?size=9&text=acme", "").body)
	registry.denied["ReadFromRepository"] = true
	expect(t, http.StatusForbidden, "GET", base+"-/v1/search?text=pad", "")
}

func TestRankPutsNamesFirst(t *testing.T) {
	s := summary{Name: "@acme/Widget", Description: "Makes things", Keywords: []string{"tool"}}
	var ranks []float64
	for _, text := range []string{"widget", "widg", "things", "tool", "nope"} {
		ranks = append(ranks, parseQuery(url.PathEscape(text)).rank(s))
	}
	if !slices.IsSortedFunc(ranks, func(a, b float64) int { return int(100*b) - int(100*a) }) || ranks[4] != 0 {
		t.Errorf("ranks are %v", ranks)
	}
}
