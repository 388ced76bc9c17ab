// Package postgres is the metadata engine for PostgreSQL 15 and newer.
package postgres

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"

	"larder.example/larder/internal/meta"
)

//go:embed schema/*.sql
var schema embed.FS

// Engine is a [meta.Engine] whose DSN is a connection string or URL.
type Engine struct {
	// Now is the clock that dates migrations. Nil is time.Now.
	Now func() time.Time

	// Direct is the DSN of the same database for listening, where that which
	// is opened leads through a pooler: those never deliver notifications, nor
	// keep a prepared statement for the next transaction, so that none is
	// prepared then, unless the DSN says so with default_query_exec_mode.
	// Empty is the one that is opened.
	Direct string
}

const (
	connections  = 16
	connLifetime = 30 * time.Minute

	// migrationLock is the key of the advisory lock that keeps two starting
	// nodes from migrating at once.
	migrationLock = 0x6c617264
)

// Open connects and migrates. Both pools are the same.
func (e Engine) Open(ctx context.Context, dsn string) (read, write *sql.DB, err error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, nil, err
	}
	if e.Direct != "" && !strings.Contains(dsn, "default_query_exec_mode=") {
		config.DefaultQueryExecMode = pgx.QueryExecModeExec
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	db.SetConnMaxLifetime(connLifetime)
	if err := e.migrate(ctx, db); err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, db, nil
}

func (e Engine) migrate(ctx context.Context, db *sql.DB) error {
	files, err := fs.Sub(schema, "schema")
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin migration: %w", err)
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1)`, migrationLock); err != nil {
		return fmt.Errorf("wait for the migration lock: %w", err)
	}
	now := time.Now
	if e.Now != nil {
		now = e.Now
	}
	if err := meta.Migrate(ctx, tx, files, now().UnixMilli()); err != nil {
		return err
	}
	return tx.Commit()
}

// Begin starts SERIALIZABLE for Rules and READ COMMITTED for Rows, where
// serializable would undo publishes of unrelated packages that share an index
// page. Ahead is as durable as Rows: the server may lose what was not synced
// while this process goes on, and give the same row IDs to others.
func (Engine) Begin(ctx context.Context, write *sql.DB, l meta.Level) (*sql.Tx, error) {
	isolation := sql.LevelSerializable
	if l != meta.Rules {
		isolation = sql.LevelReadCommitted
	}
	return write.BeginTx(ctx, &sql.TxOptions{Isolation: isolation})
}

// Classify reads PostgreSQL's SQLSTATE. Anything that is not an answer of
// the server, but for a context's end, means that it could not be reached.
func (Engine) Classify(err error) meta.Fault {
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, sql.ErrNoRows) {
		return meta.Other
	}
	var answer *pgconn.PgError
	if !errors.As(err, &answer) {
		var connect *pgconn.ConnectError
		if errors.As(err, &connect) || pgconn.SafeToRetry(err) {
			return meta.Down
		}
		return meta.Other
	}
	switch answer.Code {
	case "40001", "40P01":
		return meta.Retry
	case "23505":
		return meta.Taken
	case "23503":
		return meta.Dangling
	case "53100":
		return meta.Full
	case "57P01", "57P02", "57P03", "53300", "25006":
		return meta.Down
	}
	if len(answer.Code) == 5 && answer.Code[:2] == "08" {
		return meta.Down
	}
	return meta.Other
}
