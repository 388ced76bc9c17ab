package policy_test

import (
	"fmt"
	"testing"

	"larder.example/larder/internal/policy"
)

const (
	allow = `{"Effect":"Allow","Action":"*","Resource":"*"}`
	deny  = `{"Effect":"Deny","Action":"*","Resource":"*"}`
	other = `{"Effect":"Allow","Action":"codeartifact:DescribeDomain","Resource":"*"}`
)

func grantTo(principal string) string {
	return `{"Effect":"Allow","Principal":` + principal + `,"Action":"*","Resource":"*"}`
}

// The whole matrix: who asks, in which account, and what every source says.
// The oracle is the decision as the IAM User Guide tells it.
func TestDecisionMatrix(t *testing.T) {
	say := map[string]string{"allows": allow, "denies": deny, "is silent": other}
	docs := map[string]*policy.Policy{}
	for says, statement := range say {
		docs[says] = parse(t, policy.Identity, document(statement))
	}
	principals := []struct {
		policy.Principal
		self, role string // ways to be named that only a Deny limits, and that boundaries and sessions do
	}{
		{alice, `{"AWS":"AIDAALICEALICEALICE01"}`, ``},
		{deploy, `{"AWS":"arn:aws:sts::111122223333:assumed-role/dev/deploy"}`, `{"AWS":"AROADEVDEVDEVDEVDEV01"}`},
		{guest, `{"AWS":"arn:aws:sts::111122223333:federated-user/guest"}`, `{"AWS":"AIDAALICEALICEALICE01"}`},
		{root, ``, ``},
	}
	n := 0
	for _, p := range principals {
		resource := map[string]string{
			"is absent": "", "names another": grantTo(`{"AWS":"444455556666"}`), "names everyone": grantTo(`"*"`),
			"names the account": grantTo(`{"AWS":"111122223333"}`), "denies": `{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`,
			"names the account and everyone": grantTo(`{"AWS":["111122223333","*"]}`),
		}
		if p.self != "" {
			resource["names itself"] = grantTo(p.self)
			resource["names the account, then itself"] = grantTo(`{"AWS":"111122223333"}`) + "," + grantTo(p.self)
		}
		if p.role != "" {
			resource["names the role"] = grantTo(p.role)
			resource["names the account, then the role"] = grantTo(`{"AWS":"111122223333"}`) + "," + grantTo(p.role)
		}
		for _, same := range []bool{true, false} {
			for identitySays, identity := range docs {
				for resourceSays, statement := range resource {
					for _, boundarySays := range []string{"is absent", "allows", "is silent", "denies"} {
						for _, sessionSays := range []string{"is absent", "allows", "is silent", "denies"} {
							s := &policy.Set{Identity: []*policy.Policy{identity}, SameAccount: same, Boundary: docs[boundarySays]}
							if d := docs[sessionSays]; d != nil {
								s.Session = []*policy.Policy{d}
							}
							if statement != "" {
								s.Resource = []*policy.Policy{parse(t, policy.Resource, document(statement))}
							}
							denied := identitySays == "denies" || resourceSays == "denies" || boundarySays == "denies" || sessionSays == "denies"
							limits := (boundarySays == "is absent" || boundarySays == "allows") && (sessionSays == "is absent" || sessionSays == "allows")
							own := (identitySays == "allows" || p.Root) && limits
							self := resourceSays == "names itself" || resourceSays == "names the account, then itself"
							role := resourceSays == "names the role" || resourceSays == "names the account, then the role" ||
								resourceSays == "names everyone" || resourceSays == "names the account and everyone"
							named := self || role || resourceSays == "names the account"
							want := !denied && (same && (own || self || role && limits) || !same && own && named)

							d := policy.Decide(read(p.Principal, nil), s)
							n++
							if d.Allowed != want || d.Allowed != (d.Reason == policy.Granted) || denied != (d.Reason == policy.Forbidden) {
								t.Errorf("%s, same account %v, identity %s, resource %s, boundary %s, session %s: got %v (%v), want %v",
									p.ARN, same, identitySays, resourceSays, boundarySays, sessionSays, d.Allowed, d.Reason, want)
							}
						}
					}
				}
			}
		}
	}
	t.Logf("%d decisions", n)
}

