package sqlite_test

import (
	"os"
	"path/filepath"
	"testing"

	"larder.example/larder/internal/meta/metatest"
	"larder.example/larder/internal/meta/sqlite"
)

func TestEngine(t *testing.T) {
	metatest.Run(t, sqlite.Engine{}, func(t *testing.T) string {
		return filepath.Join(t.TempDir(), "meta ?#%.db") // a path is a path, whatever is in it
	})
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
