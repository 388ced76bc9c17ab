package identity

import (
	"context"

	"larder.example/larder"
	"larder.example/larder/internal/keyring"
)

// secretRecord is what the secret of an access key is encrypted for.
func secretRecord(id, account string) keyring.Record {
	return keyring.Record{Table: "access_keys", ID: id, Account: account}
}

// SigningKey returns the secret of a long-term access key and who it belongs
// to, for verifying a signature. It has the form of a sigv4.KeySource.
func (s *Service) SigningKey(_ context.Context, keyID, sessionToken string) (secret string, p Principal, err error) {
	snap, err := s.current()
	if err != nil {
		return "", Principal{}, err
	}
	k, ok := snap.keys[keyID]
	if !ok || !k.active || sessionToken != "" {
		return "", Principal{}, unrecognized()
	}
	return k.secret, k.owner.principal(), nil
}

func unrecognized() error {
	return &larder.Error{
		Kind: larder.Unauthenticated, Code: larder.CodeUnrecognizedClient,
		Message: "The security token included in the request is invalid.",
	}
}

func (p *principal) principal() Principal {
	return Principal{Account: p.account, ID: p.id, ARN: p.arn}
}

// Resume returns p, which came out of a token, as it is now. It fails with
// larder.Unauthenticated if there is no such principal any more, whoever has
// its name today.
func (s *Service) Resume(p Principal) (Principal, error) {
	snap, err := s.current()
	if err != nil {
		return Principal{}, err
	}
	now, ok := snap.principals[p.ID]
	if !ok || now.account != p.Account || p.Session != nil {
		return Principal{}, &larder.Error{Kind: larder.Unauthenticated, Message: "The principal of this token does not exist any more."}
	}
	return now.principal(), nil
}

// Profile is what logs and clients are shown of a principal.
type Profile struct {
	Type string // Root or IAMUser, as CloudTrail has it
	Name string // the user's, or root
}

// Profile describes p; it is empty for who does not exist.
func (s *Service) Profile(p Principal) Profile {
	snap := s.snapshot.Load()
	if snap == nil {
		return Profile{}
	}
	now, ok := snap.principals[p.ID]
	switch {
	case !ok:
		return Profile{}
	case now.root():
		return Profile{Type: "Root", Name: now.name}
	}
	return Profile{Type: "IAMUser", Name: now.name}
}
