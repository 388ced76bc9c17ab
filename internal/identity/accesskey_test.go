package identity_test

import (
	"encoding/base32"
	"encoding/binary"
	"regexp"
	"slices"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/identity"
)

func TestSigningKeyIsTheKeysSecretAndOwner(t *testing.T) {
	h := open(t)
	alice := h.user(owner, "alice")
	id, secret := h.key("alice")
	if !regexp.MustCompile(`^AKIA[A-Z2-7]{16}$`).MatchString(id) || !regexp.MustCompile(`^[A-Za-z0-9+/]{40}$`).MatchString(secret) {
		t.Errorf("got the key %q with the secret %q", id, secret)
	}
	got, p, err := h.SigningKey(t.Context(), id, "")
	if err != nil || got != secret || p != alice {
		t.Errorf("got %q, %v, %v, want %q, %v", got, p, err, secret, alice)
	}

	_, _, err = h.SigningKey(t.Context(), id, "a session token")
	wants(t, err, larder.Unauthenticated, larder.CodeUnrecognizedClient)
	_, _, err = h.SigningKey(t.Context(), "AKIAIOSFODNN7EXAMPLE", "")
	wants(t, err, larder.Unauthenticated, larder.CodeUnrecognizedClient)
	says(t, err, "The security token included in the request is invalid.")
}

// Tools read the account out of a key's ID: base32, of which behind the first
// bit 40 are the account's number.
func TestAccessKeyIDHoldsTheAccount(t *testing.T) {
	h := open(t)
	for _, account := range []string{owner, "999999999999", "000000000001"} {
		if account != owner {
			_, err := h.CreateAccount(t.Context(), account)
			h.must(err)
		}
		k, _, err := h.CreateAccessKey(t.Context(), identity.Root(account))
		h.must(err)
		b, err := base32.StdEncoding.DecodeString(k.ID[4:])
		h.must(err)
		head := binary.BigEndian.Uint64(append([]byte{0, 0}, b[:6]...))
		number := uint64(0)
		for _, digit := range account {
			number = number*10 + uint64(digit-'0')
		}
		if got := head >> 7 & (1<<40 - 1); got != number || head>>47 != 1 {
			t.Errorf("%s: got %012d", k.ID, got)
		}
	}
}

func TestAUserHasTwoAccessKeys(t *testing.T) {
	h := open(t)
	h.user(owner, "alice")
	first, _ := h.key("alice")
	second, _ := h.key("alice")
	o, err := h.Owner(t.Context(), owner, "alice")
	h.must(err)
	_, _, err = h.CreateAccessKey(t.Context(), o)
	wants(t, err, larder.Conflict, "LimitExceeded")
	says(t, err, "Cannot exceed quota for AccessKeysPerUser: 2")

	want := []string{first, second}
	slices.Sort(want)
	var got []string
	for after := ""; ; after = got[len(got)-1] {
		page, err := h.AccessKeys(t.Context(), o, after, 1)
		h.must(err)
		if len(page) == 0 {
			break
		}
		if len(page) > 1 || page[0].Status != identity.KeyActive || !page[0].CreatedAt.Equal(start) {
			t.Fatalf("got the page %+v", page)
		}
		got = append(got, page[0].ID)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}

	h.must(h.DeleteAccessKey(t.Context(), o, first))
	if _, _, err := h.CreateAccessKey(t.Context(), o); err != nil {
		t.Errorf("after one was deleted: %v", err)
	}
}

func TestAnInactiveKeySignsNothing(t *testing.T) {
	h := open(t)
	h.user(owner, "alice")
	id, secret := h.key("alice")
	o, err := h.Owner(t.Context(), owner, "alice")
	h.must(err)

	h.must(h.SetAccessKeyStatus(t.Context(), o, id, identity.KeyInactive))
	_, _, err = h.SigningKey(t.Context(), id, "")
	wants(t, err, larder.Unauthenticated, larder.CodeUnrecognizedClient)
	if keys, err := h.AccessKeys(t.Context(), o, "", 9); err != nil || len(keys) != 1 || keys[0].Status != identity.KeyInactive {
		t.Errorf("got %v, %v", keys, err)
	}
	h.must(h.SetAccessKeyStatus(t.Context(), o, id, identity.KeyActive))
	if got, _, err := h.SigningKey(t.Context(), id, ""); err != nil || got != secret {
		t.Errorf("active again: %v", err)
	}
	wants(t, h.SetAccessKeyStatus(t.Context(), o, id, "Expired"), larder.Invalid, "InvalidInput")
}

