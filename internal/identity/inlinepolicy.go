package identity

import (
	"context"
	"unicode"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/policy"
)

// everyInlineLimit is more inline policies than the smallest documents leave
// room for.
const everyInlineLimit = 1 << 20

// inlineSize is how many characters all inline policies of an entity have,
// white space aside.
func inlineSize(k Kind) int {
	switch k {
	case meta.Group:
		return 5120
	case meta.Role:
		return 10240
	default:
		return 2048
	}
}

// InlinePolicy is a policy that is part of an entity.
type InlinePolicy struct{ Name, Document string }

// PutInlinePolicy adds or replaces an inline policy.
func (s *Service) PutInlinePolicy(ctx context.Context, ref EntityRef, p InlinePolicy) error {
	if _, err := policy.Parse(policy.Identity, []byte(p.Document)); err != nil {
		return err
	}
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		e, err := entity(ctx, tx, ref)
		if err != nil {
			return err
		}
		all, err := tx.InlinePolicies(ctx, e.ID, "", everyInlineLimit)
		if err != nil {
			return err
		}
		size := weight(p.Document)
		for _, other := range all {
			if other.Name != p.Name {
				size += weight(other.Document)
			}
		}
		if most := inlineSize(e.Kind); size > most {
			return fault(larder.Conflict, codeLimit, "Maximum policy size of %d bytes exceeded for %s %s", most, e.Kind, e.Name)
		}
		return tx.PutInlinePolicy(ctx, meta.InlinePolicy{Entity: e.ID, Name: p.Name, Document: p.Document})
	})
}

// weight is how much of a quota a document takes: white space is free.
func weight(document string) (n int) {
	for _, r := range document {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// InlinePolicy returns an inline policy and whose it is.
func (s *Service) InlinePolicy(ctx context.Context, ref EntityRef, name string) (e Entity, document string, err error) {
	err = s.db.View(ctx, func(ctx context.Context, tx *meta.Tx) error {
		row, err := entity(ctx, tx, ref)
		if err != nil {
			return err
		}
		p, ok, err := tx.InlinePolicy(ctx, row.ID, name)
		if err == nil && !ok {
			return noInlinePolicy(ref.Kind, name)
		}
		e, document = entityOf(row), p.Document
		return err
	})
	return e, document, err
}

func noInlinePolicy(k Kind, name string) error {
	return fault(larder.NotFound, codeNoSuchEntity, "The %s policy with name %s cannot be found.", k, name)
}

// InlinePolicies returns a page of an entity's inline policies, by name.
func (s *Service) InlinePolicies(ctx context.Context, ref EntityRef, after string, limit int) ([]InlinePolicy, error) {
	return view(ctx, s, func(ctx context.Context, tx *meta.Tx) ([]InlinePolicy, error) {
		e, err := entity(ctx, tx, ref)
		if err != nil {
			return nil, err
		}
		return inlinePolicies(ctx, tx, e.ID, after, limit)
	})
}

func inlinePolicies(ctx context.Context, tx *meta.Tx, id, after string, limit int) (all []InlinePolicy, err error) {
	rows, err := tx.InlinePolicies(ctx, id, after, limit)
	for _, p := range rows {
		all = append(all, InlinePolicy{p.Name, p.Document})
	}
	return all, err
}

// DeleteInlinePolicy deletes an inline policy.
func (s *Service) DeleteInlinePolicy(ctx context.Context, ref EntityRef, name string) error {
	return s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		e, err := entity(ctx, tx, ref)
		if err != nil {
			return err
		}
		ok, err := tx.DeleteInlinePolicy(ctx, e.ID, name)
		if err == nil && !ok {
			return noInlinePolicy(ref.Kind, name)
		}
		return err
	})
}
