package identity

import (
	"context"

	"larder.example/larder/internal/meta"
)

const groupsPerUser = 10

// AddToGroup puts a user into a group; again is fine.
func (s *Service) AddToGroup(ctx context.Context, group, user EntityRef) error {
	return s.membership(ctx, group, user, func(ctx context.Context, tx *meta.Tx, g, u meta.Entity) error {
		groups, err := tx.GroupsOf(ctx, u.ID)
		if err != nil {
			return err
		}
		for _, in := range groups {
			if in.ID == g.ID {
				return nil
			}
		}
		if len(groups) >= groupsPerUser {
			return overQuota("GroupsPerUser", groupsPerUser)
		}
		return tx.AddMember(ctx, g.ID, u.ID, s.now())
	})
}

// RemoveFromGroup takes a user out of a group; that he was not in it is fine
// (seen with AWS, of which the API reference is silent).
func (s *Service) RemoveFromGroup(ctx context.Context, group, user EntityRef) error {
	return s.membership(ctx, group, user, func(ctx context.Context, tx *meta.Tx, g, u meta.Entity) error {
		return tx.RemoveMember(ctx, g.ID, u.ID)
	})
}

func (s *Service) membership(ctx context.Context, group, user EntityRef, fn func(context.Context, *meta.Tx, meta.Entity, meta.Entity) error) error {
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		g, err := entity(ctx, tx, group)
		if err != nil {
			return err
		}
		u, err := entity(ctx, tx, user)
		if err != nil {
			return err
		}
		return fn(ctx, tx, g, u)
	})
}

// Members returns a group and a page of its users, by name.
func (s *Service) Members(ctx context.Context, group EntityRef, after string, limit int) (g Entity, users []Entity, err error) {
	err = s.db.View(ctx, func(ctx context.Context, tx *meta.Tx) error {
		row, err := entity(ctx, tx, group)
		if err != nil {
			return err
		}
		g = entityOf(row)
		rows, err := tx.Members(ctx, row.ID, after, limit)
		if err != nil {
			return err
		}
		users, err = shownEntities(ctx, tx, rows)
		return err
	})
	return g, users, err
}

// GroupsOf returns the groups that a user is in, by name.
func (s *Service) GroupsOf(ctx context.Context, user EntityRef) ([]Entity, error) {
	return view(ctx, s, func(ctx context.Context, tx *meta.Tx) ([]Entity, error) {
		u, err := entity(ctx, tx, user)
		if err != nil {
			return nil, err
		}
		rows, err := tx.GroupsOf(ctx, u.ID)
		if err != nil {
			return nil, err
		}
		return shownEntities(ctx, tx, rows)
	})
}
