package metatest_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"larder.example/larder/internal/meta/postgres"
	"larder.example/larder/internal/meta/sqlite"
	postgrestest "larder.example/larder/internal/testenv/postgres"
)

// The engines' schemas are written twice; their tables, columns and types
// must be the same. One table is for what several nodes tell each other, of
// which SQLite has one.
func TestBothEnginesHaveOneSchema(t *testing.T) {
	lite, _, err := sqlite.Engine{}.Open(t.Context(), filepath.Join(t.TempDir(), "meta.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer lite.Close()
	big, _, err := postgres.Engine{}.Open(t.Context(), postgrestest.DSN(t))
	if err != nil {
		t.Fatal(err)
	}
	defer big.Close()
	got := columns(t, lite, `
		SELECT m.name, c.name, c.type, CASE WHEN c."notnull" OR c.pk > 0 THEN 'NO' ELSE 'YES' END
		  FROM sqlite_schema m JOIN pragma_table_info(m.name) c
		 WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%'
		 ORDER BY 1, 2`)
	want := columns(t, big, `
		SELECT table_name, column_name,
		       CASE data_type WHEN 'bigint' THEN 'INTEGER' WHEN 'bytea' THEN 'BLOB' WHEN 'text' THEN 'TEXT' ELSE data_type END,
		       is_nullable
		  FROM information_schema.columns
		 WHERE table_schema = 'public' AND table_name <> 'package_changes'
		 ORDER BY 1, 2`)
	if got != want {
		t.Errorf("SQLite has\n%s\nPostgreSQL has\n%s", got, want)
	}
}

func columns(t *testing.T, db *sql.DB, query string) string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var table, column, kind, nullable string
		if err := rows.Scan(&table, &column, &kind, &nullable); err != nil {
			t.Fatal(err)
		}
		if kind == "BIGINT" { // the table of schema versions is made by one text
			kind = "INTEGER"
		}
		all = append(all, table+"."+column+" "+kind+" null:"+nullable)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, "\n")
}
