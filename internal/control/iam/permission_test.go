package iam_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/api/sts"
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

// operations are all that are served, but for the simulators and
// GetAccessKeyLastUsed, about what has a name and a path.
func operations(account, path, name, keyID string) []operation {
	all := "arn:aws:iam::" + account + ":"
	user, group, role, policy := all+"user"+path+name, all+"group"+path+name, all+"role"+path+name, all+"policy"+path+name
	provider := all + "oidc-provider/issuer.example/" + name
	tags := []iam.Tag{{Key: "k", Value: "v"}}
	trust := trusts(account)
	return []operation{
		calls(iam.CreateUser, user, &iam.CreateUserInput{Path: path, UserName: name}),
		calls(iam.GetUser, user, &iam.GetUserInput{UserName: name}),
		calls(iam.ListUsers, all+"user/", &iam.ListUsersInput{}),
		calls(iam.ListUsers, all+"user/dev/", &iam.ListUsersInput{PathPrefix: "/dev/"}),
		calls(iam.TagUser, user, &iam.TagUserInput{UserName: name, Tags: tags}),
		calls(iam.UntagUser, user, &iam.UntagUserInput{UserName: name, TagKeys: []string{"k"}}),
		calls(iam.ListUserTags, user, &iam.ListUserTagsInput{UserName: name}),
		calls(iam.PutUserPermissionsBoundary, user, &iam.PutUserPermissionsBoundaryInput{UserName: name, PermissionsBoundary: readOnly}),
		calls(iam.DeleteUserPermissionsBoundary, user, &iam.DeleteUserPermissionsBoundaryInput{UserName: name}),
		calls(iam.UpdateUser, user, &iam.UpdateUserInput{UserName: name, NewPath: path}),
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
		calls(iam.CreateGroup, group, &iam.CreateGroupInput{Path: path, GroupName: name}),
		calls(iam.GetGroup, group, &iam.GetGroupInput{GroupName: name}),
		calls(iam.ListGroups, all+"group/", &iam.ListGroupsInput{}),
		calls(iam.UpdateGroup, group, &iam.UpdateGroupInput{GroupName: name, NewPath: path}),
		calls(iam.AddUserToGroup, group, &iam.AddUserToGroupInput{GroupName: name, UserName: name}),
		calls(iam.RemoveUserFromGroup, group, &iam.RemoveUserFromGroupInput{GroupName: name, UserName: name}),
		calls(iam.ListGroupsForUser, user, &iam.ListGroupsForUserInput{UserName: name}),
		calls(iam.PutGroupPolicy, group, &iam.PutGroupPolicyInput{GroupName: name, PolicyName: "p", PolicyDocument: allow("*")}),
		calls(iam.GetGroupPolicy, group, &iam.GetGroupPolicyInput{GroupName: name, PolicyName: "p"}),
		calls(iam.ListGroupPolicies, group, &iam.ListGroupPoliciesInput{GroupName: name}),
		calls(iam.DeleteGroupPolicy, group, &iam.DeleteGroupPolicyInput{GroupName: name, PolicyName: "p"}),
		calls(iam.AttachGroupPolicy, group, &iam.AttachGroupPolicyInput{GroupName: name, PolicyArn: readOnly}),
		calls(iam.DetachGroupPolicy, group, &iam.DetachGroupPolicyInput{GroupName: name, PolicyArn: readOnly}),
		calls(iam.ListAttachedGroupPolicies, group, &iam.ListAttachedGroupPoliciesInput{GroupName: name}),
		calls(iam.DeleteGroup, group, &iam.DeleteGroupInput{GroupName: name}),
		calls(iam.CreateRole, role, &iam.CreateRoleInput{Path: path, RoleName: name, AssumeRolePolicyDocument: trust}),
		calls(iam.GetRole, role, &iam.GetRoleInput{RoleName: name}),
		calls(iam.ListRoles, all+"role/", &iam.ListRolesInput{}),
		calls(iam.UpdateRole, role, &iam.UpdateRoleInput{RoleName: name}),
		calls(iam.UpdateRoleDescription, role, &iam.UpdateRoleDescriptionInput{RoleName: name}),
		calls(iam.UpdateAssumeRolePolicy, role, &iam.UpdateAssumeRolePolicyInput{RoleName: name, PolicyDocument: trust}),
		calls(iam.TagRole, role, &iam.TagRoleInput{RoleName: name, Tags: tags}),
		calls(iam.UntagRole, role, &iam.UntagRoleInput{RoleName: name, TagKeys: []string{"k"}}),
		calls(iam.ListRoleTags, role, &iam.ListRoleTagsInput{RoleName: name}),
		calls(iam.PutRolePermissionsBoundary, role, &iam.PutRolePermissionsBoundaryInput{RoleName: name, PermissionsBoundary: readOnly}),
		calls(iam.DeleteRolePermissionsBoundary, role, &iam.DeleteRolePermissionsBoundaryInput{RoleName: name}),
		calls(iam.ListInstanceProfilesForRole, role, &iam.ListInstanceProfilesForRoleInput{RoleName: name}),
		calls(iam.PutRolePolicy, role, &iam.PutRolePolicyInput{RoleName: name, PolicyName: "p", PolicyDocument: allow("*")}),
		calls(iam.GetRolePolicy, role, &iam.GetRolePolicyInput{RoleName: name, PolicyName: "p"}),
		calls(iam.ListRolePolicies, role, &iam.ListRolePoliciesInput{RoleName: name}),
		calls(iam.DeleteRolePolicy, role, &iam.DeleteRolePolicyInput{RoleName: name, PolicyName: "p"}),
		calls(iam.AttachRolePolicy, role, &iam.AttachRolePolicyInput{RoleName: name, PolicyArn: readOnly}),
		calls(iam.DetachRolePolicy, role, &iam.DetachRolePolicyInput{RoleName: name, PolicyArn: readOnly}),
		calls(iam.ListAttachedRolePolicies, role, &iam.ListAttachedRolePoliciesInput{RoleName: name}),
		calls(iam.DeleteRole, role, &iam.DeleteRoleInput{RoleName: name}),
		calls(iam.ListMFADevices, user, &iam.ListMFADevicesInput{UserName: name}),
		calls(iam.ListSSHPublicKeys, user, &iam.ListSSHPublicKeysInput{UserName: name}),
		calls(iam.ListSigningCertificates, user, &iam.ListSigningCertificatesInput{UserName: name}),
		calls(iam.ListServiceSpecificCredentials, user, &iam.ListServiceSpecificCredentialsInput{UserName: name}),
		calls(iam.GetLoginProfile, user, &iam.GetLoginProfileInput{UserName: name}),
		calls(iam.ListVirtualMFADevices, all+"mfa/", &iam.ListVirtualMFADevicesInput{}),
		calls(iam.DeleteUser, user, &iam.DeleteUserInput{UserName: name}),
		calls(iam.CreatePolicy, policy, &iam.CreatePolicyInput{Path: path, PolicyName: name, PolicyDocument: allow("*")}),
		calls(iam.GetPolicy, policy, &iam.GetPolicyInput{PolicyArn: policy}),
		calls(iam.ListPolicies, all+"policy/", &iam.ListPoliciesInput{}),
		calls(iam.TagPolicy, policy, &iam.TagPolicyInput{PolicyArn: policy, Tags: tags}),
		calls(iam.UntagPolicy, policy, &iam.UntagPolicyInput{PolicyArn: policy, TagKeys: []string{"k"}}),
		calls(iam.ListPolicyTags, policy, &iam.ListPolicyTagsInput{PolicyArn: policy}),
		calls(iam.CreatePolicyVersion, policy, &iam.CreatePolicyVersionInput{PolicyArn: policy, PolicyDocument: allow("*")}),
		calls(iam.GetPolicyVersion, policy, &iam.GetPolicyVersionInput{PolicyArn: policy, VersionId: "v1"}),
		calls(iam.ListPolicyVersions, policy, &iam.ListPolicyVersionsInput{PolicyArn: policy}),
		calls(iam.SetDefaultPolicyVersion, policy, &iam.SetDefaultPolicyVersionInput{PolicyArn: policy, VersionId: "v1"}),
		calls(iam.DeletePolicyVersion, policy, &iam.DeletePolicyVersionInput{PolicyArn: policy, VersionId: "v2"}),
		calls(iam.ListEntitiesForPolicy, policy, &iam.ListEntitiesForPolicyInput{PolicyArn: policy}),
		calls(iam.DeletePolicy, policy, &iam.DeletePolicyInput{PolicyArn: policy}),
		calls(iam.CreateOpenIDConnectProvider, provider, &iam.CreateOpenIDConnectProviderInput{Url: "https://issuer.example/" + name}),
		calls(iam.GetOpenIDConnectProvider, provider, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: provider}),
		calls(iam.ListOpenIDConnectProviders, all+"oidc-provider/", &iam.ListOpenIDConnectProvidersInput{}),
		calls(iam.AddClientIDToOpenIDConnectProvider, provider, &iam.AddClientIDToOpenIDConnectProviderInput{OpenIDConnectProviderArn: provider, ClientID: "c"}),
		calls(iam.RemoveClientIDFromOpenIDConnectProvider, provider, &iam.RemoveClientIDFromOpenIDConnectProviderInput{OpenIDConnectProviderArn: provider, ClientID: "c"}),
		calls(iam.UpdateOpenIDConnectProviderThumbprint, provider, &iam.UpdateOpenIDConnectProviderThumbprintInput{OpenIDConnectProviderArn: provider, ThumbprintList: []string{strings.Repeat("a", 40)}}),
		calls(iam.TagOpenIDConnectProvider, provider, &iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: provider, Tags: tags}),
		calls(iam.UntagOpenIDConnectProvider, provider, &iam.UntagOpenIDConnectProviderInput{OpenIDConnectProviderArn: provider, TagKeys: []string{"k"}}),
		calls(iam.ListOpenIDConnectProviderTags, provider, &iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: provider}),
		calls(iam.DeleteOpenIDConnectProvider, provider, &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: provider}),
		calls(iam.CreateAccountAlias, "*", &iam.CreateAccountAliasInput{AccountAlias: "acme"}),
		calls(iam.ListAccountAliases, "*", &iam.ListAccountAliasesInput{}),
		calls(iam.DeleteAccountAlias, "*", &iam.DeleteAccountAliasInput{AccountAlias: "acme"}),
		calls(iam.GetAccountSummary, "*", &iam.GetAccountSummaryInput{}),
		calls(iam.GetAccountAuthorizationDetails, "*", &iam.GetAccountAuthorizationDetailsInput{}),
	}
}

