package iam

import (
	"context"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/meta"
)

func caller(ctx context.Context) identity.Principal {
	c, _ := identity.CallerFrom(ctx)
	return c.Principal
}

// refIn returns the entity of a kind that an input names, in the caller's
// account.
func refIn(ctx context.Context, k identity.Kind, n iam.Names) identity.EntityRef {
	switch k {
	case meta.Group:
		return group(ctx, n.GroupName)
	case meta.Role:
		return role(ctx, n.RoleName)
	default:
		return user(ctx, n.UserName)
	}
}

func user(ctx context.Context, name string) identity.EntityRef {
	return identity.UserRef(caller(ctx).Account, name)
}

func group(ctx context.Context, name string) identity.EntityRef {
	return identity.GroupRef(caller(ctx).Account, name)
}

func role(ctx context.Context, name string) identity.EntityRef {
	return identity.RoleRef(caller(ctx).Account, name)
}

// self returns the caller as a user. Who calls with a role has to say whom it
// is about, in IAM's words.
func (p *Plane) self(ctx context.Context) (identity.EntityRef, error) {
	ref, ok := p.Identity.Named(caller(ctx).ID)
	if !ok || ref.Kind != meta.User {
		return ref, larder.Errorf(larder.Invalid, "Must specify userName when calling with non-User credentials")
	}
	return ref, nil
}

// userOrSelf returns the user of a name; the caller if it is empty.
func (p *Plane) userOrSelf(ctx context.Context, name string) (identity.EntityRef, error) {
	if name == "" {
		return p.self(ctx)
	}
	return user(ctx, name), nil
}

func orRoot(path string) string {
	if path == "" {
		return "/"
	}
	return path
}

// pathOf returns the path in the ARN of an entity.
func pathOf(arn larder.ARN) string {
	s := string(arn)
	return s[strings.IndexByte(s, '/') : strings.LastIndexByte(s, '/')+1]
}
