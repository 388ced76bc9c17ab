package registry_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

func TestVersionsGrowAsTheirFormatSays(t *testing.T) {
	onEngines(t, func(v *env) {
		for _, test := range []struct {
			format larder.Format
			status larder.Status // of the version
			second larder.Status // that the second publication says
			want   larder.Kind
			left   larder.Status
		}{
			{once, larder.Published, larder.Published, larder.Conflict, larder.Published},
			{once, larder.Unfinished, larder.Unfinished, larder.Conflict, larder.Unfinished},
			{drafted, larder.Unfinished, larder.Unfinished, fine, larder.Unfinished},
			{drafted, larder.Unfinished, larder.Published, fine, larder.Published},
			{drafted, larder.Unfinished, "", fine, larder.Published},
			{drafted, larder.Published, larder.Unfinished, larder.Conflict, larder.Published},
			{drafted, larder.Unlisted, larder.Published, larder.Conflict, larder.Unlisted},
			{growing, larder.Published, larder.Published, fine, larder.Published},
			{growing, larder.Published, larder.Unfinished, fine, larder.Published},
			{growing, larder.Unlisted, larder.Published, fine, larder.Unlisted},
			{growing, larder.Unfinished, larder.Published, fine, larder.Published},
			{growing, larder.Archived, larder.Published, larder.Conflict, larder.Archived},
		} {
			claim := string(test.status + "+" + test.second)
			ref := v.version(test.format, claim, "1")
			v.must(v.publish(ref, "first"))
			v.setStatus(ref, test.status)
			before := v.describe(ref)

			err := v.Publish(v.ctx, ref, format.Publication{
				Assets: []format.NewAsset{v.asset(theAsset, "first"), v.asset("second.bin", "second")}, Status: test.second,
			})
			d, lookup := v.DescribePackageVersion(v.ctx, ref)
			v.must(lookup)
			if d.Status != test.left {
				v.Errorf("%s %s: got status %s, want %s", test.format, claim, d.Status, test.left)
			}
			if test.want != fine {
				v.refused(claim, err, test.want)
				if after := v.describe(ref); after != before {
					v.Errorf("%s %s: got %s afterwards, want %s", test.format, claim, after, before)
				}
				continue
			}
			v.must(err)
			if after := v.describe(ref); after == before {
				v.Errorf("%s %s: the revision did not change", test.format, claim)
			}
			v.setStatus(ref, larder.Published)
			v.holds(ref, theAsset, "first")
			v.holds(ref, "second.bin", "second")
		}
	})
}

// A version is finished by the last of its publications, which may well have
// nothing else to say.
func TestAnUnfinishedVersionIsFinished(t *testing.T) {
	onEngines(t, func(v *env) {
		ref := v.version(drafted, "thing", "1")
		draft := format.Publication{Assets: []format.NewAsset{v.asset(theAsset, "x")}, Status: larder.Unfinished}
		v.must(v.Publish(v.ctx, ref, draft))
		v.shows(ref.Package, "-")
		v.holds(ref, theAsset, "-")
		v.must(v.Publish(v.ctx, ref, draft))
		v.shows(ref.Package, "-")

		draft.Status = ""
		v.must(v.Publish(v.ctx, ref, draft))
		v.shows(ref.Package, "1=Published")
		v.holds(ref, theAsset, "x")
	})
}

func TestOtherBytesUnderANameRefuseAllThatComesWithThem(t *testing.T) {
	onEngines(t, func(v *env) {
		ref := v.version(growing, "thing", "1")
		v.must(v.publish(ref, "first"))
		v.refused("publish", v.Publish(v.ctx, ref, format.Publication{
			Assets: []format.NewAsset{v.asset("second.bin", "second"), v.asset(theAsset, "other")},
		}), larder.Conflict)
		v.holds(ref, "second.bin", "-")
		v.holds(ref, theAsset, "first")
		v.weighs(int64(len("first")))
	})
}

// A version may grow by bytes that another version of its package has.
func TestAnAssetSharesTheBytesOfAnother(t *testing.T) {
	onEngines(t, func(v *env) {
		build := v.version(growing, "thing", "1-build")
		v.must(v.publish(build, "bytes"))
		of := larder.AssetRef{Version: build, Name: theAsset}
		snapshot := v.version(growing, "thing", "1-SNAPSHOT")
		v.must(v.Publish(v.ctx, snapshot, format.Publication{Assets: []format.NewAsset{{Name: "copy", Of: of}}}))
		v.holds(snapshot, "copy", "bytes")
		v.weighs(int64(len("bytes")))
		v.delete(build.Package, build.Version)
		v.holds(snapshot, "copy", "bytes")

		v.refused("an asset that is not there", v.Publish(v.ctx, snapshot, format.Publication{
			Assets: []format.NewAsset{{Name: "other", Of: of}},
		}), larder.NotFound)
		elsewhere := v.version(growing, "other", "1")
		if err := v.Publish(v.ctx, elsewhere, format.Publication{
			Assets: []format.NewAsset{{Name: "copy", Of: larder.AssetRef{Version: snapshot, Name: "copy"}}},
		}); err == nil {
			v.Error("an asset shares the bytes of another package's")
		}
	})
}

