package sigv4

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
	"sync"
	"time"
)

// digest is a SHA-256 whose state can be set.
type digest interface {
	hash.Hash
	encoding.BinaryAppender
	encoding.BinaryUnmarshaler
}

func newDigest() digest { return sha256.New().(digest) }

// signingKey derives the key of a scope from a secret.
func signingKey(secret string, s Scope) []byte {
	key := []byte("AWS4" + secret)
	for _, part := range []string{s.Date, s.Region, s.Service, terminator} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	return key
}

// pads is a signing key as HMAC uses it: the states of the two hashes (RFC
// 2104) after the padded key went in. It saves deriving the key and half of
// the compressions of a short message.
type pads struct{ inner, outer []byte }

func padsOf(key []byte, h digest) (pads, error) {
	state := func(pad byte) ([]byte, error) {
		var block [sha256.BlockSize]byte
		copy(block[:], key) // a signing key is shorter than a block
		for i := range block {
			block[i] ^= pad
		}
		h.Reset()
		h.Write(block[:])
		return h.AppendBinary(nil)
	}
	inner, err := state(0x36)
	if err != nil {
		return pads{}, fmt.Errorf("keep a hash state: %w", err)
	}
	outer, err := state(0x5c)
	if err != nil {
		return pads{}, fmt.Errorf("keep a hash state: %w", err)
	}
	return pads{inner, outer}, nil
}

// sign makes the signature of the string to sign.
func (d *draft) sign(p pads) error {
	if err := d.hash.UnmarshalBinary(p.inner); err != nil {
		return fmt.Errorf("restore a hash state: %w", err)
	}
	d.hash.Write(d.toSign)
	inner := d.hash.Sum(d.sum[:0])
	if err := d.hash.UnmarshalBinary(p.outer); err != nil {
		return fmt.Errorf("restore a hash state: %w", err)
	}
	d.hash.Write(inner)
	hex.Encode(d.signature[:], d.hash.Sum(d.sum[:0]))
	return nil
}

// maxKeys bounds the memory that signing keys take: about 500 bytes each.
const maxKeys = 64 << 10

// keyCache keeps signing keys for a day, which is what most of them are good
// for. The zero value is empty.
type keyCache struct {
	mu   sync.RWMutex // guards the two
	day  time.Time
	keys map[keyName]cachedKey
}

type keyName struct {
	id string
	Scope
}

type cachedKey struct {
	pads

	// secret is a hash of the secret that made the key: with another secret
	// under its name the key is not found.
	secret [sha256.Size]byte
}

// pads returns the signing key of an access key and its secret in a scope. All
// keys go when day, a midnight, is another than before.
func (k *keyCache) pads(id, secret string, s Scope, day time.Time, d *draft) (pads, error) {
	d.secret = append(d.secret[:0], secret...)
	sum := sha256.Sum256(d.secret)

	k.mu.RLock()
	have, ok := k.keys[keyName{id, s}]
	ok = ok && k.day.Equal(day)
	k.mu.RUnlock()
	if ok && subtle.ConstantTimeCompare(have.secret[:], sum[:]) == 1 {
		return have.pads, nil
	}

	p, err := padsOf(signingKey(secret, s), d.hash)
	if err != nil {
		return pads{}, err
	}
	name := keyName{strings.Clone(id), Scope{strings.Clone(s.Date), strings.Clone(s.Region), strings.Clone(s.Service)}}

	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.day.Equal(day) || k.keys == nil {
		k.day, k.keys = day, map[keyName]cachedKey{}
	}
	if _, replaced := k.keys[name]; !replaced && len(k.keys) >= maxKeys {
		for some := range k.keys {
			delete(k.keys, some)
			break
		}
	}
	k.keys[name] = cachedKey{p, sum}
	return p, nil
}
