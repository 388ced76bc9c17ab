package data

import (
	"net/http"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/token"
)

// authenticate opens the token and finds who bears it as they are now.
func (t *trip) authenticate() error {
	text, ok := bearer(t.r, t.format.TokenFrom)
	if !ok {
		return &larder.Error{Kind: larder.Unauthenticated, Code: larder.CodeMissingToken, Message: "An authorization token is required."}
	}
	claims, err := t.plane.Tokens.Open(t.r.Context(), text)
	if err != nil {
		return err
	}
	t.event.TokenID = claims.AuditID()
	principal, err := t.bearer(claims)
	if err != nil {
		return err
	}
	if err := t.plane.Gate.Package(claims.ID, t.event.Addr); err != nil {
		return err
	}
	t.prepare(principal, claims)
	return nil
}

// bearer returns who bears a token, as they are now. The token must be for
// this domain, and must not have been revoked.
func (t *trip) bearer(claims token.Claims) (identity.Principal, error) {
	switch uid, err := t.plane.Identity.DomainUID(t.ref.Domain); {
	case larder.NotFound.Is(err), err == nil && uid != claims.DomainUID:
		return identity.Principal{}, larder.Errorf(larder.Unauthenticated, "The token is for another domain.")
	case err != nil:
		return identity.Principal{}, err
	}
	switch revoked, err := t.plane.Identity.Revoked(claims.Principal.Account, claims.ID, claims.KeyID, claims.IssuedAt); {
	case err != nil:
		return identity.Principal{}, err
	case revoked:
		return identity.Principal{}, larder.Errorf(larder.Unauthenticated, "The token was revoked.")
	}
	return t.plane.Identity.Resume(claims.Principal)
}

// prepare gives the rest of the request the principal for its caller, and
// the format what it serves with.
func (t *trip) prepare(principal identity.Principal, claims token.Claims) {
	caller := identity.Caller{
		Principal: principal, KeyID: claims.KeyID, Addr: t.event.Addr, Secure: t.event.Secure,
		At: t.event.At, TokenID: claims.ID, Domain: t.ref.Domain, DomainUID: claims.DomainUID, TokenIssuedAt: claims.IssuedAt,
	}
	t.plane.Identity.NoteUse(caller, "codeartifact")
	t.event.Caller = t.plane.Identity.Shown(t.r.Context(), principal, claims.KeyID)
	t.r = t.r.WithContext(identity.WithCaller(t.r.Context(), caller)) // a copy, whose body is not what net/http looks at
	if t.r.Body != http.NoBody {
		t.r.Body = body{t.r.Body}
	}
	t.judged = judged{Registry: t.plane.Registry, trip: t}
	t.exchange = format.Exchange{
		W: t.w, R: t.r, Repository: t.ref, User: t.plane.Identity.Profile(principal).Name,
		Base:     t.plane.Endpoints.Of(t.ref, t.format.Name),
		Registry: &t.judged,
		Find:     t.find,
		Fetch:    t.fetch,
		Send:     t.send,
		Render:   t.render,
	}
}

// challenge asks for credentials. Maven, NuGet and others send none until
// they are asked; sbt looks them up by the realm. That is made of a path of
// which nothing is known yet, so a quote in it must not end the string.
func (t *trip) challenge() {
	name := strings.ReplaceAll(t.ref.Domain.Name+"/"+t.ref.Name, `\`, `\\`)
	realm := `realm="` + strings.ReplaceAll(name, `"`, `\"`) + `"`
	t.w.Header().Add("WWW-Authenticate", "Bearer "+realm)
	t.w.Header().Add("WWW-Authenticate", "Basic "+realm)
}
