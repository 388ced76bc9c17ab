package meta

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// Migrate brings the schema up to the newest of files, which are named
// NNNN_what.sql and begin with a line "-- since N": N is the oldest schema
// whose program still works with the one that the file makes. It runs in tx,
// which the engine has made exclusive, and refuses a database of which both
// the version and its since are beyond what files know. now is in
// milliseconds.
func Migrate(ctx context.Context, tx *sql.Tx, files fs.FS, now int64) error {
	migrations, err := readMigrations(files)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `
		CREATE TABLE IF NOT EXISTS schema_versions (
			version    BIGINT PRIMARY KEY,
			since      BIGINT NOT NULL,
			applied_ms BIGINT NOT NULL)`); err != nil {
		return fmt.Errorf("make the table of schema versions: %w", err)
	}
	var version, since int64
	err = tx.QueryRowContext(ctx, `
		SELECT CAST(COALESCE(MAX(version), 0) AS BIGINT), CAST(COALESCE(MAX(since), 0) AS BIGINT)
		  FROM schema_versions`).Scan(&version, &since)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	newest := migrations[len(migrations)-1].version
	if version > newest && since > newest {
		return fmt.Errorf("the database has schema %d, which needs a program that knows schema %d; this one knows %d: run a newer larderd", version, since, newest)
	}
	for _, m := range migrations {
		if m.version <= version {
			continue
		}
		if _, err := tx.ExecContext(ctx, m.text); err != nil {
			return fmt.Errorf("migrate to schema %d: %w", m.version, err)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO schema_versions (version, since, applied_ms) VALUES ($1, $2, $3)`,
			m.version, m.since, now); err != nil {
			return fmt.Errorf("note schema %d: %w", m.version, err)
		}
	}
	return nil
}

type migration struct {
	version, since int64
	text           string
}

func readMigrations(files fs.FS) ([]migration, error) {
	names, err := fs.Glob(files, "*.sql") // sorted
	if err != nil {
		return nil, err
	}
	var all []migration
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		number, _, _ := strings.Cut(name, "_")
		m := migration{text: string(text)}
		if m.version, err = strconv.ParseInt(number, 10, 64); err != nil || m.version != int64(len(all)+1) {
			return nil, fmt.Errorf("migration %s is not number %d", name, len(all)+1)
		}
		first, _, _ := strings.Cut(m.text, "\n")
		if m.since, err = strconv.ParseInt(strings.TrimPrefix(first, "-- since "), 10, 64); err != nil {
			return nil, fmt.Errorf("migration %s does not begin with its since line", name)
		}
		all = append(all, m)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("there are no migrations")
	}
	return all, nil
}
