package registry

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/meta"
)

// AlreadyExists is the code of a version that the destination of a copy has
// with other content.
const AlreadyExists = "ALREADY_EXISTS"

// Copy is versions of a package to be copied to another repository of the
// domain.
type Copy struct {
	From larder.PackageRef
	To   larder.RepositoryRef
	Selection

	// FromUpstream copies also what only upstreams of the source have.
	FromUpstream bool

	// Overwrite replaces versions that the destination has with other content.
	Overwrite bool
}

// CopyPackageVersions copies versions, all of them or none. Those that the
// destination has already are neither done nor failed. Every tag that points
// at a copied version comes along. A copy is neither refused for what lies
// upstream of its destination nor by origin controls there: that is how a
// patched version gets beside those from outside. The same holds for the
// package's group. What is brought from upstream of the source is let in there
// or not, as always.
func (r *Registry) CopyPackageVersions(ctx context.Context, c Copy) (Batch, error) {
	if c.From.Repository == c.To {
		return Batch{}, larder.Errorf(larder.Invalid, "Versions cannot be copied to the repository that they are in.")
	}
	if c.FromUpstream {
		if err := r.bring(ctx, c); err != nil {
			return Batch{}, err
		}
	}
	revision, err := r.newRevision()
	if err != nil {
		return Batch{}, err
	}
	to := c.From
	to.Repository = c.To
	var b Batch
	err = r.DB.Publish(ctx, func(ctx context.Context, tx *meta.Tx) error {
		b = Batch{Done: map[string]VersionRecord{}, Failed: map[string]VersionFailure{}}
		x := copying{registry: r, Copy: c, to: to, revision: revision, batch: b}
		if err := x.begin(ctx, tx); err != nil {
			return err
		}
		for _, name := range slices.Compact(slices.Sorted(slices.Values(c.Versions))) {
			if err := x.copy(ctx, tx, name); err != nil {
				return err
			}
		}
		if len(b.Failed) > 0 {
			return errBatch
		}
		return nil
	})
	if errors.Is(err, errBatch) {
		for name := range b.Done {
			b.Failed[name] = VersionFailure{Skipped, "Version " + name + " was skipped"}
		}
		b.Done = nil
		return b, nil
	}
	if r.Changed != nil {
		r.Changed(to)
	}
	return b, err
}

// copying is a copy on its way to its commit.
type copying struct {
	registry *Registry
	Copy
	to       larder.PackageRef
	places   []place // in which the versions are looked for
	target   meta.Repository
	revision string
	batch    Batch
}

// begin finds the source and the destination.
func (x *copying) begin(ctx context.Context, tx *meta.Tx) error {
	var err error
	if x.target, err = tx.Repository(ctx, x.To); err != nil {
		return err
	}
	source, err := tx.Repository(ctx, x.From.Repository)
	if err != nil {
		return err
	}
	if x.places, err = x.registry.search(ctx, tx, source, x.From); err != nil {
		return err
	}
	if !x.FromUpstream {
		x.places = x.places[:1]
	}
	if !slices.ContainsFunc(x.places, func(p place) bool { return p.has() }) {
		return meta.NoPackage(x.From)
	}
	return nil
}

// copy copies one version, or notes why it cannot.
func (x *copying) copy(ctx context.Context, tx *meta.Tx, name string) error {
	from, there, err := x.find(ctx, tx, name)
	if err != nil {
		return err
	}
	if failure := x.check(name, from, there); failure.Code != "" {
		x.batch.Failed[name] = failure
		return nil
	}
	if from.Status == larder.Disposed {
		x.batch.Failed[name] = VersionFailure{NotAllowed, "Version " + name + " is Disposed: there is nothing to copy"}
		return nil
	}
	content, err := contentOf(ctx, tx, from)
	if err != nil {
		return err
	}
	origin := publishedOrigin
	if from.OriginConnection != "" {
		origin = retainedOrigin
	}
	pkg, _, err := x.registry.touch(ctx, tx, x.target, x.to, origin, x.registry.now())
	if err != nil {
		return err
	}
	had, exists, err := tx.Version(ctx, pkg.ID, name)
	if err != nil {
		return err
	}
	if exists {
		old, err := contentOf(ctx, tx, had)
		switch {
		case err != nil:
			return err
		case old.equal(content) && had.Status == from.Status:
			return x.tag(ctx, tx, pkg, from)
		case !x.Overwrite:
			x.batch.Failed[name] = VersionFailure{AlreadyExists, "Version " + name + " already exists"}
			return nil
		}
		if err := x.registry.deleteVersion(ctx, tx, pkg, had); err != nil {
			return err
		}
	}
	made, err := x.insert(ctx, tx, pkg, from, content)
	if err != nil {
		return err
	}
	x.batch.Done[name] = made
	return x.tag(ctx, tx, pkg, from)
}

