package identity_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/meta"
)

// What other tests make through the operations of IAM is written here as it
// is stored, so that these are about what the snapshot makes of it.

// entity stores a user, a role or a group and returns its unique ID.
func (h *house) entity(k meta.EntityKind, name string, trust string, documents ...string) string {
	h.t.Helper()
	id := map[meta.EntityKind]string{meta.User: "AIDA", meta.Role: "AROA", meta.Group: "AGPA"}[k] + strings.ToUpper(name) + strings.Repeat("X", 17-len(name))
	h.must(h.Change(h.t.Context(), func(ctx context.Context, tx *meta.Tx) error {
		if _, err := tx.InsertEntity(ctx, meta.Entity{ID: id, Account: owner, Kind: k, Name: name, Path: "/", CreatedAt: start}); err != nil {
			return err
		}
		for i, d := range documents {
			if err := tx.PutInlinePolicy(ctx, meta.InlinePolicy{Entity: id, Name: string(rune('a' + i)), Document: d}); err != nil {
				return err
			}
		}
		return nil
	}))
	h.then(`UPDATE entities SET trust = ? WHERE id = ?`, trust, id)
	return id
}

// then runs a statement and has the service see what it did.
func (h *house) then(statement string, args ...any) {
	h.t.Helper()
	h.sql(statement, args...)
	h.must(h.Change(h.t.Context(), func(context.Context, *meta.Tx) error { return nil }))
}

// managed stores a managed policy of owner's and returns its ARN.
func (h *house) managed(name, document string) string {
	h.t.Helper()
	arn := "arn:aws:iam::" + owner + ":policy/" + name
	h.sql(`INSERT INTO policies (id, account, name, name_fold, path, arn, description, default_version, newest_version, created_ms, updated_ms)
	       VALUES ('ANPA' || ?1, ?2, ?1, lower(?1), '/', ?3, '', 2, 2, 0, 0)`, name, owner, arn)
	h.sql(`INSERT INTO policy_versions (policy, version, document, created_ms) VALUES ('ANPA' || ?1, 1, ?2, 0)`, name, deny("*"))
	h.then(`INSERT INTO policy_versions (policy, version, document, created_ms) VALUES ('ANPA' || ?1, 2, ?2, 0)`, name, document)
	return arn
}

// session is a principal of owner's in a session.
func session(id, name string, contextID [16]byte) identity.Principal {
	return identity.Principal{Account: owner, ID: id, Session: &identity.Session{
		Name: name, IssuedAt: start.Add(-time.Minute), ExpiresAt: start.Add(time.Hour), Context: contextID,
	}}
}

// narrowed stores what a session of owner's was narrowed to.
func (h *house) narrowed(c identity.SessionContext) [16]byte {
	h.t.Helper()
	row, err := c.Row(owner, start.Add(time.Hour))
	h.must(err)
	h.must(h.db.Update(h.t.Context(), func(ctx context.Context, tx *meta.Tx) error { return tx.InsertSessionContext(ctx, row) }))
	return row.ID
}

