package registry_test

import (
	"fmt"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/registry"
)

func TestTheStatusDecidesWhatClientsSee(t *testing.T) {
	onEngines(t, func(v *env) {
		for _, test := range []struct {
			status larder.Status
			shown  string
			asset  string
			known  string // to GetPackageVersionAsset
		}{
			{larder.Published, "1=Published", "thing", "thing"},
			{larder.Unlisted, "1=Unlisted", "thing", "thing"},
			{larder.Unfinished, "-", "-", "thing"},
			{larder.Archived, "-", "-", "-"},
			{larder.Disposed, "-", "-", "-"},
		} {
			ref := v.version(once, string(test.status), "1")
			v.must(v.publish(ref, "thing"))
			v.setStatus(ref, test.status)
			v.shows(ref.Package, test.shown)
			v.holds(ref, theAsset, test.asset)

			_, content, err := v.GetPackageVersionAsset(v.ctx, larder.AssetRef{Version: ref, Name: theAsset}, "")
			if known := err == nil; known != (test.known != "-") {
				v.Errorf("GetPackageVersionAsset of a version that is %s: got %v", test.status, err)
			}
			if content != nil {
				content.Close()
			}
			if listed, _, err := v.ListPackageVersions(v.ctx, ref.Package, registry.VersionQuery{Limit: 10}); err != nil || len(listed) != 1 {
				v.Errorf("ListPackageVersions of a version that is %s: got %v, %v, want it", test.status, listed, err)
			}
		}
	})
}

func TestWhatIsAskedOfClientsIsJudged(t *testing.T) {
	v := fresh(t)
	v.published(once, "thing", "1")
	ctx := v.user("ada", "codeartifact:DescribePackage")
	for _, p := range []string{"thing", "none"} {
		_, err := v.Package(ctx, v.pkg(once, p))
		v.refused("package "+p, err, larder.Denied)
		_, err = v.Asset(ctx, larder.AssetRef{Version: v.version(once, p, "1"), Name: theAsset})
		v.refused("asset of "+p, err, larder.Denied)
	}
	for _, err := range v.Packages(ctx, v.app, once, format.Query{}) {
		v.refused("packages", err, larder.Denied)
	}
	_, err := v.Package(t.Context(), v.pkg(once, "thing"))
	v.refused("nobody's question", err, larder.Unauthenticated)
}

func TestTheStampMovesWithEveryChange(t *testing.T) {
	onEngines(t, func(v *env) {
		ref := v.version(growing, "thing", "1")
		stamps := map[string]string{}
		for _, step := range []struct {
			claim string
			do    func() error
		}{
			{"published", func() error { return v.publish(ref, "x") }},
			{"grown", func() error {
				return v.Publish(v.ctx, ref, format.Publication{Assets: []format.NewAsset{v.asset("more", "y")}})
			}},
			{"another version", func() error { return v.publish(v.version(growing, "thing", "2"), "z") }},
			{"tagged", func() error {
				return v.Amend(v.ctx, ref.Package, format.Change{Tags: map[string]string{"latest": "1"}})
			}},
			{"a version deleted", func() error {
				_, err := v.DeletePackageVersions(v.ctx, ref.Package, registry.Selection{Versions: []string{"2"}})
				return err
			}},
			{"deleted and made again", func() error {
				_, err := v.DeletePackage(v.ctx, ref.Package)
				v.must(err)
				return v.publish(ref, "x")
			}},
		} {
			v.must(step.do())
			p, err := v.Package(v.ctx, ref.Package)
			v.must(err)
			if before, ok := stamps[p.Stamp]; ok {
				v.Errorf("%s: got the stamp %s, which is that of %q", step.claim, p.Stamp, before)
			}
			stamps[p.Stamp] = step.claim
		}
	})
}

func TestPackagesArePagedThrough(t *testing.T) {
	onEngines(t, func(v *env) {
		const many = 230 // more than two pages
		for i := range many {
			ref := v.version(once, fmt.Sprintf("p%03d", i), "1")
			switch {
			case i%10 == 0:
				ref.Package.Namespace = "acme"
			case i%10 == 1:
				ref.Package.Namespace = "acme-labs"
			}
			v.must(v.publish(ref, "x"))
		}
		v.setStatus(v.version(once, "p102", "1"), larder.Archived)
		v.published(growing, "other", "1")
		for _, test := range []struct {
			claim string
			query format.Query
			count int
			first string
			last  string
		}{
			{"all", format.Query{}, many - 1, "once/p002", "once/acme-labs/p221"},
			{"one namespace", format.Query{Namespace: "acme"}, 23, "once/acme/p000", "once/acme/p220"},
			{"a prefix", format.Query{Prefix: "p10"}, 9, "once/p103", "once/acme-labs/p101"},
			{"both", format.Query{Namespace: "acme", Prefix: "p1"}, 10, "once/acme/p100", "once/acme/p190"},
			{"behind a name", format.Query{Namespace: "acme", After: "p200"}, 2, "once/acme/p210", "once/acme/p220"},
			{"none", format.Query{Prefix: "q"}, 0, "", ""},
		} {
			var got []string
			for p, err := range v.Packages(v.ctx, v.app, once, test.query) {
				v.must(err)
				got = append(got, p.Ref.String())
			}
			if len(got) != test.count || len(got) > 0 && (got[0] != test.first || got[len(got)-1] != test.last) {
				v.Errorf("%s: got %d, %s, want %d from %s to %s", test.claim, len(got), strings.Join(got, " "), test.count, test.first, test.last)
			}
		}
		for _, err := range v.Packages(v.ctx, v.app, once, format.Query{}) {
			v.must(err)
			break // whoever has enough may stop
		}
	})
}

func TestVersionsCanBeLeftEarly(t *testing.T) {
	onEngines(t, func(v *env) {
		v.published(once, "thing", "1", "2", "3")
		p, err := v.Package(v.ctx, v.pkg(once, "thing"))
		v.must(err)
		for range 20 { // more than there are connections
			for version, err := range p.Versions {
				v.must(err)
				if version.Version != "1" {
					v.Errorf("first: got %s, want 1", version.Version)
				}
				break
			}
		}
	})
}
