package iam

import (
	"context"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/identity"
)

// attachedPolicies returns a page of the managed policies on an entity.
func (p *Plane) attachedPolicies(ctx context.Context, operation string, ref identity.EntityRef, prefix, marker string, limit int) ([]iam.AttachedPolicy, page[identity.AttachedPolicy], error) {
	all, err := list(p, operation, ref.Account+" "+ref.Name+" "+prefix, marker, limit,
		identity.AttachedPolicy.Key,
		behind(func() ([]identity.AttachedPolicy, error) { return p.Identity.AttachedPolicies(ctx, ref, prefix) }, identity.AttachedPolicy.Key))
	return attachedOut(all.items), all, err
}

func attachedOut(all []identity.AttachedPolicy) (out []iam.AttachedPolicy) {
	for _, a := range all {
		out = append(out, iam.AttachedPolicy{PolicyName: a.Name, PolicyArn: a.ARN})
	}
	return out
}

func (p *Plane) attachUserPolicy(ctx context.Context, in *iam.AttachUserPolicyInput) (*iam.AttachUserPolicyOutput, error) {
	return &iam.AttachUserPolicyOutput{}, p.Identity.AttachPolicy(ctx, user(ctx, in.UserName), in.PolicyArn)
}

func (p *Plane) detachUserPolicy(ctx context.Context, in *iam.DetachUserPolicyInput) (*iam.DetachUserPolicyOutput, error) {
	return &iam.DetachUserPolicyOutput{}, p.Identity.DetachPolicy(ctx, user(ctx, in.UserName), in.PolicyArn)
}

func (p *Plane) listAttachedUserPolicies(ctx context.Context, in *iam.ListAttachedUserPoliciesInput) (*iam.ListAttachedUserPoliciesOutput, error) {
	attached, page, err := p.attachedPolicies(ctx, iam.ListAttachedUserPolicies.Name, user(ctx, in.UserName), in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &iam.ListAttachedUserPoliciesOutput{AttachedPolicies: attached, IsTruncated: page.more, Marker: page.marker}, nil
}

func (p *Plane) attachGroupPolicy(ctx context.Context, in *iam.AttachGroupPolicyInput) (*iam.AttachGroupPolicyOutput, error) {
	return &iam.AttachGroupPolicyOutput{}, p.Identity.AttachPolicy(ctx, group(ctx, in.GroupName), in.PolicyArn)
}

func (p *Plane) detachGroupPolicy(ctx context.Context, in *iam.DetachGroupPolicyInput) (*iam.DetachGroupPolicyOutput, error) {
	return &iam.DetachGroupPolicyOutput{}, p.Identity.DetachPolicy(ctx, group(ctx, in.GroupName), in.PolicyArn)
}

func (p *Plane) listAttachedGroupPolicies(ctx context.Context, in *iam.ListAttachedGroupPoliciesInput) (*iam.ListAttachedGroupPoliciesOutput, error) {
	attached, page, err := p.attachedPolicies(ctx, iam.ListAttachedGroupPolicies.Name, group(ctx, in.GroupName), in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &iam.ListAttachedGroupPoliciesOutput{AttachedPolicies: attached, IsTruncated: page.more, Marker: page.marker}, nil
}

func (p *Plane) attachRolePolicy(ctx context.Context, in *iam.AttachRolePolicyInput) (*iam.AttachRolePolicyOutput, error) {
	return &iam.AttachRolePolicyOutput{}, p.Identity.AttachPolicy(ctx, role(ctx, in.RoleName), in.PolicyArn)
}

func (p *Plane) detachRolePolicy(ctx context.Context, in *iam.DetachRolePolicyInput) (*iam.DetachRolePolicyOutput, error) {
	return &iam.DetachRolePolicyOutput{}, p.Identity.DetachPolicy(ctx, role(ctx, in.RoleName), in.PolicyArn)
}

func (p *Plane) listAttachedRolePolicies(ctx context.Context, in *iam.ListAttachedRolePoliciesInput) (*iam.ListAttachedRolePoliciesOutput, error) {
	attached, page, err := p.attachedPolicies(ctx, iam.ListAttachedRolePolicies.Name, role(ctx, in.RoleName), in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &iam.ListAttachedRolePoliciesOutput{AttachedPolicies: attached, IsTruncated: page.more, Marker: page.marker}, nil
}
