package meta

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"larder.example/larder"
)

// Asset is a file of a version.
type Asset struct {
	Name      string
	Blob      Blob
	AddedAt   time.Time
	Companion bool // served, never listed
	Manifest  []byte
	Known     *Known // of an asset that has no blob, because it was never fetched
}

// Known is what an upstream tells of an asset.
type Known struct {
	URL    string `json:"url,omitempty"`
	Size   int64  `json:"size"` // -1: not known
	MD5    string `json:"md5,omitempty"`
	SHA1   string `json:"sha1,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
	SHA512 string `json:"sha512,omitempty"`
}

const assetColumns = `a.name, a.added_ms, a.companion, a.manifest, a.known, b.id, b.size, b.placed, b.digest, b.md5, b.sha1, b.sha512`

// assetScan holds the columns of assetColumns while they are scanned; all
// are NULL where an outer join found no asset.
type assetScan struct {
	name, manifest, known, digest, md5, sha1, sha512 sql.RawBytes
	added, companion, id, size, placed               sql.NullInt64
}

func (s *assetScan) dest() []any {
	return []any{&s.name, &s.added, &s.companion, &s.manifest, &s.known, &s.id, &s.size, &s.placed, &s.digest, &s.md5, &s.sha1, &s.sha512}
}

// found reports whether there is an asset.
func (s *assetScan) found() bool { return s.added.Valid }

func (s *assetScan) asset() (Asset, error) {
	a := Asset{
		Name: string(s.name), AddedAt: moment(s.added.Int64), Companion: s.companion.Int64 != 0, Manifest: slices.Clone(s.manifest),
		Blob: Blob{ID: s.id.Int64, Size: s.size.Int64, Placed: s.placed.Int64 != 0},
	}
	if !s.id.Valid {
		if err := json.Unmarshal(s.known, &a.Known); err != nil {
			return a, fmt.Errorf("read what is known of asset %s: %w", a.Name, err)
		}
		return a, nil
	}
	copy(a.Blob.Sums.SHA256[:], s.digest)
	copy(a.Blob.Sums.MD5[:], s.md5)
	copy(a.Blob.Sums.SHA1[:], s.sha1)
	copy(a.Blob.Sums.SHA512[:], s.sha512)
	return a, nil
}

// InsertAsset makes a blob an asset of a version, or notes what is known of
// one. Call [Tx.HoldBlob] before, in the same transaction. A name that is
// taken makes the fault Taken.
func (tx *Tx) InsertAsset(ctx context.Context, version int64, a Asset) error {
	var known []byte
	if a.Known != nil {
		var err error
		if known, err = json.Marshal(a.Known); err != nil {
			return fmt.Errorf("note what is known of asset %s: %w", a.Name, err)
		}
	}
	_, err := tx.exec(ctx, `INSERT INTO assets (version, name, blob, known, added_ms, companion, manifest) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		version, a.Name, sql.NullInt64{Int64: a.Blob.ID, Valid: a.Known == nil}, string(known), millis(a.AddedAt), flag(a.Companion), blank(a.Manifest))
	if err != nil && tx.Fault(err) == Dangling {
		return ErrBlobGone
	}
	return err
}

// FillAsset gives an asset that was only known its blob, and reports whether
// there was one without. Call [Tx.HoldBlob] before, in the same transaction.
func (tx *Tx) FillAsset(ctx context.Context, version int64, name string, blob int64) (bool, error) {
	n, err := tx.exec(ctx, `UPDATE assets SET blob = $3, known = '' WHERE version = $1 AND name = $2 AND blob IS NULL`, version, name, blob)
	if err != nil && tx.Fault(err) == Dangling {
		err = ErrBlobGone
	}
	return n > 0, err
}

func scanAsset(r *sql.Rows) (Asset, error) {
	var s assetScan
	if err := r.Scan(s.dest()...); err != nil {
		return Asset{}, err
	}
	return s.asset()
}

// Assets returns all assets of a version by name, companions among them.
func (tx *Tx) Assets(ctx context.Context, version int64) ([]Asset, error) {
	return collect(ctx, tx, scanAsset, `
		SELECT `+assetColumns+`
		  FROM assets a LEFT JOIN blobs b ON b.id = a.blob
		 WHERE a.version = $1
		 ORDER BY a.name`, version)
}

// ListedAssets returns a page of a version's assets by name, without
// companions.
func (tx *Tx) ListedAssets(ctx context.Context, version int64, last string, limit int) ([]Asset, error) {
	return collect(ctx, tx, scanAsset, `
		SELECT `+assetColumns+`
		  FROM assets a LEFT JOIN blobs b ON b.id = a.blob
		 WHERE a.version = $1 AND a.name > $2 AND a.companion = 0
		 ORDER BY a.name
		 LIMIT $3`, version, last, limit)
}

