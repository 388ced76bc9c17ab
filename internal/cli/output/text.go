package output

import (
	"bufio"
	"io"
	"maps"
	"slices"
	"strings"

	"larder.example/larder/internal/cli/value"
)

// Text writes a value as lines of fields with tabs between them, for programs
// such as cut and awk.
func Text(w io.Writer, v any) error {
	t := &text{w: bufio.NewWriter(w)}
	t.value(v, "", nil)
	return t.w.Flush()
}

type text struct{ w *bufio.Writer }

func (t *text) line(fields ...string) {
	t.w.WriteString(strings.Join(fields, "\t"))
	t.w.WriteByte('\n')
}

// value writes v, which stands under name. keys are the columns of the list
// that v is an item of; nil if it is none.
func (t *text) value(v any, name string, keys []string) {
	switch v := v.(type) {
	case *value.Object:
		t.object(v, name, keys)
	case []any:
		t.list(v, name)
	default:
		t.line(value.Str(v))
	}
}

func (t *text) object(o *value.Object, name string, keys []string) {
	var fields []string
	if keys == nil {
		keys = scalarKeys(o)
	}
	for _, k := range keys {
		field := ""
		if v, ok := o.Get(k); ok {
			field = value.Str(v)
		}
		fields = append(fields, field)
	}
	if len(fields) > 0 {
		if name != "" {
			fields = append([]string{strings.ToUpper(name)}, fields...)
		}
		t.line(fields...)
	}
	for _, k := range sortedKeys(o) {
		if v, _ := o.Get(k); !slices.Contains(keys, k) {
			t.value(v, k, nil)
		}
	}
}

func (t *text) list(list []any, name string) {
	var plain []string
	var nested []any
	keys := map[string]bool{}
	objects := false
	for _, e := range list {
		if o, ok := e.(*value.Object); ok {
			objects = true
			for _, k := range scalarKeys(o) {
				keys[k] = true
			}
		}
		if value.IsScalar(e) {
			plain = append(plain, value.Str(e))
		} else {
			nested = append(nested, e)
		}
	}
	if objects {
		columns := append([]string{}, slices.Sorted(maps.Keys(keys))...)
		for _, e := range list {
			t.value(e, name, columns)
		}
		return
	}
	if name == "" && len(plain) > 0 {
		t.line(plain...)
	} else {
		for _, p := range plain {
			t.line(strings.ToUpper(name), p)
		}
	}
	for _, e := range nested {
		t.value(e, name, nil)
	}
}

// scalarKeys returns the names of members that are neither list nor object,
// in order of code points.
func scalarKeys(o *value.Object) []string {
	keys := []string{}
	for _, m := range o.Members() {
		if value.IsScalar(m.Value) {
			keys = append(keys, m.Key)
		}
	}
	slices.Sort(keys)
	return keys
}

func sortedKeys(o *value.Object) []string {
	var keys []string
	for _, m := range o.Members() {
		keys = append(keys, m.Key)
	}
	slices.Sort(keys)
	return keys
}