const trustsAlice = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"AIDAALICEXXXXXXXXXXXX"},"Action":["sts:AssumeRole","sts:TagSession"]}}`

func TestPoliciesOfGroupsCount(t *testing.T) {
	h := open(t)
	alice := identity.Principal{Account: owner, ID: h.entity(meta.User, "alice", "")}
	readers := h.entity(meta.Group, "readers", "", allow(readAction))
	h.then(`INSERT INTO group_members (member, of, joined_ms) VALUES (?, ?, 0)`, alice.ID, readers)
	h.must(h.may(alice, readAction, app.ARN(region)))

	h.must(h.Change(t.Context(), func(ctx context.Context, tx *meta.Tx) error {
		return tx.PutInlinePolicy(ctx, meta.InlinePolicy{Entity: readers, Name: "no", Document: deny("*")})
	}))
	says(t, h.may(alice, readAction, app.ARN(region)), "User: arn:aws:iam::"+owner+":user/alice is not authorized to perform: "+
		readAction+" on resource: "+string(app.ARN(region))+" with an explicit deny in an identity-based policy")

	h.then(`DELETE FROM group_members`)
	says(t, h.may(alice, readAction, app.ARN(region)), "User: arn:aws:iam::"+owner+":user/alice is not authorized to perform: "+
		readAction+" on resource: "+string(app.ARN(region))+" because no identity-based policy allows the "+readAction+" action")
}

func TestTheDefaultVersionOfAManagedPolicyCounts(t *testing.T) {
	h := open(t)
	alice := identity.Principal{Account: owner, ID: h.entity(meta.User, "alice", "")}
	arn := h.managed("reads", allow(readAction))
	h.must(h.Change(t.Context(), func(ctx context.Context, tx *meta.Tx) error {
		return tx.Attach(ctx, meta.Attachment{Entity: alice.ID, ARN: arn})
	}))
	h.must(h.may(alice, readAction, app.ARN(region)))
	h.then(`UPDATE policies SET default_version = 1`)
	if err := h.may(alice, readAction, app.ARN(region)); !larder.Denied.Is(err) {
		t.Errorf("after another version became the default: got %v", err)
	}
}

func TestABoundaryLimits(t *testing.T) {
	h := open(t)
	alice := identity.Principal{Account: owner, ID: h.entity(meta.User, "alice", "", allow("*"))}
	arn := h.managed("edge", allow("codeartifact:Describe*"))
	h.then(`UPDATE entities SET boundary = ?`, arn)
	h.must(h.may(alice, "codeartifact:DescribeDomain", team.ARN(region)))
	if err := h.may(alice, readAction, app.ARN(region)); !larder.Denied.Is(err) || !strings.HasSuffix(larder.AsError(err).Message, "because no permissions boundary allows the "+readAction+" action") {
		t.Errorf("got %v", err)
	}
}

func TestARoleActsInSessionsOnly(t *testing.T) {
	h := open(t)
	role := h.entity(meta.Role, "deploy", trustsAlice, allow(readAction))
	h.must(h.may(session(role, "ci", [16]byte{}), readAction, app.ARN(region)))
	says(t, h.may(session(role, "ci", [16]byte{}), "codeartifact:DeleteDomain", team.ARN(region)),
		"User: arn:aws:sts::"+owner+":assumed-role/deploy/ci is not authorized to perform: codeartifact:DeleteDomain on resource: "+
			string(team.ARN(region))+" because no identity-based policy allows the codeartifact:DeleteDomain action")
	for name, p := range map[string]identity.Principal{
		"the role itself":          {Account: owner, ID: role},
		"a group":                  {Account: owner, ID: h.entity(meta.Group, "g", "", allow("*"))},
		"a session of a user":      session(h.entity(meta.User, "u", "", allow("*")), "named", [16]byte{}),
		"a session of nobody":      session("AROANOBODY", "ci", [16]byte{}),
		"a session across account": {Account: outsider, ID: role, Session: session(role, "ci", [16]byte{}).Session},
	} {
		if err := h.may(p, readAction, app.ARN(region)); !larder.Unauthenticated.Is(err) {
			t.Errorf("%s: got %v", name, err)
		}
		if _, err := h.Resume(p); !larder.Unauthenticated.Is(err) {
			t.Errorf("%s resumed: got %v", name, err)
		}
	}
	if got, want := h.Profile(session(role, "ci", [16]byte{})), (identity.Profile{
		Type: "AssumedRole", Name: "deploy", ARN: "arn:aws:sts::" + owner + ":assumed-role/deploy/ci", UserID: role + ":ci",
	}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// What a session was narrowed to limits it, and what cannot be read forbids.
func TestASessionIsNarrowed(t *testing.T) {
	h := open(t)
	role := h.entity(meta.Role, "deploy", trustsAlice, allow("codeartifact:*"))
	reads := h.managed("reads", allow(readAction))
	inline := h.narrowed(identity.SessionContext{Policies: []string{allow(readAction)}})
	managed := h.narrowed(identity.SessionContext{PolicyARNs: []string{reads}})
	gone := h.narrowed(identity.SessionContext{PolicyARNs: []string{"arn:aws:iam::" + owner + ":policy/gone"}})
	described := h.narrowed(identity.SessionContext{Tags: []identity.Tag{{Key: "team", Value: "red"}}})
	for _, tt := range []struct {
		name               string
		context            [16]byte
		mayRead, mayDelete bool
	}{
		{"no context", [16]byte{}, true, true},
		{"a session policy", inline, true, false},
		{"a managed policy", managed, true, false},
		{"a managed policy that is gone", gone, false, false},
		{"tags only", described, true, true},
		{"a missing row", [16]byte{1}, false, false},
	} {
		for range 2 { // from the table, and from what is kept of it
			p := session(role, "ci", tt.context)
			if got := h.may(p, readAction, app.ARN(region)) == nil; got != tt.mayRead {
				t.Errorf("%s: got reading %v, want %v", tt.name, got, tt.mayRead)
			}
			if got := h.may(p, "codeartifact:DeleteDomain", team.ARN(region)) == nil; got != tt.mayDelete {
				t.Errorf("%s: got deleting %v, want %v", tt.name, got, tt.mayDelete)
			}
		}
	}
	h.then(`UPDATE policy_versions SET document = '` + allow("codeartifact:Describe*") + `'`)
	if err := h.may(session(role, "ci", managed), readAction, app.ARN(region)); !larder.Denied.Is(err) {
		t.Errorf("a managed session policy that was changed: got %v", err)
	}
	// Another account's row, or one whose bytes are not those of its ID.
	h.then(`UPDATE session_contexts SET document = x'7b7d'`)
	h.load()
	if err := h.may(session(role, "ci", inline), readAction, app.ARN(region)); !larder.Denied.Is(err) {
		t.Errorf("a context that was changed: got %v", err)
	}
}

func TestEqualContextsShareARow(t *testing.T) {
	a := identity.SessionContext{Tags: []identity.Tag{{Key: "b", Value: "2"}, {Key: "a", Value: "1"}}, TransitiveKeys: []string{"b", "a"}}
	b := identity.SessionContext{Tags: []identity.Tag{{Key: "a", Value: "1"}, {Key: "b", Value: "2"}}, TransitiveKeys: []string{"a", "b"}}
	first, err := a.Row(owner, start)
	if err != nil {
		t.Fatal(err)
	}
	second, err := b.Row(owner, start)
	if err != nil {
		t.Fatal(err)
	}
	if first.ID != second.ID {
		t.Error("the order of tags counts")
	}
	if other, err := a.Row(outsider, start); err != nil || other.ID == first.ID {
		t.Errorf("another account shares the row: %v", err)
	}
	if a.Tags[0].Key != "b" {
		t.Error("the caller's tags were put in order")
	}
	if a.Empty() || !(identity.SessionContext{}).Empty() {
		t.Error("Empty is wrong")
	}
}

func TestConditionKeysOfSessions(t *testing.T) {
	h := open(t)
	role := h.entity(meta.Role, "deploy", trustsAlice)
	h.sql(`INSERT INTO entity_tags (entity, key, value) VALUES (?1, 'team', 'blue'), (?1, 'stage', 'prod')`, role)
	h.sql(`INSERT INTO inline_policies (entity, name, document) VALUES (?, 'p', '{}')`, role)
	p := session(role, "ci", h.narrowed(identity.SessionContext{
		Tags: []identity.Tag{{Key: "team", Value: "red"}}, SourceIdentity: "alice",
		Provider: "arn:aws:iam::" + owner + ":oidc-provider/issuer.example",
		Claims:   map[string][]string{"issuer.example:sub": {"repo:acme/app"}, "issuer.example/tenant:Aud": {"sts"}},
	}))
	for _, tt := range []struct {
		operator, key, value string
	}{
		{"StringEquals", "aws:PrincipalType", "AssumedRole"},
		{"StringEquals", "aws:userid", role + ":ci"},
		{"StringEquals", "aws:PrincipalArn", "arn:aws:iam::" + owner + ":role/deploy"},
		{"StringEquals", "aws:PrincipalTag/team", "red"},
		{"StringEquals", "aws:PrincipalTag/stage", "prod"},
		{"StringEquals", "aws:SourceIdentity", "alice"},
		{"StringEquals", "aws:FederatedProvider", "arn:aws:iam::" + owner + ":oidc-provider/issuer.example"},
		{"StringEquals", "issuer.example:sub", "repo:acme/app"},
		{"StringEquals", "issuer.example/tenant:Aud", "sts"},
		{"Bool", "aws:MultiFactorAuthPresent", "false"},
		{"DateEquals", "aws:TokenIssueTime", start.Add(-time.Minute).Format(time.RFC3339)},
		{"Null", "aws:username", "true"},
	} {
		h.then(`UPDATE inline_policies SET document = ?`, document(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"`+
			tt.operator+`":{"`+tt.key+`":"`+tt.value+`"}}}`))
		if err := h.may(p, readAction, app.ARN(region)); err != nil {
			t.Errorf("%s is not %s: %v", tt.key, tt.value, err)
		}
	}
}

