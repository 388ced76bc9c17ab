package control_test

import (
	"bytes"
	"io"
	"net/http"
	"testing"
	"time"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/api/larder"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
	"larder.example/larder/internal/wire"
)

// team is a user whose rights come from a managed policy on a group, and a
// role with the same policy that trusts that user.
type team struct {
	*testenv.Env
	t                         *testing.T
	user, group, role, policy string
	client, session           *client.Client
	noPackages                string // a document
	token, tokenID            string // of the user's
	sessionToken              string
}

func hire(t *testing.T, e *testenv.Env, name string) *team {
	t.Helper()
	h := &team{Env: e, t: t, user: name, group: name + "s", role: name + "-role"}
	packages := document(allow("codeartifact:*", "*"), allow("sts:*", "*"))
	h.noPackages = document(deny("codeartifact:*", "*"))
	h.client = e.User(name)
	h.policy = testenv.OK(t, e.Admin, iam.CreatePolicy, &iam.CreatePolicyInput{PolicyName: name, PolicyDocument: packages}).Policy.Arn
	testenv.OK(t, e.Admin, iam.CreateGroup, &iam.CreateGroupInput{GroupName: h.group})
	testenv.OK(t, e.Admin, iam.AttachGroupPolicy, &iam.AttachGroupPolicyInput{GroupName: h.group, PolicyArn: h.policy})
	testenv.OK(t, e.Admin, iam.AddUserToGroup, &iam.AddUserToGroupInput{GroupName: h.group, UserName: name})
	role := e.Role(h.role, testenv.Trust("arn:aws:iam::"+e.Account+":user/"+name))
	testenv.OK(t, e.Admin, iam.AttachRolePolicy, &iam.AttachRolePolicyInput{RoleName: h.role, PolicyArn: h.policy})
	h.session = e.Assume(h.client, role, "ci")
	h.token = e.Token(h.client)
	made := auditRecords(t, e, "GetAuthorizationToken")
	h.tokenID = made[len(made)-1].AdditionalEventData.BearerTokenID
	h.sessionToken = e.Token(h.session)
	return h
}

// do makes a call that must succeed, also outside of the test's goroutine.
func do[In, Out any](h *team, op wire.Op[In, Out], in *In) {
	h.t.Helper()
	if _, err := client.Call(h.t.Context(), h.Admin, op, in); err != nil {
		h.t.Errorf("%s: %v", op.Name, err)
	}
}

// begun is the body of a request whose sender waits until it is asked for it:
// then the request has been let in.
type begun struct {
	io.Reader
	then func()
}

func (b *begun) Read(p []byte) (int, error) {
	if b.then != nil {
		b.then()
		b.then = nil
	}
	return b.Reader.Read(p)
}

