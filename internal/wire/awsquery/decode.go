package awsquery

import (
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"larder.example/larder/internal/wire"
)

// node is an XML element. Namespaces do not matter.
type node struct {
	name     string
	chars    []byte
	children []*node
}

// maxDepth is deeper than any model nests.
const maxDepth = 64

// parse reads an XML document.
func parse(r io.Reader) (*node, error) {
	d := xml.NewDecoder(r)
	top := &node{}
	open := []*node{top}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) && len(top.children) == 1 {
			return top.children[0], nil
		}
		if err != nil {
			return nil, err
		}
		last := open[len(open)-1]
		switch token := token.(type) {
		case xml.StartElement:
			if len(open) > maxDepth {
				return nil, errors.New("the XML is nested too deeply")
			}
			child := &node{name: token.Name.Local}
			last.children = append(last.children, child)
			open = append(open, child)
		case xml.EndElement:
			open = open[:len(open)-1]
		case xml.CharData:
			last.chars = append(last.chars, token...)
		}
	}
}

func (n *node) text() string { return string(n.chars) }

// child returns the first child called name, or nil.
func (n *node) child(name string) *node {
	if n == nil {
		return nil
	}
	for _, c := range n.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// childText returns the text of the first child called name.
func (n *node) childText(name string) string {
	if c := n.child(name); c != nil {
		return c.text()
	}
	return ""
}

func (n *node) structure(s *wire.Shape, dst reflect.Value) error {
	for i := range s.Members {
		m := &s.Members[i]
		c := n.child(m.Wire)
		if c == nil {
			continue
		}
		if m.URIText {
			plain, err := url.PathUnescape(c.text())
			if err != nil {
				return fmt.Errorf("%s: %w", m.Wire, err)
			}
			c.chars = []byte(plain)
		}
		if err := c.value(m.Shape, m.Target(dst)); err != nil {
			return err
		}
	}
	return nil
}

func (n *node) value(s *wire.Shape, dst reflect.Value) error {
	switch s.Kind {
	case wire.Struct:
		return n.structure(s, dst)
	case wire.List:
		return n.list(s, dst)
	case wire.Map:
		return n.mapping(s, dst)
	default:
		if err := n.scalar(s, dst); err != nil {
			return fmt.Errorf("%s: %w", n.name, err)
		}
		return nil
	}
}

func (n *node) list(s *wire.Shape, dst reflect.Value) error {
	dst.Set(reflect.MakeSlice(s.Type, len(n.children), len(n.children)))
	for i, c := range n.children {
		if err := c.value(s.Elem, dst.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

func (n *node) mapping(s *wire.Shape, dst reflect.Value) error {
	dst.Set(reflect.MakeMap(s.Type))
	for _, entry := range n.children {
		elem := reflect.New(s.Elem.Type).Elem()
		if v := entry.child("value"); v != nil {
			if err := v.value(s.Elem, elem); err != nil {
				return err
			}
		}
		dst.SetMapIndex(reflect.ValueOf(entry.childText("key")).Convert(s.Type.Key()), elem)
	}
	return nil
}

func (n *node) scalar(s *wire.Shape, dst reflect.Value) error {
	switch s.Kind {
	case wire.String:
		dst.SetString(n.text())
	case wire.Bool:
		b, err := strconv.ParseBool(strings.TrimSpace(n.text()))
		if err != nil {
			return err
		}
		dst.SetBool(b)
	case wire.Int:
		i, err := strconv.ParseInt(strings.TrimSpace(n.text()), 10, bits(s))
		if err != nil {
			return err
		}
		dst.SetInt(i)
	case wire.Time:
		t, err := time.Parse(time.RFC3339, strings.TrimSpace(n.text()))
		if err != nil {
			return err
		}
		dst.Set(reflect.ValueOf(t.UTC()))
	case wire.Blob:
		b, err := base64.StdEncoding.DecodeString(strings.TrimSpace(n.text()))
		if err != nil {
			return err
		}
		dst.SetBytes(b)
	default:
		return fmt.Errorf("no element holds a %s", s.Type)
	}
	return nil
}
