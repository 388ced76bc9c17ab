package registry_test

import (
	"context"
	"io"
	"strings"
	"testing"

	"larder.example/larder"
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
