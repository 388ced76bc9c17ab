package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/meta/metatest"
	"larder.example/larder/internal/meta/sqlite"
)

func TestEngine(t *testing.T) {
	metatest.Run(t, sqlite.Engine{}, func(t *testing.T) string {
		return filepath.Join(t.TempDir(), "meta ?#%.db") // a path is a path, whatever is in it
	})
}

// A domain that is older than package groups has the one that every domain
// has.
func TestDomainsFromBeforePackageGroupsHaveTheRoot(t *testing.T) {
	path := filepath.Join(t.TempDir(), "meta.db")
	_, write, err := sqlite.Engine{}.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`DROP TABLE package_group_tags`, `DROP TABLE package_group_repositories`, `DROP TABLE package_groups`,
		`ALTER TABLE packages DROP COLUMN quiet`,
		`DELETE FROM schema_versions WHERE version >= 6`,
		`INSERT INTO accounts (id, created_ms) VALUES ('111122223333', 0)`,
		`INSERT INTO domains (uid, owner, name, created_ms, encryption_key) VALUES (1, '111122223333', 'team', 7, '')`,
	} {
		if _, err := write.ExecContext(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if err := write.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := meta.Open(t.Context(), sqlite.Engine{}, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	d, err := db.Now().Domain(t.Context(), larder.DomainRef{Owner: "111122223333", Name: "team"})
	if err != nil {
		t.Fatal(err)
	}
	groups, err := db.Now().PackageGroups(t.Context(), d)
	if err != nil || len(groups) != 1 {
		t.Fatalf("got %v, %v", groups, err)
	}
	g := groups[0]
	if g.Ref.Pattern != "/*" || g.Folded != "/" || g.CreatedAt.UnixMilli() != 7 || g.Modes[meta.Publish] != meta.Allow || g.Modes[meta.ExternalUpstream] != meta.Allow {
		t.Errorf("got %+v", g)
	}
}

func TestOnlyWhatIsAheadIsNotSynced(t *testing.T) {
	_, write, err := sqlite.Engine{}.Open(t.Context(), filepath.Join(t.TempDir(), "meta.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer write.Close()
	const normal, full = 1, 2
	for _, x := range []struct {
		level meta.Level
		want  int
	}{{meta.Rows, full}, {meta.Ahead, normal}, {meta.Ahead, normal}, {meta.Rules, full}, {meta.Ahead, normal}, {meta.Rows, full}} {
		tx, err := sqlite.Engine{}.Begin(t.Context(), write, x.level)
		if err != nil {
			t.Fatal(err)
		}
		var got int
		if err := tx.QueryRowContext(t.Context(), `PRAGMA synchronous`).Scan(&got); err != nil || got != x.want {
			t.Errorf("level %d: synchronous is %d (%v), want %d", x.level, got, err, x.want)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestMaintainBeginsALongLogAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "meta.db")
	read, write, err := sqlite.Engine{}.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	defer write.Close()
	fill := func() {
		for i := range 6 {
			if _, err := write.ExecContext(t.Context(), `INSERT INTO jobs (name, holder, until_ms) VALUES (hex(randomblob(8)), hex(zeroblob(2000000)), $1)`, i); err != nil {
				t.Fatal(err)
			}
		}
	}
	size := func() int64 {
		wal, err := os.Stat(path + "-wal")
		if err != nil {
			t.Fatal(err)
		}
		return wal.Size()
	}
	// A reader of an old snapshot keeps SQLite's own checkpoints from
	// finishing, as steady readers do.
	reader, err := read.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var n int
	if err := reader.QueryRowContext(t.Context(), `SELECT COUNT(*) FROM jobs`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	fill()
	full := size()
	if err := reader.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := (sqlite.Engine{}).Maintain(t.Context(), write); err != nil {
		t.Fatal(err)
	}
	fill()
	if again := size(); again > full {
		t.Errorf("the log grew from %d to %d bytes", full, again)
	}
}

func TestReadersCannotWrite(t *testing.T) {
	read, write, err := sqlite.Engine{}.Open(t.Context(), filepath.Join(t.TempDir(), "meta.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	defer write.Close()
	if _, err := read.ExecContext(t.Context(), `INSERT INTO accounts (id, created_ms) VALUES ('1', 1)`); err == nil {
		t.Error("a write through the readers' pool succeeded")
	}
}

// Statements are kept from one use to the next, and one may be used again
// while its rows are being read.
func TestAStatementIsUsedWithinItself(t *testing.T) {
	read, write, err := sqlite.Engine{}.Open(t.Context(), filepath.Join(t.TempDir(), "meta.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	defer write.Close()
	for _, db := range []*sql.DB{write, read} {
		tx, err := db.BeginTx(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		got := append(nested(t, tx), nested(t, tx)...)
		if want := []int{2, 3, 3, 3, 2, 3, 3, 3}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
	}
}

// nested reads rows of a query that it asks again for each.
func nested(t *testing.T, tx *sql.Tx) (got []int) {
	t.Helper()
	const query = `SELECT value FROM (SELECT 1 AS value UNION SELECT 2 UNION SELECT 3) WHERE value > $1 ORDER BY value`
	outer, err := tx.QueryContext(t.Context(), query, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer outer.Close()
	for outer.Next() {
		var n, inner int
		if err := outer.Scan(&n); err != nil {
			t.Fatal(err)
		}
		if err := tx.QueryRowContext(t.Context(), query, 2).Scan(&inner); err != nil {
			t.Fatal(err)
		}
		got = append(got, n, inner)
	}
	if err := outer.Err(); err != nil {
		t.Fatal(err)
	}
	return got
}

func TestAContextThatEndedEndsAStatement(t *testing.T) {
	read, write, err := sqlite.Engine{}.Open(t.Context(), filepath.Join(t.TempDir(), "meta.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	defer write.Close()
	for _, db := range []*sql.DB{write, read} {
		conn, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := conn.ExecContext(ctx, `SELECT $1`, 1); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
		conn.Close()
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	const long = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT COUNT(*) FROM n WHERE i > $1`
	var n int
	if err := read.QueryRowContext(ctx, long, 1).Scan(&n); err == nil {
		t.Error("a query without end ended")
	}
}
