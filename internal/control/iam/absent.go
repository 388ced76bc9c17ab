package iam

import (
	"context"

	"larder.example/larder"
	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/identity"
)

// What follows answers for what IAM's users have and ours do not, as IAM does
// for who has none of it: Terraform and scripts ask before they delete
// somebody.

// present reports, as a nil error, that there is such an entity.
func (p *Plane) present(ctx context.Context, ref identity.EntityRef) error {
	_, err := p.Identity.Entity(ctx, ref)
	return err
}

// presentUser is present for the user of a name; for the caller if it is
// empty.
func (p *Plane) presentUser(ctx context.Context, name string) error {
	if name == "" && caller(ctx).Root() {
		return nil
	}
	ref, err := p.userOrSelf(ctx, name)
	if err != nil {
		return err
	}
	return p.present(ctx, ref)
}

func (p *Plane) listMFADevices(ctx context.Context, in *iam.ListMFADevicesInput) (*iam.ListMFADevicesOutput, error) {
	return &iam.ListMFADevicesOutput{}, p.presentUser(ctx, in.UserName)
}

func (p *Plane) listVirtualMFADevices(context.Context, *iam.ListVirtualMFADevicesInput) (*iam.ListVirtualMFADevicesOutput, error) {
	return &iam.ListVirtualMFADevicesOutput{}, nil
}

func (p *Plane) listSSHPublicKeys(ctx context.Context, in *iam.ListSSHPublicKeysInput) (*iam.ListSSHPublicKeysOutput, error) {
	return &iam.ListSSHPublicKeysOutput{}, p.presentUser(ctx, in.UserName)
}

func (p *Plane) listSigningCertificates(ctx context.Context, in *iam.ListSigningCertificatesInput) (*iam.ListSigningCertificatesOutput, error) {
	return &iam.ListSigningCertificatesOutput{}, p.presentUser(ctx, in.UserName)
}

func (p *Plane) listServiceSpecificCredentials(ctx context.Context, in *iam.ListServiceSpecificCredentialsInput) (*iam.ListServiceSpecificCredentialsOutput, error) {
	if in.AllUsers {
		return &iam.ListServiceSpecificCredentialsOutput{}, nil
	}
	return &iam.ListServiceSpecificCredentialsOutput{}, p.presentUser(ctx, in.UserName)
}

func (p *Plane) listInstanceProfilesForRole(ctx context.Context, in *iam.ListInstanceProfilesForRoleInput) (*iam.ListInstanceProfilesForRoleOutput, error) {
	return &iam.ListInstanceProfilesForRoleOutput{}, p.present(ctx, role(ctx, in.RoleName))
}

func (p *Plane) getLoginProfile(ctx context.Context, in *iam.GetLoginProfileInput) (*iam.GetLoginProfileOutput, error) {
	if err := p.presentUser(ctx, in.UserName); err != nil {
		return nil, err
	}
	name := in.UserName
	if name == "" {
		ref, _ := p.Identity.Named(caller(ctx).ID)
		name = ref.Name
	}
	e := larder.Errorf(larder.NotFound, "Login Profile for User %s cannot be found.", name)
	e.Code = "NoSuchEntity"
	return nil, e
}
