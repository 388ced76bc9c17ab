package iam_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
)

func TestGroups(t *testing.T) {
	e := testenv.New(t)
	ctx := t.Context()
	made := testenv.OK(t, e.Admin, iam.CreateGroup, &iam.CreateGroupInput{GroupName: "Dev", Path: "/team/"}).Group
	want := &iam.Group{
		GroupName: "Dev", Path: "/team/", Arn: "arn:aws:iam::" + e.Account + ":group/team/Dev", GroupId: made.GroupId,
		CreateDate: e.Clock.Now().UTC().Truncate(time.Second),
	}
	if !reflect.DeepEqual(made, want) || made.GroupId[:4] != "AGPA" || len(made.GroupId) != 21 {
		t.Errorf("got %+v, want %+v", made, want)
	}
	_, err := client.Call(ctx, e.Admin, iam.CreateGroup, &iam.CreateGroupInput{GroupName: "dev"})
	wantRefusal(t, "again", err, "EntityAlreadyExists", 409, "Group with name dev already exists.")

	members := []string{"Alice", "bob", "Carol"}
	for _, name := range slices.Backward(members) {
		e.User(name)
		for range 2 { // a second time is fine
			testenv.OK(t, e.Admin, iam.AddUserToGroup, &iam.AddUserToGroupInput{GroupName: "dev", UserName: name})
		}
	}
	var got []string
	for marker := ""; ; {
		out := testenv.OK(t, e.Admin, iam.GetGroup, &iam.GetGroupInput{GroupName: "dev", MaxItems: 2, Marker: marker})
		if !reflect.DeepEqual(out.Group, want) {
			t.Errorf("got %+v, want %+v", out.Group, want)
		}
		for _, u := range out.Users {
			got = append(got, u.UserName)
		}
		if marker = out.Marker; !out.IsTruncated {
			break
		}
	}
	if !slices.Equal(got, members) {
		t.Errorf("got %v, want %v", got, members)
	}

	for _, step := range []struct {
		must string
		undo func()
	}{
		{"must detach all policies first.", func() {
			testenv.OK(t, e.Admin, iam.DetachGroupPolicy, &iam.DetachGroupPolicyInput{GroupName: "dev", PolicyArn: readOnly})
		}},
		{"must delete policies first.", func() {
			testenv.OK(t, e.Admin, iam.DeleteGroupPolicy, &iam.DeleteGroupPolicyInput{GroupName: "dev", PolicyName: "p"})
		}},
		{"must remove users from group first.", func() {
			for _, name := range append(members, "bob") { // a second time is fine
				testenv.OK(t, e.Admin, iam.RemoveUserFromGroup, &iam.RemoveUserFromGroupInput{GroupName: "DEV", UserName: name})
			}
		}},
	} {
		if step.must == "must detach all policies first." {
			testenv.OK(t, e.Admin, iam.AttachGroupPolicy, &iam.AttachGroupPolicyInput{GroupName: "dev", PolicyArn: readOnly})
			testenv.OK(t, e.Admin, iam.PutGroupPolicy, &iam.PutGroupPolicyInput{GroupName: "dev", PolicyName: "p", PolicyDocument: allow("iam:*")})
		}
		_, err := client.Call(ctx, e.Admin, iam.DeleteGroup, &iam.DeleteGroupInput{GroupName: "dev"})
		wantRefusal(t, step.must, err, "DeleteConflict", 409, "Cannot delete entity, "+step.must)
		step.undo()
	}
	testenv.OK(t, e.Admin, iam.DeleteGroup, &iam.DeleteGroupInput{GroupName: "dev"})
	_, err = client.Call(ctx, e.Admin, iam.GetGroup, &iam.GetGroupInput{GroupName: "Dev"})
	wantRefusal(t, "get", err, "NoSuchEntity", 404, "The group with name Dev cannot be found.")
}

// A group's rights are those of its members, from the next request on.
func TestMembersHaveTheirGroupsRightsAtOnce(t *testing.T) {
	e := testenv.New(t)
	alice := e.User("alice")
	testenv.OK(t, e.Admin, iam.CreateGroup, &iam.CreateGroupInput{GroupName: "dev"})
	testenv.OK(t, e.Admin, iam.AttachGroupPolicy, &iam.AttachGroupPolicyInput{GroupName: "dev", PolicyArn: readOnly})
	list := func() string {
		_, err := client.Call(t.Context(), alice, iam.ListUsers, &iam.ListUsersInput{})
		return testenv.RefusalOf(err).Code
	}
	for range 3 {
		if got := list(); got != "AccessDenied" {
			t.Errorf("outside: got %q", got)
		}
		testenv.OK(t, e.Admin, iam.AddUserToGroup, &iam.AddUserToGroupInput{GroupName: "dev", UserName: "alice"})
		if got := list(); got != "" {
			t.Errorf("inside: got %q", got)
		}
		testenv.OK(t, e.Admin, iam.PutGroupPolicy, &iam.PutGroupPolicyInput{GroupName: "dev", PolicyName: "no", PolicyDocument: policy("Deny", "iam:ListUsers", "*")})
		if got := list(); got != "AccessDenied" {
			t.Errorf("denied: got %q", got)
		}
		testenv.OK(t, e.Admin, iam.DeleteGroupPolicy, &iam.DeleteGroupPolicyInput{GroupName: "dev", PolicyName: "no"})
		testenv.OK(t, e.Admin, iam.RemoveUserFromGroup, &iam.RemoveUserFromGroupInput{GroupName: "dev", UserName: "alice"})
	}
}

