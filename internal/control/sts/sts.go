// Package sts answers STS's operations, as internal/control does
// CodeArtifact's.
package sts

import (
	"context"

	"larder.example/larder/internal/api/sts"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/throttle"
	"larder.example/larder/internal/webidentity"
	"larder.example/larder/internal/wire"
)

// Plane answers STS's operations.
type Plane struct {
	Identity *identity.Service
	Tokens   *webidentity.Verifier
	Gate     *throttle.Gate // nil lets everything pass
}

// Mount makes the operations answer on m. What a caller must be allowed is
// asked where the operation needs it: GetCallerIdentity and GetSessionToken
// are everybody's, and for a role its trust policy decides.
func (p *Plane) Mount(m *wire.Mux) {
	wire.Handle(m, sts.GetCallerIdentity, p.getCallerIdentity)
	wire.Handle(m, sts.GetSessionToken, p.getSessionToken)
	wire.Handle(m, sts.GetAccessKeyInfo, p.getAccessKeyInfo)
	wire.Handle(m, sts.AssumeRole, p.assumeRole)
	wire.Handle(m, sts.AssumeRoleWithWebIdentity, p.assumeRoleWithWebIdentity)
}

// getCallerIdentity needs no permission: not even a Deny keeps anybody from
// knowing who he is.
func (p *Plane) getCallerIdentity(ctx context.Context, _ *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
	c, _ := identity.CallerFrom(ctx)
	shown := p.Identity.Profile(c.Principal)
	return &sts.GetCallerIdentityOutput{Arn: shown.ARN, UserId: shown.UserID, Account: c.Principal.Account}, nil
}

func (p *Plane) getAccessKeyInfo(ctx context.Context, in *sts.GetAccessKeyInfoInput) (*sts.GetAccessKeyInfoOutput, error) {
	if err := p.Identity.Authorize(ctx, identity.Question{Action: sts.GetAccessKeyInfo.Action(), Resource: "*"}); err != nil {
		return nil, err
	}
	account, err := identity.AccountOfKey(in.AccessKeyId)
	return &sts.GetAccessKeyInfoOutput{Account: account}, err
}
