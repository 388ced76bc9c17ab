package webidentity

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-jose/go-jose/v4"

	"larder.example/larder"
)

// Codes of the failures that STS has names for.
const (
	CodeInvalid     = "InvalidIdentityToken"
	CodeExpired     = "ExpiredTokenException"
	CodeUnreachable = "IDPCommunicationError"
)

// leeway is how far a provider's clock may be from ours.
const leeway = 5 * time.Minute

// algorithms are the signatures that AWS accepts of a provider. "none" and
// those by a shared secret are not among them, so a public key can never be
// taken for a secret.
func algorithms() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.ES256, jose.ES384, jose.ES512}
}

// Verifier verifies tokens. It is safe for concurrent use, and there should be
// one of it: it keeps what it fetched.
type Verifier struct {
	// Fetch gets a document. It must not go where strangers may not send it,
	// and must bound what it reads and how long that takes.
	Fetch func(ctx context.Context, url string) (Document, error)

	Now func() time.Time // nil is time.Now

	mu      sync.Mutex // guards issuers
	issuers map[string]*issuer
}

// Document is what was fetched.
type Document struct {
	Body   []byte
	MaxAge time.Duration // by its Cache-Control; 0 if that says nothing
}

// Provider is whom an account trusts.
type Provider struct {
	URL       string   // the issuer, https://...
	Audiences []string // the clients whose tokens are accepted
}

// Verify returns what a token says, if p issued it for one of p's audiences
// and it has not expired.
func (v *Verifier) Verify(ctx context.Context, p Provider, token string) (Claims, error) {
	signed, err := jose.ParseSignedCompact(token, algorithms())
	if err != nil {
		return Claims{}, refuse(err, "The token is malformed, or not signed in a way that is accepted.")
	}
	head := signed.Signatures[0].Protected
	keys, err := v.keys(ctx, p.URL, head.KeyID, head.Algorithm)
	if err != nil {
		return Claims{}, err
	}
	payload, err := verify(signed, keys)
	if err != nil {
		return Claims{}, refuse(err, "The signature of the token is not one of %s.", p.URL)
	}
	c, err := claimsOf(payload)
	if err != nil {
		return Claims{}, err
	}
	return c, v.accept(c, p)
}

// verify checks the signature with each of the keys that may have made it:
// several only if the token does not name one.
func verify(signed *jose.JSONWebSignature, keys []jose.JSONWebKey) ([]byte, error) {
	var failed error
	for i := range keys {
		payload, err := signed.Verify(&keys[i])
		if err == nil {
			return payload, nil
		}
		failed = err
	}
	return nil, failed
}

// accept checks what a token that is genuine says.
func (v *Verifier) accept(c Claims, p Provider) error {
	now := v.now()
	switch {
	case !sameIssuer(c.Issuer, p.URL):
		return refuse(nil, "The token was issued by another provider than %s.", p.URL)
	case c.Subject == "":
		return refuse(nil, "The token names no subject.")
	case c.expires.IsZero():
		return refuse(nil, "Missing a required claim: exp")
	case !now.Before(c.expires.Add(leeway)):
		return &larder.Error{
			Kind: larder.Unauthenticated, Code: CodeExpired,
			Message: "Token expired: current date/time must be before the expiration date/time",
		}
	case c.notBefore.After(now.Add(leeway)), c.issued.After(now.Add(leeway)):
		return refuse(nil, "The token is not valid yet.")
	case !slices.ContainsFunc(c.parties(), func(party string) bool { return slices.Contains(p.Audiences, party) }):
		return refuse(nil, "Incorrect token audience")
	}
	return nil
}

// sameIssuer compares an iss claim with a provider's URL. Google leaves the
// scheme out (OpenID Connect's Google guide), and a slash at the end is none
// of IAM's URLs.
func sameIssuer(iss, url string) bool {
	if iss == "accounts.google.com" {
		iss = "https://" + iss
	}
	return strings.TrimSuffix(iss, "/") == strings.TrimSuffix(url, "/")
}

func (v *Verifier) now() time.Time {
	if v.Now != nil {
		return v.Now()
	}
	return time.Now()
}

// refuse is a token that is not accepted.
func refuse(err error, format string, args ...any) error {
	e := larder.Errorf(larder.Invalid, format, args...)
	e.Code, e.Err = CodeInvalid, err
	return e
}
