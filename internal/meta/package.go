package meta

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"larder.example/larder"
)

// Package is a package in one repository.
type Package struct {
	ID         int64
	Repository int64
	Ref        larder.PackageRef
	CreatedAt  time.Time
	Seq        int64 // moves in every transaction that changes the package
	Quiet      int64 // how many of these moves changed nothing that clients see; see [Tx.Quieten]
	Origin     OriginControls
}

// OriginControls say where a package's versions may come from. Each is ALLOW
// or BLOCK.
type OriginControls struct{ Publish, Upstream string }

// TouchPackage makes the package if it is new, moves its seq and keeps other
// writers of it away until the transaction ends. A package that it made has
// Seq 1 and the given origin controls. It is the first statement of a
// publish; a repository that is gone makes the fault Dangling.
func (tx *Tx) TouchPackage(ctx context.Context, repository int64, ref larder.PackageRef, o OriginControls, now time.Time) (Package, error) {
	p := Package{Repository: repository, Ref: ref}
	var created int64
	err := tx.q.QueryRowContext(ctx, `
		INSERT INTO packages (repository, format, namespace, name, created_ms, seq, publish, upstream)
		VALUES ($1, $2, $3, $4, $5, 1, $6, $7)
		ON CONFLICT (repository, format, namespace, name) DO UPDATE SET seq = packages.seq + 1
		RETURNING id, created_ms, seq, quiet, publish, upstream`,
		repository, ref.Format, ref.Namespace, ref.Name, millis(now), o.Publish, o.Upstream,
	).Scan(&p.ID, &created, &p.Seq, &p.Quiet, &p.Origin.Publish, &p.Origin.Upstream)
	p.CreatedAt = moment(created)
	return p, err
}

// Quieten says that the transaction, which has touched the package, changes
// nothing that clients see of it where its repositories' connections answer.
func (tx *Tx) Quieten(ctx context.Context, pkg int64) error {
	_, err := tx.exec(ctx, `UPDATE packages SET quiet = quiet + 1 WHERE id = $1`, pkg)
	return err
}

// LockPackage is as TouchPackage for a package that was found; it is
// larder.NotFound if it is gone meanwhile.
func (tx *Tx) LockPackage(ctx context.Context, p Package) error {
	n, err := tx.exec(ctx, `UPDATE packages SET seq = seq + 1 WHERE id = $1`, p.ID)
	if err == nil && n == 0 {
		err = NoPackage(p.Ref)
	}
	return err
}

// Package returns a package; larder.NotFound, of the domain, the repository
// or the package, if there is none.
func (tx *Tx) Package(ctx context.Context, ref larder.PackageRef) (Package, error) {
	p := Package{Ref: ref}
	var created int64
	err := tx.q.QueryRowContext(ctx, `
		SELECT p.id, p.repository, p.created_ms, p.seq, p.quiet, p.publish, p.upstream
		  FROM packages p
		  JOIN repositories r ON r.id = p.repository
		  JOIN domains d ON d.id = r.domain
		 WHERE d.owner = $1 AND d.name = $2 AND r.name = $3
		   AND p.format = $4 AND p.namespace = $5 AND p.name = $6`,
		ref.Repository.Domain.Owner, ref.Repository.Domain.Name, ref.Repository.Name,
		ref.Format, ref.Namespace, ref.Name,
	).Scan(&p.ID, &p.Repository, &created, &p.Seq, &p.Quiet, &p.Origin.Publish, &p.Origin.Upstream)
	if errors.Is(err, sql.ErrNoRows) {
		if _, err := tx.Repository(ctx, ref.Repository); err != nil {
			return Package{}, err
		}
		return Package{}, NoPackage(ref)
	}
	p.CreatedAt = moment(created)
	return p, err
}

// SetOrigin replaces a package's origin controls.
func (tx *Tx) SetOrigin(ctx context.Context, pkg int64, o OriginControls) error {
	_, err := tx.exec(ctx, `UPDATE packages SET publish = $2, upstream = $3 WHERE id = $1`, pkg, o.Publish, o.Upstream)
	return err
}

