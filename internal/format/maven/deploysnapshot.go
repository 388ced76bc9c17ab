package maven

import (
	"bytes"
	"encoding/json"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// putSnapshot makes a snapshot's version of the files of the build that a
// body tells, and takes the build out of the lists.
func putSnapshot(x *format.Exchange, b body, snapshot string) error {
	prefix, _ := snapshotPrefix(snapshot)
	of := b.build()
	if b.GroupID != x.Package.Namespace || b.ArtifactID != x.Package.Name || b.Version != snapshot || !of.valid() {
		return larder.Errorf(larder.Invalid, "The %s is not about a build of %s:%s:%s.", metadataFile, x.Package.Namespace, x.Package.Name, snapshot)
	}
	ctx, name := x.R.Context(), of.version(prefix)
	v, err := x.Registry.Version(ctx, ref(x, name))
	if err != nil && !larder.NotFound.Is(err) {
		return err
	}
	if err != nil || !names(b.metadata, v) {
		return larder.Errorf(larder.Invalid, "The %s names no file of the build %s that has been put.", metadataFile, name)
	}
	n, err := notesOf(*v)
	if err != nil {
		return err
	}
	if err := n.wrongChecksum(name); err != nil {
		return err
	}
	old, err := x.Registry.Version(ctx, ref(x, snapshot))
	if err != nil && !larder.NotFound.Is(err) {
		return err
	}
	if current, ok := buildOf(x.Package.Name, snapshot, old); !ok || !current.newer(of) {
		if err := replace(x, b, snapshot, v); err != nil {
			return err
		}
	}
	sums := b.upload.Sums()
	return x.Registry.Amend(ctx, x.Package, format.Change{
		Status: map[string]larder.Status{name: larder.Unlisted},
		Notes:  map[string]json.RawMessage{name: notes{Metadata: &sums}.encode()},
	})
}

// names reports whether the document lists a file that the build has.
func names(m *metadata, v *format.Version) bool {
	for _, s := range m.Versioning.SnapshotVersions {
		if s.Value == v.Version && has(v, m.ArtifactID+"-"+v.Version+s.file()) {
			return true
		}
	}
	return false
}

// buildOf is the build whose files a snapshot has.
func buildOf(artifact, snapshot string, v *format.Version) (build, bool) {
	if v == nil {
		return build{}, false
	}
	prefix, _ := snapshotPrefix(snapshot)
	for _, a := range v.Assets {
		if b, ok := buildIn(a.Name, artifact, prefix); ok {
			return b, true
		}
	}
	return build{}, false
}

// replace makes the files of a build those of its snapshot, with a
// maven-metadata.xml of ours that lists them.
func replace(x *format.Exchange, b body, snapshot string, v *format.Version) error {
	p := format.Publication{Replace: true, Status: larder.Published}
	if v.Manifest != nil {
		m, err := manifestOf(*v)
		if err != nil {
			return err
		}
		if p.Facts, err = m.facts(x.Package.Namespace, x.Package.Name, snapshot); err != nil {
			return err
		}
	}
	for _, a := range v.Assets {
		p.Assets = append(p.Assets, format.NewAsset{
			Name: a.Name, Of: larder.AssetRef{Version: ref(x, v.Version), Name: a.Name}, Manifest: a.Manifest,
		})
	}
	listing, err := x.Registry.Upload(x.R.Context(), bytes.NewReader(listBuild(b.metadata, v.Assets)))
	if err != nil {
		return err
	}
	p.Assets = append(p.Assets, format.NewAsset{Name: metadataFile, Upload: listing})
	return x.Registry.Publish(x.R.Context(), ref(x, snapshot), p)
}
