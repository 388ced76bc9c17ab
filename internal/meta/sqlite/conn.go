package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"modernc.org/sqlite"
)

// statements is how many statements a connection keeps. The queries of this
// program are fewer.
const statements = 256

// connector opens connections that keep their statements: parsing one costs
// as much as running it.
type connector struct {
	driver.Connector

	// finish says that a statement that has begun runs to its end, whatever
	// becomes of its context: for the writer, whose statements are short.
	// Watching a context costs a goroutine a statement.
	finish bool
}

func newConnector(dsn string, finish bool) (driver.Connector, error) {
	c, err := sqlite.NewConnector(dsn)
	return connector{c, finish}, err
}

// Connect implements driver.Connector.
func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	able, ok := opened.(connection)
	if !ok {
		return nil, errors.Join(errors.New("the driver's connections lack what it documents"), opened.Close())
	}
	return &conn{connection: able, finish: c.finish, kept: map[string]*statement{}}, nil
}

// connection is what the driver documents its connections to be.
type connection interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// conn is a connection with its statements. database/sql lets one goroutine
// at a time use it.
type conn struct {
	connection
	finish   bool
	unsynced bool // as the last transaction was
	kept     map[string]*statement
}

// unsynced is the isolation level, which SQLite has no use for, of a
// transaction whose commit does not wait for the disk. The log keeps its
// order: the next commit that does wait makes it durable too.
const unsynced = sql.LevelReadUncommitted

// BeginTx implements driver.ConnBeginTx.
func (c *conn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	if lax := o.Isolation == driver.IsolationLevel(unsynced); lax != c.unsynced && !o.ReadOnly {
		pragma := `PRAGMA synchronous = FULL`
		if lax {
			pragma = `PRAGMA synchronous = NORMAL`
		}
		if _, err := c.connection.ExecContext(ctx, pragma, nil); err != nil {
			return nil, err
		}
		c.unsynced = lax
	}
	o.Isolation = driver.IsolationLevel(sql.LevelDefault)
	return c.connection.BeginTx(ctx, o)
}

// statement is a prepared statement. It is busy while its rows are read: a
// query of the same text is then prepared apart.
type statement struct {
	prepared
	busy bool
}

type prepared interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// ExecContext implements driver.ExecerContext.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	ctx, s, err := c.enter(ctx, query, args)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.connection.ExecContext(ctx, query, args)
	}
	return s.ExecContext(ctx, args)
}

// QueryContext implements driver.QueryerContext.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	ctx, s, err := c.enter(ctx, query, args)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.connection.QueryContext(ctx, query, args)
	}
	r, err := s.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return &rows{r, s}, nil
}

// rows are the rows of a statement that is kept.
type rows struct {
	driver.Rows
	of *statement
}

// Close implements driver.Rows.
func (r *rows) Close() error {
	r.of.busy = false
	return r.Rows.Close()
}

// enter returns the context that a query runs with, and its statement if one
// is kept of it.
func (c *conn) enter(ctx context.Context, query string, args []driver.NamedValue) (context.Context, *statement, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if c.finish {
		ctx = context.WithoutCancel(ctx)
	}
	s, err := c.statement(ctx, query, args)
	return ctx, s, err
}

// statement returns the statement of a query, which it prepares if need be;
// nil if none is kept of it. Queries without arguments are pragmas, migrations
// and what is asked once.
func (c *conn) statement(ctx context.Context, query string, args []driver.NamedValue) (*statement, error) {
	s, ok := c.kept[query]
	switch {
	case ok && s.busy, len(args) == 0, !ok && len(c.kept) >= statements:
		return nil, nil
	case ok:
		return s, nil
	}
	stmt, err := c.PrepareContext(ctx, query)
	if err != nil {
		return nil, err
	}
	able, ok := stmt.(prepared)
	if !ok {
		return nil, stmt.Close()
	}
	s = &statement{prepared: able}
	c.kept[query] = s
	return s, nil
}

// Close implements driver.Conn.
func (c *conn) Close() error {
	var faults []error
	for _, s := range c.kept {
		faults = append(faults, s.Close())
	}
	return errors.Join(append(faults, c.connection.Close())...)
}
