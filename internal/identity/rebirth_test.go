package identity_test

import (
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/policy"
)

// A user made again under the name of one who was deleted inherits nothing,
// and nothing that the old one held is good for the new one.
func TestARecreatedUserInheritsNothing(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	first := h.user(owner, "alice", allow("codeartifact:*"))
	keyID, _ := h.key("alice")
	o, err := h.Owner(ctx, owner, "alice")
	h.must(err)
	h.guard(onDomain(team), grants(first.ARN, readAction))
	h.guard(onRepository(app), grants(first.ARN, "codeartifact:DescribePackage"))
	if now, err := h.Resume(identity.Principal{Account: owner, ID: first.ID}); err != nil || now != first {
		t.Errorf("before: got %+v, %v, want %+v", now, err, first)
	}

	h.must(h.DeleteAccessKey(ctx, o, keyID))
	h.must(h.DeleteInlinePolicy(ctx, identity.UserRef(owner, "alice"), "a"))
	h.must(h.DeleteEntity(ctx, identity.UserRef(owner, "alice")))
	second := h.user(owner, "alice")
	if second.ID == first.ID || second.ARN != first.ARN {
		t.Fatalf("got %+v after %+v", second, first)
	}

	_, _, err = h.SigningKey(ctx, keyID, "")
	wants(t, err, larder.Unauthenticated, larder.CodeUnrecognizedClient)
	_, err = h.Resume(first)
	wants(t, err, larder.Unauthenticated, "")
	wants(t, h.may(first, readAction, app.ARN(region)), larder.Unauthenticated, larder.CodeUnrecognizedClient)
	for _, action := range []string{readAction, "codeartifact:DescribePackage", "codeartifact:DescribeRepository"} {
		if err := h.may(second, action, app.ARN(region)); !larder.Denied.Is(err) {
			t.Errorf("%s: got %v", action, err)
		}
	}
	keys, err := h.Owner(ctx, owner, "alice")
	h.must(err)
	if got, err := h.AccessKeys(ctx, keys, "", 9); err != nil || len(got) > 0 {
		t.Errorf("got the keys %v, %v", got, err)
	}
	if u, err := h.Entity(ctx, identity.UserRef(owner, "alice")); err != nil || len(u.Tags) > 0 {
		t.Errorf("got %+v, %v", u, err)
	}
}

func TestAPrincipalResumesInItsOwnAccountOnly(t *testing.T) {
	h := open(t)
	alice := h.user(owner, "alice")
	for _, p := range []identity.Principal{
		{Account: outsider, ID: alice.ID},
		{Account: "", ID: alice.ID},
		{Account: owner, ID: alice.ID, Session: &identity.Session{Name: "one"}},
		{Account: owner, ID: outsider},
	} {
		if _, err := h.Resume(p); !larder.Unauthenticated.Is(err) {
			t.Errorf("%+v: got %v", p, err)
		}
	}
	if got, err := h.Resume(identity.Principal{Account: owner, ID: owner}); err != nil || got != root(owner) {
		t.Errorf("got %+v, %v, want %+v", got, err, root(owner))
	}
}

func TestARecreatedDomainInheritsNothing(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	xen := h.user(outsider, "xen", allow("*"))
	h.guard(onDomain(team), grants(outsider, "codeartifact:*"))
	h.must(h.TagResource(ctx, onDomain(team), []identity.Tag{{Key: "k", Value: "v"}}))
	h.must(h.may(xen, "codeartifact:DescribeDomain", team.ARN(region)))

	h.deleteRepository(app)
	h.deleteDomain(team)
	if _, err := h.DomainUID(team); !larder.NotFound.Is(err) {
		t.Errorf("deleted: got %v", err)
	}
	if err := h.may(xen, "codeartifact:DescribeDomain", team.ARN(region)); !larder.Denied.Is(err) {
		t.Errorf("deleted: got %v", err)
	}
	h.createDomain(team, 2)
	if uid, err := h.DomainUID(team); err != nil || uid != 2 {
		t.Errorf("got the UID %d, %v, want another", uid, err)
	}
	if err := h.may(xen, "codeartifact:DescribeDomain", team.ARN(region)); !larder.Denied.Is(err) {
		t.Errorf("made again: got %v", err)
	}
	_, err := h.ResourcePolicy(ctx, onDomain(team))
	wants(t, err, larder.NotFound, "")
	if tags, err := h.Tags(ctx, onDomain(team)); err != nil || len(tags) > 0 {
		t.Errorf("got the tags %v, %v", tags, err)
	}
	if _, err := h.Repository(app); !larder.NotFound.Is(err) {
		t.Errorf("its repository: got %v", err)
	}
}

func TestARecreatedRepositoryInheritsNothing(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	xen := h.user(outsider, "xen", allow("*"))
	h.guard(onRepository(app), grants(outsider, readAction))
	h.must(h.TagResource(ctx, onRepository(app), []identity.Tag{{Key: "k", Value: "v"}}))
	h.must(h.may(xen, readAction, app.ARN(region)))
	before, err := h.Repository(app)
	h.must(err)

	h.deleteRepository(app)
	h.createRepository(app, owner)
	after, err := h.Repository(app)
	h.must(err)
	if after.ID == before.ID || after.DomainUID != before.DomainUID {
		t.Errorf("got %+v after %+v", after, before)
	}
	if err := h.may(xen, readAction, app.ARN(region)); !larder.Denied.Is(err) {
		t.Errorf("made again: got %v", err)
	}
	_, err = h.ResourcePolicy(ctx, onRepository(app))
	wants(t, err, larder.NotFound, "")
	if tags, err := h.Tags(ctx, onRepository(app)); err != nil || len(tags) > 0 {
		t.Errorf("got the tags %v, %v", tags, err)
	}
}

