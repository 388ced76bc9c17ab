package control

import (
	"context"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/identity"
)

func (p *Plane) putPolicy(ctx context.Context, on identity.Guarded, document, revision string) (*codeartifact.ResourcePolicy, error) {
	return shown(p.Identity.PutResourcePolicy(ctx, on, document, revision))
}

func (p *Plane) policy(ctx context.Context, on identity.Guarded) (*codeartifact.ResourcePolicy, error) {
	return shown(p.Identity.ResourcePolicy(ctx, on))
}

func (p *Plane) deletePolicy(ctx context.Context, on identity.Guarded, revision string) (*codeartifact.ResourcePolicy, error) {
	return shown(p.Identity.DeleteResourcePolicy(ctx, on, revision))
}

func shown(p identity.ResourcePolicy, err error) (*codeartifact.ResourcePolicy, error) {
	if err != nil {
		return nil, err
	}
	return &codeartifact.ResourcePolicy{ResourceArn: string(p.ARN), Revision: p.Revision, Document: p.Document}, nil
}
