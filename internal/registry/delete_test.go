package registry_test

import (
	"fmt"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/registry"
)

func TestTheSizeOfADomainCountsItsDistinctBytes(t *testing.T) {
	onEngines(t, func(v *env) {
		other := v.makeRepository("other")
		elsewhere := v.version(once, "copy", "1")
		elsewhere.Package.Repository = other

		v.weighs(0)
		v.must(v.publish(v.version(once, "thing", "1"), "12345"))
		v.weighs(5)
		v.must(v.publish(v.version(once, "thing", "1"), "12345")) // again
		v.weighs(5)
		v.must(v.publish(v.version(once, "thing", "2"), "12345")) // in another version
		v.must(v.publish(elsewhere, "12345"))                     // in another repository
		v.weighs(5)
		v.must(v.Publish(v.ctx, v.version(growing, "many", "1"), format.Publication{Assets: []format.NewAsset{
			v.asset("a", "1234567"), v.asset("b", "1234567"), v.asset("c", "12345"), v.asset("d", ""),
		}}))
		v.weighs(12)

		v.delete(v.pkg(once, "thing"), "1")
		v.weighs(12)
		_, err := v.DeletePackage(v.ctx, v.pkg(growing, "many"))
		v.must(err)
		v.weighs(5)
		v.delete(v.pkg(once, "thing"), "2")
		v.weighs(5)
		_, err = v.DeleteRepository(v.ctx, other)
		v.must(err)
		v.weighs(0)
	})
}

func (v *env) delete(p larder.PackageRef, versions ...string) {
	v.Helper()
	b, err := v.DeletePackageVersions(v.ctx, p, registry.Selection{Versions: versions})
	v.must(err)
	if len(b.Done) != len(versions) || len(b.Failed) > 0 {
		v.Fatalf("delete %v: got %v", versions, b)
	}
}

func TestDeletedVersionsAreGoneAndTheirNamesFree(t *testing.T) {
	onEngines(t, func(v *env) {
		v.published(once, "thing", "1", "2")
		v.must(v.Amend(v.ctx, v.pkg(once, "thing"), format.Change{Tags: map[string]string{"latest": "2", "old": "1"}}))
		v.changed.take()
		v.delete(v.pkg(once, "thing"), "1")
		if got, want := v.changed.take(), "once/thing"; got != want {
			v.Errorf("changes told: got %q, want %q", got, want)
		}
		v.shows(v.pkg(once, "thing"), "2=Published latest>2")
		v.holds(v.version(once, "thing", "1"), theAsset, "-")

		v.must(v.publish(v.version(once, "thing", "1"), "other bytes"))
		v.holds(v.version(once, "thing", "1"), theAsset, "other bytes")

		// The last version leaves a package that clients do not see, with its
		// origin controls.
		v.delete(v.pkg(once, "thing"), "1", "2")
		v.shows(v.pkg(once, "thing"), "-")
		_, err := v.DescribePackage(v.ctx, v.pkg(once, "thing"))
		v.must(err)
		_, err = v.DeletePackage(v.ctx, v.pkg(once, "thing"))
		v.must(err)
		_, err = v.DescribePackage(v.ctx, v.pkg(once, "thing"))
		v.refused("describe", err, larder.NotFound)
		_, err = v.DeletePackage(v.ctx, v.pkg(once, "thing"))
		v.refused("delete again", err, larder.NotFound)
	})
}

func TestABatchOfDeletionsSucceedsWholeOrNotAtAll(t *testing.T) {
	onEngines(t, func(v *env) {
		v.published(once, "thing", "1", "2", "3")
		v.setStatus(v.version(once, "thing", "2"), larder.Unlisted)
		for _, test := range []struct {
			claim    string
			versions []string
			expected larder.Status
			want     string // done, then failed
		}{
			{"one is not there", []string{"1", "9"}, "", "map[] map[1:SKIPPED 9:NOT_FOUND]"},
			{"one has another status", []string{"1", "2"}, larder.Published, "map[] map[1:SKIPPED 2:MISMATCHED_STATUS]"},
			{"none is there", []string{"8", "9"}, "", "map[] map[8:NOT_FOUND 9:NOT_FOUND]"},
			{"as expected", []string{"1", "1", "3"}, larder.Published, "map[1:Published 3:Published] map[]"},
		} {
			b, err := v.DeletePackageVersions(v.ctx, v.pkg(once, "thing"), registry.Selection{Versions: test.versions, Expected: test.expected})
			v.must(err)
			if got := spell(b); got != test.want {
				v.Errorf("%s: got %s, want %s", test.claim, got, test.want)
			}
		}
		v.shows(v.pkg(once, "thing"), "2=Unlisted")
		_, err := v.DeletePackageVersions(v.ctx, v.pkg(once, "none"), registry.Selection{Versions: []string{"1"}})
		v.refused("no package", err, larder.NotFound)
	})
}

// Publishers and deleters of the same bytes in several packages keep the
// domain's size exact.
func TestTheSizeOfADomainIsExactUnderLoad(t *testing.T) {
	onEngines(t, func(v *env) {
		const packages, rounds = 4, 12
		v.together(packages, func(i int) error {
			ref := v.version(once, fmt.Sprint("thing", i), "1")
			for range rounds {
				if err := publishText(v.ctx, v.Registry, ref, "the same bytes"); err != nil {
					return err
				}
				if _, err := v.DeletePackageVersions(v.ctx, ref.Package, registry.Selection{Versions: []string{"1"}}); err != nil {
					return err
				}
			}
			return nil
		})
		v.weighs(0)
		v.together(packages, func(i int) error {
			return publishText(v.ctx, v.Registry, v.version(once, fmt.Sprint("thing", i), "1"), "the same bytes")
		})
		v.weighs(int64(len("the same bytes")))
	})
}
