//go:build unix

package postgres

import (
	"bufio"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestEachTestHasADatabaseOfItsOwn(t *testing.T) {
	one, two := connect(t, DSN(t)), connect(t, DSN(t))
	if _, err := one.Exec(t.Context(), "CREATE TABLE mine (id BIGINT PRIMARY KEY)"); err != nil {
		t.Fatal(err)
	}
	if got := count(t, one, "SELECT count(*) FROM pg_tables WHERE tablename = 'mine'"); got != 1 {
		t.Errorf("tables in the first database: got %d, want 1", got)
	}
	if got := count(t, two, "SELECT count(*) FROM pg_tables WHERE tablename = 'mine'"); got != 0 {
		t.Errorf("tables in the second database: got %d, want 0", got)
	}
}

func TestDatabasesGoWithTheirTest(t *testing.T) {
	var name string
	t.Run("left connected", func(t *testing.T) {
		dsn := DSN(t)
		conn, err := pgx.Connect(t.Context(), dsn) // left open on purpose
		if err != nil {
			t.Fatal(err)
		}
		name = conn.Config().Database
	})
	conn := connect(t, DSN(t))
	if got := count(t, conn, "SELECT count(*) FROM pg_database WHERE datname = $1", name); got != 0 {
		t.Errorf("databases named %s: got %d, want 0", name, got)
	}
}

func TestDatabasesCanBeAskedForAtOnce(t *testing.T) {
	var wg sync.WaitGroup
	dsns := make([]string, 8)
	for i := range dsns {
		wg.Go(func() { dsns[i] = DSN(t) })
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, dsn := range dsns {
		seen[dsn] = true
		connect(t, dsn)
	}
	if got, want := len(seen), len(dsns); got != want {
		t.Errorf("different databases: got %d, want %d", got, want)
	}
}

func TestServerIsSetUpForTests(t *testing.T) {
	if os.Getenv("LARDER_TEST_POSTGRES") != "" {
		return // it is not ours to set up
	}
	conn := connect(t, DSN(t))
	for setting, want := range map[string]string{
		"listen_addresses": "", // nobody but who may enter the directory
		"fsync":            "off",
		"server_encoding":  "UTF8",
		"lc_collate":       "C",
	} {
		var got string
		if err := conn.QueryRow(t.Context(), "SELECT current_setting($1)", setting).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", setting, got, want)
		}
	}
}

func TestClientVariablesLeadNowhereElse(t *testing.T) {
	t.Setenv("PGPORT", "1")
	t.Setenv("PGHOST", "/nowhere")
	t.Setenv("PGUSER", "nobody")
	connect(t, DSN(t))
}

// TestServerEndsWithItsProcess starts this test again as a child, which says
// where its database is and is then killed.
func TestServerEndsWithItsProcess(t *testing.T) {
	const asked = "LARDER_POSTGRES_TEST_CHILD"
	if os.Getenv(asked) != "" {
		dsn := DSN(t)
		if _, err := os.Stdout.WriteString(dsn + "\n"); err != nil {
			t.Fatal(err)
		}
		<-t.Context().Done() // that is, never
	}
	if os.Getenv("LARDER_TEST_POSTGRES") != "" {
		return // it is not ours to end
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), self, "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), asked+"=1")
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	dir := u.Query().Get("host")
	conn := connect(t, u.String())
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := child.Wait(); err == nil {
		t.Error("the child was not killed")
	}
	if _, err := conn.WaitForNotification(t.Context()); err == nil {
		t.Error("got a notification, want a lost connection")
	}
	// The directory goes a moment after the server.
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
			return
		}
		<-tick.C
	}
	t.Errorf("%s is still there", dir)
}

func TestServerThatDoesNotStartSaysWhy(t *testing.T) {
	bin := t.TempDir()
	program(t, filepath.Join(bin, "initdb"), "echo no space left on this moon; exit 1")
	if err := os.Chmod(filepath.Dir(bin), 0o755); err != nil { // the server's user must get in
		t.Fatal(err)
	}
	_, err := start(bin)
	if err == nil || !strings.Contains(err.Error(), "on this moon") {
		t.Errorf("got %v, want what initdb said", err)
	}
}

func TestExistingServerIsNamedByURL(t *testing.T) {
	for _, tt := range []struct{ claim, named, want string }{
		{"a URL", "postgres://u@h:5433/d?sslmode=disable", ""},
		{"the other scheme", "postgresql:///d", ""},
		{"keywords, whose database we could not replace", "host=h dbname=d", "want postgres://"},
		{"no URL at all", "postgres://%zz", "LARDER_TEST_POSTGRES"},
	} {
		s, err := existing(tt.named)
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: %v", tt.claim, err)
		case tt.want == "" && s.url.String() != tt.named:
			t.Errorf("%s: got %s, want %s", tt.claim, &s.url, tt.named)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: got %v, want %q", tt.claim, err, tt.want)
		}
	}
}

func TestNewestSupportedServerIsUsed(t *testing.T) {
	for _, tt := range []struct {
		claim     string
		installed []string
		want      string
	}{
		{"none", nil, ""},
		{"one", []string{"15/bin/initdb"}, "15/bin"},
		{"by number, not by name", []string{"18/bin/initdb", "9/bin/initdb", "100/bin/initdb"}, "100/bin"},
		{"a client alone is no server", []string{"15/bin/initdb", "17/bin/psql"}, "15/bin"},
		{"one that is too old", []string{"14/bin/initdb"}, ""},
		{"what is no version", []string{"common/bin/initdb"}, ""},
	} {
		root := t.TempDir()
		for _, f := range tt.installed {
			name := filepath.Join(root, f)
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			program(t, name, "")
		}
		want := tt.want
		if want != "" {
			want = filepath.Join(root, want)
		}
		if got := newest(root); got != want {
			t.Errorf("%s: got %q, want %q", tt.claim, got, want)
		}
	}
}

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(t.Context()) }) // best effort: the server may be gone
	return conn
}

func count(t *testing.T, conn *pgx.Conn, query string, args ...any) (n int) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func program(t *testing.T, name, script string) {
	t.Helper()
	if err := os.WriteFile(name, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
}
