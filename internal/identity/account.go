package identity

import (
	"context"
	"slices"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
)

// Account is an account.
type Account struct {
	ID        string // 12 digits
	CreatedAt time.Time

	// First is set on the account that was made on the empty store, whose
	// callers may make others.
	First bool
}

// ARN returns the ARN of the account's root user.
func (a Account) ARN() string { return rootARN(a.ID) }

// CreateAccount makes an account. An empty id asks for a random one. It is
// younger than all others, if need be by a millisecond, so that there is
// always a first one.
func (s *Service) CreateAccount(ctx context.Context, id string) (string, error) {
	a, err := s.newAccount(id)
	if err != nil {
		return "", err
	}
	return a.ID, s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error { return insertAccount(ctx, tx, &a) })
}

// CreateFirstAccount makes an account where there is none. It is
// larder.Conflict where there is one: of nodes that start at once on an empty
// store, one makes it.
func (s *Service) CreateFirstAccount(ctx context.Context) (string, error) {
	a, err := s.newAccount("")
	if err != nil {
		return "", err
	}
	return a.ID, s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error { return insertFirstAccount(ctx, tx, &a) })
}

// OpenAccount makes an account, as CreateAccount does, and with it an access
// key of its root user.
func (s *Service) OpenAccount(ctx context.Context, id string) (Account, AccessKey, string, error) {
	return s.openAccount(ctx, id, insertAccount)
}

// OpenFirstAccount makes an account, as CreateFirstAccount does, and with it
// an access key of its root user.
func (s *Service) OpenFirstAccount(ctx context.Context) (Account, AccessKey, string, error) {
	return s.openAccount(ctx, "", insertFirstAccount)
}

func (s *Service) openAccount(ctx context.Context, id string, insert func(context.Context, *meta.Tx, *Account) error) (Account, AccessKey, string, error) {
	a, err := s.newAccount(id)
	if err != nil {
		return Account{}, AccessKey{}, "", err
	}
	key, secret, err := s.newAccessKey(Root(a.ID))
	if err != nil {
		return Account{}, AccessKey{}, "", err
	}
	err = s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		if err := insert(ctx, tx, &a); err != nil {
			return err
		}
		return tx.InsertAccessKey(ctx, key)
	})
	return a, describedKey(key), secret, err
}

func (s *Service) newAccount(id string) (Account, error) {
	var err error
	if id == "" {
		id, err = s.newAccountID()
	}
	return Account{ID: id, CreatedAt: s.now().UTC().Truncate(time.Millisecond)}, err
}

func insertAccount(ctx context.Context, tx *meta.Tx, a *Account) error {
	all, err := accounts(ctx, tx)
	if err != nil {
		return err
	}
	a.First = len(all) == 0
	if !a.First {
		if last := all[len(all)-1].CreatedAt; !a.CreatedAt.After(last) {
			a.CreatedAt = last.Add(time.Millisecond)
		}
	}
	free, err := tx.InsertAccount(ctx, meta.Account{ID: a.ID, CreatedAt: a.CreatedAt})
	if err == nil && !free {
		return larder.Errorf(larder.Conflict, "Account %s already exists.", a.ID)
	}
	return err
}

func insertFirstAccount(ctx context.Context, tx *meta.Tx, a *Account) error {
	err := insertAccount(ctx, tx, a)
	if err == nil && !a.First {
		return larder.Errorf(larder.Conflict, "There is an account already.")
	}
	return err
}

// Accounts returns all accounts in the order in which they were made.
func (s *Service) Accounts(ctx context.Context) ([]Account, error) {
	return accounts(ctx, s.db.Now())
}

// Account returns an account; larder.NotFound if there is none.
func (s *Service) Account(ctx context.Context, id string) (Account, error) {
	all, err := s.Accounts(ctx)
	if err != nil {
		return Account{}, err
	}
	i := slices.IndexFunc(all, func(a Account) bool { return a.ID == id })
	if i < 0 {
		e := larder.Errorf(larder.NotFound, "Account %s does not exist.", id)
		e.Resource, e.ID = "account", id
		return Account{}, e
	}
	return all[i], nil
}

func accounts(ctx context.Context, tx *meta.Tx) ([]Account, error) {
	rows, err := tx.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]Account, len(rows))
	for i, a := range rows {
		all[i] = Account{ID: a.ID, CreatedAt: a.CreatedAt}
	}
	slices.SortStableFunc(all, func(a, b Account) int { return a.CreatedAt.Compare(b.CreatedAt) })
	if len(all) > 0 {
		all[0].First = true
	}
	return all, nil
}
