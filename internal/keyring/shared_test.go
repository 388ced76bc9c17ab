package keyring_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/keyring"
)

// sharing is where a node that is given a master key has its directory.
func sharing(t *testing.T, master byte) keyring.Config {
	return keyring.Config{Dir: t.TempDir(), Value: base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{master}, 32))}
}

// load opens a shared ring as one node has it.
func load(t *testing.T, kept []byte) *keyring.Ring {
	t.Helper()
	r, err := keyring.Load(sharing(t, 1), kept)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func take(t *testing.T, kept []byte, rings ...*keyring.Ring) {
	t.Helper()
	for _, r := range rings {
		if err := r.Take(kept); err != nil {
			t.Fatal(err)
		}
	}
}

func TestNodesOpenWhatTheOthersSealDuringARotation(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	kept, err := keyring.New(sharing(t, 1), now)
	if err != nil {
		t.Fatal(err)
	}
	a, b := load(t, kept), load(t, kept)
	var sealed []string
	understood := func(when string) {
		t.Helper()
		for _, from := range []*keyring.Ring{a, b} {
			sealed = append(sealed, from.SealString(keyring.Bearer, "", []byte(when)))
		}
		for _, text := range sealed {
			for name, to := range map[string]*keyring.Ring{"a": a, "b": b} {
				if _, err := to.UnsealString(now, keyring.Bearer, "", text); err != nil {
					t.Errorf("%s: %s cannot open what was sealed: %v", when, name, err)
				}
			}
		}
	}
	understood("before")
	if early, err := a.Announce(kept, now.Add(time.Hour), 24*time.Hour); err != nil || !bytes.Equal(early, kept) {
		t.Errorf("a generation follows one that is an hour old: %v", err)
	}
	now = now.Add(24 * time.Hour)
	sealed = nil // has expired
	announced, err := a.Announce(kept, now, 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	understood("announced, to nobody")
	take(t, announced, a)
	understood("announced, to one")
	take(t, announced, b)
	if again, err := b.Announce(announced, now, 24*time.Hour); err != nil || !bytes.Equal(again, announced) {
		t.Errorf("a second generation is announced: %v", err)
	}
	advanced, err := b.Advance(announced, now)
	if err != nil {
		t.Fatal(err)
	}
	take(t, advanced, b)
	if !b.Since().Equal(now) || a.Since().Equal(now) {
		t.Errorf("b seals since %v, a since %v; want b since %v", b.Since(), a.Since(), now)
	}
	understood("begun, at one")
	take(t, advanced, a)
	understood("begun")
	if again, err := a.Advance(advanced, now); err != nil || !bytes.Equal(again, advanced) {
		t.Errorf("what was not announced begins: %v", err)
	}
}

func TestASharedRingHasNoMasterKey(t *testing.T) {
	master := bytes.Repeat([]byte{1}, 32)
	kept, err := keyring.New(sharing(t, 1), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{string(master), base64.StdEncoding.EncodeToString(master), base64.StdEncoding.EncodeToString(master)[:40], hex.EncodeToString(master)} {
		if strings.Contains(string(kept), form) {
			t.Error("the ring that is kept in the database has the master key in it")
		}
	}
}

// Who may be behind is not the one to say that a token is nobody's.
func TestWhoIsBehindDoesNotRefuse(t *testing.T) {
	now := time.Now()
	kept, err := keyring.New(sharing(t, 1), now)
	if err != nil {
		t.Fatal(err)
	}
	a, b := load(t, kept), load(t, kept)
	announced, err := a.Announce(kept, now, 0)
	if err != nil {
		t.Fatal(err)
	}
	advanced, err := a.Advance(announced, now)
	if err != nil {
		t.Fatal(err)
	}
	take(t, advanced, a)
	sealed := a.SealString(keyring.SessionToken, "", []byte("session"))
	if _, err := b.UnsealString(now, keyring.SessionToken, "", sealed); !larder.Invalid.Is(err) {
		t.Errorf("a ring that is kept by one process alone: got %v, want Invalid", err)
	}
	behind := larder.Errorf(larder.Unavailable, "behind")
	b.Behind = func() error { return behind }
	if _, err := b.UnsealString(now, keyring.SessionToken, "", sealed); !errors.Is(err, behind) {
		t.Errorf("behind: got %v, want %v", err, behind)
	}
	b.Behind = func() error { return b.Take(advanced) } // as happens when it catches up just then
	if _, err := b.UnsealString(now, keyring.SessionToken, "", sealed); err != nil {
		t.Errorf("caught up: %v", err)
	}
}

func TestASharedRingNeedsItsMasterKey(t *testing.T) {
	now := time.Now()
	kept, err := keyring.New(sharing(t, 1), now)
	if err != nil {
		t.Fatal(err)
	}
	none := sharing(t, 1)
	none.Value = ""
	other, err := keyring.New(sharing(t, 1), now)
	if err != nil {
		t.Fatal(err)
	}
	for want, err := range map[string]error{
		"the key ring of the database was made with another master key than the one from its setting": second(keyring.Load(sharing(t, 2), kept)),
		"the master key is missing":                               second(keyring.Load(none, kept)),
		"the key ring of the database: it is damaged":             second(keyring.Load(sharing(t, 1), kept[1:])),
		"the key ring of the database is another one than it was": load(t, kept).Take(other),
		"the key ring of the database: it is damaged: EOF":        load(t, kept).Take(nil),
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func second(_ *keyring.Ring, err error) error { return err }

func TestARingWithAFileIsSharedAsItIs(t *testing.T) {
	now := time.Now()
	c := sharing(t, 1)
	file, err := keyring.Open(c, now)
	if err != nil {
		t.Fatal(err)
	}
	sealed := file.SealString(keyring.Bearer, "", []byte("token"))
	kept, err := keyring.New(c, now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := load(t, kept).UnsealString(now, keyring.Bearer, "", sealed); err != nil {
		t.Error(err)
	}
}