// HasServed reports whether clients may know of any version of a package.
func (tx *Tx) HasServed(ctx context.Context, pkg int64) (bool, error) {
	return one[bool](ctx, tx, `
		SELECT EXISTS (SELECT 1 FROM versions WHERE package = $1 AND status IN ('Published', 'Unlisted'))`, pkg)
}

// NoPackage is the error for a package that a repository does not have.
func NoPackage(ref larder.PackageRef) error {
	name := ref.Name
	if ref.Namespace != "" {
		name = ref.Namespace + "/" + name
	}
	return &larder.Error{
		Kind: larder.NotFound, Resource: "package", ID: name,
		Message: "Package not found. Package '" + name + "' of format " + string(ref.Format) +
			" does not exist in repository '" + ref.Repository.Name + "'.",
	}
}

// PackageQuery narrows a listing of packages; zero fields do not.
// NamespacePrefix is a prefix, as ListPackages has it; Namespace is exact.
type PackageQuery struct {
	Format                      larder.Format
	NamespacePrefix, NamePrefix string
	Publish, Upstream           string
	Last                        PackageKey // of the page before
	Limit                       int
}

// PackageKey orders packages.
type PackageKey struct {
	Format          larder.Format
	Namespace, Name string
}

// Packages returns a page of a repository's packages by format, namespace
// and name.
func (tx *Tx) Packages(ctx context.Context, repository Repository, q PackageQuery) ([]Package, error) {
	return collect(ctx, tx, func(r *sql.Rows) (p Package, err error) {
		var created int64
		p.Repository, p.Ref.Repository = repository.ID, repository.Ref
		err = r.Scan(&p.ID, &p.Ref.Format, &p.Ref.Namespace, &p.Ref.Name, &created, &p.Seq, &p.Quiet, &p.Origin.Publish, &p.Origin.Upstream)
		p.CreatedAt = moment(created)
		return p, err
	}, `
		SELECT id, format, namespace, name, created_ms, seq, quiet, publish, upstream
		  FROM packages
		 WHERE repository = $1
		   AND (format, namespace, name) > ($2, $3, $4)
		   AND ($5 = '' OR format = $5)
		   AND namespace >= $6 AND ($7 = '' OR namespace < $7)
		   AND name >= $8 AND ($9 = '' OR name < $9)
		   AND ($10 = '' OR publish = $10)
		   AND ($11 = '' OR upstream = $11)
		 ORDER BY format, namespace, name
		 LIMIT $12`,
		repository.ID, q.Last.Format, q.Last.Namespace, q.Last.Name, q.Format,
		q.NamespacePrefix, after(q.NamespacePrefix), q.NamePrefix, after(q.NamePrefix), q.Publish, q.Upstream, q.Limit)
}

// DeletePackage deletes a package with all that is in it. Call
// [Tx.ReleasePackage] before, in the same transaction.
func (tx *Tx) DeletePackage(ctx context.Context, id int64) error {
	_, err := tx.exec(ctx, `DELETE FROM packages WHERE id = $1`, id)
	return err
}

// SetPackageTag points a tag at a version, or removes it if version is
// empty.
func (tx *Tx) SetPackageTag(ctx context.Context, pkg int64, tag, version string) error {
	if version == "" {
		_, err := tx.exec(ctx, `DELETE FROM package_tags WHERE package = $1 AND tag = $2`, pkg, tag)
		return err
	}
	_, err := tx.exec(ctx, `
		INSERT INTO package_tags (package, tag, version) VALUES ($1, $2, $3)
		ON CONFLICT (package, tag) DO UPDATE SET version = excluded.version`, pkg, tag, version)
	return err
}

// PackageTags returns a package's tags.
func (tx *Tx) PackageTags(ctx context.Context, pkg int64) (map[string]string, error) {
	tags := map[string]string{}
	err := each(ctx, tx, func(r *sql.Rows) error {
		var tag, version string
		if err := r.Scan(&tag, &version); err != nil {
			return err
		}
		tags[tag] = version
		return nil
	}, `SELECT tag, version FROM package_tags WHERE package = $1`, pkg)
	return tags, err
}
