package identity

import (
	"context"

	"larder.example/larder/internal/policy"
)

// rights is what is attached to a principal, compiled, as of a generation of
// groups and managed policies.
type rights struct {
	generation uint64
	policies   []*policy.Policy // in the order of attachments
	boundary   *policy.Policy
}

// rights returns what is attached to who. It is made when somebody asks: of
// many users few do.
func (s *Service) rights(snap *snapshot, who *principal) *rights {
	if r := who.compiled.Load(); r != nil && r.generation == snap.generation {
		return r
	}
	r := &rights{generation: snap.generation}
	snap.attachments(who, func(holder *principal, p inlinePolicy, arn string) {
		if arn == "" {
			r.policies = append(r.policies, p.program.policy(s.log, holder.arn, p.name))
			return
		}
		r.policies = append(r.policies, s.managedFor(snap, holder, arn))
	})
	if who.boundary != "" {
		r.boundary = s.managedFor(snap, who, who.boundary)
	}
	who.compiled.Store(r)
	return r
}

// attachments hands what is attached to who and to its groups to fn, in the
// one order in which it is judged: inline policies, then managed ones by ARN.
func (snap *snapshot) attachments(who *principal, fn func(holder *principal, p inlinePolicy, arn string)) {
	each := func(holder *principal) {
		for _, p := range holder.inline {
			fn(holder, p, "")
		}
		for _, arn := range holder.attached {
			fn(holder, inlinePolicy{}, arn)
		}
	}
	each(who)
	for _, id := range who.groups {
		if group, ok := snap.principals.get(id); ok {
			each(group)
		}
	}
}

// managedFor is managed, and says of whom a policy is missing.
func (s *Service) managedFor(snap *snapshot, holder *principal, arn string) *policy.Policy {
	p, ok := s.managed(snap, arn)
	if !ok {
		s.log.WarnContext(context.Background(), "a managed policy is missing and so denies everything", "holder", holder.arn, "policy", arn)
	}
	return p
}

// managed returns the managed policy of an ARN: an account's, or one of AWS's.
// One that nobody knows may forbid anything: it denies everything.
func (s *Service) managed(snap *snapshot, arn string) (*policy.Policy, bool) {
	if p, ok := snap.policies.get(arn); ok {
		return p.program.policy(s.log, arn, "default version"), true
	}
	if document, ok := managedDocument(arn); ok {
		return s.programs.of(policy.Identity, document).policy(s.log, arn, "AWS managed policy"), true
	}
	return denials[policy.Identity](), false
}
