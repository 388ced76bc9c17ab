package meta

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// Lease takes or renews the lease of a job until a time, and reports whether
// holder has it. Clocks of nodes differ, so two may have it: every job is
// safe run twice.
func (tx *Tx) Lease(ctx context.Context, job, holder string, now, until time.Time) (bool, error) {
	var got string
	err := tx.q.QueryRowContext(ctx, `
		INSERT INTO jobs (name, holder, until_ms) VALUES ($1, $2, $4)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until_ms = excluded.until_ms
		 WHERE jobs.until_ms < $3 OR jobs.holder = $2
		RETURNING holder`, job, holder, millis(now), millis(until)).Scan(&got)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}
