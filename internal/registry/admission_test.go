package registry_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/registry"
)

func (v *env) groupRef(pattern string) larder.PackageGroupRef {
	return larder.PackageGroupRef{Domain: v.app.Domain, Pattern: pattern}
}

// restrict gives a package group restrictions, "PUBLISH=BLOCK
// EXTERNAL_UPSTREAM=ALLOW_SPECIFIC_REPOSITORIES+store" with the repositories
// that go on its lists, and makes the group if there is none.
func (v *env) restrict(pattern, restrictions string) {
	v.Helper()
	_, err := v.CreatePackageGroup(v.ctx, registry.NewPackageGroup{Ref: v.groupRef(pattern)})
	if !larder.Conflict.Is(err) {
		v.must(err)
	}
	o := registry.GroupOrigin{Modes: map[registry.Restriction]registry.Mode{}}
	for _, x := range strings.Fields(restrictions) {
		k, rest, _ := strings.Cut(x, "=")
		parts := strings.Split(rest, "+")
		o.Modes[registry.Restriction(k)] = registry.Mode(parts[0])
		for _, name := range parts[1:] {
			o.Add = append(o.Add, registry.ListedRepository{Restriction: registry.Restriction(k), Repository: name})
		}
	}
	_, _, err = v.UpdatePackageGroupOriginConfiguration(v.ctx, v.groupRef(pattern), o)
	v.must(err)
}

const specific = "ALLOW_SPECIFIC_REPOSITORIES"

func TestGroupsDecideWhereVersionsArePublished(t *testing.T) {
	for _, tt := range []struct {
		what   string
		groups map[string]string
		app    string // what becomes of a publish to app, and to lib
		lib    string
		why    string
	}{
		{"nothing is restricted", nil, "", "", ""},
		{"everything is blocked", map[string]string{"/*": "PUBLISH=BLOCK"}, "Denied", "Denied", "package group '/*' blocks it"},
		{"the group blocks", map[string]string{"/once//thing$": "PUBLISH=BLOCK"}, "Denied", "Denied", "package group '/once//thing$' blocks it"},
		{"the group allows what all others may not", map[string]string{"/*": "PUBLISH=BLOCK", "/once//*": "PUBLISH=ALLOW"}, "", "", ""},
		{"a more specific group inherits", map[string]string{"/once/*": "PUBLISH=BLOCK", "/once//thing~": ""}, "Denied", "Denied", "package group '/once//thing~' blocks it"},
		{"another group blocks", map[string]string{"/once//things$": "PUBLISH=BLOCK", "/growing/*": "PUBLISH=BLOCK"}, "", "", ""},
		{"one repository is allowed", map[string]string{"/once//*": "PUBLISH=" + specific + "+app"}, "", "Denied", "in other repositories only"},
		{"none is on the list", map[string]string{"/once//*": "PUBLISH=" + specific}, "Denied", "Denied", "in other repositories only"},
		{"the list is that of the group that is inherited from", map[string]string{"/once//*": "PUBLISH=" + specific + "+lib", "/once//thing$": "PUBLISH=INHERIT"}, "Denied", "", ""},
		{"only the other ways in are blocked", map[string]string{"/*": "INTERNAL_UPSTREAM=BLOCK EXTERNAL_UPSTREAM=BLOCK"}, "", "", ""},
		{"the name resembles a group's", map[string]string{"/once//Thing$": ""}, "Denied", "Denied", "resembles those of package group '/once//Thing$'"},
		{"the name resembles a group's and has one", map[string]string{"/once//Thing$": "", "/once//thing$": ""}, "", "", ""},
	} {
		t.Run(tt.what, func(t *testing.T) {
			v := fresh(t)
			v.lay("lib:")
			for pattern, restrictions := range tt.groups {
				v.restrict(pattern, restrictions)
			}
			for repository, want := range map[string]string{"app": tt.app, "lib": tt.lib} {
				err := v.publish(v.of(repository, once, "1"), "x")
				got := ""
				if err != nil {
					got = larder.AsError(err).Kind.String()
				}
				if got != want || want != "" && !strings.Contains(err.Error(), tt.why) {
					t.Errorf("%s: got %v, want %q that says %q", repository, err, want, tt.why)
				}
			}
		})
	}
}

