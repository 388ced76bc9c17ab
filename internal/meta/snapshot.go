package meta

import (
	"context"
	"database/sql"
	"time"
)

// What follows reads what decides who may do what, a row at a time, for the
// snapshot that identity keeps. An empty ID or a row of 0 reads all there is;
// any other, what belongs to that one thing.

// Holder is what a snapshot knows of an entity: who holds policies.
type Holder struct {
	ID, Account string
	Kind        EntityKind
	Name, Path  string
	Trust       string // of a role: who may assume it
	Boundary    string // the ARN of its permissions boundary; empty if it has none
}

// Holders hands entities to fn.
func (tx *Tx) Holders(ctx context.Context, id string, fn func(Holder)) error {
	return eachOf(ctx, tx, func(r *sql.Rows) (h Holder, err error) {
		err = r.Scan(&h.ID, &h.Account, &h.Kind, &h.Name, &h.Path, &h.Trust, &h.Boundary)
		return h, err
	}, fn, id, `SELECT id, account, kind, name, path, trust, boundary FROM entities`, `id`)
}

// HolderTags hands the tags of entities to fn.
func (tx *Tx) HolderTags(ctx context.Context, entity string, fn func(entity string, t Tag)) error {
	return eachTagOf(ctx, tx, fn, entity, `SELECT entity, key, value FROM entity_tags`, `entity`)
}

// HolderPolicies hands the inline policies of entities to fn.
func (tx *Tx) HolderPolicies(ctx context.Context, entity string, fn func(InlinePolicy)) error {
	return eachOf(ctx, tx, scanInlinePolicy, fn, entity, `SELECT entity, name, document FROM inline_policies`, `entity`)
}

// HolderAttachments hands the attached policies of entities to fn.
func (tx *Tx) HolderAttachments(ctx context.Context, entity string, fn func(Attachment)) error {
	return eachOf(ctx, tx, scanAttachment, fn, entity, `SELECT entity, arn FROM attached_policies`, `entity`)
}

// Membership is that an entity is in a group.
type Membership struct{ Member, Group string }

// Memberships hands the groups that entities are in to fn.
func (tx *Tx) Memberships(ctx context.Context, member string, fn func(Membership)) error {
	return eachOf(ctx, tx, func(r *sql.Rows) (m Membership, err error) {
		err = r.Scan(&m.Member, &m.Group)
		return m, err
	}, fn, member, `SELECT member, of FROM group_members`, `member`)
}

// SigningKeys hands access keys to fn.
func (tx *Tx) SigningKeys(ctx context.Context, id string, fn func(AccessKey)) error {
	return eachOf(ctx, tx, scanAccessKey, fn, id, `SELECT id, account, owner, secret, status, created_ms FROM access_keys`, `id`)
}

// DefaultPolicy is a managed policy with the document that is in force.
type DefaultPolicy struct{ ID, Account, ARN, Document string }

// DefaultPolicies hands managed policies to fn.
func (tx *Tx) DefaultPolicies(ctx context.Context, id string, fn func(DefaultPolicy)) error {
	return eachOf(ctx, tx, func(r *sql.Rows) (p DefaultPolicy, err error) {
		err = r.Scan(&p.ID, &p.Account, &p.ARN, &p.Document)
		return p, err
	}, fn, id, `
		SELECT p.id, p.account, p.arn, COALESCE(v.document, '')
		  FROM policies p
		  LEFT JOIN policy_versions v ON v.policy = p.id AND v.version = p.default_version`, `p.id`)
}

// DefaultPolicyTags hands the tags of managed policies to fn.
func (tx *Tx) DefaultPolicyTags(ctx context.Context, policy string, fn func(policy string, t Tag)) error {
	return eachTagOf(ctx, tx, fn, policy, `SELECT policy, key, value FROM policy_tags`, `policy`)
}

