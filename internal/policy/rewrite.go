package policy

import (
	"bytes"
	"encoding/json"
	"slices"
)

// Rewrite returns the document with every principal under "AWS" exchanged for
// what f makes of it, and all else byte for byte as it was. It is for stored
// documents, which hold unique IDs where people write ARNs: resolve on the way
// in, name on the way out. "*" is nobody's name and f does not see it.
//
// The document need not be one that [Parse] takes: what was stored under
// older rules can still be shown. An error of f is returned as it is.
func Rewrite(document []byte, f func(principal string) (string, error)) ([]byte, error) {
	r, err := read(document)
	if err != nil {
		return nil, err
	}
	w := rewriter{reader: r, name: f}
	token, err := r.next()
	if err != nil {
		return nil, err
	}
	if err := w.member(token, w.statements, "Statement"); err != nil {
		return nil, err
	}
	w.out.Write(document[w.copied:])
	return w.out.Bytes(), nil
}

type rewriter struct {
	*reader
	name   func(string) (string, error)
	out    bytes.Buffer
	copied int // how much of the document out has
}

// member reads an object, leaves the members of the given names to read and
// skips all else.
func (w *rewriter) member(token json.Token, read func() error, names ...string) error {
	if token != json.Delim('{') {
		return w.skip(token)
	}
	return w.object("", token, asWritten, func(_, key string) error {
		if slices.Contains(names, key) {
			return read()
		}
		token, err := w.next()
		if err != nil {
			return err
		}
		return w.skip(token)
	})
}

func (w *rewriter) statements() error {
	return w.list("Statement", func(_ string, token json.Token) error {
		return w.member(token, w.principals, "Principal", "NotPrincipal")
	})
}

func (w *rewriter) principals() error {
	token, err := w.next()
	if err != nil {
		return err
	}
	return w.member(token, w.names, "AWS")
}

func (w *rewriter) names() error {
	return w.list("AWS", func(_ string, token json.Token) error {
		old, ok := token.(string)
		if !ok {
			return w.skip(token)
		}
		if old == "*" {
			return nil
		}
		start, end := w.start, w.end()
		name, err := w.name(old)
		if err != nil || name == old {
			return err
		}
		w.out.Write(w.doc[w.copied:start])
		w.copied = end
		return writeString(&w.out, name)
	})
}

// writeString writes a JSON string without the escapes for HTML.
func writeString(b *bytes.Buffer, s string) error {
	e := json.NewEncoder(b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the line feed
	return nil
}
