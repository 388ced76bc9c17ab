// Package value holds what the command line takes and prints: JSON values
// whose objects keep their order and whose integers differ from their floats,
// because what is printed depends on both. It reads JSON with the messages of
// Python's json module and writes values as Python does, for the AWS CLI,
// which scripts compare us with, is a Python program. It knows none of our
// packages.
//
// A value is nil, a bool, an int64, a *big.Int that no int64 holds, a float64,
// a string, a []byte (a blob that has been decoded), a Date, a []any or an
// *Object.
package value

import (
	"math/big"
	"strings"
)

// Date is a time without a zone as Python's str shows it. JSON has a T in it.
// Only answers that nobody gave hold one.
type Date string

// Object is a JSON object that keeps its members in order. The zero value is
// empty and ready.
type Object struct {
	members []Member
	index   map[string]int // nil while a search is as fast
}

// Member is a member of an object.
type Member struct {
	Key   string
	Value any
}

// indexed is how many members are found by searching.
const indexed = 8

// NewObject returns an object with the members given.
func NewObject(members ...Member) *Object {
	o := new(Object)
	for _, m := range members {
		o.Set(m.Key, m.Value)
	}
	return o
}

// Len returns the number of members; a nil object has none.
func (o *Object) Len() int {
	if o == nil {
		return 0
	}
	return len(o.members)
}

// Members returns the members in order. They are the object's own.
func (o *Object) Members() []Member {
	if o == nil {
		return nil
	}
	return o.members
}

// Get returns the value of a member and whether there is one.
func (o *Object) Get(key string) (any, bool) {
	i := o.find(key)
	if i < 0 {
		return nil, false
	}
	return o.members[i].Value, true
}

// Text returns the string that a member is; empty for anything else.
func (o *Object) Text(key string) string {
	v, _ := o.Get(key)
	s, _ := v.(string)
	return s
}

// Set gives a member a value. One that is there keeps its place.
func (o *Object) Set(key string, v any) {
	if i := o.find(key); i >= 0 {
		o.members[i].Value = v
		return
	}
	o.members = append(o.members, Member{key, v})
	switch {
	case o.index != nil:
		o.index[key] = len(o.members) - 1
	case len(o.members) > indexed:
		o.index = make(map[string]int, 2*len(o.members))
		for i, m := range o.members {
			o.index[m.Key] = i
		}
	}
}

// Delete removes a member.
func (o *Object) Delete(key string) {
	i := o.find(key)
	if i < 0 {
		return
	}
	o.members = append(o.members[:i:i], o.members[i+1:]...)
	o.index = nil
}

func (o *Object) find(key string) int {
	if o == nil {
		return -1
	}
	if o.index != nil {
		if i, ok := o.index[key]; ok {
			return i
		}
		return -1
	}
	for i := range o.members {
		if o.members[i].Key == key {
			return i
		}
	}
	return -1
}

// IsScalar reports whether v is neither a list nor an object.
func IsScalar(v any) bool {
	switch v.(type) {
	case []any, *Object:
		return false
	}
	return true
}

// Integer returns the value of a decimal integer, whatever its size.
func Integer(text string) (any, bool) {
	n, ok := new(big.Int).SetString(text, 10)
	if !ok {
		return nil, false
	}
	if n.IsInt64() {
		return n.Int64(), true
	}
	return n, true
}

// Int reads an integer as Python's int does: with space around it, a sign,
// single underscores between digits, and of any size.
func Int(text string) (any, bool) {
	s := strings.TrimSpace(text)
	digits := strings.TrimLeft(s, "+-")
	if len(s)-len(digits) > 1 || digits == "" || strings.Contains(digits, "__") ||
		digits[0] == '_' || digits[len(digits)-1] == '_' || strings.Trim(digits, "0123456789_") != "" {
		return nil, false
	}
	return Integer(strings.TrimPrefix(strings.ReplaceAll(s, "_", ""), "+"))
}
