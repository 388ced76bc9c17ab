package awsquery

import (
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"time"

	"larder.example/larder/internal/wire"
)

// Respond writes an output in its envelope.
func (Protocol) Respond(w http.ResponseWriter, r *wire.Request, s *wire.Shape, out reflect.Value) error {
	d := document{buf: make([]byte, 0, 1024)}
	name := r.Op.Name + "Response"
	d.element(name, ` xmlns="`+namespace(r.Op)+`"`, func() {
		if r.Op.Result != "" {
			d.element(r.Op.Result, "", func() { d.members(s, out) })
		}
		d.element("ResponseMetadata", "", func() { d.text("RequestId", r.ID()) })
	})
	setRequestID(w.Header(), r)
	return write(w, http.StatusOK, d.buf)
}

func setRequestID(h http.Header, r *wire.Request) {
	id := r.ID()
	if id == "" {
		return
	}
	h.Set(wire.HeaderRequestID, id)
	if r.Op.Service == "sts" {
		h.Set("X-Amz-Sts-Extended-Request-Id", id)
	}
}

func write(w http.ResponseWriter, status int, body []byte) error {
	h := w.Header()
	h.Set("Content-Type", "text/xml")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, err := w.Write(body)
	return err
}

// members writes what an answer says of a structure.
func (d *document) members(s *wire.Shape, v reflect.Value) {
	for i := range s.Members {
		m := &s.Members[i]
		f, ok := m.Said(v)
		switch {
		case !ok:
		case m.URIText:
			d.text(m.Wire, wire.Escape(f.String()))
		default:
			d.value(m.Wire, m.Shape, f)
		}
	}
}

func (d *document) value(name string, s *wire.Shape, v reflect.Value) {
	switch s.Kind {
	case wire.Struct:
		d.element(name, "", func() { d.members(s, v) })
	case wire.List:
		d.element(name, "", func() {
			for i := range v.Len() {
				d.value("member", s.Elem, v.Index(i))
			}
		})
	case wire.Map:
		d.element(name, "", func() { d.entries(s, v) })
	default:
		d.text(name, render(s, v))
	}
}

// entries writes a map in the order of its keys, so that equal answers are
// equal bytes.
func (d *document) entries(s *wire.Shape, v reflect.Value) {
	elems := make(map[string]reflect.Value, v.Len())
	for key, elem := range v.Seq2() {
		elems[key.String()] = elem
	}
	for _, key := range slices.Sorted(maps.Keys(elems)) {
		d.element("entry", "", func() {
			d.text("key", key)
			d.value("value", s.Elem, elems[key])
		})
	}
}

// render returns the text of a value that has no parts.
func render(s *wire.Shape, v reflect.Value) string {
	switch s.Kind {
	case wire.Time:
		return v.Interface().(time.Time).UTC().Format("2006-01-02T15:04:05Z")
	case wire.Blob:
		return base64.StdEncoding.EncodeToString(v.Bytes())
	default:
		return fmt.Sprint(v.Interface())
	}
}
