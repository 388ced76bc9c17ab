package wire

import (
	"fmt"
	"io"
	"reflect"
	"sync"
	"time"
)

// Kind is what a value is on the wire.
type Kind uint8

// The kinds of value.
const (
	String Kind = iota
	Bool
	Int  // an int is 32 bits on the wire, an int64 is 64
	Time // UTC
	Blob // bytes, held in memory
	Stream
	List
	Map // keyed by strings
	Struct
)

// scalar reports whether a value of the kind is one string, number or truth
// value.
func (k Kind) scalar() bool { return k <= Int }

// Shape is a type and what its tags say of it. Shapes are read once per type
// and must not be changed.
type Shape struct {
	Kind    Kind
	Type    reflect.Type
	Elem    *Shape   // what a List or a Map holds
	Members []Member // of a Struct, in the order of the model

	constraint
	key constraint // on the keys of a Map
}

// Place says which part of a message carries a member.
type Place uint8

// The places of members.
const (
	Body    Place = iota // in the document or the form
	Query                // in the query string
	Header               // in a header
	Payload              // it is the body
)

// Member is one member of a structure.
type Member struct {
	Name  string // as the model spells it; with a small initial, as messages have it
	Wire  string // what it is called where In says it stands
	In    Place
	Shape *Shape

	Required  bool
	Sensitive bool // its value must not be repeated
	URIText   bool // its text is percent-encoded in answers
	Defaults  bool // the number 0 is said too

	index   int
	pointer bool
}

// Target returns the field of the structure v that the member is bound to,
// making what a pointer needs to point to.
func (m *Member) Target(v reflect.Value) reflect.Value {
	f := v.Field(m.index)
	if !m.pointer {
		return f
	}
	if f.IsNil() {
		f.Set(reflect.New(f.Type().Elem()))
	}
	return f.Elem()
}

// Given returns the member's value in the structure v and whether a request
// should carry it: an optional member with its type's zero value is one that
// was not given.
func (m *Member) Given(v reflect.Value) (reflect.Value, bool) {
	f := v.Field(m.index)
	if m.pointer {
		return f.Elem(), !f.IsNil()
	}
	switch m.Shape.Kind {
	case List, Map, Stream, Blob:
		return f, !f.IsNil()
	case String, Int, Bool:
		return f, m.Required || !f.IsZero()
	default:
		return f, !f.IsZero()
	}
}

// Said returns the member's value in the structure v and whether an answer
// should carry it. Lists and maps are always there, empty or not, because
// clients look for them; so are truth values.
func (m *Member) Said(v reflect.Value) (reflect.Value, bool) {
	switch k := m.Shape.Kind; {
	case k == List, k == Map, k == Bool, m.Defaults:
		return v.Field(m.index), true
	default:
		return m.Given(v)
	}
}

// ReadShape reads the shape of a type: for those who carry values that are in
// no struct, such as the command line.
func ReadShape(t reflect.Type) (*Shape, error) { return new(shapes).of(t) }

// Least returns the least value of a number, or the least length of anything
// else, if the model has one.
func (s *Shape) Least() (n int64, ok bool) {
	for _, b := range [...]*bounds{s.length, s.value} {
		if b != nil && b.min != nil {
			return *b.min, true
		}
	}
	return 0, false
}

// LeastKey returns the least length of a map's keys, if the model has one.
func (s *Shape) LeastKey() (n int64, ok bool) {
	if b := s.key.length; b != nil && b.min != nil {
		return *b.min, true
	}
	return 0, false
}

// Enum returns the values that the model names; nil if it names none.
func (s *Shape) Enum() []string { return s.enum }

// shapes is a cache of shapes by type. The zero value is ready, and safe for
// concurrent use.
type shapes struct{ byType sync.Map }

func (c *shapes) of(t reflect.Type) (*Shape, error) {
	if s, ok := c.byType.Load(t); ok {
		return s.(*Shape), nil
	}
	r := reader{structs: make(map[reflect.Type]*Shape)}
	s, err := r.shape(t, "", "")
	if err != nil {
		return nil, fmt.Errorf("read the tags of %s: %w", t, err)
	}
	// Two that read the same type at once must agree on one.
	kept, _ := c.byType.LoadOrStore(t, s)
	return kept.(*Shape), nil
}

// reader reads the shapes of one type and all that it consists of.
type reader struct{ structs map[reflect.Type]*Shape }

// shape reads the shape of t, which a field with the given tag holds under
// prefix.
func (r *reader) shape(t reflect.Type, tag reflect.StructTag, prefix string) (*Shape, error) {
	if t.Kind() == reflect.Struct && t != reflect.TypeFor[time.Time]() {
		return r.structure(t)
	}
	s := &Shape{Type: t}
	var err error
	if s.constraint, err = readConstraint(tag, prefix); err != nil {
		return nil, err
	}
	switch {
	case t == reflect.TypeFor[time.Time]():
		s.Kind = Time
	case t == reflect.TypeFor[[]byte]():
		s.Kind = Blob
	case t == reflect.TypeFor[io.Reader](), t == reflect.TypeFor[io.ReadCloser]():
		s.Kind = Stream
	case t.Kind() == reflect.String:
		s.Kind = String
	case t.Kind() == reflect.Bool:
		s.Kind = Bool
	case t.Kind() == reflect.Int, t.Kind() == reflect.Int64:
		s.Kind = Int
	case t.Kind() == reflect.Slice:
		s.Kind = List
		s.Elem, err = r.shape(t.Elem(), tag, prefix+"each.")
	case t.Kind() == reflect.Map && t.Key().Kind() == reflect.String:
		s.Kind = Map
		if s.key, err = readConstraint(tag, prefix+"key."); err == nil {
			s.Elem, err = r.shape(t.Elem(), tag, prefix+"value.")
		}
	default:
		err = fmt.Errorf("no shape for a %s", t)
	}
	return s, err
}

func (r *reader) structure(t reflect.Type) (*Shape, error) {
	if s, ok := r.structs[t]; ok {
		return s, nil
	}
	s := &Shape{Kind: Struct, Type: t}
	r.structs[t] = s
	for f := range t.Fields() {
		m, err := r.member(f)
		if err != nil {
			return nil, fmt.Errorf("field %s: %w", f.Name, err)
		}
		s.Members = append(s.Members, m)
	}
	return s, nil
}

func (r *reader) member(f reflect.StructField) (Member, error) {
	m := Member{
		Name:      lowerInitial(f.Name),
		Wire:      f.Name,
		Required:  f.Tag.Get("required") == "true",
		Sensitive: f.Tag.Get("sensitive") == "true",
		URIText:   f.Tag.Get("text") == "uri",
		Defaults:  f.Tag.Get("default") == "0",
		index:     f.Index[0],
		pointer:   f.Type.Kind() == reflect.Pointer,
	}
	for _, place := range []struct {
		tag string
		in  Place
	}{{"query", Query}, {"header", Header}, {"json", Body}, {"form", Body}} {
		if name, ok := f.Tag.Lookup(place.tag); ok {
			m.Wire, m.In = name, place.in
		}
	}
	if f.Tag.Get("payload") == "true" {
		m.In = Payload
	}
	t := f.Type
	if m.pointer {
		t = t.Elem()
	}
	var err error
	m.Shape, err = r.shape(t, f.Tag, "")
	return m, err
}

func lowerInitial(s string) string {
	if s == "" || s[0] < 'A' || 'Z' < s[0] {
		return s
	}
	return string(s[0]|0x20) + s[1:]
}
