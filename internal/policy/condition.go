package policy

// condition is one key of one operator of a statement: a test that the
// request must pass, together with all others of the statement.
type condition struct {
	name       string // operator and key as written, for explanations
	key        string // folded
	quantifier quantifier
	ifExists   bool
	negated    bool
	operand    operand // nil: the operator is Null
	null       [2]bool // whether Null accepts that the key is there, and that it is not
}

// operand is the policy's side of a condition: the values, any of which may
// match.
type operand interface {
	// match reports whether a value of the request matches one of the
	// policy's. It is not known where the value is no number, date or
	// address, or where a variable has no value.
	match(value string, k Keys) (matched, known bool)
}

// holds reports whether the request passes the condition in a statement that
// denies or allows.
func (c *condition) holds(k Keys, deny bool) bool {
	values, present := k.Lookup(c.key)
	present = present && len(values) > 0
	if c.operand == nil {
		return present && c.null[0] || !present && c.null[1]
	}
	switch c.quantifier {
	case forAll:
		return empty(values, present) || c.all(values, k, deny)
	case forAny:
		if !present {
			return c.ifExists // unclear on AWS; our reading
		}
		return !empty(values, present) && c.any(values, k, deny)
	default:
		if !present {
			return c.ifExists || c.negated
		}
		if len(values) == 1 {
			return c.one(values[0], k, deny)
		}
		// A key of several values needs a set operator. AWS does not say
		// what happens without one: no permission rests on it, a Deny
		// takes any value.
		return deny && c.any(values, k, deny)
	}
}

// one reports whether a single value passes. A value that cannot be compared
// is no match, but an Allow does not take it for a difference either.
func (c *condition) one(value string, k Keys, deny bool) bool {
	matched, known := c.operand.match(value, k)
	if !c.negated {
		return matched
	}
	return !matched && (known || deny)
}

func (c *condition) all(values []string, k Keys, deny bool) bool {
	for _, v := range values {
		if !c.one(v, k, deny) {
			return false
		}
	}
	return true
}

func (c *condition) any(values []string, k Keys, deny bool) bool {
	for _, v := range values {
		if c.one(v, k, deny) {
			return true
		}
	}
	return false
}

// empty reports whether set operators find nothing in a key: it is absent, or
// its value "resolves to a null data set, such as an empty string" (IAM User
// Guide, multivalued context keys).
func empty(values []string, present bool) bool {
	return !present || len(values) == 1 && values[0] == ""
}

// compileOperand reads the values of a key under an operator. The error is
// about a value.
func compileOperand(op operator, values []string, variables bool, key func(string)) (operand, error) {
	switch op.compare {
	case asText:
		return compileTexts(values, dialect{variables: variables}, key), nil
	case asFolded:
		return folded(compileTexts(values, dialect{variables: variables}, key)), nil
	case asPattern:
		return compileTexts(values, dialect{wildcards: true, variables: variables}, key), nil
	case asNumber:
		return compileNumbers(op.relation, values)
	case asDate:
		return compileDates(op.relation, values)
	case asBool:
		return compileBools(values)
	case asBinary:
		return compileBinary(values)
	case asAddress:
		return compileAddresses(values)
	default: // asARN; Null compares nothing
		return compileARNs(values, dialect{wildcards: true, variables: variables}, key)
	}
}
