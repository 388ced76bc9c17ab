package identity_test

import (
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/policy"
)

// guardable is what a permissions policy can be put on.
func guardable() map[string]identity.Guarded {
	return map[string]identity.Guarded{"domain": onDomain(team), "repository": onRepository(app)}
}

func TestResourcePolicy(t *testing.T) {
	for kind, on := range guardable() {
		t.Run(kind, func(t *testing.T) {
			h := open(t)
			ctx := t.Context()
			_, err := h.ResourcePolicy(ctx, on)
			wants(t, err, larder.NotFound, "")
			if e := larder.AsError(err); e.Resource != kind {
				t.Errorf("got the resource %q, want %q", e.Resource, kind)
			}
			_, err = h.DeleteResourcePolicy(ctx, on, "")
			wants(t, err, larder.NotFound, "")

			text := " " + grants(outsider, readAction) + "\n"
			put, err := h.PutResourcePolicy(ctx, on, text, "")
			h.must(err)
			if put.ARN != on.ARN(region) || put.Revision == "" || put.Document != text {
				t.Errorf("got %+v", put)
			}
			got, err := h.ResourcePolicy(ctx, on)
			if err != nil || got != put {
				t.Errorf("got %+v, %v, want %+v", got, err, put)
			}
			deleted, err := h.DeleteResourcePolicy(ctx, on, "")
			if err != nil || deleted != put {
				t.Errorf("got %+v, %v, want %+v", deleted, err, put)
			}
			_, err = h.ResourcePolicy(ctx, on)
			wants(t, err, larder.NotFound, "")
		})
	}
}

func TestResourcePolicyOfNothing(t *testing.T) {
	h := open(t)
	for name, on := range map[string]identity.Guarded{
		"domain":     onDomain(larder.DomainRef{Owner: owner, Name: "none"}),
		"repository": onRepository(larder.RepositoryRef{Domain: team, Name: "none"}),
	} {
		_, err := h.PutResourcePolicy(t.Context(), on, grants("*", readAction), "")
		wants(t, err, larder.NotFound, "")
		_, err = h.ResourcePolicy(t.Context(), on)
		wants(t, err, larder.NotFound, "")
		_, err = h.DeleteResourcePolicy(t.Context(), on, "")
		wants(t, err, larder.NotFound, "")
		if got := larder.AsError(err).Resource; got != name {
			t.Errorf("got the resource %q, want %q", got, name)
		}
	}
}

