//go:build unix

package postgres

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// server is a PostgreSQL that answers.
type server struct {
	// url is of a database that is always there, for a user who may create
	// others. It says all that a client would else take from PGPORT and its
	// like.
	url url.URL

	// leash keeps the server alive while it is open; nil for one that is not
	// ours to end.
	leash *os.File
}

// running is the server of this process.
var running = sync.OnceValues(func() (*server, error) {
	if named := os.Getenv("LARDER_TEST_POSTGRES"); named != "" {
		return existing(named)
	}
	bin, err := Binaries()
	if err != nil {
		return nil, err
	}
	return start(bin)
})

// DSN returns the URL of a new, empty database, which is dropped when t
// ends, whoever is still connected. A machine without PostgreSQL fails t.
func DSN(t testing.TB) string {
	t.Helper()
	s, err := running()
	if err != nil {
		t.Fatal(err)
	}
	name := "t_" + strings.ToLower(rand.Text())
	// Copying the files of template0 takes a third of the time of the
	// default, which writes them to the log.
	if err := s.exec(t.Context(), "CREATE DATABASE "+name+" TEMPLATE template0 STRATEGY file_copy"); err != nil {
		t.Fatalf("create a database to test with: %v", err)
	}
	t.Cleanup(func() {
		// The test's context is over by now.
		if err := s.exec(context.Background(), "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the database of the test: %v", err)
		}
	})
	u := s.url
	u.Path = "/" + name
	return u.String()
}

func existing(named string) (*server, error) {
	u, err := url.Parse(named)
	if err != nil {
		return nil, fmt.Errorf("LARDER_TEST_POSTGRES: %w", err)
	}
	if u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return nil, fmt.Errorf("LARDER_TEST_POSTGRES: got %q, want postgres://user@host:port/database", named)
	}
	return &server{url: *u}, nil
}

func (s *server) exec(ctx context.Context, statement string) error {
	conn, err := pgx.Connect(ctx, s.url.String())
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, statement)
	if closing := conn.Close(ctx); err == nil {
		err = closing
	}
	return err
}
