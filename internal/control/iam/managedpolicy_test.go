package iam_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
)

func TestPoliciesOfAccounts(t *testing.T) {
	e := testenv.New(t)
	ctx := t.Context()
	now := e.Clock.Now().UTC().Truncate(time.Second)
	made := testenv.OK(t, e.Admin, iam.CreatePolicy, &iam.CreatePolicyInput{
		PolicyName: "Publish", Path: "/ci/", PolicyDocument: allow("iam:ListUsers"), Description: new("for CI"), Tags: []iam.Tag{{Key: "team", Value: "red"}},
	}).Policy
	arn := "arn:aws:iam::" + e.Account + ":policy/ci/Publish"
	want := &iam.Policy{
		PolicyName: "Publish", PolicyId: made.PolicyId, Arn: arn, Path: "/ci/", DefaultVersionId: "v1", Description: "for CI",
		AttachmentCount: new(0), PermissionsBoundaryUsageCount: new(0), IsAttachable: true, CreateDate: now, UpdateDate: now, Tags: []iam.Tag{{Key: "team", Value: "red"}},
	}
	if !reflect.DeepEqual(made, want) || made.PolicyId[:4] != "ANPA" {
		t.Errorf("got %+v, want %+v", made, want)
	}
	_, err := client.Call(ctx, e.Admin, iam.CreatePolicy, &iam.CreatePolicyInput{PolicyName: "publish", PolicyDocument: allow("*")})
	wantRefusal(t, "again", err, "EntityAlreadyExists", 409, "A policy called publish already exists. Duplicate names are not allowed.")
	_, err = client.Call(ctx, e.Admin, iam.CreatePolicy, &iam.CreatePolicyInput{PolicyName: "long", PolicyDocument: allow("iam:" + strings.Repeat("x", 6144))})
	wantRefusal(t, "too long", err, "LimitExceeded", 409, "Cannot exceed quota for PolicySize: 6144")
	_, err = client.Call(ctx, e.Admin, iam.CreatePolicy, &iam.CreatePolicyInput{PolicyName: "bad", PolicyDocument: "{}"})
	wantRefusal(t, "no document", err, "MalformedPolicyDocument", 400, "")

	// It is what is attached, bounds and is listed.
	alice := e.User("alice", allow("iam:*"))
	testenv.OK(t, e.Admin, iam.CreateGroup, &iam.CreateGroupInput{GroupName: "dev"})
	testenv.OK(t, e.Admin, iam.CreateRole, &iam.CreateRoleInput{RoleName: "deploy", AssumeRolePolicyDocument: trusts(e.Account), PermissionsBoundary: arn})
	testenv.OK(t, e.Admin, iam.AttachGroupPolicy, &iam.AttachGroupPolicyInput{GroupName: "dev", PolicyArn: arn})
	testenv.OK(t, e.Admin, iam.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: "alice", PolicyArn: arn})
	testenv.OK(t, e.Admin, iam.PutUserPermissionsBoundary, &iam.PutUserPermissionsBoundaryInput{UserName: "alice", PermissionsBoundary: arn})
	got := testenv.OK(t, e.Admin, iam.GetPolicy, &iam.GetPolicyInput{PolicyArn: arn}).Policy
	if *got.AttachmentCount != 2 || *got.PermissionsBoundaryUsageCount != 2 {
		t.Errorf("got %+v", got)
	}
	testenv.OK(t, alice, iam.ListUsers, &iam.ListUsersInput{})
	_, err = client.Call(ctx, alice, iam.ListGroups, &iam.ListGroupsInput{})
	wantRefusal(t, "beyond the boundary", err, "AccessDenied", 403, "User: arn:aws:iam::"+e.Account+":user/alice is not authorized to perform: iam:ListGroups on resource: arn:aws:iam::"+
		e.Account+":group/ because no permissions boundary allows the iam:ListGroups action")

	remove := func() error {
		return errorOf(client.Call(ctx, e.Admin, iam.DeletePolicy, &iam.DeletePolicyInput{PolicyArn: arn}))
	}
	wantRefusal(t, "in use", remove(), "DeleteConflict", 409, "Cannot delete a policy attached to entities.")
	testenv.OK(t, e.Admin, iam.DetachGroupPolicy, &iam.DetachGroupPolicyInput{GroupName: "dev", PolicyArn: arn})
	testenv.OK(t, e.Admin, iam.DetachUserPolicy, &iam.DetachUserPolicyInput{UserName: "alice", PolicyArn: arn})
	wantRefusal(t, "a boundary", remove(), "DeleteConflict", 409, "Cannot delete a policy attached to entities.")
	testenv.OK(t, e.Admin, iam.DeleteUserPermissionsBoundary, &iam.DeleteUserPermissionsBoundaryInput{UserName: "alice"})
	testenv.OK(t, e.Admin, iam.DeleteUserPermissionsBoundary, &iam.DeleteUserPermissionsBoundaryInput{UserName: "alice"})
	testenv.OK(t, e.Admin, iam.DeleteRole, &iam.DeleteRoleInput{RoleName: "deploy"})
	testenv.OK(t, e.Admin, iam.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: allow("*")})
	wantRefusal(t, "two versions", remove(), "DeleteConflict", 409, "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.")
	testenv.OK(t, e.Admin, iam.DeletePolicyVersion, &iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: "v2"})
	if err := remove(); err != nil {
		t.Error(err)
	}
	wantRefusal(t, "gone", remove(), "NoSuchEntity", 404, "Policy "+arn+" was not found.")
}

