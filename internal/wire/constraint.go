package wire

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
)

// constraint is what a model demands of a value. The zero constraint demands
// nothing.
type constraint struct {
	length  *bounds // of a string in code points, of a list or map in items
	value   *bounds // of a number
	enum    []string
	pattern string // as the model spells it, for messages
	// compiled compiles the pattern when it is first needed: a client never
	// needs it.
	compiled func() *pattern
}

// bounds are inclusive. A nil end is open.
type bounds struct{ min, max *int64 }

// readConstraint reads the constraint that a field's tag holds under len,
// range, enum and pattern, each with the prefix "", "each.", "key." or
// "value.".
func readConstraint(tag reflect.StructTag, prefix string) (constraint, error) {
	var c constraint
	var err error
	if c.length, err = readBounds(tag.Get(prefix + "len")); err != nil {
		return c, err
	}
	if c.value, err = readBounds(tag.Get(prefix + "range")); err != nil {
		return c, err
	}
	if enum, ok := tag.Lookup(prefix + "enum"); ok {
		c.enum = strings.Split(enum, ",")
	}
	if text := tag.Get(prefix + "pattern"); text != "" {
		c.pattern = text
		c.compiled = sync.OnceValue(func() *pattern {
			p, err := compilePattern(text)
			if err != nil {
				panic(err) // not a tag of the generator's, which asks MatchPattern first
			}
			return p
		})
	}
	return c, nil
}

// readBounds reads "2,50"; either number may be missing.
func readBounds(s string) (*bounds, error) {
	if s == "" {
		return nil, nil
	}
	low, high, ok := strings.Cut(s, ",")
	if !ok {
		return nil, fmt.Errorf("bounds %q: no comma", s)
	}
	var b bounds
	for _, end := range []struct {
		text string
		dst  **int64
	}{{low, &b.min}, {high, &b.max}} {
		if end.text == "" {
			continue
		}
		n, err := strconv.ParseInt(end.text, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("bounds %q: %w", s, err)
		}
		*end.dst = &n
	}
	return &b, nil
}

func (b *bounds) tooLow(n int64) bool  { return b != nil && b.min != nil && n < *b.min }
func (b *bounds) tooHigh(n int64) bool { return b != nil && b.max != nil && n > *b.max }
