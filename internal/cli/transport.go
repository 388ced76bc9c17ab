package cli

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
)

// HTTP returns a client with the timeouts, the trust and the proxy that the
// session wants. It follows no redirects: a request is signed for one address.
func (s *Session) HTTP() *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &transport{
			plain:  sync.OnceValue(func() *http.Transport { return s.dialing(nil) }),
			secure: sync.OnceValue(func() *http.Transport { return s.dialing(s.trust()) }),
		},
	}
}

// transport reads whom to trust when TLS is first needed: a file of
// authorities takes longer to read than a plain request takes in all.
type transport struct{ plain, secure func() *http.Transport }

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if proxy, err := http.ProxyFromEnvironment(r); r.URL.Scheme == "http" && err == nil && (proxy == nil || proxy.Scheme != "https") {
		return t.plain().RoundTrip(r)
	}
	return t.secure().RoundTrip(r)
}

func (s *Session) dialing(trust *tls.Config) *http.Transport {
	dialer := &net.Dialer{Timeout: s.connectTimeout}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		TLSClientConfig:       trust,
		TLSHandshakeTimeout:   s.connectTimeout,
		ResponseHeaderTimeout: s.readTimeout,
		ForceAttemptHTTP2:     true,
		DisableCompression:    true,
	}
}

// trust returns whom to trust: the system's authorities, unless the user has
// others. The AWS CLI has a list of its own; see docs/differences.md.
func (s *Session) trust() *tls.Config {
	if s.Globals.Set("no-verify-ssl") {
		return &tls.Config{InsecureSkipVerify: true} // what the user asked for
	}
	file := cmp.Or(s.Globals.Text("ca-bundle"), s.Getenv("AWS_CA_BUNDLE"), s.configured("ca_bundle"), s.Getenv("REQUESTS_CA_BUNDLE"))
	if file == "" {
		return nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return trustNobody(reason(err))
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return trustNobody("[X509: NO_CERTIFICATE_OR_CRL_FOUND] no certificate or crl found")
	}
	return &tls.Config{RootCAs: roots}
}

// trustNobody refuses every certificate: plain HTTP does not need the file
// that is of no use.
func trustNobody(why string) *tls.Config {
	return &tls.Config{
		InsecureSkipVerify: true, // VerifyConnection refuses all
		VerifyConnection:   func(tls.ConnectionState) error { return bundleError(why) },
	}
}

// bundleError is a file of certificates that is of no use.
type bundleError string

func (e bundleError) Error() string { return string(e) }

// connection is a failure on the way to the service.
type connection struct {
	message string
	repeat  bool
	err     error
}

func (e *connection) Error() string { return e.message }
func (e *connection) Unwrap() error { return e.err }

func isConnection(err error) bool {
	var c *connection
	return errors.As(err, &c) && c.repeat
}

// connectionError words a failure of the connection as botocore does.
func connectionError(r *http.Request, err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	address := r.URL.String()
	var bundle bundleError
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var op *net.OpError
	var timeout net.Error
	timedOut := errors.As(err, &timeout) && timeout.Timeout()
	dialing := errors.As(err, &op) && slices.Contains([]string{"dial", "proxyconnect", "socks connect"}, op.Op)
	switch {
	case errors.As(err, &bundle), errors.As(err, &record), errors.As(err, &alert), errors.Is(err, http.ErrSchemeMismatch):
		return &connection{fmt.Sprintf("SSL validation failed for %s %s", address, rootCause(err)), true, err}
	case errors.As(err, &certificate):
		return &connection{fmt.Sprintf("SSL validation failed for %s [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: %s",
			address, certificate.Err), true, err}
	case dialing && op.Op != "dial":
		return &connection{fmt.Sprintf("Failed to connect to proxy URL: \"%s\"", proxyOf(r)), true, err}
	case dialing && timedOut:
		return &connection{fmt.Sprintf("Connect timeout on endpoint URL: \"%s\"", address), true, err}
	case dialing:
		return &connection{fmt.Sprintf("Could not connect to the endpoint URL: \"%s\"", address), true, err}
	case timedOut:
		return &connection{fmt.Sprintf("Read timeout on endpoint URL: \"%s\"", address), true, err}
	}
	return &connection{fmt.Sprintf("Connection was closed before we received a valid response from endpoint URL: \"%s\".", address), true, err}
}

func proxyOf(r *http.Request) string {
	u, err := http.ProxyFromEnvironment(r)
	if err != nil || u == nil {
		return ""
	}
	return u.Redacted()
}

func rootCause(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return strings.TrimSpace(err.Error())
		}
		err = inner
	}
}
