package iam

import (
	"context"
	"time"

	"larder.example/larder"
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

// serve makes do answer op once the question that ask makes of an input is
// answered with yes.
func serve[In, Out any](p *Plane, m *wire.Mux, op wire.Op[In, Out], ask ask, do func(context.Context, *In) (*Out, error)) {
	wire.Handle(m, op, func(ctx context.Context, in *In) (*Out, error) {
		q := ask(p, ctx, in)
		q.Action = op.Action()
		if err := p.Identity.Authorize(ctx, q); err != nil {
			return nil, err
		}
		return do(ctx, in)
	})
}

// ask makes the question that an input raises.
type ask func(p *Plane, ctx context.Context, in any) identity.Question

// newUser asks about a user that is to be made.
func newUser(_ *Plane, ctx context.Context, in any) identity.Question {
	create, _ := in.(*iam.CreateUserInput)
	u := identity.User{Account: caller(ctx).Account, Path: create.Path, Name: create.UserName}
	if u.Path == "" {
		u.Path = "/"
	}
	q := identity.Question{Resource: larder.ARN(u.ARN())}
	if len(create.Tags) > 0 {
		q.Keys = map[string][]string{}
	}
	for _, t := range create.Tags {
		q.Keys["aws:RequestTag/"+t.Key] = []string{t.Value}
		q.Keys["aws:TagKeys"] = append(q.Keys["aws:TagKeys"], t.Key)
	}
	return q
}

// allUsers asks about a listing.
func allUsers(_ *Plane, ctx context.Context, _ any) identity.Question {
	return identity.Question{Resource: larder.ARN("arn:aws:iam::" + caller(ctx).Account + ":user/")}
}

// ownUser asks about the user that the input names: the caller, if it names
// none.
func ownUser(p *Plane, ctx context.Context, in any) identity.Question {
	name := userName(in)
	if name == "" {
		return identity.Question{Resource: larder.ARN(caller(ctx).ARN)}
	}
	return identity.Question{Resource: p.Identity.UserARN(caller(ctx).Account, name)}
}

// attachedUser is ownUser with the managed policy that is to come or go.
func attachedUser(p *Plane, ctx context.Context, in any) identity.Question {
	q := ownUser(p, ctx, in)
	switch in := in.(type) {
	case *iam.AttachUserPolicyInput:
		q.Keys = map[string][]string{"iam:PolicyARN": {in.PolicyArn}}
	case *iam.DetachUserPolicyInput:
		q.Keys = map[string][]string{"iam:PolicyARN": {in.PolicyArn}}
	}
	return q
}

// userName returns the user that an input names.
func userName(in any) string {
	switch in := in.(type) {
	case *iam.GetUserInput:
		return in.UserName
	case *iam.DeleteUserInput:
		return in.UserName
	case *iam.CreateAccessKeyInput:
		return in.UserName
	case *iam.ListAccessKeysInput:
		return in.UserName
	case *iam.UpdateAccessKeyInput:
		return in.UserName
	case *iam.DeleteAccessKeyInput:
		return in.UserName
	case *iam.PutUserPolicyInput:
		return in.UserName
	case *iam.GetUserPolicyInput:
		return in.UserName
	case *iam.ListUserPoliciesInput:
		return in.UserName
	case *iam.DeleteUserPolicyInput:
		return in.UserName
	case *iam.AttachUserPolicyInput:
		return in.UserName
	case *iam.DetachUserPolicyInput:
		return in.UserName
	case *iam.ListAttachedUserPoliciesInput:
		return in.UserName
	}
	return ""
}

func caller(ctx context.Context) identity.Principal {
	c, _ := identity.CallerFrom(ctx)
	return c.Principal
}

const defaultItems = 100

// page is one page of a listing.
type page[T any] struct {
	items  []T
	more   bool
	marker string
}

// list reads the page that a marker begins. Markers are sealed for the
// operation and what it lists. read returns up to limit items behind the one
// whose key is last.
func list[T any](p *Plane, operation, of, marker string, limit int, key func(T) string, read func(last string, limit int) ([]T, error)) (page[T], error) {
	if limit == 0 {
		limit = defaultItems
	}
	var last string
	if marker != "" {
		plain, err := p.Keys.UnsealString(p.now(), keyring.Marker, operation+" "+of, marker)
		if err != nil {
			return page[T]{}, &larder.Error{Kind: larder.Invalid, Message: "Invalid Marker.", Err: err}
		}
		last = string(plain)
	}
	items, err := read(last, limit+1)
	if err != nil || len(items) <= limit {
		return page[T]{items: items}, err
	}
	items = items[:limit]
	next := p.Keys.SealString(keyring.Marker, operation+" "+of, []byte(key(items[limit-1])))
	return page[T]{items: items, more: true, marker: next}, nil
}
