package larder

import (
	"context"

	"larder.example/larder"
	api "larder.example/larder/internal/api/larder"
)

// ask returns the resource that an input is about, as policies name it. Its
// account is who it belongs to.
type ask func(p *Plane, ctx context.Context, in any) (larder.ARN, error)

// arn returns arn:aws:larder:REGION:OWNER:KIND/NAME.
func (p *Plane) arn(owner, kind, name string) larder.ARN {
	return larder.ARN("arn:aws:larder:" + p.Region + ":" + owner + ":" + kind + "/" + name)
}

// anAccount asks about the account that the input names: the caller's own, or
// one of all the others, which belong to the first.
func anAccount(p *Plane, ctx context.Context, in any) (larder.ARN, error) {
	name, own := "*", caller(ctx).Account
	switch in := in.(type) {
	case *api.CreateAccountInput:
		if in.AccountId != "" {
			name = in.AccountId
		}
	case *api.DescribeAccountInput:
		name = in.AccountId
		if name == "" || name == own {
			return p.arn(own, "account", own), nil
		}
	}
	first, err := p.first(ctx)
	return p.arn(first, "account", name), err
}

// first returns the first account.
func (p *Plane) first(ctx context.Context) (string, error) {
	all, err := p.Identity.Accounts(ctx)
	if err != nil {
		return "", err
	}
	return all[0].ID, nil // the caller's, if no other
}
