package identity

import (
	"context"
	"encoding/base64"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/policy"
)

// Guarded is what a permissions policy can be put on: a domain, or one of
// its repositories if Repository is not empty. Only tags can be put on a
// package group, which it is if Pattern is not empty.
type Guarded struct {
	Domain     larder.DomainRef
	Repository string
	Pattern    string
}

func (g Guarded) ref() larder.RepositoryRef {
	return larder.RepositoryRef{Domain: g.Domain, Name: g.Repository}
}

func (g Guarded) group() larder.PackageGroupRef {
	return larder.PackageGroupRef{Domain: g.Domain, Pattern: g.Pattern}
}

// ARN returns the resource's ARN.
func (g Guarded) ARN(region string) larder.ARN {
	switch {
	case g.Pattern != "":
		return g.group().ARN(region)
	case g.Repository != "":
		return g.ref().ARN(region)
	}
	return g.Domain.ARN(region)
}

// ResourcePolicy is a permissions policy. Its document names principals as
// people do: by ARN; one who is gone, by unique ID.
type ResourcePolicy struct {
	ARN                larder.ARN
	Revision, Document string
}

// PutResourcePolicy puts a policy in the place of the one before. A revision
// that is not empty must be that of the one before: else larder.Conflict.
func (s *Service) PutResourcePolicy(ctx context.Context, on Guarded, document, revision string) (ResourcePolicy, error) {
	if _, err := policy.Parse(policy.Resource, []byte(document)); err != nil {
		return ResourcePolicy{}, err
	}
	fresh, err := s.random(32)
	if err != nil {
		return ResourcePolicy{}, err
	}
	p := meta.ResourcePolicy{Revision: base64.StdEncoding.EncodeToString(fresh)}
	err = s.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		id, before, err := readPolicy(ctx, tx, on)
		if err != nil {
			return err
		}
		if revision != "" && revision != before.Revision {
			return otherRevision(on, before.Revision)
		}
		if p.Document, err = resolveDocument(ctx, tx, document); err != nil {
			return err
		}
		return writePolicy(ctx, tx, on, id, p)
	})
	return ResourcePolicy{ARN: on.ARN(s.region), Revision: p.Revision, Document: document}, err
}

// ResourcePolicy returns the policy on a resource; larder.NotFound if there
// is none.
func (s *Service) ResourcePolicy(ctx context.Context, on Guarded) (ResourcePolicy, error) {
	return view(ctx, s, func(ctx context.Context, tx *meta.Tx) (ResourcePolicy, error) {
		_, p, err := s.shownPolicy(ctx, tx, on)
		return p, err
	})
}

// DeleteResourcePolicy deletes a policy and returns it. A revision that is
// not empty must be the policy's: else larder.Conflict.
func (s *Service) DeleteResourcePolicy(ctx context.Context, on Guarded, revision string) (ResourcePolicy, error) {
	var p ResourcePolicy
	err := s.Change(ctx, func(ctx context.Context, tx *meta.Tx) (err error) {
		var id int64
		if id, p, err = s.shownPolicy(ctx, tx, on); err != nil {
			return err
		}
		if revision != "" && revision != p.Revision {
			return otherRevision(on, p.Revision)
		}
		return writePolicy(ctx, tx, on, id, meta.ResourcePolicy{})
	})
	return p, err
}

// shownPolicy returns the row that a policy is on, and the policy with its
// principals named.
func (s *Service) shownPolicy(ctx context.Context, tx *meta.Tx, on Guarded) (int64, ResourcePolicy, error) {
	id, p, err := readPolicy(ctx, tx, on)
	if err != nil {
		return 0, ResourcePolicy{}, err
	}
	if p.Document == "" {
		kind, name := on.kind()
		return 0, ResourcePolicy{}, &larder.Error{
			Kind: larder.NotFound, Resource: kind, ID: name,
			Message: "Resource policy not found. There is no permissions policy on " + kind + " '" + name + "'.",
		}
	}
	shown, err := nameDocument(ctx, tx, p.Document)
	return id, ResourcePolicy{ARN: on.ARN(s.region), Revision: p.Revision, Document: shown}, err
}

func (g Guarded) kind() (kind, name string) {
	switch {
	case g.Pattern != "":
		return "", g.Pattern // CodeArtifact has no resource type for a package group
	case g.Repository != "":
		return "repository", g.Repository
	}
	return "domain", g.Domain.Name
}

func otherRevision(on Guarded, revision string) error {
	kind, name := on.kind()
	e := &larder.Error{
		Kind: larder.Conflict, Resource: kind, ID: name,
		Message: "The policy's current revision is '" + revision + "'.",
	}
	if revision == "" {
		e.Message = "There is no policy, and so no revision of one."
	}
	return e
}

func readPolicy(ctx context.Context, tx *meta.Tx, on Guarded) (int64, meta.ResourcePolicy, error) {
	if on.Repository == "" {
		d, err := tx.Domain(ctx, on.Domain)
		return d.ID, d.Policy, err
	}
	r, err := tx.Repository(ctx, on.ref())
	return r.ID, r.Policy, err
}

func writePolicy(ctx context.Context, tx *meta.Tx, on Guarded, id int64, p meta.ResourcePolicy) error {
	if on.Repository == "" {
		return tx.SetDomainPolicy(ctx, id, p)
	}
	return tx.SetRepositoryPolicy(ctx, id, p)
}