// ProviderARNs hands the ARNs of OpenID Connect providers to fn.
func (tx *Tx) ProviderARNs(ctx context.Context, arn string, fn func(arn string)) error {
	return eachOf(ctx, tx, func(r *sql.Rows) (arn string, err error) {
		err = r.Scan(&arn)
		return arn, err
	}, fn, arn, `SELECT arn FROM oidc_providers`, `arn`)
}

// ProviderTags hands the tags of OpenID Connect providers to fn.
func (tx *Tx) ProviderTags(ctx context.Context, arn string, fn func(arn string, t Tag)) error {
	return eachTagOf(ctx, tx, fn, arn, `SELECT provider, key, value FROM oidc_provider_tags`, `provider`)
}

// GuardedDomains hands domains to fn; a row of 0 asks for all.
func (tx *Tx) GuardedDomains(ctx context.Context, row int64, fn func(Domain)) error {
	return eachOf(ctx, tx, func(r *sql.Rows) (Domain, error) { return scanDomain(r) }, fn, row,
		`SELECT `+domainColumns+` FROM domains`, `id`)
}

// GuardedDomainTags hands the tags of domains to fn.
func (tx *Tx) GuardedDomainTags(ctx context.Context, row int64, fn func(row int64, t Tag)) error {
	return eachTagOf(ctx, tx, fn, row, `SELECT domain, key, value FROM domain_tags`, `domain`)
}

// GuardedGroupTags hands the tags of the package groups of domains to fn.
func (tx *Tx) GuardedGroupTags(ctx context.Context, row int64, fn func(row int64, pattern string, t Tag)) error {
	type tagged struct {
		row     int64
		pattern string
		tag     Tag
	}
	return eachOf(ctx, tx, func(r *sql.Rows) (t tagged, err error) {
		err = r.Scan(&t.row, &t.pattern, &t.tag.Key, &t.tag.Value)
		return t, err
	}, func(t tagged) { fn(t.row, t.pattern, t.tag) }, row, `SELECT domain, pattern, key, value FROM package_group_tags`, `domain`)
}

// GuardedRepositories hands repositories to fn; a row of 0 asks for all.
func (tx *Tx) GuardedRepositories(ctx context.Context, row int64, fn func(Repository)) error {
	return eachOf(ctx, tx, func(r *sql.Rows) (Repository, error) { return scanRepository(r) }, fn, row, `
		SELECT `+repositoryColumns+`
		  FROM repositories r JOIN domains d ON d.id = r.domain`, `r.id`)
}

// GuardedRepositoryTags hands the tags of repositories to fn.
func (tx *Tx) GuardedRepositoryTags(ctx context.Context, row int64, fn func(row int64, t Tag)) error {
	return eachTagOf(ctx, tx, fn, row, `SELECT repository, key, value FROM repository_tags`, `repository`)
}

// surveyTimeout is how long the reading of all that decides may take.
const surveyTimeout = time.Minute

// Survey is View for reading all that decides, which of a large registry
// takes longer than a view may.
func (d *DB) Survey(ctx context.Context, fn func(context.Context, *Tx) error) error {
	return d.view(ctx, surveyTimeout, fn)
}

// eachOf hands the rows of a query to fn, or with an id those whose column
// has it.
func eachOf[T any, ID comparable](ctx context.Context, tx *Tx, scan func(*sql.Rows) (T, error), fn func(T), id ID, query, column string) error {
	row := func(r *sql.Rows) error {
		t, err := scan(r)
		if err == nil {
			fn(t)
		}
		return err
	}
	var all ID
	if id == all {
		return each(ctx, tx, row, query)
	}
	return each(ctx, tx, row, query+` WHERE `+column+` = $1`, id)
}

func eachTagOf[ID comparable](ctx context.Context, tx *Tx, fn func(ID, Tag), id ID, query, column string) error {
	type tagged struct {
		id  ID
		tag Tag
	}
	return eachOf(ctx, tx, func(r *sql.Rows) (t tagged, err error) {
		err = r.Scan(&t.id, &t.tag.Key, &t.tag.Value)
		return t, err
	}, func(t tagged) { fn(t.id, t.tag) }, id, query, column)
}
