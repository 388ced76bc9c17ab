package meta

import (
	"context"
	"database/sql"
	"time"

	"larder.example/larder"
)

// Version is a version of a package.
type Version struct {
	ID               int64
	Package          int64
	Version          string
	Revision         string
	Status           larder.Status
	PublishedAt      time.Time
	OriginRepository string // where it was first published; empty if it came from outside
	OriginConnection string // the external connection that it came through; empty if it was published here
	Retained         bool   // it came to its repository from upstream
	Manifest, Notes  []byte
}

const versionColumns = `id, package, version, revision, status, published_ms, origin_repository, origin_connection, retained`

// scanVersion reads versionColumns: all but the manifest and the notes.
func scanVersion(r interface{ Scan(...any) error }) (v Version, err error) {
	var published, retained int64
	err = r.Scan(&v.ID, &v.Package, &v.Version, &v.Revision, &v.Status, &published, &v.OriginRepository, &v.OriginConnection, &retained)
	v.PublishedAt, v.Retained = moment(published), retained != 0
	return v, err
}

// InsertVersion makes a version and returns its row's ID. Its coordinate
// must be free: else the fault is Taken.
func (tx *Tx) InsertVersion(ctx context.Context, v Version, facts, readme []byte) (int64, error) {
	var id int64
	err := tx.q.QueryRowContext(ctx, `
		INSERT INTO versions (package, version, revision, status, published_ms, origin_repository, origin_connection, retained, manifest, notes)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		RETURNING id`,
		v.Package, v.Version, v.Revision, v.Status, millis(v.PublishedAt), v.OriginRepository, v.OriginConnection, flag(v.Retained),
		blank(v.Manifest), blank(v.Notes)).Scan(&id)
	if err != nil {
		return 0, err
	}
	_, err = tx.exec(ctx, `INSERT INTO version_facts (version, facts, readme) VALUES ($1, $2, $3)`, id, blank(facts), blank(readme))
	return id, err
}

// blank is b, never NULL.
func blank(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// Version returns a version of a package without its manifest and notes, and
// false if there is none.
func (tx *Tx) Version(ctx context.Context, pkg int64, version string) (Version, bool, error) {
	return found(scanVersion(tx.q.QueryRowContext(ctx, `SELECT `+versionColumns+` FROM versions WHERE package = $1 AND version = $2`, pkg, version)))
}

// NoVersion is the error for a version that a package does not have.
func NoVersion(ref larder.VersionRef) error {
	return &larder.Error{
		Kind: larder.NotFound, Resource: "package-version", ID: ref.Version,
		Message: "Package version not found. Version '" + ref.Version + "' of package '" + ref.Package.String() +
			"' does not exist in repository '" + ref.Package.Repository.Name + "'.",
	}
}

// Facts returns what a version says about itself: its facts and its readme.
func (tx *Tx) Facts(ctx context.Context, version int64) (facts, readme []byte, err error) {
	err = tx.q.QueryRowContext(ctx, `SELECT facts, readme FROM version_facts WHERE version = $1`, version).Scan(&facts, &readme)
	return facts, readme, err
}

// Where versions come from.
const (
	Internal = "INTERNAL" // they were published here
	External = "EXTERNAL" // they came through an external connection
)

// VersionQuery narrows a listing of versions; zero fields do not.
type VersionQuery struct {
	Status larder.Status
	Origin string // Internal or External
	Newest bool   // by time, newest first; else by version, as bytes
	Last   Version
	Limit  int
}

// Versions returns a page of a package's versions, without their manifests
// and notes.
func (tx *Tx) Versions(ctx context.Context, pkg int64, q VersionQuery) ([]Version, error) {
	scan := func(r *sql.Rows) (Version, error) { return scanVersion(r) }
	if !q.Newest {
		return collect(ctx, tx, scan, `
			SELECT `+versionColumns+` FROM versions
			 WHERE package = $1 AND version > $2 AND ($3 = '' OR status = $3)
			   AND ($4 = '' OR $4 = CASE origin_connection WHEN '' THEN 'INTERNAL' ELSE 'EXTERNAL' END)
			 ORDER BY version
			 LIMIT $5`, pkg, q.Last.Version, q.Status, q.Origin, q.Limit)
	}
	before, last := int64(1)<<62, ""
	if q.Last.Version != "" {
		before, last = millis(q.Last.PublishedAt), q.Last.Version
	}
	return collect(ctx, tx, scan, `
		SELECT `+versionColumns+` FROM versions
		 WHERE package = $1 AND (published_ms < $2 OR (published_ms = $2 AND version > $3)) AND ($4 = '' OR status = $4)
		   AND ($5 = '' OR $5 = CASE origin_connection WHEN '' THEN 'INTERNAL' ELSE 'EXTERNAL' END)
		 ORDER BY published_ms DESC, version
		 LIMIT $6`, pkg, before, last, q.Status, q.Origin, q.Limit)
}

// SetVersionNotes replaces the notes of a version and gives it a new
// revision.
func (tx *Tx) SetVersionNotes(ctx context.Context, version int64, notes []byte, revision string) error {
	_, err := tx.exec(ctx, `UPDATE versions SET notes = $2, revision = $3 WHERE id = $1`, version, blank(notes), revision)
	return err
}

// DeleteVersion deletes a version and the tags that point at it. Call
// [Tx.ReleaseVersion] before, in the same transaction.
func (tx *Tx) DeleteVersion(ctx context.Context, v Version) error {
	if _, err := tx.exec(ctx, `DELETE FROM package_tags WHERE package = $1 AND version = $2`, v.Package, v.Version); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `DELETE FROM versions WHERE id = $1`, v.ID)
	return err
}

