package iam_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
)

func TestAccountAliases(t *testing.T) {
	e := testenv.New(t)
	aliases := func(c *client.Client) []string {
		return testenv.OK(t, c, iam.ListAccountAliases, &iam.ListAccountAliasesInput{}).AccountAliases
	}
	if got := aliases(e.Admin); len(got) > 0 {
		t.Errorf("got %v", got)
	}
	for _, alias := range []string{"acme", "acme-corp"} { // the second takes the place of the first
		testenv.OK(t, e.Admin, iam.CreateAccountAlias, &iam.CreateAccountAliasInput{AccountAlias: alias})
		if got := aliases(e.Admin); !slices.Equal(got, []string{alias}) {
			t.Errorf("got %v, want %s", got, alias)
		}
	}
	other := e.Root(e.NewAccount())
	_, err := client.Call(t.Context(), other, iam.CreateAccountAlias, &iam.CreateAccountAliasInput{AccountAlias: "acme-corp"})
	wantRefusal(t, "another's", err, "EntityAlreadyExists", 409, "The account alias acme-corp already exists.")
	_, err = client.Call(t.Context(), other, iam.DeleteAccountAlias, &iam.DeleteAccountAliasInput{AccountAlias: "acme-corp"})
	wantRefusal(t, "delete another's", err, "NoSuchEntity", 404, "The account alias acme-corp does not exist.")
	testenv.OK(t, e.Admin, iam.DeleteAccountAlias, &iam.DeleteAccountAliasInput{AccountAlias: "acme-corp"})
	testenv.OK(t, other, iam.CreateAccountAlias, &iam.CreateAccountAliasInput{AccountAlias: "acme-corp"})
	for _, alias := range []string{"-a-", "Acme", "a--b"} {
		_, err := client.Call(t.Context(), e.Admin, iam.CreateAccountAlias, &iam.CreateAccountAliasInput{AccountAlias: alias})
		wantRefusal(t, alias, err, "ValidationError", 400, "")
	}
}

func TestAccountSummary(t *testing.T) {
	e := testenv.New(t)
	e.User("alice")
	testenv.OK(t, e.Admin, iam.CreateGroup, &iam.CreateGroupInput{GroupName: "dev"})
	testenv.OK(t, e.Admin, iam.CreateRole, &iam.CreateRoleInput{RoleName: "deploy", AssumeRolePolicyDocument: trusts(e.Account)})
	arn := testenv.OK(t, e.Admin, iam.CreatePolicy, &iam.CreatePolicyInput{PolicyName: "p", PolicyDocument: allow("*")}).Policy.Arn
	testenv.OK(t, e.Admin, iam.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: allow("*")})
	testenv.OK(t, e.Admin, iam.CreateOpenIDConnectProvider, &iam.CreateOpenIDConnectProviderInput{Url: "https://issuer.example"})
	e.Root(e.Account)
	got := testenv.OK(t, e.Admin, iam.GetAccountSummary, &iam.GetAccountSummaryInput{}).SummaryMap
	for name, want := range map[string]int{
		"Users": 2, "Groups": 1, "Roles": 1, "Policies": 1, "PolicyVersionsInUse": 2, "Providers": 1, "AccountAccessKeysPresent": 1,
		"AccessKeysPerUserQuota": 2, "GroupsPerUserQuota": 10, "AttachedPoliciesPerRoleQuota": 10, "VersionsPerPolicyQuota": 5,
		"UserPolicySizeQuota": 2048, "RolePolicySizeQuota": 10240, "GroupPolicySizeQuota": 5120, "PolicySizeQuota": 6144, "AssumeRolePolicySizeQuota": 2048,
		"MFADevices": 0, "AccountMFAEnabled": 0, "InstanceProfiles": 0,
	} {
		if n, ok := got[name]; !ok || n != want {
			t.Errorf("%s: got %d, %v, want %d", name, n, ok, want)
		}
	}
}