// The version in force decides from the next request on; numbers are never
// used again.
func TestPolicyVersions(t *testing.T) {
	e := testenv.New(t)
	ctx := t.Context()
	arn := testenv.OK(t, e.Admin, iam.CreatePolicy, &iam.CreatePolicyInput{PolicyName: "p", PolicyDocument: allow("iam:ListUsers")}).Policy.Arn
	alice := e.User("alice")
	testenv.OK(t, e.Admin, iam.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: "alice", PolicyArn: arn})
	may := func() bool {
		_, err := client.Call(ctx, alice, iam.ListUsers, &iam.ListUsersInput{})
		return err == nil
	}
	if !may() {
		t.Error("v1 does not allow")
	}
	e.Clock.Advance(time.Hour)
	v2 := testenv.OK(t, e.Admin, iam.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: allow("iam:ListGroups")}).PolicyVersion
	if v2.VersionId != "v2" || v2.IsDefaultVersion || v2.Document != "" || !may() {
		t.Errorf("got %+v, or v2 is in force already", v2)
	}
	v3 := testenv.OK(t, e.Admin, iam.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: allow("iam:ListRoles"), SetAsDefault: true}).PolicyVersion
	if !v3.IsDefaultVersion || may() {
		t.Errorf("got %+v, or v3 is not in force", v3)
	}
	testenv.OK(t, e.Admin, iam.SetDefaultPolicyVersion, &iam.SetDefaultPolicyVersionInput{PolicyArn: arn, VersionId: "v1"})
	if !may() {
		t.Error("v1 is not in force again")
	}
	got := testenv.OK(t, e.Admin, iam.GetPolicy, &iam.GetPolicyInput{PolicyArn: arn}).Policy
	if got.DefaultVersionId != "v1" || got.UpdateDate.Sub(got.CreateDate) != time.Hour {
		t.Errorf("got %+v", got)
	}
	_, err := client.Call(ctx, e.Admin, iam.DeletePolicyVersion, &iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: "v1"})
	wantRefusal(t, "the default", err, "DeleteConflict", 409, "Cannot delete the default version of a policy.")
	testenv.OK(t, e.Admin, iam.DeletePolicyVersion, &iam.DeletePolicyVersionInput{PolicyArn: arn, VersionId: "v3"})
	for _, op := range []string{"v4", "v5", "v6"} {
		out := testenv.OK(t, e.Admin, iam.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: allow("*")})
		if out.PolicyVersion.VersionId != op {
			t.Errorf("got %+v, want %s", out.PolicyVersion, op)
		}
	}
	_, err = client.Call(ctx, e.Admin, iam.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: allow("*")})
	wantRefusal(t, "a sixth", err, "LimitExceeded", 409, "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.")
	var ids []string
	for marker := ""; ; {
		out := testenv.OK(t, e.Admin, iam.ListPolicyVersions, &iam.ListPolicyVersionsInput{PolicyArn: arn, MaxItems: 2, Marker: marker})
		for _, v := range out.Versions {
			ids = append(ids, v.VersionId)
		}
		if marker = out.Marker; !out.IsTruncated {
			break
		}
	}
	if want := []string{"v6", "v5", "v4", "v2", "v1"}; !slices.Equal(ids, want) {
		t.Errorf("got %v, want %v", ids, want)
	}
	_, err = client.Call(ctx, e.Admin, iam.GetPolicyVersion, &iam.GetPolicyVersionInput{PolicyArn: arn, VersionId: "v3"})
	wantRefusal(t, "deleted", err, "NoSuchEntity", 404, "Policy "+arn+" version v3 does not exist or is not attachable.")
	if v := testenv.OK(t, e.Admin, iam.GetPolicyVersion, &iam.GetPolicyVersionInput{PolicyArn: arn, VersionId: "v2"}).PolicyVersion; v.Document != allow("iam:ListGroups") {
		t.Errorf("got %+v", v)
	}
}

