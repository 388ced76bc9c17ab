package registry_test

import (
	"testing"

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
