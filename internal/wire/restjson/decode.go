package restjson

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"strconv"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"larder.example/larder/internal/wire"
)

// parse reads one JSON value with nothing after it. Numbers stay text. Of two
// members of one name the last counts.
func parse(body []byte) (any, error) {
	if !faithful(body) {
		return nil, errors.New("it is not valid Unicode")
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("something follows its end")
	}
	return v, nil
}

// faithful reports whether encoding/json returns the strings of body as they
// are. It replaces invalid UTF-8 and unpaired surrogates without a word.
func faithful(body []byte) bool {
	if !utf8.Valid(body) {
		return false
	}
	for {
		i := bytes.IndexByte(body, '\\')
		if i < 0 || i+1 == len(body) {
			return true
		}
		body = body[i:]
		first, ok := unicodeEscape(body)
		if !ok || !utf16.IsSurrogate(first) {
			body = body[2:]
			continue
		}
		second, ok := unicodeEscape(body[6:])
		if !ok || utf16.DecodeRune(first, second) == utf8.RuneError {
			return false
		}
		body = body[12:]
	}
}

// unicodeEscape reads a \uXXXX at the start of b.
func unicodeEscape(b []byte) (rune, bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	return rune(n), err == nil
}

// decoder binds parsed JSON to values.
type decoder struct{ zeros *wire.Zeros }

// value binds v, which is not null, to dst. p is where it stands.
func (d *decoder) value(s *wire.Shape, v any, dst reflect.Value, p *wire.Path) error {
	switch s.Kind {
	case wire.Struct:
		object, ok := v.(map[string]any)
		if !ok {
			return mistyped(p, "an object")
		}
		return d.structure(s, object, dst, p)
	case wire.List:
		return d.list(s, v, dst, p)
	case wire.Map:
		return d.mapping(s, v, dst, p)
	default:
		err := scalar(s, v, dst, p)
		d.zeros.Note(dst, p)
		return err
	}
}

func (d *decoder) structure(s *wire.Shape, object map[string]any, dst reflect.Value, p *wire.Path) error {
	for i := range s.Members {
		m := &s.Members[i]
		v := object[m.Wire]
		if m.In != wire.Body || v == nil {
			continue
		}
		if err := d.value(m.Shape, v, m.Target(dst), p.Member(m.Name)); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) list(s *wire.Shape, v any, dst reflect.Value, p *wire.Path) error {
	items, ok := v.([]any)
	if !ok {
		return mistyped(p, "a list")
	}
	dst.Set(reflect.MakeSlice(s.Type, len(items), len(items)))
	for i, item := range items {
		if item == nil {
			continue
		}
		if err := d.value(s.Elem, item, dst.Index(i), p.Item(i)); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) mapping(s *wire.Shape, v any, dst reflect.Value, p *wire.Path) error {
	object, ok := v.(map[string]any)
	if !ok {
		return mistyped(p, "an object")
	}
	dst.Set(reflect.MakeMapWithSize(s.Type, len(object)))
	for key, v := range object {
		elem := reflect.New(s.Elem.Type).Elem()
		if v != nil {
			if err := d.value(s.Elem, v, elem, p.Member(key)); err != nil {
				return err
			}
		}
		dst.SetMapIndex(reflect.ValueOf(key).Convert(s.Type.Key()), elem)
	}
	return nil
}

func scalar(s *wire.Shape, v any, dst reflect.Value, p *wire.Path) error {
	switch s.Kind {
	case wire.String:
		text, ok := v.(string)
		if !ok {
			return mistyped(p, "a string")
		}
		dst.SetString(text)
	case wire.Bool:
		truth, ok := v.(bool)
		if !ok {
			return mistyped(p, "true or false")
		}
		dst.SetBool(truth)
	case wire.Int:
		number, ok := v.(json.Number)
		n, err := strconv.ParseInt(string(number), 10, bits(s))
		if !ok || err != nil {
			return mistyped(p, "an integer")
		}
		dst.SetInt(n)
	case wire.Time:
		t, ok := timestamp(v)
		if !ok {
			return mistyped(p, "a timestamp")
		}
		dst.Set(reflect.ValueOf(t))
	case wire.Blob:
		text, _ := v.(string)
		blob, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return mistyped(p, "base64")
		}
		dst.SetBytes(blob)
	default:
		return fmt.Errorf("no document holds a %s", s.Type)
	}
	return nil
}

// timestamp reads what services send: seconds since 1970, with a fraction or
// an exponent, or an ISO 8601 string. What is finer than a millisecond is
// noise of the sender's floating point.
func timestamp(v any) (time.Time, bool) {
	switch v := v.(type) {
	case json.Number:
		seconds, err := v.Float64()
		if err != nil || math.Abs(seconds) > 1e12 {
			return time.Time{}, false
		}
		return time.UnixMilli(int64(math.Round(seconds * 1000))).UTC(), true
	case string:
		t, err := time.Parse(time.RFC3339, v)
		return t.UTC(), err == nil
	}
	return time.Time{}, false
}

func mistyped(p *wire.Path, want string) error {
	return cannotParse("The value of '%s' is not %s.", p, want)
}
