package iam_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
	"larder.example/larder/internal/wire"
)

// operation is one call and the resource that it asks about.
type operation struct {
	op       wire.Info
	resource string
	call     func(context.Context, *client.Client) error
}

func calls[In, Out any](op wire.Op[In, Out], resource string, in *In) operation {
	return operation{wire.Info(op), resource, func(ctx context.Context, c *client.Client) error {
		_, err := client.Call(ctx, c, op, in)
		return err
	}}
}

// operations are all that are served, about a user with a path.
func operations(account, path, name, keyID string) []operation {
	user := "arn:aws:iam::" + account + ":user" + path + name
	return []operation{
		calls(iam.CreateUser, user, &iam.CreateUserInput{Path: path, UserName: name}),
		calls(iam.GetUser, user, &iam.GetUserInput{UserName: name}),
		calls(iam.ListUsers, "arn:aws:iam::"+account+":user/", &iam.ListUsersInput{}),
		calls(iam.CreateAccessKey, user, &iam.CreateAccessKeyInput{UserName: name}),
		calls(iam.ListAccessKeys, user, &iam.ListAccessKeysInput{UserName: name}),
		calls(iam.UpdateAccessKey, user, &iam.UpdateAccessKeyInput{UserName: name, AccessKeyId: keyID, Status: "Active"}),
		calls(iam.DeleteAccessKey, user, &iam.DeleteAccessKeyInput{UserName: name, AccessKeyId: keyID}),
		calls(iam.PutUserPolicy, user, &iam.PutUserPolicyInput{UserName: name, PolicyName: "p", PolicyDocument: allow("*")}),
		calls(iam.GetUserPolicy, user, &iam.GetUserPolicyInput{UserName: name, PolicyName: "p"}),
		calls(iam.ListUserPolicies, user, &iam.ListUserPoliciesInput{UserName: name}),
		calls(iam.DeleteUserPolicy, user, &iam.DeleteUserPolicyInput{UserName: name, PolicyName: "p"}),
		calls(iam.AttachUserPolicy, user, &iam.AttachUserPolicyInput{UserName: name, PolicyArn: readOnly}),
		calls(iam.DetachUserPolicy, user, &iam.DetachUserPolicyInput{UserName: name, PolicyArn: readOnly}),
		calls(iam.ListAttachedUserPolicies, user, &iam.ListAttachedUserPoliciesInput{UserName: name}),
		calls(iam.DeleteUser, user, &iam.DeleteUserInput{UserName: name}),
	}
}

func TestEachOperationNeedsItsOwnPermission(t *testing.T) {
	e := testenv.New(t)
	testenv.OK(t, e.Admin, iam.CreateUser, &iam.CreateUserInput{UserName: "there", Path: "/dev/"})
	one := e.User("one")
	for _, all := range [][]operation{operations(e.Account, "/dev/", "there", one.KeyID), operations(e.Account, "/", "absent", one.KeyID)} {
		for _, o := range all {
			e.PutUserPolicy("one", "p", policy("Deny", "s3:*", "*"))
			want := "User: arn:aws:iam::" + e.Account + ":user/one is not authorized to perform: " + o.op.Action() + " on resource: " + o.resource +
				" because no identity-based policy allows the " + o.op.Action() + " action"
			wantRefusal(t, o.op.Name, o.call(t.Context(), one), "AccessDenied", 403, want)

			e.PutUserPolicy("one", "p", policy("Allow", o.op.Action(), o.resource+"x"))
			wantRefusal(t, o.op.Name+" on another", o.call(t.Context(), one), "AccessDenied", 403, want)

			e.PutUserPolicy("one", "p", policy("Allow", o.op.Action(), o.resource))
			if err := o.call(t.Context(), one); testenv.RefusalOf(err).Code == "AccessDenied" {
				t.Errorf("%s: allowed: got %v", o.op.Name, err)
			}
		}
	}
}

