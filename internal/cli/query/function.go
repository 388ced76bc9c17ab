package query

import (
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"larder.example/larder/internal/cli/value"
)

// builtin is a function: what it takes, and what it does with that.
type builtin struct {
	name     string
	takes    [][]string // the types that each argument may have; none is any
	variadic bool       // the last may be repeated
	do       func(args []any) (any, error)
}

func function(name string, arguments []node) node {
	return node{eval: func(v any) (any, error) {
		var args []any
		for _, a := range arguments {
			found, err := a.eval(v)
			if err != nil {
				return nil, err
			}
			args = append(args, found)
		}
		for _, f := range builtins() {
			if f.name == name {
				if err := f.check(args); err != nil {
					return nil, err
				}
				return f.do(args)
			}
		}
		return nil, fmt.Errorf("Unknown function: %s()", name) //nolint:staticcheck // jmespath's words
	}}
}

func (f *builtin) check(args []any) error {
	want := len(f.takes)
	least := ""
	if f.variadic {
		least = "at least "
	}
	if len(args) < want || len(args) > want && !f.variadic {
		plural := "s"
		if want == 1 {
			plural = ""
		}
		return fmt.Errorf("Expected %s%d argument%s for function %s(), received %d", least, want, plural, f.name, len(args)) //nolint:staticcheck // jmespath's words
	}
	for i, types := range f.takes {
		if err := f.checkType(args[i], types); err != nil {
			return err
		}
	}
	return nil
}

func (f *builtin) checkType(v any, types []string) error {
	if types == nil {
		return nil
	}
	var items []string // allowed types of a list's items
	allowed := false
	for _, t := range types {
		t, item, typed := strings.Cut(t, "-")
		allowed = allowed || t == typeOf(v)
		if typed {
			items = append(items, item)
		}
	}
	if !allowed {
		return f.wrongType(v, typeOf(v), types)
	}
	list, _ := v.([]any)
	if len(items) > 1 && len(list) > 0 { // the first decides for all
		first := typeOf(list[0])
		if !slices.Contains(items, first) {
			return f.wrongType(list[0], value.TypeName(list[0]), types)
		}
		items = []string{first}
	}
	for _, e := range list {
		if items != nil && typeOf(e) != items[0] {
			return f.wrongType(e, value.TypeName(e), types)
		}
	}
	return nil
}

func (f *builtin) wrongType(v any, got string, types []string) error {
	var names []any
	for _, t := range types {
		names = append(names, t)
	}
	return fmt.Errorf("In function %s(), invalid type for value: %s, expected one of: %s, received: \"%s\"", //nolint:staticcheck // jmespath's words
		f.name, value.Str(v), value.Repr(names), got)
}

// typeOf names types as JMESPath does.
func typeOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case []any:
		return "array"
	case *value.Object:
		return "object"
	case expression:
		return "expref"
	}
	return "number"
}

