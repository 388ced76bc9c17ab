package operation

import (
	"fmt"
	"io"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"larder.example/larder/internal/cli/value"
	"larder.example/larder/internal/wire"
)

// Check says what botocore would say of parameters before it sends them: what
// is missing, unknown, of another type, or less than the model allows. What is
// more than it allows, patterns and enumerations are the service's to judge.
// It returns one line for each fault.
func (o *Operation) Check(params *value.Object) []string {
	c := checker{op: o}
	c.structure(o.In, params, "")
	return c.found
}

type checker struct {
	op    *Operation
	found []string
}

func (c *checker) report(format string, args ...any) {
	c.found = append(c.found, fmt.Sprintf(format, args...))
}

// spoken returns the name of a place in messages.
func spoken(path string) string {
	if path == "" {
		return "input"
	}
	return strings.TrimPrefix(path, ".")
}

func (c *checker) structure(s *wire.Shape, v any, path string) {
	o, ok := v.(*value.Object)
	if !ok {
		c.wrongType(path, v, "<class 'dict'>")
		return
	}
	var names []string
	for i := range s.Members {
		m := &s.Members[i]
		name := c.op.NameOf(m)
		names = append(names, name)
		if _, given := o.Get(name); m.Required && !given {
			c.report("Missing required parameter in %s: %q", spoken(path), name)
		}
	}
	for _, m := range o.Members() {
		if c.op.Member(s, m.Key) == nil {
			c.report(`Unknown parameter in %s: "%s", must be one of: %s`, spoken(path), m.Key, strings.Join(names, ", "))
		}
	}
	for _, m := range o.Members() {
		if known := c.op.Member(s, m.Key); known != nil {
			c.value(known.Shape, m.Value, path+"."+m.Key)
		}
	}
}

func (c *checker) wrongType(path string, v any, valid string) {
	c.report("Invalid type for parameter %s, value: %s, type: <class '%s'>, valid types: %s",
		spoken(path), value.Str(v), value.TypeName(v), valid)
}

func (c *checker) value(s *wire.Shape, v any, path string) {
	switch s.Kind {
	case wire.Struct:
		c.structure(s, v, path)
	case wire.List:
		list, ok := v.([]any)
		if !ok {
			c.wrongType(path, v, "<class 'list'>, <class 'tuple'>")
			return
		}
		c.length(s, int64(len(list)), path)
		for i, e := range list {
			c.value(s.Elem, e, path+"["+strconv.Itoa(i)+"]")
		}
	case wire.Map:
		c.mapping(s, v, path)
	case wire.String:
		text, ok := v.(string)
		if !ok {
			c.wrongType(path, v, "<class 'str'>")
			return
		}
		c.length(s, int64(utf8.RuneCountInString(text)), path)
	case wire.Int:
		c.number(s, v, path)
	case wire.Bool:
		if _, ok := v.(bool); !ok {
			c.wrongType(path, v, "<class 'bool'>")
		}
	case wire.Time: // botocore reads texts and numbers alike, and the service judges them
	case wire.Stream, wire.Blob:
		switch v.(type) {
		case io.Reader, []byte, string:
		default:
			c.wrongType(path, v, "<class 'bytes'>, <class 'bytearray'>, file-like object")
		}
	}
}

func (c *checker) mapping(s *wire.Shape, v any, path string) {
	o, ok := v.(*value.Object)
	if !ok {
		c.wrongType(path, v, "<class 'dict'>")
		return
	}
	for _, m := range o.Members() {
		if least, ok := s.LeastKey(); ok && int64(utf8.RuneCountInString(m.Key)) < least {
			c.tooShort(fmt.Sprintf("%s (key: %s)", path, m.Key), int64(utf8.RuneCountInString(m.Key)), least)
		}
		c.value(s.Elem, m.Value, path+"."+m.Key)
	}
}

func (c *checker) number(s *wire.Shape, v any, path string) {
	least, bounded := s.Least()
	switch n := v.(type) {
	case int64:
		if bounded && n < least {
			c.report("Invalid value for parameter %s, value: %d, valid min value: %d", spoken(path), n, least)
		}
	case *big.Int:
		if bounded && n.Sign() < 0 {
			c.report("Invalid value for parameter %s, value: %s, valid min value: %d", spoken(path), n, least)
		}
	case bool: // which is an int in Python
	default:
		c.wrongType(path, v, "<class 'int'>")
	}
}

func (c *checker) length(s *wire.Shape, n int64, path string) {
	if least, ok := s.Least(); ok && n < least {
		c.tooShort(path, n, least)
	}
}

func (c *checker) tooShort(path string, n, least int64) {
	c.report("Invalid length for parameter %s, value: %d, valid min length: %d", spoken(path), n, least)
}
