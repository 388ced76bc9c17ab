package meta

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"larder.example/larder"
)

// Domain is a domain. UID is what tokens name it by: a domain made again
// under the same name has another.
type Domain struct {
	ID            int64
	UID           uint64
	Ref           larder.DomainRef
	CreatedAt     time.Time
	EncryptionKey string // an ARN
	AssetBytes    int64  // of its distinct assets
	Policy        ResourcePolicy
}

// ResourcePolicy is a permissions policy on a domain or repository. Both
// fields are empty where there is none.
type ResourcePolicy struct{ Document, Revision string }

// Tag is a tag of a resource or an entity.
type Tag struct{ Key, Value string }

const domainColumns = `id, uid, owner, name, created_ms, encryption_key, asset_bytes, policy, policy_revision`

func scanDomain(r interface{ Scan(...any) error }) (d Domain, err error) {
	var created, uid int64
	err = r.Scan(&d.ID, &uid, &d.Ref.Owner, &d.Ref.Name, &created, &d.EncryptionKey, &d.AssetBytes,
		&d.Policy.Document, &d.Policy.Revision)
	d.UID, d.CreatedAt = uint64(uid), moment(created) //nolint:gosec // the column holds the same 64 bits
	return d, err
}

// InsertDomain makes a domain and returns its row's ID; larder.Conflict if
// the account has one of that name.
func (tx *Tx) InsertDomain(ctx context.Context, d Domain) (int64, error) {
	var id int64
	err := tx.q.QueryRowContext(ctx, `
		INSERT INTO domains (uid, owner, name, created_ms, encryption_key) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (owner, name) DO NOTHING
		RETURNING id`,
		int64(d.UID), d.Ref.Owner, d.Ref.Name, millis(d.CreatedAt), d.EncryptionKey).Scan(&id) //nolint:gosec // the same 64 bits
	if errors.Is(err, sql.ErrNoRows) {
		return 0, &larder.Error{
			Kind: larder.Conflict, Resource: "domain", ID: d.Ref.Name,
			Message: "Domain already exists. Domain '" + d.Ref.Name + "' owned by account '" + d.Ref.Owner + "' already exists.",
		}
	}
	return id, err
}

// Domain returns a domain; larder.NotFound if there is none.
func (tx *Tx) Domain(ctx context.Context, ref larder.DomainRef) (Domain, error) {
	d, err := scanDomain(tx.q.QueryRowContext(ctx, `SELECT `+domainColumns+` FROM domains WHERE owner = $1 AND name = $2`,
		ref.Owner, ref.Name))
	if errors.Is(err, sql.ErrNoRows) {
		return Domain{}, NoDomain(ref)
	}
	return d, err
}

// NoDomain is the error for a domain that does not exist. The wording is
// that of AWS (seen in public reports).
func NoDomain(ref larder.DomainRef) error {
	return &larder.Error{
		Kind: larder.NotFound, Resource: "domain", ID: ref.Name,
		Message: "Domain not found. Domain '" + ref.Name + "' owned by account '" + ref.Owner + "' does not exist.",
	}
}

// Domains returns a page of an account's domains by name.
func (tx *Tx) Domains(ctx context.Context, owner, last string, limit int) ([]Domain, error) {
	return collect(ctx, tx, func(r *sql.Rows) (Domain, error) { return scanDomain(r) }, `
		SELECT `+domainColumns+` FROM domains
		 WHERE owner = $1 AND name > $2
		 ORDER BY name
		 LIMIT $3`, owner, last, limit)
}

// CountDomains returns how many domains an account owns.
func (tx *Tx) CountDomains(ctx context.Context, owner string) (int, error) {
	return one[int](ctx, tx, `SELECT COUNT(*) FROM domains WHERE owner = $1`, owner)
}

// DeleteDomain deletes a domain with its tags. Its repositories must be
// gone: else the fault is Dangling.
func (tx *Tx) DeleteDomain(ctx context.Context, id int64) error {
	_, err := tx.exec(ctx, `DELETE FROM domains WHERE id = $1`, id)
	return err
}

// SetDomainPolicy puts or, with a zero policy, removes a domain's policy.
func (tx *Tx) SetDomainPolicy(ctx context.Context, id int64, p ResourcePolicy) error {
	_, err := tx.exec(ctx, `UPDATE domains SET policy = $2, policy_revision = $3 WHERE id = $1`, id, p.Document, p.Revision)
	return err
}

// AddDomainBytes adds n, which may be negative, to the size of a domain.
func (tx *Tx) AddDomainBytes(ctx context.Context, id, n int64) error {
	_, err := tx.exec(ctx, `UPDATE domains SET asset_bytes = asset_bytes + $2 WHERE id = $1`, id, n)
	return err
}

// RecountDomain computes the size of a domain anew, after much was deleted.
func (tx *Tx) RecountDomain(ctx context.Context, id int64) error {
	_, err := tx.exec(ctx, `
		UPDATE domains
		   SET asset_bytes = (
			SELECT CAST(COALESCE(SUM(b.size), 0) AS BIGINT)
			  FROM blobs b
			 WHERE b.id IN (
				SELECT a.blob
				  FROM assets a
				  JOIN versions v ON v.id = a.version
				  JOIN packages p ON p.id = v.package
				  JOIN repositories r ON r.id = p.repository
				 WHERE r.domain = $1))
		 WHERE id = $1`, id)
	return err
}

// SetDomainTag adds a tag or replaces its value.
func (tx *Tx) SetDomainTag(ctx context.Context, id int64, t Tag) error {
	_, err := tx.exec(ctx, `
		INSERT INTO domain_tags (domain, key, value) VALUES ($1, $2, $3)
		ON CONFLICT (domain, key) DO UPDATE SET value = excluded.value`, id, t.Key, t.Value)
	return err
}

// DeleteDomainTag removes a tag; that there is none is fine.
func (tx *Tx) DeleteDomainTag(ctx context.Context, id int64, key string) error {
	_, err := tx.exec(ctx, `DELETE FROM domain_tags WHERE domain = $1 AND key = $2`, id, key)
	return err
}

// DomainTags returns a domain's tags in order of their keys.
func (tx *Tx) DomainTags(ctx context.Context, id int64) ([]Tag, error) {
	return collect(ctx, tx, func(r *sql.Rows) (t Tag, err error) {
		err = r.Scan(&t.Key, &t.Value)
		return t, err
	}, `SELECT key, value FROM domain_tags WHERE domain = $1 ORDER BY key`, id)
}
