package proxy

import (
	"context"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
)

// Proxy is a handler of HTTP requests. Its fields are set before it serves.
type Proxy struct {
	Origin *url.URL // scheme and host of where repositories are

	// Ours reports whether an address is one to which the token may go.
	Ours func(address string) bool

	// Token returns a token. Refused says that one was not taken.
	Token   func(context.Context) (string, error)
	Refused func(ctx context.Context, token string) error

	Transport http.RoundTripper // nil is http.DefaultTransport
}

// ServeHTTP implements http.Handler.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if why := foreign(r); why != "" {
		http.Error(w, why, http.StatusForbidden)
		return
	}
	if !p.Ours(p.Origin.Scheme + "://" + p.Origin.Host + r.URL.EscapedPath()) {
		http.Error(w, "there is no repository at that path", http.StatusNotFound)
		return
	}
	forward := httputil.ReverseProxy{
		Rewrite:       func(out *httputil.ProxyRequest) { p.direct(out.Out) },
		Transport:     p,
		FlushInterval: -1, // package managers show progress
		ModifyResponse: func(answer *http.Response) error {
			localize(answer, p.Origin.Scheme+"://"+p.Origin.Host, "http://"+r.Host)
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, "larder proxy: "+err.Error(), http.StatusBadGateway)
		},
	}
	forward.ServeHTTP(w, r)
}

// foreign says why a request is not taken. A page of another site can make a
// browser send requests to this machine, and by a name of its own that leads
// here read the answers; neither may use our token.
func foreign(r *http.Request) string {
	name, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		name = r.Host
	}
	if ip := net.ParseIP(strings.Trim(name, "[]")); name != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return "the proxy is for loopback addresses"
	}
	if origin := r.Header.Get("Origin"); origin != "" && origin != "http://"+r.Host {
		return "the proxy does not serve other sites"
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
		return ""
	default:
		return "the proxy does not serve other sites"
	}
}

// direct points a request at the repository, without what the client may have
// sent as credentials. Answers are not compressed: addresses in them are
// changed.
func (p *Proxy) direct(r *http.Request) {
	r.URL.Scheme, r.URL.Host, r.Host = p.Origin.Scheme, p.Origin.Host, p.Origin.Host
	for _, h := range [...]string{"Authorization", "Cookie", "Origin", "X-Nuget-Apikey"} {
		r.Header.Del(h)
	}
	r.Header.Set("Accept-Encoding", "identity")
}

// RoundTrip implements http.RoundTripper: it sends a request with a token, and
// once more with another if the first was not taken and the request has no
// body that is gone.
func (p *Proxy) RoundTrip(r *http.Request) (*http.Response, error) {
	token, err := p.Token(r.Context())
	if err != nil {
		return nil, err
	}
	answer, err := p.send(r, token)
	if err != nil || answer.StatusCode != http.StatusUnauthorized {
		return answer, err
	}
	if err := p.Refused(r.Context(), token); err != nil {
		answer.Body.Close() //nolint:errcheck,gosec // nothing was wanted of it
		return nil, err
	}
	if r.Body != nil && r.Body != http.NoBody {
		return answer, nil // which the client may send again
	}
	answer.Body.Close() //nolint:errcheck,gosec // nothing was wanted of it
	if token, err = p.Token(r.Context()); err != nil {
		return nil, err
	}
	return p.send(r, token)
}

func (p *Proxy) send(r *http.Request, token string) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+token)
	if p.Transport != nil {
		return p.Transport.RoundTrip(r)
	}
	return http.DefaultTransport.RoundTrip(r)
}