func TestGroupsDecideWhatComesFromUpstream(t *testing.T) {
	for _, tt := range []struct {
		what     string
		group    string // of the package
		app, lib string // what clients see in app and in lib
	}{
		{"nothing is restricted", "", "1=Published 2=Published 9=Published", "1=Published 9=Published"},
		{"publishing is blocked", "PUBLISH=BLOCK", "1=Published 2=Published 9=Published", "1=Published 9=Published"},
		{"outside is blocked", "EXTERNAL_UPSTREAM=BLOCK", "1=Published 2=Published", "1=Published"},
		{"outside is allowed where the connection is", "EXTERNAL_UPSTREAM=" + specific + "+store", "1=Published 2=Published 9=Published", "1=Published 9=Published"},
		{"outside is allowed where no connection is", "EXTERNAL_UPSTREAM=" + specific + "+app", "1=Published 2=Published", "1=Published"},
		{"upstreams are blocked", "INTERNAL_UPSTREAM=BLOCK", "2=Published", "1=Published"},
		{"upstreams are allowed for app", "INTERNAL_UPSTREAM=" + specific + "+app", "1=Published 2=Published", "1=Published"},
		{"upstreams are allowed for lib", "INTERNAL_UPSTREAM=" + specific + "+lib", "2=Published", "1=Published 9=Published"},
		{"all is blocked", "PUBLISH=BLOCK INTERNAL_UPSTREAM=BLOCK EXTERNAL_UPSTREAM=BLOCK", "2=Published", "1=Published"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			v := fresh(t)
			w := v.outside()
			w.has("public:once", "9", files{theAsset: "nine"})
			v.lay("app: lib; lib: store; store: @public:once")
			for _, name := range []string{"app", "lib"} {
				v.opens(name, once)
			}
			v.must(v.publish(v.of("lib", once, "1"), "one"))
			v.must(v.publish(v.of("app", once, "2"), "two"))
			w.took()
			v.restrict("/once//thing$", tt.group)
			for name, want := range map[string]string{"app": tt.app, "lib": tt.lib} {
				v.shows(v.of(name, once, "").Package, want)
				for version, text := range map[string]string{"1": "one", "2": "two", "9": "nine"} {
					if !strings.Contains(want, version+"=") {
						text = "-"
					}
					v.holds(v.of(name, once, version), theAsset, text)
				}
			}
			if strings.Contains(tt.app+tt.lib, "9=") {
				return
			}
			v.keeps("store", once, "-")
			if got := w.took(); got != "" {
				t.Errorf("outside was asked for %s", got)
			}
		})
	}
}

// What was retained stays readable: a group decides what enters.
func TestWhatHasEnteredStays(t *testing.T) {
	v := fresh(t)
	w := v.outside()
	w.has("public:growing", "1", files{"a": "A", "b": "BB"})
	v.lay("app: store; store: @public:growing")
	v.holds(v.of("app", growing, "1"), "a", "A")
	v.restrict("/growing/*", "EXTERNAL_UPSTREAM=BLOCK INTERNAL_UPSTREAM=BLOCK")
	w.has("public:growing", "1", files{"a": "A", "b": "BB", "c": "CCC"})
	w.has("public:growing", "2", files{"a": "A"})
	v.shows(v.pkg(growing, "thing"), "1=Published")
	v.holds(v.of("app", growing, "1"), "a", "A")
	v.holds(v.of("app", growing, "1"), "c", "-")
	v.holds(v.of("app", growing, "2"), "a", "-")
	v.keeps("app", growing, "1=a+(b)")
}

// Whoever publishes what lies behind a group that lets nothing in does not
// collide with it; and the group decides alone from then on, unless that would
// let the name in from outside.
func TestPackagesBeginWithTheControlsThatTheirGroupLeavesThem(t *testing.T) {
	for _, tt := range []struct {
		what, group         string
		published, retained string // the controls that a package begins with
	}{
		{"nothing is restricted", "", "ALLOW BLOCK", "BLOCK ALLOW"},
		{"outside is blocked", "EXTERNAL_UPSTREAM=BLOCK", "ALLOW ALLOW", "-"},
		{"outside is allowed in one repository", "EXTERNAL_UPSTREAM=" + specific + "+store", "ALLOW BLOCK", "ALLOW ALLOW"},
		{"publishing is allowed in one repository", "PUBLISH=" + specific + "+app", "ALLOW BLOCK", "ALLOW ALLOW"},
		{"publishing is blocked", "PUBLISH=BLOCK", "-", "ALLOW ALLOW"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			v := fresh(t)
			v.outside().has("public:once", "9", files{theAsset: "nine"})
			v.lay("app: store; store: @public:once; other: store")
			v.restrict("/once//*", tt.group)
			controls := func(repository string) string {
				x, err := v.DescribePackage(v.ctx, v.of(repository, once, "").Package)
				if larder.NotFound.Is(err) {
					return "-"
				}
				v.must(err)
				return x.Origin.Publish + " " + x.Origin.Upstream
			}
			_ = v.publish(v.of("app", once, "1"), "one")                       // or it is refused
			_, _ = read(v.ctx, v.Registry, v.of("other", once, "9"), theAsset) // or it is not there
			if got := controls("app") + ", " + controls("other"); got != tt.published+", "+tt.retained {
				t.Errorf("got %s, want %s, %s", got, tt.published, tt.retained)
			}
		})
	}
}

