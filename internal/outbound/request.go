package outbound

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"larder.example/larder"
)

// Request is what is asked for.
type Request struct {
	URL    string
	Head   bool // only what an answer would say of itself
	Accept string

	// ETag and Modified are those of the answer that the asker has: if
	// nothing has changed, the status is 304 and there is no body.
	ETag, Modified string

	// Packed says that the answer may come compressed; its body is inflated.
	// For documents, never for files, whose bytes are what they are.
	Packed bool

	// Most is the size of the largest answer, inflated. Default 16 MiB.
	Most int64

	// Credentials go to their host and no other, whoever redirects where.
	Credentials Credentials
}

// Credentials are what a host asks for. The zero value is none.
type Credentials struct {
	Host           string // HOST:PORT
	User, Password string
	Token          string // for a Bearer, in the place of a user
}

// String keeps them out of logs.
func (Credentials) String() string { return "(credentials)" }

// GoString is as String.
func (Credentials) GoString() string { return "(credentials)" }

// HostPort spells the host of a URL as [Client.Named] and
// [Credentials.Host] have it.
func HostPort(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "http":
		port = "80"
	default:
		port = "443"
	}
	return canonicalHost(u.Hostname()) + ":" + port
}

// hostOf is the host of a URL for messages: a path may hold what is secret.
func hostOf(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return "an address that is none"
	}
	return u.Host
}

// target reads and judges the URL of a request or a redirect.
func target(s string, base *url.URL) (*url.URL, error) {
	u, err := url.Parse(s)
	if err == nil && base != nil {
		u = base.ResolveReference(u)
	}
	switch {
	case err != nil:
		return nil, larder.Errorf(larder.Denied, "An address to fetch from is malformed.")
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "", u.Opaque != "":
		return nil, larder.Errorf(larder.Denied, "The address to fetch from is no http or https URL of a host.")
	case base != nil && base.Scheme == "https" && u.Scheme == "http":
		return nil, larder.Errorf(larder.Denied, "%s redirects to plain http, which is not followed.", base.Host)
	}
	u.Fragment = ""
	return u, nil
}

// follow sends a request and follows where it is redirected.
func (c *Client) follow(ctx context.Context, r Request) (*Answer, error) {
	u, err := target(r.URL, nil)
	if err != nil {
		return nil, err
	}
	u.User = nil // credentials are a field of their own
	for range maxHops {
		a, next, err := c.hop(ctx, r, u)
		if err != nil || next == "" {
			return a, err
		}
		if u, err = target(next, u); err != nil {
			return nil, err
		}
		u.User = nil
	}
	return nil, larder.Errorf(larder.Unavailable, "%s redirects more than %d times.", hostOf(r.URL), maxHops)
}

// hop sends one request. It returns the answer, or where it redirects to.
func (c *Client) hop(ctx context.Context, r Request, u *url.URL) (a *Answer, next string, err error) {
	h := c.host(HostPort(u))
	if err := h.enter(ctx, c.now()); err != nil {
		return nil, "", err
	}
	defer func() {
		if a == nil { // else the body leaves
			h.leave()
		}
	}()
	ctx, cancel := context.WithCancelCause(ctx)
	res, err := c.send(ctx, cancel, r, u)
	if err != nil {
		err = c.unreachable(ctx, u, err)
		cancel(nil)
		if larder.Denied.Is(err) || gone(err) {
			h.settle()
		} else {
			h.failed(c.now())
		}
		return nil, "", err
	}
	if err := c.judge(h, u, res, r); err != nil {
		cancel(nil)
		drop(res)
		return nil, "", err
	}
	if next = redirect(res); next != "" {
		cancel(nil)
		drop(res)
		return nil, next, nil
	}
	a, err = c.answer(r, u, res, cancel, h.leave)
	if err != nil {
		cancel(nil)
		drop(res)
		return nil, "", err
	}
	return a, "", nil
}

var errSlow = errors.New("no answer in time")

// send sends one request and waits for the answer to begin, for as long as
// one may take.
func (c *Client) send(ctx context.Context, cancel context.CancelCauseFunc, r Request, u *url.URL) (*http.Response, error) {
	method := http.MethodGet
	if r.Head {
		method = http.MethodHead
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("request %s: %w", u.Host, err)
	}
	if err := c.judgeLiteral(u); err != nil {
		return nil, err
	}
	head := req.Header
	head.Set("User-Agent", c.Agent)
	head.Set("Accept-Encoding", "identity")
	if r.Packed {
		head.Set("Accept-Encoding", "gzip")
	}
	for name, value := range map[string]string{"Accept": r.Accept, "If-None-Match": r.ETag, "If-Modified-Since": r.Modified} {
		if value != "" {
			head.Set(name, value)
		}
	}
	if k := r.Credentials; k.Host != "" && k.Host == HostPort(u) {
		switch {
		case k.Token != "":
			head.Set("Authorization", "Bearer "+k.Token)
		case k.User != "" || k.Password != "":
			req.SetBasicAuth(k.User, k.Password)
		}
	}
	late := time.AfterFunc(either(c.FirstByte, firstByte), func() { cancel(errSlow) })
	defer late.Stop()
	return c.carrier().RoundTrip(req)
}

// redirect returns where an answer sends us, if it does.
func redirect(res *http.Response) string {
	switch res.StatusCode {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		return res.Header.Get("Location")
	}
	return ""
}

// unreachable says why there is no answer.
func (c *Client) unreachable(ctx context.Context, u *url.URL, err error) error {
	var known *larder.Error
	cause := context.Cause(ctx)
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(cause, errSlow):
		return &larder.Error{Kind: larder.Unavailable, Err: err, Message: fmt.Sprintf("%s did not answer within %s.", u.Host, either(c.FirstByte, firstByte))}
	case cause != nil:
		return cause // the asker's own
	}
	return &larder.Error{Kind: larder.Unavailable, Err: err, Message: u.Host + " cannot be reached."}
}

// gone reports whether the asker did not wait, which is not the host's fault.
func gone(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
