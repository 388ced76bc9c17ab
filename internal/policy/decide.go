package policy

import "larder.example/larder"

// Request is what somebody wants to do.
type Request struct {
	Action    string     // "codeartifact:ReadFromRepository"; case does not count
	Resource  larder.ARN // or "*" for what is about no resource
	Principal Principal
	Keys      Keys // nil: no keys
}

// Set is everything that is in force for one request. Nil policies in its
// lists hold no statement.
type Set struct {
	// Identity is what is attached to the user and its groups, or to the
	// role.
	Identity []*Policy

	// Boundary is the permissions boundary; nil if there is none.
	Boundary *Policy

	// Session is what the session was narrowed to: together they allow what
	// any of them allows. Nil if it was not; empty, it allows nothing.
	Session []*Policy

	// Resource is what is attached to the resource and, for a repository or
	// a package, to its domain.
	Resource []*Policy

	// Trust is the trust policy if the resource is a role to be assumed. An
	// identity policy alone then is never enough.
	Trust *Policy

	// SameAccount says that the resource belongs to the principal's account,
	// as owner of the domain or as administrator of the repository, or that
	// the request is about no resource.
	SameAccount bool
}

// Source is the sort of policy that a decision rests on.
type Source uint8

// The sources. A trust policy is resource-based.
const (
	FromIdentity Source = iota
	FromResource
	FromBoundary
	FromSession
)

// Reason is why a request is allowed or not.
type Reason uint8

// The reasons.
const (
	Silent    Reason = iota // denied, as no policy of the source allows it
	Forbidden               // denied by a statement of the source
	Granted                 // allowed by the source
)

// Decision is the answer to a request.
type Decision struct {
	Allowed bool
	Reason  Reason
	Source  Source

	// Policy and Statement are the statement that decided; nil and -1 if
	// none did: nothing allows, or the root user needs no permission. Index
	// is the policy's place in the set's list of the source; a trust policy
	// stands behind those of the resource.
	Policy    *Policy
	Index     int
	Statement int
}

// Name returns IAM's word for the decision: allowed, explicitDeny or
// implicitDeny.
func (d Decision) Name() string {
	switch {
	case d.Allowed:
		return "allowed"
	case d.Reason == Forbidden:
		return "explicitDeny"
	}
	return "implicitDeny"
}

// Because returns the end of AWS's access-denied sentence, "User: ... is not
// authorized to perform: ... on resource: ...". It is empty if the action is
// allowed.
func (d Decision) Because(action string) string {
	switch d.Reason {
	case Silent:
		return "because no " + d.Source.String() + " allows the " + action + " action"
	case Forbidden:
		article := "a "
		if d.Source == FromIdentity {
			article = "an "
		}
		return "with an explicit deny in " + article + d.Source.String()
	default:
		return ""
	}
}

// String returns what AWS's messages call policies of the source.
func (s Source) String() string {
	return [...]string{"identity-based policy", "resource-based policy", "permissions boundary", "session policy"}[s]
}

// Decide reports whether the policies in s let r pass, and why.
func Decide(r *Request, s *Set) Decision {
	e := evaluation{request: r, set: s, keys: r.Keys}
	return e.decide()
}

// decide asks every source and weighs their answers in the order of the IAM
// User Guide, policy evaluation logic.
func (e *evaluation) decide() Decision {
	if e.keys == nil {
		e.keys = Values(nil)
	}
	a := action{name: e.request.Action}
	var identity, resource, boundary, session verdict
	s := e.set
	e.judgeAll(FromIdentity, s.Identity, &a, &identity)
	e.judgeAll(FromResource, s.Resource, &a, &resource)
	if s.Trust != nil {
		e.at = len(s.Resource)
		e.judge(FromResource, s.Trust, &a, &resource)
	}
	if s.Boundary != nil {
		e.at = 0
		e.judge(FromBoundary, s.Boundary, &a, &boundary)
	}
	e.judgeAll(FromSession, s.Session, &a, &session)
	if e.denied {
		return e.denial
	}

	named := resource.granted
	own := identity.granted != 0 || e.request.Principal.Root
	limit, withheld := FromBoundary, s.Boundary != nil && boundary.granted == 0
	if !withheld {
		limit, withheld = FromSession, s.Session != nil && session.granted == 0
	}
	switch {
	case e.request.Principal.Account == "": // has no policies of its own
		if named&direct == 0 {
			return silent(FromResource)
		}
		return resource.grant(FromResource)
	case s.SameAccount && named&direct != 0, s.SameAccount && named&limited != 0 && !withheld:
		return resource.grant(FromResource)
	case !own && (!s.SameAccount || named&limited == 0):
		return silent(FromIdentity)
	case withheld:
		return silent(limit)
	case named == 0 && (!s.SameAccount || s.Trust != nil):
		return silent(FromResource)
	}
	return identity.grant(FromIdentity)
}

func silent(s Source) Decision {
	return Decision{Reason: Silent, Source: s, Statement: -1}
}

func (v *verdict) grant(s Source) Decision {
	d := Decision{Allowed: true, Reason: Granted, Source: s, Policy: v.policy, Index: v.at, Statement: v.statement}
	if v.policy == nil {
		d.Statement = -1
	}
	return d
}
