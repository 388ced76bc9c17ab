package operation

import (
	"strings"

	"larder.example/larder/internal/cli/value"
	"larder.example/larder/internal/wire"
)

// Adapt makes of what shorthand read, which is all strings, what the shape
// wants, as far as that is plain: a list of a single value, numbers and truth
// values. It fails with the text that is no number.
func (o *Operation) Adapt(s *wire.Shape, v any) (any, error) {
	switch s.Kind {
	case wire.Struct:
		from, ok := v.(*value.Object)
		if !ok {
			return v, nil
		}
		for _, m := range from.Members() {
			known := o.Member(s, m.Key)
			if known == nil {
				continue
			}
			adapted, err := o.Adapt(known.Shape, m.Value)
			if err != nil {
				return nil, err
			}
			from.Set(m.Key, adapted)
		}
	case wire.Map:
		from, ok := v.(*value.Object)
		if !ok {
			return v, nil
		}
		for _, m := range from.Members() {
			adapted, err := o.Adapt(s.Elem, m.Value)
			if err != nil {
				return nil, err
			}
			from.Set(m.Key, adapted)
		}
	case wire.List:
		list, ok := v.([]any)
		if !ok {
			return []any{v}, nil
		}
		for i := range list {
			adapted, err := o.Adapt(s.Elem, list[i])
			if err != nil {
				return nil, err
			}
			list[i] = adapted
		}
	case wire.Int:
		text, ok := v.(string)
		if !ok {
			return v, nil
		}
		n, ok := value.Int(text)
		if !ok {
			return nil, &NotAnInteger{text}
		}
		return n, nil
	case wire.Bool:
		if text, ok := v.(string); ok {
			return strings.EqualFold(text, "true"), nil
		}
	case wire.String, wire.Time, wire.Blob, wire.Stream:
	}
	return v, nil
}

// NotAnInteger is a text in the place of an integer.
type NotAnInteger struct{ Text string }

func (e *NotAnInteger) Error() string {
	return "invalid literal for int() with base 10: " + value.Repr(e.Text)
}

// Complex reports whether shorthand can stand for a value of the shape.
func Complex(s *wire.Shape) bool {
	switch s.Kind {
	case wire.List:
		return s.Elem.Kind == wire.Struct || s.Elem.Kind == wire.List || s.Elem.Kind == wire.Map
	case wire.Struct, wire.Map:
		return true
	case wire.String, wire.Bool, wire.Int, wire.Time, wire.Blob, wire.Stream:
	}
	return false
}

// Example returns an input with all that it can hold: a skeleton to fill in.
func (o *Operation) Example() *value.Object {
	e := example{op: o}
	out, _ := e.value(o.In, "").(*value.Object)
	return out
}

// Pretend returns what the operation might answer: each string is the name of
// its member.
func (o *Operation) Pretend() *value.Object {
	e := example{op: o, named: true}
	out, _ := e.value(o.Out, "").(*value.Object)
	return out
}

type example struct {
	op    *Operation
	named bool
	path  []*wire.Shape // structures that are being made
}

func (e *example) value(s *wire.Shape, name string) any {
	switch s.Kind {
	case wire.Struct:
		out := new(value.Object)
		for _, outer := range e.path {
			if outer == s {
				return out
			}
		}
		e.path = append(e.path, s)
		for i := range s.Members {
			m := &s.Members[i]
			if e.named && m.In == wire.Payload {
				continue
			}
			out.Set(e.op.NameOf(m), e.value(m.Shape, e.op.NameOf(m)))
		}
		e.path = e.path[:len(e.path)-1]
		return out
	case wire.List:
		return []any{e.value(s.Elem, name)}
	case wire.Map:
		return value.NewObject(value.Member{Key: "KeyName", Value: e.value(s.Elem, "")})
	case wire.Int:
		return int64(0)
	case wire.Bool:
		return true
	case wire.Time:
		return value.Date("1970-01-01 00:00:00")
	case wire.String:
		if enum := s.Enum(); len(enum) > 0 && !e.named {
			return enum[0]
		}
		if e.named {
			return name
		}
		return ""
	case wire.Blob, wire.Stream:
	}
	return nil
}
