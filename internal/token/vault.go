package token

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/keyring"
)

// Vault seals tokens and opens them. It is safe for concurrent use.
type Vault struct {
	Keys   *keyring.Ring
	Region string           // a token of another region does not open
	Now    func() time.Time // nil: time.Now
}

const (
	prefix = "lrd_"
	sumLen = crc32.Size

	// MaxLen is how long a token is at most.
	MaxLen = len(prefix) + ((keyring.Overhead+mostBody+sumLen)*8+5)/6

	// skew is how far the clocks of nodes may be apart.
	skew = 15 * time.Minute
)

// Seal returns the token that says c. It fails on what does not fit into one:
// identifiers that we do not make, and lives of more than twelve hours.
func (v *Vault) Seal(_ context.Context, c Claims) (string, error) {
	body, err := c.encode()
	if err != nil {
		return "", fmt.Errorf("seal authorization token: %w", err)
	}
	b := make([]byte, 0, keyring.Overhead+len(body)+sumLen)
	b = v.Keys.Seal(b, keyring.Bearer, v.Region, body)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))

	s := make([]byte, len(prefix), MaxLen)
	copy(s, prefix)
	return string(base64.RawURLEncoding.AppendEncode(s, b)), nil
}

// Open returns what a token says that has not expired. A failure is
// larder.Unauthenticated, or larder.Unavailable while this node cannot tell;
// its message never has the token in it.
func (v *Vault) Open(_ context.Context, token string) (Claims, error) {
	text, ok := strings.CutPrefix(token, prefix)
	if !ok || len(token) > MaxLen {
		return Claims{}, refuse("The token is malformed.")
	}
	b, ok := keyring.Decode(text)
	if !ok || len(b) < keyring.Overhead+bodyLen+sumLen {
		return Claims{}, refuse("The token is malformed.")
	}
	sealed, sum := b[:len(b)-sumLen], binary.BigEndian.Uint32(b[len(b)-sumLen:])
	if crc32.ChecksumIEEE(sealed) != sum {
		return Claims{}, refuse("The token is malformed.")
	}
	now := v.now()
	body, err := v.Keys.Unseal(now, keyring.Bearer, v.Region, sealed)
	if larder.Unavailable.Is(err) {
		return Claims{}, err
	}
	if err != nil {
		return Claims{}, refuse("The token is not one of this registry, or it expired long ago.")
	}
	c, ok := decode(body)
	switch {
	case !ok:
		return Claims{}, refuse("The token is malformed.")
	case !now.Before(c.ExpiresAt):
		e := refuse("The token has expired.")
		e.Code = larder.CodeExpiredToken
		return Claims{}, e
	case c.IssuedAt.After(now.Add(skew)):
		return Claims{}, refuse("The token is not valid yet.")
	}
	return c, nil
}

func (v *Vault) now() time.Time {
	if v.Now != nil {
		return v.Now()
	}
	return time.Now()
}

func refuse(message string) *larder.Error {
	return &larder.Error{Kind: larder.Unauthenticated, Message: message}
}