// The package's own controls keep out what its group would let in.
func TestAPackagesOwnControlsHoldBesideItsGroup(t *testing.T) {
	v := fresh(t)
	v.outside().has("public:once", "9", files{theAsset: "nine"})
	v.lay("app: store; store: @public:once")
	v.restrict("/once//thing$", "PUBLISH=ALLOW EXTERNAL_UPSTREAM=ALLOW INTERNAL_UPSTREAM=ALLOW")
	v.must(v.PutPackageOriginConfiguration(v.ctx, v.pkg(once, "thing"), registry.OriginControls{Publish: "BLOCK", Upstream: "BLOCK"}))
	v.refused("publish", v.publish(v.of("app", once, "1"), "x"), larder.Denied)
	v.shows(v.pkg(once, "thing"), "-")
}

// A copy obeys a group no more than origin controls; what it brings from
// outside does.
func TestCopiesEnterWhateverAGroupSays(t *testing.T) {
	v := fresh(t)
	v.outside().has("public:once", "9", files{theAsset: "nine"})
	v.lay("app: store; store: @public:once; prod:")
	v.opens("app", once)
	v.must(v.publish(v.of("app", once, "1"), "one"))
	v.restrict("/once//*", "PUBLISH=BLOCK EXTERNAL_UPSTREAM=BLOCK INTERNAL_UPSTREAM=BLOCK")
	fromUpstream := func(c *registry.Copy) { c.FromUpstream = true }
	if got := v.copied(once, "app", "prod", "1", nil); got != "1:Published" {
		t.Errorf("a copy: got %s", got)
	}
	if got := v.copied(once, "app", "prod", "9", fromUpstream); got != "9:NOT_FOUND" {
		t.Errorf("a copy from outside: got %s", got)
	}
}

// A fetch that began before a group was closed does not put anything where
// nothing may enter any more.
func TestWhatIsOnItsWayDoesNotEnterAClosedGroup(t *testing.T) {
	v := fresh(t)
	v.outside().has("public:once", "9", files{theAsset: "nine"})
	v.lay("app: store; store: @public:once")
	a, err := v.Asset(v.ctx, larder.AssetRef{Version: v.of("app", once, "9"), Name: theAsset})
	v.must(err)
	v.restrict("/once/*", "INTERNAL_UPSTREAM=BLOCK")
	content, err := v.Open(v.ctx, a)
	v.must(err)
	_, err = io.Copy(io.Discard, content.Coming)
	v.must(err)
	v.must(content.Close())
	v.keeps("store", once, "9=file.bin")
	v.keeps("app", once, "-")
}

func TestAChangedGroupIsObeyedAtOnce(t *testing.T) {
	onEngines(t, func(v *env) {
		v.outside().has("public:once", "9", files{theAsset: "nine"})
		v.lay("app: store; store: @public:once")
		var rewired []larder.DomainRef
		v.Rewired = func(d larder.DomainRef) { rewired = append(rewired, d) }
		v.restrict("/once/*", "EXTERNAL_UPSTREAM=BLOCK")
		v.restrict("/once//thing$", "") // inherits
		v.shows(v.pkg(once, "thing"), "-")
		v.restrict("/once/*", "EXTERNAL_UPSTREAM="+specific+"+store")
		v.shows(v.pkg(once, "thing"), "9=Published")
		v.restrict("/once/*", "EXTERNAL_UPSTREAM=BLOCK")
		v.shows(v.pkg(once, "thing"), "-")
		v.restrict("/once//thing$", "EXTERNAL_UPSTREAM=ALLOW")
		v.shows(v.pkg(once, "thing"), "9=Published")
		_, err := v.DeletePackageGroup(v.ctx, v.groupRef("/once//thing$"))
		v.must(err)
		v.shows(v.pkg(once, "thing"), "-")
		if len(rewired) < 7 || rewired[0] != v.app.Domain {
			t.Errorf("told of %v", rewired)
		}
	})
}

// A repository that is made again under a name is on nobody's list.
func TestARepositoryMadeAgainIsOnNoList(t *testing.T) {
	v := fresh(t)
	v.lay("lib:")
	v.restrict("/once/*", "PUBLISH="+specific+"+lib")
	v.must(v.publish(v.of("lib", once, "1"), "x"))
	deleteRepository(v, "lib")
	v.lay("lib:")
	v.refused("publish", v.publish(v.of("lib", once, "1"), "x"), larder.Denied)
	names, err := v.ListAllowedRepositoriesForGroup(v.ctx, v.groupRef("/once/*"), meta.Publish, "", 10)
	if len(names) > 0 || err != nil {
		t.Errorf("got %v, %v", names, err)
	}
}

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

// A domain that was made by a program that knew no groups is as it was.
func TestADomainWithoutGroupsIsOpen(t *testing.T) {
	v := fresh(t)
	v.outside().has("public:once", "9", files{theAsset: "nine"})
	v.lay("app: store; store: @public:once")
	v.must(v.DB.Update(v.ctx, func(ctx context.Context, tx *meta.Tx) error {
		g, err := tx.PackageGroup(ctx, v.groupRef("/*"))
		if err != nil {
			return err
		}
		return tx.DeletePackageGroup(ctx, g)
	}))
	v.shows(v.pkg(once, "thing"), "9=Published")
	v.must(v.publish(v.version(once, "other", "1"), "x"))
}