// DeleteAsset deletes an asset of a version, if it is there. Call
// [Tx.ReleaseBlob] before, in the same transaction.
func (tx *Tx) DeleteAsset(ctx context.Context, version int64, name string) error {
	_, err := tx.exec(ctx, `DELETE FROM assets WHERE version = $1 AND name = $2`, version, name)
	return err
}

// DeleteAssets deletes all assets of a version. Call [Tx.ReleaseVersion]
// before, in the same transaction.
func (tx *Tx) DeleteAssets(ctx context.Context, version int64) error {
	_, err := tx.exec(ctx, `DELETE FROM assets WHERE version = $1`, version)
	return err
}

// InDomain reports whether a blob is an asset anywhere in a domain.
func (tx *Tx) InDomain(ctx context.Context, blob, domain int64) (bool, error) {
	return one[bool](ctx, tx, `
		SELECT EXISTS (
			SELECT 1
			  FROM assets a
			  JOIN versions v ON v.id = a.version
			  JOIN packages p ON p.id = v.package
			  JOIN repositories r ON r.id = p.repository
			 WHERE a.blob = $1 AND r.domain = $2)`, blob, domain)
}

// Served hands the versions of a package that clients may know of, Published
// and Unlisted, to fn with all their assets but companions, in the order of
// their names' bytes. It is one statement, so one snapshot; fn must not use
// the transaction. A package may have thousands: nothing is made for each row
// but what is kept of it.
func (tx *Tx) Served(ctx context.Context, pkg int64, fn func(Version, []Asset) error) error {
	var v Version
	var assets []Asset
	var id, published, retained int64
	var version, status, repository, connection, manifest, notes sql.RawBytes
	var s assetScan
	dest := append([]any{&id, &version, &status, &published, &repository, &connection, &retained, &manifest, &notes}, s.dest()...)
	err := each(ctx, tx, func(r *sql.Rows) error {
		if err := r.Scan(dest...); err != nil {
			return err
		}
		if id != v.ID {
			if v.ID != 0 {
				if err := fn(v, assets); err != nil {
					return err
				}
			}
			v, assets = Version{
				ID: id, Version: string(version), Status: larder.Status(status), PublishedAt: moment(published),
				OriginRepository: string(repository), OriginConnection: string(connection), Retained: retained != 0,
				Manifest: slices.Clone(manifest), Notes: slices.Clone(notes),
			}, nil
		}
		if !s.found() {
			return nil
		}
		a, err := s.asset()
		assets = append(assets, a)
		return err
	}, `
		SELECT v.id, v.version, v.status, v.published_ms, v.origin_repository, v.origin_connection, v.retained, v.manifest, v.notes, `+assetColumns+`
		  FROM versions v
		  LEFT JOIN assets a ON a.version = v.id AND a.companion = 0
		  LEFT JOIN blobs b ON b.id = a.blob
		 WHERE v.package = $1 AND v.status IN ('Published', 'Unlisted')
		 ORDER BY v.version, a.name`, pkg)
	if err != nil || v.ID == 0 {
		return err
	}
	return fn(v, assets)
}

// FoundAsset is an asset with what decides whether and how it is served.
type FoundAsset struct {
	Asset
	Version Version // without its manifest and notes
}

const foundColumns = `v.id, v.package, v.version, v.revision, v.status, v.published_ms, v.origin_repository, v.origin_connection, v.retained`

func scanFound(r *sql.Rows) (f FoundAsset, err error) {
	var s assetScan
	var published, retained int64
	v := &f.Version
	err = r.Scan(append([]any{
		&v.ID, &v.Package, &v.Version, &v.Revision, &v.Status, &published, &v.OriginRepository, &v.OriginConnection, &retained,
	}, s.dest()...)...)
	if err != nil {
		return f, err
	}
	v.PublishedAt, v.Retained = moment(published), retained != 0
	f.Asset, err = s.asset()
	return f, err
}

// Asset returns one asset of one version, and false if there is none.
func (tx *Tx) Asset(ctx context.Context, ref larder.AssetRef) (FoundAsset, bool, error) {
	p := ref.Version.Package
	found, err := collect(ctx, tx, func(r *sql.Rows) (FoundAsset, error) {
		return scanFound(r)
	}, `
		SELECT `+foundColumns+`, `+assetColumns+`
		  FROM domains d
		  JOIN repositories r ON r.domain = d.id
		  JOIN packages p ON p.repository = r.id
		  JOIN versions v ON v.package = p.id
		  JOIN assets a ON a.version = v.id
		  LEFT JOIN blobs b ON b.id = a.blob
		 WHERE d.owner = $1 AND d.name = $2 AND r.name = $3
		   AND p.format = $4 AND p.namespace = $5 AND p.name = $6
		   AND v.version = $7 AND a.name = $8`,
		p.Repository.Domain.Owner, p.Repository.Domain.Name, p.Repository.Name,
		p.Format, p.Namespace, p.Name, ref.Version.Version, ref.Name)
	if err != nil || len(found) == 0 {
		return FoundAsset{}, false, err
	}
	return found[0], true, nil
}

