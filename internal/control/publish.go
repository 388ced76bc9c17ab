package control

import (
	"context"
	"errors"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/registry"
)

func (p *Plane) publishPackageVersion(ctx context.Context, in *codeartifact.PublishPackageVersionInput) (*codeartifact.PublishPackageVersionOutput, error) {
	ref, err := p.versionRef(ctx, in.Names())
	if err != nil {
		return nil, err
	}
	f := p.Formats[in.Format]
	if f == nil || f.Names.Asset == nil {
		return nil, larder.Errorf(larder.Invalid, "Packages of format %s are not published with this operation: use the format's own client.", in.Format)
	}
	if ref.Package.Namespace, ref.Package.Name, err = f.Names.Canonical(in.Namespace, in.Package); err != nil {
		return nil, err
	}
	if err := f.Names.Asset(in.AssetName); err != nil {
		return nil, err
	}
	u, err := p.Registry.Upload(ctx, in.AssetContent)
	if err != nil {
		return nil, asClaimed(err, in.AssetSHA256)
	}
	defer u.Discard()
	status := larder.Published
	if in.Unfinished {
		status = larder.Unfinished
	}
	v, err := p.Registry.PublishPackageVersion(ctx, ref,
		format.NewAsset{Name: in.AssetName, Upload: u, Claimed: format.Sums{SHA256: in.AssetSHA256}}, status)
	if err != nil {
		return nil, err
	}
	return &codeartifact.PublishPackageVersionOutput{
		Format:          ref.Package.Format,
		Namespace:       ref.Package.Namespace,
		Package:         ref.Package.Name,
		Version:         v.Version,
		VersionRevision: v.Revision,
		Status:          v.Status,
		Asset:           &codeartifact.AssetSummary{Name: in.AssetName, Size: new(u.Size()), Hashes: registry.Hashes(u.Sums())},
	}, nil
}

// asClaimed is why an upload failed. The digest of the content is a parameter
// of the call as much as the hash that was signed: whoever got it wrong signed
// right.
func asClaimed(err error, claimed string) error {
	var e *larder.Error
	if errors.As(err, &e) && e.Code == larder.CodeInvalidSignature {
		return &larder.Error{
			Kind: larder.Invalid, Err: err,
			Message: "The SHA-256 of the asset's content is not " + claimed + " as the request says.",
		}
	}
	return err
}
