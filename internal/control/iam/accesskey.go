package iam

import (
	"context"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/identity"
)

// owner returns whose access keys a call is about: those of the user that it
// names, else the caller's own.
func (p *Plane) owner(ctx context.Context, name string) (identity.Owner, error) {
	who := caller(ctx)
	if name == "" && who.Root() {
		return identity.Root(who.Account), nil
	}
	ref, err := p.userOrSelf(ctx, name)
	if err != nil {
		return identity.Owner{}, err
	}
	return p.Identity.Owner(ctx, ref.Account, ref.Name)
}

func (p *Plane) createAccessKey(ctx context.Context, in *iam.CreateAccessKeyInput) (*iam.CreateAccessKeyOutput, error) {
	owner, err := p.owner(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	key, secret, err := p.Identity.CreateAccessKey(ctx, owner)
	if err != nil {
		return nil, err
	}
	return &iam.CreateAccessKeyOutput{AccessKey: &iam.AccessKey{
		UserName: owner.Name(), AccessKeyId: key.ID,
		Status: key.Status, SecretAccessKey: secret, CreateDate: key.CreatedAt,
	}}, nil
}

func (p *Plane) listAccessKeys(ctx context.Context, in *iam.ListAccessKeysInput) (*iam.ListAccessKeysOutput, error) {
	owner, err := p.owner(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	keys, err := list(p, "ListAccessKeys", caller(ctx).Account+" "+owner.Name(), in.Marker, in.MaxItems,
		func(k identity.AccessKey) string { return k.ID },
		func(last string, limit int) ([]identity.AccessKey, error) {
			return p.Identity.AccessKeys(ctx, owner, last, limit)
		})
	if err != nil {
		return nil, err
	}
	out := &iam.ListAccessKeysOutput{IsTruncated: keys.more, Marker: keys.marker}
	for _, k := range keys.items {
		out.AccessKeyMetadata = append(out.AccessKeyMetadata, iam.AccessKeyMetadata{
			UserName:    owner.Name(),
			AccessKeyId: k.ID, Status: k.Status, CreateDate: k.CreatedAt,
		})
	}
	return out, nil
}

func (p *Plane) updateAccessKey(ctx context.Context, in *iam.UpdateAccessKeyInput) (*iam.UpdateAccessKeyOutput, error) {
	owner, err := p.owner(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	return &iam.UpdateAccessKeyOutput{}, p.Identity.SetAccessKeyStatus(ctx, owner, in.AccessKeyId, in.Status)
}

func (p *Plane) deleteAccessKey(ctx context.Context, in *iam.DeleteAccessKeyInput) (*iam.DeleteAccessKeyOutput, error) {
	owner, err := p.owner(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	return &iam.DeleteAccessKeyOutput{}, p.Identity.DeleteAccessKey(ctx, owner, in.AccessKeyId)
}

// getAccessKeyLastUsed says N/A of a key that was never used, as IAM does.
func (p *Plane) getAccessKeyLastUsed(ctx context.Context, in *iam.GetAccessKeyLastUsedInput) (*iam.GetAccessKeyLastUsedOutput, error) {
	use, err := p.Identity.AccessKeyUse(ctx, caller(ctx).Account, in.AccessKeyId)
	if err != nil {
		return nil, err
	}
	last := &iam.AccessKeyLastUsed{LastUsedDate: use.At, ServiceName: use.Service, Region: use.Region}
	if use.At.IsZero() {
		last.ServiceName, last.Region = "N/A", "N/A"
	}
	return &iam.GetAccessKeyLastUsedOutput{UserName: use.UserName, AccessKeyLastUsed: last}, nil
}
