package control

import (
	"context"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/registry"
)

func (p *Plane) createPackageGroup(ctx context.Context, in *codeartifact.CreatePackageGroupInput) (*codeartifact.CreatePackageGroupOutput, error) {
	g, err := p.Registry.CreatePackageGroup(ctx, registry.NewPackageGroup{
		Ref:         packageGroupRef(ctx, in.Names()),
		ContactInfo: textOf(in.ContactInfo),
		Description: textOf(in.Description),
		Tags:        tagsOf(in.Tags),
	})
	if err != nil {
		return nil, err
	}
	return &codeartifact.CreatePackageGroupOutput{PackageGroup: p.describedGroup(g)}, nil
}

func (p *Plane) describePackageGroup(ctx context.Context, in *codeartifact.DescribePackageGroupInput) (*codeartifact.DescribePackageGroupOutput, error) {
	g, err := p.Registry.DescribePackageGroup(ctx, packageGroupRef(ctx, in.Names()))
	if err != nil {
		return nil, err
	}
	return &codeartifact.DescribePackageGroupOutput{PackageGroup: p.describedGroup(g)}, nil
}

func (p *Plane) updatePackageGroup(ctx context.Context, in *codeartifact.UpdatePackageGroupInput) (*codeartifact.UpdatePackageGroupOutput, error) {
	g, err := p.Registry.UpdatePackageGroup(ctx, packageGroupRef(ctx, in.Names()), in.ContactInfo, in.Description)
	if err != nil {
		return nil, err
	}
	return &codeartifact.UpdatePackageGroupOutput{PackageGroup: p.describedGroup(g)}, nil
}

func (p *Plane) deletePackageGroup(ctx context.Context, in *codeartifact.DeletePackageGroupInput) (*codeartifact.DeletePackageGroupOutput, error) {
	g, err := p.Registry.DeletePackageGroup(ctx, packageGroupRef(ctx, in.Names()))
	if err != nil {
		return nil, err
	}
	return &codeartifact.DeletePackageGroupOutput{PackageGroup: p.describedGroup(g)}, nil
}

func (p *Plane) updatePackageGroupOriginConfiguration(ctx context.Context, in *codeartifact.UpdatePackageGroupOriginConfigurationInput) (*codeartifact.UpdatePackageGroupOriginConfigurationOutput, error) {
	o := registry.GroupOrigin{
		Modes:  map[registry.Restriction]registry.Mode{},
		Add:    listedRepositories(in.AddAllowedRepositories),
		Remove: listedRepositories(in.RemoveAllowedRepositories),
	}
	for k, mode := range in.Restrictions {
		o.Modes[registry.Restriction(k)] = registry.Mode(mode)
	}
	for _, x := range append(o.Add, o.Remove...) {
		if x.Restriction == "" || x.Repository == "" { // the model has neither as required
			return nil, larder.Errorf(larder.Invalid, "An allowed repository needs both a repositoryName and an originRestrictionType.")
		}
	}
	g, change, err := p.Registry.UpdatePackageGroupOriginConfiguration(ctx, packageGroupRef(ctx, in.Names()), o)
	if err != nil {
		return nil, err
	}
	updates := map[string]map[string][]string{}
	note := func(what string, all []registry.ListedRepository) {
		for _, x := range all {
			k := string(x.Restriction)
			if updates[k] == nil {
				updates[k] = map[string][]string{}
			}
			updates[k][what] = append(updates[k][what], x.Repository)
		}
	}
	note("ADDED", change.Added)
	note("REMOVED", change.Removed)
	return &codeartifact.UpdatePackageGroupOriginConfigurationOutput{PackageGroup: p.describedGroup(g), AllowedRepositoryUpdates: updates}, nil
}

func listedRepositories(all []codeartifact.PackageGroupAllowedRepository) (listed []registry.ListedRepository) {
	for _, x := range all {
		listed = append(listed, registry.ListedRepository{Restriction: registry.Restriction(x.OriginRestrictionType), Repository: x.RepositoryName})
	}
	return listed
}

func (p *Plane) listPackageGroups(ctx context.Context, in *codeartifact.ListPackageGroupsInput) (*codeartifact.ListPackageGroupsOutput, error) {
	ref, prefix := domainRef(ctx, in.Names()), textOf(in.Prefix)
	groups, next, err := p.pageOfGroups("ListPackageGroups", ref.String()+" "+prefix, in.NextToken, in.MaxResults,
		func(after string, limit int) ([]registry.DescribedPackageGroup, error) {
			return p.Registry.ListPackageGroups(ctx, ref, prefix, after, limit)
		})
	return &codeartifact.ListPackageGroupsOutput{PackageGroups: groups, NextToken: next}, err
}

func (p *Plane) listSubPackageGroups(ctx context.Context, in *codeartifact.ListSubPackageGroupsInput) (*codeartifact.ListSubPackageGroupsOutput, error) {
	ref := packageGroupRef(ctx, in.Names())
	groups, next, err := p.pageOfGroups("ListSubPackageGroups", ref.String(), in.NextToken, in.MaxResults,
		func(after string, limit int) ([]registry.DescribedPackageGroup, error) {
			return p.Registry.ListSubPackageGroups(ctx, ref, after, limit)
		})
	return &codeartifact.ListSubPackageGroupsOutput{PackageGroups: groups, NextToken: next}, err
}

