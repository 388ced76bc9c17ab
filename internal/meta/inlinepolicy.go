package meta

import (
	"context"
	"database/sql"
)

// InlinePolicy is a policy that is part of an entity.
type InlinePolicy struct{ Entity, Name, Document string }

// PutInlinePolicy adds or replaces an inline policy.
func (tx *Tx) PutInlinePolicy(ctx context.Context, p InlinePolicy) error {
	_, err := tx.exec(ctx, `
		INSERT INTO inline_policies (entity, name, document) VALUES ($1, $2, $3)
		ON CONFLICT (entity, name) DO UPDATE SET document = excluded.document`,
		p.Entity, p.Name, p.Document)
	return err
}

// InlinePolicies returns a page of an entity's inline policies by name.
func (tx *Tx) InlinePolicies(ctx context.Context, entity, last string, limit int) ([]InlinePolicy, error) {
	return collect(ctx, tx, scanInlinePolicy, `
		SELECT entity, name, document FROM inline_policies
		 WHERE entity = $1 AND name > $2
		 ORDER BY name
		 LIMIT $3`, entity, last, limit)
}

func scanInlinePolicy(r *sql.Rows) (p InlinePolicy, err error) {
	err = r.Scan(&p.Entity, &p.Name, &p.Document)
	return p, err
}

// InlinePolicy returns one inline policy, and false if there is none.
func (tx *Tx) InlinePolicy(ctx context.Context, entity, name string) (InlinePolicy, bool, error) {
	p := InlinePolicy{Entity: entity, Name: name}
	return found(p, tx.q.QueryRowContext(ctx, `SELECT document FROM inline_policies WHERE entity = $1 AND name = $2`,
		entity, name).Scan(&p.Document))
}

// DeleteInlinePolicy reports whether there was such a policy.
func (tx *Tx) DeleteInlinePolicy(ctx context.Context, entity, name string) (bool, error) {
	n, err := tx.exec(ctx, `DELETE FROM inline_policies WHERE entity = $1 AND name = $2`, entity, name)
	return n > 0, err
}
