package control

import (
	"context"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/identity"
)

// domainRef returns the domain that a call names. Its owner is the caller's
// account unless the call says otherwise.
func domainRef(ctx context.Context, n codeartifact.Names) larder.DomainRef {
	if n.DomainOwner == "" {
		n.DomainOwner = callerAccount(ctx)
	}
	return larder.DomainRef{Owner: n.DomainOwner, Name: n.Domain}
}

func repositoryRef(ctx context.Context, n codeartifact.Names) larder.RepositoryRef {
	return larder.RepositoryRef{Domain: domainRef(ctx, n), Name: n.Repository}
}

func packageGroupRef(ctx context.Context, n codeartifact.Names) larder.PackageGroupRef {
	return larder.PackageGroupRef{Domain: domainRef(ctx, n), Pattern: n.PackageGroup}
}

// packageRef returns the package that a call names. Formats that normalise
// what the API is given do so here.
func (p *Plane) packageRef(ctx context.Context, n codeartifact.Names) (larder.PackageRef, error) {
	ref := larder.PackageRef{Repository: repositoryRef(ctx, n), Format: n.Format, Namespace: n.Namespace, Name: n.Package}
	f := p.Formats[n.Format]
	if f == nil || !f.Names.Normalizes {
		return ref, nil
	}
	var err error
	ref.Namespace, ref.Name, err = f.Names.Canonical(ref.Namespace, ref.Name)
	return ref, err
}

// storedRef is packageRef for a package that the call may make: its names must
// be spelled as they are stored.
func (p *Plane) storedRef(ctx context.Context, n codeartifact.Names) (larder.PackageRef, error) {
	ref, err := p.packageRef(ctx, n)
	f := p.Formats[n.Format]
	if err != nil || f == nil {
		return ref, err
	}
	namespace, name, err := f.Names.Canonical(ref.Namespace, ref.Name)
	if err == nil && (namespace != ref.Namespace || name != ref.Name) {
		err = larder.Errorf(larder.Invalid, "The name %q is stored as %q: use that.", ref.Name, name)
	}
	return ref, err
}

func (p *Plane) versionRef(ctx context.Context, n codeartifact.Names) (larder.VersionRef, error) {
	ref, err := p.packageRef(ctx, n)
	return larder.VersionRef{Package: ref, Version: n.PackageVersion}, err
}

// guarded returns the domain, repository or package group that an ARN names. Only the one
// spelling that policies are matched against will do: whoever may tag
// repository/* must not reach a domain as repository/DOMAIN.
func (p *Plane) guarded(a larder.ARN) (identity.Guarded, error) {
	parts, _ := a.Parts()
	on := identity.Guarded{Domain: parts.Repository.Domain, Repository: parts.Repository.Name, Pattern: parts.Pattern}
	if on.ARN(p.Region) != a {
		return identity.Guarded{}, &larder.Error{
			Kind:    larder.NotFound,
			Message: "Resource not found. There is no domain, repository or package group '" + string(a) + "' in " + p.Region + ".",
		}
	}
	return on, nil
}

func callerAccount(ctx context.Context) string {
	c, _ := identity.CallerFrom(ctx)
	return c.Principal.Account
}
