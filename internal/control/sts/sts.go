// Package sts answers STS's operations, as internal/control does
// CodeArtifact's.
package sts

import (
	"context"

	"larder.example/larder/internal/api/sts"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/wire"
)

// Plane answers STS's operations.
type Plane struct{}

// Mount makes the operations answer on m.
func (p *Plane) Mount(m *wire.Mux) {
	wire.Handle(m, sts.GetCallerIdentity, p.getCallerIdentity)
}

// getCallerIdentity needs no permission: not even a Deny keeps anybody from
// knowing who he is.
func (p *Plane) getCallerIdentity(ctx context.Context, _ *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
	c, _ := identity.CallerFrom(ctx)
	return &sts.GetCallerIdentityOutput{Arn: c.Principal.ARN, UserId: c.Principal.ID, Account: c.Principal.Account}, nil
}