// SetFacts replaces what a version says about itself.
func (tx *Tx) SetFacts(ctx context.Context, version int64, manifest, facts, readme []byte) error {
	if _, err := tx.exec(ctx, `UPDATE versions SET manifest = $2 WHERE id = $1`, version, blank(manifest)); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `UPDATE version_facts SET facts = $2, readme = $3 WHERE version = $1`, version, blank(facts), blank(readme))
	return err
}

// LearnFacts keeps what a version turned out to say about itself, unless that
// is known or the version is gone.
func (tx *Tx) LearnFacts(ctx context.Context, version int64, facts, readme []byte) error {
	_, err := tx.exec(ctx, `UPDATE version_facts SET facts = $2, readme = $3 WHERE version = $1 AND LENGTH(facts) = 0`,
		version, blank(facts), blank(readme))
	return err
}

// SetVersion gives a version another revision and status.
func (tx *Tx) SetVersion(ctx context.Context, version int64, revision string, status larder.Status) error {
	_, err := tx.exec(ctx, `UPDATE versions SET revision = $2, status = $3 WHERE id = $1`, version, revision, status)
	return err
}

// Manifest returns the manifest and the notes of a version.
func (tx *Tx) Manifest(ctx context.Context, version int64) (manifest, notes []byte, err error) {
	err = tx.q.QueryRowContext(ctx, `SELECT manifest, notes FROM versions WHERE id = $1`, version).Scan(&manifest, &notes)
	return manifest, notes, err
}

// Hidden returns the versions of a package that clients may not know of:
// those that are neither Published nor Unlisted.
func (tx *Tx) Hidden(ctx context.Context, pkg int64) ([]string, error) {
	return collect(ctx, tx, func(r *sql.Rows) (version string, err error) {
		err = r.Scan(&version)
		return version, err
	}, `SELECT version FROM versions WHERE package = $1 AND status NOT IN ('Published', 'Unlisted')`, pkg)
}

// Adopt says that a version was published to its repository, wherever it came
// from first.
func (tx *Tx) Adopt(ctx context.Context, version int64) error {
	_, err := tx.exec(ctx, `UPDATE versions SET retained = 0 WHERE id = $1`, version)
	return err
}
