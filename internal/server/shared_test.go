package server

import (
	"context"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/config"
	"larder.example/larder/internal/keyring"
	"larder.example/larder/internal/meta"
	postgresengine "larder.example/larder/internal/meta/postgres"
	"larder.example/larder/internal/testenv/postgres"
)

// nodeOf opens a node of a database with a data directory of its own.
func nodeOf(t *testing.T, c config.Config, now func() time.Time) (*Server, error) {
	t.Helper()
	c.Data = filepath.Join(t.TempDir(), "data")
	return openNode(t, c, now)
}

func openNode(t *testing.T, c config.Config, now func() time.Time) (*Server, error) {
	t.Helper()
	s, err := Open(t.Context(), &c, slog.New(slog.DiscardHandler), now)
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	s.mount("http://127.0.0.1")
	return s, nil
}

// common is what nodes are configured alike with.
func common(t *testing.T) config.Config {
	c := *config.Defaults()
	c.Meta, c.Blob = postgres.DSN(t), filepath.Join(t.TempDir(), "blobs")
	c.MasterKey = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
	return c
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not in time: %s", what)
		}
	}
}

// A pooler delivers no notifications: a node listens past it, and answers
// nobody while it cannot.
func TestANodeListensAtTheDirectAddress(t *testing.T) {
	c := common(t)
	direct, err := url.Parse(c.Meta)
	if err != nil {
		t.Fatal(err)
	}
	q := direct.Query()
	q.Set("application_name", "direct")
	direct.RawQuery = q.Encode()
	c.MetaDirect = direct.String()
	s, err := nodeOf(t, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.startFollowing(context.WithoutCancel(t.Context()))()
	db, _, err := postgresengine.Engine{}.Open(t.Context(), c.Meta)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	listeners := func() (n int) {
		if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'direct'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	eventually(t, "the node listens at the direct address", func() bool { return listeners() == 1 && s.Identity.Ready() == nil })

	c.MetaDirect = "postgres://127.0.0.1:1/nobody?connect_timeout=1"
	deaf, err := nodeOf(t, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer deaf.startFollowing(context.WithoutCancel(t.Context()))()
	eventually(t, "the node that cannot listen answers nobody", func() bool { return larder.Unavailable.Is(deaf.Identity.Ready()) })
	if err := deaf.db.Ping(t.Context()); err != nil {
		t.Errorf("its database does not answer: %v", err)
	}
}

// A database that was served before its key ring was in it.
func TestADatabaseWithAccountsGetsTheKeyRingThatItHad(t *testing.T) {
	c := common(t)
	ctx := t.Context()
	first, err := nodeOf(t, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := first.Begin(ctx, "http://127.0.0.1"); err != nil {
		t.Fatal(err)
	}
	sealed := first.keys.Seal(nil, keyring.Bearer, "", []byte("token"))
	ring, err := first.db.Now().Shared(ctx, meta.KeyRing)
	if err != nil {
		t.Fatal(err)
	}
	write, _, err := postgresengine.Engine{}.Open(ctx, c.Meta)
	if err != nil {
		t.Fatal(err)
	}
	defer write.Close()
	if _, err := write.ExecContext(ctx, `DELETE FROM shared`); err != nil {
		t.Fatal(err)
	}
	if _, err := nodeOf(t, c, nil); err == nil || !strings.Contains(err.Error(), "first start larderd with the data directory that served it before") {
		t.Errorf("a node without the ring: got %v", err)
	}

	c.Data = filepath.Join(t.TempDir(), "data")
	if err := os.MkdirAll(filepath.Join(c.Data, "keys"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(c.Data, "keys", "ring.json"), ring, 0o600); err != nil {
		t.Fatal(err)
	}
	again, err := openNode(t, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.keys.Unseal(time.Now(), keyring.Bearer, "", sealed); err != nil {
		t.Errorf("the node with the ring: %v", err)
	}
	if _, err := nodeOf(t, c, nil); err != nil {
		t.Errorf("a node after it: %v", err)
	}
}

func TestFirstNodesThatStartAtOnceAreOneRegistry(t *testing.T) {
	c := common(t)
	nodes := make([]*Server, 3)
	var all sync.WaitGroup
	for i := range nodes {
		all.Go(func() {
			s, err := nodeOf(t, c, nil)
			if err != nil {
				t.Error(err)
			}
			nodes[i] = s
		})
	}
	all.Wait()
	if t.Failed() {
		return
	}
	sealed := nodes[0].keys.Seal(nil, keyring.Bearer, "", nil)
	for _, s := range nodes {
		defer s.startFollowing(context.WithoutCancel(t.Context()))()
		if _, err := s.keys.Unseal(time.Now(), keyring.Bearer, "", sealed); err != nil {
			t.Errorf("a token of the first: %v", err)
		}
	}
	var made atomic.Int64
	for i, s := range nodes {
		all.Go(func() {
			var err error
			if i == 0 {
				var q Quickstart
				if q, err = s.Quickstart(t.Context(), "http://127.0.0.1"); q.Fresh {
					made.Add(1)
				}
			} else {
				var path string
				if path, err = s.Begin(t.Context(), "http://127.0.0.1"); path != "" {
					made.Add(1)
				}
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	accounts, err := nodes[0].Identity.Accounts(t.Context())
	if err != nil || len(accounts) != 1 || made.Load() != 1 {
		t.Errorf("%d nodes made %v, %v; want one account, made by one", made.Load(), accounts, err)
	}
}

func TestANodeMustHaveWhatTheOthersHave(t *testing.T) {
	c := common(t)
	if _, err := nodeOf(t, c, nil); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*config.Config){
		"another master key than the one from its setting": func(c *config.Config) { c.MasterKey = "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA=" },
		"the master key is missing":                        func(c *config.Config) { c.MasterKey = "" },
		"has not the bytes of this database":               func(c *config.Config) { c.Blob = "" },
	} {
		differs := c
		change(&differs)
		if _, err := nodeOf(t, differs, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := nodeOf(t, c, nil); err != nil {
		t.Error(err)
	}
}
