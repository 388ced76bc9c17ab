package awsquery

import (
	"encoding/base64"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/wire"
)

// Bind sets the members of in from the parameters. Of a repeated one the
// first counts; what no member is called is ignored.
func (Protocol) Bind(r *wire.Request, s *wire.Shape, in reflect.Value) (*wire.Zeros, error) {
	b := binder{parameters: collect(r.Form, r.Query), zeros: new(wire.Zeros)}
	if err := b.structure(s, "", in, nil); err != nil {
		return nil, err
	}
	return b.zeros, nil
}

type binder struct {
	parameters
	zeros *wire.Zeros
}

// structure binds the members whose parameters begin with prefix.
func (b *binder) structure(s *wire.Shape, prefix string, dst reflect.Value, p *wire.Path) error {
	for i := range s.Members {
		m := &s.Members[i]
		name := prefix + m.Wire
		if !b.has(m.Shape.Kind, name) {
			continue
		}
		if err := b.value(m.Shape, name, m.Target(dst), p.Member(m.Name)); err != nil {
			return err
		}
	}
	return nil
}

// has reports whether any parameter is about the value called name.
func (b *binder) has(k wire.Kind, name string) bool {
	switch k {
	case wire.Struct:
		return b.anyBelow(name)
	case wire.List, wire.Map:
		_, ok := b.values[name] // "Tags=" is how clients say that a list is empty
		return ok || b.anyBelow(name)
	default:
		_, ok := b.values[name]
		return ok
	}
}

func (b *binder) value(s *wire.Shape, name string, dst reflect.Value, p *wire.Path) error {
	switch s.Kind {
	case wire.Struct:
		return b.structure(s, name+".", dst, p)
	case wire.List:
		return b.list(s, name, dst, p)
	case wire.Map:
		return b.mapping(s, name, dst, p)
	default:
		err := scalar(s, b.values[name], dst)
		b.zeros.Note(dst, p)
		return err
	}
}

// list binds name.member.1, name.member.2 and so on.
func (b *binder) list(s *wire.Shape, name string, dst reflect.Value, p *wire.Path) error {
	prefix := name + ".member."
	items := b.numbered(prefix)
	dst.Set(reflect.MakeSlice(s.Type, len(items), len(items)))
	for i, n := range items {
		if err := b.value(s.Elem, prefix+strconv.Itoa(n), dst.Index(i), p.Item(i)); err != nil {
			return err
		}
	}
	return nil
}

// mapping binds name.entry.1.key, name.entry.1.value and so on.
func (b *binder) mapping(s *wire.Shape, name string, dst reflect.Value, p *wire.Path) error {
	prefix := name + ".entry."
	dst.Set(reflect.MakeMap(s.Type))
	for _, n := range b.numbered(prefix) {
		entry := prefix + strconv.Itoa(n)
		key := b.values[entry+".key"]
		elem := reflect.New(s.Elem.Type).Elem()
		if b.has(s.Elem.Kind, entry+".value") {
			if err := b.value(s.Elem, entry+".value", elem, p.Member(key)); err != nil {
				return err
			}
		}
		dst.SetMapIndex(reflect.ValueOf(key).Convert(s.Type.Key()), elem)
	}
	return nil
}

func scalar(s *wire.Shape, text string, dst reflect.Value) error {
	switch s.Kind {
	case wire.String:
		dst.SetString(text)
	case wire.Bool:
		switch strings.ToLower(text) {
		case "true":
			dst.SetBool(true)
		case "false":
			dst.SetBool(false)
		default:
			return malformed(text)
		}
	case wire.Int:
		n, err := strconv.ParseInt(text, 10, bits(s)) // +900 and 0900 are fine [AWS STS]
		if err != nil {
			return malformed(text)
		}
		dst.SetInt(n)
	case wire.Time:
		t, err := time.Parse(time.RFC3339, text)
		if err != nil {
			return malformed(text)
		}
		dst.Set(reflect.ValueOf(t.UTC()))
	case wire.Blob:
		blob, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return malformed(text)
		}
		dst.SetBytes(blob)
	default:
		return fmt.Errorf("bind %q: a form cannot hold a %s", text, s.Type)
	}
	return nil
}

// bits returns the size of an integer on the wire.
func bits(s *wire.Shape) int {
	if s.Type.Kind() == reflect.Int {
		return 32
	}
	return 64
}

const codeMalformedInput = "MalformedInput"

// malformed is AWS STS's answer to a value of the wrong type: it says
// something only if there was none.
func malformed(text string) error {
	e := &larder.Error{Kind: larder.Invalid, Code: codeMalformedInput}
	if text == "" {
		e.Message = "missing value for decimal type"
	}
	return e
}
