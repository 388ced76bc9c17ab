package registry

import (
	"context"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/meta"
)

// OriginControls say where versions of a package may come from. Each is ALLOW
// or BLOCK.
type OriginControls = meta.OriginControls

// publishedOrigin are the origin controls of a package whose first version
// was published to its repository: nothing of the name comes from outside, so
// that nobody there can pass off another package as it.
var publishedOrigin = meta.OriginControls{Publish: allow, Upstream: block}

// PutPackageOriginConfiguration replaces the origin controls of a package. One
// that is not there is made, without versions.
func (r *Registry) PutPackageOriginConfiguration(ctx context.Context, ref larder.PackageRef, o OriginControls) error {
	var row meta.Package
	err := r.DB.Publish(ctx, func(ctx context.Context, tx *meta.Tx) error {
		repository, err := tx.Repository(ctx, ref.Repository)
		if err != nil {
			return err
		}
		if row, err = tx.TouchPackage(ctx, repository.ID, ref, o, r.now()); err != nil {
			return err
		}
		return tx.SetOrigin(ctx, row.ID, o)
	})
	r.changed(row.Repository, ref)
	return err
}

// guard refuses to publish a version that an upstream has, or the public
// registry behind a connection: larder.Conflict. Where origin controls block
// upstreams there is none. A public registry that does not answer has
// nothing, as on CodeArtifact.
func (r *Registry) guard(ctx context.Context, v larder.VersionRef) error {
	var places []place
	taken, err := view(ctx, r, func(ctx context.Context, tx *meta.Tx) (taken bool, err error) {
		repository, err := tx.Repository(ctx, v.Package.Repository)
		if err != nil {
			return false, err
		}
		if places, err = r.search(ctx, tx, repository, v.Package); err != nil {
			return false, err
		}
		for i, p := range places {
			if !p.has() {
				continue
			}
			x, there, err := tx.Version(ctx, p.pkg.ID, v.Version)
			switch {
			case err != nil:
				return false, err
			case there && i == 0 && !x.Retained:
				places = nil // it was published here: what follows is the publish's to judge
				return false, nil
			case there && i > 0:
				return true, nil
			}
		}
		return false, nil
	})
	if larder.NotFound.Is(err) {
		return nil // for the publish to tell of
	}
	if err != nil {
		return err
	}
	for _, p := range places {
		if taken {
			break
		}
		if p.connection == "" {
			continue
		}
		pkg, err := r.outside().Package(ctx, p.connection, v.Package)
		if err != nil {
			continue
		}
		if taken, err = lists(pkg, v.Version); err != nil {
			return err
		}
	}
	if !taken {
		return nil
	}
	return &larder.Error{
		Kind: larder.Conflict, Resource: "package-version", ID: v.Version,
		Message: "Version " + v.Version + " of package " + v.Package.String() + " already exists upstream of repository '" +
			v.Package.Repository.Name + "': it cannot be published there.",
	}
}

// lists reports whether an index lists a version.
func lists(pkg *format.Package, version string) (bool, error) {
	for x, err := range pkg.Versions {
		if err != nil {
			return false, err
		}
		if x.Version == version {
			return true, nil
		}
	}
	return false, nil
}
