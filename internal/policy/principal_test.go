package policy_test

import (
	"testing"

	"larder.example/larder/internal/policy"
)

var (
	// ci is a session that a provider's user got, workflow that user before
	// it has one.
	ci = policy.Principal{
		Account: "111122223333", ID: "AROACICICICICICICIC01",
		ARN: "arn:aws:iam::111122223333:role/ci", Session: "arn:aws:sts::111122223333:assumed-role/ci/run-7",
		Federated: "arn:aws:iam::111122223333:oidc-provider/idp.example",
	}
	workflow = policy.Principal{Federated: "arn:aws:iam::111122223333:oidc-provider/idp.example"}

	// guest is what alice federated.
	guest = policy.Principal{
		Account: "111122223333", ID: alice.ID, ARN: alice.ARN,
		Session: "arn:aws:sts::111122223333:federated-user/guest",
	}
	service = policy.Principal{Service: "codeartifact.amazonaws.com"}
	nobody  = policy.Principal{}
)

// A Deny applies to whomever it names in any way.
func TestPrincipalNames(t *testing.T) {
	who := map[string]policy.Principal{
		"alice": alice, "deploy": deploy, "xen": xen, "root": root, "ci": ci,
		"workflow": workflow, "guest": guest, "service": service, "nobody": nobody,
	}
	for _, tt := range []struct {
		claim     string
		principal string
		names     []string
	}{
		{"everyone", `"*"`, []string{"alice", "deploy", "xen", "root", "ci", "workflow", "guest", "service", "nobody"}},
		{"everyone, longer", `{"AWS":"*"}`, []string{"alice", "deploy", "xen", "root", "ci", "workflow", "guest", "service", "nobody"}},
		{"an account by number", `{"AWS":"444455556666"}`, []string{"xen"}},
		{"an account by its root", `{"AWS":"arn:aws:iam::111122223333:root"}`, []string{"alice", "deploy", "root", "ci", "guest"}},
		{"a user", `{"AWS":"arn:aws:iam::111122223333:user/alice"}`, []string{"alice", "guest"}},
		{"a user by ID", `{"AWS":"AIDAALICEALICEALICE01"}`, []string{"alice", "guest"}},
		{"a user in other letters", `{"AWS":"arn:aws:iam::111122223333:user/Alice"}`, nil},
		{"a namesake of another ID", `{"AWS":"AIDAALICEALICEALICE02"}`, nil},
		{"a role", `{"AWS":"arn:aws:iam::111122223333:role/dev"}`, []string{"deploy"}},
		{"a role by ID", `{"AWS":"AROADEVDEVDEVDEVDEV01"}`, []string{"deploy"}},
		{"a session", `{"AWS":"arn:aws:sts::111122223333:assumed-role/dev/deploy"}`, []string{"deploy"}},
		{"a session by ID", `{"AWS":"AROADEVDEVDEVDEVDEV01:deploy"}`, []string{"deploy"}},
		{"another session", `{"AWS":["arn:aws:sts::111122223333:assumed-role/dev/deploy2","AROADEVDEVDEVDEVDEV01:deplo"]}`, nil},
		{"a session of a namesake", `{"AWS":"AROADEVDEVDEVDEVDEV02:deploy"}`, nil},
		{"a federated user", `{"AWS":"arn:aws:sts::111122223333:federated-user/guest"}`, []string{"guest"}},
		{"a provider", `{"Federated":"arn:aws:iam::111122223333:oidc-provider/idp.example"}`, []string{"ci", "workflow"}},
		{"another provider", `{"Federated":"idp.example"}`, nil},
		{"a service", `{"Service":["codeartifact.amazonaws.com","ecs.amazonaws.com"]}`, []string{"service"}},
		{"several", `{"AWS":["AIDAALICEALICEALICE01","444455556666"],"Service":"codeartifact.amazonaws.com"}`, []string{"alice", "guest", "xen", "service"}},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			named := map[string]bool{}
			for _, name := range tt.names {
				named[name] = true
			}
			p := parse(t, policy.Resource, document(`{"Effect":"Deny","Principal":`+tt.principal+`,"Action":"*","Resource":"*"}`))
			for name, principal := range who {
				d := policy.Decide(read(principal, nil), &policy.Set{Resource: []*policy.Policy{p}})
				if got, want := d.Reason == policy.Forbidden, named[name]; got != want {
					t.Errorf("%s names %s: got %v, want %v", tt.principal, name, got, want)
				}
			}
		})
	}
}

