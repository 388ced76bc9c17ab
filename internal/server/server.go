package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/audit"
	"larder.example/larder/internal/blob"
	"larder.example/larder/internal/blob/dir"
	"larder.example/larder/internal/config"
	"larder.example/larder/internal/control"
	"larder.example/larder/internal/control/iam"
	own "larder.example/larder/internal/control/larder"
	"larder.example/larder/internal/control/sts"
	"larder.example/larder/internal/data"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/format/generic"
	"larder.example/larder/internal/format/maven"
	"larder.example/larder/internal/format/npm"
	"larder.example/larder/internal/format/pypi"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/keyring"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/meta/postgres"
	"larder.example/larder/internal/meta/sqlite"
	"larder.example/larder/internal/outbound"
	"larder.example/larder/internal/registry"
	"larder.example/larder/internal/sigv4"
	"larder.example/larder/internal/throttle"
	"larder.example/larder/internal/token"
	"larder.example/larder/internal/webidentity"
	"larder.example/larder/internal/wire"
	"larder.example/larder/internal/wire/awsquery"
	"larder.example/larder/internal/wire/restjson"
)

const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	maxHeader     = 16 << 10
	drainTime     = 30 * time.Second
)

// Server is an open registry.
type Server struct {
	Identity *identity.Service
	Registry *registry.Registry

	config    *config.Config
	log       *slog.Logger
	now       func() time.Time
	endpoints format.Endpoints

	keys     *keyring.Ring
	db       *meta.DB
	bytes    *dir.Store
	outbound *outbound.Client
	audit    *audit.Log
	metrics  *metrics
	packages *data.Plane
	space    *blob.Watermark
	public   *registry.Public
	handler  http.Handler
	closers  []io.Closer // in the order in which they were opened
	stopping atomic.Bool
	inFlight atomic.Int64
}

// formats are the package formats that are served.
func formats() map[larder.Format]*format.Format {
	all := map[larder.Format]*format.Format{}
	for _, f := range []*format.Format{&generic.Format, &maven.Format, &npm.Format, &pypi.Format} {
		all[f.Name] = f
	}
	return all
}

// Open opens the data directory that c names and everything in it. Nobody is
// served yet. A nil now is time.Now.
func Open(ctx context.Context, c *config.Config, log *slog.Logger, now func() time.Time) (s *Server, err error) {
	if now == nil {
		now = time.Now
	}
	s = &Server{config: c, log: log, now: now}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	lock, err := lockDir(c.Data)
	if err != nil {
		return s, err
	}
	s.closers = append(s.closers, lock)
	if err := s.openMeta(ctx); err != nil {
		return s, err
	}
	s.closers = append(s.closers, s.db)
	if err := s.openKeys(ctx); err != nil {
		return s, err
	}
	if s.audit, err = audit.Open(filepath.Join(c.Data, "audit"), audit.Options{Region: c.Region, Keep: c.AuditKeep, Now: now}); err != nil {
		return s, fmt.Errorf("open the audit log: %w", err)
	}
	s.closers = append(s.closers, s.audit)
	if s.bytes, err = s.openBytes(ctx); err != nil {
		return s, fmt.Errorf("open the blobs: %w", err)
	}
	s.space = &blob.Watermark{Room: s.bytes.Room, Now: now}
	if s.Identity, err = identity.Open(ctx, identity.Options{
		DB: s.db, Keys: s.keys, Region: c.Region, Log: log, Now: now, AllowSharedIssuers: c.SharedIssuers == "warn",
	}); err != nil {
		return s, err
	}
	s.closers = append(s.closers, s.Identity)
	if err := s.openOutbound(); err != nil {
		return s, err
	}
	s.Registry = &registry.Registry{
		DB: s.db, Blobs: s.bytes, Identity: s.Identity, Formats: formats(), Region: c.Region,
		Space: s.space, MaxAsset: c.MaxAsset, Log: log, Now: now,
	}
	if c.MetricsListen != "" {
		s.metrics = newMetrics(s.audit)
	}
	s.connect()
	return s, nil
}

