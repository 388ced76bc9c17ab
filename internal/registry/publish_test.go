package registry_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/meta"
)

func TestPublishingAgain(t *testing.T) {
	onEngines(t, func(v *env) {
		for _, test := range []struct {
			claim  string
			status larder.Status // of the version that is there; empty: there is none
			name   string
			bytes  string
			want   larder.Kind // of the refusal; fine if it is -1
		}{
			{"a new version", "", theAsset, "bytes", fine},
			{"the same bytes", larder.Published, theAsset, "bytes", fine},
			{"other bytes", larder.Published, theAsset, "other", larder.Conflict},
			{"another asset", larder.Published, "second.bin", "other", larder.Conflict},
			{"the same bytes, unlisted", larder.Unlisted, theAsset, "bytes", fine},
			{"other bytes, unlisted", larder.Unlisted, theAsset, "other", larder.Conflict},
			{"the same bytes, archived", larder.Archived, theAsset, "bytes", larder.Conflict},
			{"other bytes, archived", larder.Archived, theAsset, "other", larder.Conflict},
			{"the same bytes, disposed", larder.Disposed, theAsset, "bytes", larder.Conflict},
		} {
			ref := v.version(once, test.claim, "1.0.0")
			if test.status != "" {
				v.must(v.publish(ref, "bytes"))
				v.setStatus(ref, test.status)
			}
			v.changed.take()
			before := v.describe(ref)
			err := v.Publish(v.ctx, ref, format.Publication{Assets: []format.NewAsset{v.asset(test.name, test.bytes)}})
			if test.want != fine {
				v.refused(test.claim, err, test.want)
			} else if err != nil {
				v.Errorf("%s: got %v", test.claim, err)
			}
			if test.status == "" {
				v.holds(ref, theAsset, "bytes")
				continue
			}
			if after := v.describe(ref); after != before {
				v.Errorf("%s: got %s afterwards, want %s", test.claim, after, before)
			}
			if said := v.changed.take(); test.want == fine && said != "" {
				v.Errorf("%s: got a change of %s, want none", test.claim, said)
			}
		}
	})
}

// fine is no kind of failure.
const fine larder.Kind = -1

// describe returns what would differ after a change of a version.
func (v *env) describe(ref larder.VersionRef) string {
	v.Helper()
	d, err := v.DescribePackageVersion(v.ctx, ref)
	if larder.NotFound.Is(err) {
		return "-"
	}
	v.must(err)
	_, assets, err := v.ListPackageVersionAssets(v.ctx, ref, "", 0)
	v.must(err)
	row, err := v.DescribePackage(v.ctx, ref.Package)
	v.must(err)
	return fmt.Sprint(d.Status, d.Revision, d.PublishedAt, row.Seq, assets)
}

// A retry of a publish whose answer got lost must not take tags back that
// moved on meanwhile.
func TestTheSameVersionAgainLeavesTagsAlone(t *testing.T) {
	onEngines(t, func(v *env) {
		tagged := func(version string) error {
			return v.Publish(v.ctx, v.version(once, "thing", version), format.Publication{
				Assets: []format.NewAsset{v.asset(theAsset, version)}, Tags: map[string]string{"latest": version},
			})
		}
		v.must(tagged("1.0.0"))
		v.must(tagged("1.1.0"))
		v.must(tagged("1.0.0"))
		v.shows(v.pkg(once, "thing"), "1.0.0=Published 1.1.0=Published latest>1.1.0")
	})
}

func TestATagNeedsItsVersion(t *testing.T) {
	onEngines(t, func(v *env) {
		err := v.Publish(v.ctx, v.version(once, "thing", "1.0.0"), format.Publication{
			Assets: []format.NewAsset{v.asset(theAsset, "x")}, Tags: map[string]string{"next": "2.0.0"},
		})
		v.refused("a tag of a version that is not there", err, larder.NotFound)
		v.shows(v.pkg(once, "thing"), "-")
	})
}

func TestClaimedSumsMustHold(t *testing.T) {
	v := fresh(t)
	u := v.upload("bytes")
	right := u.Sums()
	for _, test := range []struct {
		claim   string
		claimed format.Sums
		ok      bool
	}{
		{"nothing", format.Sums{}, true},
		{"all that is right", right, true},
		{"another MD5", format.Sums{MD5: strings.Repeat("0", 32)}, false},
		{"another SHA-1", format.Sums{SHA1: strings.Repeat("0", 40)}, false},
		{"another SHA-256", format.Sums{SHA256: strings.Repeat("0", 64), SHA512: right.SHA512}, false},
		{"another SHA-512", format.Sums{SHA512: strings.Repeat("0", 128)}, false},
	} {
		ref := v.version(once, test.claim, "1.0.0")
		err := v.Publish(v.ctx, ref, format.Publication{Assets: []format.NewAsset{{Name: theAsset, Upload: u, Claimed: test.claimed}}})
		if test.ok {
			v.must(err)
			continue
		}
		v.refused(test.claim, err, larder.Invalid)
		v.shows(ref.Package, "-")
	}
}

func TestAnAssetComesOnce(t *testing.T) {
	v := fresh(t)
	v.refused("two assets of a name", v.Publish(v.ctx, v.version(growing, "thing", "1"), format.Publication{
		Assets: []format.NewAsset{v.asset("a", "1"), v.asset("a", "1")},
	}), larder.Invalid)
	v.shows(v.pkg(growing, "thing"), "-")
}

