package meta

import (
	"context"
	"time"
)

// SessionContext is what narrows or describes sessions. Its ID is made of
// its content, so equal ones share a row, and a row never changes but in how
// long it is kept.
type SessionContext struct {
	ID       [16]byte
	Account  string
	Document []byte
	Until    time.Time // when the last session that names it ends
}

// InsertSessionContext keeps a context until its time, or longer if it is
// kept longer already.
func (tx *Tx) InsertSessionContext(ctx context.Context, c SessionContext) error {
	_, err := tx.exec(ctx, `
		INSERT INTO session_contexts (id, account, document, until_ms) VALUES ($1, $2, $3, $4)
		ON CONFLICT (id) DO UPDATE SET until_ms = excluded.until_ms
		 WHERE session_contexts.until_ms < excluded.until_ms`,
		c.ID[:], c.Account, c.Document, millis(c.Until))
	return err
}

// SessionContext returns the context with an ID, and false if there is none.
func (tx *Tx) SessionContext(ctx context.Context, id [16]byte) (SessionContext, bool, error) {
	c := SessionContext{ID: id}
	var until int64
	err := tx.q.QueryRowContext(ctx, `SELECT account, document, until_ms FROM session_contexts WHERE id = $1`, id[:]).
		Scan(&c.Account, &c.Document, &until)
	c.Until = moment(until)
	return found(c, err)
}

// ExpireSessionContexts deletes the contexts that no session can name any
// more and returns how many there were.
func (tx *Tx) ExpireSessionContexts(ctx context.Context, now time.Time) (int64, error) {
	return tx.exec(ctx, `DELETE FROM session_contexts WHERE until_ms < $1`, millis(now))
}
