package meta

import (
	"context"
	"database/sql"
	"errors"
)

// Common is something that all nodes must have alike.
type Common string

// What all nodes have alike.
const (
	KeyRing Common = "key-ring" // as keyring encodes it
	Bytes   Common = "bytes"    // the mark of the store that they are in
)

// Shared returns what all nodes have alike, or nil if nobody has it yet.
func (tx *Tx) Shared(ctx context.Context, c Common) ([]byte, error) {
	value, err := one[[]byte](ctx, tx, `SELECT value FROM shared WHERE name = $1`, string(c))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return value, err
}

// Share makes a value what all nodes have alike.
func (tx *Tx) Share(ctx context.Context, c Common, value []byte) error {
	_, err := tx.exec(ctx, `
		INSERT INTO shared (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, string(c), value)
	return err
}
