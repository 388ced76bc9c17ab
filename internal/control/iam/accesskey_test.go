package iam_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/api/sts"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
)

func TestAccessKeys(t *testing.T) {
	e := testenv.New(t)
	ctx := t.Context()
	testenv.OK(t, e.Admin, iam.CreateUser, &iam.CreateUserInput{UserName: "Alice"})
	first := testenv.OK(t, e.Admin, iam.CreateAccessKey, &iam.CreateAccessKeyInput{UserName: "alice"}).AccessKey
	if first.UserName != "Alice" || first.Status != "Active" || !strings.HasPrefix(first.AccessKeyId, "AKIA") || len(first.SecretAccessKey) != 40 ||
		!first.CreateDate.Equal(e.Clock.Now().Truncate(time.Second)) {
		t.Errorf("got %+v", first)
	}
	second := testenv.OK(t, e.Admin, iam.CreateAccessKey, &iam.CreateAccessKeyInput{UserName: "Alice"}).AccessKey
	_, err := client.Call(ctx, e.Admin, iam.CreateAccessKey, &iam.CreateAccessKeyInput{UserName: "Alice"})
	wantRefusal(t, "a third", err, "LimitExceeded", 409, "Cannot exceed quota for AccessKeysPerUser: 2")

	want := []string{first.AccessKeyId, second.AccessKeyId}
	slices.Sort(want)
	one := testenv.OK(t, e.Admin, iam.ListAccessKeys, &iam.ListAccessKeysInput{UserName: "alice", MaxItems: 1})
	two := testenv.OK(t, e.Admin, iam.ListAccessKeys, &iam.ListAccessKeysInput{UserName: "alice", MaxItems: 1, Marker: one.Marker})
	if !one.IsTruncated || two.IsTruncated || two.Marker != "" || len(one.AccessKeyMetadata)+len(two.AccessKeyMetadata) != 2 ||
		one.AccessKeyMetadata[0].AccessKeyId != want[0] || two.AccessKeyMetadata[0].AccessKeyId != want[1] || one.AccessKeyMetadata[0].UserName != "Alice" {
		t.Errorf("got %+v and %+v, want %v", one, two, want)
	}

	alice := client.Client{URL: e.URL, Region: testenv.Region, KeyID: first.AccessKeyId, Secret: first.SecretAccessKey, Attempts: 1, Now: e.Clock.Now}
	who := func() error {
		_, err := client.Call(ctx, &alice, sts.GetCallerIdentity, &sts.GetCallerIdentityInput{})
		return err
	}
	if err := who(); err != nil {
		t.Errorf("with the new key: %v", err)
	}
	testenv.OK(t, e.Admin, iam.UpdateAccessKey, &iam.UpdateAccessKeyInput{UserName: "Alice", AccessKeyId: first.AccessKeyId, Status: "Inactive"})
	wantRefusal(t, "inactive", who(), "InvalidClientTokenId", 403, "The security token included in the request is invalid.")
	testenv.OK(t, e.Admin, iam.UpdateAccessKey, &iam.UpdateAccessKeyInput{UserName: "Alice", AccessKeyId: first.AccessKeyId, Status: "Active"})
	if err := who(); err != nil {
		t.Errorf("active again: %v", err)
	}
	testenv.OK(t, e.Admin, iam.DeleteAccessKey, &iam.DeleteAccessKeyInput{UserName: "Alice", AccessKeyId: first.AccessKeyId})
	wantRefusal(t, "deleted", who(), "InvalidClientTokenId", 403, "The security token included in the request is invalid.")

	gone := "The Access Key with id " + first.AccessKeyId + " cannot be found."
	_, err = client.Call(ctx, e.Admin, iam.DeleteAccessKey, &iam.DeleteAccessKeyInput{UserName: "Alice", AccessKeyId: first.AccessKeyId})
	wantRefusal(t, "delete again", err, "NoSuchEntity", 404, gone)
	_, err = client.Call(ctx, e.Admin, iam.UpdateAccessKey, &iam.UpdateAccessKeyInput{UserName: "Alice", AccessKeyId: first.AccessKeyId, Status: "Active"})
	wantRefusal(t, "update again", err, "NoSuchEntity", 404, gone)
	_, err = client.Call(ctx, e.Admin, iam.DeleteAccessKey, &iam.DeleteAccessKeyInput{UserName: "quickstart", AccessKeyId: second.AccessKeyId})
	wantRefusal(t, "another's", err, "NoSuchEntity", 404, "")
	_, err = client.Call(ctx, e.Admin, iam.UpdateAccessKey, &iam.UpdateAccessKeyInput{UserName: "Alice", AccessKeyId: second.AccessKeyId, Status: "Lost"})
	wantRefusal(t, "a status that is none", err, "ValidationError", 400, "")
	_, err = client.Call(ctx, e.Admin, iam.UpdateAccessKey, &iam.UpdateAccessKeyInput{UserName: "Alice", AccessKeyId: second.AccessKeyId, Status: "Expired"})
	wantRefusal(t, "a status that nobody sets", err, "InvalidInput", 400, "")
}