func TestEverySourceHasItsSentence(t *testing.T) {
	parsed := func(statements ...string) *policy.Policy {
		return parse(t, policy.Identity, document(statements...))
	}
	onResource := func(statements ...string) []*policy.Policy {
		return []*policy.Policy{parse(t, policy.Resource, document(statements...))}
	}
	const denyAll = `{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`
	for _, tt := range []struct {
		claim string
		set   policy.Set
		want  string
	}{
		{"nothing at all", policy.Set{SameAccount: true}, "because no identity-based policy allows the codeartifact:ReadFromRepository action"},
		{"nothing across accounts", policy.Set{}, "because no identity-based policy allows the codeartifact:ReadFromRepository action"},
		{"identity alone across accounts", policy.Set{Identity: []*policy.Policy{parsed(allow)}}, "because no resource-based policy allows the codeartifact:ReadFromRepository action"},
		{"the account alone", policy.Set{SameAccount: true, Resource: onResource(grantTo(`{"AWS":"111122223333"}`))}, "because no identity-based policy allows the codeartifact:ReadFromRepository action"},
		{"boundary", policy.Set{SameAccount: true, Identity: []*policy.Policy{parsed(allow)}, Boundary: parsed(other)}, "because no permissions boundary allows the codeartifact:ReadFromRepository action"},
		{"boundary of everyone", policy.Set{SameAccount: true, Resource: onResource(grantTo(`"*"`)), Boundary: parsed(other)}, "because no permissions boundary allows the codeartifact:ReadFromRepository action"},
		{"session", policy.Set{SameAccount: true, Identity: []*policy.Policy{parsed(allow)}, Session: []*policy.Policy{parsed(other)}}, "because no session policy allows the codeartifact:ReadFromRepository action"},
		{"identity before boundary", policy.Set{SameAccount: true, Identity: []*policy.Policy{parsed(other)}, Boundary: parsed(other)}, "because no identity-based policy allows the codeartifact:ReadFromRepository action"},
		{"denied by identity", policy.Set{SameAccount: true, Identity: []*policy.Policy{parsed(allow, deny)}}, "with an explicit deny in an identity-based policy"},
		{"denied by resource", policy.Set{SameAccount: true, Identity: []*policy.Policy{parsed(allow)}, Resource: onResource(denyAll)}, "with an explicit deny in a resource-based policy"},
		{"denied by boundary", policy.Set{SameAccount: true, Identity: []*policy.Policy{parsed(allow)}, Boundary: parsed(allow, deny)}, "with an explicit deny in a permissions boundary"},
		{"denied by session", policy.Set{SameAccount: true, Identity: []*policy.Policy{parsed(allow)}, Session: []*policy.Policy{parsed(allow), parsed(deny)}}, "with an explicit deny in a session policy"},
		{"allowed", policy.Set{SameAccount: true, Identity: []*policy.Policy{parsed(allow)}}, ""},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			r := read(alice, nil)
			if got := policy.Decide(r, &tt.set).Because(r.Action); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestSessionPoliciesAllowTogether(t *testing.T) {
	s := identity(t, allow)
	for _, tt := range []struct {
		claim   string
		session []*policy.Policy
		want    bool
	}{
		{"none were given", nil, true},
		{"given, but empty", []*policy.Policy{}, false},
		{"given, but gone", []*policy.Policy{nil}, false},
		{"one of several allows", []*policy.Policy{parse(t, policy.Identity, document(other)), s.Identity[0]}, true},
		{"none of several allows", []*policy.Policy{parse(t, policy.Identity, document(other)), nil}, false},
	} {
		s.Session = tt.session
		if got := policy.Decide(read(deploy, nil), s).Allowed; got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.claim, got, tt.want)
		}
	}
}

// One Allow in either of a domain's and a repository's policy is enough, and
// a Deny in either wins.
func TestDomainAndRepositoryPolicies(t *testing.T) {
	grant := parse(t, policy.Resource, document(grantTo(`{"AWS":"444455556666"}`)))
	silent := parse(t, policy.Resource, document(grantTo(`{"AWS":"777788889999"}`)))
	forbid := parse(t, policy.Resource, document(`{"Effect":"Deny","Principal":{"AWS":"444455556666"},"Action":"codeartifact:Read*","Resource":"*"}`))
	for _, tt := range []struct {
		claim              string
		domain, repository *policy.Policy
		want               policy.Reason
	}{
		{"neither", nil, nil, policy.Silent},
		{"domain alone", grant, nil, policy.Granted},
		{"repository alone", nil, grant, policy.Granted},
		{"domain, repository silent", grant, silent, policy.Granted},
		{"both silent", silent, silent, policy.Silent},
		{"domain denies", forbid, grant, policy.Forbidden},
		{"repository denies", grant, forbid, policy.Forbidden},
	} {
		s := &policy.Set{
			Identity: []*policy.Policy{parse(t, policy.Identity, document(allow))},
			Resource: []*policy.Policy{tt.domain, tt.repository},
		}
		if got := policy.Decide(read(xen, nil), s).Reason; got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.claim, got, tt.want)
		}
	}
}

