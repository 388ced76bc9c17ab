// Package machine finds out which public registries this machine's own package
// managers are set to use: npm, pip and Maven, by asking them and reading
// their settings. It is the only room of the server that runs programs, for
// quickstart alone. It knows no registry's address itself, asks no registry,
// and takes a package manager that is not there for one that says nothing.
package machine

import (
	"bytes"
	"context"
	"net/url"
	"os/exec"
	"strings"
	"sync"
	"time"
)

// patience is how long a package manager may take to answer.
const patience = 20 * time.Second

// Registries returns the addresses of the external connections that were
// found: "public:npmjs" and so on.
func Registries(ctx context.Context) map[string]string {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var mu sync.Mutex // guards found
	found := map[string]string{}
	var wg sync.WaitGroup
	for connection, ask := range map[string]func(context.Context) string{
		"public:npmjs": npm, "public:pypi": pip, "public:maven-central": maven,
	} {
		wg.Go(func() {
			address := ask(ctx)
			if u, err := url.Parse(address); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
				return
			}
			mu.Lock()
			defer mu.Unlock()
			found[connection] = address
		})
	}
	wg.Wait()
	return found
}

// output is what a program prints, or nothing if it fails or is not there.
func output(ctx context.Context, name string, args ...string) string {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = time.Second
	var out bytes.Buffer
	cmd.Stdout = &out
	if cmd.Run() != nil {
		return ""
	}
	return out.String()
}

// npm has a registry of its own if it is told of none.
func npm(ctx context.Context) string {
	return strings.TrimSpace(output(ctx, "npm", "config", "get", "registry"))
}
