package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/sigv4"
)

// process is a server that was started.
type process struct {
	cmd  *exec.Cmd
	addr string
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// stop ends the process and waits for it.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := p.cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() < 0 {
		return nil // the bare handler knows no better end
	}
	return err
}

// larderd is a running registry with quickstart's domain and repository.
type larderd struct {
	process
	dir       string
	client    *client.Client
	token     string
	endpoints map[larder.Format]string // their paths, with a trailing slash
	ready     time.Duration            // from the start to the first answer
}

// build builds one of our programs as it is released.
func build(ctx context.Context, dir, path string) (string, error) {
	binary := filepath.Join(dir, filepath.Base(path))
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, "larder.example/larder/"+path)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	return binary, cmd.Run()
}

// start starts the registry in dir and waits for its first answer. Its log
// goes to a file there, as its metrics are served: nothing that an operator
// would have is off.
func start(ctx context.Context, binary, dir string, more ...string) (*larderd, error) {
	log, err := os.OpenFile(filepath.Join(filepath.Dir(dir), "larderd.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	l := &larderd{dir: dir}
	args := []string{"quickstart", "--rate-calls=0", "--data", dir, "--listen", addr, "--metrics-listen", "127.0.0.1:0"}
	l.cmd = exec.CommandContext(ctx, binary, append(args, more...)...)
	l.cmd.Stderr = log
	begin := time.Now()
	if err := l.cmd.Start(); err != nil {
		return nil, err
	}
	base := "http://" + addr
	for ; ; time.Sleep(time.Millisecond) {
		status, err := answered(ctx, base+"/readyz")
		if err == nil && status == http.StatusOK {
			break
		}
		if time.Since(begin) > 30*time.Second {
			return nil, fmt.Errorf("larderd did not start: see %s: %w", log.Name(), err)
		}
	}
	l.ready = time.Since(begin)
	return l, l.connect(ctx, base)
}

// answered returns the status that a GET is answered with.
func answered(ctx context.Context, url string) (int, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

// freeAddr returns an address that nobody listens on.
func freeAddr(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// connect obtains a token and the endpoint.
func (l *larderd) connect(ctx context.Context, base string) error {
	u, err := url.Parse(base)
	if err != nil {
		return err
	}
	l.addr = u.Host
	l.client = &client.Client{URL: base, Region: "us-east-1", Attempts: 1}
	text, err := l.env()
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "export ")), "=")
		switch value = strings.Trim(value, "'"); name {
		case "AWS_ACCESS_KEY_ID":
			l.client.KeyID = value
		case "AWS_SECRET_ACCESS_KEY":
			l.client.Secret = value
		}
	}
	t, err := client.Call(ctx, l.client, codeartifact.GetAuthorizationToken, &codeartifact.GetAuthorizationTokenInput{Domain: "team"})
	if err != nil {
		return err
	}
	l.token = t.AuthorizationToken
	l.endpoints = map[larder.Format]string{}
	for _, f := range []larder.Format{larder.NPM, larder.PyPI, larder.Maven} {
		e, err := client.Call(ctx, l.client, codeartifact.GetRepositoryEndpoint,
			&codeartifact.GetRepositoryEndpointInput{Domain: "team", Repository: "app", Format: f})
		if err != nil {
			return err
		}
		if u, err = url.Parse(e.RepositoryEndpoint); err != nil {
			return err
		}
		l.endpoints[f] = u.Path
	}
	return nil
}

// env returns the file with the credentials, which is written once requests
// are accepted.
func (l *larderd) env() ([]byte, error) {
	var text []byte
	err := errors.New("")
	for deadline := time.Now().Add(10 * time.Second); err != nil && time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		text, err = os.ReadFile(filepath.Join(l.dir, "env.sh"))
	}
	return text, err
}

// get spells a request of a package manager.
func (l *larderd) get(f larder.Format, path string, header ...string) message {
	return request("GET", l.endpoints[f]+path, l.addr, nil, append(header, "Authorization: Bearer "+l.token)...)
}

// put spells the publish of a document.
func (l *larderd) put(pkg string, document []byte) message {
	return request("PUT", l.endpoints[larder.NPM]+strings.Replace(pkg, "/", "%2f", 1), l.addr, document,
		"Authorization: Bearer "+l.token, "Content-Type: application/json")
}

// publish publishes versions.
func (l *larderd) publish(ctx context.Context, versions ...version) error {
	all := make([]message, len(versions))
	for i, v := range versions {
		document, err := v.document()
		if err != nil {
			return err
		}
		all[i] = l.put(v.pkg, document)
	}
	return l.send(ctx, http.StatusCreated, all)
}

// send sends requests one by one, each of which must be answered with a
// status.
func (l *larderd) send(ctx context.Context, status int, all []message) error {
	c, err := dial(ctx, l.addr)
	if err != nil {
		return err
	}
	defer c.Close()
	for _, m := range all {
		a, err := c.ask(m)
		if err != nil {
			return err
		}
		if a.status != status {
			head, _, _ := strings.Cut(string(m.head), "\r\n")
			return fmt.Errorf("%s: %d %s", head, a.status, a.body)
		}
	}
	return nil
}

// tokenRequests spells n signed calls of GetAuthorizationToken, each dated a
// second earlier than the one before: no two have one signature.
func (l *larderd) tokenRequests(ctx context.Context, n int) ([]message, error) {
	s := sigv4.Signer{KeyID: l.client.KeyID, Secret: l.client.Secret, Region: "us-east-1", Service: "codeartifact"}
	now := time.Now()
	all := make([]message, n)
	for i := range all {
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+l.addr+"/v1/authorization-token?domain=team", nil)
		if err != nil {
			return nil, err
		}
		if err := s.Sign(r, "", now.Add(-time.Duration(i)*time.Second)); err != nil {
			return nil, err
		}
		all[i] = request("POST", r.URL.RequestURI(), l.addr, []byte{},
			"Authorization: "+r.Header.Get("Authorization"), "X-Amz-Date: "+r.Header.Get("X-Amz-Date"))
	}
	return all, nil
}
