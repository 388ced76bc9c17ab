package control_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
)

// permissions are the three calls for the policy of one resource.
type permissions struct {
	kind, arn string
	put       func(c *client.Client, document, revision string) (*codeartifact.ResourcePolicy, error)
	get       func(c *client.Client) (*codeartifact.ResourcePolicy, error)
	remove    func(c *client.Client, revision string) (*codeartifact.ResourcePolicy, error)
}

func guardable(t *testing.T, e *testenv.Env) []permissions {
	const domain, repository = testenv.Domain, testenv.Repository
	ctx, owner := t.Context(), e.Account
	return []permissions{{
		kind: "domain", arn: domainARN(e, domain),
		put: func(c *client.Client, document, revision string) (*codeartifact.ResourcePolicy, error) {
			out, err := client.Call(ctx, c, codeartifact.PutDomainPermissionsPolicy, &codeartifact.PutDomainPermissionsPolicyInput{
				Domain: domain, DomainOwner: owner, PolicyDocument: document, PolicyRevision: revision,
			})
			if err != nil {
				return nil, err
			}
			return out.Policy, nil
		},
		get: func(c *client.Client) (*codeartifact.ResourcePolicy, error) {
			out, err := client.Call(ctx, c, codeartifact.GetDomainPermissionsPolicy, &codeartifact.GetDomainPermissionsPolicyInput{Domain: domain, DomainOwner: owner})
			if err != nil {
				return nil, err
			}
			return out.Policy, nil
		},
		remove: func(c *client.Client, revision string) (*codeartifact.ResourcePolicy, error) {
			out, err := client.Call(ctx, c, codeartifact.DeleteDomainPermissionsPolicy, &codeartifact.DeleteDomainPermissionsPolicyInput{
				Domain: domain, DomainOwner: owner, PolicyRevision: revision,
			})
			if err != nil {
				return nil, err
			}
			return out.Policy, nil
		},
	}, {
		kind: "repository", arn: repositoryARN(e, repository),
		put: func(c *client.Client, document, revision string) (*codeartifact.ResourcePolicy, error) {
			out, err := client.Call(ctx, c, codeartifact.PutRepositoryPermissionsPolicy, &codeartifact.PutRepositoryPermissionsPolicyInput{
				Domain: domain, DomainOwner: owner, Repository: repository, PolicyDocument: document, PolicyRevision: revision,
			})
			if err != nil {
				return nil, err
			}
			return out.Policy, nil
		},
		get: func(c *client.Client) (*codeartifact.ResourcePolicy, error) {
			out, err := client.Call(ctx, c, codeartifact.GetRepositoryPermissionsPolicy, &codeartifact.GetRepositoryPermissionsPolicyInput{
				Domain: domain, DomainOwner: owner, Repository: repository,
			})
			if err != nil {
				return nil, err
			}
			return out.Policy, nil
		},
		remove: func(c *client.Client, revision string) (*codeartifact.ResourcePolicy, error) {
			out, err := client.Call(ctx, c, codeartifact.DeleteRepositoryPermissionsPolicy, &codeartifact.DeleteRepositoryPermissionsPolicyInput{
				Domain: domain, DomainOwner: owner, Repository: repository, PolicyRevision: revision,
			})
			if err != nil {
				return nil, err
			}
			return out.Policy, nil
		},
	}}
}

func TestPermissionsPolicies(t *testing.T) {
	e := testenv.New(t)
	for _, p := range guardable(t, e) {
		t.Run(p.kind, func(t *testing.T) {
			_, err := p.get(e.Admin)
			if got := testenv.RefusalOf(err).Code; got != "ResourceNotFoundException" || testenv.RefusalOf(err).ResourceType != p.kind {
				t.Errorf("none yet: got %v", err)
			}
			_, err = p.remove(e.Admin, "")
			if got := testenv.RefusalOf(err).Code; got != "ResourceNotFoundException" {
				t.Errorf("none yet: got %v", err)
			}

			text := document(grant("999999999999", "codeartifact:ReadFromRepository"))
			first, err := p.put(e.Admin, text, "")
			if err != nil || first.ResourceArn != p.arn || first.Document != text || first.Revision == "" || len(first.Revision) > 100 {
				t.Fatalf("got %+v, %v", first, err)
			}
			second, err := p.put(e.Admin, "\n"+text, first.Revision)
			if err != nil || second.Revision == first.Revision {
				t.Fatalf("got %+v, %v", second, err)
			}
			for what, err := range map[string]error{
				"put":    errorOf(p.put(e.Admin, text, first.Revision)),
				"delete": errorOf(p.remove(e.Admin, first.Revision)),
			} {
				if got := testenv.RefusalOf(err); got.Code != "ConflictException" || got.Status != 409 || got.ResourceType != p.kind {
					t.Errorf("%s of a revision that is past: got %v", what, err)
				}
			}
			if got, err := p.get(e.Admin); err != nil || *got != *second {
				t.Errorf("got %+v, %v, want %+v", got, err, second)
			}
			if got, err := p.remove(e.Admin, second.Revision); err != nil || *got != *second {
				t.Errorf("got %+v, %v, want %+v", got, err, second)
			}
			_, err = p.get(e.Admin)
			if got := testenv.RefusalOf(err).Code; got != "ResourceNotFoundException" {
				t.Errorf("deleted: got %v", err)
			}
		})
	}
}