func (s *Server) openMeta(ctx context.Context) (err error) {
	if s.config.Meta != "" {
		s.db, err = meta.Open(ctx, postgres.Engine{Now: s.now, Direct: s.config.MetaDirect}, s.config.Meta, s.log)
		return err
	}
	s.db, err = meta.Open(ctx, sqlite.Engine{Now: s.now}, filepath.Join(s.config.Data, "meta.db"), s.log)
	return err
}

// Close closes what Open opened.
func (s *Server) Close() error {
	var faults []error
	for i := len(s.closers) - 1; i >= 0; i-- {
		faults = append(faults, s.closers[i].Close())
	}
	s.closers = nil
	return errors.Join(faults...)
}

// mount makes the handler of everything, for clients that reach the server
// at base.
func (s *Server) mount(base string) {
	c := s.config
	s.endpoints = format.Endpoints{URL: base, Region: c.Region, Suffix: c.HostSuffix}
	vault := &token.Vault{Keys: s.keys, Region: c.Region, Now: s.now}
	gate := throttle.NewGate(throttle.Rates{
		Failures: throttle.Rate(c.RateFailures), Calls: throttle.Rate(c.RateCalls), Packages: throttle.Rate(c.RatePackages),
		IAMWrites: throttle.Rate(c.RateIAMWrites), Issuers: throttle.Rate(c.RateWebIdentity),
	}, s.now)
	auth := &control.Authenticator{Identity: s.Identity, Verifier: &sigv4.Verifier[identity.Principal]{
		Keys: s.Identity.SigningKey, Region: c.Region, Skew: c.ClockSkew, Now: s.now,
	}, Gate: gate}

	artifacts := &wire.Mux{Protocol: restjson.Protocol{}, Authenticate: auth.Authenticate, Observe: control.Observe}
	(&control.Plane{
		Registry: s.Registry, Identity: s.Identity, Tokens: vault, Keys: s.keys, Formats: s.Registry.Formats,
		Endpoints: s.endpoints, Region: c.Region, DenyRootTokens: c.RootTokens == "deny", Now: s.now,
	}).Mount(artifacts)
	(&own.Plane{Identity: s.Identity, Keys: s.keys, Region: c.Region, Now: s.now}).Mount(artifacts)

	queries := &wire.Mux{Protocol: awsquery.Protocol{}, Authenticate: auth.Authenticate, Observe: control.Observe}
	(&iam.Plane{Identity: s.Identity, Keys: s.keys, Now: s.now}).Mount(queries)
	(&sts.Plane{
		Identity: s.Identity, Tokens: &webidentity.Verifier{Fetch: s.fetchIssuer, Now: s.now}, Gate: gate,
	}).Mount(queries)

	s.packages = &data.Plane{
		Registry: s.Registry, Identity: s.Identity, Tokens: vault, Formats: s.Registry.Formats,
		Endpoints: s.endpoints, Region: c.Region, Cache: &data.Cache{Now: s.now}, Gate: gate,
	}
	s.Registry.Changed, s.Registry.Rewired = s.packages.Drop, s.packages.DropDomain

	route := func(w http.ResponseWriter, r *http.Request, e *audit.Event) {
		if s.packages.Serve(w, r, e) {
			return
		}
		r = r.WithContext(wire.WithRequestID(audit.With(r.Context(), e), e.ID))
		if r.URL.Path == "/" {
			queries.ServeHTTP(w, r)
		} else {
			artifacts.ServeHTTP(w, r)
		}
	}
	guarded := &edge{next: route, proxies: c.TrustedProxies, audit: s.audit, metrics: s.metrics, log: s.log, now: s.now}
	guarded.ledger = newLedger(guarded.write)
	s.closers = append(s.closers, guarded.ledger) // what it writes to is closed after it
	s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TransferEncoding) > 0 {
			// net/http takes a length beside it for nothing, without a word; a
			// proxy may have believed that, and what follows be a stranger's
			// body (RFC 9112, 6.1).
			w.Header().Set("Connection", "close")
		}
		switch r.URL.Path {
		case "/healthz":
			io.WriteString(w, "ok\n")
		case "/readyz":
			s.readyz(w, r)
		default:
			s.inFlight.Add(1)
			defer s.inFlight.Add(-1)
			guarded.ServeHTTP(w, r)
		}
	})
}

