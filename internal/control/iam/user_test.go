package iam_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
)

func TestUsers(t *testing.T) {
	e := testenv.New(t)
	ctx := t.Context()
	made := testenv.OK(t, e.Admin, iam.CreateUser, &iam.CreateUserInput{
		UserName: "Alice", Path: "/dev/", Tags: []iam.Tag{{Key: "team", Value: "red"}, {Key: "empty"}},
	}).User
	want := &iam.User{
		UserName: "Alice", Path: "/dev/", Arn: "arn:aws:iam::" + e.Account + ":user/dev/Alice", UserId: made.UserId,
		CreateDate: e.Clock.Now().UTC().Truncate(time.Second), Tags: []iam.Tag{{Key: "team", Value: "red"}, {Key: "empty"}},
	}
	if !reflect.DeepEqual(made, want) {
		t.Errorf("got %+v, want %+v", made, want)
	}
	want.Tags = []iam.Tag{{Key: "empty"}, {Key: "team", Value: "red"}}
	for _, name := range []string{"Alice", "alice", "ALICE"} {
		if got := testenv.OK(t, e.Admin, iam.GetUser, &iam.GetUserInput{UserName: name}).User; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
	_, err := client.Call(ctx, e.Admin, iam.CreateUser, &iam.CreateUserInput{UserName: "alice"})
	wantRefusal(t, "again", err, "EntityAlreadyExists", 409, "User with name alice already exists.")

	testenv.OK(t, e.Admin, iam.DeleteUser, &iam.DeleteUserInput{UserName: "alice"})
	for what, err := range map[string]error{
		"get":    errorOf(client.Call(ctx, e.Admin, iam.GetUser, &iam.GetUserInput{UserName: "Alice"})),
		"delete": errorOf(client.Call(ctx, e.Admin, iam.DeleteUser, &iam.DeleteUserInput{UserName: "Alice"})),
		"key":    errorOf(client.Call(ctx, e.Admin, iam.CreateAccessKey, &iam.CreateAccessKeyInput{UserName: "Alice"})),
		"keys":   errorOf(client.Call(ctx, e.Admin, iam.ListAccessKeys, &iam.ListAccessKeysInput{UserName: "Alice"})),
		"policy": errorOf(client.Call(ctx, e.Admin, iam.PutUserPolicy, &iam.PutUserPolicyInput{UserName: "Alice", PolicyName: "p", PolicyDocument: allow("*")})),
		"attach": errorOf(client.Call(ctx, e.Admin, iam.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: "Alice", PolicyArn: readOnly})),
	} {
		wantRefusal(t, what, err, "NoSuchEntity", 404, "The user with name Alice cannot be found.")
	}
}

func errorOf[T any](_ *T, err error) error { return err }

func TestUsersThatAreNoneAreRefused(t *testing.T) {
	e := testenv.New(t)
	for name, tt := range map[string]struct {
		in   iam.CreateUserInput
		code string
	}{
		"no name":                 {iam.CreateUserInput{}, "ValidationError"},
		"a space":                 {iam.CreateUserInput{UserName: "a b"}, "ValidationError"},
		"65 characters":           {iam.CreateUserInput{UserName: strings.Repeat("a", 65)}, "ValidationError"},
		"a path without end":      {iam.CreateUserInput{UserName: "a", Path: "/dev"}, "ValidationError"},
		"a path of 513":           {iam.CreateUserInput{UserName: "a", Path: "/" + strings.Repeat("a", 511) + "/"}, "ValidationError"},
		"51 tags":                 {iam.CreateUserInput{UserName: "a", Tags: make([]iam.Tag, 51)}, "ValidationError"},
		"a tag twice":             {iam.CreateUserInput{UserName: "a", Tags: []iam.Tag{{Key: "x"}, {Key: "X"}}}, "InvalidInput"},
		"a tag of AWS's":          {iam.CreateUserInput{UserName: "a", Tags: []iam.Tag{{Key: "aws:x"}}}, "InvalidInput"},
		"a boundary that is none": {iam.CreateUserInput{UserName: "a", PermissionsBoundary: "arn:aws:iam::aws:role/x"}, "InvalidInput"},
	} {
		_, err := client.Call(t.Context(), e.Admin, iam.CreateUser, &tt.in)
		wantRefusal(t, name, err, tt.code, 400, "")
	}
	for name, path := range map[string]string{"longest": "/" + strings.Repeat("a", 510) + "/", "root": "/"} {
		testenv.OK(t, e.Admin, iam.CreateUser, &iam.CreateUserInput{UserName: strings.Repeat("+", 63) + name[:1], Path: path})
	}
}

