package registry

import (
	"context"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
)

// deletePackage deletes a package with its versions and its origin
// configuration.
func (r *Registry) deletePackage(ctx context.Context, tx *meta.Tx, row meta.Package) error {
	repository, err := tx.Repository(ctx, row.Ref.Repository)
	if err != nil {
		return err
	}
	freed, err := tx.ReleasePackage(ctx, row.ID, r.now())
	if err != nil {
		return err
	}
	if err := tx.DeletePackage(ctx, row.ID); err != nil {
		return err
	}
	return discount(ctx, tx, repository.Domain, freed)
}

// deleteVersion deletes a version with the tags that point at it.
func (r *Registry) deleteVersion(ctx context.Context, tx *meta.Tx, row meta.Package, v meta.Version) error {
	repository, err := tx.Repository(ctx, row.Ref.Repository)
	if err != nil {
		return err
	}
	freed, err := tx.ReleaseVersion(ctx, v.ID, r.now())
	if err != nil {
		return err
	}
	if err := tx.DeleteVersion(ctx, v); err != nil {
		return err
	}
	return discount(ctx, tx, repository.Domain, freed)
}

// removeAssets deletes assets of a version, and returns how many bytes fewer
// are in the domain.
func (r *Registry) removeAssets(ctx context.Context, tx *meta.Tx, domain, version int64, assets []meta.Asset) (int64, error) {
	var released []meta.Released
	for _, a := range assets {
		if err := tx.ReleaseBlob(ctx, a.Blob.ID, r.now()); err != nil {
			return 0, err
		}
		if err := tx.DeleteAsset(ctx, version, a.Name); err != nil {
			return 0, err
		}
		released = append(released, meta.Released{Blob: a.Blob.ID, Size: a.Blob.Size})
	}
	return gone(ctx, tx, domain, released)
}

// gone returns the bytes of what was released that are in no asset of a
// domain any more.
func gone(ctx context.Context, tx *meta.Tx, domain int64, released []meta.Released) (bytes int64, err error) {
	counted := map[int64]bool{}
	for _, b := range released {
		known, err := tx.InDomain(ctx, b.Blob, domain)
		if err != nil {
			return 0, err
		}
		if !known && !counted[b.Blob] {
			counted[b.Blob] = true
			bytes += b.Size
		}
	}
	return bytes, nil
}

// discount takes what is gone of released off the size of a domain.
func discount(ctx context.Context, tx *meta.Tx, domain int64, released []meta.Released) error {
	bytes, err := gone(ctx, tx, domain, released)
	if err != nil || bytes == 0 {
		return err
	}
	return tx.AddDomainBytes(ctx, domain, -bytes)
}

// DeletePackage deletes a package with its versions and its origin
// configuration, and returns it.
func (r *Registry) DeletePackage(ctx context.Context, ref larder.PackageRef) (PackageRecord, error) {
	var row meta.Package
	err := r.DB.Publish(ctx, func(ctx context.Context, tx *meta.Tx) (err error) {
		if row, err = tx.Package(ctx, ref); err != nil {
			return err
		}
		if err := tx.LockPackage(ctx, row); err != nil {
			return err
		}
		return r.deletePackage(ctx, tx, row)
	})
	r.changed(row.Repository, ref)
	return row, err
}
