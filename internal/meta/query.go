package meta

import (
	"context"
	"database/sql"
	"errors"
	"unicode"
)

// exec runs a statement and returns how many rows it changed.
func (tx *Tx) exec(ctx context.Context, query string, args ...any) (int64, error) {
	res, err := tx.q.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// collect returns all rows of a query, each made by scan.
func collect[T any](ctx context.Context, tx *Tx, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	var all []T
	err := each(ctx, tx, func(r *sql.Rows) error {
		t, err := scan(r)
		if err == nil {
			all = append(all, t)
		}
		return err
	}, query, args...)
	return all, err
}

// one returns the only column of the only row of a query.
func one[T any](ctx context.Context, tx *Tx, query string, args ...any) (t T, err error) {
	err = tx.q.QueryRowContext(ctx, query, args...).Scan(&t)
	return t, err
}

// found tells a row that is not there from a failure.
func found[T any](row T, err error) (T, bool, error) {
	if errors.Is(err, sql.ErrNoRows) {
		return row, false, nil
	}
	return row, err == nil, err
}

// flag is how a bool is stored.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// each hands every row of a query to row.
func each(ctx context.Context, tx *Tx, row func(*sql.Rows) error, query string, args ...any) error {
	rows, err := tx.q.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return err
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}

// after returns the first string behind every string that begins with
// prefix, or "" if there is none, for prefixes as ranges:
// name >= prefix AND ($n = ” OR name < $n). The order is that of bytes,
// which is that of code points.
func after(prefix string) string {
	runes := []rune(prefix)
	for i := len(runes) - 1; i >= 0; i-- {
		switch r := runes[i] + 1; {
		case r > unicode.MaxRune:
			continue
		case r == 0xd800: // surrogates are no characters
			runes[i] = 0xe000
		default:
			runes[i] = r
		}
		return string(runes[:i+1])
	}
	return ""
}
