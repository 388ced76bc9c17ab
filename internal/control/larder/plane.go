package larder

import (
	"context"
	"time"

	api "larder.example/larder/internal/api/larder"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/keyring"
	"larder.example/larder/internal/wire"
)

// Plane answers the operations of the service larder.
type Plane struct {
	Identity *identity.Service
	Keys     *keyring.Ring // seals page tokens
	Region   string
	Now      func() time.Time // nil is time.Now
}

// Mount makes the operations answer on m. The third column is what the caller
// must be allowed.
func (p *Plane) Mount(m *wire.Mux) {
	serve(p, m, api.CreateAccount, anAccount, p.createAccount)
	serve(p, m, api.DescribeAccount, anAccount, p.describeAccount)
	serve(p, m, api.ListAccounts, anAccount, p.listAccounts)

	serve(p, m, api.RevokeToken, aToken, p.revokeToken)
	serve(p, m, api.RevokeTokensOfAccessKey, anAccessKey, p.revokeTokensOfAccessKey)

	serve(p, m, api.ExplainDecision, aDecision, p.explainDecision)
}

// serve makes do answer op if the caller may do it on the resource that ask
// finds in an input.
func serve[In, Out any](p *Plane, m *wire.Mux, op wire.Op[In, Out], ask ask, do func(context.Context, *In) (*Out, error)) {
	wire.Handle(m, op, func(ctx context.Context, in *In) (*Out, error) {
		resource, err := ask(p, ctx, in)
		if err != nil {
			return nil, err
		}
		if err := p.Identity.Authorize(ctx, identity.Question{Action: op.Action(), Resource: resource}); err != nil {
			return nil, err
		}
		return do(ctx, in)
	})
}

func (p *Plane) now() time.Time {
	if p.Now == nil {
		return time.Now()
	}
	return p.Now()
}

func caller(ctx context.Context) identity.Principal {
	c, _ := identity.CallerFrom(ctx)
	return c.Principal
}
