package restjson

import (
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"larder.example/larder/internal/wire"
)

// Respond writes an output: its headers, then its payload or its document.
func (Protocol) Respond(w http.ResponseWriter, r *wire.Request, s *wire.Shape, out reflect.Value) error {
	h := w.Header()
	setRequestID(h, r)
	for i := range s.Members {
		m := &s.Members[i]
		if m.In != wire.Header {
			continue
		}
		if f, ok := m.Said(out); ok {
			h.Set(m.Wire, headerText(m.Shape, f))
		}
	}
	if m := payload(s); m != nil {
		return stream(w, m, out)
	}
	e := encoder{buf: make([]byte, 0, 512), present: (*wire.Member).Said}
	e.object(s, out)
	return write(w, http.StatusOK, e.buf)
}

// payload returns the member that is the body, or nil.
func payload(s *wire.Shape) *wire.Member {
	for i := range s.Members {
		if s.Members[i].In == wire.Payload {
			return &s.Members[i]
		}
	}
	return nil
}

func setRequestID(h http.Header, r *wire.Request) {
	if id := r.ID(); id != "" {
		h.Set(wire.HeaderRequestID, id)
	}
}

func write(w http.ResponseWriter, status int, body []byte) error {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, err := w.Write(body)
	return err
}

// stream writes a payload. io.Copy hands a file to the kernel.
func stream(w http.ResponseWriter, m *wire.Member, out reflect.Value) error {
	h := w.Header()
	h.Set("Content-Type", payloadContentType)
	f, ok := m.Said(out)
	if !ok {
		h.Set("Content-Length", "0")
		w.WriteHeader(http.StatusOK)
		return nil
	}
	body := f.Interface().(io.ReadCloser)
	defer body.Close()
	if n, ok := wire.Size(body); ok {
		h.Set("Content-Length", strconv.FormatInt(n, 10))
	}
	w.WriteHeader(http.StatusOK)
	_, err := io.Copy(w, body)
	return err
}

// headerText renders a value as a header has it.
func headerText(s *wire.Shape, v reflect.Value) string {
	switch s.Kind {
	case wire.Time:
		return v.Interface().(time.Time).UTC().Format(http.TimeFormat)
	default:
		return fmt.Sprint(v.Interface())
	}
}
