package identity

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/policy"
)

// Refusal is why the policies in force refused something. It is behind the
// error that [Service.Authorize] returns, for logs and audit records.
type Refusal struct {
	Caller   Caller
	Question Question // with the resource that was decided about
	Decision policy.Decision
	By       Origin // of the policy that decided; zero if none did
}

// RefusalOf returns the refusal behind an error; nil if there is none.
func RefusalOf(err error) *Refusal {
	var r *Refusal
	if !errors.As(err, &r) {
		return nil
	}
	return r
}

// Error says which statement refused, for operators.
func (r *Refusal) Error() string {
	if r.Decision.Policy == nil {
		return "no " + r.Decision.Source.String() + " allows it"
	}
	st := r.Decision.Policy.Statement(r.Decision.Statement)
	return fmt.Sprintf("denied by statement %d %q at line %d, column %d of %s", r.Decision.Statement+1, st.Sid, st.Start.Line, st.Start.Column, r.By)
}

// SessionContext names what the caller's session was narrowed to, in
// hexadecimal; empty if it was not.
func (r *Refusal) SessionContext() string {
	s := r.Caller.Principal.Session
	if s == nil || s.Context == [16]byte{} {
		return ""
	}
	return hex.EncodeToString(s.Context[:])
}

// refuse returns AWS's access-denied sentence, and tells who watches. STS
// gives no reason for sessions that it refuses, and web identities are not
// named (AWS STS). An explicit deny names the managed policy that it is in, as
// AWS does.
func (s *Service) refuse(ctx context.Context, snap *snapshot, a *asker, q Question, d policy.Decision) error {
	r := &Refusal{Caller: *a.caller, Question: q, Decision: d}
	if d.Policy != nil {
		on := snap.find(q.Resource)
		r.By = s.origin(snap, a, &on, d.Source, d.Index)
	}
	if s.Refused != nil {
		s.Refused(ctx, r)
	}
	reason := " " + d.Because(q.Action)
	if r.By.ARN != "" {
		reason += ": " + r.By.ARN
	}
	if q.Action == actionAssume || q.Action == actionTag || q.Action == actionSource {
		reason = ""
	}
	e := larder.Errorf(larder.Denied, "User: %s is not authorized to perform: %s on resource: %s%s", a.shown(), q.Action, q.Resource, reason)
	if a.principal == stranger {
		e.Message = "Not authorized to perform " + q.Action
	}
	e.Err = r
	return e
}

// shown is what messages call who asks: a session by its own ARN.
func (a *asker) shown() string {
	if a.kind == meta.Role {
		return a.sessionARN(a.caller.Principal.Session.Name)
	}
	return a.arn
}

// Origin is where a policy is in force.
type Origin struct {
	Holder string // the ARN of what it is on: a user, role, group or session, a domain or a repository
	Name   string // empty for a managed policy, and for what a resource has one of
	ARN    string // of a managed policy; else empty

	// Accounts are those that put it there or may: of a repository's, who
	// administers it besides the domain's owner.
	Accounts []string
}

func (o Origin) String() string {
	switch {
	case o.ARN != "":
		return o.ARN + " on " + o.Holder
	case o.Name != "":
		return "policy " + o.Name + " of " + o.Holder
	}
	return "the policy of " + o.Holder
}

// origin returns where the policy is in force that stands at a place of a
// source's list, as pose lists them.
func (s *Service) origin(snap *snapshot, a *asker, on *target, from policy.Source, at int) Origin {
	var o Origin
	switch from {
	case policy.FromIdentity:
		o = snap.attachment(a.principal, at)
	case policy.FromBoundary:
		o.Holder, o.ARN = a.arn, a.boundary
	case policy.FromSession:
		o.Holder, o.Name = a.shown(), "session policy"
		if !a.unknown && at >= len(a.session.inline) {
			o.Name, o.ARN = "", a.session.context.PolicyARNs[at-len(a.session.inline)]
		}
	case policy.FromResource:
		return s.originOnResource(on, at)
	}
	o.Accounts = []string{a.account}
	return o
}

// attachment returns where the policy is attached that stands at a place of
// who's rights.
func (snap *snapshot) attachment(who *principal, at int) (o Origin) {
	snap.attachments(who, func(holder *principal, p inlinePolicy, arn string) {
		if at == 0 {
			o = Origin{Holder: holder.arn, Name: p.name, ARN: arn}
		}
		at--
	})
	return o
}

func (s *Service) originOnResource(on *target, at int) Origin {
	o := Origin{Accounts: []string{on.account}}
	switch at {
	case 0:
		o.Holder = string(on.domain.row.Ref.ARN(s.region))
	case 1:
		o.Holder = string(on.repository.row.Ref.ARN(s.region))
		o.Accounts = append(o.Accounts, on.repository.row.Administrator)
	default:
		o.Holder, o.Name = on.entity.arn, "trust policy"
	}
	return o
}
