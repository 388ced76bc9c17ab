package identity

import (
	"fmt"
	"slices"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/policy"
)

// Simulation says which policies are put to questions that nobody asked, as
// IAM's simulator does.
type Simulation struct {
	Account string // of who simulates
	Source  string // the ARN of a user, role or group whose policies count; empty for none

	// Exclude, if set, says what of the source does not count: what is
	// attached, or is its boundary.
	Exclude func(o Origin, boundary bool) bool

	Policies []string // documents that count besides
	Boundary []string // documents, of which there may be one; it takes the place of the source's own
	Resource string   // the document of a policy on the resource; empty for none

	// Caller is the ARN of a user who asks. Empty: the source, unless that is
	// a group.
	Caller string

	// Owner is the account of resources whose ARN does not tell. Empty: the
	// caller's.
	Owner string

	Keys map[string][]string
}

// What IAM calls the documents that a simulation is given, in front of their
// number.
const (
	inputPolicy   = "PolicyInputList."
	inputBoundary = "PermissionsBoundaryPolicyInputList."
	inputResource = "ResourcePolicy"
)

// Simulator answers questions about one simulation, all from one snapshot.
type Simulator struct {
	simulation  Simulation
	region      string
	snap        *snapshot
	caller      *principal // nil if nobody in particular asks
	set         policy.Set
	identity    []Origin // of the set's, in its order
	boundary    Origin
	contextKeys map[string][]string // by folded names
}

// Simulated is the answer to one question.
type Simulated struct {
	Explanation

	// Crossing is set if the resource is of another account than the caller.
	Crossing bool

	// Bounded says whether there is a boundary, and InBounds whether it
	// allows.
	Bounded, InBounds bool
}

// Simulate prepares a simulation.
func (s *Service) Simulate(sim Simulation) (*Simulator, error) {
	snap, err := s.current()
	if err != nil {
		return nil, err
	}
	m := &Simulator{simulation: sim, region: s.region, snap: snap, contextKeys: map[string][]string{}}
	for key, values := range sim.Keys {
		m.contextKeys[policy.Fold(key)] = values
	}
	source, err := m.find(sim.Source)
	if err != nil {
		return nil, err
	}
	if m.caller, err = m.find(sim.Caller); err != nil {
		return nil, err
	}
	if m.caller != nil && m.caller.kind != meta.User {
		return nil, fault(larder.Invalid, codeInvalidInput, "Invalid caller ARN: %s is not the ARN of a user.", sim.Caller)
	}
	if m.caller == nil && source != nil && source.kind != meta.Group {
		m.caller = source
	}
	if source != nil {
		m.hold(s, source)
	}
	return m, m.take(sim)
}

// find returns the user, role or group of an ARN, nil for an empty one.
func (m *Simulator) find(arn string) (*principal, error) {
	if arn == "" {
		return nil, nil
	}
	p, ok := m.snap.arns.get(arn)
	kind, name, path := "", "", ""
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 && parts[2] == "iam" {
		kind, path, _ = strings.Cut(parts[5], "/")
		name = path[strings.LastIndexByte(path, '/')+1:]
	}
	switch {
	case ok && p.account == m.simulation.Account:
		return p, nil
	case name == "" || !slices.Contains([]string{"user", "group", "role"}, kind):
		return nil, fault(larder.Invalid, codeInvalidInput, "Invalid Entity Arn: %s does not clearly define entity type and name.", arn)
	}
	return nil, fault(larder.NotFound, codeNoSuchEntity, "The %s with name %s cannot be found.", kind, name)
}

// hold puts the policies of the source into the set, but for those that are
// excluded.
func (m *Simulator) hold(s *Service, source *principal) {
	counts := func(o Origin, boundary bool) bool {
		return m.simulation.Exclude == nil || !m.simulation.Exclude(o, boundary)
	}
	held := s.rights(m.snap, source)
	for i, p := range held.policies {
		if o := m.snap.attachment(source, i); counts(o, false) {
			m.set.Identity, m.identity = append(m.set.Identity, p), append(m.identity, o)
		}
	}
	if o := (Origin{Holder: source.arn, ARN: source.boundary}); o.ARN != "" && counts(o, true) {
		m.set.Boundary, m.boundary = held.boundary, o
	}
}

