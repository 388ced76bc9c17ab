package registry_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/registry"
)

func TestPatternsSpellNamesAsTheyAreStored(t *testing.T) {
	v := fresh(t)
	v.Formats[larder.PyPI] = &format.Format{Name: larder.PyPI, Names: format.Names{Canonical: func(namespace, name string) (string, string, error) {
		if strings.HasSuffix(name, "-") {
			return "", "", larder.Errorf(larder.Invalid, "no name ends like that")
		}
		return namespace, strings.ToLower(name), nil
	}}}
	for pattern, ok := range map[string]bool{
		"/pypi//two-words$": true, "/pypi//Two-Words$": false, "/pypi//two~": true, "/pypi//Two~": false, "/pypi//two-*": true,
		"/nuget//anything$": true, "/conan//x$": false, "/once//*": true,
	} {
		_, err := v.CreatePackageGroup(v.ctx, registry.NewPackageGroup{Ref: v.groupRef(pattern)})
		if ok != (err == nil) || err != nil && !larder.Invalid.Is(err) {
			t.Errorf("%s: got %v", pattern, err)
		}
	}
}

func TestGroupsAreDescribedByWhatIsInForce(t *testing.T) {
	onEngines(t, func(v *env) {
		v.lay("lib:")
		v.restrict("/once/*", "PUBLISH="+specific+"+lib+app EXTERNAL_UPSTREAM=BLOCK")
		v.restrict("/once//thing~", "EXTERNAL_UPSTREAM=ALLOW")
		v.restrict("/once//thing-1$", "")
		v.restrict("/growing/*", "")
		spell := func(g registry.DescribedPackageGroup) string {
			said := g.Ref.Pattern + " in " + g.Parent
			for _, k := range meta.Restrictions {
				x := g.Restrictions[k]
				said += fmt.Sprintf(" %s:%s/%s/%s/%d", k[:3], x.Mode, x.Effective, x.InheritedFrom, x.Repositories)
			}
			return strings.ReplaceAll(said, specific, "SOME")
		}
		list := func(page []registry.DescribedPackageGroup, err error) (all []string) {
			v.Helper()
			v.must(err)
			for _, g := range page {
				all = append(all, spell(g))
			}
			return all
		}
		want := []string{
			"/* in  PUB:ALLOW/ALLOW//0 INT:ALLOW/ALLOW//0 EXT:ALLOW/ALLOW//0",
			"/growing/* in /* PUB:INHERIT/ALLOW//*/0 INT:INHERIT/ALLOW//*/0 EXT:INHERIT/ALLOW//*/0",
			"/once/* in /* PUB:SOME/SOME//2 INT:INHERIT/ALLOW//*/0 EXT:BLOCK/BLOCK//0",
			"/once//thing-1$ in /once//thing~ PUB:INHERIT/SOME//once/*/0 INT:INHERIT/ALLOW//*/0 EXT:INHERIT/ALLOW//once//thing~/0",
			"/once//thing~ in /once/* PUB:INHERIT/SOME//once/*/0 INT:INHERIT/ALLOW//*/0 EXT:ALLOW/ALLOW//0",
		}
		if got := list(v.ListPackageGroups(v.ctx, v.app.Domain, "", "", 10)); !slices.Equal(got, want) {
			t.Errorf("all: got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		if got := list(v.ListPackageGroups(v.ctx, v.app.Domain, "/once//", "/once//thing-1$", 10)); !slices.Equal(got, want[4:]) {
			t.Errorf("of a prefix, behind one: got %v", got)
		}
		if got := list(v.ListSubPackageGroups(v.ctx, v.groupRef("/*"), "", 10)); !slices.Equal(got, want[1:3]) {
			t.Errorf("below all: got %v", got)
		}
		if got := list(v.ListSubPackageGroups(v.ctx, v.groupRef("/*"), "", 1)); !slices.Equal(got, want[1:2]) {
			t.Errorf("below all, one: got %v", got)
		}
		one, err := v.DescribePackageGroup(v.ctx, v.groupRef("/once//thing-1$"))
		if v.must(err); spell(one) != want[3] {
			t.Errorf("one: got %s", spell(one))
		}
		// Who was below a group that goes is below that one's parent.
		was, err := v.DeletePackageGroup(v.ctx, v.groupRef("/once//thing~"))
		if v.must(err); spell(was) != want[4] {
			t.Errorf("deleted: got %s", spell(was))
		}
		one, err = v.DescribePackageGroup(v.ctx, v.groupRef("/once//thing-1$"))
		if v.must(err); one.Parent != "/once/*" || one.Restrictions[meta.ExternalUpstream].Effective != meta.Block {
			t.Errorf("got %s", spell(one))
		}
	})
}

func TestTheRootGroupStays(t *testing.T) {
	v := fresh(t)
	_, err := v.DeletePackageGroup(v.ctx, v.groupRef("/*"))
	v.refused("delete", err, larder.Invalid)
	_, _, err = v.UpdatePackageGroupOriginConfiguration(v.ctx, v.groupRef("/*"), registry.GroupOrigin{
		Modes: map[registry.Restriction]registry.Mode{meta.Publish: meta.Inherit},
	})
	v.refused("inherit", err, larder.Invalid)
	_, err = v.CreatePackageGroup(v.ctx, registry.NewPackageGroup{Ref: v.groupRef("/*")})
	v.refused("create", err, larder.Conflict)
	g, err := v.DescribePackageGroup(v.ctx, v.groupRef("/*"))
	if v.must(err); g.CreatedAt != v.clock.Now() {
		t.Errorf("made at %v", g.CreatedAt)
	}
}

// All of a change is made, or none of it.
func TestListsOfAGroupChangeTogether(t *testing.T) {
	v := fresh(t)
	v.lay("lib:")
	v.restrict("/once/*", "PUBLISH="+specific+"+lib")
	list := func(k registry.Restriction, names ...string) (all []registry.ListedRepository) {
		for _, name := range names {
			all = append(all, registry.ListedRepository{Restriction: k, Repository: name})
		}
		return all
	}
	_, _, err := v.UpdatePackageGroupOriginConfiguration(v.ctx, v.groupRef("/once/*"), registry.GroupOrigin{
		Modes: map[registry.Restriction]registry.Mode{meta.Publish: meta.Block}, Add: list(meta.Publish, "app", "none"),
	})
	v.refused("a repository that there is not", err, larder.NotFound)
	g, change, err := v.UpdatePackageGroupOriginConfiguration(v.ctx, v.groupRef("/once/*"), registry.GroupOrigin{
		Add: list(meta.Publish, "app", "lib"), Remove: list(meta.Publish, "app"),
	})
	v.must(err)
	if x := g.Restrictions[meta.Publish]; x.Mode != meta.AllowSpecific || x.Repositories != 1 {
		t.Errorf("got %+v", x)
	}
	if want := list(meta.Publish, "app"); !slices.Equal(change.Added, want) || !slices.Equal(change.Removed, want) {
		t.Errorf("changed: got %+v", change)
	}
}

func TestPackagesAreOfTheirMostSpecificGroup(t *testing.T) {
	onEngines(t, func(v *env) {
		v.lay("lib:")
		for _, name := range []string{"thing", "Thing", "thing-1", "thing_1", "thinga", "other"} {
			v.published(once, name, "1")
		}
		v.must(v.publish(v.of("lib", once, "1"), "x")) // which app has too
		v.restrict("/once//thing~", "")
		v.restrict("/once//thing-1$", "")
		list := func(pattern string, preview bool, most int) string {
			v.Helper()
			var said []string
			for last, pages := (registry.PackageKey{}), 0; ; pages++ {
				page, next, err := v.ListAssociatedPackages(v.ctx, v.groupRef(pattern), preview, last, most)
				v.must(err)
				for _, x := range page {
					said = append(said, x.Name+":"+string(x.Strength))
				}
				if next == nil {
					return strings.Join(said, " ")
				}
				if last = *next; len(page) > most || pages > 10 {
					t.Fatalf("%s: a page of %d, the %dth", pattern, len(page), pages)
				}
			}
		}
		for _, tt := range []struct {
			pattern string
			preview bool
			want    string
		}{
			{"/*", false, "other:STRONG thinga:STRONG"},
			{"/once//thing~", false, "Thing:WEAK thing:STRONG"},
			{"/once//thing-1$", false, "thing-1:STRONG thing_1:WEAK"},
			{"/once//thing_1$", true, "thing_1:STRONG"},
			{"/once//thing~", true, "Thing:WEAK thing:STRONG"},
			{"/growing/*", true, ""},
			{"/once/*", true, "other:STRONG thinga:STRONG"},
		} {
			for _, most := range []int{1, 2, 100} {
				if got := list(tt.pattern, tt.preview, most); got != tt.want {
					t.Errorf("%s, %d a page: got %s, want %s", tt.pattern, most, got, tt.want)
				}
			}
		}
		_, _, err := v.ListAssociatedPackages(v.ctx, v.groupRef("/once/*"), false, registry.PackageKey{}, 10)
		v.refused("a group that there is not", err, larder.NotFound)
		_, _, err = v.ListAssociatedPackages(v.ctx, v.groupRef("/once"), true, registry.PackageKey{}, 10)
		v.refused("a pattern that is none", err, larder.Invalid)

		for name, want := range map[string]string{"thing_1": "/once//thing-1$ WEAK", "things": "/* STRONG", "thing-2": "/once//thing~ STRONG"} {
			g, s, err := v.GetAssociatedPackageGroup(v.ctx, v.pkg(once, name))
			if v.must(err); g.Ref.Pattern+" "+string(s) != want {
				t.Errorf("%s: got %s %s, want %s", name, g.Ref.Pattern, s, want)
			}
		}
	})
}

func TestTagsGoWithTheirGroup(t *testing.T) {
	v := fresh(t)
	on := identity.Guarded{Domain: v.app.Domain, Pattern: "/once/*"}
	made := registry.NewPackageGroup{Ref: v.groupRef("/once/*"), Tags: []identity.Tag{{Key: "k", Value: "v"}}}
	_, err := v.CreatePackageGroup(v.ctx, made)
	v.must(err)
	tags, err := v.Identity.Tags(v.ctx, on)
	if v.must(err); fmt.Sprint(tags) != "[{k v}]" {
		t.Errorf("got %v", tags)
	}
	_, err = v.DeletePackageGroup(v.ctx, made.Ref)
	v.must(err)
	_, err = v.Identity.Tags(v.ctx, on)
	v.refused("tags of a group that is gone", err, larder.NotFound)
	made.Tags = nil
	_, err = v.CreatePackageGroup(v.ctx, made)
	v.must(err)
	if tags, err = v.Identity.Tags(v.ctx, on); len(tags) > 0 || err != nil {
		t.Errorf("made again: got %v, %v", tags, err)
	}
}

func TestADomainGoesWithItsGroups(t *testing.T) {
	onEngines(t, func(v *env) {
		d := larder.DomainRef{Owner: account, Name: "short"}
		for range 2 {
			_, err := v.CreateDomain(v.ctx, registry.NewDomain{Ref: d})
			v.must(err)
			groups, err := v.ListPackageGroups(v.ctx, d, "", "", 10)
			if v.must(err); len(groups) != 1 {
				t.Errorf("a new domain has %d groups", len(groups))
			}
			_, err = v.CreatePackageGroup(v.ctx, registry.NewPackageGroup{
				Ref: larder.PackageGroupRef{Domain: d, Pattern: "/once/*"}, Tags: []identity.Tag{{Key: "k"}},
			})
			v.must(err)
			_, err = v.DeleteDomain(v.ctx, d)
			v.must(err)
		}
	})
}
