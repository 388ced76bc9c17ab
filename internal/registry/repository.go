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
	Upstreams     []string // in the order in which they are searched
	Tags          []identity.Tag
}

// CreateRepository makes a repository.
func (r *Registry) CreateRepository(ctx context.Context, n NewRepository) (DescribedRepository, error) {
	var made DescribedRepository
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
		if len(n.Upstreams) > 0 {
			if err := r.connect(ctx, tx, x, n.Upstreams, nil); err != nil {
				return err
			}
		}
		if made, err = r.describe(ctx, tx, x); err != nil {
			return err
		}
		return identity.SetTags(ctx, tx, identity.Guarded{Domain: n.Ref.Domain, Repository: n.Ref.Name}, x.ID, n.Tags)
	})
	return made, err
}

// DescribeRepository returns a repository.
func (r *Registry) DescribeRepository(ctx context.Context, ref larder.RepositoryRef) (DescribedRepository, error) {
	return view(ctx, r, func(ctx context.Context, tx *meta.Tx) (DescribedRepository, error) {
		x, err := tx.Repository(ctx, ref)
		if err != nil {
			return DescribedRepository{}, err
		}
		return r.describe(ctx, tx, x)
	})
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
// it as it was. Those that had it for an upstream have it no more, and keep
// what they retained of it.
func (r *Registry) DeleteRepository(ctx context.Context, ref larder.RepositoryRef) (DescribedRepository, error) {
	var was DescribedRepository
	err := r.Identity.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		x, err := tx.Repository(ctx, ref)
		if err != nil {
			return err
		}
		if was, err = r.describe(ctx, tx, x); err != nil {
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
	r.rewired(ref.Domain)
	return was, err
}
