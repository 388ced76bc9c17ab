package policy

// Outcome is what became of a statement.
type Outcome int

// The outcomes, in the order in which a statement is tested.
const (
	Applies Outcome = iota
	OtherAction
	OtherPrincipal
	OtherResource
	OtherCondition
)

func (o Outcome) String() string {
	return [...]string{"applies", "other action", "other principal", "other resource", "condition not met"}[o]
}

// Finding is what became of one statement.
type Finding struct {
	Source    Source
	Policy    *Policy
	Index     int // the policy's place, as in [Decision]
	Statement int
	Outcome   Outcome
	Condition string // the first condition that was not met: "Bool aws:SecureTransport"
}

// Explain decides as [Decide] does and returns what became of every
// statement, in the order of the set.
func Explain(r *Request, s *Set) (Decision, []Finding) {
	findings := []Finding{}
	e := evaluation{request: r, set: s, keys: r.Keys, findings: &findings}
	d := e.decide()
	return d, findings
}

// explain weighs all statements of a block, given those whose action matches.
func (e *evaluation) explain(s Source, p *Policy, b *block, about uint64, v *verdict) {
	for i := range b.count {
		f := Finding{Source: s, Policy: p, Index: e.at, Statement: b.first + i, Outcome: OtherAction}
		if about>>i&1 != 0 {
			var failed int
			f.Outcome, failed = e.weigh(s, p, f.Statement, v)
			if f.Outcome == OtherCondition {
				f.Condition = p.statements[f.Statement].conditions[failed].name
			}
		}
		*e.findings = append(*e.findings, f)
	}
}