func TestListUsersHasPages(t *testing.T) {
	e := testenv.New(t)
	want := []string{"quickstart"}
	for i := range 7 {
		name := fmt.Sprintf("user%d", i)
		path := "/"
		if i%2 == 0 {
			path = "/even/"
		}
		testenv.OK(t, e.Admin, iam.CreateUser, &iam.CreateUserInput{UserName: name, Path: path})
		want = append(want, name)
	}
	var first string
	for limit := 1; limit <= 3; limit++ {
		var got []string
		for marker := ""; ; {
			out := testenv.OK(t, e.Admin, iam.ListUsers, &iam.ListUsersInput{MaxItems: limit, Marker: marker})
			if len(out.Users) > limit || out.IsTruncated != (out.Marker != "") || len(out.Marker) > 320 {
				t.Fatalf("got %+v", out)
			}
			for _, u := range out.Users {
				if len(u.Tags) > 0 || u.UserId == "" || u.Arn == "" {
					t.Errorf("got %+v", u)
				}
				got = append(got, u.UserName)
			}
			if !out.IsTruncated {
				break
			}
			marker = out.Marker
			if first == "" {
				first = marker
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("by %d: got %v, want %v", limit, got, want)
		}
	}
	even := testenv.OK(t, e.Admin, iam.ListUsers, &iam.ListUsersInput{PathPrefix: "/even/"})
	if len(even.Users) != 4 || even.IsTruncated {
		t.Errorf("got %+v", even)
	}

	for name, in := range map[string]iam.ListUsersInput{
		"made up":         {Marker: "made-up"},
		"tampered":        {Marker: first + "A"},
		"of another path": {Marker: first, PathPrefix: "/even/"},
	} {
		_, err := client.Call(t.Context(), e.Admin, iam.ListUsers, &in)
		wantRefusal(t, name, err, "ValidationError", 400, "Invalid Marker.")
	}
	_, err := client.Call(t.Context(), e.Admin, iam.ListAccessKeys, &iam.ListAccessKeysInput{Marker: first})
	wantRefusal(t, "of another operation", err, "ValidationError", 400, "Invalid Marker.")
	_, err = client.Call(t.Context(), e.Root(e.NewAccount()), iam.ListUsers, &iam.ListUsersInput{Marker: first})
	wantRefusal(t, "of another account", err, "ValidationError", 400, "Invalid Marker.")
	for _, size := range []string{"0", "1001", "-1"} {
		if a := form(e, e.Admin, "ListUsers", "MaxItems", size); a.Status != http.StatusBadRequest || !strings.Contains(a.Body, "<Code>ValidationError</Code>") {
			t.Errorf("MaxItems=%s: got %d %s", size, a.Status, a.Body)
		}
	}
}

// Without UserName a call is about its caller.
func TestGetUserWithoutANameIsAboutTheCaller(t *testing.T) {
	e := testenv.New(t)
	alice := e.User("alice", allow("iam:*"))
	if got := testenv.OK(t, alice, iam.GetUser, &iam.GetUserInput{}).User; got.UserName != "alice" || got.Arn != "arn:aws:iam::"+e.Account+":user/alice" {
		t.Errorf("got %+v", got)
	}
	got := testenv.OK(t, e.Root(e.Account), iam.GetUser, &iam.GetUserInput{}).User
	if got.UserId != e.Account || got.Arn != "arn:aws:iam::"+e.Account+":root" || got.CreateDate.IsZero() {
		t.Errorf("got %+v", got)
	}
}

func TestUsersAreOfTheCallersAccount(t *testing.T) {
	e := testenv.New(t)
	e.User("alice")
	root := e.Root(e.NewAccount())
	_, err := client.Call(t.Context(), root, iam.GetUser, &iam.GetUserInput{UserName: "alice"})
	wantRefusal(t, "another account's", err, "NoSuchEntity", 404, "The user with name alice cannot be found.")
	if out := testenv.OK(t, root, iam.ListUsers, &iam.ListUsersInput{}); len(out.Users) > 0 {
		t.Errorf("got %+v", out.Users)
	}
	testenv.OK(t, root, iam.CreateUser, &iam.CreateUserInput{UserName: "alice"})
}

func TestDeleteUserInIAMsOrder(t *testing.T) {
	e := testenv.New(t)
	alice := e.User("alice", allow("*"))
	testenv.OK(t, e.Admin, iam.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: "alice", PolicyArn: readOnly})
	for _, step := range []struct {
		must string
		undo func()
	}{
		{"must delete access keys first.", func() {
			testenv.OK(t, e.Admin, iam.DeleteAccessKey, &iam.DeleteAccessKeyInput{UserName: "alice", AccessKeyId: alice.KeyID})
		}},
		{"must detach all policies first.", func() {
			testenv.OK(t, e.Admin, iam.DetachUserPolicy, &iam.DetachUserPolicyInput{UserName: "alice", PolicyArn: readOnly})
		}},
		{"must delete policies first.", func() {
			testenv.OK(t, e.Admin, iam.DeleteUserPolicy, &iam.DeleteUserPolicyInput{UserName: "alice", PolicyName: "policy0"})
		}},
	} {
		_, err := client.Call(t.Context(), e.Admin, iam.DeleteUser, &iam.DeleteUserInput{UserName: "alice"})
		wantRefusal(t, step.must, err, "DeleteConflict", 409, "Cannot delete entity, "+step.must)
		step.undo()
	}
	testenv.OK(t, e.Admin, iam.DeleteUser, &iam.DeleteUserInput{UserName: "alice"})
}
