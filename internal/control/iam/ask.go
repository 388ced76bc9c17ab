package iam

import (
	"context"

	"larder.example/larder"
	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/identity"
)

// ask makes the questions that an input raises, the operation's own first.
type ask func(p *Plane, ctx context.Context, action string, in any) []identity.Question

// newUser asks about a user that is to be made and, if it is to have tags,
// whether it may be tagged.
func newUser(_ *Plane, ctx context.Context, action string, in any) []identity.Question {
	create, _ := in.(*iam.CreateUserInput)
	u := identity.User{Account: caller(ctx).Account, Path: create.Path, Name: create.UserName}
	if u.Path == "" {
		u.Path = "/"
	}
	q := identity.Question{Action: action, Resource: larder.ARN(u.ARN())}
	if len(create.Tags) == 0 {
		return []identity.Question{q}
	}
	q.Keys = map[string][]string{}
	for _, t := range create.Tags {
		q.Keys["aws:RequestTag/"+t.Key] = []string{t.Value}
		q.Keys["aws:TagKeys"] = append(q.Keys["aws:TagKeys"], t.Key)
	}
	tag := q
	tag.Action = "iam:TagUser"
	return []identity.Question{q, tag}
}

// allUsers asks about a listing.
func allUsers(_ *Plane, ctx context.Context, action string, _ any) []identity.Question {
	return []identity.Question{{Action: action, Resource: larder.ARN("arn:aws:iam::" + caller(ctx).Account + ":user/")}}
}

// ownUser asks about the user that the input names: the caller, if it names
// none.
func ownUser(p *Plane, ctx context.Context, action string, in any) []identity.Question {
	q := identity.Question{Action: action, Resource: larder.ARN(caller(ctx).ARN)}
	if name := userName(in); name != "" {
		q.Resource = p.Identity.UserARN(caller(ctx).Account, name)
	}
	return []identity.Question{q}
}

// attachedUser is ownUser with the managed policy that is to come or go.
func attachedUser(p *Plane, ctx context.Context, action string, in any) []identity.Question {
	questions := ownUser(p, ctx, action, in)
	switch in := in.(type) {
	case *iam.AttachUserPolicyInput:
		questions[0].Keys = map[string][]string{"iam:PolicyARN": {in.PolicyArn}}
	case *iam.DetachUserPolicyInput:
		questions[0].Keys = map[string][]string{"iam:PolicyARN": {in.PolicyArn}}
	}
	return questions
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
