package iam

import (
	"context"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/identity"
)

func (p *Plane) putInlinePolicy(ctx context.Context, ref identity.EntityRef, name, document string) error {
	return p.Identity.PutInlinePolicy(ctx, ref, identity.InlinePolicy{Name: name, Document: document})
}

// inlinePolicies returns a page of the names of an entity's inline policies.
func (p *Plane) inlinePolicies(ctx context.Context, operation string, ref identity.EntityRef, marker string, limit int) ([]string, page[identity.InlinePolicy], error) {
	all, err := list(p, operation, ref.Account+" "+ref.Name, marker, limit,
		func(i identity.InlinePolicy) string { return i.Name },
		func(last string, limit int) ([]identity.InlinePolicy, error) {
			return p.Identity.InlinePolicies(ctx, ref, last, limit)
		})
	names := make([]string, 0, len(all.items))
	for _, i := range all.items {
		names = append(names, i.Name)
	}
	return names, all, err
}

func (p *Plane) putUserPolicy(ctx context.Context, in *iam.PutUserPolicyInput) (*iam.PutUserPolicyOutput, error) {
	return &iam.PutUserPolicyOutput{}, p.putInlinePolicy(ctx, user(ctx, in.UserName), in.PolicyName, in.PolicyDocument)
}

func (p *Plane) getUserPolicy(ctx context.Context, in *iam.GetUserPolicyInput) (*iam.GetUserPolicyOutput, error) {
	of, document, err := p.Identity.InlinePolicy(ctx, user(ctx, in.UserName), in.PolicyName)
	if err != nil {
		return nil, err
	}
	return &iam.GetUserPolicyOutput{UserName: of.Name, PolicyName: in.PolicyName, PolicyDocument: document}, nil
}

func (p *Plane) listUserPolicies(ctx context.Context, in *iam.ListUserPoliciesInput) (*iam.ListUserPoliciesOutput, error) {
	names, page, err := p.inlinePolicies(ctx, iam.ListUserPolicies.Name, user(ctx, in.UserName), in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &iam.ListUserPoliciesOutput{PolicyNames: names, IsTruncated: page.more, Marker: page.marker}, nil
}

func (p *Plane) deleteUserPolicy(ctx context.Context, in *iam.DeleteUserPolicyInput) (*iam.DeleteUserPolicyOutput, error) {
	return &iam.DeleteUserPolicyOutput{}, p.Identity.DeleteInlinePolicy(ctx, user(ctx, in.UserName), in.PolicyName)
}

func (p *Plane) putGroupPolicy(ctx context.Context, in *iam.PutGroupPolicyInput) (*iam.PutGroupPolicyOutput, error) {
	return &iam.PutGroupPolicyOutput{}, p.putInlinePolicy(ctx, group(ctx, in.GroupName), in.PolicyName, in.PolicyDocument)
}

func (p *Plane) getGroupPolicy(ctx context.Context, in *iam.GetGroupPolicyInput) (*iam.GetGroupPolicyOutput, error) {
	of, document, err := p.Identity.InlinePolicy(ctx, group(ctx, in.GroupName), in.PolicyName)
	if err != nil {
		return nil, err
	}
	return &iam.GetGroupPolicyOutput{GroupName: of.Name, PolicyName: in.PolicyName, PolicyDocument: document}, nil
}

func (p *Plane) listGroupPolicies(ctx context.Context, in *iam.ListGroupPoliciesInput) (*iam.ListGroupPoliciesOutput, error) {
	names, page, err := p.inlinePolicies(ctx, iam.ListGroupPolicies.Name, group(ctx, in.GroupName), in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &iam.ListGroupPoliciesOutput{PolicyNames: names, IsTruncated: page.more, Marker: page.marker}, nil
}

func (p *Plane) deleteGroupPolicy(ctx context.Context, in *iam.DeleteGroupPolicyInput) (*iam.DeleteGroupPolicyOutput, error) {
	return &iam.DeleteGroupPolicyOutput{}, p.Identity.DeleteInlinePolicy(ctx, group(ctx, in.GroupName), in.PolicyName)
}

func (p *Plane) putRolePolicy(ctx context.Context, in *iam.PutRolePolicyInput) (*iam.PutRolePolicyOutput, error) {
	return &iam.PutRolePolicyOutput{}, p.putInlinePolicy(ctx, role(ctx, in.RoleName), in.PolicyName, in.PolicyDocument)
}

func (p *Plane) getRolePolicy(ctx context.Context, in *iam.GetRolePolicyInput) (*iam.GetRolePolicyOutput, error) {
	of, document, err := p.Identity.InlinePolicy(ctx, role(ctx, in.RoleName), in.PolicyName)
	if err != nil {
		return nil, err
	}
	return &iam.GetRolePolicyOutput{RoleName: of.Name, PolicyName: in.PolicyName, PolicyDocument: document}, nil
}

func (p *Plane) listRolePolicies(ctx context.Context, in *iam.ListRolePoliciesInput) (*iam.ListRolePoliciesOutput, error) {
	names, page, err := p.inlinePolicies(ctx, iam.ListRolePolicies.Name, role(ctx, in.RoleName), in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	return &iam.ListRolePoliciesOutput{PolicyNames: names, IsTruncated: page.more, Marker: page.marker}, nil
}

func (p *Plane) deleteRolePolicy(ctx context.Context, in *iam.DeleteRolePolicyInput) (*iam.DeleteRolePolicyOutput, error) {
	return &iam.DeleteRolePolicyOutput{}, p.Identity.DeleteInlinePolicy(ctx, role(ctx, in.RoleName), in.PolicyName)
}