func (p *Plane) pageOfGroups(operation, of, token string, most int, read func(after string, limit int) ([]registry.DescribedPackageGroup, error)) ([]codeartifact.PackageGroupSummary, string, error) {
	limit := limitOr(most, otherPage)
	k, err := p.openPage(operation, of, token)
	if err != nil {
		return nil, "", err
	}
	all, err := read(k.Name, limit+1)
	if err != nil {
		return nil, "", err
	}
	page, next, err := closePage(p, operation, of, all, limit, func(g registry.DescribedPackageGroup) pageKey { return pageKey{Name: g.Ref.Pattern} })
	summaries := make([]codeartifact.PackageGroupSummary, 0, len(page))
	for _, g := range page {
		summaries = append(summaries, codeartifact.PackageGroupSummary(*p.describedGroup(g)))
	}
	return summaries, next, err
}

func (p *Plane) listAllowedRepositoriesForGroup(ctx context.Context, in *codeartifact.ListAllowedRepositoriesForGroupInput) (*codeartifact.ListAllowedRepositoriesForGroupOutput, error) {
	const operation = "ListAllowedRepositoriesForGroup"
	ref, limit := packageGroupRef(ctx, in.Names()), limitOr(in.MaxResults, otherPage)
	of := ref.String() + " " + in.OriginRestrictionType
	k, err := p.openPage(operation, of, in.NextToken)
	if err != nil {
		return nil, err
	}
	all, err := p.Registry.ListAllowedRepositoriesForGroup(ctx, ref, registry.Restriction(in.OriginRestrictionType), k.Name, limit+1)
	if err != nil {
		return nil, err
	}
	page, next, err := closePage(p, operation, of, all, limit, func(name string) pageKey { return pageKey{Name: name} })
	return &codeartifact.ListAllowedRepositoriesForGroupOutput{AllowedRepositories: page, NextToken: next}, err
}

func (p *Plane) listAssociatedPackages(ctx context.Context, in *codeartifact.ListAssociatedPackagesInput) (*codeartifact.ListAssociatedPackagesOutput, error) {
	const operation = "ListAssociatedPackages"
	ref := packageGroupRef(ctx, in.Names())
	of := ref.String()
	if in.Preview {
		of += " preview"
	}
	k, err := p.openPage(operation, of, in.NextToken)
	if err != nil {
		return nil, err
	}
	last := registry.PackageKey{Format: larder.Format(k.Format), Namespace: k.Namespace, Name: k.Name}
	page, next, err := p.Registry.ListAssociatedPackages(ctx, ref, in.Preview, last, limitOr(in.MaxResults, otherPage))
	if err != nil {
		return nil, err
	}
	out := &codeartifact.ListAssociatedPackagesOutput{}
	for _, x := range page {
		out.Packages = append(out.Packages, codeartifact.AssociatedPackage{
			Format: x.Format, Namespace: x.Namespace, Package: x.Name, AssociationType: string(x.Strength),
		})
	}
	if next != nil {
		out.NextToken, err = p.nextPage(operation, of, pageKey{Format: string(next.Format), Namespace: next.Namespace, Name: next.Name})
	}
	return out, err
}

// getAssociatedPackageGroup works for packages that are nowhere: so it can be
// seen what a group would mean for a name.
func (p *Plane) getAssociatedPackageGroup(ctx context.Context, in *codeartifact.GetAssociatedPackageGroupInput) (*codeartifact.GetAssociatedPackageGroupOutput, error) {
	ref, err := p.packageRef(ctx, in.Names())
	if err != nil {
		return nil, err
	}
	g, strength, err := p.Registry.GetAssociatedPackageGroup(ctx, ref)
	if err != nil {
		return nil, err
	}
	return &codeartifact.GetAssociatedPackageGroupOutput{PackageGroup: p.describedGroup(g), AssociationType: string(strength)}, nil
}

func (p *Plane) describedGroup(g registry.DescribedPackageGroup) *codeartifact.PackageGroupDescription {
	d := &codeartifact.PackageGroupDescription{
		Arn:                 string(g.Ref.ARN(p.Region)),
		Pattern:             g.Ref.Pattern,
		DomainName:          g.Ref.Domain.Name,
		DomainOwner:         g.Ref.Domain.Owner,
		CreatedTime:         g.CreatedAt,
		ContactInfo:         g.ContactInfo,
		Description:         g.Description,
		OriginConfiguration: &codeartifact.PackageGroupOriginConfiguration{Restrictions: map[string]codeartifact.PackageGroupOriginRestriction{}},
		Parent:              p.groupReference(g.Ref.Domain, g.Parent),
	}
	for k, x := range g.Restrictions {
		d.OriginConfiguration.Restrictions[string(k)] = codeartifact.PackageGroupOriginRestriction{
			Mode:              string(x.Mode),
			EffectiveMode:     string(x.Effective),
			InheritedFrom:     p.groupReference(g.Ref.Domain, x.InheritedFrom),
			RepositoriesCount: new(x.Repositories),
		}
	}
	return d
}

// groupReference refers to a group of a domain; nil for an empty pattern.
func (p *Plane) groupReference(d larder.DomainRef, pattern string) *codeartifact.PackageGroupReference {
	if pattern == "" {
		return nil
	}
	ref := larder.PackageGroupRef{Domain: d, Pattern: pattern}
	return &codeartifact.PackageGroupReference{Arn: string(ref.ARN(p.Region)), Pattern: pattern}
}
