// Package sqlite is the embedded metadata engine: one file, one writer, many
// readers, a write-ahead log, and commits that survive power loss.
package sqlite

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"time"

	"modernc.org/sqlite" // of the SQLite drivers only this one binds $2 by number
	sqlite3 "modernc.org/sqlite/lib"

	"larder.example/larder/internal/meta"
)

//go:embed schema/*.sql
var schema embed.FS

// Engine is a [meta.Engine] whose DSN is the path of the database file.
type Engine struct {
	// Now is the clock that dates migrations. Nil is time.Now.
	Now func() time.Time
}

const readers = 8

// Open opens or makes the file, with mode 0600.
func (e Engine) Open(ctx context.Context, dsn string) (read, write *sql.DB, err error) {
	file, err := os.OpenFile(dsn, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, nil, err
	}
	if err := file.Close(); err != nil {
		return nil, nil, err
	}
	// FULL: an acknowledged commit survives power loss. NORMAL would not.
	writer, err := newConnector(source(dsn, "busy_timeout(5000)", "journal_mode(WAL)",
		"synchronous(FULL)", "foreign_keys(1)", "journal_size_limit(67108864)")+"&_txlock=immediate", true)
	if err != nil {
		return nil, nil, err
	}
	reader, err := newConnector(source(dsn, "busy_timeout(5000)", "foreign_keys(1)", "query_only(1)"), false)
	if err != nil {
		return nil, nil, err
	}
	write = sql.OpenDB(writer)
	write.SetMaxOpenConns(1) // several would poll for the lock, unfairly
	if err := e.migrate(ctx, write); err != nil {
		return nil, nil, errors.Join(err, write.Close())
	}
	read = sql.OpenDB(reader)
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return read, write, nil
}

func source(path string, pragmas ...string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + url.Values{"_pragma": pragmas}.Encode()
}

func (e Engine) migrate(ctx context.Context, write *sql.DB) error {
	files, err := fs.Sub(schema, "schema")
	if err != nil {
		return err
	}
	tx, err := write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin migration: %w", err)
	}
	defer tx.Rollback()
	now := time.Now
	if e.Now != nil {
		now = e.Now
	}
	if err := meta.Migrate(ctx, tx, files, now().UnixMilli()); err != nil {
		return err
	}
	return tx.Commit()
}

// Begin takes the write lock at once, whatever the level: SQLite has one
// writer. What is Ahead is not synced.
func (Engine) Begin(ctx context.Context, write *sql.DB, l meta.Level) (*sql.Tx, error) {
	if l == meta.Ahead {
		return write.BeginTx(ctx, &sql.TxOptions{Isolation: unsynced})
	}
	return write.BeginTx(ctx, nil)
}

// Gather is how many publishes are committed together. More gain little, and
// wait longer for each other.
func (Engine) Gather() int { return 16 }

// Classify reads SQLite's extended result codes.
func (Engine) Classify(err error) meta.Fault {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return meta.Other
	}
	switch code := e.Code(); {
	case code&0xff == sqlite3.SQLITE_BUSY:
		return meta.Retry
	case code == sqlite3.SQLITE_CONSTRAINT_UNIQUE, code == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
		return meta.Taken
	case code == sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
		return meta.Dangling
	case code == sqlite3.SQLITE_FULL:
		return meta.Full
	}
	return meta.Other
}

// walLimit is the size from which the write-ahead log is checkpointed and
// begun again. SQLite's own checkpoints are passive: beside steady readers
// they never finish, and the log grows without end.
const walLimit = 16 << 20

// Maintain begins the write-ahead log again if it is long. It waits for
// readers for a moment only, since writers wait for it.
func (Engine) Maintain(ctx context.Context, write *sql.DB) error {
	conn, err := write.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	var path string
	if err := conn.QueryRowContext(ctx, `SELECT file FROM pragma_database_list WHERE name = 'main'`).Scan(&path); err != nil {
		return err
	}
	wal, err := os.Stat(path + "-wal")
	if err != nil || wal.Size() < walLimit {
		return nil //nolint:nilerr // no log, nothing to do
	}
	var busy, log, moved int
	if _, err := conn.ExecContext(ctx, `PRAGMA busy_timeout = 100`); err != nil {
		return err
	}
	err = conn.QueryRowContext(ctx, `PRAGMA wal_checkpoint(RESTART)`).Scan(&busy, &log, &moved)
	_, err2 := conn.ExecContext(ctx, `PRAGMA busy_timeout = 5000`)
	return errors.Join(err, err2)
}
