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
	c, ok := CallerFrom(ctx)
	if !ok {
		return &larder.Error{Kind: larder.Unauthenticated, Code: larder.CodeMissingToken, Message: "Missing Authentication Token"}
	}
	snap, err := s.current()
	if err != nil {
		return err
	}
	d, who, err := s.decide(snap, &c, &q)
	if q.Alternative != "" && err == nil && d.Reason != policy.Forbidden {
		other := q
		other.Resource = q.Alternative
		if o, _, _ := s.decide(snap, &c, &other); o.Reason == policy.Forbidden || o.Allowed {
			d = o
		}
	}
	if err != nil || d.Allowed {
		return err
	}
	return larder.Errorf(larder.Denied, "User: %s is not authorized to perform: %s on resource: %s %s",
		who.arn, q.Action, q.Resource, d.Because(q.Action))
}

// decide puts q to the policies of snap.
func (s *Service) decide(snap *snapshot, c *Caller, q *Question) (policy.Decision, *principal, error) {
	who, ok := snap.principals[c.Principal.ID]
	if !ok || c.Principal.Session != nil {
		return policy.Decision{}, nil, unrecognized()
	}
	on := snap.find(q.Resource)
	if on.domain == nil && on.account == "" {
		on.account = who.account // about no resource, or none of anybody's
	}
	set := policy.Set{
		Identity:    who.policies,
		SameAccount: who.account == on.account,
	}
	var resource [2]*policy.Policy
	if on.domain != nil && q.Action != "codeartifact:PutDomainPermissionsPolicy" {
		resource[0] = on.domain.policy // nobody locks himself out of a domain
	}
	if on.repository != nil {
		set.SameAccount = set.SameAccount || who.account == on.repository.row.Administrator
		if q.Action != "codeartifact:PutRepositoryPermissionsPolicy" {
			resource[1] = on.repository.policy
		}
	}
	set.Resource = resource[:]
	if q.Action == "sts:GetServiceBearerToken" {
		set.Resource = nil // a domain policy that names it has no effect [guide]
	}
	return policy.Decide(&policy.Request{
		Action:   q.Action,
		Resource: q.Resource,
		Principal: policy.Principal{
			Account: who.account, ID: who.id, ARN: who.arn, Root: who.root(),
		},
		Keys: &contextKeys{service: s, caller: c, who: who, question: q, on: on},
	}, &set), who, nil
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
