package iam

import (
	"context"
	"strings"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/meta"
)

func groupOut(g identity.Entity) iam.Group {
	return iam.Group{Path: g.Path, GroupName: g.Name, GroupId: g.ID, Arn: g.ARN(), CreateDate: g.CreatedAt}
}

func (p *Plane) createGroup(ctx context.Context, in *iam.CreateGroupInput) (*iam.CreateGroupOutput, error) {
	g, err := p.Identity.CreateEntity(ctx, identity.Entity{EntityRef: group(ctx, in.GroupName), Path: in.Path})
	if err != nil {
		return nil, err
	}
	return &iam.CreateGroupOutput{Group: new(groupOut(g))}, nil
}

// getGroup answers pages of the group's users.
func (p *Plane) getGroup(ctx context.Context, in *iam.GetGroupInput) (*iam.GetGroupOutput, error) {
	ref := group(ctx, in.GroupName)
	var g identity.Entity
	users, err := list(p, iam.GetGroup.Name, ref.Account+" "+ref.Name, in.Marker, in.MaxItems,
		func(u identity.Entity) string { return u.Name },
		func(last string, limit int) (users []identity.Entity, err error) {
			g, users, err = p.Identity.Members(ctx, ref, last, limit)
			return users, err
		})
	if err != nil {
		return nil, err
	}
	out := &iam.GetGroupOutput{Group: new(groupOut(g)), IsTruncated: users.more, Marker: users.marker}
	for _, u := range users.items {
		out.Users = append(out.Users, listedUser(u))
	}
	return out, nil
}

func (p *Plane) listGroups(ctx context.Context, in *iam.ListGroupsInput) (*iam.ListGroupsOutput, error) {
	groups, err := p.entities(ctx, iam.ListGroups.Name, meta.Group, in.PathPrefix, in.Marker, in.MaxItems)
	if err != nil {
		return nil, err
	}
	out := &iam.ListGroupsOutput{IsTruncated: groups.more, Marker: groups.marker}
	for _, g := range groups.items {
		out.Groups = append(out.Groups, groupOut(g))
	}
	return out, nil
}

func (p *Plane) updateGroup(ctx context.Context, in *iam.UpdateGroupInput) (*iam.UpdateGroupOutput, error) {
	return &iam.UpdateGroupOutput{}, p.Identity.MoveEntity(ctx, group(ctx, in.GroupName), in.NewPath, in.NewGroupName)
}

func (p *Plane) deleteGroup(ctx context.Context, in *iam.DeleteGroupInput) (*iam.DeleteGroupOutput, error) {
	return &iam.DeleteGroupOutput{}, p.Identity.DeleteEntity(ctx, group(ctx, in.GroupName))
}

func (p *Plane) addUserToGroup(ctx context.Context, in *iam.AddUserToGroupInput) (*iam.AddUserToGroupOutput, error) {
	return &iam.AddUserToGroupOutput{}, p.Identity.AddToGroup(ctx, group(ctx, in.GroupName), user(ctx, in.UserName))
}

func (p *Plane) removeUserFromGroup(ctx context.Context, in *iam.RemoveUserFromGroupInput) (*iam.RemoveUserFromGroupOutput, error) {
	return &iam.RemoveUserFromGroupOutput{}, p.Identity.RemoveFromGroup(ctx, group(ctx, in.GroupName), user(ctx, in.UserName))
}

func (p *Plane) listGroupsForUser(ctx context.Context, in *iam.ListGroupsForUserInput) (*iam.ListGroupsForUserOutput, error) {
	ref := user(ctx, in.UserName)
	key := func(g identity.Entity) string { return strings.ToLower(g.Name) }
	groups, err := list(p, iam.ListGroupsForUser.Name, ref.Account+" "+ref.Name, in.Marker, in.MaxItems, key,
		behind(func() ([]identity.Entity, error) { return p.Identity.GroupsOf(ctx, ref) }, key))
	if err != nil {
		return nil, err
	}
	out := &iam.ListGroupsForUserOutput{IsTruncated: groups.more, Marker: groups.marker}
	for _, g := range groups.items {
		out.Groups = append(out.Groups, groupOut(g))
	}
	return out, nil
}
