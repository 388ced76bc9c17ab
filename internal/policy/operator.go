package policy

import "strings"

// comparison is how an operator compares a value of the request with one of
// the policy.
type comparison uint8

const (
	asNull comparison = iota
	asText
	asFolded
	asPattern
	asNumber
	asDate
	asBool
	asBinary
	asAddress
	asARN
)

// relation is what an ordering operator asks of the request's value.
type relation uint8

const (
	equal relation = iota
	less
	lessOrEqual
	greater
	greaterOrEqual
)

// holds reports whether a comparison's result, as cmp.Compare gives it, is
// what the relation asks for.
func (r relation) holds(compared int) bool {
	switch r {
	case less:
		return compared < 0
	case lessOrEqual:
		return compared <= 0
	case greater:
		return compared > 0
	case greaterOrEqual:
		return compared >= 0
	default:
		return compared == 0
	}
}

// quantifier is what an operator asks of a key with any number of values.
type quantifier uint8

const (
	single quantifier = iota
	forAll
	forAny
)

// operator is a condition operator without its prefix and suffix.
type operator struct {
	name     string
	compare  comparison
	relation relation
	negated  bool
}

// operators are those of the IAM User Guide, condition operators.
var operators = [...]operator{
	{name: "StringEquals", compare: asText},
	{name: "StringNotEquals", compare: asText, negated: true},
	{name: "StringEqualsIgnoreCase", compare: asFolded},
	{name: "StringNotEqualsIgnoreCase", compare: asFolded, negated: true},
	{name: "StringLike", compare: asPattern},
	{name: "StringNotLike", compare: asPattern, negated: true},
	{name: "NumericEquals", compare: asNumber},
	{name: "NumericNotEquals", compare: asNumber, negated: true},
	{name: "NumericLessThan", compare: asNumber, relation: less},
	{name: "NumericLessThanEquals", compare: asNumber, relation: lessOrEqual},
	{name: "NumericGreaterThan", compare: asNumber, relation: greater},
	{name: "NumericGreaterThanEquals", compare: asNumber, relation: greaterOrEqual},
	{name: "DateEquals", compare: asDate},
	{name: "DateNotEquals", compare: asDate, negated: true},
	{name: "DateLessThan", compare: asDate, relation: less},
	{name: "DateLessThanEquals", compare: asDate, relation: lessOrEqual},
	{name: "DateGreaterThan", compare: asDate, relation: greater},
	{name: "DateGreaterThanEquals", compare: asDate, relation: greaterOrEqual},
	{name: "Bool", compare: asBool},
	{name: "BinaryEquals", compare: asBinary},
	{name: "IpAddress", compare: asAddress},
	{name: "NotIpAddress", compare: asAddress, negated: true},
	{name: "ArnEquals", compare: asARN},
	{name: "ArnLike", compare: asARN}, // the same as ArnEquals
	{name: "ArnNotEquals", compare: asARN, negated: true},
	{name: "ArnNotLike", compare: asARN, negated: true},
	{name: "Null", compare: asNull},
}

// parseOperator reads an operator with its prefix and suffix. Case does not
// count: policies in the field write bool and stringLike.
func parseOperator(s string) (op operator, q quantifier, ifExists, ok bool) {
	name := s
	if prefix, after, found := strings.Cut(s, ":"); found {
		name = after
		switch {
		case strings.EqualFold(prefix, "ForAllValues"):
			q = forAll
		case strings.EqualFold(prefix, "ForAnyValue"):
			q = forAny
		default:
			return op, q, ifExists, false
		}
	}
	if n := len(name) - len("IfExists"); n > 0 && strings.EqualFold(name[n:], "IfExists") {
		name, ifExists = name[:n], true
	}
	for _, op := range operators {
		if strings.EqualFold(op.name, name) {
			// Null asks whether the key is there: neither qualifies it.
			return op, q, ifExists, op.compare != asNull || q == single && !ifExists
		}
	}
	return op, q, ifExists, false
}
