package identity

import (
	"context"
	"strings"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
)

// Kind is what an entity is: a user, a group or a role.
type Kind = meta.EntityKind

// EntityRef names a user, a group or a role. The case of names does not
// count.
type EntityRef struct {
	Account string
	Kind    Kind
	Name    string
}

// UserRef names a user.
func UserRef(account, name string) EntityRef { return EntityRef{account, meta.User, name} }

// GroupRef names a group.
func GroupRef(account, name string) EntityRef { return EntityRef{account, meta.Group, name} }

// RoleRef names a role.
func RoleRef(account, name string) EntityRef { return EntityRef{account, meta.Role, name} }

// Entity is a user, a group or a role. Tags are filled in by those who say
// so; groups have none, and no boundary.
type Entity struct {
	EntityRef
	ID, Path  string
	CreatedAt time.Time
	Boundary  string // the ARN of the permissions boundary; empty if there is none
	Tags      []Tag

	// Of roles. Trust names principals as people do: by ARN; one who is gone,
	// by unique ID.
	Trust, Description string
	MaxSession         time.Duration
}

// ARN returns the entity's ARN.
func (e Entity) ARN() string { return entityARN(e.Account, e.Kind, e.Path, e.Name) }

// entityARN is the ARN of an entity: the path, which begins and ends with a
// slash, is part of it.
func entityARN(account string, k Kind, path, name string) string {
	return "arn:aws:iam::" + account + ":" + string(k) + path + name
}

func entityOf(e meta.Entity) Entity {
	return Entity{
		EntityRef: EntityRef{e.Account, e.Kind, e.Name}, ID: e.ID, Path: e.Path, CreatedAt: e.CreatedAt,
		Boundary: e.Boundary, Description: e.Description, MaxSession: e.MaxSession,
	}
}

// idPrefix is what the unique IDs of a kind begin with.
func idPrefix(k Kind) string {
	switch k {
	case meta.Group:
		return groupPrefix
	case meta.Role:
		return rolePrefix
	default:
		return userPrefix
	}
}

// CreateEntity makes a user, a group or a role and returns it. Of e, the ID
// and the time are filled in. An empty path is the root path.
func (s *Service) CreateEntity(ctx context.Context, e Entity) (Entity, error) {
	var err error
	if e.ID, err = s.newUniqueID(idPrefix(e.Kind)); err != nil {
		return Entity{}, err
	}
	e.CreatedAt = s.now().UTC().Truncate(time.Second)
	if e.Path == "" {
		e.Path = "/"
	}
	if err := checkTags(e.Tags); err != nil {
		return Entity{}, err
	}
	if e.Kind == meta.Role {
		if err := s.checkRole(ctx, &e); err != nil {
			return Entity{}, err
		}
	}
	return e, s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		return insertEntity(ctx, tx, e)
	})
}

func insertEntity(ctx context.Context, tx *meta.Tx, e Entity) error {
	if err := checkBoundary(ctx, tx, e.Account, e.Boundary); err != nil {
		return err
	}
	row := meta.Entity{
		ID: e.ID, Account: e.Account, Kind: e.Kind, Name: e.Name, Path: e.Path, CreatedAt: e.CreatedAt,
		Boundary: e.Boundary, Description: e.Description, MaxSession: e.MaxSession,
	}
	if e.Kind == meta.Role {
		var err error
		if row.Trust, err = resolveDocument(ctx, tx, e.Trust); err != nil {
			return err
		}
	}
	free, err := tx.InsertEntity(ctx, row)
	if err != nil {
		return err
	}
	if !free {
		return entityExists(e.EntityRef)
	}
	for _, t := range e.Tags {
		if err := tx.SetEntityTag(ctx, e.ID, t); err != nil {
			return err
		}
	}
	return nil
}

func entityExists(ref EntityRef) error {
	return fault(larder.Conflict, codeEntityExists, "%s with name %s already exists.", title(ref.Kind), ref.Name)
}

// title returns a kind as IAM's messages and quotas begin with it.
func title(k Kind) string { return strings.ToUpper(string(k[:1])) + string(k[1:]) }

func noEntity(ref EntityRef) error {
	return fault(larder.NotFound, codeNoSuchEntity, "The %s with name %s cannot be found.", ref.Kind, ref.Name)
}

// entity returns an entity's row in a transaction.
func entity(ctx context.Context, tx *meta.Tx, ref EntityRef) (meta.Entity, error) {
	e, ok, err := tx.Entity(ctx, ref.Account, ref.Kind, ref.Name)
	if err == nil && !ok {
		return e, noEntity(ref)
	}
	return e, err
}

