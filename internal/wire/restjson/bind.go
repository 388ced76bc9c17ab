package restjson

import (
	"fmt"
	"reflect"
	"strconv"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/wire"
)

// Bind sets the members of in from the query, the headers and the body. Of a
// repeated parameter the first counts; what no member is called is ignored.
func (Protocol) Bind(r *wire.Request, s *wire.Shape, in reflect.Value) (*wire.Zeros, error) {
	b := binder{request: r, zeros: new(wire.Zeros)}
	if err := b.document(s); err != nil {
		return nil, err
	}
	for i := range s.Members {
		if err := b.member(&s.Members[i], in); err != nil {
			return nil, err
		}
	}
	return b.zeros, nil
}

type binder struct {
	request *wire.Request
	object  map[string]any // the document
	zeros   *wire.Zeros

	// Dependabot asks for a token with a JSON document and an X-Amz-Target
	// header, at the path of restJson1. So where there is that header, what
	// the query lacks may stand in the document.
	targeted bool
}

// document parses the body if any member may be in it.
func (b *binder) document(s *wire.Shape) error {
	b.targeted = b.request.HTTP.Header.Get("X-Amz-Target") != ""
	if len(b.request.Body) == 0 || !b.targeted && !hasDocument(s) {
		return nil
	}
	v, err := parse(b.request.Body)
	if err != nil {
		return cannotParse("The request body is not a JSON document: %v.", err)
	}
	object, ok := v.(map[string]any)
	if !ok {
		return cannotParse("The request body is not a JSON object.")
	}
	b.object = object
	return nil
}

func hasDocument(s *wire.Shape) bool {
	for i := range s.Members {
		if s.Members[i].In == wire.Body {
			return true
		}
	}
	return false
}

func (b *binder) member(m *wire.Member, in reflect.Value) error {
	switch m.In {
	case wire.Query:
		if text, ok := wire.First(b.request.Query, m.Wire); ok {
			return b.text(m, text, in)
		}
		if b.targeted {
			if v, ok := b.object[m.Name]; ok {
				return b.value(m, v, in)
			}
			return b.value(m, b.object[m.Wire], in)
		}
	case wire.Header:
		if values := b.request.HTTP.Header.Values(m.Wire); len(values) > 0 {
			return b.text(m, values[0], in)
		}
	case wire.Body:
		return b.value(m, b.object[m.Wire], in)
	case wire.Payload:
		if body := b.request.HTTP.Body; body != nil {
			m.Target(in).Set(reflect.ValueOf(body))
		}
	}
	return nil
}

// value binds a value of the document. Null is the same as nothing.
func (b *binder) value(m *wire.Member, v any, in reflect.Value) error {
	if v == nil {
		return nil
	}
	d := decoder{zeros: b.zeros}
	return d.value(m.Shape, v, m.Target(in), (*wire.Path)(nil).Member(m.Name))
}

// text binds a parameter or a header.
func (b *binder) text(m *wire.Member, text string, in reflect.Value) error {
	dst := m.Target(in)
	switch m.Shape.Kind {
	case wire.String:
		dst.SetString(text)
	case wire.Bool:
		if text != "true" && text != "false" {
			return cannotParse("The value of '%s' is not true or false.", m.Name)
		}
		dst.SetBool(text == "true")
	case wire.Int:
		n, err := strconv.ParseInt(text, 10, bits(m.Shape))
		if err != nil {
			return cannotParse("The value of '%s' is not an integer.", m.Name)
		}
		dst.SetInt(n)
	case wire.Time:
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return cannotParse("The value of '%s' is not a timestamp.", m.Name)
		}
		dst.Set(reflect.ValueOf(t.UTC()))
	default:
		return fmt.Errorf("bind %s: a %s cannot stand in the query or a header", m.Name, m.Shape.Type)
	}
	b.zeros.Note(dst, (*wire.Path)(nil).Member(m.Name))
	return nil
}

// bits returns the size of an integer on the wire.
func bits(s *wire.Shape) int {
	if s.Type.Kind() == reflect.Int {
		return 32
	}
	return 64
}

func cannotParse(format string, args ...any) error {
	e := larder.Errorf(larder.Invalid, format, args...)
	e.Code = wire.CodeCannotParse
	return e
}
