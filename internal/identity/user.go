package identity

import (
	"context"
	"strings"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
)

// User is an IAM user. Tags are filled in by those who say so.
type User struct {
	ID, Account, Name, Path string
	CreatedAt               time.Time
	Tags                    []Tag
}

// ARN returns the user's ARN.
func (u User) ARN() string { return userARN(u.Account, u.Path, u.Name) }

func userOf(e meta.Entity) User {
	return User{ID: e.ID, Account: e.Account, Name: e.Name, Path: e.Path, CreatedAt: e.CreatedAt}
}

// UserARN returns the ARN of the user of that name as the snapshot has it,
// for asking about the user; for one who does not exist, the ARN that it
// would have below the root path.
func (s *Service) UserARN(account, name string) larder.ARN {
	if snap := s.snapshot.Load(); snap != nil {
		if p, ok := snap.named(account, meta.User, name); ok {
			return larder.ARN(p.arn)
		}
	}
	return larder.ARN(userARN(account, "/", name))
}

// UserNamed returns the name of the user with a unique ID, and false if it
// is no user's.
func (s *Service) UserNamed(id string) (string, bool) {
	if snap := s.snapshot.Load(); snap != nil {
		if p, ok := snap.entity(id); ok && p.kind == meta.User {
			return p.name, true
		}
	}
	return "", false
}

// CreateUser makes a user. An empty path is the root path.
func (s *Service) CreateUser(ctx context.Context, account, path, name string, tags []Tag) (User, error) {
	id, err := s.newUniqueID(userPrefix)
	if err != nil {
		return User{}, err
	}
	if path == "" {
		path = "/"
	}
	if err := checkTags(tags); err != nil {
		return User{}, err
	}
	e := meta.Entity{ID: id, Account: account, Kind: meta.User, Name: name, Path: path, CreatedAt: s.now().UTC().Truncate(time.Second)}
	err = s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		free, err := tx.InsertEntity(ctx, e)
		if err != nil {
			return err
		}
		if !free {
			return fault(larder.Conflict, codeEntityExists, "User with name %s already exists.", name)
		}
		for _, t := range tags {
			if err := tx.SetEntityTag(ctx, id, t.Key, t.Value); err != nil {
				return err
			}
		}
		return nil
	})
	u := userOf(e)
	u.Tags = tags
	return u, err
}

// checkTags refuses the tags that IAM refuses whatever they are put on.
func checkTags(tags []Tag) error {
	seen := map[string]bool{}
	for _, t := range tags {
		folded := strings.ToLower(t.Key)
		if seen[folded] {
			return fault(larder.Invalid, codeInvalidInput, "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
		}
		if strings.HasPrefix(folded, "aws:") {
			return fault(larder.Invalid, codeInvalidInput, "Tag keys that begin with aws: are reserved.")
		}
		seen[folded] = true
	}
	return nil
}

// user returns a user's row in a transaction.
func user(ctx context.Context, tx *meta.Tx, account, name string) (meta.Entity, error) {
	e, ok, err := tx.Entity(ctx, account, meta.User, name)
	if err == nil && !ok {
		return e, noUser(name)
	}
	return e, err
}

// User returns a user with its tags.
func (s *Service) User(ctx context.Context, account, name string) (User, error) {
	return view(ctx, s, func(ctx context.Context, tx *meta.Tx) (User, error) {
		e, err := user(ctx, tx, account, name)
		if err != nil {
			return User{}, err
		}
		u := userOf(e)
		u.Tags, err = tx.EntityTags(ctx, e.ID)
		return u, err
	})
}

// Users returns a page of an account's users whose path begins with prefix,
// by name.
func (s *Service) Users(ctx context.Context, account, prefix, after string, limit int) ([]User, error) {
	entities, err := s.db.Now().Entities(ctx, account, meta.User, prefix, after, limit)
	var users []User
	for _, e := range entities {
		users = append(users, userOf(e))
	}
	return users, err
}

// DeleteUser deletes a user on whom nothing hangs any more. The order in
// which it names what still does is IAM's.
func (s *Service) DeleteUser(ctx context.Context, account, name string) error {
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		e, err := user(ctx, tx, account, name)
		if err != nil {
			return err
		}
		keys, err := tx.AccessKeys(ctx, e.ID)
		if err != nil {
			return err
		}
		attached, err := tx.Attachments(ctx, e.ID, "", 1)
		if err != nil {
			return err
		}
		inline, err := tx.InlinePolicies(ctx, e.ID, "", 1)
		if err != nil {
			return err
		}
		switch {
		case len(keys) > 0:
			return fault(larder.Conflict, codeDelete, "Cannot delete entity, must delete access keys first.")
		case len(attached) > 0:
			return fault(larder.Conflict, codeDelete, "Cannot delete entity, must detach all policies first.")
		case len(inline) > 0:
			return fault(larder.Conflict, codeDelete, "Cannot delete entity, must delete policies first.")
		}
		return tx.DeleteEntity(ctx, e.ID)
	})
}
