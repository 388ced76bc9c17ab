package identity_test

import (
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/meta"
)

// FuzzPutResourcePolicy puts documents of strangers on a domain. Whatever is
// taken must load again - else nobody could be answered any more - and what is
// shown of it must be a document that can be put again.
func FuzzPutResourcePolicy(f *testing.F) {
	const alice = "arn:aws:iam::" + owner + ":user/alice"
	for _, seed := range []string{
		grants("*", "*"), grants(owner, readAction), grants(alice, "codeartifact:*"),
		document(`{"Effect":"Deny","NotPrincipal":{"AWS":["` + alice + `","` + owner + `"]},"NotAction":"a:b","NotResource":"*"}`),
		document(`{"Effect":"Allow","Principal":{"AWS":["\u0061rn:aws:iam::` + owner + `:user/alice"],"Service":"a.amazonaws.com"},"Action":["a:*"],"Resource":"arn:aws:codeartifact:*"}`),
		`{"Statement":{"Sid":"é","Effect":"Allow","Principal":"*","Action":"*","Resource":"*","Condition":{"StringLike":{"aws:username":["${aws:username}"]}}}}`,
		`{"Version":"2008-10-17","Id":"x","Statement":[]}`, `{"Statement":[[]]}`, `{`, ``, `null`,
	} {
		f.Add(seed)
	}
	h := open(f)
	h.user(owner, "alice")
	f.Fuzz(func(t *testing.T, document string) {
		_, err := h.PutResourcePolicy(t.Context(), onDomain(team), document, "")
		if ready := h.Ready(); ready != nil {
			t.Fatalf("%q: %v", document, ready)
		}
		if err != nil {
			if !larder.Invalid.Is(err) {
				t.Fatalf("%q: got %v, want a refusal", document, err)
			}
			return
		}
		shown, err := h.ResourcePolicy(t.Context(), onDomain(team))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.PutResourcePolicy(t.Context(), onDomain(team), shown.Document, shown.Revision); err != nil {
			t.Fatalf("%q: shown as %q, which is refused: %v", document, shown.Document, err)
		}
	})
}

// FuzzExplain asks strangers' questions for whomever they name. An explanation
// decides as Authorize does and names a statement wherever one decided.
func FuzzExplain(f *testing.F) {
	h := open(f)
	alice := h.user(owner, "alice", allow("codeartifact:*"), deny("codeartifact:Delete*"))
	role := h.entity(meta.Role, "builder", trustsAlice, allow("*"))
	for _, who := range []string{alice.ARN, alice.ID, owner, role + ":one", "arn:aws:sts::" + owner + ":assumed-role/builder/one", "arn:::::", ""} {
		f.Add(who, readAction, string(app.ARN(region)))
		f.Add(who, "sts:AssumeRole", "arn:aws:iam::"+owner+":role/builder")
		f.Add(who, "codeartifact:DeleteDomain", "*")
	}
	f.Fuzz(func(t *testing.T, who, action, resource string) {
		p, err := h.Whom(who)
		if err != nil {
			return
		}
		c, q := identity.Caller{Principal: p, At: start}, identity.Question{Action: action, Resource: larder.ARN(resource)}
		e, err := h.Explain(t.Context(), c, q)
		if err != nil {
			t.Fatal(err)
		}
		refused := h.Authorize(identity.WithCaller(t.Context(), c), q)
		if _, named := e.Decider(); e.Decision.Allowed != (refused == nil) || named != (e.Decision.Policy != nil) {
			t.Errorf("%s %s %s: explained as %+v, but got %v", who, action, resource, e.Decision, refused)
		}
	})
}
