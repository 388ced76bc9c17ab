package query

import (
	"errors"
	"math"
	"math/big"

	"larder.example/larder/internal/cli/value"
)

// node is an expression that can be evaluated.
type node struct {
	eval func(v any) (any, error)
	name string // of a field alone, which may turn out to be a function
}

// expression is a value that only functions take: &name.
type expression struct{ node }

func identity() node {
	return node{eval: func(v any) (any, error) { return v, nil }}
}

func constant(c any) node {
	return node{eval: func(any) (any, error) { return c, nil }}
}

func field(name string) node {
	return node{name: name, eval: func(v any) (any, error) {
		o, _ := v.(*value.Object)
		found, _ := o.Get(name)
		return found, nil
	}}
}

func reference(inner node) node {
	return node{eval: func(any) (any, error) { return expression{inner}, nil }}
}

func chain(left, right node) node {
	return node{eval: func(v any) (any, error) {
		v, err := left.eval(v)
		if err != nil {
			return nil, err
		}
		return right.eval(v)
	}}
}

// each applies right to items and keeps what is not null.
func each(items []any, right node) (any, error) {
	out := []any{}
	for _, item := range items {
		v, err := right.eval(item)
		if err != nil {
			return nil, err
		}
		if v != nil {
			out = append(out, v)
		}
	}
	return out, nil
}

func projection(left, right node) node {
	return node{eval: func(v any) (any, error) {
		base, err := left.eval(v)
		list, ok := base.([]any)
		if err != nil || !ok {
			return nil, err
		}
		return each(list, right)
	}}
}

func valueProjection(left, right node) node {
	return node{eval: func(v any) (any, error) {
		base, err := left.eval(v)
		o, ok := base.(*value.Object)
		if err != nil || !ok {
			return nil, err
		}
		return each(values(o), right)
	}}
}

func values(o *value.Object) []any {
	out := []any{}
	for _, m := range o.Members() {
		out = append(out, m.Value)
	}
	return out
}

func filterProjection(left, right, condition node) node {
	return node{eval: func(v any) (any, error) {
		base, err := left.eval(v)
		list, ok := base.([]any)
		if err != nil || !ok {
			return nil, err
		}
		var kept []any
		for _, item := range list {
			yes, err := condition.eval(item)
			if err != nil {
				return nil, err
			}
			if truth(yes) {
				kept = append(kept, item)
			}
		}
		return each(kept, right)
	}}
}

func flattened(left node) node {
	return node{eval: func(v any) (any, error) {
		base, err := left.eval(v)
		list, ok := base.([]any)
		if err != nil || !ok {
			return nil, err
		}
		out := []any{}
		for _, item := range list {
			if inner, ok := item.([]any); ok {
				out = append(out, inner...)
			} else {
				out = append(out, item)
			}
		}
		return out, nil
	}}
}

func element(n any) node {
	return node{eval: func(v any) (any, error) {
		list, _ := v.([]any)
		i, ok := n.(int64)
		if i < 0 {
			i += int64(len(list))
		}
		if !ok || i < 0 || i >= int64(len(list)) {
			return nil, nil
		}
		return list[i], nil
	}}
}

var errZeroStep = errors.New("slice step cannot be zero")

// slice picks as Python does: from, to and by what step, each of which may be
// left out or count from the end.
func slice(parts [3]any) node {
	return node{eval: func(v any) (any, error) {
		list, ok := v.([]any)
		if !ok {
			return nil, nil
		}
		n := int64(len(list))
		step := bound(parts[2], 1)
		if step == 0 {
			return nil, errZeroStep
		}
		first, last, low, high := int64(0), n, int64(0), n
		if step < 0 {
			first, last, low, high = n-1, -1, -1, n-1
		}
		place := func(part any, without int64) int64 {
			if part == nil {
				return without
			}
			i := bound(part, 0)
			if i < 0 {
				i += n
			}
			return min(max(i, low), high)
		}
		out := []any{}
		from, to := place(parts[0], first), place(parts[1], last)
		for i := from; step > 0 && i < to || step < 0 && i > to; i += step {
			out = append(out, list[i])
		}
		return out, nil
	}}
}

