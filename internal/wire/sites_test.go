package wire_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
)

// site is a member somewhere in an input.
type site struct {
	field reflect.StructField
	path  string // as messages have it
	index []step
}

// step leads from a value to a part of it.
type step struct {
	field reflect.StructField
	item  bool // and then to the first item of that list
}

// sites lists the members of a structure and of the structures in it.
func sites(t reflect.Type, above []step) []site {
	var out []site
	for f := range t.Fields() {
		path := ""
		for _, st := range above {
			path += lowerFirst(st.field.Name) + "."
			if st.item {
				path += "1.member."
			}
		}
		here := append(above[:len(above):len(above)], step{field: f})
		out = append(out, site{field: f, path: path + lowerFirst(f.Name), index: here})
		sub := f.Type
		if sub.Kind() == reflect.Slice {
			here[len(here)-1].item = sub.Elem().Kind() == reflect.Struct
			sub = sub.Elem()
		}
		if sub.Kind() == reflect.Pointer {
			sub = sub.Elem()
		}
		if sub.Kind() == reflect.Struct {
			inner := append([]step(nil), here...)
			out = append(out, sites(sub, inner)...)
			here[len(here)-1].item = false
		}
	}
	return out
}

func lowerFirst(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// set puts a value at the site. It returns a function that puts back what was
// there.
func (s site) set(in, value reflect.Value) (restore func()) {
	v := in
	for i, st := range s.index {
		v = v.FieldByIndex(st.field.Index)
		if i == len(s.index)-1 {
			break
		}
		if v.Kind() == reflect.Pointer {
			v = v.Elem()
		}
		if st.item {
			v = v.Index(0)
		}
	}
	field, old := v, reflect.ValueOf(v.Interface())
	if v.Kind() == reflect.Pointer && value.Kind() != reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	v.Set(value.Convert(v.Type()))
	return func() { field.Set(old) }
}

// omit removes the member at the site from a request.
func (s site) omit(t *testing.T, r *http.Request) {
	tag := s.field.Tag
	if name, ok := tag.Lookup("query"); ok {
		q := r.URL.Query()
		q.Del(name)
		r.URL.RawQuery = q.Encode()
		return
	}
	if name, ok := tag.Lookup("header"); ok {
		r.Header.Del(name)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if r.Header.Get("Content-Type") == "application/json" {
		body = s.omitJSON(t, body)
	} else {
		body = s.omitForm(t, body)
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
}

func (s site) omitJSON(t *testing.T, body []byte) []byte {
	var doc map[string]any
	if err := json.Unmarshal(body, &doc); err != nil {
		t.Fatal(err)
	}
	object := doc
	for i, st := range s.index {
		name := st.field.Tag.Get("json")
		if i == len(s.index)-1 {
			delete(object, name)
			break
		}
		next := object[name]
		if st.item {
			next = next.([]any)[0]
		}
		object = next.(map[string]any)
	}
	body, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func (s site) omitForm(t *testing.T, body []byte) []byte {
	prefix := ""
	for i, st := range s.index {
		name, ok := st.field.Tag.Lookup("form")
		if !ok {
			name = st.field.Name
		}
		prefix += name
		if i < len(s.index)-1 {
			prefix += "."
			if st.item {
				prefix += "member.1."
			}
		}
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		t.Fatal(err)
	}
	for name := range values {
		if name == prefix || strings.HasPrefix(name, prefix+".") {
			delete(values, name)
		}
	}
	return []byte(values.Encode())
}
