package registry

import (
	"context"

	"larder.example/larder"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/meta"
)

// repositoriesPerDomain is CodeArtifact's quota.
const repositoriesPerDomain = 1000

// NewRepository is a repository to be made.
type NewRepository struct {
	Ref           larder.RepositoryRef
	Administrator string // the account of who makes it
	Description   string
	Tags          []identity.Tag
}

// CreateRepository makes a repository.
func (r *Registry) CreateRepository(ctx context.Context, n NewRepository) (Repository, error) {
	x := meta.Repository{Ref: n.Ref, Administrator: n.Administrator, Description: n.Description, CreatedAt: r.now()}
	err := r.Identity.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		d, err := tx.Domain(ctx, n.Ref.Domain)
		if err != nil {
			return err
		}
		count, err := tx.CountRepositories(ctx, d.ID)
		if err != nil {
			return err
		}
		if count >= repositoriesPerDomain {
			return &larder.Error{
				Kind: larder.OverQuota, Resource: "domain", ID: d.Ref.Name,
				Message: "A domain has at most 1000 repositories.",
			}
		}
		x.Domain = d.ID
		if x.ID, err = tx.InsertRepository(ctx, x); err != nil {
			return err
		}
		return identity.SetTags(ctx, tx, identity.Guarded{Domain: n.Ref.Domain, Repository: n.Ref.Name}, x.ID, n.Tags)
	})
	return x, err
}

// DescribeRepository returns a repository.
func (r *Registry) DescribeRepository(ctx context.Context, ref larder.RepositoryRef) (Repository, error) {
	return r.DB.Now().Repository(ctx, ref)
}

// ListRepositories returns a page of the repositories that an account
// administers, behind the last one of the page before.
func (r *Registry) ListRepositories(ctx context.Context, q RepositoryQuery, last string, lastID int64) ([]Repository, error) {
	return r.DB.Now().Repositories(ctx, q, last, lastID)
}

// ListRepositoriesInDomain returns a page of a domain's repositories by name.
func (r *Registry) ListRepositoriesInDomain(ctx context.Context, d larder.DomainRef, q RepositoryQuery, after string) ([]Repository, error) {
	return view(ctx, r, func(ctx context.Context, tx *meta.Tx) ([]Repository, error) {
		row, err := tx.Domain(ctx, d)
		if err != nil {
			return nil, err
		}
		return tx.RepositoriesOf(ctx, row.ID, q, after)
	})
}

// DeleteRepository deletes a repository with all that is in it, and returns
// it.
func (r *Registry) DeleteRepository(ctx context.Context, ref larder.RepositoryRef) (Repository, error) {
	var x Repository
	err := r.Identity.Change(ctx, func(ctx context.Context, tx *meta.Tx) (err error) {
		if x, err = tx.Repository(ctx, ref); err != nil {
			return err
		}
		if err := tx.ReleaseRepository(ctx, x.ID, r.now()); err != nil {
			return err
		}
		if err := tx.DeleteRepository(ctx, x.ID); err != nil {
			return err
		}
		return tx.RecountDomain(ctx, x.Domain)
	})
	return x, err
}
