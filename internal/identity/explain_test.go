package identity_test

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/policy"
)

// explain puts a question that p asks.
func (h *house) explain(p identity.Principal, action string, resource larder.ARN) identity.Explanation {
	h.t.Helper()
	e, err := h.Explain(h.t.Context(), identity.Caller{Principal: p, At: start}, identity.Question{Action: action, Resource: resource})
	h.must(err)
	return e
}

// An explanation names the statement that decides and where its policy is,
// whatever sort of policy that is.
func TestExplainNamesTheStatementAndItsPolicy(t *testing.T) {
	h := open(t)
	team, app := string(team.ARN(region)), app.ARN(region)
	readers := h.entity(meta.Group, "readers", "", allow("codeartifact:Describe*"), document(
		`{"Effect":"Allow","Action":"*","Resource":"*"}`, `{"Sid":"NoReading","Effect":"Deny","Action":"`+readAction+`","Resource":"*"}`))
	alice := identity.Principal{Account: owner, ID: h.entity(meta.User, "alice", "", allow("*"))}
	edge := h.managed("edge", deny(readAction))
	managed := "arn:aws:iam::" + owner + ":policy/no"
	bob := identity.Principal{Account: owner, ID: h.entity(meta.User, "bob", "", allow("*"))}
	carol := identity.Principal{Account: owner, ID: h.entity(meta.User, "carol", "", allow("*"))}
	role := h.entity(meta.Role, "builder", trustsAlice, allow("*"))
	h.then(`INSERT INTO group_members (member, of, joined_ms) VALUES (?, ?, 0)`, alice.ID, readers)
	h.then(`INSERT INTO attached_policies (entity, arn) VALUES (?, ?)`, bob.ID, h.managed("no", deny(readAction)))
	h.then(`UPDATE entities SET boundary = ? WHERE id = ?`, edge, carol.ID)
	narrow := h.narrowed(identity.SessionContext{Policies: []string{allow("*"), deny(readAction)}})
	narrowARN := h.narrowed(identity.SessionContext{Policies: []string{allow("*")}, PolicyARNs: []string{managed}})

	user := func(name string) string { return "arn:aws:iam::" + owner + ":user/" + name }
	for _, tt := range []struct {
		claim string
		who   identity.Principal
		from  policy.Source
		at    int // the statement
		want  identity.Origin
	}{
		{"a group's inline policy", alice, policy.FromIdentity, 1, identity.Origin{Holder: "arn:aws:iam::" + owner + ":group/readers", Name: "b"}},
		{"a managed policy", bob, policy.FromIdentity, 0, identity.Origin{Holder: user("bob"), ARN: managed}},
		{"a boundary", carol, policy.FromBoundary, 0, identity.Origin{Holder: user("carol"), ARN: edge}},
		{"a session policy", session(role, "one", narrow), policy.FromSession, 0, identity.Origin{
			Holder: "arn:aws:sts::" + owner + ":assumed-role/builder/one", Name: "session policy",
		}},
		{"a managed session policy", session(role, "one", narrowARN), policy.FromSession, 0, identity.Origin{
			Holder: "arn:aws:sts::" + owner + ":assumed-role/builder/one", ARN: managed,
		}},
		{"a context that is missing", session(role, "one", [16]byte{1}), policy.FromSession, 0, identity.Origin{
			Holder: "arn:aws:sts::" + owner + ":assumed-role/builder/one", Name: "session policy",
		}},
	} {
		tt.want.Accounts = []string{owner}
		e := h.explain(tt.who, readAction, app)
		f, ok := e.Decider()
		if !ok || e.Decision.Reason != policy.Forbidden || f.Source != tt.from || f.Statement != tt.at || !reflect.DeepEqual(f.Origin, tt.want) {
			t.Errorf("%s: got %v and %+v, want statement %d of %+v", tt.claim, e.Decision, f, tt.at, tt.want)
		}
		refused := identity.RefusalOf(h.may(tt.who, readAction, app))
		if refused == nil || refused.Decision != e.Decision || !reflect.DeepEqual(refused.By, f.Origin) {
			t.Errorf("%s: refused by %+v, explained by %+v", tt.claim, refused, f)
		}
	}

	h.guard(onDomain(larder.DomainRef{Owner: owner, Name: "team"}), document(`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`))
	f, _ := h.explainDecider(root(owner), readAction, app)
	if f.Origin.Holder != team || f.Source != policy.FromResource {
		t.Errorf("a domain's policy: got %+v", f)
	}
}

func (h *house) explainDecider(p identity.Principal, action string, resource larder.ARN) (identity.Finding, bool) {
	h.t.Helper()
	e := h.explain(p, action, resource)
	return e.Decider()
}

// Who administers a repository may see its policy, as may the domain's owner;
// nobody else's business is whose repository it is.
func TestTheOriginOfARepositorysPolicyIsTwoAccounts(t *testing.T) {
	h := open(t)
	shared := larder.RepositoryRef{Domain: team, Name: "shared"}
	h.createRepository(shared, outsider)
	h.guard(onRepository(shared), document(`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`))
	f, _ := h.explainDecider(root(owner), readAction, shared.ARN(region))
	if want := []string{owner, outsider}; f.Origin.Holder != string(shared.ARN(region)) || !slices.Equal(f.Origin.Accounts, want) {
		t.Errorf("got %+v, want the accounts %v", f.Origin, want)
	}
}