func TestRootNeedsNoPermissionAtHome(t *testing.T) {
	foreign := policy.Principal{Account: "444455556666", ARN: "arn:aws:iam::444455556666:root", Root: true}
	forbid := []*policy.Policy{parse(t, policy.Resource, document(`{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::111122223333:root"},"Action":"*","Resource":"*"}`))}
	grant := []*policy.Policy{parse(t, policy.Resource, document(grantTo(`{"AWS":"444455556666"}`)))}
	for _, tt := range []struct {
		claim string
		who   policy.Principal
		set   policy.Set
		want  policy.Reason
	}{
		{"at home", root, policy.Set{SameAccount: true}, policy.Granted},
		{"but a Deny holds", root, policy.Set{SameAccount: true, Resource: forbid}, policy.Forbidden},
		{"abroad, unnamed", foreign, policy.Set{}, policy.Silent},
		{"abroad, named", foreign, policy.Set{Resource: grant}, policy.Granted},
	} {
		d := policy.Decide(read(tt.who, nil), &tt.set)
		if d.Reason != tt.want {
			t.Errorf("%s: got %v, want %v", tt.claim, d.Reason, tt.want)
		}
		if d.Reason == policy.Granted && (d.Policy != nil || d.Statement != -1) {
			t.Errorf("%s: got statement %d of %v, want none", tt.claim, d.Statement, d.Policy)
		}
	}
}

// Who may assume a role: the trust policy must name the caller, and unless it
// names the caller itself, in the role's account, the caller must be allowed
// to ask.
func TestTrust(t *testing.T) {
	abroad := deploy
	abroad.Account, abroad.ARN, abroad.Session = "444455556666", "arn:aws:iam::444455556666:role/dev", "arn:aws:sts::444455556666:assumed-role/dev/deploy"
	for _, tt := range []struct {
		claim    string
		who      policy.Principal
		trust    string
		identity string
		boundary string
		want     policy.Reason
	}{
		{"nobody is trusted", alice, `{"AWS":"777788889999"}`, allow, "", policy.Silent},
		{"the user itself", alice, `{"AWS":"AIDAALICEALICEALICE01"}`, "", "", policy.Granted},
		{"the user itself, denied elsewhere", alice, `{"AWS":"AIDAALICEALICEALICE01"}`, deny, "", policy.Forbidden},
		{"the user itself, whatever its boundary", alice, `{"AWS":"AIDAALICEALICEALICE01"}`, "", other, policy.Granted},
		{"the account, and the user may", alice, `{"AWS":"111122223333"}`, allow, "", policy.Granted},
		{"the account alone", alice, `{"AWS":"111122223333"}`, "", "", policy.Silent},
		{"the account, beyond a boundary", alice, `{"AWS":"111122223333"}`, allow, other, policy.Silent},
		{"the role of a session", deploy, `{"AWS":"AROADEVDEVDEVDEVDEV01"}`, "", "", policy.Granted},
		{"the role of a session, beyond a boundary", deploy, `{"AWS":"AROADEVDEVDEVDEVDEV01"}`, "", other, policy.Silent},
		{"everyone", alice, `"*"`, "", "", policy.Granted},
		{"across accounts, both", xen, `{"AWS":"AIDAXENXENXENXENXEN01"}`, allow, "", policy.Granted},
		{"across accounts, by account", xen, `{"AWS":"444455556666"}`, allow, "", policy.Granted},
		{"across accounts, trust alone", xen, `{"AWS":"AIDAXENXENXENXENXEN01"}`, "", "", policy.Silent},
		{"across accounts, identity alone", xen, `{"AWS":"111122223333"}`, allow, "", policy.Silent},
		{"across accounts, a session trusted alone", abroad, `{"AWS":"arn:aws:sts::444455556666:assumed-role/dev/deploy"}`, "", "", policy.Silent},
		{"a provider's user", workflow, `{"Federated":"arn:aws:iam::111122223333:oidc-provider/idp.example"}`, "", "", policy.Granted},
		{"another provider's user", workflow, `{"Federated":"arn:aws:iam::111122223333:oidc-provider/other.example"}`, "", "", policy.Silent},
		{"a provider's user is not everyone", workflow, `"*"`, "", "", policy.Silent},
		{"a service", service, `{"Service":"codeartifact.amazonaws.com"}`, "", "", policy.Granted},
		{"nobody is not everyone", nobody, `"*"`, "", "", policy.Silent},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			trust := `{"Effect":"Allow","Principal":` + tt.trust + `,"Action":["sts:AssumeRole","sts:AssumeRoleWithWebIdentity"]}`
			s := &policy.Set{Trust: parse(t, policy.Trust, document(trust)), SameAccount: tt.who.Account == "111122223333"}
			if tt.identity != "" {
				s.Identity = []*policy.Policy{parse(t, policy.Identity, document(tt.identity))}
			}
			if tt.boundary != "" {
				s.Boundary = parse(t, policy.Identity, document(tt.boundary))
			}
			r := &policy.Request{Action: "sts:AssumeRole", Resource: "arn:aws:iam::111122223333:role/target", Principal: tt.who}
			if got := policy.Decide(r, s).Reason; got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
			r.Action = "sts:TagSession"
			if got := policy.Decide(r, s).Allowed; got {
				t.Error("to tag the session: got allowed, want what the trust policy does not name denied")
			}
		})
	}
}

