package control

import (
	"context"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/identity"
)

func tagsOf(tags []codeartifact.Tag) (all []identity.Tag) {
	for _, t := range tags {
		all = append(all, identity.Tag{Key: t.Key, Value: t.Value})
	}
	return all
}

func (p *Plane) tagResource(ctx context.Context, in *codeartifact.TagResourceInput) (*codeartifact.TagResourceOutput, error) {
	on, err := p.guarded(larder.ARN(in.ResourceArn))
	if err != nil {
		return nil, err
	}
	return &codeartifact.TagResourceOutput{}, p.Identity.TagResource(ctx, on, tagsOf(in.Tags))
}

func (p *Plane) untagResource(ctx context.Context, in *codeartifact.UntagResourceInput) (*codeartifact.UntagResourceOutput, error) {
	on, err := p.guarded(larder.ARN(in.ResourceArn))
	if err != nil {
		return nil, err
	}
	return &codeartifact.UntagResourceOutput{}, p.Identity.UntagResource(ctx, on, in.TagKeys)
}

func (p *Plane) listTagsForResource(ctx context.Context, in *codeartifact.ListTagsForResourceInput) (*codeartifact.ListTagsForResourceOutput, error) {
	on, err := p.guarded(larder.ARN(in.ResourceArn))
	if err != nil {
		return nil, err
	}
	tags, err := p.Identity.Tags(ctx, on)
	out := &codeartifact.ListTagsForResourceOutput{}
	for _, t := range tags {
		out.Tags = append(out.Tags, codeartifact.Tag{Key: t.Key, Value: t.Value})
	}
	return out, err
}
