package webidentity

import (
	"context"
	"crypto/ecdsa"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-jose/go-jose/v4"

	"larder.example/larder"
)

const (
	leastKept = time.Hour // how long keys are good for, whatever their provider says
	mostKept  = 24 * time.Hour
	stale     = 24 * time.Hour // for how much longer, while the provider cannot be reached

	leastPause   = time.Minute      // between two fetches from a provider
	failurePause = 10 * time.Second // after one that failed
	fetchTime    = 5 * time.Second  // for each document

	maxKeys    = 20
	maxIssuers = 1000
	leastRSA   = 2048 // bits
)

// issuer is what is known of a provider.
type issuer struct {
	fetching sync.Mutex // held by the one who fetches; others wait for what he gets
	known    atomic.Pointer[published]
}

// published is what a provider was seen to publish, or that it could not be
// seen. It is immutable.
type published struct {
	keys  []jose.JSONWebKey
	until time.Time // when the keys are to be fetched again; zero if there are none
	tried time.Time
	err   error // of the last try
}

// keys returns the keys of a provider that may have made a signature: the one
// of that ID, or if the token names none all that fit the algorithm.
func (v *Verifier) keys(ctx context.Context, url, kid, algorithm string) ([]jose.JSONWebKey, error) {
	i := v.issuer(url)
	now := v.now()
	p := i.known.Load()
	if found := p.find(kid, algorithm); len(found) > 0 && now.Before(p.until) {
		return found, nil
	}
	p = v.refresh(ctx, i, url, func(p *published) bool {
		return len(p.find(kid, algorithm)) > 0 && now.Before(p.until)
	})
	if found := p.find(kid, algorithm); len(found) > 0 && now.Before(p.until.Add(stale)) {
		return found, nil
	}
	if p.err != nil {
		return nil, p.err
	}
	return nil, refuse(nil, "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements")
}

func (v *Verifier) issuer(url string) *issuer {
	v.mu.Lock()
	defer v.mu.Unlock()
	i, ok := v.issuers[url]
	if ok {
		return i
	}
	if v.issuers == nil {
		v.issuers = map[string]*issuer{}
	}
	for some := range v.issuers {
		if len(v.issuers) < maxIssuers {
			break
		}
		delete(v.issuers, some)
	}
	i = &issuer{}
	v.issuers[url] = i
	return i
}

// refresh fetches a provider's keys, unless another has brought what is
// enough meanwhile, or the last try was just now: tokens that name keys that
// there are not must not make us ask the provider each time.
func (v *Verifier) refresh(ctx context.Context, i *issuer, url string, enough func(*published) bool) *published {
	i.fetching.Lock()
	defer i.fetching.Unlock()
	now, before := v.now(), i.known.Load()
	if before != nil {
		pause := leastPause
		if before.err != nil {
			pause = failurePause
		}
		if enough(before) || now.Before(before.tried.Add(pause)) {
			return before
		}
	}
	// Others wait for it too: it goes on without who began it.
	keys, kept, err := v.fetch(context.WithoutCancel(ctx), url)
	after := &published{keys: keys, until: now.Add(kept), tried: now, err: err}
	if err != nil {
		after.until = time.Time{}
		if before != nil {
			after.keys, after.until = before.keys, before.until
		}
	}
	i.known.Store(after)
	return after
}

// find returns the keys that may have made a signature. The nil published has
// none.
func (p *published) find(kid, algorithm string) []jose.JSONWebKey {
	if p == nil {
		return nil
	}
	var found []jose.JSONWebKey
	for _, k := range p.keys {
		if (kid == "" || k.KeyID == kid) && (k.Algorithm == "" || k.Algorithm == algorithm) {
			found = append(found, k)
		}
	}
	return found
}

// fetch gets the keys of a provider, and how long they may be kept.
func (v *Verifier) fetch(ctx context.Context, issuer string) ([]jose.JSONWebKey, time.Duration, error) {
	var about struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	at := strings.TrimSuffix(issuer, "/") + "/.well-known/openid-configuration"
	if _, err := v.document(ctx, at, &about); err != nil {
		return nil, 0, unreachable(issuer, err)
	}
	switch {
	case strings.TrimSuffix(about.Issuer, "/") != strings.TrimSuffix(issuer, "/"):
		return nil, 0, unreachable(issuer, fmt.Errorf("its discovery document is of %q", about.Issuer))
	case !isHTTPS(about.Keys):
		return nil, 0, unreachable(issuer, errors.New("its keys are not at an https address"))
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	kept, err := v.document(ctx, about.Keys, &set)
	if err != nil {
		return nil, 0, unreachable(issuer, err)
	}
	if len(set.Keys) > maxKeys {
		return nil, 0, unreachable(issuer, fmt.Errorf("it has %d keys", len(set.Keys)))
	}
	var keys []jose.JSONWebKey
	for _, text := range set.Keys {
		var k jose.JSONWebKey
		if k.UnmarshalJSON(text) == nil && usable(k) { // a kind of key that we do not know is no fault of the others
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return nil, 0, unreachable(issuer, errors.New("it has no key that is accepted"))
	}
	return keys, min(max(kept, leastKept), mostKept), nil
}

// document fetches a JSON document.
func (v *Verifier) document(ctx context.Context, at string, to any) (time.Duration, error) {
	if !isHTTPS(at) {
		return 0, errors.New("it is not at an https address")
	}
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	d, err := v.Fetch(ctx, at)
	if err != nil {
		return 0, err
	}
	return d.MaxAge, json.Unmarshal(d.Body, to)
}

func isHTTPS(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil
}

// usable reports whether a key may verify tokens: public, for signatures, and
// not too weak.
func usable(k jose.JSONWebKey) bool {
	if k.Use != "" && k.Use != "sig" || !k.Valid() {
		return false
	}
	switch key := k.Key.(type) {
	case *rsa.PublicKey:
		return key.N.BitLen() >= leastRSA
	case *ecdsa.PublicKey:
		return true
	}
	return false
}

// unreachable is a provider that cannot be asked for its keys. What is behind
// it is told where the operator can do something about it.
func unreachable(issuer string, err error) error {
	message := "Couldn't retrieve the keys of " + issuer + "."
	var known *larder.Error
	if errors.As(err, &known) {
		message += " " + known.Message
	}
	return &larder.Error{Kind: larder.Unavailable, Code: CodeUnreachable, Message: message, Err: err}
}
