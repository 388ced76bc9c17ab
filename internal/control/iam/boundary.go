package iam

import (
	"context"

	"larder.example/larder/internal/api/iam"
)

func boundaryOut(arn string) *iam.AttachedPermissionsBoundary {
	if arn == "" {
		return nil
	}
	// The API reference gives the one value of the type in two spellings; this
	// is the one that AWS sends and Terraform's provider knows.
	return &iam.AttachedPermissionsBoundary{PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: arn}
}

func (p *Plane) putUserPermissionsBoundary(ctx context.Context, in *iam.PutUserPermissionsBoundaryInput) (*iam.PutUserPermissionsBoundaryOutput, error) {
	return &iam.PutUserPermissionsBoundaryOutput{}, p.Identity.SetBoundary(ctx, user(ctx, in.UserName), in.PermissionsBoundary)
}

func (p *Plane) deleteUserPermissionsBoundary(ctx context.Context, in *iam.DeleteUserPermissionsBoundaryInput) (*iam.DeleteUserPermissionsBoundaryOutput, error) {
	return &iam.DeleteUserPermissionsBoundaryOutput{}, p.Identity.SetBoundary(ctx, user(ctx, in.UserName), "")
}

func (p *Plane) putRolePermissionsBoundary(ctx context.Context, in *iam.PutRolePermissionsBoundaryInput) (*iam.PutRolePermissionsBoundaryOutput, error) {
	return &iam.PutRolePermissionsBoundaryOutput{}, p.Identity.SetBoundary(ctx, role(ctx, in.RoleName), in.PermissionsBoundary)
}

func (p *Plane) deleteRolePermissionsBoundary(ctx context.Context, in *iam.DeleteRolePermissionsBoundaryInput) (*iam.DeleteRolePermissionsBoundaryOutput, error) {
	return &iam.DeleteRolePermissionsBoundaryOutput{}, p.Identity.SetBoundary(ctx, role(ctx, in.RoleName), "")
}