func TestDecisionNamesItsStatement(t *testing.T) {
	mine := parse(t, policy.Identity, document(other, allow, allow))
	forbids := parse(t, policy.Identity, document(allow, other, deny))
	onResource := parse(t, policy.Resource, document(grantTo(`{"AWS":"111122223333"}`), grantTo(`"*"`), grantTo(`{"AWS":"AIDAALICEALICEALICE01"}`)))
	for _, tt := range []struct {
		claim string
		set   policy.Set
		want  policy.Decision
	}{
		{
			"the first that allows",
			policy.Set{Identity: []*policy.Policy{mine}},
			policy.Decision{Allowed: true, Reason: policy.Granted, Source: policy.FromIdentity, Policy: mine, Statement: 1},
		},
		{
			"the one that denies",
			policy.Set{Identity: []*policy.Policy{mine, forbids}},
			policy.Decision{Reason: policy.Forbidden, Source: policy.FromIdentity, Policy: forbids, Index: 1, Statement: 2},
		},
		{
			"the strongest of a resource's",
			policy.Set{Resource: []*policy.Policy{onResource}},
			policy.Decision{Allowed: true, Reason: policy.Granted, Source: policy.FromResource, Policy: onResource, Statement: 2},
		},
		{
			"none",
			policy.Set{},
			policy.Decision{Reason: policy.Silent, Source: policy.FromIdentity, Statement: -1},
		},
	} {
		tt.set.SameAccount = true
		if got := policy.Decide(read(alice, nil), &tt.set); got != tt.want {
			t.Errorf("%s: got %+v, want %+v", tt.claim, got, tt.want)
		}
	}
}

// A document in the wrong place must not turn into a grant to everybody.
func TestIdentityPolicyOnAResourceGrantsNothing(t *testing.T) {
	p := parse(t, policy.Identity, document(allow))
	if d := policy.Decide(read(alice, nil), &policy.Set{Resource: []*policy.Policy{p}, SameAccount: true}); d.Allowed {
		t.Errorf("got %+v, want denied", d)
	}
}

func TestExplainTellsOfEveryStatement(t *testing.T) {
	k := policy.Values{}
	k.Set("aws:SecureTransport", "false")
	mine := parse(t, policy.Identity, document(allow,
		`{"Effect":"Allow","Action":"codeartifact:Read*","Resource":"arn:aws:codeartifact:*:*:repository/other/*"}`,
		`{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/x":"y"},"Bool":{"aws:SecureTransport":"true"}}}`,
		other))
	theirs := parse(t, policy.Resource, document(grantTo(`{"AWS":"444455556666"}`), grantTo(`"*"`),
		`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`))
	r, s := read(alice, k), &policy.Set{Identity: []*policy.Policy{mine}, Resource: []*policy.Policy{theirs}, SameAccount: true}
	d, findings := policy.Explain(r, s)
	if want := policy.Decide(r, s); d != want {
		t.Errorf("got %+v, want %+v", d, want)
	}
	want := []string{
		"0 0 applies ", "0 1 other resource ", "0 2 condition not met StringEquals aws:PrincipalTag/x", "0 3 other action ",
		"1 0 other principal ", "1 1 applies ", "1 2 applies ",
	}
	if len(findings) != len(want) {
		t.Fatalf("got %d findings, want %d", len(findings), len(want))
	}
	for i, f := range findings {
		if got := fmt.Sprint(int(f.Source), " ", f.Statement, " ", f.Outcome, " ", f.Condition); got != want[i] {
			t.Errorf("finding %d: got %q, want %q", i, got, want[i])
		}
	}
}