func errorOf(_ *codeartifact.ResourcePolicy, err error) error { return err }

func TestPermissionsPoliciesThatAreNoneAreRefused(t *testing.T) {
	e := testenv.New(t)
	nobody := "arn:aws:iam::" + e.Account + ":user/nobody"
	long := document(grant("*", "codeartifact:"+strings.Repeat("x", 7168)))
	for _, p := range guardable(t, e) {
		for text, want := range map[string]string{
			"{":                            "OTHER",
			document(allow("*", "*")):      "OTHER", // no principal
			document(grant(nobody, "*")):   "OTHER",
			document(grant("a-user", "*")): "OTHER",
			`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`: "OTHER",
			long: "FIELD_VALIDATION_FAILED",
		} {
			_, err := p.put(e.Admin, text, "")
			if got := testenv.RefusalOf(err); got.Code != "ValidationException" || got.Reason != want {
				t.Errorf("%s: %.100s: got %v, want the reason %s", p.kind, text, err, want)
			}
		}
		if _, err := p.get(e.Admin); testenv.RefusalOf(err).Code != "ResourceNotFoundException" {
			t.Errorf("%s: got %v", p.kind, err)
		}
	}
}

// The paths differ, and PutDomainPermissionsPolicy has its names in the body.
func TestPermissionsPoliciesOnTheWire(t *testing.T) {
	e := testenv.New(t)
	text := document(grant("999999999999", "codeartifact:ReadFromRepository"))
	quoted, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"domain", testenv.Domain, "repository", testenv.Repository}
	for _, tt := range []struct {
		method, target, body string
		status               int
	}{
		{http.MethodPut, "/v1/domain/permissions/policy", `{"domain":"team","policyDocument":` + string(quoted) + `}`, 200},
		{http.MethodPut, query("/v1/domain/permissions/policy", names...), `{"policyDocument":` + string(quoted) + `}`, 400},
		{http.MethodGet, query("/v1/domain/permissions/policy", names...), "", 200},
		{http.MethodPut, query("/v1/repository/permissions/policy", names...), `{"policyDocument":` + string(quoted) + `}`, 200},
		{http.MethodGet, query("/v1/repository/permissions/policy", names...), "", 200},
		{http.MethodDelete, query("/v1/repository/permissions/policy", names...), "", 404},
		{http.MethodDelete, query("/v1/repository/permissions/policies", names...), "", 200},
		{http.MethodDelete, query("/v1/domain/permissions/policy", names...), "", 200},
		{http.MethodDelete, query("/v1/domain/permissions/policies", names...), "", 404},
	} {
		a := e.DoSigned(e.Admin, "codeartifact", tt.method, tt.target, tt.body)
		if a.Status != tt.status {
			t.Errorf("%s %s: got %d %s, want %d", tt.method, tt.target, a.Status, a.Body, tt.status)
		}
		if want := `"document":` + string(quoted); tt.status == 200 && !strings.Contains(a.Body, want) {
			t.Errorf("%s %s: got %s, want %s in it", tt.method, tt.target, a.Body, want)
		}
	}
}

// A policy on a domain or a repository opens it to another account, and a
// user made again under the name that it has does not inherit that.
func TestPermissionsPolicyOpensToAnotherAccount(t *testing.T) {
	e := testenv.New(t)
	other := e.NewAccount()
	root := e.Root(other)
	describe := func() error {
		_, err := client.Call(t.Context(), root, codeartifact.DescribeRepository, &codeartifact.DescribeRepositoryInput{
			Domain: testenv.Domain, DomainOwner: e.Account, Repository: testenv.Repository,
		})
		return err
	}
	for _, p := range guardable(t, e) {
		if err := describe(); !larder.Denied.Is(err) || !strings.Contains(err.Error(), "because no resource-based policy allows") {
			t.Errorf("%s: closed: got %v", p.kind, err)
		}
		if _, err := p.put(e.Admin, document(grant(other, "codeartifact:DescribeRepository")), ""); err != nil {
			t.Fatal(err)
		}
		if err := describe(); err != nil {
			t.Errorf("%s: open: got %v", p.kind, err)
		}
		// The policy about the policy is not for other accounts.
		if _, err := p.get(root); !larder.Denied.Is(err) {
			t.Errorf("%s: its policy: got %v", p.kind, err)
		}
		if _, err := p.remove(e.Admin, ""); err != nil {
			t.Fatal(err)
		}
	}
}
