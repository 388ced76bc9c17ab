package registry

import (
	"context"
	"fmt"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/meta"
)

const (
	actionMetadata       = "codeartifact:PutPackageMetadata"
	actionDeleteVersions = "codeartifact:DeletePackageVersions"
	actionDeletePackage  = "codeartifact:DeletePackage"
)

// Amend changes what is not bytes of a package; see format.Change for which
// permission each part needs. The caller in ctx is judged at commit.
func (r *Registry) Amend(ctx context.Context, ref larder.PackageRef, c format.Change) error {
	actions := Actions(c)
	if len(actions) == 0 {
		return nil
	}
	if err := r.authorizeAll(ctx, actions, ref.ARN(r.Region)); err != nil { // before anything is told about the package
		return err
	}
	revision, err := r.newRevision()
	if err != nil {
		return err
	}
	var row meta.Package
	err = r.DB.Publish(ctx, func(ctx context.Context, tx *meta.Tx) error {
		if row, err = tx.Package(ctx, ref); err != nil {
			return err
		}
		if err := tx.LockPackage(ctx, row); err != nil {
			return err
		}
		if err := r.authorizeAll(ctx, actions, ref.ARN(r.Region)); err != nil {
			return err
		}
		if c.DeletePackage {
			return r.deletePackage(ctx, tx, row)
		}
		return r.amend(ctx, tx, row, c, revision)
	})
	r.changed(row.Repository, ref)
	return err
}

func (r *Registry) authorizeAll(ctx context.Context, actions []string, resource larder.ARN) error {
	for _, action := range actions {
		if err := r.authorize(ctx, action, resource); err != nil {
			return err
		}
	}
	return nil
}

// Actions returns what a change must be allowed.
func Actions(c format.Change) (actions []string) {
	if c.DeletePackage {
		return []string{actionDeletePackage}
	}
	if len(c.Tags) > 0 || len(c.Notes) > 0 || len(c.Status) > 0 {
		actions = append(actions, actionMetadata)
	}
	if len(c.Delete) > 0 {
		actions = append(actions, actionDeleteVersions)
	}
	return actions
}

func (r *Registry) amend(ctx context.Context, tx *meta.Tx, row meta.Package, c format.Change, revision string) error {
	for name, notes := range c.Notes {
		v, err := versionOf(ctx, tx, row, name)
		if err != nil {
			return err
		}
		_, known, err := tx.Manifest(ctx, v.ID)
		if err != nil {
			return err
		}
		if notes, err = mergePatch(known, notes); err != nil {
			return fmt.Errorf("note what is new of version %s: %w", name, err)
		}
		if err := tx.SetVersionNotes(ctx, v.ID, notes, revision); err != nil {
			return err
		}
	}
	for name, status := range c.Status {
		v, err := versionOf(ctx, tx, row, name)
		if err != nil {
			return err
		}
		if v.Status == larder.Archived || v.Status == larder.Disposed {
			return &larder.Error{
				Kind: larder.Conflict, Resource: "package-version", ID: name,
				Message: "Version " + name + " of package " + row.Ref.String() + " is " + string(v.Status) + ".",
			}
		}
		if err := tx.SetVersion(ctx, v.ID, v.Revision, status); err != nil {
			return err
		}
	}
	for _, name := range c.Delete {
		v, err := versionOf(ctx, tx, row, name)
		if err != nil {
			return err
		}
		if err := r.deleteVersion(ctx, tx, row, v); err != nil {
			return err
		}
	}
	return setTags(ctx, tx, row, "", c.Tags)
}

// setTags points tags at versions, which must be there, or removes them where
// the version is empty. Of one version, which may be empty, it is known that
// it is there.
func setTags(ctx context.Context, tx *meta.Tx, row meta.Package, known string, tags map[string]string) error {
	for tag, version := range tags {
		if version != known && version != "" {
			if _, err := versionOf(ctx, tx, row, version); err != nil {
				return err
			}
		}
		if err := tx.SetPackageTag(ctx, row.ID, tag, version); err != nil {
			return err
		}
	}
	return nil
}
