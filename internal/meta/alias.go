package meta

import (
	"context"
	"database/sql"
)

// SetAlias names an account, in the place of the name that it had. An alias
// that another account has is the fault Taken.
func (tx *Tx) SetAlias(ctx context.Context, account, alias string) error {
	_, err := tx.exec(ctx, `
		INSERT INTO account_aliases (account, alias) VALUES ($1, $2)
		ON CONFLICT (account) DO UPDATE SET alias = excluded.alias`, account, alias)
	return err
}

// Aliases returns the alias of an account, if it has one.
func (tx *Tx) Aliases(ctx context.Context, account string) ([]string, error) {
	return collect(ctx, tx, func(r *sql.Rows) (alias string, err error) {
		err = r.Scan(&alias)
		return alias, err
	}, `SELECT alias FROM account_aliases WHERE account = $1`, account)
}

// DeleteAlias reports whether the account had that alias.
func (tx *Tx) DeleteAlias(ctx context.Context, account, alias string) (bool, error) {
	n, err := tx.exec(ctx, `DELETE FROM account_aliases WHERE account = $1 AND alias = $2`, account, alias)
	return n > 0, err
}
