package meta

import (
	"context"
	"database/sql"
	"time"
)

// Engine is what differs between databases. metatest is what any engine must
// do.
type Engine interface {
	// Open opens the database, migrates it, and refuses one whose schema is
	// newer than the program knows. On SQLite write is one connection and
	// read several that cannot write; on PostgreSQL they are the same.
	Open(ctx context.Context, dsn string) (read, write *sql.DB, err error)

	// Begin starts a transaction that writes.
	Begin(ctx context.Context, write *sql.DB, l Level) (*sql.Tx, error)

	// Classify says what kind of failure err is.
	Classify(err error) Fault
}

// Maintainer is an Engine that must do something about once a second.
type Maintainer interface {
	Maintain(ctx context.Context, write *sql.DB) error
}

// Gatherer is an Engine with one writer: what waits to publish is committed
// together, each in a savepoint of its own.
type Gatherer interface {
	Gather() (most int)
}

// Follower is an Engine whose database several nodes share.
type Follower interface {
	// Follow connects to the database beside the pool and calls look as
	// [DB.Follow] says. Hear never lacks a commit that could be seen when it is
	// called; what it returns may have been in the news before.
	Follow(ctx context.Context, dsn string, interval time.Duration, look func(context.Context, *sql.Conn, Hear) error) error

	// Tell has everybody who follows look at once.
	Tell(ctx context.Context, write *sql.DB) error
}

// Level is how far a writing transaction is kept from others.
type Level int

const (
	// Rules is serializable: for rules that span rows, such as quotas.
	Rules Level = iota
	// Rows relies on constraints and on the lock of the package's row, which
	// the transaction's first statement takes.
	Rows
	// Ahead is Rows for what is of no use without a commit that follows: it
	// outlives the process, but until the next commit of another level a power
	// loss may undo it.
	Ahead
)

// Fault is a kind of database failure.
type Fault int

// The faults.
const (
	Other    Fault = iota
	Retry          // lost a race; the same transaction may succeed
	Taken          // a unique value is there already
	Dangling       // a foreign key has nothing to point at, or something still points here
	Full           // no space
	Down           // the database cannot be reached
)
