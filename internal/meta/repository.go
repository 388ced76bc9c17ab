package meta

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"larder.example/larder"
)

// Repository is a repository.
type Repository struct {
	ID            int64
	Domain        int64 // the domain's row
	Ref           larder.RepositoryRef
	Administrator string // the account that made it
	Description   string
	CreatedAt     time.Time
	Policy        ResourcePolicy
	Connection    string // its external connection, or empty
}

const repositoryColumns = `r.id, r.domain, d.owner, d.name, r.name, r.administrator, r.description, r.created_ms, r.policy, r.policy_revision, r.connection`

func scanRepository(r interface{ Scan(...any) error }) (x Repository, err error) {
	var created int64
	err = r.Scan(&x.ID, &x.Domain, &x.Ref.Domain.Owner, &x.Ref.Domain.Name, &x.Ref.Name, &x.Administrator,
		&x.Description, &created, &x.Policy.Document, &x.Policy.Revision, &x.Connection)
	x.CreatedAt = moment(created)
	return x, err
}

func repositories(ctx context.Context, tx *Tx, query string, args ...any) ([]Repository, error) {
	return collect(ctx, tx, func(r *sql.Rows) (Repository, error) { return scanRepository(r) }, query, args...)
}

// InsertRepository makes a repository and returns its row's ID;
// larder.Conflict if the domain has one of that name.
func (tx *Tx) InsertRepository(ctx context.Context, x Repository) (int64, error) {
	var id int64
	err := tx.q.QueryRowContext(ctx, `
		INSERT INTO repositories (domain, name, administrator, description, created_ms) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (domain, name) DO NOTHING
		RETURNING id`,
		x.Domain, x.Ref.Name, x.Administrator, x.Description, millis(x.CreatedAt)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, &larder.Error{
			Kind: larder.Conflict, Resource: "repository", ID: x.Ref.Name,
			Message: "Repository already exists. Repository '" + x.Ref.Name + "' already exists in domain '" + x.Ref.Domain.Name + "'.",
		}
	}
	return id, err
}

// Repository returns a repository; larder.NotFound, of the domain or the
// repository, if there is none.
func (tx *Tx) Repository(ctx context.Context, ref larder.RepositoryRef) (Repository, error) {
	x, err := scanRepository(tx.q.QueryRowContext(ctx, `
		SELECT `+repositoryColumns+`
		  FROM repositories r JOIN domains d ON d.id = r.domain
		 WHERE d.owner = $1 AND d.name = $2 AND r.name = $3`,
		ref.Domain.Owner, ref.Domain.Name, ref.Name))
	if errors.Is(err, sql.ErrNoRows) {
		if _, err := tx.Domain(ctx, ref.Domain); err != nil {
			return Repository{}, err
		}
		return Repository{}, NoRepository(ref)
	}
	return x, err
}

// NoRepository is the error for a repository that does not exist.
func NoRepository(ref larder.RepositoryRef) error {
	return &larder.Error{
		Kind: larder.NotFound, Resource: "repository", ID: ref.Name,
		Message: "Repository not found. Repository '" + ref.Name + "' does not exist in domain '" + ref.Domain.Name + "'.",
	}
}

// RepositoryQuery narrows a listing of repositories. Administrator is empty
// for any.
type RepositoryQuery struct {
	Administrator, Prefix string
	Limit                 int
}

// RepositoriesOf returns a page of a domain's repositories by name.
func (tx *Tx) RepositoriesOf(ctx context.Context, domain int64, q RepositoryQuery, last string) ([]Repository, error) {
	return repositories(ctx, tx, `
		SELECT `+repositoryColumns+`
		  FROM repositories r JOIN domains d ON d.id = r.domain
		 WHERE r.domain = $1 AND r.name > $2
		   AND r.name >= $3 AND ($4 = '' OR r.name < $4)
		   AND ($5 = '' OR r.administrator = $5)
		 ORDER BY r.name
		 LIMIT $6`, domain, last, q.Prefix, after(q.Prefix), q.Administrator, q.Limit)
}

// Repositories returns a page of the repositories that an account
// administers, in any domain, by name and row.
func (tx *Tx) Repositories(ctx context.Context, q RepositoryQuery, last string, lastID int64) ([]Repository, error) {
	return repositories(ctx, tx, `
		SELECT `+repositoryColumns+`
		  FROM repositories r JOIN domains d ON d.id = r.domain
		 WHERE r.administrator = $1 AND (r.name, r.id) > ($2, $3)
		   AND r.name >= $4 AND ($5 = '' OR r.name < $5)
		 ORDER BY r.name, r.id
		 LIMIT $6`, q.Administrator, last, lastID, q.Prefix, after(q.Prefix), q.Limit)
}

// CountRepositories returns how many repositories a domain has.
func (tx *Tx) CountRepositories(ctx context.Context, domain int64) (int, error) {
	return one[int](ctx, tx, `SELECT COUNT(*) FROM repositories WHERE domain = $1`, domain)
}

// DeleteRepository deletes a repository with all that is in it. Call
// [Tx.ReleaseRepository] before, in the same transaction.
func (tx *Tx) DeleteRepository(ctx context.Context, id int64) error {
	_, err := tx.exec(ctx, `DELETE FROM repositories WHERE id = $1`, id)
	return err
}

// SetRepositoryPolicy puts or, with a zero policy, removes a repository's
// policy.
func (tx *Tx) SetRepositoryPolicy(ctx context.Context, id int64, p ResourcePolicy) error {
	_, err := tx.exec(ctx, `UPDATE repositories SET policy = $2, policy_revision = $3 WHERE id = $1`, id, p.Document, p.Revision)
	return err
}

// SetRepositoryTag adds a tag or replaces its value.
func (tx *Tx) SetRepositoryTag(ctx context.Context, id int64, t Tag) error {
	_, err := tx.exec(ctx, `
		INSERT INTO repository_tags (repository, key, value) VALUES ($1, $2, $3)
		ON CONFLICT (repository, key) DO UPDATE SET value = excluded.value`, id, t.Key, t.Value)
	return err
}

// DeleteRepositoryTag removes a tag; that there is none is fine.
func (tx *Tx) DeleteRepositoryTag(ctx context.Context, id int64, key string) error {
	_, err := tx.exec(ctx, `DELETE FROM repository_tags WHERE repository = $1 AND key = $2`, id, key)
	return err
}

// RepositoryTags returns a repository's tags in order of their keys.
func (tx *Tx) RepositoryTags(ctx context.Context, id int64) ([]Tag, error) {
	return collect(ctx, tx, func(r *sql.Rows) (t Tag, err error) {
		err = r.Scan(&t.Key, &t.Value)
		return t, err
	}, `SELECT key, value FROM repository_tags WHERE repository = $1 ORDER BY key`, id)
}
