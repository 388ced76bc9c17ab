package token

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"larder.example/larder/internal/identity"
)

// What is encrypted, in big-endian order:
//
//	flags(1) · account(5) · unique ID(11) · domain owner(5) · domain UID(8)
//	· issued(4) · lifetime(2) · access key(10) · ID(8)
//	of a session also: · issued(4) · expires(4) [· context(16)] · name(0..64)
//
// Times are in seconds, of 1970 where they are points. A user's token is short
// enough for the curl that breaks at 128 characters.
const (
	bodyLen    = 1 + 5 + 11 + 5 + 8 + 4 + 2 + 10 + 8
	sessionLen = 4 + 4
	contextLen = 16
	mostName   = 64

	mostBody = bodyLen + sessionLen + contextLen + mostName

	accountLen = 12
	mostText   = 2*accountLen + 4 + entityLen + 4 + idLen + mostName // of all strings
)

// The flags.
const (
	flagUser = 1 << iota
	flagRole // neither: root
	flagTemporaryKey
	flagSession
	flagContext
	flagsEnd
)

// longest is how long a token may live: its key is kept no longer.
const longest = 12 * time.Hour

// The letters that identifiers begin with, as AWS has them.
const (
	userPrefix         = "AIDA"
	rolePrefix         = "AROA"
	longTermKeyPrefix  = "AKIA"
	temporaryKeyPrefix = "ASIA"
)

// encode returns what is encrypted, or says what does not fit.
func (c Claims) encode() ([]byte, error) {
	b := append(make([]byte, 0, mostBody), 0)
	b, ok := appendAccount(b, c.Principal.Account)
	if !ok {
		return nil, fmt.Errorf("account %q is not twelve digits", c.Principal.Account)
	}
	b, entity, ok := appendEntity(b, c.Principal)
	if !ok {
		return nil, fmt.Errorf("principal %q is no unique ID", c.Principal.ID)
	}
	b, ok = appendAccount(b, c.DomainOwner)
	if !ok {
		return nil, fmt.Errorf("domain owner %q is not twelve digits", c.DomainOwner)
	}
	b = binary.BigEndian.AppendUint64(b, c.DomainUID)
	b, ok = appendTime(b, c.IssuedAt)
	lifetime := c.ExpiresAt.Unix() - c.IssuedAt.Unix()
	if !ok || lifetime <= 0 || lifetime > int64(longest/time.Second) {
		return nil, fmt.Errorf("it cannot live from %v to %v", c.IssuedAt, c.ExpiresAt)
	}
	b = binary.BigEndian.AppendUint16(b, uint16(lifetime))
	b, key, ok := appendKey(b, c.KeyID)
	if !ok {
		return nil, fmt.Errorf("%q is no access key id", c.KeyID)
	}
	if c.ID == [8]byte{} {
		return nil, errors.New("it has no ID")
	}
	b = append(b, c.ID[:]...)
	b, session, err := appendSession(b, c.Principal.Session)
	b[0] = entity | key | session
	return b, err
}

func appendAccount(b []byte, account string) ([]byte, bool) {
	if len(account) != accountLen {
		return b, false
	}
	var n uint64
	for i := range len(account) {
		d := account[i] - '0'
		if d > 9 {
			return b, false
		}
		n = n*10 + uint64(d)
	}
	return append(b, byte(n>>32), byte(n>>24), byte(n>>16), byte(n>>8), byte(n)), true
}

func appendEntity(b []byte, p identity.Principal) ([]byte, byte, bool) {
	if p.Root() {
		return append(b, make([]byte, packed(entityLen))...), 0, true
	}
	flag := byte(flagUser)
	digits, ok := strings.CutPrefix(p.ID, userPrefix)
	if !ok {
		flag = flagRole
		digits, ok = strings.CutPrefix(p.ID, rolePrefix)
	}
	if !ok || len(digits) != entityLen {
		return b, 0, false
	}
	b, ok = pack(b, digits)
	return b, flag, ok
}

func appendKey(b []byte, id string) ([]byte, byte, bool) {
	flag := byte(0)
	digits, ok := strings.CutPrefix(id, longTermKeyPrefix)
	if !ok {
		flag = flagTemporaryKey
		digits, ok = strings.CutPrefix(id, temporaryKeyPrefix)
	}
	if !ok || len(digits) != idLen {
		return b, 0, false
	}
	b, ok = pack(b, digits)
	return b, flag, ok
}