// find returns the version that the source shows under a name. Of its own the
// status does not matter; what an upstream hides, it does not give.
func (x *copying) find(ctx context.Context, tx *meta.Tx, name string) (meta.Version, bool, error) {
	for i, p := range x.places {
		if !p.has() {
			continue
		}
		v, there, err := tx.Version(ctx, p.pkg.ID, name)
		if err != nil || there {
			return v, there && (i == 0 || served(v.Status)), err
		}
	}
	return meta.Version{}, false, nil
}

func (x *copying) insert(ctx context.Context, tx *meta.Tx, pkg meta.Package, from meta.Version, c content) (meta.Version, error) {
	made := from
	made.Package, made.Revision, made.Retained, made.Manifest, made.Notes = pkg.ID, x.revision, false, c.manifest, c.notes
	var err error
	if made.ID, err = tx.InsertVersion(ctx, made, c.facts, c.readme); err != nil {
		return made, err
	}
	for _, a := range c.assets {
		if a.Known == nil {
			if err := tx.HoldBlob(ctx, a.Blob.ID); err != nil {
				return made, err
			}
		}
		if err := tx.InsertAsset(ctx, made.ID, a); err != nil {
			return made, err
		}
	}
	return made, nil
}

// tag points every tag at the copy that points at what was copied.
func (x *copying) tag(ctx context.Context, tx *meta.Tx, pkg meta.Package, from meta.Version) error {
	tags, err := tx.PackageTags(ctx, from.Package)
	for _, tag := range aliases(tags, from.Version) {
		err = errors.Join(err, tx.SetPackageTag(ctx, pkg.ID, tag, from.Version))
	}
	return err
}

// content is all that a version is made of.
type content struct {
	manifest, notes, facts, readme []byte
	assets                         []meta.Asset // by name
}

func contentOf(ctx context.Context, tx *meta.Tx, v meta.Version) (c content, err error) {
	if c.manifest, c.notes, err = tx.Manifest(ctx, v.ID); err != nil {
		return c, err
	}
	if c.facts, c.readme, err = tx.Facts(ctx, v.ID); err != nil {
		return c, err
	}
	c.assets, err = tx.Assets(ctx, v.ID)
	return c, err
}

// equal compares files and what the version says of itself, as CodeArtifact
// does.
func (c content) equal(d content) bool {
	return bytes.Equal(c.manifest, d.manifest) && bytes.Equal(c.notes, d.notes) &&
		slices.EqualFunc(c.assets, d.assets, func(a, b meta.Asset) bool {
			return a.Name == b.Name && a.Companion == b.Companion && bytes.Equal(a.Manifest, b.Manifest) &&
				knownSums(a).SHA256 == knownSums(b).SHA256 && (a.Known == nil || b.Known == nil || *a.Known == *b.Known)
		})
}

// bring has the source retain those of the versions that only public
// registries have.
func (r *Registry) bring(ctx context.Context, c Copy) error {
	places, err := view(ctx, r, func(ctx context.Context, tx *meta.Tx) ([]place, error) {
		source, err := tx.Repository(ctx, c.From.Repository)
		if err != nil {
			return nil, err
		}
		return r.search(ctx, tx, source, c.From)
	})
	if err != nil || !slices.ContainsFunc(places, func(p place) bool { return p.connection != "" }) {
		return err
	}
	for _, name := range c.Versions {
		if err := r.bringVersion(ctx, larder.VersionRef{Package: c.From, Version: name}, places); err != nil {
			return err
		}
	}
	return nil
}

// bringVersion fetches every file of a version, if it is a public registry
// that has it. That it has not is for the copy to find out.
func (r *Registry) bringVersion(ctx context.Context, ref larder.VersionRef, places []place) error {
	names := map[string]bool{}
	f := r.Formats[ref.Package.Format]
	for _, p := range places {
		if p.has() {
			if _, there, err := r.DB.Now().Version(ctx, p.pkg.ID, ref.Version); err != nil || there {
				return err
			}
		}
		if p.connection == "" {
			continue
		}
		if f.Source.ByName {
			if f.Source.Usual != nil {
				for _, name := range f.Source.Usual(ref) {
					names[name] = true
				}
			}
			continue
		}
		assets, err := r.assetsOutside(ctx, p.connection, ref)
		if err != nil {
			return err
		}
		if assets != nil {
			for _, a := range listed(assets) {
				names[a.Name] = true
			}
			break
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		found, err := r.find(ctx, larder.AssetRef{Version: ref, Name: name})
		if err == nil && !found.Own() {
			err = r.Fetch(ctx, found)
		}
		if err != nil && !larder.NotFound.Is(err) {
			return err
		}
	}
	return nil
}

// assetsOutside are the files of a version that a connection's registry
// lists; nil if it does not have the version.
func (r *Registry) assetsOutside(ctx context.Context, connection string, ref larder.VersionRef) ([]format.Asset, error) {
	pkg, err := r.outside().Package(ctx, connection, ref.Package)
	if larder.NotFound.Is(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for v, err := range pkg.Versions {
		if err != nil || v.Version == ref.Version {
			return v.Assets, err
		}
	}
	return nil, nil
}
