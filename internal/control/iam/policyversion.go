package iam

import (
	"context"
	"fmt"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/identity"
)

func versionOut(v identity.PolicyVersion) iam.PolicyVersion {
	return iam.PolicyVersion{
		VersionId: identity.VersionID(v.Version), IsDefaultVersion: v.Default, Document: v.Document, CreateDate: v.CreatedAt,
	}
}

// listedVersion is a version without its document, as CreatePolicyVersion and
// ListPolicyVersions answer it, says IAM's API reference.
func listedVersion(v identity.PolicyVersion) iam.PolicyVersion {
	v.Document = ""
	return versionOut(v)
}

func (p *Plane) createPolicyVersion(ctx context.Context, in *iam.CreatePolicyVersionInput) (*iam.CreatePolicyVersionOutput, error) {
	v, err := p.Identity.CreatePolicyVersion(ctx, in.PolicyArn, in.PolicyDocument, in.SetAsDefault)
	if err != nil {
		return nil, err
	}
	return &iam.CreatePolicyVersionOutput{PolicyVersion: new(listedVersion(v))}, nil
}

func (p *Plane) getPolicyVersion(ctx context.Context, in *iam.GetPolicyVersionInput) (*iam.GetPolicyVersionOutput, error) {
	v, err := p.Identity.PolicyVersion(ctx, in.PolicyArn, in.VersionId)
	if err != nil {
		return nil, err
	}
	return &iam.GetPolicyVersionOutput{PolicyVersion: new(versionOut(v))}, nil
}

// listPolicyVersions begins with the newest version.
func (p *Plane) listPolicyVersions(ctx context.Context, in *iam.ListPolicyVersionsInput) (*iam.ListPolicyVersionsOutput, error) {
	const most = 1 << 31
	key := func(v identity.PolicyVersion) string { return fmt.Sprintf("%010d", most-v.Version) }
	versions, err := list(p, iam.ListPolicyVersions.Name, in.PolicyArn, in.Marker, in.MaxItems, key,
		behind(func() ([]identity.PolicyVersion, error) { return p.Identity.PolicyVersions(ctx, in.PolicyArn) }, key))
	if err != nil {
		return nil, err
	}
	out := &iam.ListPolicyVersionsOutput{IsTruncated: versions.more, Marker: versions.marker}
	for _, v := range versions.items {
		out.Versions = append(out.Versions, listedVersion(v))
	}
	return out, nil
}

func (p *Plane) setDefaultPolicyVersion(ctx context.Context, in *iam.SetDefaultPolicyVersionInput) (*iam.SetDefaultPolicyVersionOutput, error) {
	return &iam.SetDefaultPolicyVersionOutput{}, p.Identity.SetDefaultPolicyVersion(ctx, in.PolicyArn, in.VersionId)
}

func (p *Plane) deletePolicyVersion(ctx context.Context, in *iam.DeletePolicyVersionInput) (*iam.DeletePolicyVersionOutput, error) {
	return &iam.DeletePolicyVersionOutput{}, p.Identity.DeletePolicyVersion(ctx, in.PolicyArn, in.VersionId)
}
