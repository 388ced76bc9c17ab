package iam

import (
	"context"

	"larder.example/larder"
	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/identity"
)

func (p *Plane) createUser(ctx context.Context, in *iam.CreateUserInput) (*iam.CreateUserOutput, error) {
	if in.PermissionsBoundary != "" {
		return nil, invalidInput("Larder does not have permissions boundaries yet: leave PermissionsBoundary out.")
	}
	var tags []identity.Tag
	for _, t := range in.Tags {
		tags = append(tags, identity.Tag{Key: t.Key, Value: t.Value})
	}
	u, err := p.Identity.CreateUser(ctx, caller(ctx).Account, in.Path, in.UserName, tags)
	if err != nil {
		return nil, err
	}
	return &iam.CreateUserOutput{User: new(described(u))}, nil
}

func invalidInput(message string) error {
	return &larder.Error{Kind: larder.Invalid, Code: "InvalidInput", Message: message}
}

func described(u identity.User) iam.User {
	d := iam.User{Path: u.Path, UserName: u.Name, UserId: u.ID, Arn: u.ARN(), CreateDate: u.CreatedAt}
	for _, t := range u.Tags {
		d.Tags = append(d.Tags, iam.Tag{Key: t.Key, Value: t.Value})
	}
	return d
}

// getUser describes the caller if it names nobody; of root there is not much
// to say.
func (p *Plane) getUser(ctx context.Context, in *iam.GetUserInput) (*iam.GetUserOutput, error) {
	who := caller(ctx)
	if in.UserName == "" && who.Root() {
		a, err := p.Identity.Account(ctx, who.Account)
		return &iam.GetUserOutput{User: &iam.User{UserId: who.ID, Arn: who.ARN, CreateDate: a.CreatedAt}}, err
	}
	u, err := p.Identity.User(ctx, who.Account, p.orCaller(ctx, in.UserName))
	if err != nil {
		return nil, err
	}
	return &iam.GetUserOutput{User: new(described(u))}, nil
}

// orCaller returns the name of the caller's own user if name is empty.
func (p *Plane) orCaller(ctx context.Context, name string) string {
	if name == "" {
		name, _ = p.Identity.UserNamed(caller(ctx).ID)
	}
	return name
}

func (p *Plane) listUsers(ctx context.Context, in *iam.ListUsersInput) (*iam.ListUsersOutput, error) {
	account := caller(ctx).Account
	users, err := list(p, "ListUsers", account+" "+in.PathPrefix, in.Marker, in.MaxItems,
		func(u identity.User) string { return u.Name },
		func(last string, limit int) ([]identity.User, error) {
			return p.Identity.Users(ctx, account, in.PathPrefix, last, limit)
		})
	if err != nil {
		return nil, err
	}
	out := &iam.ListUsersOutput{IsTruncated: users.more, Marker: users.marker}
	for _, u := range users.items {
		out.Users = append(out.Users, described(u))
	}
	return out, nil
}

func (p *Plane) deleteUser(ctx context.Context, in *iam.DeleteUserInput) (*iam.DeleteUserOutput, error) {
	return &iam.DeleteUserOutput{}, p.Identity.DeleteUser(ctx, caller(ctx).Account, in.UserName)
}
