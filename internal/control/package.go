package control

import (
	"context"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/registry"
)

func (p *Plane) listPackages(ctx context.Context, in *codeartifact.ListPackagesInput) (*codeartifact.ListPackagesOutput, error) {
	if in.Namespace != "" && in.Format == "" {
		return nil, larder.Errorf(larder.Invalid, "A namespace can only be asked for together with a format.")
	}
	ref, limit := repositoryRef(ctx, in.Names()), limitOr(in.MaxResults, packagesPage)
	of := strings.Join([]string{ref.String(), string(in.Format), in.Namespace, in.PackagePrefix, in.Publish, in.Upstream}, " ")
	k, err := p.openPage("ListPackages", of, in.NextToken)
	if err != nil {
		return nil, err
	}
	all, err := p.Registry.ListPackages(ctx, ref, registry.PackageQuery{
		Format:          in.Format,
		NamespacePrefix: in.Namespace,
		NamePrefix:      in.PackagePrefix,
		Publish:         in.Publish,
		Upstream:        in.Upstream,
		Last:            registry.PackageKey{Format: larder.Format(k.Format), Namespace: k.Namespace, Name: k.Name},
		Limit:           limit + 1,
	})
	if err != nil {
		return nil, err
	}
	page, next, err := closePage(p, "ListPackages", of, all, limit, func(x registry.PackageRecord) pageKey {
		return pageKey{Format: string(x.Ref.Format), Namespace: x.Ref.Namespace, Name: x.Ref.Name}
	})
	out := &codeartifact.ListPackagesOutput{NextToken: next}
	for _, x := range page {
		out.Packages = append(out.Packages, packageSummary(x))
	}
	return out, err
}

func packageSummary(x registry.PackageRecord) codeartifact.PackageSummary {
	return codeartifact.PackageSummary{Format: x.Ref.Format, Namespace: x.Ref.Namespace, Package: x.Ref.Name, OriginConfiguration: originOf(x)}
}

func originOf(x registry.PackageRecord) *codeartifact.PackageOriginConfiguration {
	return originConfiguration(x.Origin)
}

func originConfiguration(o registry.OriginControls) *codeartifact.PackageOriginConfiguration {
	return &codeartifact.PackageOriginConfiguration{
		Restrictions: &codeartifact.PackageOriginRestrictions{Publish: o.Publish, Upstream: o.Upstream},
	}
}

// putPackageOriginConfiguration works on packages that are not there, which it
// makes: so a name can be closed before anybody uses it.
func (p *Plane) putPackageOriginConfiguration(ctx context.Context, in *codeartifact.PutPackageOriginConfigurationInput) (*codeartifact.PutPackageOriginConfigurationOutput, error) {
	ref, err := p.storedRef(ctx, in.Names())
	if err != nil {
		return nil, err
	}
	o := registry.OriginControls{Publish: in.Restrictions.Publish, Upstream: in.Restrictions.Upstream}
	if err := p.Registry.PutPackageOriginConfiguration(ctx, ref, o); err != nil {
		return nil, err
	}
	return &codeartifact.PutPackageOriginConfigurationOutput{OriginConfiguration: originConfiguration(o)}, nil
}

func (p *Plane) describePackage(ctx context.Context, in *codeartifact.DescribePackageInput) (*codeartifact.DescribePackageOutput, error) {
	ref, err := p.packageRef(ctx, in.Names())
	if err != nil {
		return nil, err
	}
	x, err := p.Registry.DescribePackage(ctx, ref)
	if err != nil {
		return nil, err
	}
	return &codeartifact.DescribePackageOutput{Package: &codeartifact.PackageDescription{
		Format: ref.Format, Namespace: ref.Namespace, Name: ref.Name, OriginConfiguration: originOf(x),
	}}, nil
}

func (p *Plane) deletePackage(ctx context.Context, in *codeartifact.DeletePackageInput) (*codeartifact.DeletePackageOutput, error) {
	ref, err := p.packageRef(ctx, in.Names())
	if err != nil {
		return nil, err
	}
	x, err := p.Registry.DeletePackage(ctx, ref)
	if err != nil {
		return nil, err
	}
	summary := packageSummary(x)
	return &codeartifact.DeletePackageOutput{DeletedPackage: &summary}, nil
}
