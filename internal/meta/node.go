package meta

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"larder.example/larder"
)

// Nodes that share a database hear of each other through it: each has a row
// with the epoch that it obeys.

// unready is the epoch of a node that has read nothing yet.
const unready = -1

// RegisterNode makes a node known, which obeys no epoch yet.
func (tx *Tx) RegisterNode(ctx context.Context, id string, now time.Time) error {
	_, err := tx.exec(ctx, `
		INSERT INTO nodes (id, epoch, seen_ms) VALUES ($1, $2, $3)
		ON CONFLICT (id) DO UPDATE SET epoch = excluded.epoch, seen_ms = excluded.seen_ms`, id, unready, millis(now))
	return err
}

// Pulse is what a node must know to go on serving.
type Pulse struct {
	Epoch      Epoch
	Registered bool  // whether the node's row is still there
	Obeyed     int64 // the epoch in it
}

// Pulse reads a node's pulse in one statement.
func (tx *Tx) Pulse(ctx context.Context, id string) (Pulse, error) {
	var p Pulse
	var obeyed sql.NullInt64
	err := tx.q.QueryRowContext(ctx, `
		SELECT COALESCE(MAX(e.e), 0), COALESCE(MAX(e.nonce), ''), (SELECT n.epoch FROM nodes n WHERE n.id = $1)
		  FROM epoch e`, id).Scan(&p.Epoch.N, &p.Epoch.Nonce, &obeyed)
	p.Registered, p.Obeyed = obeyed.Valid, obeyed.Int64
	return p, err
}

// Obey says that a node obeys an epoch, and reports whether the node's row is
// still there.
func (tx *Tx) Obey(ctx context.Context, id string, epoch int64, now time.Time) (bool, error) {
	n, err := tx.exec(ctx, `UPDATE nodes SET epoch = $2, seen_ms = $3 WHERE id = $1`, id, epoch, millis(now))
	return n > 0, err
}

// Laggards returns how many nodes beside one do not obey an epoch yet.
func (tx *Tx) Laggards(ctx context.Context, epoch int64, beside string) (int, error) {
	return one[int](ctx, tx, `SELECT COUNT(*) FROM nodes WHERE epoch < $1 AND id <> $2`, epoch, beside)
}

// DropLaggards makes the nodes unknown that do not obey an epoch.
func (tx *Tx) DropLaggards(ctx context.Context, epoch int64, beside string) error {
	_, err := tx.exec(ctx, `DELETE FROM nodes WHERE epoch < $1 AND id <> $2`, epoch, beside)
	return err
}

// DropNode makes a node unknown, which serves no more.
func (tx *Tx) DropNode(ctx context.Context, id string) error {
	_, err := tx.exec(ctx, `DELETE FROM nodes WHERE id = $1`, id)
	return err
}

// PackageChange says that a package changed in some repository of a domain,
// or with an empty Format that all of them may look different.
type PackageChange struct {
	Domain          larder.DomainRef
	Format          larder.Format
	Namespace, Name string
}

// News is what happened to packages since a node last looked.
type News struct {
	Packages []PackageChange

	// Lost says that nobody knows: the node looks for the first time, or
	// again after a while.
	Lost bool
}

// Hear returns the news since it was last called.
type Hear func(context.Context) (News, error)

// Shared reports whether several nodes may have the database open.
func (d *DB) Shared() bool {
	_, ok := d.engine.(Follower)
	return ok
}

// Follow calls look at once, whenever another node says that the epoch moved or
// that a package changed, and each interval, on a connection that nobody else has. It returns when
// look fails, the connection does or ctx ends; then follow again. It is for a
// database that is shared.
func (d *DB) Follow(ctx context.Context, interval time.Duration, look func(context.Context, *Tx, Hear) error) error {
	f, ok := d.engine.(Follower)
	if !ok {
		return errors.New("meta: a database of one node has nobody to follow")
	}
	return d.spell(f.Follow(ctx, d.dsn, interval, func(ctx context.Context, c *sql.Conn, hear Hear) error {
		return look(ctx, &Tx{q: c, engine: d.engine}, hear)
	}))
}