// trusts is a trust policy of one statement.
func trusts(principal string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"sts:AssumeRole"}]}`
}

func TestEachOperationNeedsItsOwnPermission(t *testing.T) {
	e := testenv.New(t)
	one := e.User("one")
	seen := map[string]bool{"GetAccessKeyLastUsed": true}
	for _, all := range [][]operation{operations(e.Account, "/dev/", "there", one.KeyID), operations(e.Account, "/", "absent", one.KeyID)} {
		for _, o := range all {
			seen[o.op.Name] = true
			e.PutUserPolicy("one", "p", policy("Deny", "s3:*", "*"))
			want := "User: arn:aws:iam::" + e.Account + ":user/one is not authorized to perform: " + o.op.Action() + " on resource: " + o.resource +
				" because no identity-based policy allows the " + o.op.Action() + " action"
			wantRefusal(t, o.op.Name, o.call(t.Context(), one), "AccessDenied", 403, want)

			if o.resource != "*" {
				e.PutUserPolicy("one", "p", policy("Allow", o.op.Action(), o.resource+"x"))
				wantRefusal(t, o.op.Name+" on another", o.call(t.Context(), one), "AccessDenied", 403, want)
			}

			e.PutUserPolicy("one", "p", policy("Allow", o.op.Action(), o.resource))
			if err := o.call(t.Context(), one); testenv.RefusalOf(err).Code == "AccessDenied" {
				t.Errorf("%s: allowed: got %v", o.op.Name, err)
			}
		}
	}
	for _, op := range iam.Ops {
		if simulates := strings.HasPrefix(op.Name, "Simulate") || strings.HasPrefix(op.Name, "GetContextKeys"); !simulates && !seen[op.Name] {
			t.Errorf("%s is not in the table", op.Name)
		}
	}
}

// Every operation about something that is not there says so, in IAM's words.
func TestWhatIsNotThereCannotBeFound(t *testing.T) {
	e := testenv.New(t)
	for _, o := range operations(e.Account, "/", "absent", "AKIAABSENTABSENTABSE") {
		name := o.op.Name
		if strings.HasPrefix(name, "Create") && name != "CreateAccessKey" && name != "CreatePolicyVersion" || o.resource == "*" || strings.HasSuffix(o.resource, "/") {
			continue // makes it, or lists
		}
		kind, _, _ := strings.Cut(strings.TrimPrefix(o.resource, "arn:aws:iam::"+e.Account+":"), "/")
		want := map[string]string{
			"user": "The user with name absent cannot be found.", "group": "The group with name absent cannot be found.",
			"role": "The role with name absent cannot be found.", "policy": "Policy " + o.resource + " was not found.",
			"oidc-provider": "OpenIDConnect Provider not found for arn " + o.resource,
		}[kind]
		if err := o.call(t.Context(), e.Admin); want == "" {
			t.Errorf("%s: asks about %s", name, o.resource)
		} else if name != "ListUsers" {
			wantRefusal(t, name, err, "NoSuchEntity", 404, want)
		}
	}
}

// To change a name or a path takes permission on both.
func TestMovingNeedsPermissionOnBothNames(t *testing.T) {
	e := testenv.New(t)
	e.User("bob")
	account := "arn:aws:iam::" + e.Account + ":user/"
	mover := e.User("mover", policy("Allow", "iam:UpdateUser", account+"bob"))
	in := &iam.UpdateUserInput{UserName: "bob", NewUserName: "robert", NewPath: "/staff/"}
	_, err := client.Call(t.Context(), mover, iam.UpdateUser, in)
	wantRefusal(t, "without the new name", err, "AccessDenied", 403, "User: "+account+"mover is not authorized to perform: iam:UpdateUser on resource: "+account+
		"staff/robert because no identity-based policy allows the iam:UpdateUser action")
	e.PutUserPolicy("mover", "to", policy("Allow", "iam:UpdateUser", account+"staff/*"))
	testenv.OK(t, mover, iam.UpdateUser, in)
}

// An access key's last use is asked about on whose it is.
func TestLastUseIsAskedAboutOnTheOwner(t *testing.T) {
	e := testenv.New(t)
	alice := e.User("alice")
	asker := e.User("asker", policy("Allow", "iam:GetAccessKeyLastUsed", "arn:aws:iam::"+e.Account+":user/alice"))
	testenv.OK(t, asker, iam.GetAccessKeyLastUsed, &iam.GetAccessKeyLastUsedInput{AccessKeyId: alice.KeyID})
	_, err := client.Call(t.Context(), asker, iam.GetAccessKeyLastUsed, &iam.GetAccessKeyLastUsedInput{AccessKeyId: e.Admin.KeyID})
	wantRefusal(t, "another's", err, "AccessDenied", 403, "")
	_, err = client.Call(t.Context(), asker, iam.GetAccessKeyLastUsed, &iam.GetAccessKeyLastUsedInput{AccessKeyId: "AKIAABSENTABSENTABSE"})
	wantRefusal(t, "nobody's", err, "AccessDenied", 403, "")
	other := e.Root(e.NewAccount())
	_, err = client.Call(t.Context(), other, iam.GetAccessKeyLastUsed, &iam.GetAccessKeyLastUsedInput{AccessKeyId: alice.KeyID})
	wantRefusal(t, "another account's", err, "NoSuchEntity", 404, "The Access Key with id "+alice.KeyID+" cannot be found.")
}

// Policies may say which boundary whom they manage has to have.
func TestABoundaryMayBeDemanded(t *testing.T) {
	e := testenv.New(t)
	maker := e.User("maker", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*","Resource":"*",
		"Condition":{"StringEquals":{"iam:PermissionsBoundary":"`+readOnly+`"}}}}`)
	refused := func(what string, err error) {
		t.Helper()
		wantRefusal(t, what, err, "AccessDenied", 403, "")
	}
	refused("no boundary", errorOf(client.Call(t.Context(), maker, iam.CreateUser, &iam.CreateUserInput{UserName: "new"})))
	refused("another", errorOf(client.Call(t.Context(), maker, iam.CreateUser, &iam.CreateUserInput{UserName: "new", PermissionsBoundary: administrator})))
	testenv.OK(t, maker, iam.CreateUser, &iam.CreateUserInput{UserName: "new", PermissionsBoundary: readOnly})
	testenv.OK(t, maker, iam.PutUserPolicy, &iam.PutUserPolicyInput{UserName: "new", PolicyName: "p", PolicyDocument: allow("*")})
	refused("a wider one", errorOf(client.Call(t.Context(), maker, iam.PutUserPermissionsBoundary, &iam.PutUserPermissionsBoundaryInput{UserName: "new", PermissionsBoundary: administrator})))
	e.User("free")
	refused("somebody without", errorOf(client.Call(t.Context(), maker, iam.PutUserPolicy, &iam.PutUserPolicyInput{UserName: "free", PolicyName: "p", PolicyDocument: allow("*")})))
}

