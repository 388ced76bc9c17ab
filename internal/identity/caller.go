package identity

import (
	"context"
	"net/netip"
	"time"

	"larder.example/larder"
)

// Principal is who a request comes from. Unique IDs decide, names only
// inform: a re-created user, role or domain inherits nothing.
type Principal struct {
	Account string // 12 digits
	ID      string // the unique ID: AIDA..., AROA..., or the account's number for root; never reused
	ARN     string // for messages and aws:PrincipalArn; empty when the principal came out of a token
	Session *Session

	// Provider is the ARN of an identity provider whose user asks for a
	// session. Who asks so is nobody else: ID and Account are empty.
	Provider string
}

// Session is what temporary credentials add to a principal; nil for
// long-term keys.
type Session struct {
	Name                string // empty for a user's own, from GetSessionToken
	IssuedAt, ExpiresAt time.Time

	// Context names the row with session policies and tags. Zero: there are
	// none. A missing row denies.
	Context [16]byte
}

// Root reports whether the principal is its account's root user.
func (p Principal) Root() bool { return p.ID == p.Account }

// Caller is what a request's context carries about who asks.
type Caller struct {
	Principal Principal
	KeyID     string     // the access key that signed, or that asked for the token
	Addr      netip.Addr // after trusted proxies
	Secure    bool       // came over TLS
	At        time.Time

	// TokenID is the ID of the authorization token that is borne; zero for a
	// request that was signed. Domain is the one that the token is for, which
	// has that UID for as long as it is the same.
	TokenID   [8]byte
	Domain    larder.DomainRef
	DomainUID uint64

	// TokenIssuedAt is when that token was minted. It answers
	// aws:TokenIssueTime unless there is a session, whose own time does. Zero
	// for a request that was signed.
	TokenIssuedAt time.Time
}

// Question is one thing that a caller wants to do to one resource.
type Question struct {
	Action   string
	Resource larder.ARN
	Keys     map[string][]string // sts:DurationSeconds, aws:RequestTag/k, sts:ExternalId ...

	// Alternative is another resource that policies may have in its place:
	// the domain of a repository that is to be made. To be allowed one is
	// enough, and a Deny on either refuses. Empty: there is none.
	Alternative larder.ARN
}

type callerKey struct{}

// WithCaller returns ctx carrying c.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, &c)
}

// CallerFrom returns the caller in ctx, and false if nobody was
// authenticated.
func CallerFrom(ctx context.Context) (Caller, bool) {
	c, ok := ctx.Value(callerKey{}).(*Caller)
	if !ok {
		return Caller{}, false
	}
	return *c, true
}
