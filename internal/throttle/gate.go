package throttle

import (
	"net/netip"
	"time"

	"larder.example/larder"
)

// Rates are the bounds of a server. Each zero one is none.
type Rates struct {
	Failures  Rate // failed authentications of a source
	Calls     Rate // signed requests of an access key from a source
	Packages  Rate // package requests of one token from a source
	IAMWrites Rate // changes through IAM in an account
	Issuers   Rate // tokens of one identity provider
}

// Gate holds the buckets of a server. Its methods fail with larder.Throttled,
// which says when to come back. The nil Gate lets everything pass.
//
// No access key and no user is ever locked out: secrets are too long to be
// guessed, and a lock is a gift to whoever wants to keep them out. Who fails
// to authenticate is only kept from learning why.
type Gate struct {
	failures  Buckets[netip.Addr]
	calls     Buckets[caller]
	packages  Buckets[bearer]
	iamWrites Buckets[string]
	issuers   Buckets[string]
}

type caller struct {
	keyID  string
	source netip.Addr
}

type bearer struct {
	token  [8]byte
	source netip.Addr
}

// NewGate returns a gate with full buckets. A nil now is time.Now.
func NewGate(r Rates, now func() time.Time) *Gate {
	return &Gate{
		failures:  Buckets[netip.Addr]{Rate: r.Failures, Now: now},
		calls:     Buckets[caller]{Rate: r.Calls, Now: now},
		packages:  Buckets[bearer]{Rate: r.Packages, Now: now},
		iamWrites: Buckets[string]{Rate: r.IAMWrites, Now: now},
		issuers:   Buckets[string]{Rate: r.Issuers, Now: now},
	}
}

// Failed counts a failed authentication and returns what is to be answered:
// the failure itself, until there are too many. A request without any
// credentials is no failure: many clients send none until they are asked.
func (g *Gate) Failed(from netip.Addr, failure error) error {
	if g == nil || !larder.Unauthenticated.Is(failure) || larder.AsError(failure).Code == larder.CodeMissingToken {
		return failure
	}
	if err := pass(g.failures.Take(Source(from))); err != nil {
		return err
	}
	return failure
}

// Call counts a signed request.
func (g *Gate) Call(keyID string, from netip.Addr) error {
	if g == nil {
		return nil
	}
	return pass(g.calls.Take(caller{keyID, Source(from)}))
}

// Package counts a request that bears a token.
func (g *Gate) Package(token [8]byte, from netip.Addr) error {
	if g == nil {
		return nil
	}
	return pass(g.packages.Take(bearer{token, Source(from)}))
}

// IAMWrite counts a change through IAM.
func (g *Gate) IAMWrite(account string) error {
	if g == nil {
		return nil
	}
	return pass(g.iamWrites.Take(account))
}

// Issuer counts a token of an identity provider.
func (g *Gate) Issuer(url string) error {
	if g == nil {
		return nil
	}
	return pass(g.issuers.Take(url))
}

func pass(wait time.Duration) error {
	if wait == 0 {
		return nil
	}
	return &larder.Error{Kind: larder.Throttled, Message: "Rate exceeded", RetryAfter: wait}
}
