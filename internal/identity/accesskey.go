package identity

import (
	"context"
	"slices"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
)

// The statuses of access keys.
const (
	KeyActive   = "Active"
	KeyInactive = "Inactive"
)

const keysPerUser = 2

// AccessKey is a long-term access key without its secret.
type AccessKey struct {
	ID, Status string
	CreatedAt  time.Time
}

// Owner is who an access key belongs to: a user or root.
type Owner struct{ account, id, name string }

// Root returns the owner of root's keys.
func Root(account string) Owner { return Owner{account: account, id: account, name: "root"} }

// Owner returns the user of that name as an owner of access keys.
func (s *Service) Owner(ctx context.Context, account, name string) (Owner, error) {
	e, err := entity(ctx, s.db.Now(), UserRef(account, name))
	return Owner{account: account, id: e.ID, name: e.Name}, err
}

// Name returns the user's name; root for root.
func (o Owner) Name() string { return o.name }

// CreateAccessKey makes a key and returns it with its secret, which nobody
// is ever told again.
func (s *Service) CreateAccessKey(ctx context.Context, o Owner) (AccessKey, string, error) {
	k, secret, err := s.newAccessKey(o)
	if err != nil {
		return AccessKey{}, "", err
	}
	err = s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		if err := o.exists(ctx, tx); err != nil {
			return err
		}
		keys, err := tx.AccessKeys(ctx, o.id)
		if err != nil {
			return err
		}
		if len(keys) >= keysPerUser {
			return overQuota("AccessKeysPerUser", keysPerUser)
		}
		return tx.InsertAccessKey(ctx, k)
	})
	return describedKey(k), secret, err
}

// newAccessKey returns a key that is not stored yet, and its secret.
func (s *Service) newAccessKey(o Owner) (meta.AccessKey, string, error) {
	id, err := s.newKeyID(accessKeyPrefix, o.account)
	if err != nil {
		return meta.AccessKey{}, "", err
	}
	secret, err := s.newSecret()
	if err != nil {
		return meta.AccessKey{}, "", err
	}
	return meta.AccessKey{
		ID: id, Account: o.account, Owner: o.id,
		Secret: s.keys.Encrypt(secretRecord(id, o.account), []byte(secret)),
		Status: KeyActive, CreatedAt: s.now().UTC().Truncate(time.Second),
	}, secret, nil
}

func describedKey(k meta.AccessKey) AccessKey {
	return AccessKey{ID: k.ID, Status: k.Status, CreatedAt: k.CreatedAt}
}

// exists checks in a transaction that the owner is still there.
func (o Owner) exists(ctx context.Context, tx *meta.Tx) error {
	if o.id == o.account {
		return nil
	}
	ref := UserRef(o.account, o.name)
	e, err := entity(ctx, tx, ref)
	if err == nil && e.ID != o.id {
		return noEntity(ref)
	}
	return err
}

// AccessKeys returns a page of the owner's keys by ID, behind the one that
// after names.
func (s *Service) AccessKeys(ctx context.Context, o Owner, after string, limit int) ([]AccessKey, error) {
	rows, err := s.db.Now().AccessKeys(ctx, o.id)
	var keys []AccessKey
	for _, k := range rows {
		if k.ID > after && len(keys) < limit {
			keys = append(keys, describedKey(k))
		}
	}
	return keys, err
}

// SetAccessKeyStatus activates or deactivates a key.
func (s *Service) SetAccessKeyStatus(ctx context.Context, o Owner, id, status string) error {
	if !slices.Contains([]string{KeyActive, KeyInactive}, status) {
		return fault(larder.Invalid, codeInvalidInput, "The status of an access key is %s or %s.", KeyActive, KeyInactive)
	}
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		ok, err := tx.SetAccessKeyStatus(ctx, o.id, id, status)
		if err == nil && !ok {
			return noAccessKey(id)
		}
		return err
	})
}

// DeleteAccessKey deletes a key.
func (s *Service) DeleteAccessKey(ctx context.Context, o Owner, id string) error {
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		ok, err := tx.DeleteAccessKey(ctx, o.id, id)
		if err == nil && !ok {
			return noAccessKey(id)
		}
		return err
	})
}

func noAccessKey(id string) error {
	return fault(larder.NotFound, codeNoSuchEntity, "The Access Key with id %s cannot be found.", id)
}