// readyz answers 200 when requests are served, else 503 and why not.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), time.Second)
	defer cancel()
	err := s.ready(ctx)
	if err == nil {
		io.WriteString(w, "ready\n")
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(http.StatusServiceUnavailable)
	io.WriteString(w, larder.AsError(err).Message+"\n")
}

func (s *Server) ready(ctx context.Context) error {
	if s.stopping.Load() {
		return larder.Errorf(larder.Unavailable, "The server is shutting down.")
	}
	if err := s.db.Ping(ctx); err != nil {
		return &larder.Error{Kind: larder.Unavailable, Message: "The database cannot be reached.", Err: err}
	}
	if err := s.Identity.Ready(); err != nil {
		return err
	}
	return s.space.Check()
}

// Run serves until ctx ends, then lets the requests in flight finish, for at
// most 30 seconds. started is called once requests are accepted, with the
// base of the URLs that are written.
func (s *Server) Run(ctx context.Context, started func(base string) error) error {
	var tcp net.ListenConfig
	listener, err := tcp.Listen(ctx, "tcp", s.config.Listen)
	if err != nil {
		return fmt.Errorf("%w: name another address with --listen", err)
	}
	base := s.base(listener.Addr().String())
	s.mount(base)
	web := &http.Server{
		Handler: s.handler, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 2)
	go func() { failed <- s.serve(web, listener) }()
	side, err := s.serveMetrics(ctx, failed)
	if err != nil {
		return errors.Join(err, web.Close())
	}
	defer s.startFollowing(ctx)()
	jobs := s.startJobs(ctx)
	defer jobs.Wait()
	defer side.Close()
	if err := started(base); err != nil {
		return errors.Join(err, web.Close())
	}
	s.log.InfoContext(ctx, "serving", "listen", listener.Addr().String(), "url", base)
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	return s.drain(ctx, web)
}

// drain says that the server is not ready, and stops it once nothing is in
// flight.
func (s *Server) drain(ctx context.Context, web *http.Server) error {
	s.stopping.Store(true)
	s.log.InfoContext(ctx, "shutting down", "in_flight", s.inFlight.Load())
	web.SetKeepAlivesEnabled(false)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer cancel()
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for s.inFlight.Load() > 0 && ctx.Err() == nil {
		select { // the listener stays open meanwhile, so that readyz is heard
		case <-poll.C:
		case <-ctx.Done():
		}
	}
	if err := web.Shutdown(ctx); err != nil {
		return errors.Join(fmt.Errorf("requests were cut off: %w", err), web.Close())
	}
	return nil
}

func (s *Server) serve(web *http.Server, l net.Listener) error {
	if s.config.TLSCert != "" {
		return web.ServeTLS(l, s.config.TLSCert, s.config.TLSKey)
	}
	return web.Serve(l)
}

// serveMetrics serves /metrics on its own address, if it has one.
func (s *Server) serveMetrics(ctx context.Context, failed chan<- error) (io.Closer, error) {
	web := &http.Server{ReadHeaderTimeout: headerTimeout}
	if s.metrics == nil {
		return web, nil
	}
	web.Handler = s.metrics.handler()
	var tcp net.ListenConfig
	l, err := tcp.Listen(ctx, "tcp", s.config.MetricsListen)
	if err != nil {
		return nil, fmt.Errorf("%w: name another address with --metrics-listen", err)
	}
	go func() {
		if err := web.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			failed <- err
		}
	}()
	return web, nil
}

// base returns the base of the URLs that are written: what is configured, or
// the address that is listened on.
func (s *Server) base(listening string) string {
	if s.config.URL != "" {
		return strings.TrimRight(s.config.URL, "/")
	}
	scheme := "http://"
	if s.config.TLSCert != "" {
		scheme = "https://"
	}
	host, _, _ := net.SplitHostPort(s.config.Listen) // config has checked it
	_, port, _ := net.SplitHostPort(listening)
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if name, err := os.Hostname(); err == nil {
			host = name
		}
	}
	return scheme + net.JoinHostPort(host, port)
}
