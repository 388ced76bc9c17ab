package meta

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"time"
)

// RevokedToken is a token of an account that is refused, until it would have
// expired.
type RevokedToken struct {
	ID      [8]byte
	Account string
	Until   time.Time
}

// RevokeToken revokes a token; again is fine.
func (tx *Tx) RevokeToken(ctx context.Context, r RevokedToken) error {
	_, err := tx.exec(ctx, `
		INSERT INTO revoked_tokens (id, account, until_ms) VALUES ($1, $2, $3)
		ON CONFLICT (id, account) DO UPDATE SET until_ms = excluded.until_ms
		 WHERE revoked_tokens.until_ms < excluded.until_ms`, hex.EncodeToString(r.ID[:]), r.Account, millis(r.Until))
	return err
}

// RevokedTokens hands revoked tokens to fn; an empty id asks for all, as
// elsewhere, and else it is the ID in hexadecimal.
func (tx *Tx) RevokedTokens(ctx context.Context, id string, fn func(RevokedToken)) error {
	return eachOf(ctx, tx, func(row *sql.Rows) (r RevokedToken, err error) {
		var text string
		var until int64
		if err := row.Scan(&text, &r.Account, &until); err != nil {
			return r, err
		}
		if n, err := hex.Decode(r.ID[:], []byte(text)); err != nil || n != len(r.ID) {
			return r, fmt.Errorf("%q is no token's ID", text)
		}
		r.Until = moment(until)
		return r, nil
	}, fn, id, `SELECT id, account, until_ms FROM revoked_tokens`, `id`)
}

// RevokedKey is that all tokens are refused which an access key asked for by
// a moment.
type RevokedKey struct {
	KeyID, Account string
	By, Until      time.Time
}

// RevokeTokensOf revokes the tokens that an access key asked for.
func (tx *Tx) RevokeTokensOf(ctx context.Context, r RevokedKey) error {
	_, err := tx.exec(ctx, `
		INSERT INTO revoked_key_tokens (access_key, account, by_ms, until_ms) VALUES ($1, $2, $3, $4)
		ON CONFLICT (access_key) DO UPDATE SET by_ms = excluded.by_ms, until_ms = excluded.until_ms
		 WHERE revoked_key_tokens.by_ms < excluded.by_ms`, r.KeyID, r.Account, millis(r.By), millis(r.Until))
	return err
}

// RevokedKeys hands the keys whose tokens were revoked to fn.
func (tx *Tx) RevokedKeys(ctx context.Context, keyID string, fn func(RevokedKey)) error {
	return eachOf(ctx, tx, func(row *sql.Rows) (r RevokedKey, err error) {
		var by, until int64
		err = row.Scan(&r.KeyID, &r.Account, &by, &until)
		r.By, r.Until = moment(by), moment(until)
		return r, err
	}, fn, keyID, `SELECT access_key, account, by_ms, until_ms FROM revoked_key_tokens`, `access_key`)
}

// ExpireRevocations deletes the revocations of tokens that have expired.
func (tx *Tx) ExpireRevocations(ctx context.Context, now time.Time) error {
	if _, err := tx.exec(ctx, `DELETE FROM revoked_tokens WHERE until_ms < $1`, millis(now)); err != nil {
		return err
	}
	_, err := tx.exec(ctx, `DELETE FROM revoked_key_tokens WHERE until_ms < $1`, millis(now))
	return err
}
