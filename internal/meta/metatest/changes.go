package metatest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/meta"
)

// changes says what each statement that changes who may do what is noted as.
// identity tests that all of them are; here, that both engines note the same.
func changes(t *testing.T, v *env) {
	r := v.repository()
	repository := strconv.FormatInt(r.ID, 10)
	domain := strconv.FormatInt(r.Domain, 10)
	ada := meta.Entity{ID: "AIDAA", Account: account, Kind: meta.User, Name: "Ada", Path: "/", CreatedAt: v.now}
	team := meta.Entity{ID: "AGPAA", Account: account, Kind: meta.Group, Name: "Team", Path: "/", CreatedAt: v.now}
	policy := meta.Policy{ID: "ANPAA", Account: account, Name: "p", Path: "/", ARN: "arn:p", DefaultVersion: 1, NewestVersion: 1, CreatedAt: v.now, UpdatedAt: v.now}
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		_, err := tx.MoveEpoch(ctx, "first")
		return err
	})
	since, err := v.db.Now().Epoch(v.ctx)
	if err != nil {
		t.Fatal(err)
	}
	ok := func(_ any, err error) error { return err }
	for i, tt := range []struct {
		name string
		do   func(context.Context, *meta.Tx) error
		want string
	}{
		{"an account", func(ctx context.Context, tx *meta.Tx) error {
			return ok(tx.InsertAccount(ctx, meta.Account{ID: "999900001111", CreatedAt: v.now}))
		}, "[{account 999900001111}]"},
		{"two entities", func(ctx context.Context, tx *meta.Tx) error {
			return errors.Join(ok(tx.InsertEntity(ctx, ada)), ok(tx.InsertEntity(ctx, team)))
		}, "[{holder AGPAA} {holder AIDAA}]"},
		{"a membership", func(ctx context.Context, tx *meta.Tx) error {
			return tx.AddMember(ctx, team.ID, ada.ID, v.now)
		}, "[{holder AIDAA}]"},
		{"the use of a role, which decides nothing", func(ctx context.Context, tx *meta.Tx) error {
			return tx.SetRoleUse(ctx, ada.ID, meta.Use{At: v.now})
		}, "[]"},
		{"a policy", func(ctx context.Context, tx *meta.Tx) error {
			return errors.Join(ok(tx.InsertPolicy(ctx, policy)), tx.SetPolicyTag(ctx, policy.ID, meta.Tag{Key: "k"}),
				tx.InsertPolicyVersion(ctx, meta.PolicyVersion{Policy: policy.ID, Version: 1, Document: "{}", CreatedAt: v.now}))
		}, "[{policy ANPAA}]"},
		{"a policy that takes its versions with it", func(ctx context.Context, tx *meta.Tx) error {
			return tx.DeletePolicy(ctx, policy.ID)
		}, "[{policy ANPAA}]"},
		{"what is on a resource", func(ctx context.Context, tx *meta.Tx) error {
			return errors.Join(tx.SetDomainPolicy(ctx, r.Domain, meta.ResourcePolicy{Document: "{}"}), tx.SetRepositoryTag(ctx, r.ID, meta.Tag{Key: "k"}))
		}, "[{domain " + domain + "} {repository " + repository + "}]"},
		{"the size of a domain, which decides nothing", func(ctx context.Context, tx *meta.Tx) error {
			return tx.AddDomainBytes(ctx, r.Domain, 1)
		}, "[]"},
		{"a revoked token", func(ctx context.Context, tx *meta.Tx) error {
			return tx.RevokeToken(ctx, meta.RevokedToken{ID: [8]byte{1, 2}, Account: account, Until: v.now})
		}, "[{token 0102000000000000}]"},
	} {
		v.update(func(ctx context.Context, tx *meta.Tx) error {
			if err := tt.do(ctx, tx); err != nil {
				return fmt.Errorf("%s: %w", tt.name, err)
			}
			_, err := tx.MoveEpoch(ctx, fmt.Sprint("nonce", i))
			return err
		})
		got, known, err := v.db.Now().ChangesSince(v.ctx, since, 10)
		slices.SortFunc(got, func(a, b meta.Change) int {
			return strings.Compare(string(a.Kind)+a.ID, string(b.Kind)+b.ID)
		})
		v.equal(tt.name, tuple(got, known, err), tt.want+" true <nil>")
		if since, err = v.db.Now().Epoch(v.ctx); err != nil {
			t.Fatal(err)
		}
	}

	_, known, err := v.db.Now().ChangesSince(v.ctx, meta.Epoch{N: 1, Nonce: "first"}, 3)
	v.equal("more than the limit", tuple(known, err), "false <nil>")
	_, known, err = v.db.Now().ChangesSince(v.ctx, meta.Epoch{N: 1, Nonce: "other"}, 100)
	v.equal("of another history", tuple(known, err), "false <nil>")
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		for i := range 1000 {
			if _, err := tx.MoveEpoch(ctx, fmt.Sprint("later", i)); err != nil {
				return err
			}
		}
		return nil
	})
	_, known, err = v.db.Now().ChangesSince(v.ctx, meta.Epoch{N: 1, Nonce: "first"}, 100)
	v.equal("long ago", tuple(known, err), "false <nil>")
}

