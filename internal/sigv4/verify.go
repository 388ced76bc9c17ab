package sigv4

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"larder.example/larder"
)

// emptyHash is the SHA-256 of no bytes.
const emptyHash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// KeySource says who an access key belongs to: it returns the key's secret and
// its principal. sessionToken is empty if the request bears none; a source
// must refuse a temporary key without its own token and a long-term key with
// one.
//
// It fails with larder.Unauthenticated: [larder.CodeUnrecognizedClient] for a
// key that is unknown or inactive, or a token that does not open or belongs
// to another key, and [larder.CodeExpiredToken]. It is asked before the
// signature is checked, as AWS does: nothing that it is given can be trusted.
type KeySource[P any] func(ctx context.Context, keyID, sessionToken string) (secret string, principal P, err error)

// Verifier checks the signatures of requests. It is safe for concurrent use
// and must not be copied. P is what the key source knows principals as.
type Verifier[P any] struct {
	Keys KeySource[P]

	// Region is the region that scopes must name.
	Region string

	// Regions are further regions that the scopes of a service may name. Nil
	// means us-east-1 and aws-global for iam and sts: AWS has these services
	// in one region, and botocore signs for the configured one once it is
	// told an endpoint.
	Regions map[string][]string

	// Skew is how far a request's clock may be from ours. Default 15 minutes.
	Skew time.Duration

	// Now is the clock. Default time.Now.
	Now func() time.Time

	// Debug appends to a mismatch what was signed, by our account. It holds
	// the session token where that was signed: not for production.
	Debug bool

	keys   keyCache
	drafts sync.Pool // of *draft
}

// Result is a verified request.
type Result[P any] struct {
	Principal P
	KeyID     string
	SignedAt  time.Time
	Scope     Scope

	// Query holds the decoded pairs of the query string that the signature
	// covers: all but the signature itself. Read no other.
	Query Query
}

// Verify checks that r, of which body is the whole body, was signed for
// service with a key that v knows. The host signed must be r.Host: where a
// proxy is trusted to name another, put it there first.
func (v *Verifier[P]) Verify(r *http.Request, service string, body []byte) (Result[P], error) {
	c, err := v.admit(r, service)
	if err != nil {
		return Result[P]{}, err
	}
	payload, announced := c.payload, c.announced
	if !announced {
		payload = hashOf(body)
	}
	res, err := v.prove(r, &c, payload)
	if err == nil && announced && payload != hashOf(body) {
		return Result[P]{}, refuse(larder.CodeInvalidSignature, textMismatch)
	}
	return res, err
}

// VerifyStream checks r without its body, whose SHA-256 must be announced in
// X-Amz-Content-Sha256. The body is then to be read from the reader returned,
// which fails with larder.Unauthenticated in place of io.EOF if it was
// another: commit nothing before io.EOF.
func (v *Verifier[P]) VerifyStream(r *http.Request, service string) (Result[P], io.Reader, error) {
	c, err := v.admit(r, service)
	if err != nil {
		return Result[P]{}, nil, err
	}
	if !c.announced {
		return Result[P]{}, nil, refuse(larder.CodeIncomplete, "The 'X-Amz-Content-Sha256' header is required.")
	}
	res, err := v.prove(r, &c, c.payload)
	if err != nil {
		return Result[P]{}, nil, err
	}
	if !isHash(c.payload) { // UNSIGNED-PAYLOAD and STREAMING-... are S3's
		return Result[P]{}, nil, refuse(larder.CodeInvalidSignature, textMismatch)
	}
	return res, hashed(r.Body, c.payload), nil
}

// admit makes the checks that come before anybody's key is looked up.
func (v *Verifier[P]) admit(r *http.Request, service string) (claim, error) {
	c, err := claimOf(r)
	if err != nil {
		return c, err
	}
	if err := c.timely(v.now(), v.skew()); err != nil {
		return c, err
	}
	if err := c.hostSigned(); err != nil {
		return c, err
	}
	if err := c.supported(); err != nil {
		return c, err
	}
	return c, c.scoped(service, v.Region, v.regions(service))
}

// prove checks the signature of c over r.
func (v *Verifier[P]) prove(r *http.Request, c *claim, payload string) (Result[P], error) {
	d := v.draft()
	defer v.drafts.Put(d)

	// Whether the key is known decides the answer before the signature does,
	// but must not be told by the time that the answer takes: a key of an
	// empty secret stands in for one that is not.
	secret, principal, refused := v.Keys(r.Context(), c.keyID, c.token)
	if refused == nil && secret == "" {
		refused = fmt.Errorf("the source of access keys has %s without a secret", c.keyID)
	}
	name := c.keyID
	if refused != nil {
		name, secret = "", ""
	}
	// Requests of yesterday keep coming until the skew is over.
	day := v.now().Add(-v.skew()).UTC().Truncate(24 * time.Hour)
	key, err := v.keys.pads(name, secret, c.scope, day, d)
	if err != nil {
		return Result[P]{}, err
	}
	whole := d.write(r, message{
		path: c.path, query: c.query, signed: c.headers, payload: payload, date: c.date, scope: c.scope,
	})
	if err := d.sign(key); err != nil {
		return Result[P]{}, err
	}
	equal := subtle.ConstantTimeCompare(d.signature[:], []byte(c.signature)) == 1

	if refused != nil {
		return Result[P]{}, refused
	}
	if !equal || !whole {
		return Result[P]{}, v.mismatch(d)
	}
	return Result[P]{
		Principal: principal, KeyID: c.keyID, SignedAt: c.at, Scope: c.scope, Query: c.query,
	}, nil
}

func (v *Verifier[P]) mismatch(d *draft) error {
	if !v.Debug {
		return refuse(larder.CodeInvalidSignature, textMismatch)
	}
	return refuse(larder.CodeInvalidSignature, "%s\n\nThe Canonical String for this request should have been\n'%s'\n\n"+
		"The String-to-Sign should have been\n'%s'\n", textMismatch, d.canonical, d.toSign)
}

func (v *Verifier[P]) now() time.Time {
	if v.Now == nil {
		return time.Now()
	}
	return v.Now()
}

func (v *Verifier[P]) skew() time.Duration {
	if v.Skew == 0 {
		return defaultSkew
	}
	return v.Skew
}

func (v *Verifier[P]) regions(service string) []string {
	if v.Regions != nil {
		return v.Regions[service]
	}
	if service == "iam" || service == "sts" {
		return []string{"us-east-1", "aws-global"}
	}
	return nil
}

func (v *Verifier[P]) draft() *draft {
	if d, ok := v.drafts.Get().(*draft); ok {
		return d
	}
	return &draft{hash: newDigest()}
}

// isHash reports whether s is a SHA-256 as hashOf spells it.
func isHash(s string) bool {
	return len(s) == 2*sha256.Size && strings.Trim(s, "0123456789abcdef") == ""
}

// hashOf returns the SHA-256 of b in hexadecimal.
func hashOf(b []byte) string {
	if len(b) == 0 {
		return emptyHash
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
