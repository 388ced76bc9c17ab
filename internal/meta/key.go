package meta

import (
	"context"
	"database/sql"
	"time"
)

// AccessKey is a long-term key. Secret is sealed by the key ring.
type AccessKey struct {
	ID, Account string
	Owner       string // a user's unique ID, or the account's number for root
	Secret      []byte
	Status      string // Active or Inactive
	CreatedAt   time.Time
}

// InsertAccessKey makes a key.
func (tx *Tx) InsertAccessKey(ctx context.Context, k AccessKey) error {
	_, err := tx.exec(ctx, `
		INSERT INTO access_keys (id, account, owner, secret, status, created_ms)
		VALUES ($1, $2, $3, $4, $5, $6)`,
		k.ID, k.Account, k.Owner, k.Secret, k.Status, millis(k.CreatedAt))
	return err
}

// AccessKeys returns the keys of one owner, by ID.
func (tx *Tx) AccessKeys(ctx context.Context, owner string) ([]AccessKey, error) {
	return collect(ctx, tx, scanAccessKey, `
		SELECT id, account, owner, secret, status, created_ms FROM access_keys
		 WHERE owner = $1
		 ORDER BY id`, owner)
}

// AllAccessKeys returns every key.
func (tx *Tx) AllAccessKeys(ctx context.Context) ([]AccessKey, error) {
	return collect(ctx, tx, scanAccessKey, `SELECT id, account, owner, secret, status, created_ms FROM access_keys`)
}

func scanAccessKey(r *sql.Rows) (k AccessKey, err error) {
	var created int64
	err = r.Scan(&k.ID, &k.Account, &k.Owner, &k.Secret, &k.Status, &created)
	k.CreatedAt = moment(created)
	return k, err
}

// SetAccessKeyStatus reports whether the owner has such a key.
func (tx *Tx) SetAccessKeyStatus(ctx context.Context, owner, id, status string) (bool, error) {
	n, err := tx.exec(ctx, `UPDATE access_keys SET status = $3 WHERE owner = $1 AND id = $2`, owner, id, status)
	return n > 0, err
}

// DeleteAccessKey reports whether the owner had such a key.
func (tx *Tx) DeleteAccessKey(ctx context.Context, owner, id string) (bool, error) {
	n, err := tx.exec(ctx, `DELETE FROM access_keys WHERE owner = $1 AND id = $2`, owner, id)
	return n > 0, err
}