// Calls about the caller itself are about its own ARN.
func TestCallsWithoutANameAskAboutTheCaller(t *testing.T) {
	e := testenv.New(t)
	alice := e.User("alice", policy("Allow", "iam:*", "arn:aws:iam::*:user/${aws:username}"))
	testenv.OK(t, alice, iam.GetUser, &iam.GetUserInput{})
	testenv.OK(t, alice, iam.ListAccessKeys, &iam.ListAccessKeysInput{})
	testenv.OK(t, alice, iam.ListAccessKeys, &iam.ListAccessKeysInput{UserName: "ALICE"})
	_, err := client.Call(t.Context(), alice, iam.ListAccessKeys, &iam.ListAccessKeysInput{UserName: "quickstart"})
	wantRefusal(t, "another's", err, "AccessDenied", 403, "")
}

// A user with tags needs TagUser too, and policies see the tags.
func TestTagsOfANewUserAreAskedAbout(t *testing.T) {
	e := testenv.New(t)
	maker := e.User("maker", allow("iam:CreateUser"))
	in := &iam.CreateUserInput{UserName: "fresh", Tags: []iam.Tag{{Key: "team", Value: "red"}}}
	_, err := client.Call(t.Context(), maker, iam.CreateUser, in)
	wantRefusal(t, "without TagUser", err, "AccessDenied", 403, "User: arn:aws:iam::"+e.Account+":user/maker is not authorized to perform: iam:TagUser on resource: arn:aws:iam::"+
		e.Account+":user/fresh because no identity-based policy allows the iam:TagUser action")
	e.PutUserPolicy("maker", "tag", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:TagUser","Resource":"*","Condition":{"StringEquals":{"aws:RequestTag/team":"blue"}}}}`)
	_, err = client.Call(t.Context(), maker, iam.CreateUser, in)
	wantRefusal(t, "another tag", err, "AccessDenied", 403, "")
	in.Tags[0].Value = "blue"
	testenv.OK(t, maker, iam.CreateUser, in)
}

func TestAttachMayBeAllowedForSomePoliciesOnly(t *testing.T) {
	e := testenv.New(t)
	maker := e.User("maker", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["iam:AttachUserPolicy","iam:DetachUserPolicy"],"Resource":"*",
		"Condition":{"ArnEquals":{"iam:PolicyARN":"`+readOnly+`"}}}}`)
	e.User("alice")
	testenv.OK(t, maker, iam.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: "alice", PolicyArn: readOnly})
	testenv.OK(t, maker, iam.DetachUserPolicy, &iam.DetachUserPolicyInput{UserName: "alice", PolicyArn: readOnly})
	_, err := client.Call(t.Context(), maker, iam.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: "alice", PolicyArn: administrator})
	wantRefusal(t, "another policy", err, "AccessDenied", 403, "")
}

// What does not exist is answered before anything else, but for a signature.
func TestActionsThatDoNotExist(t *testing.T) {
	e := testenv.New(t)
	nobody := e.User("nobody")
	for _, tt := range []struct {
		name, body, want string
	}{
		{"no such action", "Action=FlyToTheMoon&Version=2010-05-08", "Could not find operation FlyToTheMoon for version 2010-05-08"},
		{"not served", "Action=CreateSAMLProvider&Version=2010-05-08&Name=g", "Could not find operation CreateSAMLProvider for version 2010-05-08"},
		{"STS's version", "Action=CreateUser&Version=2011-06-15", "Could not find operation CreateUser for version 2011-06-15"},
		{"no version", "Action=CreateUser", "Could not find operation CreateUser for version NO_VERSION_SPECIFIED"},
	} {
		a := e.DoSigned(nobody, "iam", http.MethodPost, "/", tt.body, "Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
		if a.Status != http.StatusBadRequest || !strings.Contains(a.Body, "<Code>InvalidAction</Code>") || !strings.Contains(a.Body, tt.want) ||
			!strings.Contains(a.Body, `xmlns="http://webservices.amazon.com/AWSFault/2005-15-09"`) {
			t.Errorf("%s: got %d %s", tt.name, a.Status, a.Body)
		}
	}
}