// take puts the documents that were given into the set.
func (m *Simulator) take(sim Simulation) error {
	parse := func(k policy.Kind, document, name string) (*policy.Policy, error) {
		p, err := policy.Parse(k, []byte(document))
		if err != nil {
			return nil, fault(larder.Invalid, codeInvalidInput, "%s: %s", name, larder.AsError(err).Message)
		}
		return p, nil
	}
	for i, document := range sim.Policies {
		name := inputPolicy + fmt.Sprint(i+1)
		p, err := parse(policy.Identity, document, name)
		if err != nil {
			return err
		}
		m.set.Identity, m.identity = append(m.set.Identity, p), append(m.identity, Origin{Name: name})
	}
	if len(sim.Boundary) > 1 {
		return fault(larder.Invalid, codeInvalidInput, "There can be one permissions boundary, not %d.", len(sim.Boundary))
	}
	var err error
	for _, document := range sim.Boundary {
		m.boundary = Origin{Name: inputBoundary + "1"}
		if m.set.Boundary, err = parse(policy.Identity, document, m.boundary.Name); err != nil {
			return err
		}
	}
	if sim.Resource != "" {
		p, err := parse(policy.Resource, sim.Resource, inputResource)
		if err != nil {
			return err
		}
		if m.caller == nil {
			return fault(larder.Invalid, codeInvalidInput, "A resource policy is about a caller: CallerArn must name a user.")
		}
		m.set.Resource = []*policy.Policy{p}
	}
	return nil
}

// Ask puts one question.
func (m *Simulator) Ask(action string, resource larder.ARN) Simulated {
	on := m.snap.find(resource)
	if on.account == "" {
		on.account = m.simulation.Owner
	}
	account := m.simulation.Account
	if m.caller != nil {
		account = m.caller.account
	}
	crossing := on.account != "" && on.account != account && resource != "*"
	keys := simulatedKeys{given: m.contextKeys, keys: contextKeys{
		region: m.region, caller: &Caller{}, who: m.caller, question: Question{Action: action, Resource: resource}, on: on,
	}}
	r := policy.Request{Action: action, Resource: resource, Principal: policy.Principal{Account: account}, Keys: &keys}
	if m.caller != nil {
		r.Principal.ID, r.Principal.ARN = m.caller.id, m.caller.arn
		if m.caller.kind == meta.Role {
			keys.keys.caller.Principal.Session = &Session{Name: anySession}
			r.Principal.Session = m.caller.sessionARN(anySession)
		}
	}
	set := m.set
	// Without a policy on the resource, its account is left out of account:
	// what it would say is not known.
	set.SameAccount = !crossing || len(set.Resource) == 0
	d, findings := policy.Explain(&r, &set)
	out := Simulated{Crossing: crossing && len(set.Resource) > 0, Bounded: set.Boundary != nil}
	out.Question, out.Decision, out.Absent = keys.keys.question, d, absent(&set, &keys)
	out.Caller = r.Principal.ARN
	denied := false
	for _, f := range findings {
		out.Findings = append(out.Findings, Finding{Finding: f, Origin: m.origin(f)})
		if f.Source == policy.FromBoundary && f.Outcome == policy.Applies {
			deny := f.Policy.Statement(f.Statement).Deny
			denied, out.InBounds = denied || deny, out.InBounds || !deny
		}
	}
	out.InBounds = out.InBounds && !denied
	return out
}

func (m *Simulator) origin(f policy.Finding) Origin {
	switch f.Source {
	case policy.FromIdentity:
		return m.identity[f.Index]
	case policy.FromBoundary:
		return m.boundary
	default:
		return Origin{Name: inputResource}
	}
}

// ContextKeys returns the condition keys that the policies depend on, in order
// and each as it was first written.
func (m *Simulator) ContextKeys() []string {
	return absent(&m.set, policy.Values(nil))
}

// simulatedKeys are the keys that were given, and what follows from the
// caller and the resource. Of a request that was not made nothing is known.
type simulatedKeys struct {
	given map[string][]string
	keys  contextKeys
}

// Lookup implements policy.Keys.
func (k *simulatedKeys) Lookup(key string) ([]string, bool) {
	if values, ok := k.given[key]; ok {
		return values, true
	}
	switch key {
	case "aws:currenttime", "aws:epochtime", "aws:sourceip", "aws:securetransport", "aws:multifactorauthpresent":
		return nil, false
	}
	name, _, _ := strings.Cut(key, "/")
	if k.keys.who == nil && !strings.HasSuffix(name, "resourcetag") && name != "aws:resourceaccount" && name != "aws:requestedregion" {
		return nil, false
	}
	return k.keys.Lookup(key)
}
