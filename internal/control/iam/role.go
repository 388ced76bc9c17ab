package iam

import (
	"context"
	"time"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/meta"
)

func (p *Plane) createRole(ctx context.Context, in *iam.CreateRoleInput) (*iam.CreateRoleOutput, error) {
	e := identity.Entity{
		EntityRef: role(ctx, in.RoleName), Path: in.Path, Boundary: in.PermissionsBoundary, Tags: tagsIn(in.Tags),
		Trust: in.AssumeRolePolicyDocument, MaxSession: time.Duration(in.MaxSessionDuration) * time.Second,
	}
	if in.Description != nil {
		e.Description = *in.Description
	}
	e, err := p.Identity.CreateEntity(ctx, e)
	if err != nil {
		return nil, err
	}
	return &iam.CreateRoleOutput{Role: new(roleOut(e))}, nil
}

func roleOut(r identity.Entity) iam.Role {
	return iam.Role{
		Path: r.Path, RoleName: r.Name, RoleId: r.ID, Arn: r.ARN(), CreateDate: r.CreatedAt,
		AssumeRolePolicyDocument: r.Trust, Description: r.Description, MaxSessionDuration: int(r.MaxSession / time.Second),
		PermissionsBoundary: boundaryOut(r.Boundary), Tags: tagsOut(r.Tags),
	}
}

func (p *Plane) getRole(ctx context.Context, in *iam.GetRoleInput) (*iam.GetRoleOutput, error) {
	r, err := p.described(ctx, in.RoleName)
	return &iam.GetRoleOutput{Role: r}, err
}

// described returns all that there is to say of a role.
func (p *Plane) described(ctx context.Context, name string) (*iam.Role, error) {
	r, err := p.Identity.Entity(ctx, role(ctx, name))
	if err != nil {
		return nil, err
	}
	out := roleOut(r)
	out.RoleLastUsed, err = p.roleLastUsed(ctx, r.ID)
	return &out, err
}

func (p *Plane) roleLastUsed(ctx context.Context, id string) (*iam.RoleLastUsed, error) {
	use, err := p.Identity.RoleUse(ctx, id)
	return &iam.RoleLastUsed{LastUsedDate: use.At, Region: use.Region}, err
}

// listRoles leaves out what IAM's API reference says that listings do not
// have.
func (p *Plane) listRoles(ctx context.Context, in *iam.ListRolesInput) (*iam.ListRolesOutput, error) {
	roles, err := p.entities(ctx, iam.ListRoles.Name, meta.Role, in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &iam.ListRolesOutput{IsTruncated: roles.more, Marker: roles.marker}
	for _, r := range roles.items {
		r.Boundary = ""
		out.Roles = append(out.Roles, roleOut(r))
	}
	return out, nil
}

func (p *Plane) updateRole(ctx context.Context, in *iam.UpdateRoleInput) (*iam.UpdateRoleOutput, error) {
	return &iam.UpdateRoleOutput{}, p.Identity.DescribeRole(ctx, role(ctx, in.RoleName),
		in.Description, time.Duration(in.MaxSessionDuration)*time.Second)
}

func (p *Plane) updateRoleDescription(ctx context.Context, in *iam.UpdateRoleDescriptionInput) (*iam.UpdateRoleDescriptionOutput, error) {
	if err := p.Identity.DescribeRole(ctx, role(ctx, in.RoleName), &in.Description, 0); err != nil {
		return nil, err
	}
	r, err := p.described(ctx, in.RoleName)
	return &iam.UpdateRoleDescriptionOutput{Role: r}, err
}

func (p *Plane) updateAssumeRolePolicy(ctx context.Context, in *iam.UpdateAssumeRolePolicyInput) (*iam.UpdateAssumeRolePolicyOutput, error) {
	return &iam.UpdateAssumeRolePolicyOutput{}, p.Identity.SetTrust(ctx, role(ctx, in.RoleName), in.PolicyDocument)
}

func (p *Plane) deleteRole(ctx context.Context, in *iam.DeleteRoleInput) (*iam.DeleteRoleOutput, error) {
	return &iam.DeleteRoleOutput{}, p.Identity.DeleteEntity(ctx, role(ctx, in.RoleName))
}
