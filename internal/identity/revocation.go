package identity

import (
	"context"
	"slices"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
)

// RevokeToken refuses a token of an account's principal from now on, whoever
// bears it. It goes by the token's ID alone, since nothing is kept of tokens
// that were made: one of another account's is not touched by it, and is not
// told from one that never was. Again is fine.
func (s *Service) RevokeToken(ctx context.Context, account string, id [8]byte) error {
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		return tx.RevokeToken(ctx, meta.RevokedToken{ID: id, Account: account, Until: s.now().Add(tokenLife)})
	})
}

// RevokeTokensOfAccessKey refuses all tokens that an access key of an account
// has asked for until now. The key itself goes on signing, and what it asks
// for from the next second on is good.
func (s *Service) RevokeTokensOfAccessKey(ctx context.Context, account, keyID string) error {
	if owner, ok := accountIn(keyID); !ok || owner != account {
		return larder.Errorf(larder.NotFound, "Account %s has no access key %s.", account, keyID)
	}
	now := s.now()
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		return tx.RevokeTokensOf(ctx, meta.RevokedKey{KeyID: keyID, Account: account, By: now, Until: now.Add(tokenLife)})
	})
}

// Expire drops what no session and no token can mean any more: the contexts
// of sessions, and revocations. It decides nothing: what it drops has expired
// by itself.
func (s *Service) Expire(ctx context.Context) error {
	now := s.now()
	err := s.db.Update(ctx, func(ctx context.Context, tx *meta.Tx) error {
		_, err := tx.ExpireSessionContexts(ctx, now)
		return err
	})
	if err != nil {
		return err
	}
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error { return tx.ExpireRevocations(ctx, now) })
}

// Revoked reports whether a token of an account's principal is refused
// although it has not expired: it was revoked by its ID, or all were that its
// access key had asked for by then. It reads the snapshot.
func (s *Service) Revoked(account string, token [8]byte, keyID string, issued time.Time) (bool, error) {
	snap, err := s.current()
	if err != nil {
		return false, err
	}
	return snap.revoked(account, token, keyID, issued), nil
}

func (snap *snapshot) revoked(account string, token [8]byte, keyID string, issued time.Time) bool {
	if accounts, ok := snap.revokedTokens.get(token); ok && slices.Contains(accounts, account) {
		return true
	}
	r, ok := snap.revokedKeys.get(keyID)
	return ok && !issued.After(r.By)
}
