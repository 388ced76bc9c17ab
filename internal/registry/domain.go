package registry

import (
	"context"

	"larder.example/larder"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/meta"
)

// NewDomain is a domain to be made.
type NewDomain struct {
	Ref           larder.DomainRef
	EncryptionKey string // an ARN; empty is the account's default key
	Tags          []identity.Tag
}

// CreateDomain makes a domain, with the package group of all packages.
func (r *Registry) CreateDomain(ctx context.Context, n NewDomain) (Domain, error) {
	uid, err := r.newUID()
	if err != nil {
		return Domain{}, err
	}
	if n.EncryptionKey == "" {
		n.EncryptionKey = "arn:aws:kms:" + r.Region + ":" + n.Ref.Owner + ":alias/aws/codeartifact"
	}
	d := meta.Domain{UID: uid, Ref: n.Ref, CreatedAt: r.now(), EncryptionKey: n.EncryptionKey}
	err = r.Identity.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		var err error
		if d.ID, err = tx.InsertDomain(ctx, d); err != nil {
			return err
		}
		if err := tx.InsertPackageGroup(ctx, root(d)); err != nil {
			return err
		}
		return identity.SetTags(ctx, tx, identity.Guarded{Domain: n.Ref}, d.ID, n.Tags)
	})
	return d, err
}

// DescribeDomain returns a domain and how many repositories it has.
func (r *Registry) DescribeDomain(ctx context.Context, ref larder.DomainRef) (Domain, int, error) {
	var repositories int
	d, err := view(ctx, r, func(ctx context.Context, tx *meta.Tx) (Domain, error) {
		d, err := tx.Domain(ctx, ref)
		if err != nil {
			return d, err
		}
		repositories, err = tx.CountRepositories(ctx, d.ID)
		return d, err
	})
	return d, repositories, err
}

// ListDomains returns a page of an account's domains by name.
func (r *Registry) ListDomains(ctx context.Context, owner, after string, limit int) ([]Domain, error) {
	return r.DB.Now().Domains(ctx, owner, after, limit)
}

// DeleteDomain deletes a domain that has no repositories, and returns it; a
// domain that does not exist is larder.NotFound.
func (r *Registry) DeleteDomain(ctx context.Context, ref larder.DomainRef) (Domain, error) {
	var d Domain
	err := r.Identity.Change(ctx, func(ctx context.Context, tx *meta.Tx) (err error) {
		if d, err = tx.Domain(ctx, ref); err != nil {
			return err
		}
		n, err := tx.CountRepositories(ctx, d.ID)
		if err != nil {
			return err
		}
		if n > 0 {
			return &larder.Error{
				Kind: larder.Conflict, Resource: "domain", ID: ref.Name,
				Message: "Domain is not empty. Domain '" + ref.Name + "' has repositories, which must be deleted first.",
			}
		}
		return tx.DeleteDomain(ctx, d.ID)
	})
	return d, err
}