func TestRevisionKeepsOneWriterFromUndoingAnother(t *testing.T) {
	for kind, on := range guardable() {
		t.Run(kind, func(t *testing.T) {
			h := open(t)
			ctx := t.Context()
			document := grants(outsider, readAction)
			_, err := h.PutResourcePolicy(ctx, on, document, "made-up")
			wants(t, err, larder.Conflict, "")
			first, err := h.PutResourcePolicy(ctx, on, document, "")
			h.must(err)
			second, err := h.PutResourcePolicy(ctx, on, document, first.Revision)
			h.must(err)
			if second.Revision == first.Revision {
				t.Error("the revision did not change")
			}
			_, err = h.PutResourcePolicy(ctx, on, document, first.Revision)
			wants(t, err, larder.Conflict, "")
			if e := larder.AsError(err); e.Resource != kind || e.ID == "" {
				t.Errorf("got %+v", e)
			}
			_, err = h.DeleteResourcePolicy(ctx, on, first.Revision)
			wants(t, err, larder.Conflict, "")
			if got, err := h.ResourcePolicy(ctx, on); err != nil || got != second {
				t.Errorf("got %+v, %v, want %+v", got, err, second)
			}
			if _, err := h.DeleteResourcePolicy(ctx, on, second.Revision); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestResourcePolicyThatDoesNotParseIsRefused(t *testing.T) {
	h := open(t)
	for name, text := range map[string]string{
		"no JSON":      `{`,
		"no principal": allow(readAction),
		"a key twice":  `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Principal":"*","Action":"*","Resource":"*"}]}`,
	} {
		_, err := h.PutResourcePolicy(t.Context(), onDomain(team), text, "")
		if !larder.Invalid.Is(err) || larder.AsError(err).Code != policy.CodeMalformed {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// What is stored are unique IDs; what is shown are the names of today.
func TestPrincipalsAreStoredByUniqueID(t *testing.T) {
	h := open(t)
	alice, err := h.CreateEntity(t.Context(), identity.Entity{EntityRef: identity.UserRef(owner, "alice"), Path: "/dev/"})
	h.must(err)
	xen := h.user(outsider, "xen")
	text := document(`{"Effect":"Allow","Principal":{"AWS":["` + alice.ARN() + `","` + xen.ARN + `","` + outsider + `","arn:aws:iam::` + owner +
		`:root","*"]},"Action":"` + readAction + `","Resource":"*"}`)
	for kind, on := range guardable() {
		h.guard(on, text)
		if got, err := h.ResourcePolicy(t.Context(), on); err != nil || got.Document != text {
			t.Errorf("%s: got %s, %v, want %s", kind, got.Document, err, text)
		}
	}
	if h.stored(alice.ARN()) || h.stored(xen.ARN) {
		t.Error("an ARN of a user is in the database's files")
	}
	if !h.stored(alice.ID) {
		t.Error("the unique ID is not in the database's files: this test looks in the wrong place")
	}
}

func TestAPrincipalWhoIsGoneIsShownAsUniqueID(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	alice := h.user(owner, "alice")
	for kind, on := range guardable() {
		text := grants(alice.ARN, readAction)
		h.guard(on, text)
		h.must(h.DeleteEntity(ctx, identity.UserRef(owner, "alice")))
		gone := strings.Replace(text, alice.ARN, alice.ID, 1)
		if got, err := h.ResourcePolicy(ctx, on); err != nil || got.Document != gone {
			t.Errorf("%s: got %s, %v, want %s", kind, got.Document, err, gone)
		}
		again := h.user(owner, "alice")
		if got, err := h.ResourcePolicy(ctx, on); err != nil || got.Document != gone {
			t.Errorf("%s, with a namesake: got %s, %v, want %s", kind, got.Document, err, gone)
		}
		_, err := h.PutResourcePolicy(ctx, on, gone, "")
		wants(t, err, larder.Invalid, policy.CodeMalformed)
		alice = again
	}
}

func TestResourcePolicyNamesPrincipalsThatExist(t *testing.T) {
	h := open(t)
	alice, err := h.CreateEntity(t.Context(), identity.Entity{EntityRef: identity.UserRef(owner, "alice"), Path: "/dev/"})
	h.must(err)
	for _, name := range []string{
		alice.ARN(), alice.ID, owner, outsider, "999999999999", "arn:aws:iam::999999999999:root", "*",
	} {
		if _, err := h.PutResourcePolicy(t.Context(), onDomain(team), grants(name, readAction), ""); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{
		"arn:aws:iam::" + owner + ":user/alice",     // without its path
		"arn:aws:iam::" + owner + ":user/dev/Alice", // ARNs count case
		"arn:aws:iam::" + owner + ":user/nobody",
		"arn:aws:iam::" + outsider + ":user/dev/alice",
		"arn:aws:iam::" + owner + ":user/dev/",
		"arn:aws:iam::" + owner + ":role/deploy",
		"arn:aws:sts::" + owner + ":assumed-role/deploy/one",
		"AIDAAAAAAAAAAAAAAAAAA",
	} {
		_, err := h.PutResourcePolicy(t.Context(), onDomain(team), grants(name, readAction), "")
		if !larder.Invalid.Is(err) || larder.AsError(err).Code != policy.CodeMalformed || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v, want a refusal that names it", name, err)
		}
	}
}

func TestNotPrincipalIsResolvedToo(t *testing.T) {
	h := open(t)
	alice := h.user(owner, "alice", allow("codeartifact:*"))
	bob := h.user(owner, "bob", allow("codeartifact:*"))
	h.guard(onDomain(team), document(`{"Effect":"Deny","NotPrincipal":{"AWS":"`+alice.ARN+`"},"Action":"*","Resource":"*"}`))
	if err := h.may(alice, readAction, app.ARN(region)); err != nil {
		t.Errorf("the one excepted: %v", err)
	}
	if err := h.may(bob, readAction, app.ARN(region)); !larder.Denied.Is(err) {
		t.Errorf("another: got %v", err)
	}
	h.must(h.DeleteInlinePolicy(t.Context(), identity.UserRef(owner, "alice"), "a"))
	h.must(h.DeleteEntity(t.Context(), identity.UserRef(owner, "alice")))
	namesake := h.user(owner, "alice", allow("codeartifact:*"))
	if err := h.may(namesake, readAction, app.ARN(region)); !larder.Denied.Is(err) {
		t.Errorf("a namesake of the one excepted: got %v", err)
	}
}