func builtins() []builtin {
	text, num, list, object, ref := []string{"string"}, []string{"number"}, []string{"array"}, []string{"object"}, []string{"expref"}
	return []builtin{
		{"abs", [][]string{num}, false, func(a []any) (any, error) { return abs(a[0]), nil }},
		{"avg", [][]string{{"array-number"}}, false, func(a []any) (any, error) { return average(a[0].([]any)), nil }},
		{"ceil", [][]string{num}, false, func(a []any) (any, error) { return rounded(a[0], math.Ceil), nil }},
		{"contains", [][]string{{"array", "string"}, nil}, false, contains},
		{"ends_with", [][]string{text, text}, false, func(a []any) (any, error) { return strings.HasSuffix(a[0].(string), a[1].(string)), nil }},
		{"floor", [][]string{num}, false, func(a []any) (any, error) { return rounded(a[0], math.Floor), nil }},
		{"join", [][]string{text, {"array-string"}}, false, join},
		{"keys", [][]string{object}, false, func(a []any) (any, error) { return keys(a[0].(*value.Object)), nil }},
		{"length", [][]string{{"string", "array", "object"}}, false, func(a []any) (any, error) { return length(a[0]), nil }},
		{"map", [][]string{ref, list}, false, func(a []any) (any, error) { return mapped(a[0].(expression), a[1].([]any)) }},
		{"max", [][]string{{"array-number", "array-string"}}, false, func(a []any) (any, error) { return extreme(a[0].([]any), 1), nil }},
		{"max_by", [][]string{list, ref}, false, func(a []any) (any, error) { return extremeBy("max_by", a, 1) }},
		{"merge", [][]string{object}, true, merge},
		{"min", [][]string{{"array-number", "array-string"}}, false, func(a []any) (any, error) { return extreme(a[0].([]any), -1), nil }},
		{"min_by", [][]string{list, ref}, false, func(a []any) (any, error) { return extremeBy("min_by", a, -1) }},
		{"not_null", [][]string{nil}, true, notNull},
		{"reverse", [][]string{{"array", "string"}}, false, func(a []any) (any, error) { return reversed(a[0]), nil }},
		{"sort", [][]string{{"array-string", "array-number"}}, false, func(a []any) (any, error) { return sorted(a[0].([]any)), nil }},
		{"sort_by", [][]string{list, ref}, false, sortBy},
		{"starts_with", [][]string{text, text}, false, func(a []any) (any, error) { return strings.HasPrefix(a[0].(string), a[1].(string)), nil }},
		{"sum", [][]string{{"array-number"}}, false, func(a []any) (any, error) { return sum(a[0].([]any)), nil }},
		{"to_array", [][]string{nil}, false, func(a []any) (any, error) { return toArray(a[0]), nil }},
		{"to_number", [][]string{nil}, false, func(a []any) (any, error) { return toNumber(a[0]), nil }},
		{"to_string", [][]string{nil}, false, func(a []any) (any, error) { return toString(a[0]), nil }},
		{"type", [][]string{nil}, false, func(a []any) (any, error) { return typeOf(a[0]), nil }},
		{"values", [][]string{object}, false, func(a []any) (any, error) { return values(a[0].(*value.Object)), nil }},
	}
}

func contains(a []any) (any, error) {
	if s, ok := a[0].(string); ok {
		part, ok := a[1].(string)
		if !ok {
			return nil, fmt.Errorf("'in <string>' requires string as left operand, not %s", value.TypeName(a[1]))
		}
		return strings.Contains(s, part), nil
	}
	return slices.ContainsFunc(a[0].([]any), func(e any) bool { return equal(e, a[1]) }), nil
}

func join(a []any) (any, error) {
	var parts []string
	for _, e := range a[1].([]any) {
		parts = append(parts, e.(string))
	}
	return strings.Join(parts, a[0].(string)), nil
}

func keys(o *value.Object) any {
	out := []any{}
	for _, m := range o.Members() {
		out = append(out, m.Key)
	}
	return out
}

func length(v any) any {
	switch v := v.(type) {
	case string:
		return int64(utf8.RuneCountInString(v))
	case []any:
		return int64(len(v))
	default:
		return int64(v.(*value.Object).Len())
	}
}

