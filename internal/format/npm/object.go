package npm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
)

// object is a JSON object that keeps the order of its members and the text
// of their values. Keys are compared as JavaScript does: by case, and the
// last of two equal ones counts. (encoding/json would let "Name" stand for
// "name" in a struct.)
type object struct {
	keys   []string
	values map[string]json.RawMessage
}

func newObject() *object { return &object{values: map[string]json.RawMessage{}} }

// parseObject reads one JSON object and nothing else.
func parseObject(b []byte) (*object, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	if t, err := d.Token(); err != nil {
		return nil, fmt.Errorf("not JSON: %w", ended(err))
	} else if t != json.Delim('{') {
		return nil, errors.New("not a JSON object")
	}
	o := newObject()
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("not JSON: %w", ended(err))
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, fmt.Errorf("not JSON: %w", ended(err))
		}
		o.set(key.(string), value)
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("not JSON: %w", ended(err))
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("not JSON: something follows the object")
	}
	return o, nil
}

func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// set gives key a value, at its old place if it has one.
func (o *object) set(key string, value json.RawMessage) {
	if _, ok := o.values[key]; !ok {
		o.keys = append(o.keys, key)
	}
	o.values[key] = value
}

// put is set with a Go value, which must be one that JSON has.
func (o *object) put(key string, value any) { o.set(key, encode(value)) }

func (o *object) remove(key string) {
	if _, ok := o.values[key]; ok {
		delete(o.values, key)
		o.keys = slices.DeleteFunc(o.keys, func(k string) bool { return k == key })
	}
}

// text returns the value of key if it is a string, else "".
func (o *object) text(key string) string { return text(o.values[key]) }

// object returns the value of key if it is an object, else an empty one.
func (o *object) object(key string) *object {
	if inner, err := parseObject(o.values[key]); err == nil {
		return inner
	}
	return newObject()
}

// list returns the elements of the value of key if it is an array.
func (o *object) list(key string) []json.RawMessage {
	var l []json.RawMessage
	if json.Unmarshal(o.values[key], &l) != nil {
		return nil
	}
	return l
}

// encode writes the object without superfluous space.
func (o *object) encode() json.RawMessage {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, k := range o.keys {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(quote(k))
		b.WriteByte(':')
		// Values come from a decoder or from encode: they are valid.
		_ = json.Compact(&b, o.values[k])
	}
	b.WriteByte('}')
	return b.Bytes()
}

// text decodes a JSON string, or returns "" for any other value.
func text(raw json.RawMessage) string {
	s, _ := decoded(raw)
	return s
}

// decoded decodes a JSON string, and reports whether raw is one. One that is
// written as it is read, as most are, is copied.
func decoded(raw []byte) (s string, ok bool) {
	if last := len(raw) - 1; last > 0 && raw[0] == '"' && plain(raw[1:]) == last-1 && raw[last] == '"' {
		return string(raw[1:last]), true
	}
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}

// quote returns s as a JSON string.
func quote(s string) []byte { return appendQuoted(nil, s) }

// appendQuoted appends s as a JSON string. What is in no need of escapes, as
// most names and URLs are, is copied.
func appendQuoted(b []byte, s string) []byte {
	if plain(s) < len(s) {
		return append(b, encode(s)...)
	}
	return append(append(append(b, '"'), s...), '"')
}

// encode is json.Marshal without its escapes for HTML.
func encode(v any) json.RawMessage {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	// Only strings, numbers, and slices, maps and structs of them come here.
	_ = e.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