// AWS's policies are everybody's to look at and nobody's to change.
func TestAWSPoliciesAreReadOnly(t *testing.T) {
	e := testenv.New(t)
	got := testenv.OK(t, e.Admin, iam.GetPolicy, &iam.GetPolicyInput{PolicyArn: readOnly}).Policy
	if got.PolicyName != "IAMReadOnlyAccess" || got.Path != "/" || got.DefaultVersionId != "v1" || len(got.PolicyId) != 21 || !got.IsAttachable {
		t.Errorf("got %+v", got)
	}
	v := testenv.OK(t, e.Admin, iam.GetPolicyVersion, &iam.GetPolicyVersionInput{PolicyArn: readOnly, VersionId: "v1"}).PolicyVersion
	if !v.IsDefaultVersion || !strings.Contains(v.Document, "iam:List*") {
		t.Errorf("got %+v", v)
	}
	if out := testenv.OK(t, e.Admin, iam.ListPolicyTags, &iam.ListPolicyTagsInput{PolicyArn: readOnly}); len(out.Tags) > 0 {
		t.Errorf("got %+v", out)
	}
	for what, err := range map[string]error{
		"delete":  errorOf(client.Call(t.Context(), e.Admin, iam.DeletePolicy, &iam.DeletePolicyInput{PolicyArn: readOnly})),
		"tag":     errorOf(client.Call(t.Context(), e.Admin, iam.TagPolicy, &iam.TagPolicyInput{PolicyArn: readOnly, Tags: []iam.Tag{{Key: "k"}}})),
		"version": errorOf(client.Call(t.Context(), e.Admin, iam.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: readOnly, PolicyDocument: allow("*")})),
	} {
		wantRefusal(t, what, err, "AccessDenied", 403, "")
	}
}

