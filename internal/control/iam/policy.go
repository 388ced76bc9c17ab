package iam

import (
	"context"
	"strings"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/identity"
)

func (p *Plane) putUserPolicy(ctx context.Context, in *iam.PutUserPolicyInput) (*iam.PutUserPolicyOutput, error) {
	return &iam.PutUserPolicyOutput{}, p.Identity.PutUserPolicy(ctx, caller(ctx).Account, in.UserName, in.PolicyName, in.PolicyDocument)
}

func (p *Plane) getUserPolicy(ctx context.Context, in *iam.GetUserPolicyInput) (*iam.GetUserPolicyOutput, error) {
	u, document, err := p.Identity.UserPolicy(ctx, caller(ctx).Account, in.UserName, in.PolicyName)
	if err != nil {
		return nil, err
	}
	return &iam.GetUserPolicyOutput{UserName: u.Name, PolicyName: in.PolicyName, PolicyDocument: document}, nil
}

func (p *Plane) listUserPolicies(ctx context.Context, in *iam.ListUserPoliciesInput) (*iam.ListUserPoliciesOutput, error) {
	account := caller(ctx).Account
	names, err := list(p, "ListUserPolicies", account+" "+in.UserName, in.Marker, in.MaxItems,
		func(name string) string { return name },
		func(last string, limit int) ([]string, error) {
			return p.Identity.UserPolicies(ctx, account, in.UserName, last, limit)
		})
	if err != nil {
		return nil, err
	}
	return &iam.ListUserPoliciesOutput{PolicyNames: names.items, IsTruncated: names.more, Marker: names.marker}, nil
}

func (p *Plane) deleteUserPolicy(ctx context.Context, in *iam.DeleteUserPolicyInput) (*iam.DeleteUserPolicyOutput, error) {
	return &iam.DeleteUserPolicyOutput{}, p.Identity.DeleteUserPolicy(ctx, caller(ctx).Account, in.UserName, in.PolicyName)
}

func (p *Plane) attachUserPolicy(ctx context.Context, in *iam.AttachUserPolicyInput) (*iam.AttachUserPolicyOutput, error) {
	return &iam.AttachUserPolicyOutput{}, p.Identity.AttachUserPolicy(ctx, caller(ctx).Account, in.UserName, in.PolicyArn)
}

func (p *Plane) detachUserPolicy(ctx context.Context, in *iam.DetachUserPolicyInput) (*iam.DetachUserPolicyOutput, error) {
	return &iam.DetachUserPolicyOutput{}, p.Identity.DetachUserPolicy(ctx, caller(ctx).Account, in.UserName, in.PolicyArn)
}

// listAttachedUserPolicies takes PathPrefix for what it is: all the policies
// that there are have the root path.
func (p *Plane) listAttachedUserPolicies(ctx context.Context, in *iam.ListAttachedUserPoliciesInput) (*iam.ListAttachedUserPoliciesOutput, error) {
	account := caller(ctx).Account
	attached, err := list(p, "ListAttachedUserPolicies", account+" "+in.UserName, in.Marker, in.MaxItems,
		func(a identity.AttachedPolicy) string { return a.ARN },
		func(last string, limit int) ([]identity.AttachedPolicy, error) {
			return p.Identity.AttachedUserPolicies(ctx, account, in.UserName, last, limit)
		})
	if err != nil {
		return nil, err
	}
	out := &iam.ListAttachedUserPoliciesOutput{IsTruncated: attached.more, Marker: attached.marker}
	for _, a := range attached.items {
		if strings.HasPrefix("/", in.PathPrefix) {
			out.AttachedPolicies = append(out.AttachedPolicies, iam.AttachedPolicy{PolicyName: a.Name, PolicyArn: a.ARN})
		}
	}
	return out, nil
}
