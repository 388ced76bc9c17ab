package identity

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"

	"larder.example/larder"
	"larder.example/larder/internal/keyring"
)

// secretRecord is what the secret of an access key is encrypted for.
func secretRecord(id, account string) keyring.Record {
	return keyring.Record{Table: "access_keys", ID: id, Account: account}
}

// SigningKey returns the secret of an access key and who it belongs to, for
// verifying a signature. It has the form of a sigv4.KeySource.
func (s *Service) SigningKey(ctx context.Context, keyID, sessionToken string) (secret string, p Principal, err error) {
	snap, err := s.current()
	if err != nil {
		return "", Principal{}, err
	}
	if strings.HasPrefix(keyID, temporaryKeyPrefix) {
		return s.temporaryKey(ctx, snap, keyID, sessionToken)
	}
	k, ok := snap.keys.get(keyID)
	if !ok || !k.active || sessionToken != "" {
		return "", Principal{}, unrecognized()
	}
	owner, ok := snap.principals.get(k.owner)
	if !ok {
		return "", Principal{}, unrecognized() // a key without its user opens nothing
	}
	secret, err = k.open(s.keys)
	return secret, owner.principal(nil), err
}

// accessKey is a long-term key. Its secret is decrypted when it first signs.
type accessKey struct {
	id, account string
	owner       string // a principal's unique ID
	active      bool
	sealed      []byte
	secret      atomic.Pointer[string]
}

func (k *accessKey) open(ring *keyring.Ring) (string, error) {
	if secret := k.secret.Load(); secret != nil {
		return *secret, nil
	}
	b, err := ring.Decrypt(secretRecord(k.id, k.account), k.sealed)
	if err != nil {
		return "", fmt.Errorf("open the secret of %s: %w", k.id, err)
	}
	secret := string(b)
	k.secret.Store(&secret)
	return secret, nil
}

func missingToken() error {
	return &larder.Error{Kind: larder.Unauthenticated, Code: larder.CodeMissingToken, Message: "Missing Authentication Token"}
}

func unrecognized() error {
	return &larder.Error{
		Kind: larder.Unauthenticated, Code: larder.CodeUnrecognizedClient,
		Message: "The security token included in the request is invalid.",
	}
}

// principal returns who p is when a session of it asks; nil is none.
func (p *principal) principal(session *Session) Principal {
	return Principal{Account: p.account, ID: p.id, ARN: p.arn, Session: session}
}

// Resume returns p, which came out of a token, as it is now. It fails with
// larder.Unauthenticated if there is no such principal any more, whoever has
// its name today.
func (s *Service) Resume(p Principal) (Principal, error) {
	snap, err := s.current()
	if err != nil {
		return Principal{}, err
	}
	now, ok := snap.asking(&p)
	if !ok {
		return Principal{}, &larder.Error{Kind: larder.Unauthenticated, Message: "The principal of this token does not exist any more."}
	}
	return now.principal(p.Session), nil
}