// Entity returns an entity with its tags.
func (s *Service) Entity(ctx context.Context, ref EntityRef) (Entity, error) {
	return view(ctx, s, func(ctx context.Context, tx *meta.Tx) (Entity, error) {
		row, err := entity(ctx, tx, ref)
		if err != nil {
			return Entity{}, err
		}
		e, err := shownEntity(ctx, tx, row)
		if err != nil {
			return Entity{}, err
		}
		e.Tags, err = tx.EntityTags(ctx, e.ID)
		return e, err
	})
}

// shownEntity returns an entity with the principals of its trust policy
// named.
func shownEntity(ctx context.Context, tx *meta.Tx, row meta.Entity) (Entity, error) {
	e := entityOf(row)
	var err error
	if row.Kind == meta.Role {
		e.Trust, err = nameDocument(ctx, tx, row.Trust)
	}
	return e, err
}

// Entities returns a page of an account's entities of a kind whose path
// begins with prefix, by name.
func (s *Service) Entities(ctx context.Context, account string, k Kind, prefix, after string, limit int) ([]Entity, error) {
	return view(ctx, s, func(ctx context.Context, tx *meta.Tx) ([]Entity, error) {
		rows, err := tx.Entities(ctx, account, k, prefix, after, limit)
		if err != nil {
			return nil, err
		}
		return shownEntities(ctx, tx, rows)
	})
}

func shownEntities(ctx context.Context, tx *meta.Tx, rows []meta.Entity) ([]Entity, error) {
	var all []Entity
	for _, row := range rows {
		e, err := shownEntity(ctx, tx, row)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	return all, nil
}

// About returns what a question about an entity is about, as the snapshot has
// it: its ARN and its permissions boundary. For one who does not exist that is
// the ARN that it would have below the root path.
func (s *Service) About(ref EntityRef) (arn larder.ARN, boundary string) {
	if snap := s.snapshot.Load(); snap != nil {
		if p, ok := snap.named(ref.Account, ref.Kind, ref.Name); ok {
			return larder.ARN(p.arn), p.boundary
		}
	}
	return larder.ARN(entityARN(ref.Account, ref.Kind, "/", ref.Name)), ""
}

// Named returns the user, group or role with a unique ID as the snapshot has
// it, and false if there is none.
func (s *Service) Named(id string) (EntityRef, bool) {
	if snap := s.snapshot.Load(); snap != nil {
		if p, ok := snap.entity(id); ok {
			return EntityRef{p.account, p.kind, p.name}, true
		}
	}
	return EntityRef{}, false
}

// MoveEntity gives a user or a group another path, another name or both; it
// stays the same one. What is empty stays as it is.
func (s *Service) MoveEntity(ctx context.Context, ref EntityRef, path, name string) error {
	return s.amend(ctx, ref, func(ctx context.Context, tx *meta.Tx, e *meta.Entity) error {
		if path != "" {
			e.Path = path
		}
		if name == "" {
			return nil
		}
		e.Name = name
		to := EntityRef{ref.Account, ref.Kind, name}
		other, ok, err := tx.Entity(ctx, to.Account, to.Kind, to.Name)
		if err == nil && ok && other.ID != e.ID {
			return entityExists(to)
		}
		return err
	})
}

// amend writes what fn makes of an entity.
func (s *Service) amend(ctx context.Context, ref EntityRef, fn func(context.Context, *meta.Tx, *meta.Entity) error) error {
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		e, err := entity(ctx, tx, ref)
		if err != nil {
			return err
		}
		if err := fn(ctx, tx, &e); err != nil {
			return err
		}
		return tx.UpdateEntity(ctx, e)
	})
}

// DeleteEntity deletes a user, a group or a role on whom nothing hangs any
// more.
func (s *Service) DeleteEntity(ctx context.Context, ref EntityRef) error {
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		e, err := entity(ctx, tx, ref)
		if err != nil {
			return err
		}
		what, err := holds(ctx, tx, e.ID)
		if err != nil {
			return err
		}
		if what != "" {
			return fault(larder.Conflict, codeDelete, "Cannot delete entity, must %s first.", what)
		}
		return tx.DeleteEntity(ctx, e.ID)
	})
}

// holds returns what must be done before an entity can be deleted; nothing if
// it can. The order in which it finds that is IAM's.
func holds(ctx context.Context, tx *meta.Tx, id string) (string, error) {
	keys, err := tx.CountAccessKeys(ctx, id)
	if err != nil || keys > 0 {
		return "delete access keys", err
	}
	attached, err := tx.Attachments(ctx, id)
	if err != nil || len(attached) > 0 {
		return "detach all policies", err
	}
	inline, err := tx.InlinePolicies(ctx, id, "", 1)
	if err != nil || len(inline) > 0 {
		return "delete policies", err
	}
	members, err := tx.Members(ctx, id, "", 1)
	if err != nil || len(members) > 0 {
		return "remove users from group", err
	}
	groups, err := tx.GroupsOf(ctx, id)
	if err != nil || len(groups) > 0 {
		return "remove users from group", err
	}
	return "", nil
}
