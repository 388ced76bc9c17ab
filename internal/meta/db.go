package meta

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"larder.example/larder"
)

const (
	attempts    = 10
	viewTimeout = 5 * time.Second // a longer reader keeps SQLite's log from being checkpointed
	laterEvery  = time.Second
	laterBatch  = 256
)

// DB is the open database.
type DB struct {
	engine      Engine
	dsn         string
	read, write *sql.DB
	gather      *gatherer // nil: publishes commit by themselves
	teller      *teller   // nil: there is nobody to tell
	log         *slog.Logger

	later   chan func(context.Context, *Tx) error // for background, as is what follows
	stop    chan struct{}
	stopped chan struct{}
}

// Open opens dsn with e. A nil log discards.
func Open(ctx context.Context, e Engine, dsn string, log *slog.Logger) (*DB, error) {
	read, write, err := e.Open(ctx, dsn)
	if err != nil {
		return nil, fmt.Errorf("open metadata: %w", err)
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	d := &DB{
		engine: e, dsn: dsn, read: read, write: write, log: log,
		later:   make(chan func(context.Context, *Tx) error, laterBatch),
		stop:    make(chan struct{}),
		stopped: make(chan struct{}),
	}
	if g, ok := e.(Gatherer); ok {
		d.gather = &gatherer{db: d, most: g.Gather()}
	}
	if f, ok := e.(Follower); ok {
		d.teller = startTelling(f, write)
	}
	go d.background()
	return d, nil
}

// Close writes what was put off and closes the database.
func (d *DB) Close() error {
	close(d.stop)
	<-d.stopped
	d.teller.close()
	err := d.write.Close()
	if d.read != d.write {
		err = errors.Join(err, d.read.Close())
	}
	return err
}

// Ping reports whether the database answers.
func (d *DB) Ping(ctx context.Context) error { return d.spell(d.read.PingContext(ctx)) }

// Tx asks and tells the database. It is good for one View, Update or
// Publish; the Tx of [DB.Now] has no transaction and sees each statement's
// own snapshot.
type Tx struct {
	q      queries
	engine Engine
}

type queries interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Now returns a Tx for reads of one statement, which need no transaction.
func (d *DB) Now() *Tx { return &Tx{q: d.read, engine: d.engine} }

// View runs fn on one snapshot, for at most five seconds. fn must not write
// and must not stream to a client.
func (d *DB) View(ctx context.Context, fn func(context.Context, *Tx) error) error {
	return d.view(ctx, viewTimeout, fn)
}

func (d *DB) view(ctx context.Context, timeout time.Duration, fn func(context.Context, *Tx) error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	tx, err := d.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return d.spell(fmt.Errorf("begin view: %w", err))
	}
	defer tx.Rollback()
	return d.spell(fn(ctx, &Tx{q: tx, engine: d.engine}))
}

// Update runs fn in a serializable transaction and commits it durably. fn
// runs again if it loses a race, so it must do nothing but the transaction:
// no I/O, no writing to what it shares.
func (d *DB) Update(ctx context.Context, fn func(context.Context, *Tx) error) error {
	return d.commit(ctx, Rules, fn)
}

// Publish is as Update, but keeps only its package's row from others, so
// publishes of different packages never wait for or undo each other.
func (d *DB) Publish(ctx context.Context, fn func(context.Context, *Tx) error) error {
	return d.commit(ctx, Rows, fn)
}

// Reserve is as Publish, for what a Publish is to follow: it outlives the
// process, but until the next commit a power loss may undo it.
func (d *DB) Reserve(ctx context.Context, fn func(context.Context, *Tx) error) error {
	return d.commit(ctx, Ahead, fn)
}

type writingKey struct{}

func (d *DB) commit(ctx context.Context, l Level, fn func(context.Context, *Tx) error) error {
	if ctx.Value(writingKey{}) != nil {
		return errors.New("meta: a transaction inside a transaction would wait for itself")
	}
	ctx = context.WithValue(ctx, writingKey{}, true)
	for try := 1; ; try++ {
		err := d.once(ctx, l, fn)
		if err == nil && l == Rows {
			d.teller.tell()
		}
		if err == nil || d.engine.Classify(err) != Retry || try == attempts {
			return d.spell(err)
		}
		pause := time.Duration(1+rand.IntN(1<<try)) * time.Millisecond
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (d *DB) once(ctx context.Context, l Level, fn func(context.Context, *Tx) error) error {
	if l != Rules && d.gather != nil {
		return d.gather.run(ctx, l, fn)
	}
	tx, err := d.engine.Begin(ctx, d.write, l)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback()
	if err := fn(ctx, &Tx{q: tx, engine: d.engine}); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// Fault says what kind of database failure err is, for errors of a Tx.
func (tx *Tx) Fault(err error) Fault { return tx.engine.Classify(err) }

// Fault says what kind of database failure err is.
func (d *DB) Fault(err error) Fault { return d.engine.Classify(err) }

// spell turns the faults that the caller of the whole system must know about
// into errors of their kind.
func (d *DB) spell(err error) error {
	var known *larder.Error
	if err == nil || errors.As(err, &known) {
		return err
	}
	switch d.engine.Classify(err) {
	case Full:
		return &larder.Error{Kind: larder.Unavailable, Code: larder.CodeStorageFull, Message: "The registry's storage is full.", Err: err}
	case Down:
		return &larder.Error{Kind: larder.Unavailable, Message: "The registry's database cannot be reached.", RetryAfter: time.Second, Err: err}
	case Retry:
		return &larder.Error{Kind: larder.Unavailable, Message: "The registry is busy. Try again.", RetryAfter: time.Second, Err: err}
	default:
		return err
	}
}

// Later runs fn in a batch with others, within about a second. It is for
// what may be lost in a crash: last-used times and the like. Errors are
// logged.
func (d *DB) Later(fn func(context.Context, *Tx) error) {
	select {
	case d.later <- fn:
	case <-d.stop:
	}
}

// background writes what was put off, and maintains the engine, until Close.
func (d *DB) background() {
	defer close(d.stopped)
	ctx := context.Background()
	tick := time.NewTicker(laterEvery)
	defer tick.Stop()
	maintainer, _ := d.engine.(Maintainer)
	var batch []func(context.Context, *Tx) error
	for {
		select {
		case fn := <-d.later:
			if batch = append(batch, fn); len(batch) == laterBatch {
				d.writeBatch(ctx, batch)
				batch = nil
			}
		case <-tick.C:
			d.writeBatch(ctx, batch)
			batch = nil
			if maintainer == nil {
				continue
			}
			if err := maintainer.Maintain(ctx, d.write); err != nil {
				d.log.WarnContext(ctx, "the metadata engine was not maintained", "err", err)
			}
		case <-d.stop:
			for {
				select {
				case fn := <-d.later:
					batch = append(batch, fn)
				default:
					d.writeBatch(ctx, batch)
					return
				}
			}
		}
	}
}

// writeBatch runs a batch in one transaction.
func (d *DB) writeBatch(ctx context.Context, batch []func(context.Context, *Tx) error) {
	if len(batch) == 0 {
		return
	}
	err := d.Update(ctx, func(ctx context.Context, tx *Tx) error {
		for _, fn := range batch {
			if err := fn(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		d.log.WarnContext(ctx, "deferred writes were lost", "writes", len(batch), "err", err)
	}
}

func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
