package policy

// evaluation is the work on one request. Deciding and explaining share it.
type evaluation struct {
	request *Request
	set     *Set
	keys    Keys
	at      int // the place of the policy that is judged, in the list of its source

	denied bool
	denial Decision

	// findings collects what happens to every statement; nil when nobody
	// asks, and then statements that change nothing are not looked at.
	findings *[]Finding
}

// verdict is what the policies of one source allow.
type verdict struct {
	granted   grant
	policy    *Policy // of the strongest grant
	at        int
	statement int
}

func (e *evaluation) judgeAll(s Source, policies []*Policy, a *action, v *verdict) {
	for i, p := range policies {
		e.at = i
		e.judge(s, p, a, v)
	}
}

// judge adds a policy to its source's verdict.
func (e *evaluation) judge(s Source, p *Policy, a *action, v *verdict) {
	if p == nil || e.denied && e.findings == nil {
		return
	}
	for i := range p.blocks {
		b := &p.blocks[i]
		about := b.about(a)
		if e.findings != nil {
			e.explain(s, p, b, about, v)
			continue
		}
		for set := about & b.deny; set != 0 && !e.denied; set &= set - 1 {
			e.weigh(s, p, b.first+lowest(set), v)
		}
		for set := about &^ b.deny; set != 0 && !e.denied && !v.complete(s); set &= set - 1 {
			e.weigh(s, p, b.first+lowest(set), v)
		}
	}
}

// complete reports whether no further Allow can add to the verdict.
func (v *verdict) complete(s Source) bool {
	return v.granted&direct != 0 || v.granted != 0 && s != FromResource
}

// weigh tests a statement whose action matches and takes its effect. It
// returns what became of it and, if it failed on a condition, on which.
func (e *evaluation) weigh(s Source, p *Policy, i int, v *verdict) (Outcome, int) {
	st := &p.statements[i]
	g := e.named(s, st)
	if g == 0 {
		return OtherPrincipal, 0
	}
	if !st.deny && g&^v.granted == 0 && e.findings == nil {
		return Applies, 0 // or not: it could add nothing
	}
	if !st.covers(string(e.request.Resource), e.keys) {
		return OtherResource, 0
	}
	for j := range st.conditions {
		if !st.conditions[j].holds(e.keys, st.deny) {
			return OtherCondition, j
		}
	}
	switch {
	case !st.deny:
		if v.granted == 0 || g&-g < v.granted&-v.granted {
			v.policy, v.at, v.statement = p, e.at, i
		}
		v.granted |= g
	case !e.denied:
		e.denied = true
		e.denial = Decision{Reason: Forbidden, Source: s, Policy: p, Index: e.at, Statement: i}
	}
	return Applies, 0
}

// named returns how a statement names the principal.
func (e *evaluation) named(s Source, st *statement) grant {
	p := &e.request.Principal
	switch {
	case st.principals == nil && s == FromResource && !st.deny:
		return 0 // a document of the wrong kind grants nothing to everybody
	case st.principals == nil:
		return direct
	case !st.notPrincipal:
		return st.principals.grants(p)
	case e.set.Boundary != nil || !st.principals.excepts(p):
		// NotPrincipal always denies who has a boundary, whomever it
		// names (IAM User Guide, NotPrincipal).
		return direct
	}
	return 0
}

// covers reports whether a statement is about a resource. A NotResource with
// a variable that has no value is about nothing in an Allow and about
// everything in a Deny: AWS's pages disagree, this is our reading.
func (st *statement) covers(resource string, k Keys) bool {
	if st.anyResource {
		return true
	}
	resolved := true
	for i := range st.resources {
		matched, known := st.resources[i].match(resource, k)
		if matched {
			return !st.notResource
		}
		resolved = resolved && known
	}
	return st.notResource && (resolved || st.deny)
}
