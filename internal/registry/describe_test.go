package registry_test

import (
	"io"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/registry"
)

func TestTheVersionThatStandsForAPackage(t *testing.T) {
	onEngines(t, func(v *env) {
		for _, test := range []struct {
			claim  string
			tags   map[string]string
			hidden map[string]larder.Status
			want   string
		}{
			{"the last one published", nil, nil, "1.0.9"},
			{"the one tagged latest", map[string]string{"latest": "2.0.0"}, nil, "2.0.0"},
			{"no other tag", map[string]string{"next": "2.0.0"}, nil, "1.0.9"},
			{"no latest that is not listed", map[string]string{"latest": "2.0.0"}, map[string]larder.Status{"2.0.0": larder.Unlisted}, "1.0.9"},
			{"no last that is not listed", nil, map[string]larder.Status{"1.0.9": larder.Archived}, "2.0.0"},
			{"none that is not listed", nil, map[string]larder.Status{"1.0.9": larder.Unfinished, "2.0.0": larder.Unlisted, "1.0.0": larder.Archived}, ""},
		} {
			v.published(once, test.claim, "1.0.0", "2.0.0", "1.0.9")
			v.must(v.Amend(v.ctx, v.pkg(once, test.claim), format.Change{Tags: test.tags}))
			for version, status := range test.hidden {
				v.setStatus(v.version(once, test.claim, version), status)
			}
			_, got, err := v.ListPackageVersions(v.ctx, v.pkg(once, test.claim), registry.VersionQuery{Limit: 1})
			v.must(err)
			if got != test.want {
				v.Errorf("%s: got %q, want %q", test.claim, got, test.want)
			}
		}
	})
}

func TestAnAssetOfAnotherRevisionIsRefused(t *testing.T) {
	v := fresh(t)
	v.published(once, "thing", "1")
	d, err := v.DescribePackageVersion(v.ctx, v.version(once, "thing", "1"))
	v.must(err)
	ref := larder.AssetRef{Version: v.version(once, "thing", "1"), Name: theAsset}
	for _, test := range []struct {
		claim, revision string
		want            larder.Kind
	}{
		{"no revision", "", fine},
		{"its revision", d.Revision, fine},
		{"another", "x", larder.Conflict},
	} {
		record, content, err := v.GetPackageVersionAsset(v.ctx, ref, test.revision)
		if test.want != fine {
			v.refused(test.claim, err, test.want)
			continue
		}
		v.must(err)
		text, err := io.ReadAll(content)
		v.must(err)
		content.Close()
		if string(text) != "thing 1" || record.Revision != d.Revision {
			v.Errorf("%s: got %q of %s", test.claim, text, record.Revision)
		}
	}
}

func TestWhatIsNotThereIsNamed(t *testing.T) {
	onEngines(t, func(v *env) {
		v.published(once, "thing", "1")
		for _, test := range []struct {
			resource string
			change   func(*larder.AssetRef)
		}{
			{"domain", func(a *larder.AssetRef) { a.Version.Package.Repository.Domain.Name = "none" }},
			{"repository", func(a *larder.AssetRef) { a.Version.Package.Repository.Name = "none" }},
			{"package", func(a *larder.AssetRef) { a.Version.Package.Name = "none" }},
			{"package", func(a *larder.AssetRef) { a.Version.Package.Namespace = "none" }},
			{"package", func(a *larder.AssetRef) { a.Version.Package.Format = growing }},
			{"package-version", func(a *larder.AssetRef) { a.Version.Version = "none" }},
			{"asset", func(a *larder.AssetRef) { a.Name = "none" }},
		} {
			ref := larder.AssetRef{Version: v.version(once, "thing", "1"), Name: theAsset}
			test.change(&ref)
			_, _, err := v.GetPackageVersionAsset(v.ctx, ref, "")
			v.refused("no "+test.resource, err, larder.NotFound)
			if got := larder.AsError(err).Resource; got != test.resource {
				v.Errorf("got %q, want %q: %v", got, test.resource, err)
			}
		}
	})
}
