package registry_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// everything changes a package in all ways at once.
var everything = format.Change{
	Tags:   map[string]string{"next": "1.1.0", "old": ""},
	Notes:  map[string]json.RawMessage{"1.1.0": json.RawMessage(`{"deprecated":"no"}`)},
	Delete: []string{"1.0.0"},
}

func TestEachPartOfAChangeNeedsItsPermission(t *testing.T) {
	const metadata, versions, whole = "codeartifact:PutPackageMetadata", "codeartifact:DeletePackageVersions", "codeartifact:DeletePackage"
	v := fresh(t)
	for _, test := range []struct {
		claim  string
		change format.Change
		needs  []string
	}{
		{"tags", format.Change{Tags: everything.Tags}, []string{metadata}},
		{"notes", format.Change{Notes: everything.Notes}, []string{metadata}},
		{"versions", format.Change{Delete: everything.Delete}, []string{versions}},
		{"all three", everything, []string{metadata, versions}},
		{"the package", format.Change{DeletePackage: true}, []string{whole}},
	} {
		all := []string{metadata, versions, whole}
		for i, action := range test.needs {
			name := fmt.Sprint(strings.ReplaceAll(test.claim, " ", "-"), i)
			v.published(once, name, "1.0.0", "1.1.0")
			ctx := v.user(name, slices.DeleteFunc(slices.Clone(all), func(a string) bool { return a == action })...)
			before := v.describe(v.version(once, name, "1.1.0"))
			v.refused(test.claim+" without "+action, v.Amend(ctx, v.pkg(once, name), test.change), larder.Denied)
			v.refused("a package that is not there", v.Amend(ctx, v.pkg(once, "none"), test.change), larder.Denied)
			if after := v.describe(v.version(once, name, "1.1.0")); after != before {
				v.Errorf("%s without %s: got %s afterwards, want %s", test.claim, action, after, before)
			}

			v.allow(name, test.needs...)
			if err := v.Amend(ctx, v.pkg(once, name), test.change); err != nil {
				v.Errorf("%s with %v: %v", test.claim, test.needs, err)
			}
		}
	}
}

func TestAChangeHappensWholeOrNotAtAll(t *testing.T) {
	onEngines(t, func(v *env) {
		v.published(once, "thing", "1.0.0", "1.1.0")
		v.must(v.Amend(v.ctx, v.pkg(once, "thing"), format.Change{Tags: map[string]string{"old": "1.0.0", "latest": "1.1.0"}}))
		before := v.describe(v.version(once, "thing", "1.0.0")) + v.describe(v.version(once, "thing", "1.1.0"))
		v.changed.take()

		for claim, spoil := range map[string]func(*format.Change){
			"a tag of no version":              func(c *format.Change) { c.Tags["next"] = "9" },
			"a tag of a version that it takes": func(c *format.Change) { c.Tags["next"] = "1.0.0" },
			"a note of no version":             func(c *format.Change) { c.Notes["9"] = json.RawMessage(`{}`) },
			"a deletion of no version":         func(c *format.Change) { c.Delete = append(c.Delete, "9") },
			"a deletion that comes twice":      func(c *format.Change) { c.Delete = append(c.Delete, "1.0.0") },
		} {
			var c format.Change
			c.Tags, c.Notes, c.Delete = maps.Clone(everything.Tags), maps.Clone(everything.Notes), slices.Clone(everything.Delete)
			spoil(&c)
			v.refused(claim, v.Amend(v.ctx, v.pkg(once, "thing"), c), larder.NotFound)
			after := v.describe(v.version(once, "thing", "1.0.0")) + v.describe(v.version(once, "thing", "1.1.0"))
			if after != before {
				v.Errorf("%s: got %s afterwards, want %s", claim, after, before)
			}
		}
		v.shows(v.pkg(once, "thing"), "1.0.0=Published 1.1.0=Published latest>1.1.0 old>1.0.0")

		v.must(v.Amend(v.ctx, v.pkg(once, "thing"), everything))
		v.shows(v.pkg(once, "thing"), "1.1.0=Published latest>1.1.0 next>1.1.0")
		v.holds(v.version(once, "thing", "1.0.0"), theAsset, "-")
	})
}

func TestNotesArePatchedAndRemoved(t *testing.T) {
	onEngines(t, func(v *env) {
		v.published(once, "thing", "1.0.0")
		for _, test := range []struct{ set, want string }{
			{`{"deprecated":"old"}`, `{"deprecated":"old"}`},
			{`{"wrong":{"a":true}}`, `{"deprecated":"old","wrong":{"a":true}}`},
			{`{"wrong":{"b":true}}`, `{"deprecated":"old","wrong":{"a":true,"b":true}}`},
			{`{"wrong":{"a":null},"deprecated":null}`, `{"wrong":{"b":true}}`},
			{` null `, ""},
		} {
			before := v.describe(v.version(once, "thing", "1.0.0"))
			v.must(v.Amend(v.ctx, v.pkg(once, "thing"), format.Change{Notes: map[string]json.RawMessage{"1.0.0": json.RawMessage(test.set)}}))
			if v.describe(v.version(once, "thing", "1.0.0")) == before {
				v.Errorf("notes %s: the revision did not change", test.set)
			}
			p, err := v.Package(v.ctx, v.pkg(once, "thing"))
			v.must(err)
			for version, err := range p.Versions {
				v.must(err)
				if got := string(version.Notes); got != test.want || (version.Notes == nil) != (test.want == "") {
					v.Errorf("notes %s: got %q, want %q", test.set, got, test.want)
				}
			}
		}
	})
}

func TestAChangeOfNothingChangesNothing(t *testing.T) {
	v := fresh(t)
	v.published(once, "thing", "1.0.0")
	v.changed.take()
	before := v.describe(v.version(once, "thing", "1.0.0"))
	v.must(v.Amend(v.user("ada"), v.pkg(once, "thing"), format.Change{}))
	if after := v.describe(v.version(once, "thing", "1.0.0")); after != before || v.changed.take() != "" {
		v.Errorf("got %s, want %s", after, before)
	}
}

func TestAChangeOfWhatIsNotThere(t *testing.T) {
	v := fresh(t)
	v.refused("a package", v.Amend(v.ctx, v.pkg(once, "none"), everything), larder.NotFound)
	elsewhere := v.pkg(once, "thing")
	elsewhere.Repository.Name = "none"
	v.refused("a repository", v.Amend(v.ctx, elsewhere, everything), larder.NotFound)
}

// The permission goes between the first judgement and the commit.
func TestAChangeIsJudgedAtItsCommit(t *testing.T) {
	onEngines(t, func(v *env) {
		v.published(once, "thing", "1.0.0", "1.1.0")
		ctx := v.user("ada", "codeartifact:PutPackageMetadata", "codeartifact:DeletePackageVersions")
		v.atRandom(func() { v.allow("ada", "codeartifact:PutPackageMetadata") })
		v.refused("change", v.Amend(ctx, v.pkg(once, "thing"), everything), larder.Denied)
		v.shows(v.pkg(once, "thing"), "1.0.0=Published 1.1.0=Published")
	})
}

func TestAChangeOfWhatIsDeletedMeanwhile(t *testing.T) {
	onEngines(t, func(v *env) {
		v.published(once, "thing", "1.0.0", "1.1.0")
		v.atRandom(func() {
			_, err := v.DeletePackage(v.ctx, v.pkg(once, "thing"))
			v.must(err)
		})
		v.refused("change", v.Amend(v.ctx, v.pkg(once, "thing"), everything), larder.NotFound)
	})
}
