// Package testenv gives tests a running registry in one line: the real
// server on a loopback port, with its data in the test's temporary directory
// and a clock that the test moves.
package testenv

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/config"
	"larder.example/larder/internal/server"
)

// What a registry begins with.
const (
	Domain     = "team"
	Repository = "app"
	Region     = "us-east-1"
)

// Env is a running registry with quickstart's account, domain, repository
// and administrator.
type Env struct {
	URL     string
	Dir     string // the data directory
	Account string
	Admin   *client.Client
	Clock   *Clock
	Log     *Log

	t      testing.TB
	server *server.Server

	secretMu sync.Mutex // guards secrets
	secrets  []string
}

// Clock is the server's clock. It starts at the real time, so that real
// clients are near it, and stands still until it is moved.
type Clock struct {
	mu  sync.Mutex // guards now
	now time.Time
}

// Now returns the clock's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Log is what the server has logged.
type Log struct {
	mu    sync.Mutex // guards lines
	lines bytes.Buffer
}

// Write implements io.Writer.
func (l *Log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.Write(b)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines.String()
}

// New starts a registry, which stops when t ends. Each of settings changes
// the configuration.
func New(t testing.TB, settings ...func(*config.Config)) *Env {
	t.Helper()
	e := &Env{t: t, Dir: filepath.Join(t.TempDir(), "data"), Clock: &Clock{now: time.Now()}, Log: &Log{}}
	c := config.Defaults()
	c.Data, c.Listen, c.Region = e.Dir, "127.0.0.1:0", Region
	// The clock stands still, so that what has run out would never be there
	// again.
	c.RateFailures, c.RateCalls, c.RateIAMWrites, c.RateWebIdentity = config.Rate{}, config.Rate{}, config.Rate{}, config.Rate{}
	for _, set := range settings {
		set(c)
	}
	ctx, stop := context.WithCancel(context.WithoutCancel(t.Context()))
	log := slog.New(slog.NewTextHandler(e.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	s, err := server.Open(ctx, c, log, e.Clock.Now)
	if err != nil {
		stop()
		t.Fatal(err)
	}
	e.server = s
	e.explainRefusals()
	ended, started := make(chan error, 1), make(chan error, 1)
	go func() {
		ended <- s.Run(ctx, func(base string) error {
			q, err := s.Quickstart(ctx, base)
			e.URL, e.Account = base, q.Account
			started <- err
			return err
		})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		e.checkSecrets()
	})
	select {
	case err = <-started:
	case err = <-ended:
		ended <- err
	}
	if err != nil {
		t.Fatal(err)
	}
	e.Admin = e.fromEnv(filepath.Join(e.Dir, "env.sh"))
	return e
}

// fromEnv returns a client with the credentials in a file for shells.
func (e *Env) fromEnv(path string) *client.Client {
	e.t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		e.t.Fatal(err)
	}
	c := e.anonymous()
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "export ")), "=")
		value = strings.Trim(value, "'")
		switch name {
		case "AWS_ACCESS_KEY_ID":
			c.KeyID = value
		case "AWS_SECRET_ACCESS_KEY":
			c.Secret = value
			e.keep(value)
		}
	}
	return c
}

// anonymous returns a client without credentials, on the server's clock.
func (e *Env) anonymous() *client.Client {
	return &client.Client{URL: e.URL, Region: Region, Attempts: 1, Now: e.Clock.Now}
}

// PutUserPolicy puts an inline policy on a user.
func (e *Env) PutUserPolicy(user, name, document string) {
	e.t.Helper()
	if _, err := client.Call(e.t.Context(), e.Admin, iam.PutUserPolicy,
		&iam.PutUserPolicyInput{UserName: user, PolicyName: name, PolicyDocument: document}); err != nil {
		e.t.Fatal(err)
	}
}

// Token returns an authorization token for the domain.
func (e *Env) Token(c *client.Client) string {
	e.t.Helper()
	out, err := client.Call(e.t.Context(), c, codeartifact.GetAuthorizationToken, &codeartifact.GetAuthorizationTokenInput{Domain: Domain})
	if err != nil {
		e.t.Fatal(err)
	}
	return out.AuthorizationToken
}

// Endpoint returns the path of a format's endpoint in the repository, with
// its trailing slash.
func (e *Env) Endpoint(format string) string {
	return "/" + format + "/d/" + Domain + "-" + e.Account + "/" + Repository + "/"
}

// Answer is what the server answered to one request.
type Answer struct {
	Status int
	Header http.Header
	Body   string
}

// Do sends a request with a token, unless it is empty. Header lines come as
// name and value in turn.
func (e *Env) Do(method, path, token string, body io.Reader, header ...string) Answer {
	e.t.Helper()
	r := e.request(method, path, body, header)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return e.Send(r)
}
