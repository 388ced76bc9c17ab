package iam

import (
	"context"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/meta"
)

func (p *Plane) createUser(ctx context.Context, in *iam.CreateUserInput) (*iam.CreateUserOutput, error) {
	u, err := p.Identity.CreateEntity(ctx, identity.Entity{
		EntityRef: user(ctx, in.UserName), Path: in.Path, Boundary: in.PermissionsBoundary, Tags: tagsIn(in.Tags),
	})
	if err != nil {
		return nil, err
	}
	return &iam.CreateUserOutput{User: new(userOut(u))}, nil
}

func userOut(u identity.Entity) iam.User {
	return iam.User{
		Path: u.Path, UserName: u.Name, UserId: u.ID, Arn: u.ARN(), CreateDate: u.CreatedAt,
		PermissionsBoundary: boundaryOut(u.Boundary), Tags: tagsOut(u.Tags),
	}
}

// listedUser is what a listing says of a user: neither tags nor boundary, says
// IAM's API reference.
func listedUser(u identity.Entity) iam.User {
	u.Boundary, u.Tags = "", nil
	return userOut(u)
}

// getUser describes the caller if it names nobody; of root there is not much
// to say.
func (p *Plane) getUser(ctx context.Context, in *iam.GetUserInput) (*iam.GetUserOutput, error) {
	who := caller(ctx)
	if in.UserName == "" && who.Root() {
		a, err := p.Identity.Account(ctx, who.Account)
		return &iam.GetUserOutput{User: &iam.User{UserId: who.ID, Arn: who.ARN, CreateDate: a.CreatedAt}}, err
	}
	ref, err := p.userOrSelf(ctx, in.UserName)
	if err != nil {
		return nil, err
	}
	u, err := p.Identity.Entity(ctx, ref)
	if err != nil {
		return nil, err
	}
	return &iam.GetUserOutput{User: new(userOut(u))}, nil
}

// entities returns a page of the entities of a kind.
func (p *Plane) entities(ctx context.Context, operation string, k identity.Kind, prefix, marker string, limit int) (page[identity.Entity], error) {
	account := caller(ctx).Account
	return list(p, operation, account+" "+prefix, marker, limit,
		func(e identity.Entity) string { return e.Name },
		func(last string, limit int) ([]identity.Entity, error) {
			return p.Identity.Entities(ctx, account, k, prefix, last, limit)
		})
}

func (p *Plane) listUsers(ctx context.Context, in *iam.ListUsersInput) (*iam.ListUsersOutput, error) {
	users, err := p.entities(ctx, iam.ListUsers.Name, meta.User, in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &iam.ListUsersOutput{IsTruncated: users.more, Marker: users.marker}
	for _, u := range users.items {
		out.Users = append(out.Users, listedUser(u))
	}
	return out, nil
}

func (p *Plane) updateUser(ctx context.Context, in *iam.UpdateUserInput) (*iam.UpdateUserOutput, error) {
	return &iam.UpdateUserOutput{}, p.Identity.MoveEntity(ctx, user(ctx, in.UserName), in.NewPath, in.NewUserName)
}

func (p *Plane) deleteUser(ctx context.Context, in *iam.DeleteUserInput) (*iam.DeleteUserOutput, error) {
	return &iam.DeleteUserOutput{}, p.Identity.DeleteEntity(ctx, user(ctx, in.UserName))
}