// What belongs to another account is out of reach, whatever the caller may do
// in his own.
func TestAnotherAccountsPoliciesAndProvidersAreOutOfReach(t *testing.T) {
	e := testenv.New(t)
	arn := testenv.OK(t, e.Admin, iam.CreatePolicy, &iam.CreatePolicyInput{PolicyName: "p", PolicyDocument: allow("*")}).Policy.Arn
	provider := testenv.OK(t, e.Admin, iam.CreateOpenIDConnectProvider, &iam.CreateOpenIDConnectProviderInput{Url: "https://issuer.example"}).OpenIDConnectProviderArn
	root := e.Root(e.NewAccount())
	for what, err := range map[string]error{
		"read a policy":     errorOf(client.Call(t.Context(), root, iam.GetPolicy, &iam.GetPolicyInput{PolicyArn: arn})),
		"delete a policy":   errorOf(client.Call(t.Context(), root, iam.DeletePolicy, &iam.DeletePolicyInput{PolicyArn: arn})),
		"read a provider":   errorOf(client.Call(t.Context(), root, iam.GetOpenIDConnectProvider, &iam.GetOpenIDConnectProviderInput{OpenIDConnectProviderArn: provider})),
		"delete a provider": errorOf(client.Call(t.Context(), root, iam.DeleteOpenIDConnectProvider, &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: provider})),
	} {
		wantRefusal(t, what, err, "AccessDenied", 403, "")
	}
	testenv.OK(t, root, iam.CreateUser, &iam.CreateUserInput{UserName: "u"})
	_, err := client.Call(t.Context(), root, iam.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: "u", PolicyArn: arn})
	wantRefusal(t, "attach", err, "NoSuchEntity", 404, "Policy "+arn+" does not exist or is not attachable.")
	_, err = client.Call(t.Context(), root, iam.PutUserPermissionsBoundary, &iam.PutUserPermissionsBoundaryInput{UserName: "u", PermissionsBoundary: arn})
	wantRefusal(t, "bound", err, "NoSuchEntity", 404, "Scope ARN: "+arn+" does not exist or is not attachable.")
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

