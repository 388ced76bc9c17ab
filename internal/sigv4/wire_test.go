package sigv4

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"larder.example/larder"
)

// wire is a request as it travels, so that tests can break it at will.
type wire struct {
	method, target string
	header         [][2]string // with Host
	body           string
}

// parseWire reads a request in the notation of the public test suite: as in
// HTTP/1.1, but for bare line feeds and targets that hold spaces and UTF-8.
func parseWire(t testing.TB, text string) wire {
	t.Helper()
	head, body, ok := strings.Cut(text, "\n\n")
	if !ok {
		t.Fatalf("no end of headers in %q", text)
	}
	lines := strings.Split(head, "\n")
	w := wire{body: body}
	var rest string
	w.method, rest, _ = strings.Cut(lines[0], " ")
	w.target = strings.TrimSuffix(rest, " HTTP/1.1")
	for _, line := range lines[1:] {
		if line[0] == ' ' { // a folded line
			w.header[len(w.header)-1][1] += "\n" + line
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			t.Fatalf("no header: %q", line)
		}
		w.header = append(w.header, [2]string{name, value})
	}
	return w
}

// request returns what net/http's server would hand to a handler.
func (w wire) request() *http.Request {
	r := &http.Request{
		Method: w.method, RequestURI: w.target, URL: &url.URL{}, Header: http.Header{},
		ContentLength: int64(len(w.body)), Body: io.NopCloser(strings.NewReader(w.body)),
	}
	for _, h := range w.header {
		if value := strings.Trim(h[1], " \t"); strings.EqualFold(h[0], "Host") {
			r.Host = value
		} else {
			r.Header.Add(h[0], value)
		}
	}
	return r
}

func (w wire) verify(v *Verifier[string], service string) (Result[string], error) {
	return v.Verify(w.request(), service, []byte(w.body))
}

// set replaces the header called name, or adds it.
func (w wire) set(name, value string) wire {
	w = w.without(name)
	return w.add(name, value)
}

func (w wire) add(name, value string) wire {
	w.header = append(append([][2]string(nil), w.header...), [2]string{name, value})
	return w
}

func (w wire) without(name string) wire {
	var kept [][2]string
	for _, h := range w.header {
		if !strings.EqualFold(h[0], name) {
			kept = append(kept, h)
		}
	}
	w.header = kept
	return w
}

// edit replaces old by new in the header called name.
func (w wire) edit(t testing.TB, name, old, new string) wire {
	t.Helper()
	for _, h := range w.header {
		if strings.EqualFold(h[0], name) {
			if !strings.Contains(h[1], old) {
				t.Fatalf("no %q in %q", old, h[1])
			}
			return w.set(name, strings.ReplaceAll(h[1], old, new))
		}
	}
	t.Fatalf("no header %s", name)
	return w
}

func (w wire) aim(t testing.TB, old, new string) wire {
	t.Helper()
	if !strings.Contains(w.target, old) {
		t.Fatalf("no %q in %q", old, w.target)
	}
	w.target = strings.ReplaceAll(w.target, old, new)
	return w
}

// signed returns r as it would arrive, signed by s.
func signed(t testing.TB, s Signer, r *http.Request, body string, at time.Time) wire {
	t.Helper()
	if err := s.Sign(r, hashOf([]byte(body)), at); err != nil {
		t.Fatal(err)
	}
	return sent(r, body)
}

func presigned(t testing.TB, s Signer, r *http.Request, lifetime time.Duration, at time.Time) wire {
	t.Helper()
	if err := s.Presign(r, lifetime, at); err != nil {
		t.Fatal(err)
	}
	return sent(r, "")
}

func sent(r *http.Request, body string) wire {
	w := wire{method: r.Method, target: r.URL.RequestURI(), body: body, header: [][2]string{{"Host", host(r)}}}
	for name, values := range r.Header {
		for _, v := range values {
			w.header = append(w.header, [2]string{name, v})
		}
	}
	return w
}

func newRequest(t testing.TB, method, target string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, target, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// refusal tells errors apart as the wire does.
func refusal(err error) (kind larder.Kind, code, message string) {
	var e *larder.Error
	if !errors.As(err, &e) {
		return larder.Internal, "", ""
	}
	return e.Kind, e.Code, e.Message
}

// oneKey is a source that knows one access key and who has it.
func oneKey(id, secret, token string) KeySource[string] {
	return func(_ context.Context, gotID, gotToken string) (string, string, error) {
		if gotID != id || gotToken != token {
			return "", "", &larder.Error{
				Kind: larder.Unauthenticated, Code: larder.CodeUnrecognizedClient,
				Message: "The security token included in the request is invalid.",
			}
		}
		return secret, "owner of " + id, nil
	}
}

func clock(at time.Time) func() time.Time { return func() time.Time { return at } }

func readAll(t testing.TB, r io.Reader) ([]byte, error) {
	t.Helper()
	var b bytes.Buffer
	_, err := b.ReadFrom(r)
	return b.Bytes(), err
}