// The examples of the IAM User Guide's page on NotPrincipal, and around them.
func TestNotPrincipalDeniesAllOthers(t *testing.T) {
	who := map[string]policy.Principal{
		"alice": alice, "deploy": deploy, "xen": xen, "root": root, "ci": ci, "guest": guest, "service": service,
	}
	for _, tt := range []struct {
		claim        string
		notPrincipal string
		spared       []string
	}{
		{"a user and its account", `{"AWS":["arn:aws:iam::111122223333:user/alice","arn:aws:iam::111122223333:root"]}`, []string{"alice", "guest", "root"}},
		{"a session, its role and their account", `{"AWS":["arn:aws:sts::111122223333:assumed-role/dev/deploy","arn:aws:iam::111122223333:role/dev","111122223333"]}`, []string{"deploy", "root"}},
		{"another session of the role", `{"AWS":["arn:aws:sts::111122223333:assumed-role/dev/test","arn:aws:iam::111122223333:role/dev","111122223333"]}`, []string{"root"}},
		{"another session of the role, by ID", `{"AWS":["AROADEVDEVDEVDEVDEV01:test","AROADEVDEVDEVDEVDEV01"]}`, nil},
		{"a role and its account", `{"AWS":["AROADEVDEVDEVDEVDEV01","111122223333"]}`, []string{"deploy", "root"}},
		{"a user alone", `{"AWS":"AIDAALICEALICEALICE01"}`, []string{"alice", "guest"}},
		{"an account alone", `{"AWS":"111122223333"}`, []string{"alice", "deploy", "root", "ci", "guest"}},
		{"an account and somebody of another", `{"AWS":["111122223333","arn:aws:iam::444455556666:user/xen"]}`, []string{"alice", "deploy", "root", "ci", "guest", "xen"}},
		{"a provider", `{"Federated":"arn:aws:iam::111122223333:oidc-provider/idp.example"}`, []string{"ci"}},
		{"a service", `{"Service":"codeartifact.amazonaws.com"}`, []string{"service"}},
		{"everyone", `"*"`, []string{"alice", "deploy", "xen", "root", "ci", "guest", "service"}},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			spared := map[string]bool{}
			for _, name := range tt.spared {
				spared[name] = true
			}
			p := parse(t, policy.Resource, document(`{"Effect":"Deny","NotPrincipal":`+tt.notPrincipal+`,"Action":"*","Resource":"*"}`))
			for name, principal := range who {
				d := policy.Decide(read(principal, nil), &policy.Set{Resource: []*policy.Policy{p}})
				if got, want := d.Reason != policy.Forbidden, spared[name]; got != want {
					t.Errorf("NotPrincipal %s spares %s: got %v, want %v", tt.notPrincipal, name, got, want)
				}
			}
		})
	}
}

func TestNotPrincipalDeniesWhoHasABoundary(t *testing.T) {
	p := parse(t, policy.Resource, document(`{"Effect":"Deny","NotPrincipal":{"AWS":["AIDAALICEALICEALICE01","111122223333"]},"Action":"*","Resource":"*"}`))
	s := identity(t, `{"Effect":"Allow","Action":"*","Resource":"*"}`)
	s.Resource = []*policy.Policy{p}
	if !policy.Decide(read(alice, nil), s).Allowed {
		t.Error("without a boundary: got denied, want allowed")
	}
	s.Boundary = s.Identity[0]
	if policy.Decide(read(alice, nil), s).Allowed {
		t.Error("with a boundary: got allowed, want denied")
	}
}
