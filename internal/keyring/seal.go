package keyring

import (
	"encoding/base64"
	"strings"
	"sync"
	"time"

	"larder.example/larder"
)

// Overhead is how much longer sealed bytes are than what they hold: version,
// key id, nonce and tag.
const Overhead = 1 + 1 + 12 + 16

// Seal encrypts plaintext for p and appends to dst
//
//	version ‖ kid ‖ nonce(12) ‖ ciphertext ‖ tag(16)
//
// bound to version ‖ kid ‖ label of p ‖ instance ‖ aad: what it is opened with
// must be the same.
func (r *Ring) Seal(dst []byte, p Purpose, aad string, plaintext []byte) []byte {
	g := r.chain.Load().active()
	return g.keys[p].aead.Seal(append(dst, sealedVersion, g.kid), nil, plaintext, g.bound(p, aad))
}

// Unseal returns what Seal sealed. All that it tells of what does not open is
// larder.Invalid, but for the error of [Ring.Behind].
func (r *Ring) Unseal(now time.Time, p Purpose, aad string, sealed []byte) ([]byte, error) {
	if len(sealed) < Overhead || sealed[0] != sealedVersion {
		return nil, notOurs()
	}
	plaintext, err := r.unseal(now, p, aad, sealed)
	if err == nil || r.Behind == nil {
		return plaintext, err
	}
	if err := r.Behind(); err != nil {
		return nil, err
	}
	return r.unseal(now, p, aad, sealed) // with what may have been taken between the two
}

func (r *Ring) unseal(now time.Time, p Purpose, aad string, sealed []byte) ([]byte, error) {
	g := r.chain.Load().opens(sealed[1], p, now)
	if g == nil {
		return nil, notOurs()
	}
	plaintext, err := g.keys[p].aead.Open(nil, nil, sealed[2:], g.bound(p, aad))
	if err != nil {
		return nil, notOurs()
	}
	return plaintext, nil
}

// bound returns what a message of p is bound to.
func (g *generation) bound(p Purpose, aad string) []byte {
	always := g.keys[p].aad
	return append(append(make([]byte, 0, len(always)+len(aad)), always...), aad...)
}

func notOurs() error {
	return larder.Errorf(larder.Invalid, "The token is not valid.")
}

// SealString is [Ring.Seal] as a string of A-Z, a-z, 0-9, - and _, for page
// markers and the like.
func (r *Ring) SealString(p Purpose, aad string, plaintext []byte) string {
	return base64.RawURLEncoding.EncodeToString(r.Seal(nil, p, aad, plaintext))
}

// UnsealString is [Ring.Unseal] of what SealString returned.
func (r *Ring) UnsealString(now time.Time, p Purpose, aad, sealed string) ([]byte, error) {
	b, ok := Decode(sealed)
	if !ok {
		return nil, notOurs()
	}
	return r.Unseal(now, p, aad, b)
}

// Decode decodes unpadded URL-safe base64 of which there is one spelling only:
// bits that say nothing must be zero, and line breaks, which encoding/base64
// skips even when it is strict, are refused.
func Decode(s string) ([]byte, bool) {
	if strings.IndexByte(s, '\n') >= 0 || strings.IndexByte(s, '\r') >= 0 {
		return nil, false
	}
	b, err := strict().DecodeString(s)
	return b, err == nil
}

var strict = sync.OnceValue(func() *base64.Encoding { return base64.RawURLEncoding.Strict() })