// Nothing decides where nothing allows, but every statement was considered.
func TestExplainTellsOfSilence(t *testing.T) {
	h := open(t)
	alice := h.user(owner, "alice", allow("codeartifact:Describe*"), document(
		`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalTag/team":"x","aws:ResourceAccount":"${aws:userid}"}}}`))
	e := h.explain(alice, readAction, app.ARN(region))
	if _, ok := e.Decider(); ok || e.Decision.Allowed || e.Decision.Source != policy.FromIdentity || e.Caller != alice.ARN {
		t.Errorf("got %+v", e)
	}
	if len(e.Findings) != 2 || e.Findings[0].Outcome != policy.OtherAction || e.Findings[1].Condition != "StringEquals aws:PrincipalTag/team" {
		t.Errorf("got %+v", e.Findings)
	}
	if want := []string{"aws:PrincipalTag/team"}; !slices.Equal(e.Absent, want) {
		t.Errorf("got the absent keys %v, want %v", e.Absent, want)
	}
}

// A refusal about one of two resources is explained about the one that was
// decided about.
func TestExplainDecidesAboutTheAlternativeAsAuthorizeDoes(t *testing.T) {
	h := open(t)
	const create = "codeartifact:CreateRepository"
	alice := h.user(owner, "alice", allow(create), document(`{"Effect":"Deny","Action":"`+create+`","Resource":"`+string(team.ARN(region))+`"}`))
	q := identity.Question{Action: create, Resource: app.ARN(region), Alternative: team.ARN(region)}
	c := identity.Caller{Principal: alice, At: start}
	e, err := h.Explain(t.Context(), c, q)
	h.must(err)
	refused := identity.RefusalOf(h.Authorize(identity.WithCaller(t.Context(), c), q))
	if refused == nil || e.Question.Resource != q.Alternative || refused.Question.Resource != q.Alternative || e.Decision != refused.Decision {
		t.Errorf("got %+v, want %+v", e, refused)
	}
}

func TestWhoeverWatchesIsToldOfRefusals(t *testing.T) {
	h := open(t)
	var seen []*identity.Refusal
	h.Refused = func(_ context.Context, r *identity.Refusal) { seen = append(seen, r) }
	alice := h.user(owner, "alice", allow("codeartifact:Describe*"))
	h.must(h.may(alice, "codeartifact:DescribeDomain", team.ARN(region)))
	err := h.may(alice, readAction, app.ARN(region))
	if len(seen) != 1 || seen[0] != identity.RefusalOf(err) || seen[0].Caller.Principal != alice {
		t.Errorf("got %v of %v", seen, err)
	}
	if identity.RefusalOf(context.Canceled) != nil {
		t.Error("what is no refusal has one behind it")
	}
}

// The managed policy that an explicit deny is in stands at the end of the
// sentence, as AWS has it.
func TestAnExplicitDenyNamesItsManagedPolicy(t *testing.T) {
	h := open(t)
	alice := h.user(owner, "alice", allow("*"))
	arn := h.managed("no", deny(readAction))
	h.then(`INSERT INTO attached_policies (entity, arn) VALUES (?, ?)`, alice.ID, arn)
	says(t, h.may(alice, readAction, app.ARN(region)), "User: "+alice.ARN+" is not authorized to perform: "+readAction+" on resource: "+
		string(app.ARN(region))+" with an explicit deny in an identity-based policy: "+arn)
}

func TestWhomSomebodyMeans(t *testing.T) {
	h := open(t)
	alice := h.user(owner, "alice")
	role := h.entity(meta.Role, "builder", trustsAlice)
	roleARN := "arn:aws:iam::" + owner + ":role/builder"
	as := func(session string) identity.Principal {
		return identity.Principal{Account: owner, ID: role, ARN: roleARN, Session: &identity.Session{Name: session}}
	}
	h.entity(meta.Group, "readers", "")
	for who, want := range map[string]identity.Principal{
		alice.ARN:                         alice,
		alice.ID:                          alice,
		owner:                             root(owner),
		"arn:aws:iam::" + owner + ":root": root(owner),
		role:                              as("session"),
		role + ":one":                     as("one"),
		roleARN:                           as("session"),
		"arn:aws:sts::" + owner + ":assumed-role/builder/two": as("two"),
		"":                                 {},
		alice.ID + ":one":                  {},
		"AGPAREADERSXXXXXXXXXX":            {},
		"arn:aws:iam::" + owner + ":user/": {},
		"arn:aws:iam::" + owner + ":group/readers":          {},
		"arn:aws:iam::999999999999:root":                    {},
		"arn:aws:sts::" + owner + ":assumed-role/other/two": {},
	} {
		got, err := h.Whom(who)
		if !reflect.DeepEqual(got, want) || (err != nil) != (want.ID == "") || err != nil && !larder.NotFound.Is(err) {
			t.Errorf("%q: got %+v, %v, want %+v", who, got, err, want)
		}
	}
}