func appendSession(b []byte, s *identity.Session) ([]byte, byte, error) {
	if s == nil {
		return b, 0, nil
	}
	b, issued := appendTime(b, s.IssuedAt)
	b, expires := appendTime(b, s.ExpiresAt)
	if !issued || !expires {
		return b, 0, fmt.Errorf("its session cannot live from %v to %v", s.IssuedAt, s.ExpiresAt)
	}
	flags := byte(flagSession)
	if s.Context != [contextLen]byte{} {
		flags |= flagContext
		b = append(b, s.Context[:]...)
	}
	if len(s.Name) > mostName {
		return b, 0, fmt.Errorf("its session's name has %d bytes", len(s.Name))
	}
	return append(b, s.Name...), flags, nil
}

// appendTime appends the seconds of t. The zero time is zero.
func appendTime(b []byte, t time.Time) ([]byte, bool) {
	var s int64
	if !t.IsZero() {
		s = t.Unix()
		if s <= 0 || s > math.MaxUint32 {
			return b, false
		}
	}
	return binary.BigEndian.AppendUint32(b, uint32(s)), true
}

// decode reads what encode returned, and reports false for anything else.
func decode(b []byte) (Claims, bool) {
	if len(b) < bodyLen || len(b) > mostBody || b[0] >= flagsEnd {
		return Claims{}, false
	}
	flags, r := b[0], reader(b[1:])
	var text [mostText]byte // all strings are parts of one: an allocation each would be a fifth of the time
	t := appendDigits(text[:0], r.next(5))
	t = appendID(t, flags, r.next(packed(entityLen)))
	owner := len(t)
	t = appendDigits(t, r.next(5))
	c := Claims{
		DomainUID: binary.BigEndian.Uint64(r.next(8)),
		IssuedAt:  r.time(),
	}
	c.ExpiresAt = c.IssuedAt.Add(time.Duration(binary.BigEndian.Uint16(r.next(2))) * time.Second)
	key := len(t)
	t = appendKeyID(t, flags, r.next(packed(idLen)))
	c.ID = [8]byte(r.next(8))
	name := len(t)
	session, ok := r.session(flags)
	if !ok {
		return Claims{}, false
	}
	t = append(t, r...)

	all := string(t)
	c.Principal = identity.Principal{Account: all[:accountLen], ID: all[accountLen:owner], Session: session}
	c.DomainOwner = all[owner:key]
	c.KeyID = all[key:name]
	if session != nil {
		session.Name = all[name:]
	}
	return c, true
}

// appendDigits appends the digits of an account.
func appendDigits(t, b []byte) []byte {
	n := uint64(b[0])<<32 | uint64(binary.BigEndian.Uint32(b[1:]))
	var digits [accountLen]byte
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i], n = byte('0'+n%10), n/10
	}
	return append(t, digits[:]...)
}

// appendID appends the unique ID of the principal whose account is in t.
func appendID(t []byte, flags byte, digits []byte) []byte {
	switch {
	case flags&flagUser != 0:
		return unpack(append(t, userPrefix...), digits, entityLen)
	case flags&flagRole != 0:
		return unpack(append(t, rolePrefix...), digits, entityLen)
	default:
		return append(t, t...)
	}
}

func appendKeyID(t []byte, flags byte, digits []byte) []byte {
	prefix := longTermKeyPrefix
	if flags&flagTemporaryKey != 0 {
		prefix = temporaryKeyPrefix
	}
	return unpack(append(t, prefix...), digits, idLen)
}

// reader is what is left to read. Whoever calls next knows that there is
// enough.
type reader []byte

func (r *reader) next(n int) []byte {
	b := (*r)[:n]
	*r = (*r)[n:]
	return b
}

func (r *reader) time() time.Time {
	s := binary.BigEndian.Uint32(r.next(4))
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(int64(s), 0).UTC()
}

// session reads a session, if there is one, up to its name, and reports false
// if what is left is not the length for it.
func (r *reader) session(flags byte) (*identity.Session, bool) {
	if flags&flagSession == 0 {
		return nil, len(*r) == 0 && flags&flagContext == 0
	}
	need := sessionLen
	if flags&flagContext != 0 {
		need += contextLen
	}
	if len(*r) < need || len(*r) > need+mostName {
		return nil, false
	}
	s := &identity.Session{IssuedAt: r.time(), ExpiresAt: r.time()}
	if flags&flagContext != 0 {
		s.Context = [contextLen]byte(r.next(contextLen))
	}
	return s, true
}