func TestTrustDecidesWhoAssumesARole(t *testing.T) {
	h := open(t)
	deploy := larder.ARN("arn:aws:iam::" + owner + ":role/deploy")
	h.entity(meta.Role, "deploy", trustsAlice)
	h.entity(meta.Role, "web", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"arn:aws:iam::`+owner+
		`:oidc-provider/issuer.example"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"issuer.example:sub":"me"}}}}`)
	alice := identity.Principal{Account: owner, ID: h.entity(meta.User, "alice", "")}
	admin := identity.Principal{Account: owner, ID: h.entity(meta.User, "admin", "", allow("*"))}
	provider := identity.Principal{Provider: "arn:aws:iam::" + owner + ":oidc-provider/issuer.example"}
	web := larder.ARN("arn:aws:iam::" + owner + ":role/web")
	const assume, withWeb = "sts:AssumeRole", "sts:AssumeRoleWithWebIdentity"
	for _, tt := range []struct {
		claim  string
		who    identity.Principal
		action string
		role   larder.ARN
		sub    string
		want   string // the refusal
	}{
		{"who is named needs no more", alice, assume, deploy, "", ""},
		{"nor to tag the session", alice, "sts:TagSession", deploy, "", ""},
		{"who may do everything is not trusted for it", admin, assume, deploy, "", "User: arn:aws:iam::" + owner + ":user/admin is not authorized to perform: sts:AssumeRole on resource: " + string(deploy)},
		{"a role that does not exist sounds alike", alice, assume, deploy + "s", "", "User: arn:aws:iam::" + owner + ":user/alice is not authorized to perform: sts:AssumeRole on resource: " + string(deploy) + "s"},
		{"whose provider is named", provider, withWeb, web, "me", ""},
		{"with another subject", provider, withWeb, web, "you", "Not authorized to perform sts:AssumeRoleWithWebIdentity"},
		{"another role", provider, withWeb, deploy, "me", "Not authorized to perform sts:AssumeRoleWithWebIdentity"},
	} {
		err := h.Authorize(identity.WithCaller(t.Context(), asking(tt.who)), identity.Question{
			Action: tt.action, Resource: tt.role, Keys: map[string][]string{"issuer.example:sub": {tt.sub}},
		})
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("%s: got %v", tt.claim, err)
		case tt.want != "":
			t.Run(tt.claim, func(t *testing.T) { says(t, err, tt.want) })
		}
	}
}

