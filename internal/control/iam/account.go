package iam

import (
	"context"
	"slices"
	"strings"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/meta"
)

func (p *Plane) getAccountSummary(ctx context.Context, _ *iam.GetAccountSummaryInput) (*iam.GetAccountSummaryOutput, error) {
	all, err := p.Identity.Summary(ctx, caller(ctx).Account)
	return &iam.GetAccountSummaryOutput{SummaryMap: all}, err
}

// details are the parts of an account's authorization details, in the order in
// which they are listed.
var details = [...]string{filterUser, filterGroup, filterRole, filterLocalPolicies, filterAWSPolicies}

// detail is one thing in an account's authorization details.
type detail struct {
	part, key string
	entity    identity.EntityDetail
	policy    identity.ManagedPolicy
}

// getAccountAuthorizationDetails answers one list after the other; a page may
// have the end of one and the beginning of the next.
func (p *Plane) getAccountAuthorizationDetails(ctx context.Context, in *iam.GetAccountAuthorizationDetailsInput) (*iam.GetAccountAuthorizationDetailsOutput, error) {
	wanted := func(part string) bool { return len(in.Filter) == 0 || slices.Contains(in.Filter, part) }
	page, err := list(p, iam.GetAccountAuthorizationDetails.Name, caller(ctx).Account+" "+strings.Join(in.Filter, " "), in.Marker, in.MaxItems,
		func(d detail) string { return d.part + " " + d.key },
		func(last string, limit int) ([]detail, error) {
			begin, after, _ := strings.Cut(last, " ")
			var all []detail
			for _, part := range details[max(slices.Index(details[:], begin), 0):] {
				if part != begin {
					after = ""
				}
				if !wanted(part) || len(all) >= limit {
					continue
				}
				some, err := p.detailsOf(ctx, part, after, limit-len(all))
				if err != nil {
					return nil, err
				}
				all = append(all, some...)
			}
			return all, nil
		})
	if err != nil {
		return nil, err
	}
	out := &iam.GetAccountAuthorizationDetailsOutput{IsTruncated: page.more, Marker: page.marker}
	for _, d := range page.items {
		if err := p.addDetail(ctx, out, d); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (p *Plane) detailsOf(ctx context.Context, part, after string, limit int) (all []detail, err error) {
	account := caller(ctx).Account
	if kind, ok := kindOf(part); ok {
		entities, err := p.Identity.EntityDetails(ctx, account, kind, after, limit)
		for _, e := range entities {
			all = append(all, detail{part: part, key: e.Name, entity: e})
		}
		return all, err
	}
	policies, err := p.Identity.Policies(ctx, identity.PolicyQuery{
		Account: account, After: after, Limit: limit,
		AWS: part == filterAWSPolicies, Local: part == filterLocalPolicies,
		// AWS lists of its own policies those that are in use.
		OnlyAttached: part == filterAWSPolicies, Permissions: true, Boundaries: true,
	})
	for _, policy := range policies {
		all = append(all, detail{part: part, key: policy.Key(), policy: policy})
	}
	return all, err
}

// kindOf returns the kind of entities that a filter names, and false if it
// names policies.
func kindOf(filter string) (identity.Kind, bool) {
	switch filter {
	case filterUser:
		return meta.User, true
	case filterGroup:
		return meta.Group, true
	case filterRole:
		return meta.Role, true
	}
	return "", false
}

func (p *Plane) addDetail(ctx context.Context, out *iam.GetAccountAuthorizationDetailsOutput, d detail) error {
	e := d.entity
	var inline []iam.PolicyDetail
	for _, i := range e.Inline {
		inline = append(inline, iam.PolicyDetail{PolicyName: i.Name, PolicyDocument: i.Document})
	}
	attached := attachedOut(e.Attached)
	switch d.part {
	case filterUser:
		out.UserDetailList = append(out.UserDetailList, iam.UserDetail{
			Path: e.Path, UserName: e.Name, UserId: e.ID, Arn: e.ARN(), CreateDate: e.CreatedAt,
			UserPolicyList: inline, AttachedManagedPolicies: attached, GroupList: e.Groups,
			PermissionsBoundary: boundaryOut(e.Boundary), Tags: tagsOut(e.Tags),
		})
	case filterGroup:
		out.GroupDetailList = append(out.GroupDetailList, iam.GroupDetail{
			Path: e.Path, GroupName: e.Name, GroupId: e.ID, Arn: e.ARN(), CreateDate: e.CreatedAt,
			GroupPolicyList: inline, AttachedManagedPolicies: attached,
		})
	case filterRole:
		out.RoleDetailList = append(out.RoleDetailList, iam.RoleDetail{
			Path: e.Path, RoleName: e.Name, RoleId: e.ID, Arn: e.ARN(), CreateDate: e.CreatedAt,
			AssumeRolePolicyDocument: e.Trust, RolePolicyList: inline, AttachedManagedPolicies: attached,
			PermissionsBoundary: boundaryOut(e.Boundary), Tags: tagsOut(e.Tags),
			RoleLastUsed: &iam.RoleLastUsed{LastUsedDate: e.Used.At, Region: e.Used.Region},
		})
	default:
		return p.addPolicyDetail(ctx, out, d.policy)
	}
	return nil
}

func (p *Plane) addPolicyDetail(ctx context.Context, out *iam.GetAccountAuthorizationDetailsOutput, policy identity.ManagedPolicy) error {
	versions, err := p.Identity.PolicyVersions(ctx, policy.ARN())
	if err != nil {
		return err
	}
	d := iam.ManagedPolicyDetail{
		PolicyName: policy.Name, PolicyId: policy.ID, Arn: policy.ARN(), Path: policy.Path, Description: policy.Description,
		DefaultVersionId: identity.VersionID(policy.DefaultVersion), AttachmentCount: &policy.Attached, PermissionsBoundaryUsageCount: &policy.Bounding,
		IsAttachable: true, CreateDate: policy.CreatedAt, UpdateDate: policy.UpdatedAt,
	}
	for _, v := range versions {
		d.PolicyVersionList = append(d.PolicyVersionList, versionOut(v))
	}
	out.Policies = append(out.Policies, d)
	return nil
}
