package identity

import (
	"context"

	"larder.example/larder/internal/audit"
	"larder.example/larder/internal/meta"
)

// Shown returns p, who used an access key, as the audit trail has them.
func (s *Service) Shown(ctx context.Context, p Principal, keyID string) audit.Identity {
	f := s.Profile(p)
	shown := audit.Identity{
		Type: f.Type, PrincipalID: f.UserID, ARN: f.ARN, Account: p.Account, KeyID: keyID, UserName: f.Name,
	}
	if p.Session == nil {
		return shown
	}
	shown.Session = &audit.Session{IssuedAt: p.Session.IssuedAt}
	if f.Type == profileRole {
		shown.UserName = "" // CloudTrail has it of the role only
		shown.Session.Role = audit.Role{ID: p.ID, ARN: p.ARN, Account: p.Account, Name: f.Name}
	}
	if p.Session.Context != [contextLen]byte{} {
		// What cannot be read is not shown; whoever it limits is refused.
		if c, err := s.SessionContextOf(ctx, p.Account, p.Session.Context); err == nil {
			shown.Session.Provider, shown.Session.SourceIdentity = c.Provider, c.SourceIdentity
		}
	}
	return shown
}

// Profile is what logs and clients are shown of a principal.
type Profile struct {
	Type   string // Root, IAMUser or AssumedRole, as CloudTrail has it
	Name   string // the user's or the role's, or root
	ARN    string // of a role's session, the session's own
	UserID string // as aws:userid has it: a role's with the name of the session
}

// The types of principals, as CloudTrail has them.
const (
	profileRoot = "Root"
	profileUser = "IAMUser"
	profileRole = "AssumedRole"
)

// Profile describes p; it is empty for who does not exist.
func (s *Service) Profile(p Principal) Profile {
	snap := s.snapshot.Load()
	if snap == nil {
		return Profile{}
	}
	now, ok := snap.asking(&p)
	if !ok {
		return Profile{}
	}
	f := Profile{Type: profileUser, Name: now.name, ARN: now.arn, UserID: now.id}
	switch {
	case now.root():
		f.Type = profileRoot
	case now.kind == meta.Role:
		f.Type, f.ARN, f.UserID = profileRole, now.sessionARN(p.Session.Name), now.id+":"+p.Session.Name
	}
	return f
}