// Without UserName, keys are the caller's own: a user's, or root's.
func TestAccessKeysWithoutANameAreTheCallersOwn(t *testing.T) {
	e := testenv.New(t)
	for name, c := range map[string]*client.Client{"alice": e.User("alice", allow("iam:*")), "root": e.Root(e.Account)} {
		made := testenv.OK(t, c, iam.CreateAccessKey, &iam.CreateAccessKeyInput{}).AccessKey
		if made.UserName != name {
			t.Errorf("%s: got %+v", name, made)
		}
		var ids []string
		for _, k := range testenv.OK(t, c, iam.ListAccessKeys, &iam.ListAccessKeysInput{}).AccessKeyMetadata {
			ids = append(ids, k.AccessKeyId)
		}
		want := []string{c.KeyID, made.AccessKeyId}
		slices.Sort(want)
		if !slices.Equal(ids, want) {
			t.Errorf("%s: got %v, want %v", name, ids, want)
		}
		testenv.OK(t, c, iam.UpdateAccessKey, &iam.UpdateAccessKeyInput{AccessKeyId: made.AccessKeyId, Status: "Inactive"})
		testenv.OK(t, c, iam.DeleteAccessKey, &iam.DeleteAccessKeyInput{AccessKeyId: made.AccessKeyId})
	}
}

// Root's keys are out of the reach of the account's administrators.
func TestRootsKeysAreRootsAlone(t *testing.T) {
	e := testenv.New(t)
	root := e.Root(e.Account)
	for what, err := range map[string]error{
		"delete by name": errorOf(client.Call(t.Context(), e.Admin, iam.DeleteAccessKey, &iam.DeleteAccessKeyInput{UserName: "root", AccessKeyId: root.KeyID})),
		"delete":         errorOf(client.Call(t.Context(), e.Admin, iam.DeleteAccessKey, &iam.DeleteAccessKeyInput{AccessKeyId: root.KeyID})),
		"update":         errorOf(client.Call(t.Context(), e.Admin, iam.UpdateAccessKey, &iam.UpdateAccessKeyInput{AccessKeyId: root.KeyID, Status: "Inactive"})),
		"create":         errorOf(client.Call(t.Context(), e.Admin, iam.CreateAccessKey, &iam.CreateAccessKeyInput{UserName: "root"})),
	} {
		wantRefusal(t, what, err, "NoSuchEntity", 404, "")
	}
	testenv.OK(t, root, sts.GetCallerIdentity, &sts.GetCallerIdentityInput{})
}

func TestTheSecretIsShownOnce(t *testing.T) {
	e := testenv.New(t)
	testenv.OK(t, e.Admin, iam.CreateUser, &iam.CreateUserInput{UserName: "alice"})
	k := testenv.OK(t, e.Admin, iam.CreateAccessKey, &iam.CreateAccessKeyInput{UserName: "alice"}).AccessKey
	if a := form(e, e.Admin, "ListAccessKeys", "UserName", "alice"); strings.Contains(a.Body, k.SecretAccessKey) || !strings.Contains(a.Body, k.AccessKeyId) {
		t.Errorf("got %s", a.Body)
	}
	if strings.Contains(e.Log.String(), k.SecretAccessKey) {
		t.Error("the secret is in the log")
	}
}
