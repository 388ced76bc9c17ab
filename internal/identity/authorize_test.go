package identity_test

import (
	"context"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/identity"
)

func TestNobodyIsAuthorizedWithoutHavingSigned(t *testing.T) {
	h := open(t)
	h.guard(onDomain(team), grants("*", "codeartifact:*"))
	err := h.Authorize(t.Context(), identity.Question{Action: readAction, Resource: app.ARN(region)})
	wants(t, err, larder.Unauthenticated, larder.CodeMissingToken)
}

func TestAPrincipalWhoDoesNotExistMayNothing(t *testing.T) {
	h := open(t)
	h.guard(onDomain(team), grants("*", "codeartifact:*"))
	for name, p := range map[string]identity.Principal{
		"a user":    {Account: owner, ID: "AIDAAAAAAAAAAAAAAAAAA", ARN: "arn:aws:iam::" + owner + ":user/alice"},
		"a root":    root("999999999999"),
		"no ID":     {Account: owner},
		"a session": {Account: owner, ID: owner, Session: &identity.Session{Name: "one"}},
	} {
		err := h.may(p, readAction, app.ARN(region))
		if !larder.Unauthenticated.Is(err) || larder.AsError(err).Code != larder.CodeUnrecognizedClient {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestRefusalsAreInAWSsWords(t *testing.T) {
	h := open(t)
	alice := h.user(owner, "alice")
	xen := h.user(outsider, "xen", allow("*"))
	resource := app.ARN(region)
	sentence := "is not authorized to perform: " + readAction + " on resource: " + string(resource)
	says(t, h.may(alice, readAction, resource), "User: "+alice.ARN+" "+sentence+" because no identity-based policy allows the "+readAction+" action")
	says(t, h.may(xen, readAction, resource), "User: "+xen.ARN+" "+sentence+" because no resource-based policy allows the "+readAction+" action")
	h.put(owner, "alice", "no", deny("codeartifact:*"))
	says(t, h.may(alice, readAction, resource), "User: "+alice.ARN+" "+sentence+" with an explicit deny in an identity-based policy")
	h.must(h.DeleteInlinePolicy(t.Context(), identity.UserRef(owner, "alice"), "no"))
	h.guard(onRepository(app), document(`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`))
	says(t, h.may(alice, readAction, resource), "User: "+alice.ARN+" "+sentence+" with an explicit deny in a resource-based policy")
	says(t, h.may(alice, "sts:GetServiceBearerToken", "*"), "User: "+alice.ARN+" is not authorized to perform: sts:GetServiceBearerToken on resource: *"+
		" because no identity-based policy allows the sts:GetServiceBearerToken action")
	err := h.may(root(outsider), readAction, resource)
	wants(t, err, larder.Denied, "")
}

// The matrix of accounts and policies. The domain is owner's; shared is a
// repository in it that outsider made and so administers.
func TestIdentityAndResourcePoliciesInOneAccountAndAcross(t *testing.T) {
	shared := larder.RepositoryRef{Domain: team, Name: "shared"}
	pkg := func(r larder.RepositoryRef) larder.ARN {
		return larder.PackageRef{Repository: r, Format: larder.NPM, Namespace: "acme", Name: "thing"}.ARN(region)
	}
	const describe = "codeartifact:DescribePackage"
	type who struct{ account, name string }
	var (
		local    = who{owner, "local"}
		foreign  = who{outsider, "foreign"}
		stranger = who{"777788889999", "stranger"}
	)
	arn := func(w who) string { return "arn:aws:iam::" + w.account + ":user/" + w.name }
	denies := func(principal string) string {
		return document(`{"Effect":"Deny","Principal":{"AWS":"` + principal + `"},"Action":"*","Resource":"*"}`)
	}

	h := open(t)
	_, err := h.CreateAccount(t.Context(), stranger.account)
	h.must(err)
	h.createRepository(shared, outsider)
	people := map[who]identity.Principal{}
	for _, w := range []who{local, foreign, stranger} {
		people[w] = h.user(w.account, w.name)
	}
	for _, tt := range []struct {
		name                   string
		who                    who
		identity               string // empty: no policy
		onDomain, onRepository string
		repository             larder.RepositoryRef
		want                   bool
	}{
		{"same account: identity alone", local, allow(describe), "", "", app, true},
		{"same account: nothing", local, "", "", "", app, false},
		{"same account: domain policy alone", local, "", grants(arn(local), describe), "", app, true},
		{"same account: repository policy alone", local, "", "", grants(arn(local), describe), app, true},
		{"same account: a policy that names the account only delegates", local, "", grants(owner, describe), "", app, false},
		{"same account: everyone is everyone", local, "", "", grants("*", describe), app, true},
		{"same account: a policy that names another", local, "", grants(arn(foreign), describe), "", app, false},
		{"same account: the domain's Deny wins", local, allow(describe), denies("*"), grants(arn(local), describe), app, false},
		{"same account: the repository's Deny wins", local, allow(describe), grants(arn(local), describe), denies(owner), app, false},
		{"same account: identity's Deny wins", local, deny(describe), grants(arn(local), describe), grants(arn(local), describe), app, false},
		{"same account: a repository that another account administers", local, allow(describe), "", "", shared, true},

		{"across: identity alone", foreign, allow(describe), "", "", app, false},
		{"across: domain policy alone", foreign, "", grants(arn(foreign), describe), "", app, false},
		{"across: both, by user", foreign, allow(describe), grants(arn(foreign), describe), "", app, true},
		{"across: both, by account", foreign, allow(describe), "", grants(outsider, describe), app, true},
		{"across: both, by everyone", foreign, allow(describe), "", grants("*", describe), app, true},
		{"across: a policy that names another account", foreign, allow(describe), grants(stranger.account, describe), "", app, false},
		{"across: a policy for another action", foreign, allow(describe), grants(outsider, readAction), "", app, false},
		{"across: the repository's Deny wins over the domain's Allow", foreign, allow(describe), grants(outsider, describe), denies(outsider), app, false},
		{"across: identity's Deny wins", foreign, deny(describe), grants(outsider, describe), "", app, false},

		{"administrator: identity alone", foreign, allow(describe), "", "", shared, true},
		{"administrator: repository policy alone", foreign, "", "", grants(arn(foreign), describe), shared, true},
		{"administrator: nothing", foreign, "", "", "", shared, false},
		{"administrator: the domain's Deny wins", foreign, allow(describe), denies(outsider), "", shared, false},
		{"third account: identity alone", stranger, allow(describe), "", "", shared, false},
		{"third account: both", stranger, allow(describe), "", grants(stranger.account, describe), shared, true},
		{"third account: a policy on another repository", stranger, allow(describe), "", "", app, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx := t.Context()
			if tt.identity != "" {
				h.put(tt.who.account, tt.who.name, "p", tt.identity)
				defer func() { h.must(h.DeleteInlinePolicy(ctx, identity.UserRef(tt.who.account, tt.who.name), "p")) }()
			}
			for on, document := range map[identity.Guarded]string{
				onDomain(team): tt.onDomain, onRepository(tt.repository): tt.onRepository,
			} {
				if document != "" {
					h.guard(on, document)
					defer h.unguard(on)
				}
			}
			err := h.may(people[tt.who], describe, pkg(tt.repository))
			if got := err == nil; got != tt.want {
				t.Errorf("got %v, want %v: %v", got, tt.want, err)
			}
		})
	}
}

func TestRootOfAnotherAccountNeedsTheResourcesPolicy(t *testing.T) {
	h := open(t)
	if err := h.may(root(outsider), readAction, app.ARN(region)); !larder.Denied.Is(err) {
		t.Errorf("got %v", err)
	}
	h.guard(onDomain(team), grants(outsider, readAction))
	if err := h.may(root(outsider), readAction, app.ARN(region)); err != nil {
		t.Error(err)
	}
	if err := h.may(root(outsider), "codeartifact:DeleteRepository", app.ARN(region)); !larder.Denied.Is(err) {
		t.Errorf("another action: got %v", err)
	}
}

func TestAnIdentityPolicyIsOfOneAccountOnly(t *testing.T) {
	h := open(t)
	xen := h.user(outsider, "xen", allow("*"))
	for _, resource := range []larder.ARN{
		team.ARN(region), "arn:aws:iam::" + owner + ":user/alice", larder.DomainRef{Owner: owner, Name: "none"}.ARN(region),
	} {
		if err := h.may(xen, "codeartifact:DescribeDomain", resource); !larder.Denied.Is(err) {
			t.Errorf("%s: got %v", resource, err)
		}
	}
	for _, resource := range []larder.ARN{"*", larder.DomainRef{Owner: outsider, Name: "none"}.ARN(region)} {
		if err := h.may(xen, "codeartifact:DescribeDomain", resource); err != nil {
			t.Errorf("%s: %v", resource, err)
		}
	}
}

// Nobody locks himself out, and no resource policy gives its own resource
// away.
func TestPutPermissionsPolicyDoesNotAskThePolicyThatItReplaces(t *testing.T) {
	const putOnDomain, putOnRepository = "codeartifact:PutDomainPermissionsPolicy", "codeartifact:PutRepositoryPermissionsPolicy"
	denyAll := document(`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}`)
	h := open(t)
	alice := h.user(owner, "alice", allow("codeartifact:*"))
	xen := h.user(outsider, "xen", allow("codeartifact:*"))

	h.guard(onDomain(team), denyAll)
	if err := h.may(alice, putOnDomain, team.ARN(region)); err != nil {
		t.Errorf("domain: %v", err)
	}
	if err := h.may(alice, putOnRepository, app.ARN(region)); !larder.Denied.Is(err) {
		t.Errorf("repository, denied by the domain: got %v", err)
	}
	if err := h.may(alice, "codeartifact:DeleteDomainPermissionsPolicy", team.ARN(region)); !larder.Denied.Is(err) {
		t.Errorf("delete: got %v", err)
	}

	h.guard(onDomain(team), grants(outsider, "codeartifact:*"))
	h.guard(onRepository(app), denyAll)
	if err := h.may(alice, putOnRepository, app.ARN(region)); err != nil {
		t.Errorf("repository: %v", err)
	}
	if err := h.may(xen, putOnDomain, team.ARN(region)); !larder.Denied.Is(err) {
		t.Errorf("domain, across accounts: got %v", err)
	}
	if err := h.may(xen, putOnRepository, app.ARN(region)); err != nil {
		t.Errorf("repository, by the domain's grant: %v", err)
	}
}

// What a domain says about bearer tokens has no effect: neither grant nor
// refusal.
func TestGetServiceBearerTokenIsAskedOfTheCallersPoliciesOnly(t *testing.T) {
	h := open(t)
	alice := h.user(owner, "alice")
	h.guard(onDomain(team), grants(alice.ARN, "sts:GetServiceBearerToken"))
	for _, resource := range []larder.ARN{"*", team.ARN(region)} {
		if err := h.may(alice, "sts:GetServiceBearerToken", resource); !larder.Denied.Is(err) {
			t.Errorf("%s: got %v", resource, err)
		}
	}
	h.put(owner, "alice", "p", allow("sts:GetServiceBearerToken"))
	h.guard(onDomain(team), document(`{"Effect":"Deny","Principal":"*","Action":"sts:*","Resource":"*"}`))
	for _, resource := range []larder.ARN{"*", team.ARN(region)} {
		if err := h.may(alice, "sts:GetServiceBearerToken", resource); err != nil {
			t.Errorf("%s: %v", resource, err)
		}
	}
}

func TestOfTwoResourcesOneAllowIsEnoughAndOneDenyRefuses(t *testing.T) {
	const create = "codeartifact:CreateRepository"
	fresh := larder.RepositoryRef{Domain: team, Name: "fresh"}
	on := func(effect string, resource larder.ARN) string {
		return `{"Effect":"` + effect + `","Action":"` + create + `","Resource":"` + string(resource) + `"}`
	}
	for _, tt := range []struct {
		name     string
		document string
		want     bool
	}{
		{"neither", document(on("Allow", app.ARN(region))), false},
		{"the repository", document(on("Allow", fresh.ARN(region))), true},
		{"the domain", document(on("Allow", team.ARN(region))), true},
		{"both", document(on("Allow", "*")), true},
		{"not on the repository", document(on("Allow", team.ARN(region)), on("Deny", fresh.ARN(region))), false},
		{"not on the domain", document(on("Allow", fresh.ARN(region)), on("Deny", team.ARN(region))), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := open(t)
			alice := h.user(owner, "alice", tt.document)
			err := h.Authorize(identity.WithCaller(t.Context(), asking(alice)), identity.Question{
				Action: create, Resource: fresh.ARN(region), Alternative: team.ARN(region),
			})
			if got := err == nil; got != tt.want || err != nil && !larder.Denied.Is(err) {
				t.Errorf("got %v, want %v: %v", got, tt.want, err)
			}
		})
	}
}

func TestRepositoryAndDomainUIDAreReadFromTheSnapshot(t *testing.T) {
	h := open(t)
	r, err := h.Repository(app)
	if err != nil || r.ID == 0 || r.DomainUID != 1 {
		t.Errorf("got %+v, %v", r, err)
	}
	uid, err := h.DomainUID(team)
	if err != nil || uid != 1 {
		t.Errorf("got %d, %v", uid, err)
	}
	none := larder.DomainRef{Owner: owner, Name: "none"}
	_, err = h.DomainUID(none)
	wants(t, err, larder.NotFound, "")
	says(t, err, "Domain not found. Domain 'none' owned by account '"+owner+"' does not exist.")
	for ref, resource := range map[larder.RepositoryRef]string{
		{Domain: none, Name: "app"}: "domain", {Domain: team, Name: "none"}: "repository", {Domain: team}: "repository",
		{Domain: larder.DomainRef{Owner: outsider, Name: "team"}, Name: "app"}: "domain",
	} {
		_, err := h.Repository(ref)
		wants(t, err, larder.NotFound, "")
		if got := larder.AsError(err).Resource; got != resource {
			t.Errorf("%v: got the resource %q, want %q", ref, got, resource)
		}
	}
	h.close()
	if _, err := h.Repository(app); err != nil {
		t.Errorf("without a database: %v", err)
	}
	if err := h.may(root(owner), readAction, app.ARN(region)); err != nil {
		t.Errorf("without a database: %v", err)
	}
}

func TestCallerTravelsInTheContext(t *testing.T) {
	if _, ok := identity.CallerFrom(context.Background()); ok {
		t.Error("got a caller out of nothing")
	}
	c := asking(root(owner))
	if got, ok := identity.CallerFrom(identity.WithCaller(t.Context(), c)); !ok || got != c {
		t.Errorf("got %+v, %v, want %+v", got, ok, c)
	}
}