// bound reads part of a slice, far within what adds up.
func bound(part any, without int64) int64 {
	const far = math.MaxInt32
	switch n := part.(type) {
	case int64:
		return min(max(n, -far), far)
	case *big.Int:
		return int64(n.Sign()) * far
	}
	return without
}

func multiList(items []node) node {
	return node{eval: func(v any) (any, error) {
		if v == nil {
			return nil, nil
		}
		out := []any{}
		for _, item := range items {
			found, err := item.eval(v)
			if err != nil {
				return nil, err
			}
			out = append(out, found)
		}
		return out, nil
	}}
}

func multiHash(keys []string, items []node) node {
	return node{eval: func(v any) (any, error) {
		if v == nil {
			return nil, nil
		}
		out := new(value.Object)
		for i, item := range items {
			found, err := item.eval(v)
			if err != nil {
				return nil, err
			}
			out.Set(keys[i], found)
		}
		return out, nil
	}}
}

func negation(inner node) node {
	return node{eval: func(v any) (any, error) {
		found, err := inner.eval(v)
		return !truth(found), err
	}}
}

func logical(k kind, left, right node) node {
	return node{eval: func(v any) (any, error) {
		found, err := left.eval(v)
		if err != nil || truth(found) == (k == or) {
			return found, err
		}
		return right.eval(v)
	}}
}

// truth is JMESPath's: numbers are true, zero too.
func truth(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case []any:
		return len(v) > 0
	case *value.Object:
		return v.Len() > 0
	}
	return true
}

func comparison(k kind, left, right node) node {
	return node{eval: func(v any) (any, error) {
		a, err := left.eval(v)
		if err != nil {
			return nil, err
		}
		b, err := right.eval(v)
		if err != nil {
			return nil, err
		}
		switch k {
		case eq:
			return equal(a, b), nil
		case ne:
			return !equal(a, b), nil
		default:
			order, ok, err := compare(a, b)
			if !ok || err != nil {
				return nil, err
			}
			return k == lt && order < 0 || k == lte && order <= 0 || k == gt && order > 0 || k == gte && order >= 0, nil
		}
	}}
}

func isNumber(v any) bool {
	switch v.(type) {
	case int64, *big.Int, float64:
		return true
	}
	return false
}

func equal(a, b any) bool {
	switch a := a.(type) {
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !equal(a[i], b[i]) {
				return false
			}
		}
		return true
	case *value.Object:
		b, ok := b.(*value.Object)
		if !ok || a.Len() != b.Len() {
			return false
		}
		for _, m := range a.Members() {
			if v, found := b.Get(m.Key); !found || !equal(m.Value, v) {
				return false
			}
		}
		return true
	case expression:
		return false
	}
	if isNumber(a) && isNumber(b) {
		return order(a, b) == 0
	}
	switch b.(type) {
	case []any, *value.Object, expression:
		return false
	}
	return a == b
}

// compare orders two numbers or two strings. A number and a string have no
// order, which Python takes for an error, and all else compares to nothing.
func compare(a, b any) (result int, ok bool, err error) {
	s, isText := a.(string)
	u, isText2 := b.(string)
	switch {
	case isText && isText2:
		return compareText(s, u), true, nil
	case isNumber(a) && isNumber(b):
		return order(a, b), true, nil
	case (isText || isNumber(a)) && (isText2 || isNumber(b)):
		return 0, false, errors.New("'<' not supported between instances of '" + value.TypeName(a) + "' and '" + value.TypeName(b) + "'")
	}
	return 0, false, nil
}

func compareText(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// order compares numbers without loss.
func order(a, b any) int { return float(a).Cmp(float(b)) }

func float(v any) *big.Float {
	switch v := v.(type) {
	case int64:
		return new(big.Float).SetInt64(v)
	case *big.Int:
		return new(big.Float).SetInt(v)
	case float64:
		if !math.IsNaN(v) {
			return new(big.Float).SetFloat64(v)
		}
	}
	return new(big.Float)
}
