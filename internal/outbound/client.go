package outbound

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"larder.example/larder"
)

// Client sends requests. It is safe for concurrent use, and there should be
// one of it: the bounds hold for each.
type Client struct {
	// Named are the hosts, HOST:PORT, that the operator named himself. They
	// may be anywhere, also on networks that nobody else may send us to. See
	// [HostPort].
	Named []string

	// Allow are networks that are dialed although they are not public.
	Allow []netip.Prefix

	// Offline refuses every request.
	Offline bool

	// Agent is the User-Agent of requests.
	Agent string

	// Roots are the authorities that are trusted. Nil: the system's.
	Roots *x509.CertPool

	// FirstByte is how long an answer may take to begin, from the dialing on.
	// Default 10 seconds.
	FirstByte time.Duration

	// Stall is how long a body may pause. Default 30 seconds.
	Stall time.Duration

	// PerHost is how many requests a host gets at a time; others wait.
	// Default 32.
	PerHost int

	Now func() time.Time // nil is time.Now

	once      sync.Once // guards the making of transport
	transport *http.Transport

	mu    sync.Mutex // guards hosts
	hosts map[string]*host
}

const (
	firstByte = 10 * time.Second
	stall     = 30 * time.Second
	perHost   = 32

	dialTime    = 5 * time.Second
	idleTime    = 90 * time.Second
	maxHeader   = 64 << 10
	maxHops     = 5
	defaultMost = 16 << 20
)

func (c *Client) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}

// carrier returns the transport, made at the first request.
func (c *Client) carrier() *http.Transport {
	c.once.Do(func() {
		c.transport = &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            c.dial,
			TLSClientConfig:        &tls.Config{RootCAs: c.Roots, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout:    dialTime,
			MaxIdleConnsPerHost:    c.perHost(),
			IdleConnTimeout:        idleTime,
			MaxResponseHeaderBytes: maxHeader,
			DisableCompression:     true, // the request says whether it wants that
			ForceAttemptHTTP2:      true,
		}
	})
	return c.transport
}

func (c *Client) perHost() int { return either(c.PerHost, perHost) }

// either is a setting, or its default if it is zero.
func either[T int | int64 | time.Duration](set, otherwise T) T {
	if set == 0 {
		return otherwise
	}
	return set
}

// Close lets the idle connections go.
func (c *Client) Close() error {
	c.carrier().CloseIdleConnections()
	return nil
}

// Get sends a request and returns the answer once it begins, after
// redirects: a status of 2xx, or 304 where the request is conditional. The
// answer's body must be closed.
//
// Everything else is a *larder.Error: NotFound for what is not there, Denied
// for where we do not go, Throttled with its RetryAfter for a host that asks
// for patience, and Unavailable for a host that fails, does not answer in
// time, or is being left alone.
func (c *Client) Get(ctx context.Context, r Request) (*Answer, error) {
	if c.Offline {
		return nil, larder.Errorf(larder.Unavailable, "The registry is offline: nothing is fetched from %s.", hostOf(r.URL))
	}
	return c.follow(ctx, r)
}
