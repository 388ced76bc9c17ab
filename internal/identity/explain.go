package identity

import (
	"context"
	"maps"
	"slices"

	"larder.example/larder/internal/policy"
)

// Explanation is a decision with all that was considered.
type Explanation struct {
	Caller   string // as messages call who asks
	Question Question
	Decision policy.Decision
	Findings []Finding // what became of every statement

	// Absent are the condition keys that the policies depend on and the
	// question does not have, in order.
	Absent []string
}

// Finding is what became of one statement.
type Finding struct {
	policy.Finding
	Origin Origin
}

// Decider returns what was found of the statement that decided, and false if
// none did.
func (e *Explanation) Decider() (Finding, bool) {
	i := slices.IndexFunc(e.Findings, func(f Finding) bool { return e.decides(f) })
	if i < 0 {
		return Finding{}, false
	}
	return e.Findings[i], true
}

func (e *Explanation) decides(f Finding) bool {
	d := e.Decision
	return f.Policy == d.Policy && f.Source == d.Source && f.Index == d.Index && f.Statement == d.Statement
}

// Explain decides as [Service.Authorize] does for c, and says why.
func (s *Service) Explain(ctx context.Context, c Caller, q Question) (Explanation, error) {
	snap, err := s.current()
	if err != nil {
		return Explanation{}, err
	}
	a, err := s.asker(ctx, snap, &c)
	if err != nil {
		return Explanation{}, err
	}
	_, q = s.decide(snap, a, q)
	var j judgment
	s.pose(&j, snap, a, q)
	e := Explanation{Caller: a.shown(), Question: q}
	var findings []policy.Finding
	e.Decision, findings = policy.Explain(&j.request, &j.set)
	on := snap.find(q.Resource)
	for i, f := range findings {
		found := Finding{Finding: f}
		if before := i - 1; i > 0 && findings[before].Source == f.Source && findings[before].Index == f.Index {
			found.Origin = e.Findings[before].Origin
		} else {
			found.Origin = s.origin(snap, &a, &on, f.Source, f.Index)
		}
		e.Findings = append(e.Findings, found)
	}
	e.Absent = absent(&j.set, &j.keys)
	return e, nil
}

// absent returns the keys that the policies of a set depend on and that are
// not there.
func absent(s *policy.Set, keys policy.Keys) []string {
	all := map[string]string{}
	add := func(policies ...*policy.Policy) {
		for _, p := range policies {
			if p == nil {
				continue
			}
			for _, key := range p.ContextKeys() {
				folded := policy.Fold(key)
				if values, ok := keys.Lookup(folded); !ok || len(values) == 0 {
					all[folded] = key
				}
			}
		}
	}
	add(s.Identity...)
	add(s.Resource...)
	add(s.Session...)
	add(s.Boundary, s.Trust)
	return slices.Sorted(maps.Values(all))
}
