package meta

import (
	"context"
	"database/sql"
	"time"
)

// Document is what a registry outside answered: an index of a package, or a
// small file that stands beside another.
type Document struct {
	Connection, Path string // the path is below the connection's base, or a URL
	Blob             Blob
	URL              string // where it stood
	ContentType      string
	ETag, Modified   string    // its validators, as they were sent
	ChangedAt        time.Time // says the registry; zero: it does not say
	StoredAt         time.Time
}

// Document returns a stored answer, and false if there is none.
func (tx *Tx) Document(ctx context.Context, connection, path string) (Document, bool, error) {
	d := Document{Connection: connection, Path: path}
	var digest, md5, sha1, sha512 sql.RawBytes
	var placed, changed, stored int64
	count := 0
	err := each(ctx, tx, func(r *sql.Rows) error {
		count++
		err := r.Scan(&d.URL, &d.ContentType, &d.ETag, &d.Modified, &changed, &stored,
			&d.Blob.ID, &d.Blob.Size, &placed, &digest, &md5, &sha1, &sha512)
		copy(d.Blob.Sums.SHA256[:], digest)
		copy(d.Blob.Sums.MD5[:], md5)
		copy(d.Blob.Sums.SHA1[:], sha1)
		copy(d.Blob.Sums.SHA512[:], sha512)
		return err
	}, `
		SELECT d.url, d.content_type, d.etag, d.modified, d.changed_ms, d.stored_ms,
		       b.id, b.size, b.placed, b.digest, b.md5, b.sha1, b.sha512
		  FROM documents d JOIN blobs b ON b.id = d.blob
		 WHERE d.connection = $1 AND d.path = $2`, connection, path)
	if err != nil || count == 0 {
		return Document{}, false, err
	}
	d.Blob.Placed, d.StoredAt = placed != 0, moment(stored)
	if changed != 0 {
		d.ChangedAt = moment(changed)
	}
	return d, true, nil
}

// PutDocument stores an answer in the place of what was answered before,
// whose bytes begin their grace period at now. Call [Tx.HoldBlob] before, in
// the same transaction.
func (tx *Tx) PutDocument(ctx context.Context, d Document, now time.Time) error {
	_, err := tx.exec(ctx, `
		UPDATE blobs SET touched_ms = $4
		 WHERE id = (SELECT blob FROM documents WHERE connection = $1 AND path = $2 AND blob <> $3)`,
		d.Connection, d.Path, d.Blob.ID, millis(now))
	if err != nil {
		return err
	}
	changed := int64(0)
	if !d.ChangedAt.IsZero() {
		changed = millis(d.ChangedAt)
	}
	_, err = tx.exec(ctx, `
		INSERT INTO documents (connection, path, blob, url, content_type, etag, modified, changed_ms, stored_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (connection, path) DO UPDATE
		   SET blob = excluded.blob, url = excluded.url, content_type = excluded.content_type, etag = excluded.etag,
		       modified = excluded.modified, changed_ms = excluded.changed_ms, stored_ms = excluded.stored_ms`,
		d.Connection, d.Path, d.Blob.ID, d.URL, d.ContentType, d.ETag, d.Modified, changed, millis(d.StoredAt))
	if err != nil && tx.Fault(err) == Dangling {
		err = ErrBlobGone
	}
	return err
}
