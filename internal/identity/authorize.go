package identity

import (
	"context"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/policy"
)

// Authorize reports, as a nil error, that the policies in force now let the
// caller in ctx do what q asks. A refusal is larder.Denied in AWS's words.
func (s *Service) Authorize(ctx context.Context, q Question) error {
	c, ok := ctx.Value(callerKey{}).(*Caller)
	if !ok {
		return missingToken()
	}
	snap, err := s.current()
	if err != nil {
		return err
	}
	a, err := s.asker(ctx, snap, c)
	if err == nil {
		err = c.Principal.barred(q.Action)
	}
	if err != nil {
		return err
	}
	d, q := s.decide(snap, a, q)
	if d.Allowed {
		return nil
	}
	return s.refuse(ctx, snap, &a, q, d)
}

// decide answers q, and returns it with the resource that was decided about.
func (s *Service) decide(snap *snapshot, a asker, q Question) (policy.Decision, Question) {
	d := s.judge(snap, a, q)
	if q.Alternative != "" && d.Reason != policy.Forbidden {
		other := q
		other.Resource = q.Alternative
		if o := s.judge(snap, a, other); o.Reason == policy.Forbidden || o.Allowed {
			return o, other
		}
	}
	return d, q
}

// asker is who asks, as the snapshot has them.
type asker struct {
	*principal
	caller  *Caller
	session *narrowing // nil if the session has no context
	unknown bool       // the session's context is missing: all is denied
}

// stranger is who asks for a session and is nobody yet: a user of an identity
// provider.
var stranger = &principal{}

// asker finds who asks.
func (s *Service) asker(ctx context.Context, snap *snapshot, c *Caller) (a asker, err error) {
	p := &c.Principal
	a.caller = c
	if p.ID == "" && p.Provider != "" {
		a.principal = stranger
		return a, nil
	}
	who, ok := snap.asking(p)
	if !ok {
		return a, unrecognized()
	}
	if err := snap.honours(c); err != nil {
		return a, err
	}
	a.principal = who
	if p.Session != nil && p.Session.Context != [16]byte{} {
		a.session, ok, err = s.narrowing(ctx, who.account, p.Session.Context)
		a.unknown = !ok
	}
	return a, err
}

// honours refuses a caller whose token is not good any more, also in the
// middle of a request: it was revoked, or its domain is another by now.
func (snap *snapshot) honours(c *Caller) error {
	if c.TokenID == [8]byte{} {
		return nil
	}
	if d, ok := snap.domains.get(c.Domain); !ok || d.row.UID != c.DomainUID {
		return larder.Errorf(larder.Unauthenticated, "The token is for another domain.")
	}
	if snap.revoked(c.Principal.Account, c.TokenID, c.KeyID, c.TokenIssuedAt) {
		return larder.Errorf(larder.Unauthenticated, "The token was revoked.")
	}
	return nil
}

// judgment is one question put to one snapshot. It is one value, which is
// used again: judging allocates nothing.
type judgment struct {
	keys     contextKeys
	request  policy.Request
	set      policy.Set
	resource [2]*policy.Policy // of the domain and of the repository
	session  [4]*policy.Policy // backs the session policies
}

// judge puts q, which a asks, to the policies of snap.
func (s *Service) judge(snap *snapshot, a asker, q Question) policy.Decision {
	j, ok := s.judgments.Get().(*judgment)
	if !ok {
		j = &judgment{}
	}
	defer func() {
		*j = judgment{}
		s.judgments.Put(j)
	}()
	s.pose(j, snap, a, q)
	return policy.Decide(&j.request, &j.set)
}

// pose fills j with the question that a asks and all that is in force for it.
func (s *Service) pose(j *judgment, snap *snapshot, a asker, q Question) {
	on := snap.find(q.Resource)
	if on.domain == nil && (on.account == "" || on.account == awsAccount && looks(q.Action)) {
		on.account = a.account // about no resource, or none of anybody's; AWS's policies are everybody's to look at
	}
	j.set.SameAccount = a.account == on.account
	if on.domain != nil {
		j.resource[0] = on.domain.policy.guarding(s.log, &on.domain.row.Ref)
	}
	if on.repository != nil {
		j.resource[1] = on.repository.policy.guarding(s.log, &on.repository.row.Ref)
		j.set.SameAccount = j.set.SameAccount || a.account == on.repository.row.Administrator
	}
	switch q.Action {
	case "codeartifact:PutDomainPermissionsPolicy": // nobody locks himself out of a domain,
		j.resource[0] = nil
	case "codeartifact:PutRepositoryPermissionsPolicy": // nor out of a repository
		j.resource[1] = nil
	case "sts:GetServiceBearerToken": // a domain policy that names it has no effect [guide]
		clear(j.resource[:])
	}
	held := s.rights(snap, a.principal)
	j.set.Identity, j.set.Boundary, j.set.Resource = held.policies, held.boundary, j.resource[:]
	j.set.Session = a.policies(s, snap, j.session[:0])
	if strings.HasPrefix(q.Action, "sts:") {
		j.set.Trust = on.trust(s)
	}
	j.keys = contextKeys{region: s.region, caller: a.caller, who: a.principal, session: a.session, question: q, on: on}
	j.request = policy.Request{Action: q.Action, Resource: q.Resource, Principal: a.posed(), Keys: &j.keys}
}

// looks reports whether an action of IAM changes nothing.
func looks(action string) bool {
	return strings.HasPrefix(action, "iam:Get") || strings.HasPrefix(action, "iam:List")
}

// posed is who asks in every form in which a policy may name them.
func (a *asker) posed() policy.Principal {
	p := policy.Principal{Account: a.account, ID: a.id, ARN: a.arn, Root: a.root(), Federated: a.caller.Principal.Provider}
	if a.kind == meta.Role {
		p.Session = a.sessionARN(a.caller.Principal.Session.Name)
	}
	if a.session != nil {
		p.Federated = a.session.context.Provider
	}
	return p
}

// policies returns the session policies, in list if it has room; nil if the
// session was not narrowed. Of a session whose context is missing nobody knows
// to what it was narrowed: it may do nothing.
func (a *asker) policies(s *Service, snap *snapshot, list []*policy.Policy) []*policy.Policy {
	switch {
	case a.unknown:
		return append(list, denials[policy.Identity]())
	case a.session == nil || !a.session.narrows():
		return nil
	}
	return a.session.policies(s, snap, list)
}

// Repository is what a request must know of a repository before it is
// served.
type Repository struct {
	ID        int64 // never reused: a repository made again under the name is another
	DomainUID uint64
}

// Repository returns a repository; larder.NotFound if there is none. It
// reads the snapshot, not the database.
func (s *Service) Repository(ref larder.RepositoryRef) (Repository, error) {
	snap, err := s.current()
	if err != nil {
		return Repository{}, err
	}
	d, ok := snap.domains.get(ref.Domain)
	if !ok {
		return Repository{}, meta.NoDomain(ref.Domain)
	}
	r, ok := d.repositories[ref.Name]
	if !ok {
		return Repository{DomainUID: d.row.UID}, meta.NoRepository(ref)
	}
	return Repository{ID: r.row.ID, DomainUID: d.row.UID}, nil
}

// DomainUID returns the UID of a domain; larder.NotFound if there is none.
// It reads the snapshot, not the database.
func (s *Service) DomainUID(ref larder.DomainRef) (uint64, error) {
	snap, err := s.current()
	if err != nil {
		return 0, err
	}
	d, ok := snap.domains.get(ref)
	if !ok {
		return 0, meta.NoDomain(ref)
	}
	return d.row.UID, nil
}
