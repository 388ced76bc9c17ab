package iam

import (
	"context"
	"time"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/keyring"
	"larder.example/larder/internal/wire"
)

// Plane answers IAM's operations, each for the account of its caller.
type Plane struct {
	Identity *identity.Service
	Keys     *keyring.Ring    // seals markers
	Now      func() time.Time // nil is time.Now
}

func (p *Plane) now() time.Time {
	if p.Now == nil {
		return time.Now()
	}
	return p.Now()
}

// Mount makes the operations answer on m. The third column is what the caller
// must be allowed.
func (p *Plane) Mount(m *wire.Mux) {
	serve(p, m, iam.CreateUser, newUser, p.createUser)
	serve(p, m, iam.GetUser, ownUser, p.getUser)
	serve(p, m, iam.ListUsers, allUsers, p.listUsers)
	serve(p, m, iam.DeleteUser, ownUser, p.deleteUser)

	serve(p, m, iam.CreateAccessKey, ownUser, p.createAccessKey)
	serve(p, m, iam.ListAccessKeys, ownUser, p.listAccessKeys)
	serve(p, m, iam.UpdateAccessKey, ownUser, p.updateAccessKey)
	serve(p, m, iam.DeleteAccessKey, ownUser, p.deleteAccessKey)

	serve(p, m, iam.PutUserPolicy, ownUser, p.putUserPolicy)
	serve(p, m, iam.GetUserPolicy, ownUser, p.getUserPolicy)
	serve(p, m, iam.ListUserPolicies, ownUser, p.listUserPolicies)
	serve(p, m, iam.DeleteUserPolicy, ownUser, p.deleteUserPolicy)

	serve(p, m, iam.AttachUserPolicy, attachedUser, p.attachUserPolicy)
	serve(p, m, iam.DetachUserPolicy, attachedUser, p.detachUserPolicy)
	serve(p, m, iam.ListAttachedUserPolicies, ownUser, p.listAttachedUserPolicies)
}

// serve makes do answer op once every question that ask makes of an input is
// answered with yes.
func serve[In, Out any](p *Plane, m *wire.Mux, op wire.Op[In, Out], ask ask, do func(context.Context, *In) (*Out, error)) {
	wire.Handle(m, op, func(ctx context.Context, in *In) (*Out, error) {
		for _, q := range ask(p, ctx, op.Action(), in) {
			if err := p.Identity.Authorize(ctx, q); err != nil {
				return nil, err
			}
		}
		return do(ctx, in)
	})
}

func caller(ctx context.Context) identity.Principal {
	c, _ := identity.CallerFrom(ctx)
	return c.Principal
}