func TestAPublicationReplacesAllThatAVersionHas(t *testing.T) {
	onEngines(t, func(v *env) {
		ref := v.version(growing, "thing", "1")
		v.must(v.Publish(v.ctx, ref, format.Publication{Assets: []format.NewAsset{
			v.asset("same", "same"), v.asset("changed", "before"), v.asset("gone", "moved"),
		}}))
		before := v.describe(ref)
		next := format.Publication{Replace: true, Assets: []format.NewAsset{
			v.asset("same", "same"), v.asset("changed", "afterwards"), v.asset("new", "moved"),
		}}
		v.must(v.Publish(v.ctx, ref, next))
		for name, want := range map[string]string{"same": "same", "changed": "afterwards", "gone": "-", "new": "moved"} {
			v.holds(ref, name, want)
		}
		v.weighs(int64(len("same" + "afterwards" + "moved")))
		after := v.describe(ref)
		if after == before {
			v.Error("the revision did not change")
		}
		v.must(v.Publish(v.ctx, ref, next))
		if again := v.describe(ref); again != after {
			v.Errorf("the same again: got %s, want %s", again, after)
		}

		fixed := v.version(once, "thing", "1")
		v.must(v.publish(fixed, "x"))
		v.refused("replace what does not grow", v.Publish(v.ctx, fixed, format.Publication{
			Replace: true, Assets: []format.NewAsset{v.asset(theAsset, "y")},
		}), larder.Conflict)
	})
}

// A companion is served and never listed; what a format says of a file comes
// back with it.
func TestCompanionsAndManifestsOfAssets(t *testing.T) {
	onEngines(t, func(v *env) {
		ref := v.version(growing, "thing", "1")
		wheel, companion := v.asset("thing.whl", "wheel"), v.asset("thing.whl.metadata", "metadata")
		wheel.Manifest, companion.Companion = json.RawMessage(`{"a":1}`), true
		v.must(v.Publish(v.ctx, ref, format.Publication{Assets: []format.NewAsset{wheel, companion}}))
		v.holds(ref, companion.Name, "metadata")

		_, listed, err := v.ListPackageVersionAssets(v.ctx, ref, "", 10)
		v.must(err)
		if len(listed) != 1 || listed[0].Name != wheel.Name {
			v.Errorf("listed: got %v, want the wheel", listed)
		}
		for version, err := range v.onlyPackage(ref.Package).Versions {
			v.must(err)
			if len(version.Assets) != 1 || string(version.Assets[0].Manifest) != `{"a":1}` {
				v.Errorf("got %+v, want the wheel and its manifest", version.Assets)
			}
		}
		companion = v.asset(companion.Name, "other")
		v.refused("other bytes of a companion", v.Publish(v.ctx, ref, format.Publication{Assets: []format.NewAsset{companion}}), larder.Conflict)
	})
}

func (v *env) onlyPackage(ref larder.PackageRef) *format.Package {
	v.Helper()
	p, err := v.Package(v.ctx, ref)
	v.must(err)
	return p
}

// Most files of a version say nothing about it; what one says replaces what
// was known.
func TestFactsStayUntilThereAreOthers(t *testing.T) {
	onEngines(t, func(v *env) {
		ref := v.version(growing, "thing", "1")
		for _, step := range []struct {
			facts *format.Facts
			want  string
		}{
			{nil, " "},
			{&format.Facts{Summary: "one", Readme: []byte("first"), Manifest: json.RawMessage(`1`)}, "one first1"},
			{nil, "one first1"},
			{&format.Facts{Summary: "two"}, "two "},
		} {
			name := fmt.Sprint(v.clock.Now().UnixNano())
			v.clock.advance(time.Second)
			v.must(v.Publish(v.ctx, ref, format.Publication{Assets: []format.NewAsset{v.asset(name, name)}, Facts: step.facts}))
			d, err := v.DescribePackageVersion(v.ctx, ref)
			v.must(err)
			shown, err := v.Version(v.ctx, ref)
			v.must(err)
			if got := d.Facts.Summary + " " + string(d.Readme) + string(shown.Manifest); got != step.want {
				v.Errorf("got %q, want %q", got, step.want)
			}
		}
	})
}
