package control

import (
	"context"
	"maps"
	"slices"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/registry"
)

// copies asks whether versions may be copied to the destination, which AWS's
// guide allows on the repository and its service-authorization list on the
// package too, and whether the source may be read.
func copies(p *Plane, ctx context.Context, so []identity.Question, action string, in named) ([]identity.Question, error) {
	n := in.Names()
	domain := domainRef(ctx, n)
	n.Repository = n.DestinationRepository
	to, err := p.packageRef(ctx, n)
	from := larder.RepositoryRef{Domain: domain, Name: n.SourceRepository}
	return append(so,
		identity.Question{Action: action, Resource: to.Repository.ARN(p.Region), Alternative: to.ARN(p.Region)},
		identity.Question{Action: "codeartifact:ReadFromRepository", Resource: from.ARN(p.Region)},
	), err
}

func (p *Plane) copyPackageVersions(ctx context.Context, in *codeartifact.CopyPackageVersionsInput) (*codeartifact.CopyPackageVersionsOutput, error) {
	if (len(in.Versions) > 0) == (len(in.VersionRevisions) > 0) {
		return nil, larder.Errorf(larder.Invalid, "One of versions and versionRevisions must be given, and not both.")
	}
	n := in.Names()
	n.Repository = n.SourceRepository
	from, err := p.packageRef(ctx, n)
	if err != nil {
		return nil, err
	}
	s := registry.Selection{Versions: in.Versions, Revisions: in.VersionRevisions}
	if len(s.Versions) == 0 {
		s.Versions = slices.Sorted(maps.Keys(s.Revisions))
	}
	b, err := p.Registry.CopyPackageVersions(ctx, registry.Copy{
		From: from, To: larder.RepositoryRef{Domain: from.Repository.Domain, Name: in.DestinationRepository},
		Selection: s, FromUpstream: in.IncludeFromUpstream, Overwrite: in.AllowOverwrite,
	})
	if err != nil {
		return nil, err
	}
	return &codeartifact.CopyPackageVersionsOutput{SuccessfulVersions: successes(b), FailedVersions: failures(b)}, nil
}