// AssetOf returns an asset of a version, and false if there is none.
func (tx *Tx) AssetOf(ctx context.Context, version int64, name string) (Asset, bool, error) {
	all, err := collect(ctx, tx, scanAsset, `
		SELECT `+assetColumns+`
		  FROM assets a LEFT JOIN blobs b ON b.id = a.blob
		 WHERE a.version = $1 AND a.name = $2`, version, name)
	if err != nil || len(all) == 0 {
		return Asset{}, false, err
	}
	return all[0], true, nil
}

// Released is a blob that a deletion lets go.
type Released struct{ Blob, Size int64 }

// ReleaseBlob starts the grace period of a blob one of whose assets is about
// to be deleted.
func (tx *Tx) ReleaseBlob(ctx context.Context, blob int64, now time.Time) error {
	_, err := tx.exec(ctx, `UPDATE blobs SET touched_ms = $2 WHERE id = $1`, blob, millis(now))
	return err
}

// ReleaseVersion starts the grace period of the blobs of a version that is
// about to lose them all, and returns them.
func (tx *Tx) ReleaseVersion(ctx context.Context, version int64, now time.Time) ([]Released, error) {
	return tx.release(ctx, `
		UPDATE blobs SET touched_ms = $2
		 WHERE id IN (SELECT a.blob FROM assets a WHERE a.version = $1)
		RETURNING id, size`, version, now)
}

// ReleasePackage is as ReleaseVersion for all versions of a package.
func (tx *Tx) ReleasePackage(ctx context.Context, pkg int64, now time.Time) ([]Released, error) {
	return tx.release(ctx, `
		UPDATE blobs SET touched_ms = $2
		 WHERE id IN (SELECT a.blob FROM assets a JOIN versions v ON v.id = a.version WHERE v.package = $1)
		RETURNING id, size`, pkg, now)
}

func (tx *Tx) release(ctx context.Context, query string, row int64, now time.Time) ([]Released, error) {
	return collect(ctx, tx, func(r *sql.Rows) (x Released, err error) {
		err = r.Scan(&x.Blob, &x.Size)
		return x, err
	}, query, row, millis(now))
}

// ReleaseRepository starts the grace period of the blobs of a repository
// that is about to be deleted.
func (tx *Tx) ReleaseRepository(ctx context.Context, repository int64, now time.Time) error {
	_, err := tx.exec(ctx, `
		UPDATE blobs SET touched_ms = $2
		 WHERE id IN (
			SELECT a.blob
			  FROM assets a
			  JOIN versions v ON v.id = a.version
			  JOIN packages p ON p.id = v.package
			 WHERE p.repository = $1)`, repository, millis(now))
	return err
}

// Held is an asset that a repository has of what came through an external
// connection.
type Held struct {
	Asset
	Repository larder.RepositoryRef
	Version    string
}

// HeldFrom returns the assets of a package that came through a connection, in
// whatever repository, by domain, version, asset and repository. An empty
// version is every version. The repository of ref is not looked at. CROSS JOIN
// makes SQLite look for the package in each repository; it would read all
// versions there are.
func (tx *Tx) HeldFrom(ctx context.Context, connection string, ref larder.PackageRef, version string) ([]Held, error) {
	return collect(ctx, tx, func(r *sql.Rows) (h Held, err error) {
		var s assetScan
		domain := &h.Repository.Domain
		if err := r.Scan(append([]any{&domain.Owner, &domain.Name, &h.Repository.Name, &h.Version}, s.dest()...)...); err != nil {
			return h, err
		}
		h.Asset, err = s.asset()
		return h, err
	}, `
		SELECT d.owner, d.name, r.name, v.version, `+assetColumns+`
		  FROM repositories r
		 CROSS JOIN packages p
		  JOIN domains d ON d.id = r.domain
		  JOIN versions v ON v.package = p.id
		  JOIN assets a ON a.version = v.id
		  LEFT JOIN blobs b ON b.id = a.blob
		 WHERE p.repository = r.id AND p.format = $1 AND p.namespace = $2 AND p.name = $3
		   AND v.origin_connection = $4 AND ($5 = '' OR v.version = $5)
		 ORDER BY d.owner, d.name, v.version, a.name, r.name`,
		ref.Format, ref.Namespace, ref.Name, connection, version)
}
