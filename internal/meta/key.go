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

// AccessKey returns a key, and false if there is none of that ID.
func (tx *Tx) AccessKey(ctx context.Context, id string) (AccessKey, bool, error) {
	all, err := collect(ctx, tx, scanAccessKey, `
		SELECT id, account, owner, secret, status, created_ms FROM access_keys WHERE id = $1`, id)
	if err != nil || len(all) == 0 {
		return AccessKey{}, false, err
	}
	return all[0], true, nil
}

// CountAccessKeys returns how many keys an owner has.
func (tx *Tx) CountAccessKeys(ctx context.Context, owner string) (int, error) {
	return one[int](ctx, tx, `SELECT count(*) FROM access_keys WHERE owner = $1`, owner)
}

// SetKeyUse notes what a key was last used for.
func (tx *Tx) SetKeyUse(ctx context.Context, id string, u Use) error {
	_, err := tx.exec(ctx, `
		UPDATE access_keys SET used_ms = $2, used_service = $3, used_region = $4
		 WHERE id = $1 AND used_ms <= $2`, id, millis(u.At), u.Service, u.Region)
	return err
}

// KeyUse returns what a key was last used for.
func (tx *Tx) KeyUse(ctx context.Context, id string) (u Use, err error) {
	var at int64
	err = tx.q.QueryRowContext(ctx, `SELECT used_ms, used_service, used_region FROM access_keys WHERE id = $1`, id).
		Scan(&at, &u.Service, &u.Region)
	u.At = moment(at)
	return u, err
}
