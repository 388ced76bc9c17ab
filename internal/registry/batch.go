package registry

import (
	"context"
	"errors"
	"fmt"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
)

// Codes of what went wrong with one version of many.
const (
	NotFound           = "NOT_FOUND"
	MismatchedRevision = "MISMATCHED_REVISION"
	MismatchedStatus   = "MISMATCHED_STATUS"
	NotAllowed         = "NOT_ALLOWED"
	Skipped            = "SKIPPED"
)

// VersionFailure is what went wrong with one version of many.
type VersionFailure struct{ Code, Message string }

// Batch is what became of the versions of one call: all of them or none
// succeed, as AWS has it today.
type Batch struct {
	Done   map[string]VersionRecord // as they are now; deleted ones as they were
	Failed map[string]VersionFailure
}

// Selection names versions of a package, and what must be true of each for
// any to be changed.
type Selection struct {
	Versions  []string
	Revisions map[string]string // by version; one that is not in it may have any
	Expected  larder.Status     // empty: any
}

// errBatch ends a transaction whose batch has failures.
var errBatch = errors.New("some of the versions cannot be changed")

// DeletePackageVersions deletes versions.
func (r *Registry) DeletePackageVersions(ctx context.Context, ref larder.PackageRef, s Selection) (Batch, error) {
	return r.batch(ctx, ref, s, func(ctx context.Context, tx *meta.Tx, row meta.Package, v *meta.Version) error {
		return r.deleteVersion(ctx, tx, row, *v)
	})
}

// UpdatePackageVersionsStatus makes versions Published, Unlisted or Archived.
// Their revisions stay.
func (r *Registry) UpdatePackageVersionsStatus(ctx context.Context, ref larder.PackageRef, s Selection, target larder.Status) (Batch, error) {
	return r.batch(ctx, ref, s, func(ctx context.Context, tx *meta.Tx, _ meta.Package, v *meta.Version) error {
		if v.Status == larder.Disposed {
			return &refused{"version " + v.Version + " is Disposed: its status cannot be changed"}
		}
		v.Status = target
		return tx.SetVersion(ctx, v.ID, v.Revision, v.Status)
	})
}

// DisposePackageVersions deletes the assets of versions and leaves the rest.
func (r *Registry) DisposePackageVersions(ctx context.Context, ref larder.PackageRef, s Selection) (Batch, error) {
	revision, err := r.newRevision()
	if err != nil {
		return Batch{}, err
	}
	return r.batch(ctx, ref, s, func(ctx context.Context, tx *meta.Tx, row meta.Package, v *meta.Version) error {
		if v.Status == larder.Disposed {
			return &refused{"version " + v.Version + " is Disposed already"}
		}
		repository, err := tx.Repository(ctx, row.Ref.Repository)
		if err != nil {
			return err
		}
		released, err := tx.ReleaseVersion(ctx, v.ID, r.now())
		if err != nil {
			return err
		}
		if err := tx.DeleteAssets(ctx, v.ID); err != nil {
			return err
		}
		v.Status, v.Revision = larder.Disposed, revision
		if err := tx.SetVersion(ctx, v.ID, v.Revision, v.Status); err != nil {
			return err
		}
		return discount(ctx, tx, repository.Domain, released)
	})
}

// refused is why one version of many may not be changed as was asked.
type refused struct{ message string }

func (e *refused) Error() string { return e.message }

// batch changes versions of a package, all of them or none.
func (r *Registry) batch(ctx context.Context, ref larder.PackageRef, s Selection,
	change func(context.Context, *meta.Tx, meta.Package, *meta.Version) error,
) (Batch, error) {
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
		for _, name := range s.Versions {
			if _, done := b.Done[name]; done {
				continue // named twice
			}
			v, ok, err := tx.Version(ctx, row.ID, name)
			if err != nil {
				return err
			}
			if failure := s.check(name, v, ok); failure.Code != "" {
				b.Failed[name] = failure
				continue
			}
			var no *refused
			switch err := change(ctx, tx, row, &v); {
			case errors.As(err, &no):
				b.Failed[name] = VersionFailure{NotAllowed, no.message}
			case err != nil:
				return err
			default:
				b.Done[name] = v
			}
		}
		if len(b.Failed) > 0 {
			return errBatch
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

// check returns why a version cannot be changed; a failure without a code if
// it can.
func (s Selection) check(name string, v meta.Version, there bool) VersionFailure {
	want, revised := s.Revisions[name]
	switch {
	case !there:
		return VersionFailure{NotFound, "Could not find version " + name}
	case revised && want != v.Revision:
		return VersionFailure{MismatchedRevision, "current revision: " + v.Revision + ", expected revision: " + want}
	case s.Expected != "" && v.Status != s.Expected:
		return VersionFailure{MismatchedStatus, fmt.Sprintf("current status: %s, expected status: %s", v.Status, s.Expected)}
	}
	return VersionFailure{}
}
