package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// registry is a larderd with what quickstart makes.
type registry struct {
	url         string
	env         []string // its administrator
	cmd         *exec.Cmd
	interrupted func()
}

func startRegistry(ctx context.Context, work string) (*registry, error) {
	binary := filepath.Join(work, "larderd")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/larderd").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build larderd: %w\n%s", err, out)
	}
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	r := &registry{url: "http://" + address, interrupted: cancel}
	data := filepath.Join(work, "data")
	r.cmd = exec.CommandContext(ctx, binary, "quickstart", "--discover=false", "--data", data, "--listen", address)
	if err := r.cmd.Start(); err != nil {
		cancel()
		return nil, err
	}
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(50 * time.Millisecond) {
		// It says who its administrator is once it serves.
		if text, err := os.ReadFile(filepath.Join(data, "env.sh")); err == nil && ready(ctx, r.url) {
			r.readEnv(string(text))
			return r, nil
		}
		if time.Now().After(deadline) {
			r.stop()
			return nil, fmt.Errorf("larderd did not start on %s", address)
		}
	}
}

// readEnv takes the administrator's keys from a file for shells.
func (r *registry) readEnv(text string) {
	for line := range strings.Lines(text) {
		name, v, ok := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
		if ok && (name == "AWS_ACCESS_KEY_ID" || name == "AWS_SECRET_ACCESS_KEY") {
			r.env = append(r.env, name+"="+strings.Trim(v, "'"))
		}
	}
}

// freeAddress returns an address that nobody listens on.
func freeAddress(ctx context.Context) (string, error) {
	var c net.ListenConfig
	l, err := c.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

func ready(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/readyz", nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	return res.Body.Close() == nil && res.StatusCode == http.StatusOK
}

func (r *registry) stop() {
	r.interrupted()
	r.cmd.Wait() //nolint:errcheck // it was killed
}