func TestAUserIsInTenGroupsAtMost(t *testing.T) {
	e := testenv.New(t)
	e.User("alice")
	var want []string
	for i := range 11 {
		name := fmt.Sprintf("G%02d", i)
		testenv.OK(t, e.Admin, iam.CreateGroup, &iam.CreateGroupInput{GroupName: name})
		_, err := client.Call(t.Context(), e.Admin, iam.AddUserToGroup, &iam.AddUserToGroupInput{GroupName: name, UserName: "alice"})
		if i == 10 {
			wantRefusal(t, name, err, "LimitExceeded", 409, "Cannot exceed quota for GroupsPerUser: 10")
		} else if want = append(want, name); err != nil {
			t.Error(err)
		}
	}
	var got []string
	for marker := ""; ; {
		out := testenv.OK(t, e.Admin, iam.ListGroupsForUser, &iam.ListGroupsForUserInput{UserName: "alice", MaxItems: 3, Marker: marker})
		for _, g := range out.Groups {
			got = append(got, g.GroupName)
		}
		if marker = out.Marker; !out.IsTruncated {
			break
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	_, err := client.Call(t.Context(), e.Admin, iam.DeleteUser, &iam.DeleteUserInput{UserName: "alice"})
	wantRefusal(t, "with a key", err, "DeleteConflict", 409, "Cannot delete entity, must delete access keys first.")
}

// Who is given another name stays who he is: ID, keys, policies and groups
// are his still.
func TestMovedUsersAndGroupsStayThemselves(t *testing.T) {
	e := testenv.New(t)
	bob := e.User("bob")
	before := testenv.OK(t, e.Admin, iam.GetUser, &iam.GetUserInput{UserName: "bob"}).User
	group := testenv.OK(t, e.Admin, iam.CreateGroup, &iam.CreateGroupInput{GroupName: "dev"}).Group
	testenv.OK(t, e.Admin, iam.AttachGroupPolicy, &iam.AttachGroupPolicyInput{GroupName: "dev", PolicyArn: readOnly})
	testenv.OK(t, e.Admin, iam.AddUserToGroup, &iam.AddUserToGroupInput{GroupName: "dev", UserName: "bob"})
	e.User("carol")

	_, err := client.Call(t.Context(), e.Admin, iam.UpdateUser, &iam.UpdateUserInput{UserName: "bob", NewUserName: "Carol"})
	wantRefusal(t, "another's name", err, "EntityAlreadyExists", 409, "User with name Carol already exists.")
	testenv.OK(t, e.Admin, iam.UpdateUser, &iam.UpdateUserInput{UserName: "bob", NewUserName: "BOB"})
	testenv.OK(t, e.Admin, iam.UpdateUser, &iam.UpdateUserInput{UserName: "bob", NewUserName: "Robert", NewPath: "/staff/"})
	testenv.OK(t, e.Admin, iam.UpdateGroup, &iam.UpdateGroupInput{GroupName: "dev", NewGroupName: "makers", NewPath: "/g/"})

	after := testenv.OK(t, bob, iam.GetUser, &iam.GetUserInput{}).User
	if after.UserId != before.UserId || after.Arn != "arn:aws:iam::"+e.Account+":user/staff/Robert" {
		t.Errorf("got %+v, was %+v", after, before)
	}
	in := testenv.OK(t, bob, iam.ListGroupsForUser, &iam.ListGroupsForUserInput{UserName: "robert"}).Groups
	if len(in) != 1 || in[0].GroupId != group.GroupId || in[0].Arn != "arn:aws:iam::"+e.Account+":group/g/makers" {
		t.Errorf("got %+v", in)
	}
	_, err = client.Call(t.Context(), e.Admin, iam.GetUser, &iam.GetUserInput{UserName: "bob"})
	wantRefusal(t, "the old name", err, "NoSuchEntity", 404, "")
	testenv.OK(t, e.Admin, iam.CreateUser, &iam.CreateUserInput{UserName: "bob"})
}
