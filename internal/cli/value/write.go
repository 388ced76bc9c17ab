package value

import (
	"encoding/base64"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf16"
)

// AppendJSON appends v as Python's json.dumps(ensure_ascii=False) writes it.
// With an indentation, containers that are not empty have a line for each
// item, indented by so much more than indent already says.
func AppendJSON(dst []byte, v any, step int) []byte {
	return writer{step: step}.value(dst, v, 0)
}

// Dumps returns v as Python's json.dumps does: in one line, ", " and ": "
// between, and ASCII only.
func Dumps(v any) string { return string(writer{step: -1, ascii: true}.value(nil, v, 0)) }

// Line returns v as JSON in one line, with characters as they are.
func Line(v any) string { return string(writer{step: -1}.value(nil, v, 0)) }

type writer struct {
	step  int // -1: all in one line
	ascii bool
	tight bool // no space after separators
}

func (w writer) value(dst []byte, v any, depth int) []byte {
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...)
	case bool:
		return strconv.AppendBool(dst, v)
	case int64:
		return strconv.AppendInt(dst, v, 10)
	case *big.Int:
		return append(dst, v.String()...)
	case float64:
		return append(dst, jsonFloat(v)...)
	case []byte:
		return w.text(dst, base64.StdEncoding.EncodeToString(v))
	case Date:
		return w.text(dst, strings.Replace(string(v), " ", "T", 1))
	case []any:
		return w.list(dst, v, depth)
	case *Object:
		return w.object(dst, v, depth)
	default:
		return w.text(dst, Str(v))
	}
}

// jsonFloat spells what is no number as Python's json does.
func jsonFloat(f float64) string {
	switch s := Float(f); s {
	case "nan":
		return "NaN"
	case "inf":
		return "Infinity"
	case "-inf":
		return "-Infinity"
	default:
		return s
	}
}

func (w writer) list(dst []byte, list []any, depth int) []byte {
	if len(list) == 0 {
		return append(dst, "[]"...)
	}
	dst = append(dst, '[')
	for i, e := range list {
		dst = w.separate(dst, i, depth+1)
		dst = w.value(dst, e, depth+1)
	}
	dst = w.line(dst, depth)
	return append(dst, ']')
}

func (w writer) object(dst []byte, o *Object, depth int) []byte {
	if o.Len() == 0 {
		return append(dst, "{}"...)
	}
	dst = append(dst, '{')
	for i, m := range o.Members() {
		dst = w.separate(dst, i, depth+1)
		dst = w.text(dst, m.Key)
		dst = append(dst, ':')
		if !w.tight {
			dst = append(dst, ' ')
		}
		dst = w.value(dst, m.Value, depth+1)
	}
	dst = w.line(dst, depth)
	return append(dst, '}')
}

func (w writer) separate(dst []byte, i, depth int) []byte {
	if i > 0 {
		dst = append(dst, ',')
		if w.step < 0 && !w.tight {
			dst = append(dst, ' ')
		}
	}
	return w.line(dst, depth)
}

func (w writer) line(dst []byte, depth int) []byte {
	if w.step < 0 {
		return dst
	}
	return append(append(dst, '\n'), strings.Repeat(" ", depth*w.step)...)
}

// text writes a string. Nothing is escaped that JSON does not make us escape,
// unlike encoding/json, which also escapes what JavaScript and HTML trip over.
func (w writer) text(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r == '\n':
			dst = append(dst, `\n`...)
		case r == '\r':
			dst = append(dst, `\r`...)
		case r == '\t':
			dst = append(dst, `\t`...)
		case r == '\b':
			dst = append(dst, `\b`...)
		case r == '\f':
			dst = append(dst, `\f`...)
		case r < ' ' || w.ascii && r > 0x7e && r < 0x10000:
			dst = fmt.Appendf(dst, `\u%04x`, r)
		case w.ascii && r >= 0x10000:
			high, low := utf16.EncodeRune(r)
			dst = fmt.Appendf(dst, `\u%04x\u%04x`, high, low)
		default:
			dst = append(dst, string(r)...)
		}
	}
	return append(dst, '"')
}

// Compact returns v as JSON in one line without spaces, ASCII only.
func Compact(v any) string {
	return string(writer{step: -1, ascii: true, tight: true}.value(nil, v, 0))
}
