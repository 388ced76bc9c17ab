package meta

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
)

// gatherer commits publishes that wait for the one writer together: the sync
// of a commit is most of what a publish costs, and one will do for all. Each
// has a savepoint of its own, so that what fails is undone alone.
type gatherer struct {
	db   *DB
	most int // of one commit

	mu      sync.Mutex // guards what follows
	led     bool       // somebody commits, and will see to who waits
	waiting []*publish
}

// publish is a transaction that is committed with others.
type publish struct {
	ctx   context.Context
	level Level
	fn    func(context.Context, *Tx) error
	lead  chan struct{} // it is his turn to commit, for himself and who waits behind him
	done  chan struct{}
	err   error
	panic any
}

// run runs fn as part of some commit, which the caller may have to lead.
func (g *gatherer) run(ctx context.Context, l Level, fn func(context.Context, *Tx) error) error {
	p := &publish{ctx: ctx, level: l, fn: fn, lead: make(chan struct{}), done: make(chan struct{})}
	g.mu.Lock()
	g.waiting = append(g.waiting, p)
	leads := !g.led
	g.led = true
	g.mu.Unlock()
	if !leads {
		select {
		case <-p.lead:
			leads = true
		case <-p.done:
		}
	}
	if leads {
		g.leadOnce()
	}
	if p.panic != nil {
		panic(p.panic)
	}
	return p.err
}

// leadOnce commits who waits, the leader among them, and hands the lead on.
func (g *gatherer) leadOnce() {
	g.mu.Lock()
	n := min(len(g.waiting), g.most)
	batch := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	g.mu.Unlock()

	err := g.commit(batch)
	for _, p := range batch {
		if p.err == nil && p.panic == nil {
			p.err = err
		}
		close(p.done)
	}

	g.mu.Lock()
	defer g.mu.Unlock()
	if g.led = len(g.waiting) > 0; g.led {
		close(g.waiting[0].lead)
	} else {
		g.waiting = nil
	}
}

// commit runs a batch in one transaction. Its error is that of everyone who
// has none of his own.
func (g *gatherer) commit(batch []*publish) error {
	// No one of them may end it for the others.
	ctx := context.WithoutCancel(batch[0].ctx)
	level := Ahead
	if slices.ContainsFunc(batch, func(p *publish) bool { return p.level != Ahead }) {
		level = Rows
	}
	tx, err := g.db.engine.Begin(ctx, g.db.write, level)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback()
	for _, p := range batch {
		if err := g.join(ctx, tx, p); err != nil {
			return fmt.Errorf("a savepoint: %w", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// join runs one publish in a savepoint. Its own failure is his who asked for
// it; the error returned is that of all.
func (g *gatherer) join(ctx context.Context, tx *sql.Tx, p *publish) error {
	if p.err = p.ctx.Err(); p.err != nil {
		return nil
	}
	if _, err := tx.ExecContext(ctx, `SAVEPOINT publish`); err != nil {
		return err
	}
	p.do(&Tx{q: tx, engine: g.db.engine})
	if p.err != nil || p.panic != nil {
		// It fails where the database has undone the whole by itself, as for
		// want of space.
		if _, err := tx.ExecContext(ctx, `ROLLBACK TO publish`); err != nil {
			return errors.Join(p.err, err)
		}
	}
	_, err := tx.ExecContext(ctx, `RELEASE publish`)
	return err
}

func (p *publish) do(tx *Tx) {
	defer func() { p.panic = recover() }()
	p.err = p.fn(context.WithoutCancel(p.ctx), tx)
}
