package registry_test

import (
	"fmt"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/registry"
)

// Each repository of the plan has the one version, with its own name for
// content. Whose is served, loses it: so the order shows.
func TestUpstreamsAreSearchedDepthFirst(t *testing.T) {
	var wide, deep []string
	for i := range 30 {
		deep = append(deep, fmt.Sprintf("r%02d: r%02d", i, i+1))
	}
	wide = append(wide, "r00: a0 a1 a2 a3 a4 a5 a6 a7 a8 a9")
	for i := range 10 {
		wide = append(wide, fmt.Sprintf("a%d: b%d0 b%d1 b%d2", i, i, i, i))
	}
	for _, tt := range []struct{ what, plan, from, want string }{
		{"one alone", "a:", "a", "a"},
		{"the guide's example", "a: b c; b: d e; e: f", "a", "a b d e f c"},
		{"what is upstream twice", "a: b c; b: d; c: d", "a", "a b d c"},
		{"a circle", "a: b; b: c; c: a", "a", "a b c"},
		{"two that are upstream of each other", "a: b c; b: a; c: a", "b", "b a c"},
		{"25 upstreams in a row", strings.Join(deep, ";"), "r00", "r00 r01 r02 r03 r04 r05 r06 r07 r08 r09 r10 r11 r12 r13 r14 r15 r16 r17 r18 r19 r20 r21 r22 r23 r24 r25"},
		{"25 upstreams of many", strings.Join(wide, ";"), "r00", "r00 a0 b00 b01 b02 a1 b10 b11 b12 a2 b20 b21 b22 a3 b30 b31 b32 a4 b40 b41 b42 a5 b50 b51 b52 a6"},
	} {
		t.Run(tt.what, func(t *testing.T) {
			v := fresh(t)
			v.lay(tt.plan)
			repositories, err := v.ListRepositoriesInDomain(v.ctx, v.app.Domain, registry.RepositoryQuery{Limit: 100}, "")
			v.must(err)
			for _, r := range repositories { // with upstreams blocked it is nowhere yet
				ref := v.of(r.Ref.Name, once, "1")
				v.must(v.PutPackageOriginConfiguration(v.ctx, ref.Package, registry.OriginControls{Publish: "ALLOW", Upstream: "BLOCK"}))
				v.must(v.publish(ref, r.Ref.Name))
			}
			for _, r := range repositories {
				v.opens(r.Ref.Name, once)
			}
			var order []string
			for {
				text, err := read(v.ctx, v.Registry, v.of(tt.from, once, "1"), theAsset)
				if larder.NotFound.Is(err) {
					break
				}
				v.must(err)
				order = append(order, text)
				for _, where := range []string{text, tt.from} { // the one that was asked has retained it
					_, err = v.DeletePackageVersions(v.ctx, v.of(where, once, "").Package, registry.Selection{Versions: []string{"1"}})
					v.must(err)
				}
			}
			if got := strings.Join(order, " "); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestUpstreamsAreWhatTheyMayBe(t *testing.T) {
	v := fresh(t)
	v.lay("a: b c; store: @public:once; full: u0 u1 u2 u3 u4 u5 u6 u7 u8 u9; more:")
	update := func(name string, upstreams ...string) error {
		_, err := v.UpdateRepository(v.ctx, v.repo(name), registry.RepositoryUpdate{Upstreams: &upstreams})
		return err
	}
	for what, c := range map[string]struct {
		err  error
		want larder.Kind
	}{
		"an upstream that is not there":          {update("a", "none"), larder.NotFound},
		"itself":                                 {update("a", "a"), larder.Invalid},
		"one twice":                              {update("a", "b", "b"), larder.Invalid},
		"eleven":                                 {update("full", "u0", "u1", "u2", "u3", "u4", "u5", "u6", "u7", "u8", "u9", "more"), larder.OverQuota},
		"upstreams beside a connection":          {update("store", "a"), larder.Conflict},
		"of no repository":                       {update("none", "a"), larder.NotFound},
		"a connection beside upstreams":          {associate(v, "a", "public:once"), larder.Conflict},
		"a second connection":                    {associate(v, "store", "public:growing"), larder.Conflict},
		"a connection that there is not":         {associate(v, "more", "public:none"), larder.Invalid},
		"to disassociate what is not associated": {disassociate(v, "more", "public:once"), larder.NotFound},
	} {
		v.refused(what, c.err, c.want)
	}
	v.looks("a", "b c", "")
	v.looks("store", "", "public:once")
	v.must(update("a", "c", "b"))
	v.looks("a", "c b", "")
	v.must(disassociate(v, "store", "public:once"))
	v.must(update("store", "a"))
	v.looks("store", "a", "")
	_, err := v.DeleteRepository(v.ctx, v.repo("b"))
	v.must(err)
	v.looks("a", "c", "")
	v.makeRepository("b")
	v.looks("a", "c", "") // a repository made again under the name is another
	description := "says so"
	_, err = v.UpdateRepository(v.ctx, v.repo("a"), registry.RepositoryUpdate{Description: &description})
	v.must(err)
	v.looks("a", "c", "")
	v.must(update("a"))
	v.looks("a", "", "")
}

func associate(v *env, name, connection string) error {
	_, err := v.AssociateExternalConnection(v.ctx, v.repo(name), connection)
	return err
}

func disassociate(v *env, name, connection string) error {
	_, err := v.DisassociateExternalConnection(v.ctx, v.repo(name), connection)
	return err
}

// looks checks the upstreams and the connection of a repository.
func (v *env) looks(name, upstreams, connection string) {
	v.Helper()
	d, err := v.DescribeRepository(v.ctx, v.repo(name))
	v.must(err)
	if got := strings.Join(d.Upstreams, " "); got != upstreams || d.Connection != connection {
		v.Errorf("%s: got upstreams %q and connection %q, want %q and %q", name, got, d.Connection, upstreams, connection)
	}
}

// Only adding an upstream takes permission on it, and that at the moment of
// the change.
func TestAddingAnUpstreamTakesPermissionOnIt(t *testing.T) {
	v := fresh(t)
	v.lay("a: b; c:")
	ada := v.user("ada", "codeartifact:UpdateRepository")
	update := func(upstreams ...string) error {
		_, err := v.UpdateRepository(ada, v.repo("a"), registry.RepositoryUpdate{Upstreams: &upstreams})
		return err
	}
	v.refused("adding c", update("b", "c"), larder.Denied)
	v.refused("adding what is not there", update("none"), larder.Denied)
	v.must(update("b"))
	v.allow("ada", registry.ActionAssociate)
	v.must(update("c", "b"))
	v.allow("ada")
	v.must(update("b", "c"))
	v.looks("a", "b c", "")
}

func TestVersionsAndTagsOfUpstreamsAreMerged(t *testing.T) {
	onEngines(t, func(v *env) {
		w := v.outside()
		w.has("public:once", "1.0.0", files{theAsset: "public 1.0.0"})
		w.has("public:once", "1.1.0", files{theAsset: "public 1.1.0"})
		w.tags["thing"] = map[string]string{"latest": "1.1.0", "old": "1.0.0"}
		v.lay("app: mid; mid: store; store: @public:once")
		v.shows(v.pkg(once, "thing"), "1.0.0=Published 1.1.0=Published latest>1.1.0 old>1.0.0")

		for _, r := range []string{"app", "mid"} {
			v.opens(r, once)
		}
		v.must(v.publish(v.of("app", once, "2.0.0"), "app"))
		v.must(v.publish(v.of("mid", once, "3.0.0"), "mid"))
		setTag(v, "app", "latest", "2.0.0")
		setTag(v, "app", "mine", "2.0.0")
		setTag(v, "mid", "next", "3.0.0")
		// The upstream's value wins, as the guide has it.
		v.shows(v.pkg(once, "thing"), "1.0.0=Published 1.1.0=Published 2.0.0=Published 3.0.0=Published latest>1.1.0 mine>2.0.0 next>3.0.0 old>1.0.0")

		// A version that is hidden nearer by is not looked for further away.
		v.holds(v.of("mid", once, "1.0.0"), theAsset, "public 1.0.0")
		v.setStatus(v.of("mid", once, "1.0.0"), larder.Archived)
		v.shows(v.pkg(once, "thing"), "1.1.0=Published 2.0.0=Published 3.0.0=Published latest>1.1.0 mine>2.0.0 next>3.0.0 old>1.0.0")
		v.holds(v.of("app", once, "1.0.0"), theAsset, "-")
		v.setStatus(v.of("mid", once, "1.0.0"), larder.Unlisted)
		v.shows(v.pkg(once, "thing"), "1.0.0=Unlisted 1.1.0=Published 2.0.0=Published 3.0.0=Published latest>1.1.0 mine>2.0.0 next>3.0.0 old>1.0.0")
		v.holds(v.of("app", once, "1.0.0"), theAsset, "public 1.0.0")
	})
}

func setTag(v *env, repository, tag, version string) {
	v.Helper()
	v.must(v.Amend(v.ctx, v.of(repository, once, "").Package, changeTags(map[string]string{tag: version})))
}

func changeTags(tags map[string]string) format.Change { return format.Change{Tags: tags} }
