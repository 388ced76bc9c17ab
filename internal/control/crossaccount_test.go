package control_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
)

// party is a user, or a session of a role, in some relation to a repository.
type party struct {
	account    string
	admin      *client.Client // of the account
	name       string         // of the user or role
	role       bool
	arn        string // of the user or role
	client     *client.Client
	token      string
	repository string
}

// household is a domain of one account with a repository that another one
// administers.
type household struct {
	e       *testenv.Env
	parties map[string]*party
}

const (
	theirs     = "theirs" // the repository that another account administers
	describing = "codeartifact:DescribeRepository"
	reading    = "codeartifact:ReadFromRepository"
)

// openHousehold makes somebody in each relation, who may obtain a token and
// nothing else, and has one: users, or sessions of roles.
func openHousehold(t *testing.T, roles bool) *household {
	t.Helper()
	e := testenv.New(t)
	administrator, foreign := e.NewAccount(), e.NewAccount()
	h := &household{e: e, parties: map[string]*party{
		"same":          {account: e.Account, admin: e.Admin, repository: testenv.Repository},
		"owner":         {account: e.Account, admin: e.Admin, repository: theirs},
		"administrator": {account: administrator, admin: e.Root(administrator), repository: theirs},
		"foreign":       {account: foreign, admin: e.Root(foreign), repository: testenv.Repository},
	}}
	h.domain(t, grant(administrator, "codeartifact:CreateRepository"))
	made := testenv.OK(t, h.parties["administrator"].admin, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{
		Domain: testenv.Domain, DomainOwner: e.Account, Repository: theirs,
	}).Repository
	if made.AdministratorAccount != administrator || made.DomainOwner != e.Account {
		t.Fatalf("got %+v, want one of %s administered by %s", made, e.Account, administrator)
	}
	h.domain(t)
	for name, p := range h.parties {
		p.name, p.role = name, roles
		p.enter(t, e)
		p.token = testenv.OK(t, p.client, codeartifact.GetAuthorizationToken, &codeartifact.GetAuthorizationTokenInput{
			Domain: testenv.Domain, DomainOwner: e.Account,
		}).AuthorizationToken
	}
	return h
}

// enter makes the user or the role, and with it a session.
func (p *party) enter(t *testing.T, e *testenv.Env) {
	t.Helper()
	if !p.role {
		p.arn = "arn:aws:iam::" + p.account + ":user/" + p.name
		p.client = e.UserOf(p.admin, p.name)
		p.identity(t)
		return
	}
	p.arn = testenv.OK(t, p.admin, iam.CreateRole, &iam.CreateRoleInput{RoleName: p.name, AssumeRolePolicyDocument: testenv.Trust(p.account)}).Role.Arn
	p.identity(t)
	p.client = e.Assume(e.UserOf(p.admin, "opens-"+p.name, document(allow("sts:AssumeRole", p.arn))), p.arn, "one")
}

// domain puts a policy on the domain, which lets everybody have a token.
func (h *household) domain(t *testing.T, statements ...string) {
	t.Helper()
	testenv.OK(t, h.e.Admin, codeartifact.PutDomainPermissionsPolicy, &codeartifact.PutDomainPermissionsPolicyInput{
		Domain: testenv.Domain, PolicyDocument: document(append(statements, grant("*", "codeartifact:GetAuthorizationToken"))...),
	})
}

// onRepositories puts a policy on both repositories, which says nothing if it
// has no statements.
func (h *household) onRepositories(t *testing.T, statements ...string) {
	t.Helper()
	for _, name := range []string{testenv.Repository, theirs} {
		testenv.OK(t, h.e.Admin, codeartifact.PutRepositoryPermissionsPolicy, &codeartifact.PutRepositoryPermissionsPolicyInput{
			Domain: testenv.Domain, Repository: name, PolicyDocument: document(append(statements, grant("*", "codeartifact:ListPackages"))...),
		})
	}
}

