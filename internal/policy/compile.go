package policy

import (
	"slices"
	"strings"
)

// compiler turns a source into a policy.
type compiler struct {
	policy    Policy
	variables bool
	keys      map[string]string // folded, to as first written
}

func compile(d *source) (*Policy, error) {
	c := compiler{
		policy:    Policy{kind: d.kind, statements: make([]statement, len(d.statements))},
		variables: d.version == "2012-10-17",
		keys:      make(map[string]string),
	}
	sids := make(map[string]bool)
	for i := range d.statements {
		st := &d.statements[i]
		if st.sid != "" && d.kind != Resource && sids[st.sid] {
			return nil, malformed(st.where+".Sid", "Statement IDs (SID) in a single policy must be unique")
		}
		sids[st.sid] = true
		if err := c.statement(&c.policy.statements[i], st); err != nil {
			return nil, err
		}
		c.index(i, st)
	}
	for _, key := range c.keys {
		c.policy.keys = append(c.policy.keys, key)
	}
	slices.Sort(c.policy.keys)
	return &c.policy, nil
}

func (c *compiler) statement(st *statement, d *sourceStatement) error {
	*st = statement{
		sid: d.sid, deny: d.effect == "Deny",
		principals: d.principal, notPrincipal: d.notPrincipal != nil,
		notResource: d.notResource != nil,
		start:       d.start, end: d.end,
	}
	if st.notPrincipal {
		st.principals = d.notPrincipal
	}
	resources := d.resource
	if st.notResource {
		resources = d.notResource
	}
	if resources == nil {
		st.anyResource = true // a trust policy's, or that of the resource it is on
	}
	for _, s := range resources {
		if err := c.resource(st, d.where, s); err != nil {
			return err
		}
	}
	for i := range d.conditions {
		if err := c.condition(st, &d.conditions[i]); err != nil {
			return err
		}
	}
	return nil
}

// resource adds a resource to a statement.
func (c *compiler) resource(st *statement, where, s string) error {
	if s == "*" && !st.notResource {
		st.anyResource = true
		return nil
	}
	if s != "*" && !strings.HasPrefix(s, "arn:") {
		return malformed(where, "Resource %s must be in ARN format or \"*\"", s)
	}
	if c.variables && earlyVariable(s) {
		return malformed(where, "Resource %s has a variable before its fifth colon", s)
	}
	d := dialect{wildcards: true, variables: c.variables}
	st.resources = append(st.resources, d.compile(s, c.key))
	return nil
}

// earlyVariable reports whether a variable stands outside the resource part
// of an ARN, where AWS takes none.
func earlyVariable(s string) bool {
	before, _, found := strings.Cut(s, "${")
	return found && strings.Count(before, ":") < 5
}

func (c *compiler) condition(st *statement, d *sourceCondition) error {
	op, quantifier, ifExists, ok := parseOperator(d.operator)
	if !ok {
		return malformed(d.where, "Unknown condition operator %q", d.operator)
	}
	if !strings.Contains(d.key, ":") {
		return malformed(d.where, "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
	}
	c.key(d.key)
	cond := condition{
		name: d.operator + " " + d.key, key: Fold(d.key),
		quantifier: quantifier, ifExists: ifExists, negated: op.negated,
	}
	var err error
	if op.compare == asNull {
		cond.null, err = parseTruths(d.values)
	} else {
		cond.operand, err = compileOperand(op, d.values, c.variables, c.key)
	}
	if err != nil {
		return malformed(d.where, "%v", err)
	}
	st.conditions = append(st.conditions, cond)
	return nil
}

// key notes that the policy depends on a condition key.
func (c *compiler) key(name string) {
	if folded := Fold(name); c.keys[folded] == "" {
		c.keys[folded] = name
	}
}

// index enters statement i into the blocks.
func (c *compiler) index(i int, d *sourceStatement) {
	if i%blockSize == 0 {
		c.policy.blocks = append(c.policy.blocks, block{first: i})
	}
	b := &c.policy.blocks[len(c.policy.blocks)-1]
	b.add(i%blockSize, d.effect == "Deny", d.notAction != nil, slices.Concat(d.action, d.notAction))
}