// publishDuring publishes a release, and calls fn when the registry has begun
// to take it. It returns the status.
func (h *team) publishDuring(bearer string, r release, fn func()) int {
	h.t.Helper()
	text, _ := r.document(h.t)
	asked := false
	req, err := http.NewRequestWithContext(h.t.Context(), http.MethodPut, h.URL+h.Endpoint("npm")+r.name, &begun{bytes.NewReader(text), func() { asked = true; fn() }})
	if err != nil {
		h.t.Fatal(err)
	}
	req.ContentLength = int64(len(text))
	req.Header.Set("Authorization", "Bearer "+bearer)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Expect", "100-continue")
	transport := &http.Transport{ExpectContinueTimeout: time.Minute, DisableKeepAlives: true}
	res, err := transport.RoundTrip(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	if !asked {
		h.t.Errorf("the publish was refused before it began: %d", res.StatusCode)
	}
	return res.StatusCode
}

// Whatever takes a right away holds from the next request of a token on, and
// for a publish that began before and commits after.
func TestRevocations(t *testing.T) {
	e, _ := readers(t)
	const forbidden, unknown = http.StatusForbidden, http.StatusUnauthorized
	for _, tt := range []struct {
		name    string
		session bool // it is about the role's session
		want    int
		revoke  func(*team)
	}{
		{"user-deny", false, forbidden, func(h *team) {
			do(h, iam.PutUserPolicy, &iam.PutUserPolicyInput{UserName: h.user, PolicyName: "out", PolicyDocument: h.noPackages})
		}},
		{"group-deny", false, forbidden, func(h *team) {
			do(h, iam.PutGroupPolicy, &iam.PutGroupPolicyInput{GroupName: h.group, PolicyName: "out", PolicyDocument: h.noPackages})
		}},
		{"out-of-the-group", false, forbidden, func(h *team) {
			do(h, iam.RemoveUserFromGroup, &iam.RemoveUserFromGroupInput{GroupName: h.group, UserName: h.user})
		}},
		{"group-detached", false, forbidden, func(h *team) {
			do(h, iam.DetachGroupPolicy, &iam.DetachGroupPolicyInput{GroupName: h.group, PolicyArn: h.policy})
		}},
		{"policy-version", false, forbidden, func(h *team) {
			do(h, iam.CreatePolicyVersion, &iam.CreatePolicyVersionInput{PolicyArn: h.policy, PolicyDocument: h.noPackages, SetAsDefault: true})
		}},
		{"boundary", false, forbidden, func(h *team) {
			do(h, iam.PutUserPermissionsBoundary, &iam.PutUserPermissionsBoundaryInput{UserName: h.user, PermissionsBoundary: "arn:aws:iam::aws:policy/IAMReadOnlyAccess"})
		}},
		{"user-deleted", false, unknown, func(h *team) {
			do(h, iam.RemoveUserFromGroup, &iam.RemoveUserFromGroupInput{GroupName: h.group, UserName: h.user})
			do(h, iam.DeleteAccessKey, &iam.DeleteAccessKeyInput{UserName: h.user, AccessKeyId: h.client.KeyID})
			do(h, iam.DeleteUser, &iam.DeleteUserInput{UserName: h.user})
		}},
		{"role-deny", true, forbidden, func(h *team) {
			do(h, iam.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: h.role, PolicyName: "out", PolicyDocument: h.noPackages})
		}},
		{"role-detached", true, forbidden, func(h *team) {
			do(h, iam.DetachRolePolicy, &iam.DetachRolePolicyInput{RoleName: h.role, PolicyArn: h.policy})
		}},
		{"role-deleted", true, unknown, func(h *team) {
			do(h, iam.DetachRolePolicy, &iam.DetachRolePolicyInput{RoleName: h.role, PolicyArn: h.policy})
			do(h, iam.DeleteRole, &iam.DeleteRoleInput{RoleName: h.role})
		}},
		{"older-sessions", true, forbidden, func(h *team) {
			do(h, iam.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: h.role, PolicyName: "AWSRevokeOlderSessions", PolicyDocument: document(
				`{"Effect":"Deny","Action":["*"],"Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":"` +
					h.Clock.Now().Add(time.Second).UTC().Format(time.RFC3339) + `"}}}`)})
		}},
		{"token-of-its-id", false, unknown, func(h *team) {
			do(h, larder.RevokeToken, &larder.RevokeTokenInput{TokenId: h.tokenID})
		}},
		{"tokens-of-a-key", true, unknown, func(h *team) {
			do(h, larder.RevokeTokensOfAccessKey, &larder.RevokeTokensOfAccessKeyInput{AccessKeyId: h.session.KeyID})
		}},
		{"domain-made-again", false, unknown, func(h *team) {
			do(h, codeartifact.DeleteRepository, &codeartifact.DeleteRepositoryInput{Domain: testenv.Domain, Repository: testenv.Repository})
			do(h, codeartifact.DeleteDomain, &codeartifact.DeleteDomainInput{Domain: testenv.Domain})
			do(h, codeartifact.CreateDomain, &codeartifact.CreateDomainInput{Domain: testenv.Domain})
			do(h, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{Domain: testenv.Domain, Repository: testenv.Repository})
		}},
	} {
		h := hire(t, e, tt.name)
		bearer := h.token
		if tt.session {
			bearer = h.sessionToken
		}
		if got := reads(e, bearer); got != http.StatusOK {
			t.Errorf("%s: before: got %d", tt.name, got)
		}
		got := h.publishDuring(bearer, release{name: "of-" + tt.name, version: "1.0.0"}, func() { tt.revoke(h) })
		if got != tt.want {
			t.Errorf("%s: the publish that had begun: got %d, want %d", tt.name, got, tt.want)
		}
		if got := reads(e, bearer); got != tt.want {
			t.Errorf("%s: got %d, want %d", tt.name, got, tt.want)
		}
		if got := e.Do(http.MethodGet, e.Endpoint("npm")+"of-"+tt.name, e.Token(e.Admin), nil).Status; got != http.StatusNotFound {
			t.Errorf("%s: what was published meanwhile: got %d", tt.name, got)
		}
	}
}
