package meta

import (
	"context"
	"database/sql"
	"strings"
	"time"
)

// EntityKind is the kind of an IAM entity that policies hang on.
type EntityKind string

// The kinds of entities.
const (
	User  EntityKind = "user"
	Group EntityKind = "group"
	Role  EntityKind = "role"
)

// Entity is an IAM user: who has a name, a path, policies and tags. ID is
// unique for ever; Name is unique in the account and kind, without regard to
// case.
type Entity struct {
	ID, Account string
	Kind        EntityKind
	Name, Path  string
	CreatedAt   time.Time
}

// InsertEntity makes an entity and reports whether the name was free.
func (tx *Tx) InsertEntity(ctx context.Context, e Entity) (bool, error) {
	n, err := tx.exec(ctx, `
		INSERT INTO entities (id, account, kind, name, name_fold, path, created_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (account, kind, name_fold) DO NOTHING`,
		e.ID, e.Account, e.Kind, e.Name, strings.ToLower(e.Name), e.Path, millis(e.CreatedAt))
	return n > 0, err
}

const entityColumns = `id, account, kind, name, path, created_ms`

func scanEntity(r interface{ Scan(...any) error }) (e Entity, err error) {
	var created int64
	err = r.Scan(&e.ID, &e.Account, &e.Kind, &e.Name, &e.Path, &created)
	e.CreatedAt = moment(created)
	return e, err
}

// Entity returns the entity of that name, and false if there is none.
func (tx *Tx) Entity(ctx context.Context, account string, k EntityKind, name string) (Entity, bool, error) {
	return found(scanEntity(tx.q.QueryRowContext(ctx, `
		SELECT `+entityColumns+` FROM entities
		 WHERE account = $1 AND kind = $2 AND name_fold = $3`, account, k, strings.ToLower(name))))
}

// EntityByID returns the entity with a unique ID, and false if there is none.
func (tx *Tx) EntityByID(ctx context.Context, id string) (Entity, bool, error) {
	return found(scanEntity(tx.q.QueryRowContext(ctx, `SELECT `+entityColumns+` FROM entities WHERE id = $1`, id)))
}

// Entities returns a page of an account's entities whose path begins with
// prefix, by folded name; after is the name of the last one before it.
func (tx *Tx) Entities(ctx context.Context, account string, k EntityKind, prefix, last string, limit int) ([]Entity, error) {
	return collect(ctx, tx, func(r *sql.Rows) (Entity, error) { return scanEntity(r) }, `
		SELECT `+entityColumns+` FROM entities
		 WHERE account = $1 AND kind = $2 AND name_fold > $3
		   AND path >= $4 AND ($5 = '' OR path < $5)
		 ORDER BY name_fold
		 LIMIT $6`,
		account, k, strings.ToLower(last), prefix, after(prefix), limit)
}

// AllEntities returns the entities of every account.
func (tx *Tx) AllEntities(ctx context.Context) ([]Entity, error) {
	return collect(ctx, tx, func(r *sql.Rows) (Entity, error) { return scanEntity(r) }, `SELECT `+entityColumns+` FROM entities`)
}

// DeleteEntity deletes an entity with its tags. Its inline and attached
// policies must be gone: else the fault is Dangling.
func (tx *Tx) DeleteEntity(ctx context.Context, id string) error {
	_, err := tx.exec(ctx, `DELETE FROM entities WHERE id = $1`, id)
	return err
}

// SetEntityTag adds a tag or replaces its value.
func (tx *Tx) SetEntityTag(ctx context.Context, entity, key, value string) error {
	_, err := tx.exec(ctx, `
		INSERT INTO entity_tags (entity, key, value) VALUES ($1, $2, $3)
		ON CONFLICT (entity, key) DO UPDATE SET value = excluded.value`, entity, key, value)
	return err
}

// EntityTags returns the tags of one entity, in order of their keys.
func (tx *Tx) EntityTags(ctx context.Context, entity string) ([]Tag, error) {
	return collect(ctx, tx, func(r *sql.Rows) (t Tag, err error) {
		err = r.Scan(&t.Key, &t.Value)
		return t, err
	}, `SELECT key, value FROM entity_tags WHERE entity = $1 ORDER BY key`, entity)
}

// AllEntityTags hands every entity's tags to fn.
func (tx *Tx) AllEntityTags(ctx context.Context, fn func(entity string, t Tag)) error {
	return each(ctx, tx, func(r *sql.Rows) error {
		var entity string
		var t Tag
		if err := r.Scan(&entity, &t.Key, &t.Value); err != nil {
			return err
		}
		fn(entity, t)
		return nil
	}, `SELECT entity, key, value FROM entity_tags`)
}

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

// AllInlinePolicies returns the inline policies of every entity.
func (tx *Tx) AllInlinePolicies(ctx context.Context) ([]InlinePolicy, error) {
	return collect(ctx, tx, scanInlinePolicy, `SELECT entity, name, document FROM inline_policies ORDER BY entity, name`)
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

// Attachment is a managed policy attached to an entity.
type Attachment struct{ Entity, ARN string }

// Attach attaches a managed policy; again is fine.
func (tx *Tx) Attach(ctx context.Context, a Attachment) error {
	_, err := tx.exec(ctx, `
		INSERT INTO attached_policies (entity, arn) VALUES ($1, $2)
		ON CONFLICT (entity, arn) DO NOTHING`, a.Entity, a.ARN)
	return err
}

// Detach reports whether the policy was attached.
func (tx *Tx) Detach(ctx context.Context, a Attachment) (bool, error) {
	n, err := tx.exec(ctx, `DELETE FROM attached_policies WHERE entity = $1 AND arn = $2`, a.Entity, a.ARN)
	return n > 0, err
}

// Attachments returns a page of an entity's attached policies by ARN.
func (tx *Tx) Attachments(ctx context.Context, entity, last string, limit int) ([]Attachment, error) {
	return collect(ctx, tx, scanAttachment, `
		SELECT entity, arn FROM attached_policies
		 WHERE entity = $1 AND arn > $2
		 ORDER BY arn
		 LIMIT $3`, entity, last, limit)
}

// AllAttachments returns the attached policies of every entity.
func (tx *Tx) AllAttachments(ctx context.Context) ([]Attachment, error) {
	return collect(ctx, tx, scanAttachment, `SELECT entity, arn FROM attached_policies ORDER BY entity, arn`)
}

func scanAttachment(r *sql.Rows) (a Attachment, err error) {
	err = r.Scan(&a.Entity, &a.ARN)
	return a, err
}
