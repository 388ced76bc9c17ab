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
		return &larder.Error{Kind: larder.Unauthenticated, Code: larder.CodeMissingToken, Message: "Missing Authentication Token"}
	}
	snap, err := s.current()
	if err != nil {
		return err
	}
	who, ok := snap.principals[c.Principal.ID]
	if !ok || c.Principal.Session != nil {
		return unrecognized()
	}
	d := s.judge(snap, c, who, q)
	if q.Alternative != "" && d.Reason != policy.Forbidden {
		other := q
		other.Resource = q.Alternative
		if o := s.judge(snap, c, who, other); o.Reason == policy.Forbidden || o.Allowed {
			d, q = o, other
		}
	}
	if d.Allowed {
		return nil
	}
	return larder.Errorf(larder.Denied, "User: %s is not authorized to perform: %s on resource: %s %s",
		who.arn, q.Action, q.Resource, d.Because(q.Action))
}

// judgment is one question put to one snapshot. It is one value, which is
// used again: judging allocates nothing.
type judgment struct {
	keys     contextKeys
	request  policy.Request
	set      policy.Set
	resource [2]*policy.Policy // of the domain and of the repository
}

// judge puts q, which who asks, to the policies of snap.
func (s *Service) judge(snap *snapshot, c *Caller, who *principal, q Question) policy.Decision {
	j, ok := s.judgments.Get().(*judgment)
	if !ok {
		j = &judgment{}
	}
	defer func() {
		*j = judgment{}
		s.judgments.Put(j)
	}()
	on := snap.find(q.Resource)
	if on.domain == nil && on.account == "" {
		on.account = who.account // about no resource, or none of anybody's
	}
	sameAccount := who.account == on.account
	if on.domain != nil {
		j.resource[0] = on.domain.policy
	}
	if on.repository != nil {
		j.resource[1] = on.repository.policy
		sameAccount = sameAccount || who.account == on.repository.row.Administrator
	}
	switch q.Action {
	case "codeartifact:PutDomainPermissionsPolicy": // nobody locks himself out of a domain,
		j.resource[0] = nil
	case "codeartifact:PutRepositoryPermissionsPolicy": // nor out of a repository
		j.resource[1] = nil
	case "sts:GetServiceBearerToken": // a domain policy that names it has no effect [guide]
		clear(j.resource[:])
	}
	j.set = policy.Set{Identity: who.policies, Resource: j.resource[:], SameAccount: sameAccount}
	j.keys = contextKeys{region: s.region, caller: c, who: who, question: q, on: on}
	j.request = policy.Request{
		Action:    q.Action,
		Resource:  q.Resource,
		Principal: policy.Principal{Account: who.account, ID: who.id, ARN: who.arn, Root: who.root()},
		Keys:      &j.keys,
	}
	return policy.Decide(&j.request, &j.set)
}

// target is what an ARN names, as far as it exists.
type target struct {
	account    string // of the ARN; empty if it has none
	kind       string // of CodeArtifact's ARNs
	domain     *domain
	repository *repository
	user       *principal
}

// find reads an ARN of CodeArtifact or IAM.
func (snap *snapshot) find(arn larder.ARN) target {
	p, ok := arn.Parts()
	if !ok {
		return snap.findEntity(arn)
	}
	t := target{account: p.Repository.Domain.Owner, kind: p.Kind, domain: snap.domains[p.Repository.Domain]}
	if t.domain != nil {
		t.repository = t.domain.repositories[p.Repository.Name]
	}
	return t
}

func (snap *snapshot) findEntity(arn larder.ARN) target {
	parts := strings.SplitN(string(arn), ":", 6)
	if len(parts) < 6 {
		return target{}
	}
	t := target{account: parts[4]}
	if path, ok := strings.CutPrefix(parts[5], "user/"); ok {
		name := strings.ToLower(path[strings.LastIndexByte(path, '/')+1:])
		if u := snap.users[userName{t.account, name}]; u != nil && u.arn == string(arn) {
			t.user = u
		}
	}
	return t
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
	d, ok := snap.domains[ref.Domain]
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
	d, ok := snap.domains[ref]
	if !ok {
		return 0, meta.NoDomain(ref)
	}
	return d.row.UID, nil
}
