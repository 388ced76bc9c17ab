package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"
)

// reader walks a JSON document that is known to be well-formed. Unlike
// encoding/json's Unmarshal it sees keys that are given twice, and it knows
// where in the text it is.
type reader struct {
	doc    []byte
	dec    *json.Decoder
	start  int // of the last token
	values int // strings read so far

	place   Position // of doc[located]
	located int
}

func read(doc []byte) (*reader, error) {
	if !utf8.Valid(doc) {
		return nil, malformed("", "Syntax errors in policy: the document is not UTF-8")
	}
	r := &reader{doc: doc, dec: json.NewDecoder(bytes.NewReader(doc)), place: Position{1, 1}}
	r.dec.UseNumber()
	var whole json.RawMessage
	if err := json.Unmarshal(doc, &whole); err != nil {
		at, ok := errors.AsType[*json.SyntaxError](err)
		if !ok {
			return nil, malformed("", "Syntax errors in policy: %v", err)
		}
		p := r.position(int(at.Offset) - 1)
		return nil, malformed("", "Syntax errors in policy: %v at line %d, column %d", err, p.Line, p.Column)
	}
	return r, nil
}

// next returns the next token.
func (r *reader) next() (json.Token, error) {
	r.start = int(r.dec.InputOffset())
	token, err := r.dec.Token()
	if err != nil {
		return nil, fmt.Errorf("read policy: %w", err)
	}
	for bytes.IndexByte([]byte(" \t\r\n,:"), r.doc[r.start]) >= 0 {
		r.start++
	}
	return token, nil
}

// end returns where the last token ends.
func (r *reader) end() int { return int(r.dec.InputOffset()) }

// position returns the position of an offset no less than the one before.
func (r *reader) position(offset int) Position {
	for ; r.located < offset; r.located++ {
		r.place.Column++
		if r.doc[r.located] == '\n' {
			r.place = Position{r.place.Line + 1, 1}
		}
	}
	return r.place
}

// object reads the members of an object whose first token is given. Keys that
// are equal after fold count as given twice.
func (r *reader) object(where string, token json.Token, fold func(string) string, member func(where, key string) error) error {
	if token != json.Delim('{') {
		return malformed(where, "must be an object")
	}
	seen := make(map[string]bool)
	for r.dec.More() {
		token, err := r.next()
		if err != nil {
			return err
		}
		key, _ := token.(string)
		if seen[fold(key)] {
			return malformed(where, "%q is given twice", key)
		}
		seen[fold(key)] = true
		inner := key
		if where != "" {
			inner = where + "." + key
		}
		if err := member(inner, key); err != nil {
			return err
		}
	}
	_, err := r.next()
	return err
}

// list reads a list, or a single value as a list of one, and hands each
// value's first token on.
func (r *reader) list(where string, value func(where string, token json.Token) error) error {
	token, err := r.next()
	if err != nil {
		return err
	}
	if token != json.Delim('[') {
		return value(where, token)
	}
	for i := 0; r.dec.More(); i++ {
		token, err := r.next()
		if err != nil {
			return err
		}
		if err := value(fmt.Sprintf("%s[%d]", where, i), token); err != nil {
			return err
		}
	}
	_, err = r.next()
	return err
}

// readString reads a string.
func (r *reader) readString(where string) (string, error) {
	token, err := r.next()
	if err != nil {
		return "", err
	}
	return r.text(where, token, false)
}

// readStrings reads a string or a list of strings; if scalars, numbers and
// booleans too, as their text. It never returns nil without an error.
func (r *reader) readStrings(where string, scalars bool) ([]string, error) {
	values := []string{}
	return values, r.list(where, func(where string, token json.Token) error {
		s, err := r.text(where, token, scalars)
		values = append(values, s)
		return err
	})
}

func (r *reader) text(where string, token json.Token, scalars bool) (string, error) {
	r.values++
	if r.values > maxValues {
		return "", malformed(where, "the policy has more than %d values", maxValues)
	}
	switch v := token.(type) {
	case string:
		return v, nil
	case json.Number:
		if scalars {
			return v.String(), nil
		}
	case bool:
		if scalars {
			return fmt.Sprint(v), nil
		}
	}
	return "", malformed(where, "must be a string")
}

// skip reads the rest of a value whose first token is given.
func (r *reader) skip(token json.Token) error {
	for depth := 0; ; {
		switch token {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return nil
		}
		var err error
		if token, err = r.next(); err != nil {
			return err
		}
	}
}
