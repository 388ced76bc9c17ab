package identity

import (
	"context"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
)

// CreateAccount makes an account. An empty id asks for a random one.
func (s *Service) CreateAccount(ctx context.Context, id string) (string, error) {
	if id == "" {
		var err error
		if id, err = s.newAccountID(); err != nil {
			return "", err
		}
	}
	err := s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		free, err := tx.InsertAccount(ctx, meta.Account{ID: id, CreatedAt: s.now()})
		if err == nil && !free {
			return larder.Errorf(larder.Conflict, "Account %s already exists.", id)
		}
		return err
	})
	return id, err
}

// Accounts returns the numbers of all accounts, in order.
func (s *Service) Accounts(ctx context.Context) ([]string, error) {
	all, err := s.db.Now().Accounts(ctx)
	var ids []string
	for _, a := range all {
		ids = append(ids, a.ID)
	}
	return ids, err
}

// AccountCreated returns when an account was made.
func (s *Service) AccountCreated(ctx context.Context, id string) (time.Time, error) {
	all, err := s.db.Now().Accounts(ctx)
	for _, a := range all {
		if a.ID == id {
			return a.CreatedAt, err
		}
	}
	return time.Time{}, err
}
