package identity

import (
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
)

// anySession is what a session of a role is called where nobody named one.
const anySession = "session"

// Whom returns the principal that somebody means by an ARN or a unique ID: a
// user, an account's root, a role in a session that is any or named, or a user
// of an identity provider. It fails with larder.NotFound if there is none.
func (s *Service) Whom(who string) (Principal, error) {
	snap, err := s.current()
	if err != nil {
		return Principal{}, err
	}
	if _, ok := snap.providers.get(who); ok {
		return Principal{Provider: who}, nil
	}
	p, session := snap.whom(who)
	switch {
	case p == nil, p.kind == meta.Group, session != "" && p.kind != meta.Role:
		e := larder.Errorf(larder.NotFound, "The caller %s cannot be found.", who)
		e.ID = who
		return Principal{}, e
	case p.kind != meta.Role:
		return p.principal(nil), nil
	case session == "":
		session = anySession
	}
	return p.principal(&Session{Name: session}), nil
}

// whom returns the principal that an ARN or a unique ID names, and the name
// of the session if it names one.
func (snap *snapshot) whom(who string) (p *principal, session string) {
	parts := strings.SplitN(who, ":", 6)
	if len(parts) < 6 {
		id, session, _ := strings.Cut(who, ":")
		p, _ = snap.principals.get(id)
		return p, session
	}
	account, resource := parts[4], parts[5]
	if name, ok := strings.CutPrefix(resource, "assumed-role/"); ok && parts[2] == "sts" {
		role, session, _ := strings.Cut(name, "/")
		p, _ = snap.named(account, meta.Role, role)
		return p, session
	}
	if p, _ = snap.principals.get(account); p != nil && p.arn == who {
		return p, ""
	}
	p, _ = snap.arns.get(who)
	return p, ""
}