// A group, a role or a policy made again under the name of one that was
// deleted has nobody in it, trusts nobody new and is attached to nobody.
func TestWhatIsMadeAgainUnderANameInheritsNothing(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	alice := h.user(owner, "alice")
	group, role := identity.GroupRef(owner, "g"), identity.RoleRef(owner, "r")
	own := "arn:aws:iam::" + owner + ":policy/p"
	make := func() (g, r identity.Entity, p identity.ManagedPolicy) {
		t.Helper()
		var err error
		g, err = h.CreateEntity(ctx, identity.Entity{EntityRef: group})
		h.must(err)
		r, err = h.CreateEntity(ctx, identity.Entity{EntityRef: role, Trust: strings.Replace(grants(alice.ARN, "sts:AssumeRole"), `,"Resource":"*"`, "", 1)})
		h.must(err)
		p, err = h.CreatePolicy(ctx, identity.ManagedPolicy{Account: owner, Name: "p", Tags: []identity.Tag{{Key: "k", Value: "v"}}}, allow("codeartifact:*"))
		h.must(err)
		return g, r, p
	}
	g1, r1, p1 := make()
	h.must(h.PutInlinePolicy(ctx, group, identity.InlinePolicy{Name: "x", Document: allow("codeartifact:*")}))
	h.must(h.AttachPolicy(ctx, role, own))
	h.must(h.SetBoundary(ctx, role, own))
	h.must(h.AddToGroup(ctx, group, identity.UserRef(owner, "alice")))
	h.must(h.may(alice, readAction, app.ARN(region)))

	h.must(h.RemoveFromGroup(ctx, group, identity.UserRef(owner, "alice")))
	h.must(h.DeleteInlinePolicy(ctx, group, "x"))
	h.must(h.DeleteEntity(ctx, group))
	h.must(h.DetachPolicy(ctx, role, own))
	h.must(h.DeleteEntity(ctx, role))
	h.must(h.DeletePolicy(ctx, own))
	g2, r2, p2 := make()
	if g1.ID == g2.ID || r1.ID == r2.ID || p1.ID == p2.ID || g1.ARN() != g2.ARN() || r1.ARN() != r2.ARN() || p1.ARN() != p2.ARN() {
		t.Errorf("got %v %v %v after %v %v %v", g2, r2, p2, g1, r1, p1)
	}
	if err := h.may(alice, readAction, app.ARN(region)); !larder.Denied.Is(err) {
		t.Errorf("got %v", err)
	}
	if _, users, err := h.Members(ctx, group, "", 9); err != nil || len(users) > 0 {
		t.Errorf("got the members %v, %v", users, err)
	}
	if e, err := h.Entity(ctx, role); err != nil || e.Boundary != "" {
		t.Errorf("got %+v, %v", e, err)
	}
	if all, err := h.AttachedPolicies(ctx, role, ""); err != nil || len(all) > 0 {
		t.Errorf("got %v, %v", all, err)
	}
	if p, err := h.Policy(ctx, owner, own); err != nil || p.Attached+p.Bounding > 0 {
		t.Errorf("got %+v, %v", p, err)
	}
}

// Permissions policies name roles and sessions by unique ID too.
func TestPermissionsPoliciesNameRolesByID(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	ref := identity.RoleRef(owner, "deploy")
	made, err := h.CreateEntity(ctx, identity.Entity{EntityRef: ref, Path: "/ci/", Trust: strings.Replace(grants(owner, "sts:AssumeRole"), `,"Resource":"*"`, "", 1)})
	h.must(err)
	session := "arn:aws:sts::" + owner + ":assumed-role/deploy/one"
	text := document(`{"Effect":"Allow","Principal":{"AWS":["` + made.ARN() + `","` + session + `"]},"Action":"` + readAction + `","Resource":"*"}`)
	h.guard(onDomain(team), text)
	shown := func() string {
		p, err := h.ResourcePolicy(ctx, onDomain(team))
		h.must(err)
		return p.Document
	}
	if got := shown(); got != text {
		t.Errorf("got %s, want %s", got, text)
	}
	h.must(h.DeleteEntity(ctx, ref))
	_, err = h.CreateEntity(ctx, identity.Entity{EntityRef: ref, Path: "/ci/", Trust: made.Trust})
	h.must(err)
	if got, want := shown(), strings.NewReplacer(made.ARN(), made.ID, session, made.ID+":one").Replace(text); got != want {
		t.Errorf("made again: got %s, want %s", got, want)
	}
	for _, bad := range []string{"arn:aws:iam::" + owner + ":role/deploy", "arn:aws:sts::" + owner + ":assumed-role/absent/one", "arn:aws:iam::" + owner + ":role/ci/absent", made.ID} {
		_, err := h.PutResourcePolicy(ctx, onDomain(team), grants(bad, readAction), "")
		wants(t, err, larder.Invalid, policy.CodeMalformed)
		says(t, err, `Invalid principal in policy: "AWS":"`+bad+`"`)
	}
}
