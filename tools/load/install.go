package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/testenv/clients"
)

// Projects that are installed: some 500 packages, and the largest packuments
// that there are.
var projects = []struct{ name, manifest string }{
	{"webpack", `{"name":"project","private":true,"dependencies":{"express":"4.21.2","jest":"29.7.0","typescript":"5.7.2","webpack":"5.97.1","webpack-cli":"5.1.4","eslint":"8.57.1"}}`},
	{"giants", `{"name":"project","private":true,"dependencies":{"typescript":"5.7.2","@types/node":"22.10.2","next":"15.1.0","aws-sdk":"2.1692.0"}}`},
}

// installed is what one install came to.
type installed struct {
	wall, cpu time.Duration // cpu is the server's
	peak      int64         // of the server's memory, bytes
}

// install compares npm install straight from this machine's registry, through
// an empty larderd, through one that has it all, and from a server that has
// nothing to do but to send that. npm's cache is empty every time.
func install(ctx context.Context, binary, dir string, repetitions int, w io.Writer) error {
	n, err := newNPM(ctx, dir)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "npm install with an empty cache, in turn, %d of each: medians; CPU is larderd's, and peak its memory at most.\n\n", repetitions)
	fmt.Fprintf(w, "| project | from | wall | of straight | of the floor | CPU | peak |\n|---|---|---|---|---|---|---|\n")
	for _, p := range projects {
		var straight, cold, warm, floor []installed
		for i := range repetitions {
			at := filepath.Join(dir, fmt.Sprint(p.name, i))
			runs, err := n.round(ctx, binary, at, p.manifest)
			if err := errors.Join(err, os.RemoveAll(at)); err != nil {
				return err
			}
			straight, cold, warm, floor = append(straight, runs[0]), append(cold, runs[1]), append(warm, runs[2]), append(floor, runs[3])
		}
		for _, row := range []struct {
			name string
			runs []installed
		}{{"the registry", straight}, {"larderd, empty", cold}, {"larderd, again", warm}, {"the floor", floor}} {
			took := seconds(row.runs, installed.took)
			most := slices.MaxFunc(row.runs, func(a, b installed) int { return cmp.Compare(a.peak, b.peak) })
			fmt.Fprintf(w, "| %s | %s | %.1f s | %.2f | %.2f | %.2f s | %d MB |\n", p.name, row.name, took,
				took/seconds(straight, installed.took), took/seconds(floor, installed.took), seconds(row.runs, installed.worked), most.peak>>20)
		}
	}
	return nil
}

// seconds is the median of something of some runs.
func seconds(runs []installed, of func(installed) time.Duration) float64 {
	var all []float64
	for _, r := range runs {
		all = append(all, of(r).Seconds())
	}
	return middle(all)
}

func (i installed) took() time.Duration   { return i.wall }
func (i installed) worked() time.Duration { return i.cpu }

// npm is the npm of the tests, with this machine's settings and a home of its
// own.
type npm struct {
	program string
	env     []string
}

func newNPM(ctx context.Context, dir string) (*npm, error) {
	c, ok := clients.Find("npm11")
	if !ok {
		return nil, errors.New("the table of clients has no npm11")
	}
	if _, err := c.Install(ctx); err != nil {
		return nil, err
	}
	bin, err := c.Dir()
	if err != nil {
		return nil, err
	}
	n := &npm{program: filepath.Join(bin, "bin", "npm"), env: append(os.Environ(), "HOME="+filepath.Join(dir, "home"))}
	for _, name := range []string{"userconfig", "globalconfig"} {
		path, err := exec.CommandContext(ctx, "npm", "config", "get", name).Output()
		if err != nil {
			return nil, fmt.Errorf("npm config get %s: %w", name, err)
		}
		n.env = append(n.env, "npm_config_"+name+"="+strings.TrimSpace(string(path)))
	}
	return n, nil
}

// round installs a project once from everywhere, in the order of the table.
func (n *npm) round(ctx context.Context, binary, at, manifest string) (runs [4]installed, err error) {
	if runs[0], err = n.install(ctx, filepath.Join(at, "straight"), manifest, "", 0); err != nil {
		return runs, err
	}
	l, err := start(ctx, binary, filepath.Join(at, "data"))
	if err != nil {
		return runs, err
	}
	defer func() { err = errors.Join(err, l.stop()) }()
	through := func(addr string) string {
		endpoint := "//" + addr + l.endpoints[larder.NPM]
		return "registry=http:" + endpoint + "\n" + endpoint + ":_authToken=" + l.token + "\n"
	}
	for i, name := range []string{"cold", "warm"} {
		if runs[1+i], err = n.install(ctx, filepath.Join(at, name), manifest, through(l.addr), l.pid()); err != nil {
			return runs, err
		}
	}
	f := still{of: l}
	server := httptest.NewServer(&f)
	defer server.Close()
	f.addr = server.Listener.Addr().String()
	for _, name := range []string{"fill", "floor"} {
		if runs[3], err = n.install(ctx, filepath.Join(at, name), manifest, through(f.addr), 0); err != nil {
			return runs, err
		}
	}
	return runs, nil
}

// install installs a project in a directory of its own, with settings beside
// those of the machine. A pid is that of the larderd that is watched.
func (n *npm) install(ctx context.Context, dir, manifest, settings string, pid int) (r installed, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return r, err
	}
	for name, text := range map[string]string{"package.json": manifest, ".npmrc": settings} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return r, err
		}
	}
	before := time.Duration(0)
	if pid != 0 {
		if before, err = cpu(pid); err != nil {
			return r, err
		}
	}
	cmd := exec.CommandContext(ctx, n.program, "install", "--ignore-scripts", "--no-audit", "--no-fund", "--cache", filepath.Join(dir, "cache"))
	cmd.Dir, cmd.Env = dir, n.env
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		return r, fmt.Errorf("npm install: %w: %s", err, strings.TrimSpace(said.String()))
	}
	r.wall = time.Since(begin)
	if pid == 0 {
		return r, nil
	}
	after, err := cpu(pid)
	if err != nil {
		return r, err
	}
	r.cpu = after - before
	r.peak, err = residentPeak(pid)
	return r, err
}
