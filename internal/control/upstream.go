package control

import (
	"context"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/registry"
)

// updateRepository replaces the list of upstreams if the call has one, even
// an empty one. About the upstreams that it adds, which only the stored
// repository tells, the registry asks.
func (p *Plane) updateRepository(ctx context.Context, in *codeartifact.UpdateRepositoryInput) (*codeartifact.UpdateRepositoryOutput, error) {
	u := registry.RepositoryUpdate{Description: in.Description}
	if in.Upstreams != nil {
		u.Upstreams = new(upstreamNames(in.Upstreams))
	}
	r, err := p.Registry.UpdateRepository(ctx, repositoryRef(ctx, in.Names()), u)
	if err != nil {
		return nil, err
	}
	return &codeartifact.UpdateRepositoryOutput{Repository: p.describedRepository(r)}, nil
}

func (p *Plane) associateExternalConnection(ctx context.Context, in *codeartifact.AssociateExternalConnectionInput) (*codeartifact.AssociateExternalConnectionOutput, error) {
	r, err := p.Registry.AssociateExternalConnection(ctx, repositoryRef(ctx, in.Names()), in.ExternalConnection)
	if err != nil {
		return nil, err
	}
	return &codeartifact.AssociateExternalConnectionOutput{Repository: p.describedRepository(r)}, nil
}

func (p *Plane) disassociateExternalConnection(ctx context.Context, in *codeartifact.DisassociateExternalConnectionInput) (*codeartifact.DisassociateExternalConnectionOutput, error) {
	r, err := p.Registry.DisassociateExternalConnection(ctx, repositoryRef(ctx, in.Names()), in.ExternalConnection)
	if err != nil {
		return nil, err
	}
	return &codeartifact.DisassociateExternalConnectionOutput{Repository: p.describedRepository(r)}, nil
}
