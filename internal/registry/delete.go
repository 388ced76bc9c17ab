package registry

import (
	"context"
	"errors"
	"fmt"

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

// discount takes the bytes of freed that are in no asset of a domain any more
// off its size.
func discount(ctx context.Context, tx *meta.Tx, domain int64, freed []meta.Released) error {
	var gone int64
	for _, b := range freed {
		known, err := tx.InDomain(ctx, b.Blob, domain)
		if err != nil {
			return err
		}
		if !known {
			gone += b.Size
		}
	}
	if gone == 0 {
		return nil
	}
	return tx.AddDomainBytes(ctx, domain, -gone)
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

// Codes of what went wrong with one version of many.
const (
	NotFound         = "NOT_FOUND"
	MismatchedStatus = "MISMATCHED_STATUS"
	Skipped          = "SKIPPED"
)

// VersionFailure is what went wrong with one version of many.
type VersionFailure struct{ Code, Message string }

// Batch is what became of the versions of one call: all of them or none
// succeed, as AWS has it today.
type Batch struct {
	Done   map[string]VersionRecord
	Failed map[string]VersionFailure
}

// errBatch ends a transaction whose batch has failures.
var errBatch = errors.New("some of the versions cannot be changed")

// DeletePackageVersions deletes versions whose status, if expected is not
// empty, is the expected one.
func (r *Registry) DeletePackageVersions(ctx context.Context, ref larder.PackageRef, versions []string, expected larder.Status) (Batch, error) {
	var row meta.Package
	var b Batch
	err := r.DB.Publish(ctx, func(ctx context.Context, tx *meta.Tx) (err error) {
		b = Batch{Done: map[string]VersionRecord{}, Failed: map[string]VersionFailure{}}
		if row, err = tx.Package(ctx, ref); err != nil {
			return err
		}
		if err := tx.LockPackage(ctx, row); err != nil {
			return err
		}
		for _, name := range versions {
			v, ok, err := tx.Version(ctx, row.ID, name)
			switch {
			case err != nil:
				return err
			case !ok:
				b.Failed[name] = VersionFailure{NotFound, "Could not find version " + name}
			case expected != "" && v.Status != expected:
				b.Failed[name] = VersionFailure{MismatchedStatus, fmt.Sprintf("current status: %s, expected status: %s", v.Status, expected)}
			default:
				b.Done[name] = v
			}
		}
		if len(b.Failed) > 0 {
			return errBatch
		}
		for _, v := range b.Done {
			if err := r.deleteVersion(ctx, tx, row, v); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, errBatch) {
		for name := range b.Done {
			b.Failed[name] = VersionFailure{Skipped, "version " + name + " is skipped"}
		}
		b.Done = nil
		return b, nil
	}
	r.changed(row.Repository, ref)
	return b, err
}
