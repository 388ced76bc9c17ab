package audit

import (
	"context"
	"net/netip"
	"time"
)

// Event is what is known about one request, or about what happened without
// one.
type Event struct {
	ID      string // the request ID that the client sees
	At      time.Time
	Service string // codeartifact, iam, sts: the eventSource without its domain
	Name    string // the operation, or for a package request its action, without the service
	Read    bool   // changes nothing

	Caller Identity
	Addr   netip.Addr // after trusted proxies
	Secure bool       // came over TLS
	Agent  string

	// HTTP is set for package requests: the method and the path without
	// what may be secret.
	Method, Path string

	Target Target
	Detail map[string]any // what was asked for beside the target, by the parameter's name
	Params any            // the bound input of an operation that has no target

	// Response is what the answer made, without what is secret of it; nil
	// says nothing. It is written only if nothing failed.
	Response any

	// Details say what happened that nobody asked for: CloudTrail's
	// serviceEventDetails. Nil for a request.
	Details any

	TokenID string // which authorization token was made or used: ABIA...

	// Refusal is why policies refused it; nil if they did not.
	Refusal *Refusal

	Status        int
	Bytes         int64
	Code, Message string // of the error that was answered
	Err           error  // what is behind it, for the log only
}

// Identity is CloudTrail's userIdentity.
type Identity struct {
	Type        string // Root, IAMUser, AssumedRole, WebIdentityUser
	PrincipalID string
	ARN         string
	Account     string
	KeyID       string
	UserName    string
	Provider    string   // of a WebIdentityUser
	Session     *Session // of temporary credentials
}

// Refusal is the decision behind an access denied, as ExplainDecision of the
// service larder tells it. What no statement decided has no policy.
type Refusal struct {
	Action         string `json:"action"`
	Resource       string `json:"resource"`
	Decision       string `json:"decision"`
	PolicyType     string `json:"policyType"`
	Policy         string `json:"policy,omitempty"` // the name or, of a managed policy, the ARN
	AttachedTo     string `json:"attachedTo,omitempty"`
	Statement      int    `json:"statement,omitempty"` // counted from one
	Sid            string `json:"sid,omitempty"`
	SessionContext string `json:"sessionContext,omitempty"` // what ExplainDecision must be told of the session
}

// Session is CloudTrail's sessionContext.
type Session struct {
	IssuedAt       time.Time
	Role           Role   // zero if the session is a user's own
	Provider       string // that vouched for the session
	SourceIdentity string
}

// Role is whose session it is: CloudTrail's sessionIssuer.
type Role struct{ ID, ARN, Account, Name string }

// Target is what a CodeArtifact request is about. Empty fields are not
// written.
type Target struct {
	DomainOwner, Domain, Repository           string
	Format, Namespace, Package                string
	Version, Asset                            string
	ResourceARN                               string
	SourceRepository, PackageGroup            string
	DestinationRepository, ExternalConnection string
}

type eventKey struct{}

// With returns ctx carrying e.
func With(ctx context.Context, e *Event) context.Context {
	return context.WithValue(ctx, eventKey{}, e)
}

// From returns the event of the request that ctx belongs to; outside of one,
// an event that nobody will write.
func From(ctx context.Context) *Event {
	if e, ok := ctx.Value(eventKey{}).(*Event); ok {
		return e
	}
	return &Event{}
}