func TestListPolicies(t *testing.T) {
	e := testenv.New(t)
	account := "arn:aws:iam::" + e.Account + ":policy"
	// The longest names that there are, so that a marker has room for them.
	long := strings.Repeat("z", 128)
	for _, p := range []struct{ path, name string }{{"/", "AdministratorAccess"}, {"/a/", "beta"}, {"/" + strings.Repeat("p", 510) + "/", long}} {
		testenv.OK(t, e.Admin, iam.CreatePolicy, &iam.CreatePolicyInput{Path: p.path, PolicyName: p.name, PolicyDocument: allow("iam:*")})
	}
	e.User("alice")
	testenv.OK(t, e.Admin, iam.PutUserPermissionsBoundary, &iam.PutUserPermissionsBoundaryInput{UserName: "alice", PermissionsBoundary: account + "/a/beta"})
	own := []string{account + "/AdministratorAccess", account + "/a/beta", account + "/" + strings.Repeat("p", 510) + "/" + long}
	for name, tt := range map[string]struct {
		in   iam.ListPoliciesInput
		want []string
	}{
		"local":         {iam.ListPoliciesInput{Scope: "Local"}, own},
		"below a path":  {iam.ListPoliciesInput{PathPrefix: "/a/"}, own[1:2]},
		"attached":      {iam.ListPoliciesInput{OnlyAttached: true}, []string{administrator, own[1]}},
		"as permission": {iam.ListPoliciesInput{PolicyUsageFilter: "PermissionsPolicy"}, []string{administrator}},
		"as boundary":   {iam.ListPoliciesInput{PolicyUsageFilter: "PermissionsBoundary"}, own[1:2]},
		"all": {iam.ListPoliciesInput{}, []string{
			own[0], administrator, "arn:aws:iam::aws:policy/AWSCodeArtifactAdminAccess", "arn:aws:iam::aws:policy/AWSCodeArtifactReadOnlyAccess",
			own[1], "arn:aws:iam::aws:policy/IAMFullAccess", readOnly, own[2],
		}},
		"AWS's": {iam.ListPoliciesInput{Scope: "AWS"}, []string{
			administrator, "arn:aws:iam::aws:policy/AWSCodeArtifactAdminAccess", "arn:aws:iam::aws:policy/AWSCodeArtifactReadOnlyAccess",
			"arn:aws:iam::aws:policy/IAMFullAccess", readOnly,
		}},
	} {
		for limit := 1; limit <= 3; limit++ {
			var got []string
			in := tt.in
			in.MaxItems = limit
			for {
				out := testenv.OK(t, e.Admin, iam.ListPolicies, &in)
				for _, p := range out.Policies {
					got = append(got, p.Arn)
				}
				if in.Marker = out.Marker; !out.IsTruncated {
					break
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%s by %d: got %v, want %v", name, limit, got, tt.want)
			}
		}
	}
}

func TestListEntitiesForPolicy(t *testing.T) {
	e := testenv.New(t)
	arn := testenv.OK(t, e.Admin, iam.CreatePolicy, &iam.CreatePolicyInput{PolicyName: "p", PolicyDocument: allow("iam:*")}).Policy.Arn
	for i, path := range []string{"/", "/a/"} {
		name := fmt.Sprint("x", i)
		testenv.OK(t, e.Admin, iam.CreateUser, &iam.CreateUserInput{UserName: name, Path: path})
		testenv.OK(t, e.Admin, iam.CreateGroup, &iam.CreateGroupInput{GroupName: name, Path: path})
		testenv.OK(t, e.Admin, iam.CreateRole, &iam.CreateRoleInput{RoleName: name, Path: path, AssumeRolePolicyDocument: trusts(e.Account)})
		testenv.OK(t, e.Admin, iam.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: name, PolicyArn: arn})
		testenv.OK(t, e.Admin, iam.AttachGroupPolicy, &iam.AttachGroupPolicyInput{GroupName: name, PolicyArn: arn})
		testenv.OK(t, e.Admin, iam.PutRolePermissionsBoundary, &iam.PutRolePermissionsBoundaryInput{RoleName: name, PermissionsBoundary: arn})
	}
	for name, tt := range map[string]struct {
		in   iam.ListEntitiesForPolicyInput
		want []string
	}{
		"all":          {iam.ListEntitiesForPolicyInput{}, []string{"g x0", "g x1", "r x0", "r x1", "u x0", "u x1"}},
		"users":        {iam.ListEntitiesForPolicyInput{EntityFilter: "User"}, []string{"u x0", "u x1"}},
		"attached":     {iam.ListEntitiesForPolicyInput{PolicyUsageFilter: "PermissionsPolicy"}, []string{"g x0", "g x1", "u x0", "u x1"}},
		"bounded":      {iam.ListEntitiesForPolicyInput{PolicyUsageFilter: "PermissionsBoundary"}, []string{"r x0", "r x1"}},
		"below a path": {iam.ListEntitiesForPolicyInput{PathPrefix: "/a/"}, []string{"g x1", "r x1", "u x1"}},
		"no such kind": {iam.ListEntitiesForPolicyInput{EntityFilter: "LocalManagedPolicy"}, nil},
	} {
		for limit := 1; limit <= 4; limit++ {
			var got []string
			in := tt.in
			in.PolicyArn, in.MaxItems = arn, limit
			for {
				out := testenv.OK(t, e.Admin, iam.ListEntitiesForPolicy, &in)
				for _, g := range out.PolicyGroups {
					got = append(got, "g "+g.GroupName)
				}
				for _, r := range out.PolicyRoles {
					got = append(got, "r "+r.RoleName)
				}
				for _, u := range out.PolicyUsers {
					got = append(got, "u "+u.UserName)
				}
				if in.Marker = out.Marker; !out.IsTruncated {
					break
				}
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("%s by %d: got %v, want %v", name, limit, got, tt.want)
			}
		}
	}
}

