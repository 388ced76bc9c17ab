package cache

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"larder.example/larder"
)

// desk is a cache with a clock, over a service that counts.
type desk struct {
	*Cache
	now    time.Time
	asked  atomic.Int32
	fails  error
	refuse string // the token that is good no longer
}

var key = Key{Endpoint: "https://larder.example", Domain: "team", Owner: "123456789012", Identity: "AKIA"}

func newDesk(t *testing.T) *desk {
	d := &desk{now: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)}
	d.Cache = &Cache{Dir: filepath.Join(t.TempDir(), "tokens"), Now: func() time.Time { return d.now }}
	return d
}

func (d *desk) ask() Ask {
	return Ask{
		Fetch: func(context.Context) (Entry, error) {
			n := d.asked.Add(1)
			return Entry{Token: fmt.Sprint("t", n), Expires: d.now.Add(10 * time.Hour)}, d.fails
		},
		Answered: larder.Denied.Is,
		Refused:  func(_ context.Context, e Entry) bool { return e.Token == d.refuse },
	}
}

func (d *desk) token(t *testing.T) string {
	t.Helper()
	e, err := d.Token(t.Context(), key, d.ask())
	if err != nil {
		t.Fatal(err)
	}
	return e.Token
}

func TestTokenIsRenewedAtFourFifthsOfItsLife(t *testing.T) {
	d := newDesk(t)
	for _, step := range []struct {
		after time.Duration
		want  string
	}{{0, "t1"}, {7 * time.Hour, "t1"}, {59 * time.Minute, "t1"}, {time.Minute, "t2"}, {time.Hour, "t2"}} {
		d.now = d.now.Add(step.after)
		if got := d.token(t); got != step.want {
			t.Errorf("after %v more: got %s, want %s", step.after, got, step.want)
		}
	}
}

func TestTokenIsOneForAllWhoAskAtOnce(t *testing.T) {
	d := newDesk(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if e, err := d.Token(t.Context(), key, d.ask()); err != nil || e.Token != "t1" {
				t.Errorf("got %s, %v, want t1", e.Token, err)
			}
		})
	}
	wg.Wait()
	if got := d.asked.Load(); got != 1 {
		t.Errorf("got %d calls, want 1", got)
	}
}

func TestTokenIsOfOneKeyOnly(t *testing.T) {
	d := newDesk(t)
	d.token(t)
	for _, k := range []Key{
		{Endpoint: "https://other.example", Domain: "team", Owner: "123456789012", Identity: "AKIA"},
		{Endpoint: key.Endpoint, Domain: "other", Owner: "123456789012", Identity: "AKIA"},
		{Endpoint: key.Endpoint, Domain: "team", Identity: "AKIA"},
		{Endpoint: key.Endpoint, Domain: "team", Owner: "123456789012", Identity: "AKIB"},
		{Endpoint: key.Endpoint, Domain: "team", Owner: "123456789012", Identity: "AKIA", Region: "eu-west-1"},
	} {
		e, err := d.Token(t.Context(), k, d.ask())
		if err != nil || e.Token == "t1" {
			t.Errorf("%v: got %s, %v, want a token of its own", k, e.Token, err)
		}
	}
}

func TestTokenThatIsRefusedIsNotGivenAgain(t *testing.T) {
	d := newDesk(t)
	d.token(t)
	d.refuse = "t1"
	if got := d.token(t); got != "t1" {
		t.Errorf("within a minute: got %s, want t1, unchecked", got)
	}
	d.now = d.now.Add(time.Minute)
	if got := d.token(t); got != "t2" {
		t.Errorf("got %s, want t2", got)
	}
	if err := d.Forget(key, "t1"); err != nil { // which is gone already
		t.Fatal(err)
	}
	if got := d.token(t); got != "t2" {
		t.Errorf("got %s, want t2", got)
	}
	if err := d.Forget(key, "t2"); err != nil {
		t.Fatal(err)
	}
	if got := d.token(t); got != "t3" {
		t.Errorf("got %s, want t3", got)
	}
}

func TestTokenOutlivesTheServiceButNotThePermission(t *testing.T) {
	d := newDesk(t)
	d.token(t)
	d.now = d.now.Add(9 * time.Hour)
	d.fails = errors.New("connection refused")
	if got := d.token(t); got != "t1" {
		t.Errorf("unreachable: got %s, want t1", got)
	}
	d.fails = larder.Errorf(larder.Denied, "no")
	if e, err := d.Token(t.Context(), key, d.ask()); err == nil {
		t.Errorf("denied: got %s, want an error", e.Token)
	}
	d.fails = errors.New("connection refused")
	if e, err := d.Token(t.Context(), key, d.ask()); err == nil {
		t.Errorf("unreachable after a denial: got %s, want an error", e.Token)
	}
}

func TestFilesAreTheUsersAlone(t *testing.T) {
	d := newDesk(t)
	d.token(t)
	e, err := d.Token(t.Context(), key, d.ask())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Trust(e, "https://larder.example"); err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(d.Dir, func(path string, f fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := f.Info()
		if filepath.Ext(path) == ".json" && info.Mode().Perm() != 0o600 || f.IsDir() && info.Mode().Perm() != 0o700 {
			t.Errorf("%s: got %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	all, err := d.All()
	if err != nil || len(all) != 1 || len(all[0].Origins) != 1 {
		t.Errorf("got %v, %v, want one entry with an origin", all, err)
	}
	if err := os.WriteFile(d.path(key), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := d.token(t); got != "t2" {
		t.Errorf("after a broken file: got %s, want t2", got)
	}
}
