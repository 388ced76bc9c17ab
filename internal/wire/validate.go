package wire

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"larder.example/larder"
)

// CodeFieldValidation is the code of an input that breaks a constraint of the
// model, spelled as CodeArtifact's ValidationExceptionReason has it.
const CodeFieldValidation = "FIELD_VALIDATION_FAILED"

// Zeros are the members that a request had with the zero value of their type.
// In a bound input nothing else tells them from members that it did not have.
// The zero value holds none.
type Zeros struct{ paths map[string]bool }

// Note records the member at p if v, which was bound to it, is its type's
// zero value.
func (z *Zeros) Note(v reflect.Value, p *Path) {
	if !v.IsZero() {
		return
	}
	if z.paths == nil {
		z.paths = make(map[string]bool)
	}
	z.paths[p.String()] = true
}

// had reports whether the member called name of the structure at p, or the
// item at p if there is no name, was noted.
func (z *Zeros) had(p *Path, name string) bool {
	if z.paths == nil {
		return false
	}
	if name != "" {
		p = p.Member(name)
	}
	return z.paths[p.String()]
}

// What is reported of one input is bounded: an input of a megabyte may break
// a constraint with every other byte.
const maxViolations = 100

// Validate checks an input against the constraints of its shape. The error it
// returns is worded as AWS words it.
func Validate(s *Shape, in reflect.Value, z *Zeros) error {
	v := validator{zeros: z}
	v.structure(s, in, nil)
	switch len(v.found) {
	case 0:
		return nil
	case 1:
		return v.error("1 validation error detected: ")
	default:
		return v.error(strconv.Itoa(len(v.found)) + " validation errors detected: ")
	}
}

type validator struct {
	zeros *Zeros
	found []string
}

func (v *validator) error(intro string) error {
	return &larder.Error{
		Kind:    larder.Invalid,
		Code:    CodeFieldValidation,
		Message: intro + strings.Join(v.found, "; "),
	}
}

// report says that the value at p breaks a constraint. shown is the value in
// quotes, "null", or empty where it is not to be repeated.
func (v *validator) report(shown string, p *Path, broken string) {
	if len(v.found) == maxViolations {
		return
	}
	if shown != "" {
		shown += " "
	}
	v.found = append(v.found, "Value "+shown+"at '"+p.String()+"' failed to satisfy constraint: "+broken)
}

func (v *validator) structure(s *Shape, in reflect.Value, p *Path) {
	for i := range s.Members {
		m := &s.Members[i]
		f := in.Field(m.index)
		if m.pointer {
			if !f.IsNil() {
				v.value(m, f.Elem(), p)
				continue
			}
		} else if !f.IsZero() || m.Shape.Kind.scalar() && v.zeros.had(p, m.Name) {
			v.value(m, f, p)
			continue
		}
		if m.Required {
			v.missing(m, p.Member(m.Name))
		}
	}
}

func (v *validator) missing(m *Member, p *Path) {
	if m.Sensitive {
		v.report("", p, notNull)
		return
	}
	v.report("null", p, notNull)
}

// value checks the value f of the member m of the structure at p.
func (v *validator) value(m *Member, f reflect.Value, p *Path) {
	s := m.Shape
	switch s.Kind {
	case Struct:
		v.structure(s, f, p.Member(m.Name))
	case List:
		v.list(m, f, p.Member(m.Name))
	case Map:
		v.mapping(m, f, p.Member(m.Name))
	default:
		if !s.constraint.breaks(s.Kind, f) {
			return
		}
		for _, broken := range s.constraint.broken(s.Kind, f) {
			v.report(m.shown(f), p.Member(m.Name), broken)
		}
	}
}

// list checks a list and its items. AWS reports the items of a list of
// structures one by one, all others together.
func (v *validator) list(m *Member, f reflect.Value, p *Path) {
	s := m.Shape
	for _, broken := range s.length.broken(int64(f.Len()), "length") {
		v.report(m.shown(f), p, broken)
	}
	for i := range f.Len() {
		if s.Elem.Kind == Struct {
			v.structure(s.Elem, f.Index(i), p.Item(i))
		} else if v.item(s.Elem, f.Index(i), p.Item(i)) {
			v.report(m.shown(f), p, "Member must satisfy constraint: "+s.Elem.constraint.rules())
			return
		}
	}
}

// mapping checks a map, its keys and its values.
func (v *validator) mapping(m *Member, f reflect.Value, p *Path) {
	s := m.Shape
	for _, broken := range s.length.broken(int64(f.Len()), "length") {
		v.report(m.shown(f), p, broken)
	}
	var badKey, badValue bool
	for key, elem := range f.Seq2() {
		badKey = badKey || s.key.breaks(String, key)
		badValue = badValue || v.item(s.Elem, elem, p.Member(key.String()))
	}
	if badKey {
		v.report(m.shown(f), p, "Map keys must satisfy constraint: "+s.key.rules())
	}
	if badValue {
		v.report(m.shown(f), p, "Map value must satisfy constraint: "+s.Elem.constraint.rules())
	}
}