func TestAKeyIsItsOwnersAlone(t *testing.T) {
	h := open(t)
	h.user(owner, "alice")
	h.user(owner, "bob")
	id, _ := h.key("alice")
	bob, err := h.Owner(t.Context(), owner, "bob")
	h.must(err)
	err = h.SetAccessKeyStatus(t.Context(), bob, id, identity.KeyInactive)
	wants(t, err, larder.NotFound, "NoSuchEntity")
	says(t, err, "The Access Key with id "+id+" cannot be found.")
	wants(t, h.DeleteAccessKey(t.Context(), bob, id), larder.NotFound, "NoSuchEntity")
	if _, _, err := h.SigningKey(t.Context(), id, ""); err != nil {
		t.Error(err)
	}
	_, err = h.Owner(t.Context(), owner, "nobody")
	wants(t, err, larder.NotFound, "NoSuchEntity")
}

func TestAnOwnerWhoIsGoneGetsNoKey(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	h.user(owner, "alice")
	old, err := h.Owner(ctx, owner, "alice")
	h.must(err)
	h.must(h.DeleteEntity(ctx, identity.UserRef(owner, "alice")))
	_, _, err = h.CreateAccessKey(ctx, old)
	wants(t, err, larder.NotFound, "NoSuchEntity")
	h.user(owner, "alice")
	_, _, err = h.CreateAccessKey(ctx, old)
	wants(t, err, larder.NotFound, "NoSuchEntity")
}

func TestSecretsAreEncryptedAtRest(t *testing.T) {
	h := open(t)
	h.user(owner, "alice")
	id, secret := h.key("alice")
	_, rootSecret, err := h.CreateAccessKey(t.Context(), identity.Root(owner))
	h.must(err)
	if !h.stored(id) {
		t.Error("the key's ID is not in the database's files: this test looks in the wrong place")
	}
	for _, secret := range []string{secret, rootSecret} {
		if h.stored(secret) || h.stored(secret[:20]) {
			t.Error("a secret is in the database's files")
		}
	}
	h.load()
	if got, _, err := h.SigningKey(t.Context(), id, ""); err != nil || got != secret {
		t.Errorf("after a new start: got %q, %v, want %q", got, err, secret)
	}
}

// Who can write to the database but has no keys cannot make one key's secret
// that of another.
func TestSecretsMovedBetweenRowsDoNotOpen(t *testing.T) {
	for _, tt := range []struct{ name, statement string }{
		{"another's secret", `UPDATE access_keys SET secret = (SELECT secret FROM access_keys WHERE id = ?2) WHERE id = ?1`},
		{"another account", `UPDATE access_keys SET account = '` + outsider + `' WHERE id = ?1 AND ?2 <> ''`},
		{"cut short", `UPDATE access_keys SET secret = x'01' WHERE id = ?1 AND ?2 <> ''`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := open(t)
			h.user(owner, "alice")
			h.user(owner, "mallory")
			alice, _ := h.key("alice")
			mallory, _ := h.key("mallory")
			h.sql(tt.statement, alice, mallory)
			h.load()
			if _, _, err := h.SigningKey(t.Context(), mallory, ""); err != nil {
				t.Errorf("the key that was left alone: %v", err)
			}
			_, _, err := h.SigningKey(t.Context(), alice, "")
			if err == nil || !strings.Contains(err.Error(), "decrypt access_keys "+alice) {
				t.Errorf("got %v, want a failure that names the key", err)
			}
		})
	}
}

func TestAKeyWithoutItsUserSignsNothing(t *testing.T) {
	h := open(t)
	h.user(owner, "alice")
	id, _ := h.key("alice")
	h.sql(`UPDATE access_keys SET owner = 'AIDANOBODY' WHERE id = ?`, id)
	h.load()
	_, _, err := h.SigningKey(t.Context(), id, "")
	wants(t, err, larder.Unauthenticated, larder.CodeUnrecognizedClient)
}