func mapped(e expression, list []any) (any, error) {
	out := []any{}
	for _, item := range list {
		v, err := e.eval(item)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func merge(a []any) (any, error) {
	out := new(value.Object)
	for _, v := range a {
		o, ok := v.(*value.Object)
		if !ok {
			return nil, fmt.Errorf("'%s' object is not iterable", value.TypeName(v))
		}
		for _, m := range o.Members() {
			out.Set(m.Key, m.Value)
		}
	}
	return out, nil
}

func notNull(a []any) (any, error) {
	for _, v := range a {
		if v != nil {
			return v, nil
		}
	}
	return nil, nil
}

func reversed(v any) any {
	if s, ok := v.(string); ok {
		r := []rune(s)
		slices.Reverse(r)
		return string(r)
	}
	out := slices.Clone(v.([]any))
	slices.Reverse(out)
	return out
}

func sorted(list []any) any {
	out := slices.Clone(list)
	slices.SortStableFunc(out, orderOf)
	return out
}

// orderOf orders what was checked to be of one type.
func orderOf(a, b any) int {
	if s, ok := a.(string); ok {
		return compareText(s, b.(string))
	}
	return order(a, b)
}

func extreme(list []any, sign int) any {
	if len(list) == 0 {
		return nil
	}
	best := list[0]
	for _, e := range list[1:] {
		if sign*orderOf(e, best) > 0 {
			best = e
		}
	}
	return best
}

// keysBy evaluates an expression for each item. Each must be of one of the
// types.
func keysBy(name string, a []any, types ...string) ([]any, error) {
	f := &builtin{name: name}
	var found []any
	for _, item := range a[0].([]any) {
		k, err := a[1].(expression).eval(item)
		if err != nil {
			return nil, err
		}
		if t := typeOf(k); !slices.Contains(types, t) {
			return nil, f.wrongType(k, t, types)
		}
		if len(found) > 0 && typeOf(found[0]) != typeOf(k) {
			return nil, fmt.Errorf("'>' not supported between instances of '%s' and '%s'", value.TypeName(k), value.TypeName(found[0]))
		}
		found = append(found, k)
	}
	return found, nil
}

func extremeBy(name string, a []any, sign int) (any, error) {
	found, err := keysBy(name, a, "number", "string")
	if err != nil || len(found) == 0 {
		return nil, err
	}
	best := 0
	for i := range found {
		if sign*orderOf(found[i], found[best]) > 0 {
			best = i
		}
	}
	return a[0].([]any)[best], nil
}

func sortBy(a []any) (any, error) {
	list := a[0].([]any)
	if len(list) == 0 {
		return list, nil
	}
	first, err := a[1].(expression).eval(list[0])
	if err != nil {
		return nil, err
	}
	t := typeOf(first)
	if t != "number" && t != "string" {
		return nil, (&builtin{name: "sort_by"}).wrongType(list[0], t, []string{"string", "number"})
	}
	found, err := keysBy("sort_by", a, t)
	if err != nil {
		return nil, err
	}
	places := make([]int, len(list))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(i, j int) int { return orderOf(found[i], found[j]) })
	out := make([]any, len(list))
	for i, p := range places {
		out[i] = list[p]
	}
	return out, nil
}

func toArray(v any) any {
	if list, ok := v.([]any); ok {
		return list
	}
	return []any{v}
}

func toNumber(v any) any {
	s, ok := v.(string)
	if !ok {
		if isNumber(v) {
			return v
		}
		return nil
	}
	if n, ok := value.Integer(strings.TrimSpace(s)); ok {
		return n
	}
	if f, err := strconv.ParseFloat(strings.TrimSpace(s), 64); err == nil {
		return f
	}
	return nil
}

func toString(v any) any {
	if s, ok := v.(string); ok {
		return s
	}
	return value.Compact(v)
}

func abs(v any) any {
	switch v := v.(type) {
	case int64:
		if v >= 0 {
			return v
		}
		return whole(new(big.Int).Abs(big.NewInt(v)))
	case *big.Int:
		return new(big.Int).Abs(v)
	default:
		return math.Abs(v.(float64))
	}
}

func whole(n *big.Int) any {
	if n.IsInt64() {
		return n.Int64()
	}
	return n
}

// rounded is an integer, as Python's ceil and floor have it.
func rounded(v any, round func(float64) float64) any {
	f, ok := v.(float64)
	if !ok {
		return v
	}
	n, _ := big.NewFloat(round(f)).Int(nil)
	return whole(n)
}

// sum stays whole as long as all that is summed is.
func sum(list []any) any {
	total, exact := new(big.Int), true
	floating := 0.0
	for _, v := range list {
		switch v := v.(type) {
		case int64:
			total.Add(total, big.NewInt(v))
			floating += float64(v)
		case *big.Int:
			total.Add(total, v)
			f, _ := new(big.Float).SetInt(v).Float64()
			floating += f
		case float64:
			exact = false
			floating += v
		}
	}
	if exact {
		return whole(total)
	}
	return floating
}

func average(list []any) any {
	if len(list) == 0 {
		return nil
	}
	f, _ := float(sum(list)).Float64()
	return f / float64(len(list))
}
