// Package client is the control plane from outside: it calls the operations
// of the API over HTTP, signed, as any AWS SDK would. The command line, the
// console and tests use it; it never sees what is behind the server's door.
package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	"larder.example/larder/internal/sigv4"
	"larder.example/larder/internal/wire"
	"larder.example/larder/internal/wire/awsquery"
	"larder.example/larder/internal/wire/restjson"
)

// Client calls operations of any service at one address, for one access key;
// without one, calls are not signed. It is safe for concurrent use once its
// fields are set.
type Client struct {
	URL    string // such as http://127.0.0.1:8484
	Region string

	KeyID, Secret string
	SessionToken  string // of temporary credentials

	HTTP     *http.Client     // nil is http.DefaultClient
	Attempts int              // how often a call is sent at most; 0 is three times
	Now      func() time.Time // nil is time.Now

	mu       sync.Mutex // guards services
	services map[string]*wire.Client
}

// Call makes one call. A failure that the service answers with is a
// *larder.Error.
func Call[In, Out any](ctx context.Context, c *Client, op wire.Op[In, Out], in *In) (*Out, error) {
	s, err := c.service(wire.Info(op))
	if err != nil {
		return nil, err
	}
	return wire.Call(ctx, s, op, in)
}

// service returns the client of an operation's service, which remembers how
// the operations that were called are bound.
func (c *Client) service(op wire.Info) (*wire.Client, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s, ok := c.services[op.Service]; ok {
		return s, nil
	}
	base, err := url.Parse(c.URL)
	if err != nil {
		return nil, fmt.Errorf("the server's URL: %w", err)
	}
	s := &wire.Client{Base: base, Protocol: protocol(op), HTTP: c.HTTP, Attempts: c.Attempts}
	if c.KeyID != "" {
		s.Sign = c.signer(op.Service)
	}
	if c.services == nil {
		c.services = map[string]*wire.Client{}
	}
	c.services[op.Service] = s
	return s, nil
}

// protocol returns what a service speaks: operations with a version are
// called by action, all others by path.
func protocol(op wire.Info) wire.ClientProtocol {
	if op.Version != "" {
		return awsquery.Protocol{}
	}
	return restjson.Protocol{}
}

func (c *Client) signer(service string) func(*http.Request, string) error {
	s := sigv4.Signer{KeyID: c.KeyID, Secret: c.Secret, SessionToken: c.SessionToken, Region: c.Region, Service: service}
	now := time.Now
	if c.Now != nil {
		now = c.Now
	}
	return func(r *http.Request, bodyHash string) error { return s.Sign(r, bodyHash, now()) }
}
