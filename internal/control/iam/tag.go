package iam

import (
	"context"
	"fmt"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/identity"
)

func tagsIn(in []iam.Tag) (tags []identity.Tag) {
	for _, t := range in {
		tags = append(tags, identity.Tag{Key: t.Key, Value: t.Value})
	}
	return tags
}

func tagsOut(tags []identity.Tag) (out []iam.Tag) {
	for _, t := range tags {
		out = append(out, iam.Tag{Key: t.Key, Value: t.Value})
	}
	return out
}

// numberedTag is a tag and its place among those of its holder: its key may be
// longer than a marker may be.
type numberedTag struct {
	identity.Tag
	n int
}

// tags returns a page of the tags of something.
func (p *Plane) tags(operation, of, marker string, limit int, all func() ([]identity.Tag, error)) ([]iam.Tag, page[numberedTag], error) {
	key := func(t numberedTag) string { return fmt.Sprintf("%02d", t.n) }
	page, err := list(p, operation, of, marker, limit, key, behind(func() (numbered []numberedTag, err error) {
		tags, err := all()
		for i, t := range tags {
			numbered = append(numbered, numberedTag{t, i})
		}
		return numbered, err
	}, key))
	var tags []identity.Tag
	for _, t := range page.items {
		tags = append(tags, t.Tag)
	}
	return tagsOut(tags), page, err
}

func (p *Plane) tagUser(ctx context.Context, in *iam.TagUserInput) (*iam.TagUserOutput, error) {
	return &iam.TagUserOutput{}, p.Identity.TagEntity(ctx, user(ctx, in.UserName), tagsIn(in.Tags))
}

func (p *Plane) untagUser(ctx context.Context, in *iam.UntagUserInput) (*iam.UntagUserOutput, error) {
	return &iam.UntagUserOutput{}, p.Identity.UntagEntity(ctx, user(ctx, in.UserName), in.TagKeys)
}

func (p *Plane) listUserTags(ctx context.Context, in *iam.ListUserTagsInput) (*iam.ListUserTagsOutput, error) {
	ref := user(ctx, in.UserName)
	tags, page, err := p.tags(iam.ListUserTags.Name, ref.Account+" "+ref.Name, in.Marker, in.MaxItems, func() ([]identity.Tag, error) {
		return p.Identity.EntityTags(ctx, ref)
	})
	if err != nil {
		return nil, err
	}
	return &iam.ListUserTagsOutput{Tags: tags, IsTruncated: page.more, Marker: page.marker}, nil
}

func (p *Plane) tagRole(ctx context.Context, in *iam.TagRoleInput) (*iam.TagRoleOutput, error) {
	return &iam.TagRoleOutput{}, p.Identity.TagEntity(ctx, role(ctx, in.RoleName), tagsIn(in.Tags))
}

func (p *Plane) untagRole(ctx context.Context, in *iam.UntagRoleInput) (*iam.UntagRoleOutput, error) {
	return &iam.UntagRoleOutput{}, p.Identity.UntagEntity(ctx, role(ctx, in.RoleName), in.TagKeys)
}

func (p *Plane) listRoleTags(ctx context.Context, in *iam.ListRoleTagsInput) (*iam.ListRoleTagsOutput, error) {
	ref := role(ctx, in.RoleName)
	tags, page, err := p.tags(iam.ListRoleTags.Name, ref.Account+" "+ref.Name, in.Marker, in.MaxItems, func() ([]identity.Tag, error) {
		return p.Identity.EntityTags(ctx, ref)
	})
	if err != nil {
		return nil, err
	}
	return &iam.ListRoleTagsOutput{Tags: tags, IsTruncated: page.more, Marker: page.marker}, nil
}

func (p *Plane) tagPolicy(ctx context.Context, in *iam.TagPolicyInput) (*iam.TagPolicyOutput, error) {
	return &iam.TagPolicyOutput{}, p.Identity.TagPolicy(ctx, in.PolicyArn, tagsIn(in.Tags))
}

func (p *Plane) untagPolicy(ctx context.Context, in *iam.UntagPolicyInput) (*iam.UntagPolicyOutput, error) {
	return &iam.UntagPolicyOutput{}, p.Identity.UntagPolicy(ctx, in.PolicyArn, in.TagKeys)
}

func (p *Plane) listPolicyTags(ctx context.Context, in *iam.ListPolicyTagsInput) (*iam.ListPolicyTagsOutput, error) {
	tags, page, err := p.tags(iam.ListPolicyTags.Name, in.PolicyArn, in.Marker, in.MaxItems, func() ([]identity.Tag, error) {
		return p.Identity.PolicyTags(ctx, in.PolicyArn)
	})
	if err != nil {
		return nil, err
	}
	return &iam.ListPolicyTagsOutput{Tags: tags, IsTruncated: page.more, Marker: page.marker}, nil
}

func (p *Plane) tagOpenIDConnectProvider(ctx context.Context, in *iam.TagOpenIDConnectProviderInput) (*iam.TagOpenIDConnectProviderOutput, error) {
	return &iam.TagOpenIDConnectProviderOutput{}, p.Identity.TagProvider(ctx, in.OpenIDConnectProviderArn, tagsIn(in.Tags))
}

func (p *Plane) untagOpenIDConnectProvider(ctx context.Context, in *iam.UntagOpenIDConnectProviderInput) (*iam.UntagOpenIDConnectProviderOutput, error) {
	return &iam.UntagOpenIDConnectProviderOutput{}, p.Identity.UntagProvider(ctx, in.OpenIDConnectProviderArn, in.TagKeys)
}

func (p *Plane) listOpenIDConnectProviderTags(ctx context.Context, in *iam.ListOpenIDConnectProviderTagsInput) (*iam.ListOpenIDConnectProviderTagsOutput, error) {
	tags, page, err := p.tags(iam.ListOpenIDConnectProviderTags.Name, in.OpenIDConnectProviderArn, in.Marker, in.MaxItems, func() ([]identity.Tag, error) {
		return p.Identity.ProviderTags(ctx, in.OpenIDConnectProviderArn)
	})
	if err != nil {
		return nil, err
	}
	return &iam.ListOpenIDConnectProviderTagsOutput{Tags: tags, IsTruncated: page.more, Marker: page.marker}, nil
}
