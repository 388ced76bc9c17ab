package control

import (
	"context"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/registry"
)

func (p *Plane) listPackageVersionAssets(ctx context.Context, in *codeartifact.ListPackageVersionAssetsInput) (*codeartifact.ListPackageVersionAssetsOutput, error) {
	ref, err := p.versionRef(ctx, in.Names())
	if err != nil {
		return nil, err
	}
	limit := limitOr(in.MaxResults, otherPage)
	of := ref.Package.Repository.String() + " " + ref.String()
	k, err := p.openPage("ListPackageVersionAssets", of, in.NextToken)
	if err != nil {
		return nil, err
	}
	v, all, err := p.Registry.ListPackageVersionAssets(ctx, ref, k.Name, limit+1)
	if err != nil {
		return nil, err
	}
	page, next, err := closePage(p, "ListPackageVersionAssets", of, all, limit, func(a registry.AssetRecord) pageKey {
		return pageKey{Name: a.Name}
	})
	out := &codeartifact.ListPackageVersionAssetsOutput{
		Format:          ref.Package.Format,
		Namespace:       ref.Package.Namespace,
		Package:         ref.Package.Name,
		Version:         v.Version,
		VersionRevision: v.Revision,
		NextToken:       next,
	}
	for _, a := range page {
		out.Assets = append(out.Assets, codeartifact.AssetSummary{Name: a.Name, Size: sizeOf(a), Hashes: registry.HexSums(a)})
	}
	return out, err
}

func (p *Plane) getPackageVersionAsset(ctx context.Context, in *codeartifact.GetPackageVersionAssetInput) (*codeartifact.GetPackageVersionAssetOutput, error) {
	ref, err := p.versionRef(ctx, in.Names())
	if err != nil {
		return nil, err
	}
	v, content, err := p.Registry.GetPackageVersionAsset(ctx, larder.AssetRef{Version: ref, Name: in.Asset}, in.PackageVersionRevision)
	if err != nil {
		return nil, err
	}
	return &codeartifact.GetPackageVersionAssetOutput{
		Asset:                  content,
		AssetName:              in.Asset,
		PackageVersion:         v.Version,
		PackageVersionRevision: v.Revision,
	}, nil
}

// sizeOf returns the size of an asset, nil if it is not known yet.
func sizeOf(a registry.AssetRecord) *int64 {
	if size := registry.SizeOf(a); size >= 0 {
		return &size
	}
	return nil
}
