package meta

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Account is an account.
type Account struct {
	ID        string
	CreatedAt time.Time
}

// InsertAccount makes an account and reports whether the number was free.
func (tx *Tx) InsertAccount(ctx context.Context, a Account) (bool, error) {
	n, err := tx.exec(ctx, `INSERT INTO accounts (id, created_ms) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`,
		a.ID, millis(a.CreatedAt))
	return n > 0, err
}

// Accounts returns all accounts in order of their numbers.
func (tx *Tx) Accounts(ctx context.Context) ([]Account, error) {
	return collect(ctx, tx, func(r *sql.Rows) (a Account, err error) {
		var created int64
		err = r.Scan(&a.ID, &created)
		a.CreatedAt = moment(created)
		return a, err
	}, `SELECT id, created_ms FROM accounts ORDER BY id`)
}

// Epoch is the state of everything that decides who may do what. Nonce
// differs wherever the database's history does, so that a number that came
// back after a failover is still seen as a change.
type Epoch struct {
	N     int64
	Nonce string
}

// Epoch returns the epoch; the zero one before the first change.
func (tx *Tx) Epoch(ctx context.Context) (Epoch, error) {
	var e Epoch
	err := tx.q.QueryRowContext(ctx, `SELECT e, nonce FROM epoch WHERE id = 1`).Scan(&e.N, &e.Nonce)
	if errors.Is(err, sql.ErrNoRows) {
		return Epoch{}, nil
	}
	return e, err
}

// epochsKept is how many epochs back it is known what changed.
const epochsKept = 1000

// epochChange is the kind of the row that notes an epoch's nonce among the
// changes.
const epochChange = "epoch"

// MoveEpoch moves the epoch on and returns the new one. Call it once, as the
// last thing in a transaction that changed who may do what.
func (tx *Tx) MoveEpoch(ctx context.Context, nonce string) (Epoch, error) {
	e := Epoch{Nonce: nonce}
	err := tx.q.QueryRowContext(ctx, `
		INSERT INTO epoch (id, e, nonce) VALUES (1, 1, $1)
		ON CONFLICT (id) DO UPDATE SET e = epoch.e + 1, nonce = excluded.nonce
		RETURNING e`, nonce).Scan(&e.N)
	if err != nil {
		return e, err
	}
	if _, err := tx.exec(ctx, `INSERT INTO changes (epoch, kind, id) VALUES ($1, $2, $3)`, e.N, epochChange, nonce); err != nil {
		return e, err
	}
	_, err = tx.exec(ctx, `DELETE FROM changes WHERE epoch <= $1`, e.N-epochsKept)
	return e, err
}

// ChangeKind is the kind of a thing that changed.
type ChangeKind string

// The kinds of what changes, and what the ID of each is.
const (
	AccountChange    ChangeKind = "account"         // its number
	HolderChange     ChangeKind = "holder"          // the unique ID of a user, role or group
	KeyChange        ChangeKind = "key"             // the ID of an access key
	PolicyChange     ChangeKind = "policy"          // the unique ID of a managed policy
	ProviderChange   ChangeKind = "provider"        // the ARN of an OpenID Connect provider
	DomainChange     ChangeKind = "domain"          // its row
	RepositoryChange ChangeKind = "repository"      // its row
	TokenChange      ChangeKind = "token"           // the ID of a revoked token
	KeyTokensChange  ChangeKind = "tokens of a key" // the ID of an access key
)

// Change says that a thing was made, changed or deleted.
type Change struct {
	Kind ChangeKind
	ID   string
}

// ChangesSince returns what changed after an epoch, each thing once, and
// false if that is not known any more, is more than limit, or if the epoch is
// of another history.
func (tx *Tx) ChangesSince(ctx context.Context, e Epoch, limit int) ([]Change, bool, error) {
	known, err := one[bool](ctx, tx, `SELECT EXISTS (SELECT 1 FROM changes WHERE epoch = $1 AND kind = $2 AND id = $3)`,
		e.N, epochChange, e.Nonce)
	if err != nil || !known {
		return nil, false, err
	}
	all, err := collect(ctx, tx, func(r *sql.Rows) (c Change, err error) {
		err = r.Scan(&c.Kind, &c.ID)
		return c, err
	}, `SELECT DISTINCT kind, id FROM changes WHERE epoch > $1 AND kind <> $2 LIMIT $3`, e.N, epochChange, limit+1)
	return all, err == nil && len(all) <= limit, err
}