func TestAnEntityHasTenManagedPoliciesAtMost(t *testing.T) {
	e := testenv.New(t)
	e.User("alice")
	testenv.OK(t, e.Admin, iam.CreateGroup, &iam.CreateGroupInput{GroupName: "dev"})
	testenv.OK(t, e.Admin, iam.CreateRole, &iam.CreateRoleInput{RoleName: "deploy", AssumeRolePolicyDocument: trusts(e.Account)})
	for i := range 11 {
		arn := testenv.OK(t, e.Admin, iam.CreatePolicy, &iam.CreatePolicyInput{PolicyName: fmt.Sprint("p", i), PolicyDocument: allow("iam:*")}).Policy.Arn
		for quota, err := range map[string]error{
			"PoliciesPerUser":  errorOf(client.Call(t.Context(), e.Admin, iam.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: "alice", PolicyArn: arn})),
			"PoliciesPerGroup": errorOf(client.Call(t.Context(), e.Admin, iam.AttachGroupPolicy, &iam.AttachGroupPolicyInput{GroupName: "dev", PolicyArn: arn})),
			"PoliciesPerRole":  errorOf(client.Call(t.Context(), e.Admin, iam.AttachRolePolicy, &iam.AttachRolePolicyInput{RoleName: "deploy", PolicyArn: arn})),
		} {
			if i == 10 {
				wantRefusal(t, quota, err, "LimitExceeded", 409, "Cannot exceed quota for "+quota+": 10")
			} else if err != nil {
				t.Error(err)
			}
		}
	}
}

func TestInlineQuotas(t *testing.T) {
	e := testenv.New(t)
	testenv.OK(t, e.Admin, iam.CreateGroup, &iam.CreateGroupInput{GroupName: "dev"})
	testenv.OK(t, e.Admin, iam.CreateRole, &iam.CreateRoleInput{RoleName: "deploy", AssumeRolePolicyDocument: trusts(e.Account)})
	sized := func(n int) string { return allow("iam:" + strings.Repeat("x", n-len(allow("iam:")))) }
	for extra, code := range map[int]string{0: "", 1: "LimitExceeded"} {
		err := errorOf(client.Call(t.Context(), e.Admin, iam.PutGroupPolicy, &iam.PutGroupPolicyInput{GroupName: "dev", PolicyName: "p", PolicyDocument: sized(5120 + extra)}))
		if got := testenv.RefusalOf(err); got.Code != code || code != "" && got.Message != "Maximum policy size of 5120 bytes exceeded for group dev" {
			t.Errorf("group: got %v", err)
		}
		err = errorOf(client.Call(t.Context(), e.Admin, iam.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: "deploy", PolicyName: "p", PolicyDocument: sized(10240 + extra)}))
		if got := testenv.RefusalOf(err); got.Code != code || code != "" && got.Message != "Maximum policy size of 10240 bytes exceeded for role deploy" {
			t.Errorf("role: got %v", err)
		}
	}
}