func TestAccountAuthorizationDetails(t *testing.T) {
	e := testenv.New(t)
	arn := testenv.OK(t, e.Admin, iam.CreatePolicy, &iam.CreatePolicyInput{PolicyName: "p", PolicyDocument: allow("iam:Get*")}).Policy.Arn
	testenv.OK(t, e.Admin, iam.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: arn, PolicyDocument: allow("iam:List*"), SetAsDefault: true})
	for i := range 3 {
		name := fmt.Sprint("x", i)
		e.User(name, allow("iam:*"))
		testenv.OK(t, e.Admin, iam.CreateGroup, &iam.CreateGroupInput{GroupName: name})
		testenv.OK(t, e.Admin, iam.AddUserToGroup, &iam.AddUserToGroupInput{GroupName: name, UserName: name})
		testenv.OK(t, e.Admin, iam.CreateRole, &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: trusts(e.Account), PermissionsBoundary: arn})
		testenv.OK(t, e.Admin, iam.AttachGroupPolicy, &iam.AttachGroupPolicyInput{GroupName: name, PolicyArn: arn})
	}
	for limit := 1; limit <= 6; limit++ {
		var got []string
		in := iam.GetAccountAuthorizationDetailsInput{MaxItems: limit}
		for {
			out := testenv.OK(t, e.Admin, iam.GetAccountAuthorizationDetails, &in)
			for _, u := range out.UserDetailList {
				got = append(got, "u "+u.UserName)
				if u.UserName != "quickstart" && (len(u.UserPolicyList) != 1 || u.UserPolicyList[0].PolicyDocument != allow("iam:*") || !slices.Equal(u.GroupList, []string{u.UserName})) {
					t.Errorf("got %+v", u)
				}
			}
			for _, g := range out.GroupDetailList {
				got = append(got, "g "+g.GroupName)
				if !slices.Equal(g.AttachedManagedPolicies, []iam.AttachedPolicy{{PolicyName: "p", PolicyArn: arn}}) {
					t.Errorf("got %+v", g)
				}
			}
			for _, r := range out.RoleDetailList {
				got = append(got, "r "+r.RoleName)
				if r.AssumeRolePolicyDocument != trusts(e.Account) || r.PermissionsBoundary == nil || r.PermissionsBoundary.PermissionsBoundaryArn != arn {
					t.Errorf("got %+v", r)
				}
			}
			for _, p := range out.Policies {
				got = append(got, "p "+p.PolicyName)
				if p.Arn == arn && (len(p.PolicyVersionList) != 2 || p.PolicyVersionList[0].Document != allow("iam:List*") || p.DefaultVersionId != "v2" || *p.AttachmentCount != 3) {
					t.Errorf("got %+v", p)
				}
			}
			if in.Marker = out.Marker; !out.IsTruncated {
				break
			}
		}
		if want := []string{"u quickstart", "u x0", "u x1", "u x2", "g x0", "g x1", "g x2", "r x0", "r x1", "r x2", "p p", "p AdministratorAccess"}; !slices.Equal(got, want) {
			t.Errorf("by %d: got %v, want %v", limit, got, want)
		}
	}
	some := testenv.OK(t, e.Admin, iam.GetAccountAuthorizationDetails, &iam.GetAccountAuthorizationDetailsInput{Filter: []string{"Group", "LocalManagedPolicy"}})
	if len(some.UserDetailList)+len(some.RoleDetailList) > 0 || len(some.GroupDetailList) != 3 || len(some.Policies) != 1 {
		t.Errorf("got %+v", some)
	}
}

// A key is used when it signs, and when a token that it asked for is borne.
func TestAccessKeysTellWhatTheyWereLastUsedFor(t *testing.T) {
	e := testenv.New(t)
	alice := e.User("alice", allow("*"))
	last := func() *iam.GetAccessKeyLastUsedOutput {
		return testenv.OK(t, e.Admin, iam.GetAccessKeyLastUsed, &iam.GetAccessKeyLastUsedInput{AccessKeyId: alice.KeyID})
	}
	// What was used is written within a second or so of real time.
	eventually := func(what string, want iam.AccessKeyLastUsed) {
		t.Helper()
		var got iam.AccessKeyLastUsed
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); {
			if got = *last().AccessKeyLastUsed; got == want {
				return
			}
		}
		t.Errorf("%s: got %+v, want %+v", what, got, want)
	}
	if got := last(); got.UserName != "alice" || *got.AccessKeyLastUsed != (iam.AccessKeyLastUsed{ServiceName: "N/A", Region: "N/A"}) {
		t.Errorf("never: got %+v", got)
	}
	used := func(service string) iam.AccessKeyLastUsed {
		return iam.AccessKeyLastUsed{LastUsedDate: e.Clock.Now().UTC().Truncate(time.Second), ServiceName: service, Region: testenv.Region}
	}
	testenv.OK(t, alice, iam.ListUsers, &iam.ListUsersInput{})
	eventually("signed", used("iam"))
	token := e.Token(alice)
	eventually("asked for a token", used("codeartifact"))
	e.Clock.Advance(time.Hour)
	if a := e.Do("GET", e.Endpoint("npm")+"-/ping", token, nil); strings.HasPrefix(fmt.Sprint(a.Status), "5") {
		t.Errorf("got %d %s", a.Status, a.Body)
	}
	eventually("bore a token", used("codeartifact"))
}