// item reports whether an item of a list or a value of a map breaks its
// constraint or is null.
func (v *validator) item(s *Shape, f reflect.Value, p *Path) bool {
	if s.Kind.scalar() && f.IsZero() && !v.zeros.had(p, "") {
		return true
	}
	return s.constraint.breaks(s.Kind, f)
}

// The constraints in AWS's words.
const (
	notNull = "Member must not be null"
	unclean = "Member must be valid UTF-8 without null characters" // ours: AWS has no words for it
)

// breaks reports whether a value breaks the constraint. It is [constraint.broken]
// for the case that nearly every value is.
func (c *constraint) breaks(k Kind, f reflect.Value) bool {
	switch k {
	case Int:
		return c.value.tooLow(f.Int()) || c.value.tooHigh(f.Int())
	case String:
		s := f.String()
		n := int64(utf8.RuneCountInString(s))
		return !clean(s) || c.length.tooLow(n) || c.length.tooHigh(n) ||
			c.enum != nil && !slices.Contains(c.enum, s) ||
			c.pattern != "" && !c.compiled().match(s)
	default:
		return false
	}
}

// broken returns what a value breaks, the pattern before the length.
func (c *constraint) broken(k Kind, f reflect.Value) []string {
	if k == Int {
		return c.value.broken(f.Int(), "value")
	}
	s := f.String()
	if !clean(s) {
		return []string{unclean}
	}
	var out []string
	if c.enum != nil && !slices.Contains(c.enum, s) {
		out = append(out, c.enumRule())
	}
	if c.pattern != "" && !c.compiled().match(s) {
		out = append(out, c.patternRule())
	}
	return append(out, c.length.broken(int64(utf8.RuneCountInString(s)), "length")...)
}

func (b *bounds) broken(n int64, what string) []string {
	switch {
	case b.tooLow(n):
		return []string{minRule(what, *b.min)}
	case b.tooHigh(n):
		return []string{maxRule(what, *b.max)}
	}
	return nil
}

// rules lists all that is demanded of the items of a list or map, broken or
// not, in the order in which AWS lists it.
func (c *constraint) rules() string {
	var out []string
	for _, b := range []struct {
		*bounds
		what string
	}{{c.length, "length"}, {c.value, "value"}} {
		if b.bounds != nil && b.max != nil {
			out = append(out, maxRule(b.what, *b.max))
		}
		if b.bounds != nil && b.min != nil {
			out = append(out, minRule(b.what, *b.min))
		}
	}
	if c.pattern != "" {
		out = append(out, c.patternRule())
	}
	if c.enum != nil {
		out = append(out, c.enumRule())
	}
	return "[" + strings.Join(append(out, notNull), ", ") + "]"
}

func minRule(what string, n int64) string {
	return fmt.Sprintf("Member must have %s greater than or equal to %d", what, n)
}

func maxRule(what string, n int64) string {
	return fmt.Sprintf("Member must have %s less than or equal to %d", what, n)
}

func (c *constraint) patternRule() string {
	return "Member must satisfy regular expression pattern: " + c.pattern
}

func (c *constraint) enumRule() string {
	return "Member must satisfy enum value set: [" + strings.Join(c.enum, ", ") + "]"
}

// clean reports whether s is text that can be stored and repeated everywhere:
// PostgreSQL takes neither NUL nor broken UTF-8.
func clean(s string) bool {
	return utf8.ValidString(s) && !strings.Contains(s, "\x00")
}

// shown returns the member's value f in quotes, or nothing if it is not to be
// repeated: seen with AWS STS, "Value at 'webIdentityToken' failed to ...".
func (m *Member) shown(f reflect.Value) string {
	container := m.Shape.Kind == List || m.Shape.Kind == Map
	if m.Sensitive || container && !m.Shape.Elem.Kind.scalar() {
		return ""
	}
	if text := display(m.Shape, f); clean(text) {
		return "'" + text + "'"
	}
	return ""
}

// display renders a value as Java does: [a, b] and {k=v}.
func display(s *Shape, f reflect.Value) string {
	switch s.Kind {
	case Bool:
		return strconv.FormatBool(f.Bool())
	case Int:
		return strconv.FormatInt(f.Int(), 10)
	case List:
		items := make([]string, f.Len())
		for i := range items {
			items[i] = display(s.Elem, f.Index(i))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case Map:
		pairs := make(map[string]string, f.Len())
		for key, elem := range f.Seq2() {
			pairs[key.String()] = key.String() + "=" + display(s.Elem, elem)
		}
		var items []string
		for _, key := range slices.Sorted(maps.Keys(pairs)) {
			items = append(items, pairs[key])
		}
		return "{" + strings.Join(items, ", ") + "}"
	default:
		return f.String()
	}
}
