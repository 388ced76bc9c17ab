package meta

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Blob is stored bytes. The store knows them by SHA-256 and ID.
type Blob struct {
	ID     int64
	Sums   Sums
	Size   int64
	Placed bool // the bytes are durably in the store
}

// Sums are the digests of a blob.
type Sums struct {
	MD5    [16]byte
	SHA1   [20]byte
	SHA256 [32]byte
	SHA512 [64]byte
}

// ErrBlobGone says that the collector took a blob before an asset could
// name it: reserve again, place again.
var ErrBlobGone = errors.New("the blob was collected")

// ReserveBlob finds or makes the row of bytes that are about to be placed,
// and keeps it from the collector for the grace period.
func (tx *Tx) ReserveBlob(ctx context.Context, sums Sums, size int64, now time.Time) (Blob, error) {
	b := Blob{Sums: sums, Size: size}
	var placed int64
	err := tx.q.QueryRowContext(ctx, `
		INSERT INTO blobs (digest, size, md5, sha1, sha512, placed, touched_ms) VALUES ($1, $2, $3, $4, $5, 0, $6)
		ON CONFLICT (digest) DO UPDATE SET touched_ms = excluded.touched_ms
		RETURNING id, placed`,
		sums.SHA256[:], size, sums.MD5[:], sums.SHA1[:], sums.SHA512[:], millis(now)).Scan(&b.ID, &placed)
	b.Placed = placed != 0
	return b, err
}

// PlacedBlob returns the blob that has a digest, and false if no bytes with
// it are in the store.
func (tx *Tx) PlacedBlob(ctx context.Context, sha256 [32]byte) (Blob, bool, error) {
	b := Blob{Placed: true}
	var md5, sha1, sha512 []byte
	_, ok, err := found(b, tx.q.QueryRowContext(ctx, `SELECT id, size, md5, sha1, sha512 FROM blobs WHERE digest = $1 AND placed = 1`,
		sha256[:]).Scan(&b.ID, &b.Size, &md5, &sha1, &sha512))
	b.Sums.SHA256 = sha256
	copy(b.Sums.MD5[:], md5)
	copy(b.Sums.SHA1[:], sha1)
	copy(b.Sums.SHA512[:], sha512)
	return b, ok, err
}

// HoldBlob keeps the row of bytes that are in the store until the transaction
// ends: from the collector, and from other publishes and deletions of the
// same bytes, so that [Tx.InDomain] tells who was first. [ErrBlobGone] says
// that the collector was faster.
func (tx *Tx) HoldBlob(ctx context.Context, id int64) error {
	n, err := tx.exec(ctx, `UPDATE blobs SET placed = 1 WHERE id = $1`, id)
	if err == nil && n == 0 {
		err = ErrBlobGone
	}
	return err
}

// LoseBlob notes that the bytes of a blob are not in the store: who publishes
// them next stores them again.
func (tx *Tx) LoseBlob(ctx context.Context, id int64) error {
	_, err := tx.exec(ctx, `UPDATE blobs SET placed = 0 WHERE id = $1 AND placed = 1`, id)
	return err
}

// Unreferenced returns blobs that no asset and no document names and that
// were last touched before cutoff, in order of their rows.
func (tx *Tx) Unreferenced(ctx context.Context, cutoff time.Time, last int64, limit int) ([]int64, error) {
	return collect(ctx, tx, func(r *sql.Rows) (id int64, err error) {
		err = r.Scan(&id)
		return id, err
	}, `
		SELECT id FROM blobs
		 WHERE touched_ms < $1 AND id > $2
		   AND NOT EXISTS (SELECT 1 FROM assets WHERE assets.blob = blobs.id)
		   AND NOT EXISTS (SELECT 1 FROM documents WHERE documents.blob = blobs.id)
		 ORDER BY id
		 LIMIT $3`, millis(cutoff), last, limit)
}

// Bury deletes a blob's row, if it is still older than cutoff, and leaves a
// grave that says which bytes to delete later. An asset or a document that
// names the blob makes the fault Dangling: it is alive.
func (tx *Tx) Bury(ctx context.Context, id int64, cutoff, now time.Time) error {
	var digest []byte
	err := tx.q.QueryRowContext(ctx, `DELETE FROM blobs WHERE id = $1 AND touched_ms < $2 RETURNING digest`,
		id, millis(cutoff)).Scan(&digest)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = tx.exec(ctx, `
		INSERT INTO graves (id, digest, since_ms) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO NOTHING`, id, digest, millis(now))
	return err
}

// Grave names bytes whose row is gone.
type Grave struct {
	ID     int64
	SHA256 [32]byte
}

// Graves returns the graves that were dug before cutoff.
func (tx *Tx) Graves(ctx context.Context, cutoff time.Time, limit int) ([]Grave, error) {
	return collect(ctx, tx, func(r *sql.Rows) (g Grave, err error) {
		var digest []byte
		err = r.Scan(&g.ID, &digest)
		copy(g.SHA256[:], digest)
		return g, err
	}, `SELECT id, digest FROM graves WHERE since_ms < $1 ORDER BY id LIMIT $2`, millis(cutoff), limit)
}

// CloseGrave forgets a grave whose bytes are deleted.
func (tx *Tx) CloseGrave(ctx context.Context, id int64) error {
	_, err := tx.exec(ctx, `DELETE FROM graves WHERE id = $1`, id)
	return err
}