// A session of a role is no user: who it is about must be said, in IAM's
// words. One of a user is that user.
func TestSessionsOfRolesHaveToNameAUser(t *testing.T) {
	e := testenv.New(t)
	e.User("alice")
	testenv.OK(t, e.Admin, iam.CreateRole, &iam.CreateRoleInput{RoleName: "deploy", AssumeRolePolicyDocument: trusts(e.Account)})
	testenv.OK(t, e.Admin, iam.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: "deploy", PolicyName: "p", PolicyDocument: allow("iam:*")})
	assumed := testenv.OK(t, e.Admin, sts.AssumeRole, &sts.AssumeRoleInput{RoleArn: "arn:aws:iam::" + e.Account + ":role/deploy", RoleSessionName: "one"}).Credentials
	c := &client.Client{
		URL: e.URL, Region: testenv.Region, KeyID: assumed.AccessKeyId, Secret: assumed.SecretAccessKey, SessionToken: assumed.SessionToken,
		Attempts: 1, Now: e.Clock.Now,
	}
	for what, err := range map[string]error{
		"GetUser":         errorOf(client.Call(t.Context(), c, iam.GetUser, &iam.GetUserInput{})),
		"ListAccessKeys":  errorOf(client.Call(t.Context(), c, iam.ListAccessKeys, &iam.ListAccessKeysInput{})),
		"CreateAccessKey": errorOf(client.Call(t.Context(), c, iam.CreateAccessKey, &iam.CreateAccessKeyInput{})),
		"ListMFADevices":  errorOf(client.Call(t.Context(), c, iam.ListMFADevices, &iam.ListMFADevicesInput{})),
	} {
		wantRefusal(t, what, err, "ValidationError", 400, "Must specify userName when calling with non-User credentials")
	}
	testenv.OK(t, c, iam.GetUser, &iam.GetUserInput{UserName: "alice"})
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); { // noted within a second or so of real time
		if used := testenv.OK(t, e.Admin, iam.GetRole, &iam.GetRoleInput{RoleName: "deploy"}).Role.RoleLastUsed; !used.LastUsedDate.IsZero() {
			if used.Region != testenv.Region || !used.LastUsedDate.Equal(e.Clock.Now().UTC().Truncate(time.Second)) {
				t.Errorf("got %+v", used)
			}
			return
		}
	}
	t.Error("the role was never used")
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
