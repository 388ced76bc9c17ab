package restjson

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/wire"
)

// maxAnswer bounds a document that a client reads into memory.
const maxAnswer = 64 << 20

// Encode makes a request.
func (Protocol) Encode(ctx context.Context, base *url.URL, op wire.Info, s *wire.Shape, in reflect.Value) (*http.Request, string, error) {
	u := *base
	u.Path = strings.TrimSuffix(base.Path, "/") + op.Path
	u.RawQuery = wire.EncodeQuery(query(s, in))
	r, err := http.NewRequestWithContext(ctx, op.Method, u.String(), nil)
	if err != nil {
		return nil, "", err
	}
	var body []byte
	if hasDocument(s) {
		e := encoder{present: (*wire.Member).Given}
		e.object(s, in)
		body = e.buf
		r.Header.Set("Content-Type", contentType)
	}
	setBody(r, body)
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	for i := range s.Members {
		m := &s.Members[i]
		f, ok := m.Given(in)
		switch {
		case !ok:
		case m.In == wire.Header:
			r.Header.Set(m.Wire, headerText(m.Shape, f))
		case m.In == wire.Payload:
			setStream(r, f.Interface().(io.Reader))
		}
	}
	// Of a payload the model makes the caller state the hash, in the header
	// that Signature Version 4 has for it. The service checks it.
	return r, cmp.Or(r.Header.Get("x-amz-content-sha256"), hash), nil
}

func query(s *wire.Shape, in reflect.Value) []wire.Pair {
	var pairs []wire.Pair
	for i := range s.Members {
		m := &s.Members[i]
		if m.In != wire.Query {
			continue
		}
		if f, ok := m.Given(in); ok {
			pairs = append(pairs, wire.Pair{Name: m.Wire, Value: queryText(m.Shape, f)})
		}
	}
	return pairs
}

func queryText(s *wire.Shape, v reflect.Value) string {
	if s.Kind == wire.Time {
		return v.Interface().(time.Time).UTC().Format(time.RFC3339)
	}
	return fmt.Sprint(v.Interface())
}

func setBody(r *http.Request, body []byte) {
	if len(body) == 0 {
		return
	}
	r.ContentLength = int64(len(body))
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
	r.Body, _ = r.GetBody()
}

func setStream(r *http.Request, body io.Reader) {
	r.GetBody = nil
	r.Body = io.NopCloser(body)
	r.ContentLength = -1
	if n, ok := wire.Size(body); ok {
		r.ContentLength = n
		if n == 0 {
			r.Body = http.NoBody
		}
	}
}

// Decode reads a success.
func (Protocol) Decode(answer *http.Response, _ wire.Info, s *wire.Shape, out reflect.Value) error {
	err := decodeHeaders(s, answer.Header, out)
	if m := payload(s); m != nil && err == nil {
		m.Target(out).Set(reflect.ValueOf(answer.Body))
		return nil
	}
	defer answer.Body.Close()
	if err != nil {
		return err
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil || len(body) == 0 {
		return err
	}
	v, err := parse(body)
	if err != nil {
		return err
	}
	d := decoder{zeros: new(wire.Zeros)}
	return d.value(s, v, out, nil)
}

func decodeHeaders(s *wire.Shape, h http.Header, out reflect.Value) error {
	for i := range s.Members {
		m := &s.Members[i]
		if m.In != wire.Header {
			continue
		}
		if err := decodeHeader(m, h, out); err != nil {
			return err
		}
	}
	return nil
}

func decodeHeader(m *wire.Member, h http.Header, out reflect.Value) error {
	text := h.Get(m.Wire)
	if text == "" {
		return nil
	}
	dst := m.Target(out)
	switch m.Shape.Kind {
	case wire.Int:
		n, err := strconv.ParseInt(text, 10, bits(m.Shape))
		if err != nil {
			return fmt.Errorf("header %s: %w", m.Wire, err)
		}
		dst.SetInt(n)
	case wire.String:
		dst.SetString(text)
	default:
		return fmt.Errorf("header %s: no header holds a %s", m.Wire, m.Shape.Type)
	}
	return nil
}

// Failure reads a failure. Clients take its name from the header first; what
// follows a ':' or precedes a '#' in it is not part of it [botocore].
func (Protocol) Failure(answer *http.Response) *larder.Error {
	body, _ := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	v, _ := parse(body)
	object, _ := v.(map[string]any)
	name := cmp.Or(answer.Header.Get(headerErrorType), text(object, "__type"), text(object, "code"), text(object, "Code"))
	name, _, _ = strings.Cut(name, ":")
	if i := strings.LastIndexByte(name, '#'); i >= 0 {
		name = name[i+1:]
	}
	name = cmp.Or(name, strconv.Itoa(answer.StatusCode))
	e := &larder.Error{
		Kind:       kindOf(name, answer.StatusCode),
		Code:       name,
		Message:    cmp.Or(text(object, "message"), text(object, "Message")),
		Resource:   text(object, "resourceType"),
		ID:         text(object, "resourceId"),
		RetryAfter: wire.RetryAfter(answer.Header),
	}
	if object == nil {
		e.Message = strings.TrimSpace(string(body))
	}
	e.Err = &wire.Fault{
		Name:      name,
		Status:    answer.StatusCode,
		RequestID: answer.Header.Get(wire.HeaderRequestID),
		Details:   details(object, answer.Header),
	}
	return e
}

// details returns the members of the modelled exceptions beside their
// message.
func details(object map[string]any, h http.Header) []wire.Pair {
	var out []wire.Pair
	for _, name := range [...]string{"resourceId", "resourceType", "reason"} {
		if value := text(object, name); value != "" {
			out = append(out, wire.Pair{Name: name, Value: value})
		}
	}
	if seconds := h.Get("Retry-After"); seconds != "" {
		out = append(out, wire.Pair{Name: "retryAfterSeconds", Value: seconds})
	}
	return out
}

func text(object map[string]any, name string) string {
	s, _ := object[name].(string)
	return s
}