// identity puts an inline policy on the user or role.
func (p *party) identity(t *testing.T, statements ...string) {
	t.Helper()
	statements = append(statements, allow("codeartifact:GetAuthorizationToken", "*"), allow("sts:GetServiceBearerToken", "*"))
	if p.role {
		testenv.OK(t, p.admin, iam.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: p.name, PolicyName: "p", PolicyDocument: document(statements...)})
		return
	}
	testenv.OK(t, p.admin, iam.PutUserPolicy, &iam.PutUserPolicyInput{UserName: p.name, PolicyName: "p", PolicyDocument: document(statements...)})
}

// may reports what the party may do: describe the repository with its access
// key, and read from it with the token that it has.
func (h *household) may(t *testing.T, p *party) (describes, reads bool) {
	t.Helper()
	_, err := client.Call(context.Background(), p.client, codeartifact.DescribeRepository, &codeartifact.DescribeRepositoryInput{
		Domain: testenv.Domain, DomainOwner: h.e.Account, Repository: p.repository,
	})
	a := h.e.Do(http.MethodGet, "/npm/d/"+testenv.Domain+"-"+h.e.Account+"/"+p.repository+"/absent", p.token, nil)
	if code := testenv.RefusalOf(err).Code; code != "" && code != "AccessDeniedException" || a.Status != http.StatusNotFound && a.Status != http.StatusForbidden {
		t.Fatalf("got %v and %d %s", err, a.Status, a.Body)
	}
	return err == nil, a.Status == http.StatusNotFound
}

// opinion is the statements of a policy that allows, denies or says nothing;
// of a policy on a resource, to whom principal names.
func opinion(o, principal string) []string {
	var statements []string
	for _, action := range []string{describing, reading} {
		s := allow(action, "*")
		if o == "deny" {
			s = deny(action, "*")
		}
		if principal != "" {
			s = strings.Replace(s, `"Action"`, `"Principal":{"AWS":`+principal+`},"Action"`, 1)
		}
		statements = append(statements, s)
	}
	if o == "-" {
		return nil
	}
	return statements
}

func TestUsersAcrossAccounts(t *testing.T) { acrossAccounts(t, openHousehold(t, false)) }

func TestRolesAcrossAccounts(t *testing.T) { acrossAccounts(t, openHousehold(t, true)) }

// acrossAccounts tries the rules of CodeArtifact's guide on domain and
// repository policies as a whole, with policies on the resources that name the
// users or roles themselves: a Deny anywhere refuses; in the account that owns
// the domain or administers the repository one Allow of either side is enough;
// everybody else needs one of each side, and for that one of the two policies
// on resources will do.
func acrossAccounts(t *testing.T, h *household) {
	t.Helper()
	var names []string
	for _, p := range h.parties {
		names = append(names, `"`+p.arn+`"`)
	}
	everybody := "[" + strings.Join(names, ",") + "]"
	parties := []string{"same", "owner", "administrator", "foreign"}
	for _, tt := range []struct{ identity, domain, repository, may string }{
		{"allow", "allow", "allow", "yes yes yes yes"},
		{"allow", "allow", "-    ", "yes yes yes yes"},
		{"allow", "allow", "deny ", "no  no  no  no "},
		{"allow", "-    ", "allow", "yes yes yes yes"},
		{"allow", "-    ", "-    ", "yes yes yes no "},
		{"allow", "-    ", "deny ", "no  no  no  no "},
		{"allow", "deny ", "allow", "no  no  no  no "},
		{"allow", "deny ", "-    ", "no  no  no  no "},
		{"allow", "deny ", "deny ", "no  no  no  no "},
		{"-    ", "allow", "allow", "yes yes yes no "},
		{"-    ", "allow", "-    ", "yes yes yes no "},
		{"-    ", "allow", "deny ", "no  no  no  no "},
		{"-    ", "-    ", "allow", "yes yes yes no "},
		{"-    ", "-    ", "-    ", "no  no  no  no "},
		{"-    ", "-    ", "deny ", "no  no  no  no "},
		{"-    ", "deny ", "allow", "no  no  no  no "},
		{"-    ", "deny ", "-    ", "no  no  no  no "},
		{"-    ", "deny ", "deny ", "no  no  no  no "},
		{"deny ", "allow", "allow", "no  no  no  no "},
		{"deny ", "allow", "-    ", "no  no  no  no "},
		{"deny ", "allow", "deny ", "no  no  no  no "},
		{"deny ", "-    ", "allow", "no  no  no  no "},
		{"deny ", "-    ", "-    ", "no  no  no  no "},
		{"deny ", "-    ", "deny ", "no  no  no  no "},
		{"deny ", "deny ", "allow", "no  no  no  no "},
		{"deny ", "deny ", "-    ", "no  no  no  no "},
		{"deny ", "deny ", "deny ", "no  no  no  no "},
	} {
		h.domain(t, opinion(strings.TrimSpace(tt.domain), everybody)...)
		h.onRepositories(t, opinion(strings.TrimSpace(tt.repository), everybody)...)
		for i, may := range strings.Fields(tt.may) {
			p := h.parties[parties[i]]
			p.identity(t, opinion(strings.TrimSpace(tt.identity), "")...)
			want := may == "yes"
			if describes, reads := h.may(t, p); describes != want || reads != want {
				t.Errorf("identity %s, domain %s, repository %s: %s describes %t and reads %t, want %s",
					tt.identity, tt.domain, tt.repository, parties[i], describes, reads, may)
			}
		}
	}
}

