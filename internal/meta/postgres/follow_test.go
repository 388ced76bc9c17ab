package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/testenv/postgres"
)

// named returns a DSN whose connections have a name that the server shows.
func named(t *testing.T, dsn, name string) string {
	t.Helper()
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("application_name", name)
	u.RawQuery = q.Encode()
	return u.String()
}

func openDB(t *testing.T, dsn string) *sql.DB {
	t.Helper()
	db, _, err := Engine{}.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func TestFollowListensAndLooksOnTheDirectConnection(t *testing.T) {
	dsn := postgres.DSN(t)
	db := openDB(t, named(t, dsn, "pooled"))
	e := Engine{Direct: named(t, dsn, "direct")}
	enough := errors.New("enough")
	looks := 0
	err := e.Follow(t.Context(), named(t, dsn, "pooled"), time.Hour, func(ctx context.Context, c *sql.Conn, _ meta.Hear) error {
		var name, channel string
		err := c.QueryRowContext(ctx, `SELECT current_setting('application_name'), COALESCE((SELECT * FROM pg_listening_channels() LIMIT 1), '')`).Scan(&name, &channel)
		if err != nil {
			return err
		}
		if name != "direct" || channel != "larder" {
			t.Errorf("it looks on the connection %q, which listens to %q; want direct and larder", name, channel)
		}
		if looks++; looks == 2 {
			return enough
		}
		_, err = db.ExecContext(ctx, `SELECT pg_notify('larder', '')`) // by way of the pool
		return err
	})
	if !errors.Is(err, enough) {
		t.Errorf("got %v", err)
	}
}

// PgBouncer gives each transaction another connection of the server, where what
// was prepared on the last is not known.
func TestNothingIsPreparedWhereThereIsAPooler(t *testing.T) {
	dsn := postgres.DSN(t)
	for _, test := range []struct {
		direct, dsn string
		prepared    bool
	}{
		{"", dsn, true},
		{dsn, dsn, false},
		{dsn, dsn + "&default_query_exec_mode=cache_statement", true},
	} {
		if !strings.Contains(dsn, "?") {
			test.dsn = strings.Replace(test.dsn, "&", "?", 1)
		}
		db, _, err := Engine{Direct: test.direct}.Open(t.Context(), test.dsn)
		if err != nil {
			t.Fatal(err)
		}
		db.SetMaxOpenConns(1)
		for range 2 {
			if _, err := db.ExecContext(t.Context(), `DELETE FROM nodes WHERE id = $1`, "nobody"); err != nil {
				t.Fatal(err)
			}
		}
		var n int
		if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_prepared_statements`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if (n > 0) != test.prepared {
			t.Errorf("direct %q, %s: %d statements are prepared, want any %v", test.direct, test.dsn, n, test.prepared)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestFollowFailsWhereTheDirectAddressDoes(t *testing.T) {
	dsn := postgres.DSN(t)
	openDB(t, dsn) // answers
	e := Engine{Direct: "postgres://127.0.0.1:1/nobody?connect_timeout=1"}
	err := e.Follow(t.Context(), dsn, time.Hour, func(context.Context, *sql.Conn, meta.Hear) error {
		t.Error("it looked")
		return nil
	})
	if e.Classify(err) != meta.Down {
		t.Errorf("got %v, want that the database cannot be reached", err)
	}
}

func TestFollowEndsWithItsConnection(t *testing.T) {
	dsn := postgres.DSN(t)
	db := openDB(t, dsn)
	var e Engine
	err := e.Follow(t.Context(), dsn, time.Hour, func(ctx context.Context, c *sql.Conn, _ meta.Hear) error {
		var pid int
		if err := c.QueryRowContext(ctx, `SELECT pg_backend_pid()`).Scan(&pid); err != nil {
			return err
		}
		_, err := db.ExecContext(ctx, `SELECT pg_terminate_backend($1)`, pid)
		return err
	})
	if err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that the connection ended", err)
	}
}

// A reader of news that was away for longer than news are kept for knows that
// it does not know; and the table does not grow for ever.
func TestNewsAreKeptForAWhile(t *testing.T) {
	db := openDB(t, postgres.DSN(t))
	ctx := t.Context()
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	written := 0
	write := func() {
		t.Helper()
		written++
		if _, err := db.ExecContext(ctx, `INSERT INTO package_changes (owner, domain, format, namespace, name) VALUES ('o', 'd', 'npm', '', $1)`, fmt.Sprint(written)); err != nil {
			t.Fatal(err)
		}
	}
	kept := func() (n int) {
		t.Helper()
		if err := db.QueryRowContext(ctx, `SELECT count(*) FROM package_changes`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var n newsreader
	read := func(after time.Duration) meta.News {
		t.Helper()
		now = now.Add(after)
		news, err := n.read(ctx, conn, now)
		if err != nil {
			t.Fatal(err)
		}
		return news
	}
	for _, test := range []struct {
		what  string
		after time.Duration
		lost  bool
		told  int
	}{
		{"the first time", 0, true, 0},
		{"soon", time.Second, false, 1},
		{"at the end of the gap", newsGap, false, 1},
		{"after the gap", newsGap + 1, true, 1},
		{"with a clock that was set back", -time.Hour, true, 1},
		{"soon after", time.Second, false, 1},
	} {
		write()
		if got := read(test.after); got.Lost != test.lost || !test.lost && len(got.Packages) != test.told {
			t.Errorf("%s: got %+v, want lost %v and %d changes", test.what, got, test.lost, test.told)
		}
	}
	if got := read(time.Second); len(got.Packages) != 0 {
		t.Errorf("told again: %+v", got)
	}
	for range 10 { // two minutes and a half
		read(newsKept / 4)
	}
	if got := kept(); got != 0 {
		t.Errorf("%d changes are kept for ever", got)
	}
}
