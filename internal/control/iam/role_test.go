package iam_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/config"
	"larder.example/larder/internal/testenv"
)

func TestRoles(t *testing.T) {
	e := testenv.New(t)
	ctx := t.Context()
	e.User("alice")
	trust := trusts("arn:aws:iam::" + e.Account + ":user/alice")
	made := testenv.OK(t, e.Admin, iam.CreateRole, &iam.CreateRoleInput{
		RoleName: "Deploy", Path: "/ci/", AssumeRolePolicyDocument: trust, Description: new("publishes"),
		PermissionsBoundary: readOnly, Tags: []iam.Tag{{Key: "team", Value: "red"}},
	}).Role
	want := &iam.Role{
		RoleName: "Deploy", Path: "/ci/", Arn: "arn:aws:iam::" + e.Account + ":role/ci/Deploy", RoleId: made.RoleId,
		CreateDate: e.Clock.Now().UTC().Truncate(time.Second), AssumeRolePolicyDocument: trust, Description: "publishes", MaxSessionDuration: 3600,
		PermissionsBoundary: &iam.AttachedPermissionsBoundary{PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: readOnly},
		Tags:                []iam.Tag{{Key: "team", Value: "red"}},
	}
	if !reflect.DeepEqual(made, want) || made.RoleId[:4] != "AROA" {
		t.Errorf("got %+v, want %+v", made, want)
	}
	want.RoleLastUsed = &iam.RoleLastUsed{}
	if got := testenv.OK(t, e.Admin, iam.GetRole, &iam.GetRoleInput{RoleName: "deploy"}).Role; !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	_, err := client.Call(ctx, e.Admin, iam.CreateRole, &iam.CreateRoleInput{RoleName: "DEPLOY", AssumeRolePolicyDocument: trust})
	wantRefusal(t, "again", err, "EntityAlreadyExists", 409, "Role with name DEPLOY already exists.")

	testenv.OK(t, e.Admin, iam.UpdateRole, &iam.UpdateRoleInput{RoleName: "deploy", MaxSessionDuration: 43200})
	got := testenv.OK(t, e.Admin, iam.UpdateRoleDescription, &iam.UpdateRoleDescriptionInput{RoleName: "deploy", Description: "other"}).Role
	if got.MaxSessionDuration != 43200 || got.Description != "other" {
		t.Errorf("got %+v", got)
	}
	testenv.OK(t, e.Admin, iam.UpdateRole, &iam.UpdateRoleInput{RoleName: "deploy", Description: new("")})
	testenv.OK(t, e.Admin, iam.UpdateAssumeRolePolicy, &iam.UpdateAssumeRolePolicyInput{RoleName: "deploy", PolicyDocument: trusts(e.Account)})
	testenv.OK(t, e.Admin, iam.DeleteRolePermissionsBoundary, &iam.DeleteRolePermissionsBoundaryInput{RoleName: "deploy"})
	got = testenv.OK(t, e.Admin, iam.GetRole, &iam.GetRoleInput{RoleName: "deploy"}).Role
	if got.Description != "" || got.MaxSessionDuration != 43200 || got.AssumeRolePolicyDocument != trusts(e.Account) || got.PermissionsBoundary != nil {
		t.Errorf("got %+v", got)
	}
	listed := testenv.OK(t, e.Admin, iam.ListRoles, &iam.ListRolesInput{PathPrefix: "/ci/"}).Roles
	if len(listed) != 1 || len(listed[0].Tags) > 0 || listed[0].RoleLastUsed != nil || listed[0].AssumeRolePolicyDocument == "" {
		t.Errorf("got %+v", listed)
	}

	testenv.OK(t, e.Admin, iam.AttachRolePolicy, &iam.AttachRolePolicyInput{RoleName: "deploy", PolicyArn: readOnly})
	testenv.OK(t, e.Admin, iam.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: "deploy", PolicyName: "p", PolicyDocument: allow("iam:*")})
	remove := func() error {
		return errorOf(client.Call(ctx, e.Admin, iam.DeleteRole, &iam.DeleteRoleInput{RoleName: "deploy"}))
	}
	wantRefusal(t, "attached", remove(), "DeleteConflict", 409, "Cannot delete entity, must detach all policies first.")
	testenv.OK(t, e.Admin, iam.DetachRolePolicy, &iam.DetachRolePolicyInput{RoleName: "deploy", PolicyArn: readOnly})
	wantRefusal(t, "inline", remove(), "DeleteConflict", 409, "Cannot delete entity, must delete policies first.")
	testenv.OK(t, e.Admin, iam.DeleteRolePolicy, &iam.DeleteRolePolicyInput{RoleName: "deploy", PolicyName: "p"})
	if err := remove(); err != nil {
		t.Error(err)
	}
	wantRefusal(t, "gone", remove(), "NoSuchEntity", 404, "The role with name deploy cannot be found.")
}