// A policy on a resource that names an account leaves it to the account whom
// of its own it lets in.
func TestAccountsThatAreNamedDecideForThemselves(t *testing.T) {
	h := openHousehold(t, false)
	var accounts []string
	for _, p := range h.parties {
		accounts = append(accounts, `"`+p.account+`"`)
	}
	h.onRepositories(t, opinion("allow", "["+strings.Join(accounts, ",")+"]")...)
	for name, p := range h.parties {
		if describes, reads := h.may(t, p); describes || reads {
			t.Errorf("%s describes %t and reads %t, want neither", name, describes, reads)
		}
		p.identity(t, opinion("allow", "")...)
		if describes, reads := h.may(t, p); !describes || !reads {
			t.Errorf("%s, allowed by its account, describes %t and reads %t, want both", name, describes, reads)
		}
	}
}

// No policy on a domain lets another account replace it, but one may let it
// replace the policies of the repositories.
func TestNobodyElseReplacesADomainsPolicy(t *testing.T) {
	h := openHousehold(t, false)
	foreign := h.parties["foreign"]
	foreign.identity(t, allow("codeartifact:*", "*"))
	h.domain(t, grant("*", "codeartifact:*"))
	policy := document(grant("*", reading))
	testenv.Refused(t, foreign.client, codeartifact.PutDomainPermissionsPolicy, &codeartifact.PutDomainPermissionsPolicyInput{
		Domain: testenv.Domain, DomainOwner: h.e.Account, PolicyDocument: policy,
	}, "AccessDeniedException")
	testenv.OK(t, foreign.client, codeartifact.PutRepositoryPermissionsPolicy, &codeartifact.PutRepositoryPermissionsPolicyInput{
		Domain: testenv.Domain, DomainOwner: h.e.Account, Repository: testenv.Repository, PolicyDocument: policy,
	})
}

// Without an owner a domain is one of the caller's account.
func TestDomainsOfOthersAreNamedWithTheirOwner(t *testing.T) {
	h := openHousehold(t, false)
	foreign := h.parties["foreign"]
	foreign.identity(t, allow("codeartifact:*", "*"))
	h.domain(t, grant(foreign.account, "codeartifact:*"))
	in := &codeartifact.DescribeDomainInput{Domain: testenv.Domain}
	testenv.Refused(t, foreign.client, codeartifact.DescribeDomain, in, "ResourceNotFoundException")
	in.DomainOwner = h.e.Account
	if got := testenv.OK(t, foreign.client, codeartifact.DescribeDomain, in).Domain; got.Owner != h.e.Account {
		t.Errorf("got %+v", got)
	}
	testenv.OK(t, foreign.admin, codeartifact.CreateDomain, &codeartifact.CreateDomainInput{Domain: testenv.Domain})
	in.DomainOwner = ""
	if got := testenv.OK(t, foreign.client, codeartifact.DescribeDomain, in).Domain; got.Owner != foreign.account {
		t.Errorf("got %+v, want the foreigner's own of that name", got)
	}
}
