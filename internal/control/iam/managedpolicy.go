package iam

import (
	"context"
	"fmt"
	"strings"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/meta"
)

// The values of scopes and filters.
const (
	scopeAWS            = "AWS"
	scopeLocal          = "Local"
	usagePermissions    = "PermissionsPolicy"
	usageBoundary       = "PermissionsBoundary"
	filterUser          = "User"
	filterGroup         = "Group"
	filterRole          = "Role"
	filterLocalPolicies = "LocalManagedPolicy"
	filterAWSPolicies   = "AWSManagedPolicy"
)

func policyOut(p identity.ManagedPolicy) iam.Policy {
	return iam.Policy{
		PolicyName: p.Name, PolicyId: p.ID, Arn: p.ARN(), Path: p.Path, Description: p.Description,
		DefaultVersionId: identity.VersionID(p.DefaultVersion), AttachmentCount: &p.Attached, PermissionsBoundaryUsageCount: &p.Bounding,
		IsAttachable: true, CreateDate: p.CreatedAt, UpdateDate: p.UpdatedAt, Tags: tagsOut(p.Tags),
	}
}

func (p *Plane) createPolicy(ctx context.Context, in *iam.CreatePolicyInput) (*iam.CreatePolicyOutput, error) {
	policy := identity.ManagedPolicy{Account: caller(ctx).Account, Path: in.Path, Name: in.PolicyName, Tags: tagsIn(in.Tags)}
	if in.Description != nil {
		policy.Description = *in.Description
	}
	policy, err := p.Identity.CreatePolicy(ctx, policy, in.PolicyDocument)
	if err != nil {
		return nil, err
	}
	return &iam.CreatePolicyOutput{Policy: new(policyOut(policy))}, nil
}

func (p *Plane) getPolicy(ctx context.Context, in *iam.GetPolicyInput) (*iam.GetPolicyOutput, error) {
	policy, err := p.Identity.Policy(ctx, caller(ctx).Account, in.PolicyArn)
	if err != nil {
		return nil, err
	}
	return &iam.GetPolicyOutput{Policy: new(policyOut(policy))}, nil
}

// listPolicies leaves out descriptions, as IAM's API reference says.
func (p *Plane) listPolicies(ctx context.Context, in *iam.ListPoliciesInput) (*iam.ListPoliciesOutput, error) {
	q := identity.PolicyQuery{
		Account: caller(ctx).Account, PathPrefix: in.PathPrefix,
		AWS: in.Scope != scopeLocal, Local: in.Scope != scopeAWS,
		OnlyAttached: in.OnlyAttached || in.PolicyUsageFilter != "",
		Permissions:  in.PolicyUsageFilter != usageBoundary, Boundaries: in.PolicyUsageFilter != usagePermissions,
	}
	policies, err := list(p, iam.ListPolicies.Name, fmt.Sprint(q), in.Marker, in.MaxItems,
		identity.ManagedPolicy.Key,
		func(last string, limit int) ([]identity.ManagedPolicy, error) {
			q := q
			q.After, q.Limit = last, limit
			return p.Identity.Policies(ctx, q)
		})
	if err != nil {
		return nil, err
	}
	out := &iam.ListPoliciesOutput{IsTruncated: policies.more, Marker: policies.marker}
	for _, policy := range policies.items {
		policy.Description = ""
		out.Policies = append(out.Policies, policyOut(policy))
	}
	return out, nil
}

func (p *Plane) deletePolicy(ctx context.Context, in *iam.DeletePolicyInput) (*iam.DeletePolicyOutput, error) {
	return &iam.DeletePolicyOutput{}, p.Identity.DeletePolicy(ctx, in.PolicyArn)
}

// listEntitiesForPolicy knows groups before roles before users, each by name.
func (p *Plane) listEntitiesForPolicy(ctx context.Context, in *iam.ListEntitiesForPolicyInput) (*iam.ListEntitiesForPolicyOutput, error) {
	q := identity.PolicyEntityQuery{
		Account: caller(ctx).Account, ARN: in.PolicyArn, PathPrefix: in.PathPrefix,
		Permissions: in.PolicyUsageFilter != usageBoundary, Boundaries: in.PolicyUsageFilter != usagePermissions,
	}
	if in.EntityFilter != "" {
		var ok bool
		if q.Kind, ok = kindOf(in.EntityFilter); !ok {
			return &iam.ListEntitiesForPolicyOutput{}, nil // policies have no policies
		}
	}
	entities, err := list(p, iam.ListEntitiesForPolicy.Name, fmt.Sprint(q), in.Marker, in.MaxItems,
		func(e identity.Entity) string { return string(e.Kind) + " " + e.Name },
		func(last string, limit int) ([]identity.Entity, error) {
			q := q
			kind, name, _ := strings.Cut(last, " ")
			q.After, q.Limit = identity.EntityRef{Kind: identity.Kind(kind), Name: name}, limit
			return p.Identity.PolicyEntities(ctx, q)
		})
	if err != nil {
		return nil, err
	}
	out := &iam.ListEntitiesForPolicyOutput{IsTruncated: entities.more, Marker: entities.marker}
	for _, e := range entities.items {
		switch e.Kind {
		case meta.Group:
			out.PolicyGroups = append(out.PolicyGroups, iam.PolicyGroup{GroupName: e.Name, GroupId: e.ID})
		case meta.Role:
			out.PolicyRoles = append(out.PolicyRoles, iam.PolicyRole{RoleName: e.Name, RoleId: e.ID})
		case meta.User:
			out.PolicyUsers = append(out.PolicyUsers, iam.PolicyUser{UserName: e.Name, UserId: e.ID})
		}
	}
	return out, nil
}
