package meta

import (
	"context"
	"database/sql"
	"strings"
	"time"
)

// Policy is a managed policy of an account. ID is unique for ever; Name is
// unique in the account, without regard to case. Versions count from one and
// are never used again.
type Policy struct {
	ID, Account, Name, Path, ARN  string
	Description                   string
	DefaultVersion, NewestVersion int
	CreatedAt, UpdatedAt          time.Time
}

// InsertPolicy makes a policy and reports whether the name was free.
func (tx *Tx) InsertPolicy(ctx context.Context, p Policy) (bool, error) {
	n, err := tx.exec(ctx, `
		INSERT INTO policies (id, account, name, name_fold, path, arn, description, default_version, newest_version, created_ms, updated_ms)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
		ON CONFLICT (account, name_fold) DO NOTHING`,
		p.ID, p.Account, p.Name, strings.ToLower(p.Name), p.Path, p.ARN, p.Description,
		p.DefaultVersion, p.NewestVersion, millis(p.CreatedAt), millis(p.UpdatedAt))
	return n > 0, err
}

const policyColumns = `id, account, name, path, arn, description, default_version, newest_version, created_ms, updated_ms`

func scanPolicy(r interface{ Scan(...any) error }) (p Policy, err error) {
	var created, updated int64
	err = r.Scan(&p.ID, &p.Account, &p.Name, &p.Path, &p.ARN, &p.Description,
		&p.DefaultVersion, &p.NewestVersion, &created, &updated)
	p.CreatedAt, p.UpdatedAt = moment(created), moment(updated)
	return p, err
}

// Policy returns the policy of that ARN, and false if there is none.
func (tx *Tx) Policy(ctx context.Context, arn string) (Policy, bool, error) {
	return found(scanPolicy(tx.q.QueryRowContext(ctx, `SELECT `+policyColumns+` FROM policies WHERE arn = $1`, arn)))
}

// Policies returns a page of an account's policies whose path begins with
// prefix, by folded name; last is the name of the last one before it.
func (tx *Tx) Policies(ctx context.Context, account, prefix, last string, limit int) ([]Policy, error) {
	return collect(ctx, tx, func(r *sql.Rows) (Policy, error) { return scanPolicy(r) }, `
		SELECT `+policyColumns+` FROM policies
		 WHERE account = $1 AND name_fold > $2
		   AND path >= $3 AND ($4 = '' OR path < $4)
		 ORDER BY name_fold
		 LIMIT $5`, account, strings.ToLower(last), prefix, after(prefix), limit)
}

// CountPolicies returns how many policies an account has, and how many
// versions of them.
func (tx *Tx) CountPolicies(ctx context.Context, account string) (policies, versions int, err error) {
	err = tx.q.QueryRowContext(ctx, `
		SELECT (SELECT count(*) FROM policies WHERE account = $1),
		       (SELECT count(*) FROM policy_versions JOIN policies ON id = policy WHERE account = $1)`, account).Scan(&policies, &versions)
	return policies, versions, err
}

// UpdatePolicy writes which versions a policy has and when that changed.
func (tx *Tx) UpdatePolicy(ctx context.Context, p Policy) error {
	_, err := tx.exec(ctx, `
		UPDATE policies SET default_version = $2, newest_version = $3, updated_ms = $4 WHERE id = $1`,
		p.ID, p.DefaultVersion, p.NewestVersion, millis(p.UpdatedAt))
	return err
}

// DeletePolicy deletes a policy with its versions and tags.
func (tx *Tx) DeletePolicy(ctx context.Context, id string) error {
	_, err := tx.exec(ctx, `DELETE FROM policies WHERE id = $1`, id)
	return err
}

// PolicyVersion is one version of a managed policy.
type PolicyVersion struct {
	Policy    string // its ID
	Version   int
	Document  string
	CreatedAt time.Time
}

// InsertPolicyVersion makes a version.
func (tx *Tx) InsertPolicyVersion(ctx context.Context, v PolicyVersion) error {
	_, err := tx.exec(ctx, `INSERT INTO policy_versions (policy, version, document, created_ms) VALUES ($1, $2, $3, $4)`,
		v.Policy, v.Version, v.Document, millis(v.CreatedAt))
	return err
}

// PolicyVersions returns the versions of a policy, the newest first.
func (tx *Tx) PolicyVersions(ctx context.Context, policy string) ([]PolicyVersion, error) {
	return collect(ctx, tx, func(r *sql.Rows) (PolicyVersion, error) {
		v := PolicyVersion{Policy: policy}
		var created int64
		err := r.Scan(&v.Version, &v.Document, &created)
		v.CreatedAt = moment(created)
		return v, err
	}, `SELECT version, document, created_ms FROM policy_versions WHERE policy = $1 ORDER BY version DESC`, policy)
}

// DeletePolicyVersion deletes a version.
func (tx *Tx) DeletePolicyVersion(ctx context.Context, policy string, version int) error {
	_, err := tx.exec(ctx, `DELETE FROM policy_versions WHERE policy = $1 AND version = $2`, policy, version)
	return err
}

// SetPolicyTag adds a tag or replaces its value.
func (tx *Tx) SetPolicyTag(ctx context.Context, policy string, t Tag) error {
	_, err := tx.exec(ctx, `
		INSERT INTO policy_tags (policy, key, value) VALUES ($1, $2, $3)
		ON CONFLICT (policy, key) DO UPDATE SET value = excluded.value`, policy, t.Key, t.Value)
	return err
}

// DeletePolicyTag removes a tag; one that there is not is fine.
func (tx *Tx) DeletePolicyTag(ctx context.Context, policy, key string) error {
	_, err := tx.exec(ctx, `DELETE FROM policy_tags WHERE policy = $1 AND key = $2`, policy, key)
	return err
}

// PolicyTags returns the tags of one policy, in order of their keys.
func (tx *Tx) PolicyTags(ctx context.Context, policy string) ([]Tag, error) {
	return collect(ctx, tx, scanTag, `SELECT key, value FROM policy_tags WHERE policy = $1 ORDER BY key`, policy)
}

func scanTag(r *sql.Rows) (t Tag, err error) {
	err = r.Scan(&t.Key, &t.Value)
	return t, err
}
