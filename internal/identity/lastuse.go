package identity

import (
	"context"
	"sync"
	"time"

	"larder.example/larder/internal/meta"
)

const (
	// useEvery is how fine the times of last use are: a key that signs all
	// day costs a write a minute. AWS's are finer by nothing that it promises.
	useEvery = time.Minute

	// usesRemembered bounds how many keys' last uses are remembered; beyond,
	// all are forgotten, which costs a write each.
	usesRemembered = 10_000
)

// Use is when and for what an access key or a role was last used. It is zero
// for what never was.
type Use = meta.Use

// KeyUse is what an access key was last used for, and whose it is.
type KeyUse struct {
	Use
	UserName string // empty for root's
	Owner    string // the ARN
}

// uses remembers what was noted lately.
type uses struct {
	mu    sync.Mutex // guards noted
	noted map[string]Use
}

// fresh reports whether a use says more than what was noted of id, and notes
// it.
func (u *uses) fresh(id string, use Use) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	last := u.noted[id]
	if use.At.Sub(last.At) < useEvery && last.Service == use.Service && last.Region == use.Region {
		return false
	}
	if u.noted == nil || len(u.noted) >= usesRemembered {
		u.noted = map[string]Use{}
	}
	u.noted[id] = use
	return true
}

// NoteUse notes that a key of c's, or a token that it asked for, was used for
// a service. What is noted reaches the database within a second or so, and is
// lost in a crash.
func (s *Service) NoteUse(c Caller, service string) {
	use := Use{At: c.At, Service: service, Region: s.region}
	switch session := c.Principal.Session; {
	case session == nil:
		if id := c.KeyID; id != "" && s.uses.fresh(id, use) {
			s.db.Later(func(ctx context.Context, tx *meta.Tx) error { return tx.SetKeyUse(ctx, id, use) })
		}
	case session.Name != "": // a role's; the temporary keys of users are not counted
		if id := c.Principal.ID; s.uses.fresh(id, Use{At: c.At}) {
			s.db.Later(func(ctx context.Context, tx *meta.Tx) error { return tx.SetRoleUse(ctx, id, use) })
		}
	}
}

// AccessKeyUse returns what an access key of an account was last used for.
func (s *Service) AccessKeyUse(ctx context.Context, account, id string) (KeyUse, error) {
	return view(ctx, s, func(ctx context.Context, tx *meta.Tx) (KeyUse, error) {
		k, ok, err := tx.AccessKey(ctx, id)
		if err != nil {
			return KeyUse{}, err
		}
		if !ok || k.Account != account {
			return KeyUse{}, noAccessKey(id)
		}
		use := KeyUse{Owner: rootARN(account)}
		if k.Owner != account {
			row, ok, err := tx.EntityByID(ctx, k.Owner)
			if err != nil {
				return KeyUse{}, err
			}
			if !ok {
				return KeyUse{}, noAccessKey(id)
			}
			use.UserName, use.Owner = row.Name, entityOf(row).ARN()
		}
		use.Use, err = tx.KeyUse(ctx, id)
		return use, err
	})
}

// RoleUse returns when and where a role last did something.
func (s *Service) RoleUse(ctx context.Context, id string) (Use, error) {
	return s.db.Now().RoleUse(ctx, id)
}
