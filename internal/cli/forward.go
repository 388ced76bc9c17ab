package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"larder.example/larder/internal/cli/args"
	"larder.example/larder/internal/cli/helper"
	"larder.example/larder/internal/cli/login"
	"larder.example/larder/internal/cli/proxy"
)

// proxyCommand serves what has no other way to an unexpired token.
func proxyCommand() Command {
	return Command{
		Name:     "proxy",
		Synopsis: "Serve a domain's repositories on a loopback address, with a token that is always good.",
		Options: append(domainOptions(true),
			args.Option{Name: "repository", Required: true, Help: "The repository whose addresses are printed; the others of the domain are served too."},
			args.Option{Name: "listen", Help: "The loopback address to listen on, 127.0.0.1:0 unless it is said."},
		),
		Run: runProxy,
	}
}

func runProxy(ctx context.Context, s *Session, v args.Values) error {
	listen := v.Text("listen")
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	address, err := net.ResolveTCPAddr("tcp", listen)
	if err != nil {
		return ParamErrorf("argument --listen: %s: it is HOST:PORT, such as 127.0.0.1:8486", err)
	}
	if !address.IP.IsLoopback() {
		return ParamErrorf("argument --listen: %s is not on the loopback interface, as 127.0.0.1:8486 is", listen)
	}
	p := placeOf(v)
	c, err := s.registry(ctx, "")
	if err != nil {
		return err
	}
	where, err := c.endpoints(ctx, p, login.Tools[:])
	if err != nil {
		return err
	}
	g, err := s.grant(ctx, c, p, where["npm"])
	if err != nil {
		return err
	}
	handler, err := s.proxy(g, p, where["npm"])
	if err != nil {
		return err
	}
	l, err := net.ListenTCP("tcp", address)
	if err != nil {
		return fmt.Errorf("%w: say another address with --listen", err)
	}
	base := "http://" + l.Addr().String()
	fmt.Fprintln(s.Stdout, base)
	for _, format := range formats(where) {
		if u, err := url.Parse(where[format]); err == nil {
			fmt.Fprintf(s.Stdout, "%-8s%s%s\n", format, base, u.EscapedPath())
		}
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGTERM) // by which service managers end it
	defer stop()
	return serveUntil(ctx, &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}, l)
}

// proxy forwards to where an endpoint is, for the domain that the endpoint is
// of.
func (s *Session) proxy(g grant, p place, endpoint string) (*proxy.Proxy, error) {
	ours, found := helper.Locate(endpoint)
	u, err := url.Parse(endpoint)
	if err != nil || !found {
		return nil, errorText("the service names no address of a repository: %s", endpoint)
	}
	client := s.HTTP()
	callers := renewed{caller: g.caller, since: s.now()}
	return &proxy.Proxy{
		Origin:    u,
		Transport: client.Transport,
		Ours: func(address string) bool {
			a, found := helper.Locate(address)
			return found && a.Origin == ours.Origin && a.Domain == ours.Domain && a.Owner == ours.Owner
		},
		Token: func(ctx context.Context) (string, error) {
			c, err := callers.of(ctx, s)
			if err != nil {
				return "", err
			}
			g, err := s.grant(ctx, c, p, endpoint)
			return g.Token, err
		},
		Refused: func(ctx context.Context, token string) error {
			c, err := callers.of(ctx, s)
			if err != nil {
				return err
			}
			key, err := c.key(ctx, p)
			if err != nil {
				return err
			}
			return s.tokens().Forget(key, token)
		},
	}, nil
}

// renewed is a caller that finds its credentials again from time to time:
// those of a session expire while the proxy runs.
type renewed struct {
	mu     sync.Mutex // guards what follows
	caller *Caller
	since  time.Time
}

func (r *renewed) of(ctx context.Context, s *Session) (*Caller, error) {
	const lasting = 5 * time.Minute
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.now().Sub(r.since) < lasting {
		return r.caller, nil
	}
	c, err := s.registry(ctx, "")
	if err == nil {
		r.caller, r.since = c, s.now()
	}
	return c, err
}

// serveUntil serves until ctx is done, and lets what is in flight finish.
func serveUntil(ctx context.Context, server *http.Server, l net.Listener) error {
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	const patience = 10 * time.Second
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	err := server.Shutdown(last)
	if errors.Is(err, context.DeadlineExceeded) {
		err = errors.Join(errorText("what was in flight after %v was cut off", patience), server.Close())
	}
	if err := <-ended; err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return err
}
