package restjson

import (
	"encoding/base64"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"larder.example/larder/internal/wire"
)

// encoder writes JSON with members in the order of the model, which is the
// order in which the AWS CLI prints them.
type encoder struct {
	buf []byte

	// present picks the members to write: wire.Member.Given for a request,
	// wire.Member.Said for an answer.
	present func(*wire.Member, reflect.Value) (reflect.Value, bool)
}

// object writes those members of a structure that stand in the document.
func (e *encoder) object(s *wire.Shape, v reflect.Value) {
	e.buf = append(e.buf, '{')
	first := true
	for i := range s.Members {
		m := &s.Members[i]
		if m.In != wire.Body {
			continue
		}
		f, ok := e.present(m, v)
		if !ok {
			continue
		}
		if !first {
			e.buf = append(e.buf, ',')
		}
		first = false
		e.buf = appendString(e.buf, m.Wire)
		e.buf = append(e.buf, ':')
		e.value(m.Shape, f)
	}
	e.buf = append(e.buf, '}')
}

func (e *encoder) value(s *wire.Shape, v reflect.Value) {
	switch s.Kind {
	case wire.Struct:
		e.object(s, v)
	case wire.List:
		e.buf = append(e.buf, '[')
		for i := range v.Len() {
			if i > 0 {
				e.buf = append(e.buf, ',')
			}
			e.value(s.Elem, v.Index(i))
		}
		e.buf = append(e.buf, ']')
	case wire.Map:
		e.mapping(s, v)
	case wire.Bool:
		e.buf = strconv.AppendBool(e.buf, v.Bool())
	case wire.Int:
		e.buf = strconv.AppendInt(e.buf, v.Int(), 10)
	case wire.Time:
		e.buf = appendTime(e.buf, v.Interface().(time.Time))
	case wire.Blob:
		e.buf = append(e.buf, '"')
		e.buf = base64.StdEncoding.AppendEncode(e.buf, v.Bytes())
		e.buf = append(e.buf, '"')
	default:
		e.buf = appendString(e.buf, v.String())
	}
}

// mapping writes a map in the order of its keys, so that equal answers are
// equal bytes.
func (e *encoder) mapping(s *wire.Shape, v reflect.Value) {
	elems := make(map[string]reflect.Value, v.Len())
	for key, elem := range v.Seq2() {
		elems[key.String()] = elem
	}
	e.buf = append(e.buf, '{')
	for i, key := range slices.Sorted(maps.Keys(elems)) {
		if i > 0 {
			e.buf = append(e.buf, ',')
		}
		e.buf = appendString(e.buf, key)
		e.buf = append(e.buf, ':')
		e.value(s.Elem, elems[key])
	}
	e.buf = append(e.buf, '}')
}

// appendTime writes seconds since 1970 with the milliseconds that t has, and
// no fraction if it has none: the AWS CLI would print it.
func appendTime(b []byte, t time.Time) []byte {
	ms := t.UnixMilli()
	if ms < 0 {
		b, ms = append(b, '-'), -ms
	}
	b = strconv.AppendInt(b, ms/1000, 10)
	if rest := ms % 1000; rest != 0 {
		b = append(b, '.')
		b = append(b, strings.TrimRight(strconv.Itoa(int(1000 + rest))[1:], "0")...)
	}
	return b
}

// appendString writes a JSON string. encoding/json would do, but escapes for
// HTML unless it is given a writer.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r < ' ' || r == 0x7f:
			b = append(b, `\u00`...)
			b = append(b, hex[r>>4], hex[r&15])
		default:
			b = utf8.AppendRune(b, r) // U+FFFD for what is not UTF-8
		}
	}
	return append(b, '"')
}
