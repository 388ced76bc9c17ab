package control

import (
	"context"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/keyring"
	"larder.example/larder/internal/registry"
	"larder.example/larder/internal/token"
	"larder.example/larder/internal/wire"
)

// Plane answers the operations of CodeArtifact.
type Plane struct {
	Registry  *registry.Registry
	Identity  *identity.Service
	Tokens    *token.Vault
	Keys      *keyring.Ring // seals page tokens
	Formats   map[larder.Format]*format.Format
	Endpoints format.Endpoints
	Region    string

	// DenyRootTokens refuses authorization tokens to root.
	DenyRootTokens bool

	Now func() time.Time // nil is time.Now
}

// Mount makes the operations answer on m. The third column is what the caller
// must be allowed.
func (p *Plane) Mount(m *wire.Mux) {
	serve(p, m, codeartifact.GetAuthorizationToken, asks(domain, bearerToken), p.getAuthorizationToken)

	serve(p, m, codeartifact.CreateDomain, asks(domain, tags), p.createDomain)
	serve(p, m, codeartifact.DescribeDomain, asks(domain), p.describeDomain)
	serve(p, m, codeartifact.ListDomains, asks(account), p.listDomains)
	serve(p, m, codeartifact.DeleteDomain, asks(domain), p.deleteDomain)
	serve(p, m, codeartifact.PutDomainPermissionsPolicy, asks(domain), p.putDomainPermissionsPolicy)
	serve(p, m, codeartifact.GetDomainPermissionsPolicy, asks(domain), p.getDomainPermissionsPolicy)
	serve(p, m, codeartifact.DeleteDomainPermissionsPolicy, asks(domain), p.deleteDomainPermissionsPolicy)

	serve(p, m, codeartifact.CreateRepository, asks(repositoryOrDomain, tags, upstreams), p.createRepository)
	serve(p, m, codeartifact.UpdateRepository, asks(repository), p.updateRepository)
	serve(p, m, codeartifact.DescribeRepository, asks(repository), p.describeRepository)
	serve(p, m, codeartifact.ListRepositories, asks(account), p.listRepositories)
	serve(p, m, codeartifact.ListRepositoriesInDomain, asks(domain), p.listRepositoriesInDomain)
	serve(p, m, codeartifact.DeleteRepository, asks(repository), p.deleteRepository)
	serve(p, m, codeartifact.AssociateExternalConnection, asks(repository), p.associateExternalConnection)
	serve(p, m, codeartifact.DisassociateExternalConnection, asks(repository), p.disassociateExternalConnection)
	serve(p, m, codeartifact.GetRepositoryEndpoint, asks(repository), p.getRepositoryEndpoint)
	serve(p, m, codeartifact.PutRepositoryPermissionsPolicy, asks(repository), p.putRepositoryPermissionsPolicy)
	serve(p, m, codeartifact.GetRepositoryPermissionsPolicy, asks(repository), p.getRepositoryPermissionsPolicy)
	serve(p, m, codeartifact.DeleteRepositoryPermissionsPolicy, asks(repository), p.deleteRepositoryPermissionsPolicy)

	serve(p, m, codeartifact.ListPackages, asks(repository), p.listPackages)
	serve(p, m, codeartifact.DescribePackage, asks(pkg), p.describePackage)
	serve(p, m, codeartifact.DeletePackage, asks(pkg), p.deletePackage)
	serve(p, m, codeartifact.PutPackageOriginConfiguration, asks(pkg), p.putPackageOriginConfiguration)

	serve(p, m, codeartifact.ListPackageVersions, asks(pkg), p.listPackageVersions)
	serve(p, m, codeartifact.DescribePackageVersion, asks(pkg), p.describePackageVersion)
	serve(p, m, codeartifact.PublishPackageVersion, asks(pkg), p.publishPackageVersion)
	serve(p, m, codeartifact.CopyPackageVersions, asks(copies), p.copyPackageVersions)
	serve(p, m, codeartifact.UpdatePackageVersionsStatus, asks(pkg), p.updatePackageVersionsStatus)
	serve(p, m, codeartifact.DisposePackageVersions, asks(pkg), p.disposePackageVersions)
	serve(p, m, codeartifact.DeletePackageVersions, asks(pkg), p.deletePackageVersions)
	serve(p, m, codeartifact.ListPackageVersionAssets, asks(pkg), p.listPackageVersionAssets)
	serve(p, m, codeartifact.GetPackageVersionAsset, asks(pkg), p.getPackageVersionAsset)
	serve(p, m, codeartifact.GetPackageVersionReadme, asks(pkg), p.getPackageVersionReadme)
	serve(p, m, codeartifact.ListPackageVersionDependencies, asks(pkg), p.listPackageVersionDependencies)

	serve(p, m, codeartifact.CreatePackageGroup, asks(packageGroup, tags), p.createPackageGroup)
	serve(p, m, codeartifact.DescribePackageGroup, asks(packageGroup), p.describePackageGroup)
	serve(p, m, codeartifact.UpdatePackageGroup, asks(packageGroup), p.updatePackageGroup)
	serve(p, m, codeartifact.DeletePackageGroup, asks(packageGroup), p.deletePackageGroup)
	serve(p, m, codeartifact.UpdatePackageGroupOriginConfiguration, asks(packageGroup), p.updatePackageGroupOriginConfiguration)
	serve(p, m, codeartifact.ListPackageGroups, asks(domain), p.listPackageGroups)
	serve(p, m, codeartifact.ListSubPackageGroups, asks(packageGroup), p.listSubPackageGroups)
	serve(p, m, codeartifact.ListAllowedRepositoriesForGroup, asks(packageGroup), p.listAllowedRepositoriesForGroup)
	serve(p, m, codeartifact.ListAssociatedPackages, asks(packageGroup), p.listAssociatedPackages)
	serve(p, m, codeartifact.GetAssociatedPackageGroup, asks(associated), p.getAssociatedPackageGroup)

	serve(p, m, codeartifact.TagResource, asks(arn, tags), p.tagResource)
	serve(p, m, codeartifact.UntagResource, asks(arn, tagKeys), p.untagResource)
	serve(p, m, codeartifact.ListTagsForResource, asks(arn), p.listTagsForResource)
}

// named is an input, which says what it is about.
type named interface{ Names() codeartifact.Names }

// serve makes do answer op once every question that asks makes of an input is
// answered with yes.
func serve[In, Out any, Named interface {
	*In
	named
}](p *Plane, m *wire.Mux, op wire.Op[In, Out], asks []ask, do func(context.Context, *In) (*Out, error)) {
	wire.Handle(m, op, func(ctx context.Context, in *In) (*Out, error) {
		questions := make([]identity.Question, 0, 2)
		for _, a := range asks {
			var err error
			if questions, err = a(p, ctx, questions, op.Action(), Named(in)); err != nil {
				return nil, err
			}
		}
		for _, q := range questions {
			if err := p.Identity.Authorize(ctx, q); err != nil {
				return nil, err
			}
		}
		return do(ctx, in)
	})
}

func (p *Plane) now() time.Time {
	if p.Now == nil {
		return time.Now()
	}
	return p.Now()
}
