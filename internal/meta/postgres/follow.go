package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/stdlib"

	"larder.example/larder/internal/meta"
)

const (
	// lookTime is how long a look may take. A peer that is gone is noticed by
	// nothing else.
	lookTime = time.Second

	// newsKept is how long news of packages are kept for the other nodes.
	newsKept = time.Minute

	// newsGap is how far two looks may be apart without news being lost:
	// less than they are kept.
	newsGap = newsKept / 2
)

// Follow implements [meta.Follower]. It listens on a connection of its own,
// and looks on the same one: so looks never wait for the pool, and a
// connection that has silently died is found out. What was notified while
// there was none is found by looking.
func (e Engine) Follow(ctx context.Context, dsn string, interval time.Duration, look func(context.Context, *sql.Conn, meta.Hear) error) (err error) {
	db, err := sql.Open("pgx", cmp.Or(e.Direct, dsn))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := connect(ctx, db)
	if err != nil {
		return fmt.Errorf("listen for other nodes: %w", err)
	}
	defer conn.Close()
	var n newsreader
	for {
		if err := lookOnce(ctx, conn, &n, look); err != nil {
			return err
		}
		if err := wait(ctx, conn, interval); err != nil {
			return fmt.Errorf("wait for other nodes: %w", err)
		}
	}
}

// Tell implements [meta.Follower]. Changes of the epoch tell of themselves, by
// a trigger; publishes do not, because whoever notifies keeps others from
// committing meanwhile.
func (Engine) Tell(ctx context.Context, write *sql.DB) error {
	_, err := write.ExecContext(ctx, `SELECT pg_notify('larder', '')`)
	return err
}

func connect(ctx context.Context, db *sql.DB) (*sql.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, `LISTEN larder`); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

func lookOnce(ctx context.Context, conn *sql.Conn, n *newsreader, look func(context.Context, *sql.Conn, meta.Hear) error) error {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	return look(ctx, conn, func(ctx context.Context) (meta.News, error) {
		news, err := n.read(ctx, conn, time.Now())
		if err != nil {
			err = fmt.Errorf("read which packages changed: %w", err)
		}
		return news, err
	})
}

// wait returns when the database notifies or after the interval.
func wait(ctx context.Context, conn *sql.Conn, interval time.Duration) error {
	waiting, cancel := context.WithTimeout(ctx, interval)
	defer cancel()
	err := conn.Raw(func(c any) error {
		_, err := c.(*stdlib.Conn).Conn().WaitForNotification(waiting)
		return err
	})
	if waiting.Err() != nil && ctx.Err() == nil {
		return nil // in vain; the connection is as good as before
	}
	return err
}

// newsreader reads which packages changed, each change once or more often,
// but none never.
type newsreader struct {
	horizon int64 // the oldest transaction that the last reading may have missed; 0 before the first
	told    map[change]bool
	at      time.Time // of the last reading, by a clock that goes on while the machine sleeps
	since   []mark    // horizons of the last minute, for clearing away
}

type change struct {
	txid int64
	what meta.PackageChange
}

type mark struct {
	at      time.Time
	horizon int64
}

// read reads the changes of all transactions that may have committed since it
// was last called. Rows become visible in the order of commits, not in that
// of their numbers: only below the oldest transaction that still runs is
// nothing to come.
func (n *newsreader) read(ctx context.Context, conn *sql.Conn, now time.Time) (meta.News, error) {
	now = now.Round(0)
	rows, err := conn.QueryContext(ctx, `
		SELECT txid_snapshot_xmin(txid_current_snapshot()),
		       COALESCE(c.txid, 0), COALESCE(c.owner, ''), COALESCE(c.domain, ''),
		       COALESCE(c.format, ''), COALESCE(c.namespace, ''), COALESCE(c.name, '')
		  FROM (SELECT 1) always
		  LEFT JOIN package_changes c ON c.txid >= $1 AND $1 > 0`, n.horizon)
	if err != nil {
		return meta.News{}, err
	}
	defer rows.Close()
	news := meta.News{Lost: n.horizon == 0 || now.Sub(n.at) > newsGap || now.Before(n.at)}
	told := map[change]bool{}
	for rows.Next() {
		var c change
		w := &c.what
		if err := rows.Scan(&n.horizon, &c.txid, &w.Domain.Owner, &w.Domain.Name, &w.Format, &w.Namespace, &w.Name); err != nil {
			return meta.News{}, err
		}
		if c.txid == 0 {
			continue // of the row that is always there
		}
		if !n.told[c] && !told[c] {
			news.Packages = append(news.Packages, c.what)
		}
		told[c] = true
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return meta.News{}, err
	}
	if news.Lost {
		n.since = nil // whose times may be of a clock that was set back
	}
	n.told, n.at = told, now
	return news, n.clear(ctx, conn, now)
}

// clear deletes what every node has read that looks often enough to be told.
func (n *newsreader) clear(ctx context.Context, conn *sql.Conn, now time.Time) error {
	if len(n.since) == 0 || now.Sub(n.since[len(n.since)-1].at) >= newsKept/4 {
		n.since = append(n.since, mark{now, n.horizon})
	}
	if now.Sub(n.since[0].at) <= newsKept {
		return nil
	}
	_, err := conn.ExecContext(ctx, `DELETE FROM package_changes WHERE txid < $1`, n.since[0].horizon)
	n.since = n.since[1:]
	return err
}
