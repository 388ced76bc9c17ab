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

// MoveEpoch moves the epoch on and returns the new one.
func (tx *Tx) MoveEpoch(ctx context.Context, nonce string) (Epoch, error) {
	e := Epoch{Nonce: nonce}
	err := tx.q.QueryRowContext(ctx, `
		INSERT INTO epoch (id, e, nonce) VALUES (1, 1, $1)
		ON CONFLICT (id) DO UPDATE SET e = epoch.e + 1, nonce = excluded.nonce
		RETURNING e`, nonce).Scan(&e.N)
	return e, err
}
