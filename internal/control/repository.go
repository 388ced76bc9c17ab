package control

import (
	"context"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/registry"
)

func (p *Plane) createRepository(ctx context.Context, in *codeartifact.CreateRepositoryInput) (*codeartifact.CreateRepositoryOutput, error) {
	repo, err := p.Registry.CreateRepository(ctx, registry.NewRepository{
		Ref:           repositoryRef(ctx, in.Names()),
		Administrator: callerAccount(ctx),
		Description:   textOf(in.Description),
		Upstreams:     upstreamNames(in.Upstreams),
		Tags:          tagsOf(in.Tags),
	})
	if err != nil {
		return nil, err
	}
	return &codeartifact.CreateRepositoryOutput{Repository: p.describedRepository(repo)}, nil
}

func textOf(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func upstreamNames(upstreams []codeartifact.UpstreamRepository) []string {
	names := make([]string, 0, len(upstreams))
	for _, u := range upstreams {
		names = append(names, u.RepositoryName)
	}
	return names
}

// statusAvailable is the only status that an external connection has.
const statusAvailable = "Available"

func (p *Plane) describedRepository(r registry.DescribedRepository) *codeartifact.RepositoryDescription {
	d := &codeartifact.RepositoryDescription{
		Name:                 r.Ref.Name,
		AdministratorAccount: r.Administrator,
		DomainName:           r.Ref.Domain.Name,
		DomainOwner:          r.Ref.Domain.Owner,
		Arn:                  string(r.Ref.ARN(p.Region)),
		Description:          r.Description,
		CreatedTime:          r.CreatedAt,
	}
	for _, name := range r.Upstreams {
		d.Upstreams = append(d.Upstreams, codeartifact.UpstreamRepositoryInfo{RepositoryName: name})
	}
	if r.Connection != "" {
		d.ExternalConnections = []codeartifact.RepositoryExternalConnectionInfo{{
			ExternalConnectionName: r.Connection, PackageFormat: r.ConnectionFormat, Status: statusAvailable,
		}}
	}
	return d
}

func (p *Plane) describeRepository(ctx context.Context, in *codeartifact.DescribeRepositoryInput) (*codeartifact.DescribeRepositoryOutput, error) {
	r, err := p.Registry.DescribeRepository(ctx, repositoryRef(ctx, in.Names()))
	if err != nil {
		return nil, err
	}
	return &codeartifact.DescribeRepositoryOutput{Repository: p.describedRepository(r)}, nil
}

func (p *Plane) listRepositories(ctx context.Context, in *codeartifact.ListRepositoriesInput) (*codeartifact.ListRepositoriesOutput, error) {
	q := registry.RepositoryQuery{Administrator: callerAccount(ctx), Prefix: in.RepositoryPrefix, Limit: limitOr(in.MaxResults, repositoriesPage)}
	of := q.Administrator + " " + q.Prefix
	k, err := p.openPage("ListRepositories", of, in.NextToken)
	if err != nil {
		return nil, err
	}
	limit := q.Limit
	q.Limit++
	all, err := p.Registry.ListRepositories(ctx, q, k.Name, k.Row)
	if err != nil {
		return nil, err
	}
	page, next, err := closePage(p, "ListRepositories", of, all, limit, func(r registry.Repository) pageKey {
		return pageKey{Name: r.Ref.Name, Row: r.ID}
	})
	return &codeartifact.ListRepositoriesOutput{Repositories: p.repositorySummaries(page), NextToken: next}, err
}

func (p *Plane) listRepositoriesInDomain(ctx context.Context, in *codeartifact.ListRepositoriesInDomainInput) (*codeartifact.ListRepositoriesInDomainOutput, error) {
	ref := domainRef(ctx, in.Names())
	q := registry.RepositoryQuery{Administrator: in.AdministratorAccount, Prefix: in.RepositoryPrefix, Limit: limitOr(in.MaxResults, repositoriesPage)}
	of := strings.Join([]string{ref.String(), q.Administrator, q.Prefix}, " ")
	k, err := p.openPage("ListRepositoriesInDomain", of, in.NextToken)
	if err != nil {
		return nil, err
	}
	limit := q.Limit
	q.Limit++
	all, err := p.Registry.ListRepositoriesInDomain(ctx, ref, q, k.Name)
	if err != nil {
		return nil, err
	}
	page, next, err := closePage(p, "ListRepositoriesInDomain", of, all, limit, func(r registry.Repository) pageKey {
		return pageKey{Name: r.Ref.Name}
	})
	return &codeartifact.ListRepositoriesInDomainOutput{Repositories: p.repositorySummaries(page), NextToken: next}, err
}

func (p *Plane) repositorySummaries(all []registry.Repository) (summaries []codeartifact.RepositorySummary) {
	for _, r := range all {
		summaries = append(summaries, codeartifact.RepositorySummary{
			Name:                 r.Ref.Name,
			AdministratorAccount: r.Administrator,
			DomainName:           r.Ref.Domain.Name,
			DomainOwner:          r.Ref.Domain.Owner,
			Arn:                  string(r.Ref.ARN(p.Region)),
			Description:          r.Description,
			CreatedTime:          r.CreatedAt,
		})
	}
	return summaries
}

func (p *Plane) deleteRepository(ctx context.Context, in *codeartifact.DeleteRepositoryInput) (*codeartifact.DeleteRepositoryOutput, error) {
	r, err := p.Registry.DeleteRepository(ctx, repositoryRef(ctx, in.Names()))
	if err != nil {
		return nil, err
	}
	return &codeartifact.DeleteRepositoryOutput{Repository: p.describedRepository(r)}, nil
}

// getRepositoryEndpoint tells the address of a repository in any format,
// whether it holds packages of that format or not, and the same for both
// kinds of endpoint: the server has one address.
func (p *Plane) getRepositoryEndpoint(ctx context.Context, in *codeartifact.GetRepositoryEndpointInput) (*codeartifact.GetRepositoryEndpointOutput, error) {
	ref := repositoryRef(ctx, in.Names())
	if _, err := p.Identity.Repository(ref); err != nil {
		return nil, err
	}
	return &codeartifact.GetRepositoryEndpointOutput{RepositoryEndpoint: p.Endpoints.Of(ref, in.Format)}, nil
}

func (p *Plane) putRepositoryPermissionsPolicy(ctx context.Context, in *codeartifact.PutRepositoryPermissionsPolicyInput) (*codeartifact.PutRepositoryPermissionsPolicyOutput, error) {
	policy, err := p.putPolicy(ctx, guardedRepository(repositoryRef(ctx, in.Names())), in.PolicyDocument, in.PolicyRevision)
	return &codeartifact.PutRepositoryPermissionsPolicyOutput{Policy: policy}, err
}

func (p *Plane) getRepositoryPermissionsPolicy(ctx context.Context, in *codeartifact.GetRepositoryPermissionsPolicyInput) (*codeartifact.GetRepositoryPermissionsPolicyOutput, error) {
	policy, err := p.policy(ctx, guardedRepository(repositoryRef(ctx, in.Names())))
	return &codeartifact.GetRepositoryPermissionsPolicyOutput{Policy: policy}, err
}

func (p *Plane) deleteRepositoryPermissionsPolicy(ctx context.Context, in *codeartifact.DeleteRepositoryPermissionsPolicyInput) (*codeartifact.DeleteRepositoryPermissionsPolicyOutput, error) {
	policy, err := p.deletePolicy(ctx, guardedRepository(repositoryRef(ctx, in.Names())), in.PolicyRevision)
	return &codeartifact.DeleteRepositoryPermissionsPolicyOutput{Policy: policy}, err
}

func guardedRepository(r larder.RepositoryRef) identity.Guarded {
	return identity.Guarded{Domain: r.Domain, Repository: r.Name}
}
