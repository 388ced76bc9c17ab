package testenv

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"

	"larder.example/larder/internal/client"
	"larder.example/larder/internal/sigv4"
)

// DoSigned sends a request that c signs for a service: for what the client is
// too polite to send. target is a path with its query. Header lines come as
// name and value in turn.
func (e *Env) DoSigned(c *client.Client, service, method, target, body string, header ...string) Answer {
	e.t.Helper()
	r := e.request(method, target, strings.NewReader(body), header)
	sum := sha256.Sum256([]byte(body))
	s := sigv4.Signer{KeyID: c.KeyID, Secret: c.Secret, SessionToken: c.SessionToken, Region: Region, Service: service}
	if err := s.Sign(r, hex.EncodeToString(sum[:]), e.Clock.Now()); err != nil {
		e.t.Fatal(err)
	}
	return e.Send(r)
}

func (e *Env) request(method, target string, body io.Reader, header []string) *http.Request {
	e.t.Helper()
	r, err := http.NewRequestWithContext(e.t.Context(), method, e.URL+target, body)
	if err != nil {
		e.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

// Send sends a request as it is.
func (e *Env) Send(r *http.Request) Answer {
	e.t.Helper()
	transport := http.Transport{DisableCompression: true, DisableKeepAlives: true}
	res, err := transport.RoundTrip(r)
	if err != nil {
		e.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		e.t.Fatal(err)
	}
	return Answer{Status: res.StatusCode, Header: res.Header, Body: string(text)}
}