func TestOriginControlsBlockPublishing(t *testing.T) {
	onEngines(t, func(v *env) {
		v.must(v.DB.Update(v.ctx, func(ctx context.Context, tx *meta.Tx) error {
			r, err := tx.Repository(ctx, v.app)
			if err != nil {
				return err
			}
			_, err = tx.TouchPackage(ctx, r.ID, v.pkg(once, "closed"), meta.OriginControls{Publish: "BLOCK", Upstream: "ALLOW"}, v.clock.Now())
			return err
		}))
		v.refused("publish", v.publish(v.version(once, "closed", "1.0.0"), "x"), larder.Denied)
		v.shows(v.pkg(once, "closed"), "-")

		v.must(v.publish(v.version(once, "open", "1.0.0"), "x"))
		p, err := v.DescribePackage(v.ctx, v.pkg(once, "open"))
		v.must(err)
		if want := (meta.OriginControls{Publish: "ALLOW", Upstream: "BLOCK"}); p.Origin != want {
			v.Errorf("origin controls of a package that was published: got %v, want %v", p.Origin, want)
		}
	})
}

func TestWhoMayNotPublishStoresNothing(t *testing.T) {
	v := fresh(t)
	ctx := v.user("ada")
	u := v.upload("bytes")
	err := v.Publish(ctx, v.version(once, "thing", "1.0.0"), format.Publication{Assets: []format.NewAsset{{Name: theAsset, Upload: u}}})
	v.refused("publish", err, larder.Denied)
	if got := v.blobs(); got != 0 {
		v.Errorf("stored blobs: got %d, want 0", got)
	}
}

// The permission is taken away while the bytes are on their way.
func TestAPublishIsJudgedAtItsCommit(t *testing.T) {
	onEngines(t, func(v *env) {
		ctx := v.user("ada", "codeartifact:PublishPackageVersion")
		v.must(v.Publish(ctx, v.version(once, "before", "1.0.0"), format.Publication{Assets: []format.NewAsset{v.asset(theAsset, "x")}}))

		v.atPlace(func() { v.allow("ada") })
		err := v.Publish(ctx, v.version(once, "thing", "1.0.0"), format.Publication{Assets: []format.NewAsset{v.asset(theAsset, "bytes")}})
		v.refused("publish", err, larder.Denied)
		v.shows(v.pkg(once, "thing"), "-")
		if _, err := v.DescribePackage(v.ctx, v.pkg(once, "thing")); !larder.NotFound.Is(err) {
			v.Errorf("the package: got %v, want NotFound", err)
		}
		v.weighs(1)
	})
}

func TestAPublishIntoARepositoryThatIsDeletedMeanwhile(t *testing.T) {
	onEngines(t, func(v *env) {
		v.atPlace(func() {
			_, err := v.DeleteRepository(v.ctx, v.app)
			v.must(err)
		})
		v.refused("publish", v.publish(v.version(once, "thing", "1.0.0"), "bytes"), larder.NotFound)
		v.weighs(0)
	})
}

func TestOneOfManyPublishersOfAVersionWins(t *testing.T) {
	onEngines(t, func(v *env) {
		const publishers = 8
		ref := v.version(once, "thing", "1.0.0")
		errs := make([]error, publishers)
		uploads := make([]format.NewAsset, publishers)
		for i := range uploads {
			uploads[i] = v.asset(theAsset, fmt.Sprint("bytes of ", i))
		}
		var wg sync.WaitGroup
		for i := range publishers {
			wg.Go(func() { errs[i] = v.Publish(v.ctx, ref, format.Publication{Assets: uploads[i : i+1]}) })
		}
		wg.Wait()
		won := -1
		for i, err := range errs {
			switch {
			case err == nil && won < 0:
				won = i
			case !larder.Conflict.Is(err):
				v.Errorf("publisher %d: got %v, want Conflict", i, err)
			}
		}
		v.holds(ref, theAsset, fmt.Sprint("bytes of ", won))
		v.weighs(int64(len("bytes of 0")))
	})
}

func TestAPublishTellsOfItsPackage(t *testing.T) {
	v := fresh(t)
	v.must(v.publish(v.version(once, "thing", "1.0.0"), "x"))
	if got, want := v.changed.take(), "once/thing"; got != want {
		v.Errorf("changes told: got %q, want %q", got, want)
	}
}

func TestFactsAreKept(t *testing.T) {
	onEngines(t, func(v *env) {
		ref := v.version(once, "thing", "1.0.0")
		v.must(v.Publish(v.ctx, ref, format.Publication{
			Assets: []format.NewAsset{v.asset(theAsset, "x")},
			Facts: &format.Facts{
				DisplayName: "Thing", Summary: "does things", HomePage: "https://thing.test", SourceRepository: "git:thing",
				Licenses:     []format.License{{Name: "MIT"}, {URL: "https://license.test"}},
				Dependencies: []format.Dependency{{Namespace: "acme", Name: "left", Type: "regular", Requirement: "^1"}},
				Readme:       []byte("# Thing"), Manifest: []byte(`{"a":1}`),
			},
		}))
		d, err := v.DescribePackageVersion(v.ctx, ref)
		v.must(err)
		got := fmt.Sprintf("%+v %s", d.Facts, d.Readme)
		want := "{DisplayName:Thing Summary:does things HomePage:https://thing.test SourceRepository:git:thing " +
			"Licenses:[{Name:MIT URL:} {Name: URL:https://license.test}] " +
			"Dependencies:[{Namespace:acme Name:left Type:regular Requirement:^1}]} # Thing"
		if got != want {
			v.Errorf("got %s, want %s", got, want)
		}
		p, err := v.Package(v.ctx, ref.Package)
		v.must(err)
		for version, err := range p.Versions {
			v.must(err)
			if got, want := string(version.Manifest), `{"a":1}`; got != want {
				v.Errorf("manifest: got %s, want %s", got, want)
			}
		}
	})
}
