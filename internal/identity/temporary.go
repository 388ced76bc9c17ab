package identity

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"strings"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/keyring"
)

// Credentials are temporary credentials of a session. Nothing is stored of
// them: the secret is derived from the key's ID, and the token is the session
// itself, sealed.
type Credentials struct {
	KeyID, Secret, Token string
	ExpiresAt            time.Time
}

// SessionTokenPrefix marks session tokens for those who look for leaked
// secrets.
const SessionTokenPrefix = "lrs_"

// What is sealed, in big-endian order, of times the seconds of 1970:
//
//	issued(4) · expires(4) · context(16) · account(12) · unique ID "/" name
//
// It is bound to the region and to the key's ID.
const (
	contextLen = 16
	accountLen = 12
	fixedLen   = 4 + 4 + contextLen + accountLen

	mostSession = fixedLen + 21 + 1 + 64 // unique ID, slash, name
)

// maxToken is how long a session token is at most.
const maxToken = len(SessionTokenPrefix) + ((keyring.Overhead+mostSession)*8+5)/6

// issue makes credentials for p's session.
func (s *Service) issue(p Principal) (Credentials, error) {
	id, err := s.newKeyID(temporaryKeyPrefix, p.Account)
	if err != nil {
		return Credentials{}, err
	}
	b := make([]byte, 0, mostSession)
	b = binary.BigEndian.AppendUint32(b, uint32(p.Session.IssuedAt.Unix()))
	b = binary.BigEndian.AppendUint32(b, uint32(p.Session.ExpiresAt.Unix()))
	b = append(b, p.Session.Context[:]...)
	b = append(b, p.Account+p.ID+"/"+p.Session.Name...)
	return Credentials{
		KeyID: id, Secret: s.sessionSecret(id),
		Token:     SessionTokenPrefix + s.keys.SealString(keyring.SessionToken, s.boundTo(id), b),
		ExpiresAt: p.Session.ExpiresAt,
	}, nil
}

// sessionSecret returns the secret of a temporary key: 40 characters of
// base64, as that of any other.
func (s *Service) sessionSecret(keyID string) string {
	sum := s.keys.Derive(keyring.SessionSecret, keyID)
	return base64.StdEncoding.EncodeToString(sum[:30])
}

func (s *Service) boundTo(keyID string) string { return s.region + "/" + keyID }

// openSession returns the principal whose session a token is. It checks what
// can be told from the token alone: that it is ours and belongs to this key,
// and that it has not expired.
func (s *Service) openSession(keyID, token string) (Principal, error) {
	sealed, ok := strings.CutPrefix(token, SessionTokenPrefix)
	if !ok || len(token) > maxToken {
		return Principal{}, unrecognized()
	}
	now := s.now()
	b, err := s.keys.UnsealString(now, keyring.SessionToken, s.boundTo(keyID), sealed)
	if larder.Unavailable.Is(err) {
		return Principal{}, err
	}
	if err != nil || len(b) < fixedLen {
		return Principal{}, unrecognized()
	}
	id, name, _ := strings.Cut(string(b[fixedLen:]), "/")
	p := Principal{Account: string(b[fixedLen-accountLen : fixedLen]), ID: id, Session: &Session{
		Name:      name,
		IssuedAt:  time.Unix(int64(binary.BigEndian.Uint32(b)), 0).UTC(),
		ExpiresAt: time.Unix(int64(binary.BigEndian.Uint32(b[4:])), 0).UTC(),
		Context:   [contextLen]byte(b[8:]),
	}}
	if !now.Before(p.Session.ExpiresAt) {
		return Principal{}, &larder.Error{
			Kind: larder.Unauthenticated, Code: larder.CodeExpiredToken,
			Message: "The security token included in the request is expired", // AWS STS: no full stop
		}
	}
	return p, nil
}

// temporaryKey is SigningKey for temporary credentials. A token that is
// missing, or another session's, is answered as an unknown key is, and so is
// the session of somebody who is not there any more, whoever has the name
// today; that it has expired is said first (all as AWS STS).
func (s *Service) temporaryKey(ctx context.Context, snap *snapshot, keyID, token string) (string, Principal, error) {
	p, err := s.openSession(keyID, token)
	if err != nil {
		return "", Principal{}, err
	}
	who, ok := snap.asking(&p)
	if !ok {
		return "", Principal{}, unrecognized()
	}
	if p.Session.Context != [contextLen]byte{} {
		if _, err := s.SessionContextOf(ctx, p.Account, p.Session.Context); err != nil {
			return "", Principal{}, err
		}
	}
	return s.sessionSecret(keyID), who.principal(p.Session), nil
}

// session begins a session of p.
func (s *Service) session(p Principal, name string, d time.Duration, contextID [contextLen]byte) Principal {
	now := s.now().UTC().Truncate(time.Second)
	p.Session = &Session{Name: name, IssuedAt: now, ExpiresAt: now.Add(d), Context: contextID}
	return p
}

// Lives of sessions of GetSessionToken (AWS STS).
const (
	defaultSessionToken = 12 * time.Hour
	mostRootSession     = time.Hour
)

// SessionToken returns temporary credentials of the caller himself, for some
// time; 0 is the default. They need no permission, and must be asked for with
// long-term ones.
func (s *Service) SessionToken(ctx context.Context, d time.Duration) (Credentials, error) {
	c, ok := CallerFrom(ctx)
	if !ok {
		return Credentials{}, missingToken()
	}
	if c.Principal.Session != nil {
		return Credentials{}, larder.Errorf(larder.Denied, "Cannot call GetSessionToken with session credentials")
	}
	if d == 0 {
		d = defaultSessionToken
	}
	if c.Principal.Root() {
		d = min(d, mostRootSession)
	}
	return s.issue(s.session(c.Principal, "", d, [contextLen]byte{}))
}

// barred refuses what the credentials of GetSessionToken cannot be used for
// without a second factor: IAM, whatever the policies say, and of STS all
// but what is named here. AWS answers for IAM as if it did not know the key.
func (p *Principal) barred(action string) error {
	if p.Session == nil || p.Session.Name != "" {
		return nil
	}
	service, name, _ := strings.Cut(action, ":")
	switch {
	case service == "iam":
		return unrecognized()
	case service != "sts", name == "AssumeRole", name == "TagSession", name == "SetSourceIdentity", name == "GetServiceBearerToken":
		return nil
	}
	return larder.Errorf(larder.Denied, "Cannot call %s with session credentials", name)
}

// AccountOfKey returns the account in which an access key was made, by its ID
// alone.
func AccountOfKey(id string) (string, error) {
	account, ok := accountIn(id)
	if !ok {
		return "", larder.Errorf(larder.Invalid, "The access key ID %s is malformed.", id)
	}
	return account, nil
}
