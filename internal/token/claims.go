package token

import (
	"crypto/rand"
	"encoding/binary"
	"hash/crc32"
	"strings"
	"time"

	"larder.example/larder/internal/identity"
)

// Claims is what a token says.
type Claims struct {
	// Principal comes out of a token without its ARN.
	Principal identity.Principal

	// DomainUID names the domain, whose name may come to mean another one.
	DomainUID   uint64
	DomainOwner string // its account

	IssuedAt, ExpiresAt time.Time // in whole seconds, at most twelve hours apart

	KeyID string  // the access key that asked for the token: AKIA... or ASIA...
	ID    [8]byte // by which it can be revoked; see [NewID]
}

// NewID returns a random ID.
func NewID() (id [8]byte) {
	rand.Read(id[:]) // never fails: crypto/rand ends the process instead
	return id
}

// audited begins the key ids that AWS gives to service bearer tokens.
const audited = "ABIA"

// AuditID is what the audit trail calls a token of this ID: the id of an
// access key that nobody has. [ParseAuditID] reads the ID from it.
func (c Claims) AuditID() string {
	var b [len(c.ID) + 2]byte
	copy(b[:], c.ID[:])
	binary.BigEndian.PutUint16(b[len(c.ID):], checksum(c.ID))
	var text [len(audited) + idLen]byte
	return string(unpack(append(text[:0], audited...), b[:], idLen))
}

// ParseAuditID returns the ID of the token that AuditID called so, and false
// for what it never returns, such as a mistyped one.
func ParseAuditID(audit string) (id [8]byte, ok bool) {
	digits, ok := strings.CutPrefix(audit, audited)
	if !ok || len(digits) != idLen {
		return id, false
	}
	b, ok := pack(nil, digits)
	if !ok || binary.BigEndian.Uint16(b[len(id):]) != checksum([8]byte(b)) {
		return id, false
	}
	return [8]byte(b), true
}

// String returns the AuditID.
func (c Claims) String() string { return c.AuditID() }

func checksum(id [8]byte) uint16 { return uint16(crc32.ChecksumIEEE(id[:]) >> 16) }
