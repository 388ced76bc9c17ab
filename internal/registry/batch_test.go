package registry_test

import (
	"fmt"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/registry"
)

func TestStatusesChangeWholeBatchesOrNothing(t *testing.T) {
	onEngines(t, func(v *env) {
		p := v.pkg(once, "thing")
		v.published(once, "thing", "1", "2", "3", "4")
		v.setStatus(v.version(once, "thing", "3"), larder.Unfinished)
		v.setStatus(v.version(once, "thing", "4"), larder.Disposed)
		revision := func(version string) string {
			v.Helper()
			d, err := v.DescribePackageVersion(v.ctx, v.version(once, "thing", version))
			v.must(err)
			return d.Revision
		}
		one, three := revision("1"), revision("3")
		for _, test := range []struct {
			claim  string
			asked  registry.Selection
			target larder.Status
			want   string
			shows  string
		}{
			{"one is not there", registry.Selection{Versions: []string{"1", "9"}}, larder.Archived, "map[] map[1:SKIPPED 9:NOT_FOUND]", "1=Published 2=Published"},
			{"one has another revision", registry.Selection{Versions: []string{"1", "2"}, Revisions: map[string]string{"1": one, "2": one}}, larder.Archived, "map[] map[1:SKIPPED 2:MISMATCHED_REVISION]", "1=Published 2=Published"},
			{"one has another status", registry.Selection{Versions: []string{"1", "3"}, Expected: larder.Published}, larder.Archived, "map[] map[1:SKIPPED 3:MISMATCHED_STATUS]", "1=Published 2=Published"},
			{"one is disposed", registry.Selection{Versions: []string{"1", "4"}}, larder.Published, "map[] map[1:SKIPPED 4:NOT_ALLOWED]", "1=Published 2=Published"},
			{"unlisted", registry.Selection{Versions: []string{"1"}, Revisions: map[string]string{"1": one}}, larder.Unlisted, "map[1:Unlisted] map[]", "1=Unlisted 2=Published"},
			{"archived", registry.Selection{Versions: []string{"1", "2", "1"}}, larder.Archived, "map[1:Archived 2:Archived] map[]", "-"},
			{"back", registry.Selection{Versions: []string{"2"}, Expected: larder.Archived}, larder.Published, "map[2:Published] map[]", "2=Published"},
			{"the same again", registry.Selection{Versions: []string{"2"}}, larder.Published, "map[2:Published] map[]", "2=Published"},
			{"finished", registry.Selection{Versions: []string{"3"}, Revisions: map[string]string{"3": three}}, larder.Published, "map[3:Published] map[]", "2=Published 3=Published"},
		} {
			b, err := v.UpdatePackageVersionsStatus(v.ctx, p, test.asked, test.target)
			v.must(err)
			if got := spell(b); got != test.want {
				v.Errorf("%s: got %s, want %s", test.claim, got, test.want)
			}
			v.shows(p, test.shows)
		}
		if got := revision("1"); got != one {
			v.Errorf("the revision changed with the status")
		}
		v.holds(v.version(once, "thing", "1"), theAsset, "-")
		v.refused("publish what is archived", v.publish(v.version(once, "thing", "1"), "thing 1"), larder.Conflict)
	})
}

// spell shows what became of a batch: the statuses of what was done, then
// the codes of what was not.
func spell(b registry.Batch) string {
	done, failed := map[string]larder.Status{}, map[string]string{}
	for name, d := range b.Done {
		done[name] = d.Status
	}
	for name, f := range b.Failed {
		failed[name] = f.Code
	}
	return fmt.Sprint(done, failed)
}

func TestDisposedVersionsLoseTheirAssetsForGood(t *testing.T) {
	onEngines(t, func(v *env) {
		p := v.pkg(growing, "thing")
		v.published(growing, "thing", "1", "2")
		v.setStatus(v.version(growing, "thing", "2"), larder.Archived)
		before := v.describe(v.version(growing, "thing", "1"))
		b, err := v.DisposePackageVersions(v.ctx, p, registry.Selection{Versions: []string{"1", "2"}})
		v.must(err)
		if got, want := spell(b), "map[1:Disposed 2:Disposed] map[]"; got != want {
			v.Errorf("got %s, want %s", got, want)
		}
		v.weighs(0)
		v.shows(p, "-")
		if after := v.describe(v.version(growing, "thing", "1")); after == before {
			v.Error("the revision did not change")
		}
		_, assets, err := v.ListPackageVersionAssets(v.ctx, v.version(growing, "thing", "1"), "", 10)
		v.must(err)
		if len(assets) > 0 {
			v.Errorf("assets of a disposed version: got %v", assets)
		}
		v.refused("publish into what is disposed", v.Publish(v.ctx, v.version(growing, "thing", "1"),
			format.Publication{Assets: []format.NewAsset{v.asset("new", "new")}}), larder.Conflict)
		b, err = v.DisposePackageVersions(v.ctx, p, registry.Selection{Versions: []string{"1"}})
		v.must(err)
		if got, want := spell(b), "map[] map[1:NOT_ALLOWED]"; got != want {
			v.Errorf("disposed again: got %s, want %s", got, want)
		}
		v.delete(p, "1")
		v.must(v.publish(v.version(growing, "thing", "1"), "anew"))
		v.holds(v.version(growing, "thing", "1"), theAsset, "anew")
	})
}

// A format finishes and hides versions, and brings none back.
func TestAmendSetsStatuses(t *testing.T) {
	onEngines(t, func(v *env) {
		p := v.pkg(growing, "thing")
		v.published(growing, "thing", "1", "2", "3")
		v.setStatus(v.version(growing, "thing", "1"), larder.Unfinished)
		v.setStatus(v.version(growing, "thing", "3"), larder.Archived)
		v.must(v.Amend(v.ctx, p, format.Change{Status: map[string]larder.Status{"1": larder.Published, "2": larder.Unlisted}}))
		v.shows(p, "1=Published 2=Unlisted")
		v.refused("bring back", v.Amend(v.ctx, p, format.Change{Status: map[string]larder.Status{"1": larder.Unlisted, "3": larder.Published}}), larder.Conflict)
		v.shows(p, "1=Published 2=Unlisted")
		v.refused("of no version", v.Amend(v.ctx, p, format.Change{Status: map[string]larder.Status{"9": larder.Published}}), larder.NotFound)
		ctx := v.user("ada", "codeartifact:PublishPackageVersion")
		v.refused("who may not", v.Amend(ctx, p, format.Change{Status: map[string]larder.Status{"1": larder.Unlisted}}), larder.Denied)
	})
}