func TestRolesThatAreNoneAreRefused(t *testing.T) {
	e := testenv.New(t)
	missing := "arn:aws:iam::" + e.Account + ":user/nobody"
	for name, tt := range map[string]struct{ trust, code, message string }{
		"no JSON":        {"{", "MalformedPolicyDocument", ""},
		"no principal":   {allow("sts:AssumeRole"), "MalformedPolicyDocument", ""},
		"another action": {strings.Replace(trusts(e.Account), "sts:AssumeRole", "iam:GetUser", 1), "MalformedPolicyDocument", "Statement[0]: AssumeRole policy may only specify STS AssumeRole actions"},
		"nobody":         {trusts(missing), "MalformedPolicyDocument", `Invalid principal in policy: "AWS":"` + missing + `"`},
		"a wildcard":     {trusts("arn:aws:iam::" + e.Account + ":user/*"), "MalformedPolicyDocument", ""},
		"a group":        {trusts("arn:aws:iam::" + e.Account + ":group/g"), "MalformedPolicyDocument", ""},
		"too long":       {strings.Replace(trusts(e.Account), `"Effect"`, `"Sid":"`+strings.Repeat("a", 2048)+`","Effect"`, 1), "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: 2048"},
	} {
		_, err := client.Call(t.Context(), e.Admin, iam.CreateRole, &iam.CreateRoleInput{RoleName: "r", AssumeRolePolicyDocument: tt.trust})
		status := 400
		if tt.code == "LimitExceeded" {
			status = 409
		}
		wantRefusal(t, name, err, tt.code, status, tt.message)
	}
}

