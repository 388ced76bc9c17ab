package identity_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/meta"
)

// assume begins a session of a role of owner's that trusts alice.
func (h *house) assume(a identity.Assumption) identity.Assumed {
	h.t.Helper()
	alice := identity.Principal{Account: owner, ID: "AIDAALICEXXXXXXXXXXXX"}
	got, err := h.AssumeRole(identity.WithCaller(h.t.Context(), asking(alice)), a)
	h.must(err)
	return got
}

// houseWithRole has alice and a role that trusts her.
func houseWithRole(t testing.TB) (h *house, role string) {
	t.Helper()
	h = open(t)
	h.entity(meta.User, "alice", "")
	h.entity(meta.Role, "deploy", trustsAlice, allow("codeartifact:*"))
	return h, "arn:aws:iam::" + owner + ":role/deploy"
}

func TestNothingIsStoredOfASession(t *testing.T) {
	h, role := houseWithRole(t)
	got := h.assume(identity.Assumption{Role: role, Session: "ci"})
	secret, p, err := h.SigningKey(t.Context(), got.KeyID, got.Token)
	if err != nil || secret != got.Secret || p.Session == nil || p.Session.Name != "ci" || p.Session.Context != [16]byte{} {
		t.Errorf("got %v, %v", p, err)
	}
	if h.stored(got.KeyID) || h.stored(got.Secret) || h.stored(got.Token[4:]) {
		t.Error("the session is in the database")
	}
}

// A session whose context is lost is nobody's: what it was narrowed to is not
// known.
func TestASessionWhoseContextIsLostSignsNothing(t *testing.T) {
	h, role := houseWithRole(t)
	got := h.assume(identity.Assumption{Role: role, Session: "ci", Policy: allow(readAction)})
	if _, _, err := h.SigningKey(t.Context(), got.KeyID, got.Token); err != nil {
		t.Fatal(err)
	}
	h.sql(`DELETE FROM session_contexts`)
	h.load() // which forgets what was kept of it
	if _, _, err := h.SigningKey(t.Context(), got.KeyID, got.Token); larder.AsError(err).Code != larder.CodeUnrecognizedClient {
		t.Errorf("got %v", err)
	}
}

// kept returns how many rows there are of what expires.
func (h *house) kept() (n int) {
	h.t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(h.dir, "meta.db"))
	h.must(err)
	defer db.Close()
	h.must(db.QueryRowContext(h.t.Context(), `SELECT (SELECT count(*) FROM session_contexts) +
		(SELECT count(*) FROM revoked_tokens) + (SELECT count(*) FROM revoked_key_tokens)`).Scan(&n))
	return n
}

// Contexts and revocations stay for as long as a token may need them, and no
// longer.
func TestWhatExpiredIsDropped(t *testing.T) {
	h, role := houseWithRole(t)
	h.assume(identity.Assumption{Role: role, Session: "ci", Duration: 15 * time.Minute, Policy: allow(readAction)})
	h.must(h.RevokeToken(t.Context(), owner, [8]byte{1}))
	keyID, _ := h.key("alice")
	h.must(h.RevokeTokensOfAccessKey(t.Context(), owner, keyID))
	if err := h.RevokeTokensOfAccessKey(t.Context(), outsider, keyID); !larder.NotFound.Is(err) {
		t.Errorf("another account's key: got %v", err)
	}
	h.must(h.Expire(t.Context()))
	if got := h.kept(); got != 3 {
		t.Errorf("at once: got %d rows, want 3", got)
	}
	for _, tt := range []struct {
		account string
		want    bool
	}{{owner, true}, {outsider, false}} {
		if got, err := h.Revoked(tt.account, [8]byte{1}, "", start); err != nil || got != tt.want {
			t.Errorf("a token of %s: got %v, %v", tt.account, got, err)
		}
	}
	h.later = 14 * time.Hour
	h.must(h.Expire(t.Context()))
	if got := h.kept(); got != 0 {
		t.Errorf("14 hours later: got %d rows, want none", got)
	}
	if got, err := h.Revoked(owner, [8]byte{1}, "", start); err != nil || got {
		t.Errorf("14 hours later: got %v, %v", got, err)
	}
}

func TestAccountsAreReadFromKeys(t *testing.T) {
	h := open(t)
	h.user(owner, "alice")
	id, _ := h.key("alice")
	if got, err := identity.AccountOfKey(id); err != nil || got != owner {
		t.Errorf("got %q, %v", got, err)
	}
	for _, id := range []string{"", "AKIA", "AKIA1111111111111111", "AKIAAAAAAAAAAAAAAAAA", "AKIAIOSFODNN7EXAMPLE", id + "A", strings.ToLower(id)} {
		if got, err := identity.AccountOfKey(id); !larder.Invalid.Is(err) {
			t.Errorf("%q: got %q, %v", id, got, err)
		}
	}
}

// The threat table: a stolen database.
func TestThreatStolenDatabase(t *testing.T) {
	h := open(t)
	h.user(owner, "alice")
	h.user(owner, "bob")
	alices, secret := h.key("alice")
	bobs, other := h.key("bob")
	if h.stored(secret) || h.stored(other) || h.stored(secret[:20]) {
		t.Error("a secret is in the database")
	}
	// A secret that is moved to another's row opens nothing there.
	h.sql(`UPDATE access_keys SET secret = (SELECT secret FROM access_keys WHERE id = ?) WHERE id = ?`, alices, bobs)
	h.load()
	if got, _, err := h.SigningKey(t.Context(), bobs, ""); err == nil {
		t.Errorf("got %q", got)
	}
}

// What strangers send for a session token fails alike.
func FuzzSessionToken(f *testing.F) {
	h, role := houseWithRole(f)
	good := h.assume(identity.Assumption{Role: role, Session: "ci"})
	for _, s := range []string{good.Token, good.Token[:20], "lrs_", "", "lrs_" + strings.Repeat("A", 300)} {
		f.Add(good.KeyID, s)
	}
	f.Fuzz(func(t *testing.T, keyID, token string) {
		_, _, err := h.SigningKey(t.Context(), keyID, token)
		if err == nil && (keyID != good.KeyID || token != good.Token) {
			t.Errorf("%q opens with %q", keyID, token)
		}
		if err != nil && larder.AsError(err).Code != larder.CodeUnrecognizedClient {
			t.Errorf("got %v", err)
		}
	})
}
