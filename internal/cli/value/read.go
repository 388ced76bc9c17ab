package value

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds how deep values may nest, as Python's recursion limit does.
const maxDepth = 500

// ParseJSON reads one JSON document. Its errors are worded and placed as those
// of Python's json module. Of a key that stands twice the last value counts.
func ParseJSON(text string) (any, error) {
	r := &reader{s: text}
	r.space()
	v, err := r.value(0)
	if err != nil {
		return nil, err
	}
	r.space()
	if r.i < len(r.s) {
		return nil, r.fail(r.i, "Extra data")
	}
	return v, nil
}

type reader struct {
	s string
	i int
}

// fail says where in characters, lines and columns something is wrong.
func (r *reader) fail(at int, message string) error {
	before := r.s[:min(at, len(r.s))]
	line := 1 + strings.Count(before, "\n")
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	return fmt.Errorf("%s: line %d column %d (char %d)", message, line, column, utf8.RuneCountInString(before))
}

func (r *reader) space() {
	for r.i < len(r.s) && strings.IndexByte(" \t\n\r", r.s[r.i]) >= 0 {
		r.i++
	}
}

func (r *reader) peek() byte {
	if r.i < len(r.s) {
		return r.s[r.i]
	}
	return 0
}

func (r *reader) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, r.fail(r.i, "Too deeply nested")
	}
	switch c := r.peek(); {
	case c == '"':
		r.i++
		return r.text()
	case c == '{':
		r.i++
		return r.object(depth)
	case c == '[':
		r.i++
		return r.list(depth)
	case c == '-' || '0' <= c && c <= '9':
		return r.number()
	}
	for _, word := range [...]struct {
		text  string
		value any
	}{{"null", nil}, {"true", true}, {"false", false}} {
		if strings.HasPrefix(r.s[r.i:], word.text) {
			r.i += len(word.text)
			return word.value, nil
		}
	}
	return nil, r.fail(r.i, "Expecting value")
}

func (r *reader) object(depth int) (any, error) {
	o := new(Object)
	r.space()
	if r.peek() == '}' {
		r.i++
		return o, nil
	}
	for {
		if r.peek() != '"' {
			return nil, r.fail(r.i, "Expecting property name enclosed in double quotes")
		}
		r.i++
		key, err := r.text()
		if err != nil {
			return nil, err
		}
		r.space()
		if r.peek() != ':' {
			return nil, r.fail(r.i, "Expecting ':' delimiter")
		}
		r.i++
		r.space()
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		o.Set(key, v)
		r.space()
		comma := r.i
		switch r.peek() {
		case '}':
			r.i++
			return o, nil
		case ',':
			r.i++
		default:
			return nil, r.fail(r.i, "Expecting ',' delimiter")
		}
		r.space()
		if r.peek() == '}' {
			return nil, r.fail(comma, "Illegal trailing comma before end of object")
		}
	}
}

func (r *reader) list(depth int) (any, error) {
	list := []any{}
	r.space()
	if r.peek() == ']' {
		r.i++
		return list, nil
	}
	for {
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		r.space()
		comma := r.i
		switch r.peek() {
		case ']':
			r.i++
			return list, nil
		case ',':
			r.i++
		default:
			return nil, r.fail(r.i, "Expecting ',' delimiter")
		}
		r.space()
		if r.peek() == ']' {
			return nil, r.fail(comma, "Illegal trailing comma before end of array")
		}
	}
}

// number reads what the grammar allows and leaves the rest, as Python does:
// of 012 it takes the 0, and the document has extra data.
func (r *reader) number() (any, error) {
	start := r.i
	if r.peek() == '-' {
		r.i++
	}
	digits := func() bool {
		from := r.i
		for '0' <= r.peek() && r.peek() <= '9' {
			r.i++
		}
		return r.i > from
	}
	if r.peek() == '0' {
		r.i++
	} else if !digits() {
		r.i = start
		return nil, r.fail(start, "Expecting value")
	}
	isFloat := false
	if end := r.i; r.peek() == '.' {
		r.i++
		if isFloat = digits(); !isFloat {
			r.i = end
		}
	}
	if end := r.i; r.peek() == 'e' || r.peek() == 'E' {
		r.i++
		if r.peek() == '+' || r.peek() == '-' {
			r.i++
		}
		if digits() {
			isFloat = true
		} else {
			r.i = end
		}
	}
	text := r.s[start:r.i]
	if isFloat {
		f, _ := strconv.ParseFloat(text, 64) // out of range is infinite, as in Python
		return f, nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	n, _ := new(big.Int).SetString(text, 10)
	return n, nil
}

// text reads a string after its opening quote.
func (r *reader) text() (string, error) {
	begin := r.i - 1
	start := r.i
	var b strings.Builder
	for {
		switch c := r.peek(); {
		case r.i >= len(r.s):
			return "", r.fail(begin, "Unterminated string starting at")
		case c == '"':
			r.i++
			if b.Len() == 0 {
				return r.s[start : r.i-1], nil
			}
			b.WriteString(r.s[start : r.i-1])
			return b.String(), nil
		case c < ' ':
			return "", r.fail(r.i, "Invalid control character at")
		case c == '\\':
			b.WriteString(r.s[start:r.i])
			if err := r.escape(&b, begin); err != nil {
				return "", err
			}
			start = r.i
		default:
			r.i++
		}
	}
}

const escapes = `"\/bfnrt`

func (r *reader) escape(b *strings.Builder, begin int) error {
	at := r.i
	r.i++
	if r.i >= len(r.s) {
		return r.fail(begin, "Unterminated string starting at")
	}
	c := r.s[r.i]
	r.i++
	if k := strings.IndexByte(escapes, c); k >= 0 {
		b.WriteByte("\"\\/\b\f\n\r\t"[k])
		return nil
	}
	if c != 'u' {
		return r.fail(at, `Invalid \escape`)
	}
	first, ok := r.hex()
	if !ok {
		return r.fail(at+2, `Invalid \uXXXX escape`)
	}
	if utf16.IsSurrogate(first) && strings.HasPrefix(r.s[r.i:], `\u`) {
		after := r.i
		r.i += 2
		if second, ok := r.hex(); ok {
			if whole := utf16.DecodeRune(first, second); whole != utf8.RuneError {
				b.WriteRune(whole)
				return nil
			}
		}
		r.i = after
	}
	b.WriteRune(first)
	return nil
}

func (r *reader) hex() (rune, bool) {
	if r.i+4 > len(r.s) {
		return 0, false
	}
	n, err := strconv.ParseUint(r.s[r.i:r.i+4], 16, 32)
	if err != nil {
		return 0, false
	}
	r.i += 4
	return rune(n), true
}