func TestTagsOfWhatIAMHasAreResourceTags(t *testing.T) {
	h := open(t)
	admin := h.entity(meta.User, "admin", "", document(`{"Effect":"Allow","Action":"iam:*","Resource":"*","Condition":{"StringEquals":{"iam:ResourceTag/team":"red","aws:ResourceTag/team":"red"}}}`))
	role := h.entity(meta.Role, "deploy", trustsAlice)
	policyARN := h.managed("reads", allow(readAction))
	provider := "arn:aws:iam::" + owner + ":oidc-provider/issuer.example"
	h.sql(`INSERT INTO entity_tags (entity, key, value) VALUES (?, 'team', 'red')`, role)
	h.sql(`INSERT INTO policy_tags (policy, key, value) VALUES ('ANPAreads', 'team', 'red')`)
	h.sql(`INSERT INTO oidc_providers (arn, account, url, client_ids, thumbprints, created_ms) VALUES (?, ?, '', '[]', '[]', 0)`, provider, owner)
	h.then(`INSERT INTO oidc_provider_tags (provider, key, value) VALUES (?, 'team', 'red')`, provider)
	for _, arn := range []string{"arn:aws:iam::" + owner + ":role/deploy", policyARN, provider} {
		if err := h.may(identity.Principal{Account: owner, ID: admin}, "iam:GetIt", larder.ARN(arn)); err != nil {
			t.Errorf("%s: %v", arn, err)
		}
	}
	if err := h.may(identity.Principal{Account: owner, ID: admin}, "iam:GetUser", larder.ARN("arn:aws:iam::"+owner+":user/admin")); !larder.Denied.Is(err) {
		t.Errorf("one without tags: got %v", err)
	}
}

func TestRevokedTokensAreKnown(t *testing.T) {
	h := open(t)
	token, other := [8]byte{1}, [8]byte{2}
	h.must(h.Change(t.Context(), func(ctx context.Context, tx *meta.Tx) error {
		if err := tx.RevokeToken(ctx, meta.RevokedToken{ID: token, Account: owner, Until: start.Add(time.Hour)}); err != nil {
			return err
		}
		return tx.RevokeTokensOf(ctx, meta.RevokedKey{KeyID: "AKIA1", Account: owner, By: start, Until: start.Add(time.Hour)})
	}))
	for _, tt := range []struct {
		name   string
		id     [8]byte
		key    string
		issued time.Time
		want   bool
	}{
		{"by its ID", token, "AKIA2", start, true},
		{"by its key", other, "AKIA1", start, true},
		{"asked for after that", other, "AKIA1", start.Add(time.Second), false},
		{"another", other, "AKIA2", start, false},
	} {
		if got, err := h.Revoked(owner, tt.id, tt.key, tt.issued); err != nil || got != tt.want {
			t.Errorf("%s: got %v, %v, want %v", tt.name, got, err, tt.want)
		}
	}
}
