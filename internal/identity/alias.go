package identity

import (
	"context"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
)

// SetAlias names an account. It has one alias at most: another takes its
// place, as IAM's API reference says.
func (s *Service) SetAlias(ctx context.Context, account, alias string) error {
	err := s.db.Update(ctx, func(ctx context.Context, tx *meta.Tx) error { return tx.SetAlias(ctx, account, alias) })
	if s.db.Fault(err) == meta.Taken {
		return fault(larder.Conflict, codeEntityExists, "The account alias %s already exists.", alias)
	}
	return err
}

// Aliases returns the alias of an account, if it has one.
func (s *Service) Aliases(ctx context.Context, account string) ([]string, error) {
	return s.db.Now().Aliases(ctx, account)
}

// DeleteAlias takes an account's alias away.
func (s *Service) DeleteAlias(ctx context.Context, account, alias string) error {
	return s.db.Update(ctx, func(ctx context.Context, tx *meta.Tx) error {
		ok, err := tx.DeleteAlias(ctx, account, alias)
		if err == nil && !ok {
			return fault(larder.NotFound, codeNoSuchEntity, "The account alias %s does not exist.", alias)
		}
		return err
	})
}
