package control

import (
	"context"
	"strings"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/registry"
)

func (p *Plane) listPackageVersions(ctx context.Context, in *codeartifact.ListPackageVersionsInput) (*codeartifact.ListPackageVersionsOutput, error) {
	ref, err := p.packageRef(ctx, in.Names())
	if err != nil {
		return nil, err
	}
	limit := limitOr(in.MaxResults, versionsPage)
	of := strings.Join([]string{ref.Repository.String(), ref.String(), string(in.Status), in.SortBy, in.OriginType}, " ")
	k, err := p.openPage("ListPackageVersions", of, in.NextToken)
	if err != nil {
		return nil, err
	}
	q := registry.VersionQuery{Status: in.Status, Origin: in.OriginType, Newest: in.SortBy == "PUBLISHED_TIME", Limit: limit + 1}
	q.Last.Version = k.Name
	if k.Name != "" {
		q.Last.PublishedAt = time.UnixMilli(k.Millis)
	}
	all, display, err := p.Registry.ListPackageVersions(ctx, ref, q)
	if err != nil {
		return nil, err
	}
	page, next, err := closePage(p, "ListPackageVersions", of, all, limit, func(v registry.VersionRecord) pageKey {
		return pageKey{Name: v.Version, Millis: v.PublishedAt.UnixMilli()}
	})
	out := &codeartifact.ListPackageVersionsOutput{
		DefaultDisplayVersion: display,
		Format:                ref.Format,
		Namespace:             ref.Namespace,
		Package:               ref.Name,
		NextToken:             next,
	}
	for _, v := range page {
		out.Versions = append(out.Versions, codeartifact.PackageVersionSummary{
			Version: v.Version, Revision: v.Revision, Status: v.Status, Origin: versionOrigin(v),
		})
	}
	return out, err
}

func versionOrigin(v registry.VersionRecord) *codeartifact.PackageVersionOrigin {
	if v.OriginConnection != "" {
		return &codeartifact.PackageVersionOrigin{
			OriginType:       registry.External,
			DomainEntryPoint: &codeartifact.DomainEntryPoint{ExternalConnectionName: v.OriginConnection},
		}
	}
	return &codeartifact.PackageVersionOrigin{
		OriginType:       registry.Internal,
		DomainEntryPoint: &codeartifact.DomainEntryPoint{RepositoryName: v.OriginRepository},
	}
}

func (p *Plane) describePackageVersion(ctx context.Context, in *codeartifact.DescribePackageVersionInput) (*codeartifact.DescribePackageVersionOutput, error) {
	ref, err := p.versionRef(ctx, in.Names())
	if err != nil {
		return nil, err
	}
	v, err := p.Registry.DescribePackageVersion(ctx, ref)
	if err != nil {
		return nil, err
	}
	d := &codeartifact.PackageVersionDescription{
		Format:               ref.Package.Format,
		Namespace:            ref.Package.Namespace,
		PackageName:          ref.Package.Name,
		DisplayName:          v.Facts.DisplayName,
		Version:              v.Version,
		Summary:              v.Facts.Summary,
		HomePage:             v.Facts.HomePage,
		SourceCodeRepository: v.Facts.SourceRepository,
		PublishedTime:        v.PublishedAt,
		Revision:             v.Revision,
		Status:               v.Status,
		Origin:               versionOrigin(v.VersionRecord),
	}
	for _, l := range v.Facts.Licenses {
		d.Licenses = append(d.Licenses, codeartifact.LicenseInfo{Name: l.Name, Url: l.URL})
	}
	return &codeartifact.DescribePackageVersionOutput{PackageVersion: d}, nil
}

func (p *Plane) getPackageVersionReadme(ctx context.Context, in *codeartifact.GetPackageVersionReadmeInput) (*codeartifact.GetPackageVersionReadmeOutput, error) {
	ref, err := p.versionRef(ctx, in.Names())
	if err != nil {
		return nil, err
	}
	v, err := p.Registry.DescribePackageVersion(ctx, ref)
	if err != nil {
		return nil, err
	}
	if len(v.Readme) == 0 {
		return nil, &larder.Error{
			Kind: larder.NotFound, Resource: "package-version", ID: ref.Version,
			Message: "Readme not found. Version '" + ref.Version + "' of package '" + ref.Package.String() + "' has no readme.",
		}
	}
	return &codeartifact.GetPackageVersionReadmeOutput{
		Format:          ref.Package.Format,
		Namespace:       ref.Package.Namespace,
		Package:         ref.Package.Name,
		Version:         v.Version,
		VersionRevision: v.Revision,
		Readme:          string(v.Readme),
	}, nil
}

func (p *Plane) listPackageVersionDependencies(ctx context.Context, in *codeartifact.ListPackageVersionDependenciesInput) (*codeartifact.ListPackageVersionDependenciesOutput, error) {
	ref, err := p.versionRef(ctx, in.Names())
	if err != nil {
		return nil, err
	}
	v, err := p.Registry.DescribePackageVersion(ctx, ref)
	if err != nil {
		return nil, err
	}
	of := ref.Package.Repository.String() + " " + ref.String() + " " + v.Revision
	k, err := p.openPage("ListPackageVersionDependencies", of, in.NextToken)
	if err != nil {
		return nil, err
	}
	type numbered struct {
		registry.Dependency
		number int64
	}
	var rest []numbered
	for i, d := range v.Facts.Dependencies {
		if n := int64(i + 1); n > k.Row {
			rest = append(rest, numbered{d, n})
		}
	}
	page, next, err := closePage(p, "ListPackageVersionDependencies", of, rest, otherPage, func(d numbered) pageKey {
		return pageKey{Row: d.number}
	})
	out := &codeartifact.ListPackageVersionDependenciesOutput{
		Format:          ref.Package.Format,
		Namespace:       ref.Package.Namespace,
		Package:         ref.Package.Name,
		Version:         v.Version,
		VersionRevision: v.Revision,
		NextToken:       next,
	}
	for _, d := range page {
		out.Dependencies = append(out.Dependencies, codeartifact.PackageDependency{
			Namespace: d.Namespace, Package: d.Name, DependencyType: d.Type, VersionRequirement: d.Requirement,
		})
	}
	return out, err
}
