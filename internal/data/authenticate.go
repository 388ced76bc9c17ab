package data

import (
	"net/http"

	"larder.example/larder"
	"larder.example/larder/internal/audit"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/identity"
)

// authenticate opens the token and finds who bears it as they are now.
func (t *trip) authenticate() error {
	text, ok := bearer(t.r, t.format.TokenFrom)
	if !ok {
		return larder.Errorf(larder.Unauthenticated, "An authorization token is required.")
	}
	claims, err := t.plane.Tokens.Open(t.r.Context(), text)
	if err != nil {
		return err
	}
	t.event.TokenID = claims.AuditID()
	switch uid, err := t.plane.Identity.DomainUID(t.ref.Domain); {
	case larder.NotFound.Is(err), err == nil && uid != claims.DomainUID:
		return larder.Errorf(larder.Unauthenticated, "The token is for another domain.")
	case err != nil:
		return err
	}
	principal, err := t.plane.Identity.Resume(claims.Principal)
	if err != nil {
		return err
	}
	issued := claims.IssuedAt
	if principal.Session != nil {
		issued = principal.Session.IssuedAt // so that "revoke active sessions" kills its tokens
	}
	caller := identity.Caller{
		Principal: principal, KeyID: claims.KeyID, Addr: t.event.Addr, Secure: t.event.Secure,
		At: t.event.At, TokenIssuedAt: issued,
	}
	t.plane.Identity.NoteUse(caller, "codeartifact")
	profile := t.plane.Identity.Profile(principal)
	t.event.Caller = audit.Identity{
		Type: profile.Type, PrincipalID: principal.ID, ARN: principal.ARN,
		Account: principal.Account, KeyID: claims.KeyID, UserName: profile.Name,
	}
	t.r = t.r.WithContext(identity.WithCaller(t.r.Context(), caller)) // a copy, whose body is not what net/http looks at
	if t.r.Body != http.NoBody {
		t.r.Body = body{t.r.Body}
	}
	t.judged = judged{Registry: t.plane.Registry, trip: t}
	t.exchange = format.Exchange{
		W: t.w, R: t.r, Repository: t.ref, User: profile.Name,
		Base:     t.plane.Endpoints.Of(t.ref, t.format.Name),
		Registry: &t.judged,
		Find:     t.find,
		Fetch:    t.fetch,
		Send:     t.send,
		Render:   t.render,
	}
	return nil
}

// challenge asks for credentials. Maven, NuGet and others send none until
// they are asked; sbt looks them up by the realm.
func (t *trip) challenge() {
	realm := `realm="` + t.ref.Domain.Name + "/" + t.ref.Name + `"`
	t.w.Header().Add("WWW-Authenticate", "Bearer "+realm)
	t.w.Header().Add("WWW-Authenticate", "Basic "+realm)
}
