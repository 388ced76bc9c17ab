package login

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// element is a child of the root of an XML file, or one of its children, as
// the bytes that it takes.
type element struct {
	name       string
	start, end int // with its tags
	from, to   int // without; the same for <name/>
	text       string
	children   []*element
}

// embed puts elements into lists of an XML file, below its root: in the place
// of the one that has the same <id>, or the same text, or behind the last.
// Lists that are not there are made.
func embed(path string, old []byte, adding ...listed) ([]byte, error) {
	for _, a := range adding {
		root, err := parseXML(old)
		if err != nil {
			return nil, fmt.Errorf("%s is no XML that can be edited: %w", path, err)
		}
		old = a.into(old, root)
	}
	return old, nil
}

// listed is an element that a list is to have.
type listed struct {
	list string
	key  string // the text of its <id>, or its own
	xml  string // of several lines, not indented
}

func (a listed) into(old []byte, root *element) []byte {
	list := root.child(a.list)
	if list == nil {
		return splice(old, root, root.to, root.to, indented("  ", "<"+a.list+">\n"+indented("  ", a.xml)+"\n</"+a.list+">")+"\n")
	}
	for _, c := range list.children {
		if id := c.child("id"); id != nil && id.text == a.key || id == nil && c.text == a.key {
			text := strings.TrimLeft(indented("    ", a.xml), " ")
			return splice(old, c, c.start, c.end, text)
		}
	}
	return splice(old, list, list.to, list.to, indented("  ", indented("  ", a.xml))+"\n  ")
}

// splice replaces bytes in e. An element without content is opened first, and
// what is put before an end tag begins on a line of its own.
func splice(old []byte, e *element, from, to int, text string) []byte {
	if e.from == e.to && bytes.HasSuffix(old[e.start:e.end], []byte("/>")) && from == e.to {
		head := bytes.TrimRight(old[e.start:e.end-2], " ")
		text = string(head) + ">\n" + text + "</" + e.name + ">"
		from, to = e.start, e.end
	} else if from == e.to && from == to {
		for from > e.from && strings.ContainsRune(" \t", rune(old[from-1])) {
			from--
		}
		if from == 0 || old[from-1] != '\n' {
			text = "\n" + text
		}
	}
	return append(append(append([]byte{}, old[:from]...), text...), old[to:]...)
}

func (e *element) child(name string) *element {
	for _, c := range e.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// parseXML returns the root.
func parseXML(text []byte) (*element, error) {
	d := xml.NewDecoder(bytes.NewReader(text))
	var root *element
	var open []*element
	for {
		start := int(d.InputOffset())
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF) && root != nil && len(open) == 0:
			return root, nil
		case errors.Is(err, io.EOF):
			return nil, errors.New("it has no root element")
		case err != nil:
			return nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			e := &element{name: t.Name.Local, start: start, from: int(d.InputOffset())}
			if n := len(open); n > 0 {
				open[n-1].children = append(open[n-1].children, e)
			} else {
				root = e
			}
			open = append(open, e)
		case xml.EndElement:
			e := open[len(open)-1]
			open = open[:len(open)-1]
			e.to, e.end = start, int(d.InputOffset())
			e.text = strings.TrimSpace(e.text)
		case xml.CharData:
			if n := len(open); n > 0 {
				open[n-1].text += string(t)
			}
		}
	}
}

func indented(by, text string) string {
	return by + strings.ReplaceAll(text, "\n", "\n"+by)
}

// escaped returns text as XML has it.
func escaped(text string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(text)) //nolint:errcheck // a builder
	return b.String()
}
