package identity

import (
	"context"

	"larder.example/larder/internal/meta"
)

// EntityDetail is an entity with all that hangs on it.
type EntityDetail struct {
	Entity
	Inline   []InlinePolicy
	Attached []AttachedPolicy
	Groups   []string // of a user
	Used     Use      // of a role
}

// EntityDetails returns a page of an account's entities of a kind, by name,
// each with all that hangs on it.
func (s *Service) EntityDetails(ctx context.Context, account string, k Kind, after string, limit int) ([]EntityDetail, error) {
	return view(ctx, s, func(ctx context.Context, tx *meta.Tx) ([]EntityDetail, error) {
		rows, err := tx.Entities(ctx, account, k, "", after, limit)
		if err != nil {
			return nil, err
		}
		all := make([]EntityDetail, 0, len(rows))
		for _, row := range rows {
			d, err := entityDetail(ctx, tx, row)
			if err != nil {
				return nil, err
			}
			all = append(all, d)
		}
		return all, nil
	})
}

func entityDetail(ctx context.Context, tx *meta.Tx, row meta.Entity) (d EntityDetail, err error) {
	if d.Entity, err = shownEntity(ctx, tx, row); err != nil {
		return d, err
	}
	if d.Tags, err = tx.EntityTags(ctx, row.ID); err != nil {
		return d, err
	}
	if d.Inline, err = inlinePolicies(ctx, tx, row.ID, "", everyInlineLimit); err != nil {
		return d, err
	}
	if d.Attached, err = attachedPolicies(ctx, tx, row.ID); err != nil {
		return d, err
	}
	groups, err := tx.GroupsOf(ctx, row.ID)
	if err != nil {
		return d, err
	}
	for _, g := range groups {
		d.Groups = append(d.Groups, g.Name)
	}
	d.Used, err = tx.RoleUse(ctx, row.ID)
	return d, err
}
