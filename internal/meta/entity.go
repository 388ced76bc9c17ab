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

// Entity is an IAM user, group or role: who has a name, a path and policies.
// ID is unique for ever; Name is unique in the account and kind, without
// regard to case.
type Entity struct {
	ID, Account string
	Kind        EntityKind
	Name, Path  string
	CreatedAt   time.Time
	Boundary    string // the ARN of the permissions boundary; empty if there is none

	// Of roles: who may assume it, and how long its sessions may live.
	Trust, Description string
	MaxSession         time.Duration
}

// InsertEntity makes an entity and reports whether the name was free.
func (tx *Tx) InsertEntity(ctx context.Context, e Entity) (bool, error) {
	n, err := tx.exec(ctx, `
		INSERT INTO entities (id, account, kind, name, name_fold, path, created_ms, boundary, trust, description, max_session_s)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (account, kind, name_fold) DO NOTHING`,
		e.ID, e.Account, e.Kind, e.Name, strings.ToLower(e.Name), e.Path, millis(e.CreatedAt),
		e.Boundary, e.Trust, e.Description, int64(e.MaxSession/time.Second))
	return n > 0, err
}

const entityColumns = `id, account, kind, name, path, created_ms, boundary, trust, description, max_session_s`

func scanEntity(r interface{ Scan(...any) error }) (e Entity, err error) {
	var created, seconds int64
	err = r.Scan(&e.ID, &e.Account, &e.Kind, &e.Name, &e.Path, &created, &e.Boundary, &e.Trust, &e.Description, &seconds)
	e.CreatedAt, e.MaxSession = moment(created), time.Duration(seconds)*time.Second
	return e, err
}

func scanEntityRow(r *sql.Rows) (Entity, error) { return scanEntity(r) }

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
// prefix, by folded name; last is the name of the last one before it.
func (tx *Tx) Entities(ctx context.Context, account string, k EntityKind, prefix, last string, limit int) ([]Entity, error) {
	return collect(ctx, tx, scanEntityRow, `
		SELECT `+entityColumns+` FROM entities
		 WHERE account = $1 AND kind = $2 AND name_fold > $3
		   AND path >= $4 AND ($5 = '' OR path < $5)
		 ORDER BY name_fold
		 LIMIT $6`,
		account, k, strings.ToLower(last), prefix, after(prefix), limit)
}

// UpdateEntity writes what may change of an entity: name, path, boundary and
// what roles have. A name that another has is the fault Taken.
func (tx *Tx) UpdateEntity(ctx context.Context, e Entity) error {
	_, err := tx.exec(ctx, `
		UPDATE entities
		   SET name = $2, name_fold = $3, path = $4, boundary = $5, trust = $6, description = $7, max_session_s = $8
		 WHERE id = $1`,
		e.ID, e.Name, strings.ToLower(e.Name), e.Path, e.Boundary, e.Trust, e.Description, int64(e.MaxSession/time.Second))
	return err
}

// CountEntities returns how many entities of a kind an account has.
func (tx *Tx) CountEntities(ctx context.Context, account string, k EntityKind) (int, error) {
	return one[int](ctx, tx, `SELECT count(*) FROM entities WHERE account = $1 AND kind = $2`, account, k)
}

// Use is when and for what an access key or a role was last used. It is zero
// for what never was.
type Use struct {
	At              time.Time
	Service, Region string
}

// SetRoleUse notes when and where a role last did something.
func (tx *Tx) SetRoleUse(ctx context.Context, id string, u Use) error {
	_, err := tx.exec(ctx, `UPDATE entities SET used_ms = $2, used_region = $3 WHERE id = $1 AND used_ms < $2`,
		id, millis(u.At), u.Region)
	return err
}

// RoleUse returns when and where a role last did something.
func (tx *Tx) RoleUse(ctx context.Context, id string) (u Use, err error) {
	var at int64
	err = tx.q.QueryRowContext(ctx, `SELECT used_ms, used_region FROM entities WHERE id = $1`, id).Scan(&at, &u.Region)
	u.At = moment(at)
	return u, err
}

// DeleteEntity deletes an entity with its tags. Its policies, memberships and
// members must be gone: else the fault is Dangling.
func (tx *Tx) DeleteEntity(ctx context.Context, id string) error {
	_, err := tx.exec(ctx, `DELETE FROM entities WHERE id = $1`, id)
	return err
}

// SetEntityTag adds a tag or replaces its value.
func (tx *Tx) SetEntityTag(ctx context.Context, entity string, t Tag) error {
	_, err := tx.exec(ctx, `
		INSERT INTO entity_tags (entity, key, value) VALUES ($1, $2, $3)
		ON CONFLICT (entity, key) DO UPDATE SET value = excluded.value`, entity, t.Key, t.Value)
	return err
}

// DeleteEntityTag removes a tag; one that there is not is fine.
func (tx *Tx) DeleteEntityTag(ctx context.Context, entity, key string) error {
	_, err := tx.exec(ctx, `DELETE FROM entity_tags WHERE entity = $1 AND key = $2`, entity, key)
	return err
}

// EntityTags returns the tags of one entity, in order of their keys.
func (tx *Tx) EntityTags(ctx context.Context, entity string) ([]Tag, error) {
	return collect(ctx, tx, scanTag, `SELECT key, value FROM entity_tags WHERE entity = $1 ORDER BY key`, entity)
}
