package control

import (
	"context"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/audit"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/token"
)

// Lifetimes of authorization tokens, in seconds.
const (
	defaultDuration = 43200
	minDuration     = 900
	maxDuration     = 43200
)

func (p *Plane) getAuthorizationToken(ctx context.Context, in *codeartifact.GetAuthorizationTokenInput) (*codeartifact.GetAuthorizationTokenOutput, error) {
	caller, _ := identity.CallerFrom(ctx)
	if caller.Principal.Root() && p.DenyRootTokens {
		return nil, larder.Errorf(larder.Denied, "Root users cannot call GetAuthorizationToken.")
	}
	now := p.now()
	expires, err := expiration(now, caller.Principal.Session, in.DurationSeconds)
	if err != nil {
		return nil, err
	}
	ref := domainRef(ctx, in.Names())
	uid, err := p.Identity.DomainUID(ref)
	if err != nil {
		return nil, err
	}
	claims := token.Claims{
		Principal: caller.Principal, DomainOwner: ref.Owner, DomainUID: uid,
		IssuedAt: now, ExpiresAt: expires, KeyID: caller.KeyID, ID: token.NewID(),
	}
	text, err := p.Tokens.Seal(ctx, claims)
	if err != nil {
		return nil, err
	}
	audit.From(ctx).TokenID = claims.AuditID()
	return &codeartifact.GetAuthorizationTokenOutput{AuthorizationToken: text, Expiration: expires}, nil
}

// expiration is when a token ends, in whole seconds. Absent is 12 hours, 0
// the rest of the caller's session, anything else the token's own life,
// however long the session lives.
func expiration(now time.Time, session *identity.Session, seconds *int64) (time.Time, error) {
	now = now.Truncate(time.Second)
	switch {
	case seconds == nil:
		return now.Add(defaultDuration * time.Second), nil
	case *seconds == 0 && session != nil:
		// A session of GetSessionToken may live for longer than any token.
		return earlier(session.ExpiresAt.Truncate(time.Second), now.Add(maxDuration*time.Second)), nil
	case *seconds == 0:
		return time.Time{}, larder.Errorf(larder.Invalid, "A duration of 0, the rest of the session, needs temporary credentials.")
	case *seconds < minDuration || *seconds > maxDuration:
		return time.Time{}, larder.Errorf(larder.Invalid, "The duration must be 0 or from %d to %d seconds, not %d.", minDuration, maxDuration, *seconds)
	}
	return now.Add(time.Duration(*seconds) * time.Second), nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