// An issuer that all the world uses is trusted for somebody's tokens only.
func TestASharedIssuerIsTrustedForSomebodyOnly(t *testing.T) {
	e := testenv.New(t)
	const github = "token.actions.githubusercontent.com"
	trust := func(issuer, condition string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::` + e.Account + `:oidc-provider/` + issuer +
			`"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":` + condition + `}]}`
	}
	aud := `"StringEquals":{"` + github + `:aud":"sts.amazonaws.com"}`
	for name, document := range map[string]string{
		"no condition":         trust(github, `{}`),
		"the audience alone":   trust(github, `{`+aud+`}`),
		"any subject":          trust(github, `{"StringLike":{"`+github+`:sub":"*"}}`),
		"any repository":       trust(github, `{"StringLike":{"`+github+`:sub":"repo:*"}}`),
		"anybody's main":       trust(github, `{"StringLike":{"`+github+`:sub":"repo:*/*:ref:refs/heads/main"}}`),
		"one of two is open":   trust(github, `{"StringLike":{"`+github+`:sub":["repo:acme/*","*"]}}`),
		"a branch":             trust(github, `{"StringEquals":{"`+github+`:ref":"refs/heads/main"}}`),
		"if it is there":       trust(github, `{"StringEqualsIfExists":{"`+github+`:sub":"repo:acme/app"}}`),
		"all of none":          trust(github, `{"ForAllValues:StringEquals":{"`+github+`:sub":"repo:acme/app"}}`),
		"everybody but one":    trust(github, `{"StringNotEquals":{"`+github+`:sub":"repo:evil/app"}}`),
		"another's subject":    trust(github, `{"StringEquals":{"gitlab.com:sub":"project_path:acme/app"}}`),
		"GitLab's too":         trust("gitlab.com", `{}`),
		"in capitals":          trust("GitLab.com", `{}`),
		"among other":          strings.Replace(trust(github, `{`+aud+`}`), `[{`, `[{"Effect":"Allow","Principal":{"AWS":"`+e.Account+`"},"Action":"sts:AssumeRole"},{`, 1),
		"more than one issuer": strings.Replace(trust(github, `{}`), `"Federated":"`, `"Federated":["cognito-identity.amazonaws.com","`, 1),
	} {
		document = strings.Replace(document, github+`"},"Action`, github+map[bool]string{true: `"]`, false: `"`}[name == "more than one issuer"]+`},"Action`, 1)
		_, err := client.Call(t.Context(), e.Admin, iam.CreateRole, &iam.CreateRoleInput{RoleName: "r", AssumeRolePolicyDocument: document})
		wantRefusal(t, name, err, "MalformedPolicyDocument", 400, "")
		if !strings.Contains(testenv.RefusalOf(err).Message, "every customer of ") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	testenv.OK(t, e.Admin, iam.CreateRole, &iam.CreateRoleInput{RoleName: "r", AssumeRolePolicyDocument: trusts(e.Account)})
	for name, document := range map[string]string{
		"a repository":       trust(github, `{`+aud+`,"StringLike":{"`+github+`:sub":"repo:acme/app:*"}}`),
		"an organization":    trust(github, `{"StringLike":{"`+github+`:sub":"repo:acme/*"}}`),
		"an owner":           trust(github, `{"StringEquals":{"`+github+`:repository_owner_id":"4711"}}`),
		"of GitLab":          trust("gitlab.com", `{"StringLike":{"gitlab.com:sub":"project_path:acme/*:ref_type:branch:ref:main"}}`),
		"one's own issuer":   trust("gitlab.acme.example", `{}`),
		"one enterprise's":   trust(github+"/acme", `{}`),
		"a Deny of anything": strings.Replace(trust(github, `{}`), "Allow", "Deny", 1),
	} {
		_, err := client.Call(t.Context(), e.Admin, iam.UpdateAssumeRolePolicy, &iam.UpdateAssumeRolePolicyInput{RoleName: "r", PolicyDocument: document})
		if err != nil {
			t.Errorf("%s: got %v", name, err)
		}
	}
	_, err := client.Call(t.Context(), e.Admin, iam.UpdateAssumeRolePolicy, &iam.UpdateAssumeRolePolicyInput{RoleName: "r", PolicyDocument: trust(github, `{}`)})
	wantRefusal(t, "on update", err, "MalformedPolicyDocument", 400, "")
}

// Who knows better may have the warning alone.
func TestASharedIssuerMayBeTrustedForEverybodyWhereThatIsSet(t *testing.T) {
	e := testenv.New(t, func(c *config.Config) { c.SharedIssuers = "warn" })
	testenv.OK(t, e.Admin, iam.CreateRole, &iam.CreateRoleInput{RoleName: "open", AssumeRolePolicyDocument: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
		"Principal":{"Federated":"arn:aws:iam::` + e.Account + `:oidc-provider/gitlab.com"},"Action":"sts:AssumeRoleWithWebIdentity"}]}`})
	if !strings.Contains(e.Log.String(), `level=WARN msg="a role trusts strangers" account=`+e.Account+" role=open") {
		t.Error("nothing in the log warns of it")
	}
}

// Stored trust policies name principals by ID: who is moved is still trusted,
// and one made again under the name of who is gone is not.
func TestTrustIsInPrincipalsNotInNames(t *testing.T) {
	e := testenv.New(t)
	account := "arn:aws:iam::" + e.Account
	bob := testenv.OK(t, e.Admin, iam.CreateUser, &iam.CreateUserInput{UserName: "bob"}).User
	inner := testenv.OK(t, e.Admin, iam.CreateRole, &iam.CreateRoleInput{RoleName: "inner", Path: "/p/", AssumeRolePolicyDocument: trusts(e.Account)}).Role
	trust := func(bob, inner, session string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":["` + bob + `","` + inner + `","` + session + `"]},"Action":"sts:AssumeRole"}]}`
	}
	put := trust(account+":user/bob", account+":role/p/inner", "arn:aws:sts::"+e.Account+":assumed-role/inner/one")
	made := testenv.OK(t, e.Admin, iam.CreateRole, &iam.CreateRoleInput{RoleName: "outer", AssumeRolePolicyDocument: put}).Role
	shown := func() string {
		return testenv.OK(t, e.Admin, iam.GetRole, &iam.GetRoleInput{RoleName: "outer"}).Role.AssumeRolePolicyDocument
	}
	if made.AssumeRolePolicyDocument != put || shown() != put {
		t.Errorf("got %s and %s, want %s", made.AssumeRolePolicyDocument, shown(), put)
	}
	testenv.OK(t, e.Admin, iam.UpdateUser, &iam.UpdateUserInput{UserName: "bob", NewPath: "/x/"})
	if want := strings.Replace(put, "user/bob", "user/x/bob", 1); shown() != want {
		t.Errorf("moved: got %s, want %s", shown(), want)
	}
	testenv.OK(t, e.Admin, iam.DeleteUser, &iam.DeleteUserInput{UserName: "bob"})
	testenv.OK(t, e.Admin, iam.DeleteRole, &iam.DeleteRoleInput{RoleName: "inner"})
	testenv.OK(t, e.Admin, iam.CreateUser, &iam.CreateUserInput{UserName: "bob"})
	testenv.OK(t, e.Admin, iam.CreateRole, &iam.CreateRoleInput{RoleName: "inner", Path: "/p/", AssumeRolePolicyDocument: trusts(e.Account)})
	if want := trust(bob.UserId, inner.RoleId, inner.RoleId+":one"); shown() != want {
		t.Errorf("gone: got %s, want %s", shown(), want)
	}
	_, err := client.Call(t.Context(), e.Admin, iam.UpdateAssumeRolePolicy, &iam.UpdateAssumeRolePolicyInput{RoleName: "outer", PolicyDocument: shown()})
	wantRefusal(t, "put back", err, "MalformedPolicyDocument", 400, `Invalid principal in policy: "AWS":"`+bob.UserId+`"`)
}