func sessions(t *testing.T, v *env) {
	v.account()
	c := meta.SessionContext{ID: [16]byte{1, 255}, Account: account, Document: []byte("{}"), Until: v.now}
	keep := func(until time.Time) {
		c.Until = until
		v.update(func(ctx context.Context, tx *meta.Tx) error { return tx.InsertSessionContext(ctx, c) })
	}
	keep(v.now)
	keep(v.now.Add(time.Hour))
	keep(v.now.Add(time.Minute)) // shortens nothing
	c.Until = v.now.Add(time.Hour)
	got, found, err := v.db.Now().SessionContext(v.ctx, c.ID)
	v.equal("context", tuple(got, found, err), tuple(c, true, nil))
	_, found, err = v.db.Now().SessionContext(v.ctx, [16]byte{})
	v.equal("no context", tuple(found, err), "false <nil>")

	v.update(func(ctx context.Context, tx *meta.Tx) error {
		n, err := tx.ExpireSessionContexts(ctx, v.now.Add(time.Hour))
		v.equal("expired too early", n, 0)
		if err != nil {
			return err
		}
		n, err = tx.ExpireSessionContexts(ctx, v.now.Add(time.Hour+1e6))
		v.equal("expired", n, 1)
		return err
	})

	key := meta.RevokedKey{KeyID: "AKIA", Account: account, By: v.now, Until: v.now.Add(time.Hour)}
	token := meta.RevokedToken{ID: [8]byte{0, 255}, Account: account, Until: v.now.Add(time.Hour)}
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		earlier := key
		earlier.By = v.now.Add(-time.Hour)
		return errors.Join(tx.RevokeToken(ctx, token), tx.RevokeToken(ctx, token), tx.RevokeTokensOf(ctx, key), tx.RevokeTokensOf(ctx, earlier))
	})
	revoked := func() (tokens []meta.RevokedToken, keys []meta.RevokedKey) {
		err := errors.Join(
			v.db.Now().RevokedTokens(v.ctx, "", func(r meta.RevokedToken) { tokens = append(tokens, r) }),
			v.db.Now().RevokedKeys(v.ctx, "", func(r meta.RevokedKey) { keys = append(keys, r) }))
		if err != nil {
			t.Fatal(err)
		}
		return tokens, keys
	}
	v.equal("revoked", tuple(revoked()), tuple([]meta.RevokedToken{token}, []meta.RevokedKey{key}))
	v.update(func(ctx context.Context, tx *meta.Tx) error { return tx.ExpireRevocations(ctx, v.now.Add(time.Hour)) })
	v.equal("not expired", tuple(revoked()), tuple([]meta.RevokedToken{token}, []meta.RevokedKey{key}))
	v.update(func(ctx context.Context, tx *meta.Tx) error { return tx.ExpireRevocations(ctx, v.now.Add(2*time.Hour)) })
	v.equal("expired", tuple(revoked()), "[] []")
}
