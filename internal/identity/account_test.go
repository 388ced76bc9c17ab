package identity_test

import (
	"regexp"
	"slices"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/identity"
)

func TestAccounts(t *testing.T) {
	h := open(t)
	got, err := h.Accounts(t.Context())
	want := []identity.Account{
		{ID: owner, CreatedAt: start, First: true},
		{ID: outsider, CreatedAt: start.Add(time.Millisecond)}, // the clock stands still
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	for _, a := range want {
		if got, err := h.Account(t.Context(), a.ID); err != nil || got != a {
			t.Errorf("got %v, %v, want %v", got, err, a)
		}
	}
	_, err = h.Account(t.Context(), "000000000000")
	wants(t, err, larder.NotFound, "")
	_, err = h.CreateAccount(t.Context(), owner)
	wants(t, err, larder.Conflict, "")
	_, _, _, err = h.OpenAccount(t.Context(), owner)
	wants(t, err, larder.Conflict, "")
}

func TestTheFirstAccountIsTheOneThatWasMadeFirst(t *testing.T) {
	h := open(t)
	younger, err := h.CreateAccount(t.Context(), "000000000001")
	h.must(err)
	all, err := h.Accounts(t.Context())
	h.must(err)
	if len(all) != 3 || all[0].ID != owner || all[2].ID != younger || all[2].First {
		t.Errorf("got %v", all)
	}
}

func TestAnAccountIsOpenedWithAKeyOfItsRoot(t *testing.T) {
	h := open(t)
	a, key, secret, err := h.OpenAccount(t.Context(), "")
	h.must(err)
	got, p, err := h.SigningKey(t.Context(), key.ID, "")
	if err != nil || got != secret || p != root(a.ID) || a.First || a.ARN() != p.ARN {
		t.Errorf("got %v, %v, want root of %v", p, err, a)
	}
}

func TestAnAccountNumberHasTwelveDigitsOfWhichTheFirstIsNoZero(t *testing.T) {
	h := open(t)
	for range 20 {
		id, err := h.CreateAccount(t.Context(), "")
		if err != nil || !regexp.MustCompile(`^[1-9][0-9]{11}$`).MatchString(id) {
			t.Errorf("got %q, %v", id, err)
		}
	}
}

func TestRootNeedsNoPolicyInItsOwnAccount(t *testing.T) {
	h := open(t)
	for _, tt := range []struct {
		action   string
		resource larder.ARN
	}{
		{"codeartifact:DeleteDomain", team.ARN(region)},
		{"iam:CreateUser", "arn:aws:iam::" + owner + ":user/alice"},
		{"sts:GetServiceBearerToken", "*"},
	} {
		if err := h.may(root(owner), tt.action, tt.resource); err != nil {
			t.Errorf("%s: %v", tt.action, err)
		}
	}
}

func TestRootHasKeysOfItsOwn(t *testing.T) {
	h := open(t)
	o := identity.Root(owner)
	k, secret, err := h.CreateAccessKey(t.Context(), o)
	h.must(err)
	got, p, err := h.SigningKey(t.Context(), k.ID, "")
	if err != nil || got != secret || p != root(owner) {
		t.Errorf("got %v, %v, want %v", p, err, root(owner))
	}
	if o.Name() != "root" {
		t.Errorf("got the name %q", o.Name())
	}
	if _, _, err := h.CreateAccessKey(t.Context(), o); err != nil {
		t.Error(err)
	}
	_, _, err = h.CreateAccessKey(t.Context(), o)
	wants(t, err, larder.Conflict, "LimitExceeded")

	// A user who is called so has nothing to do with it.
	h.user(owner, "root")
	mine, err := h.Owner(t.Context(), owner, "root")
	h.must(err)
	if keys, err := h.AccessKeys(t.Context(), mine, "", 100); err != nil || len(keys) > 0 {
		t.Errorf("got %v, %v, want none", keys, err)
	}
	wants(t, h.DeleteAccessKey(t.Context(), mine, k.ID), larder.NotFound, "NoSuchEntity")
	h.must(h.DeleteAccessKey(t.Context(), o, k.ID))
	_, _, err = h.SigningKey(t.Context(), k.ID, "")
	wants(t, err, larder.Unauthenticated, larder.CodeUnrecognizedClient)
}
