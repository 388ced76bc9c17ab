package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"larder.example/larder"
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
// an empty larderd, and through one that has it all. npm's cache is empty
// every time.
func install(ctx context.Context, binary, dir string, repetitions int, w io.Writer) error {
	fmt.Fprintf(w, "npm install with an empty cache, in turn, %d of each: medians; CPU and peak memory are larderd's.\n\n", repetitions)
	fmt.Fprintf(w, "| project | from | wall | of straight | CPU | peak |\n|---|---|---|---|---|---|\n")
	for _, p := range projects {
		var straight, cold, warm []installed
		for i := range repetitions {
			at := filepath.Join(dir, fmt.Sprint(p.name, i))
			s, err := npmInstall(ctx, filepath.Join(at, "straight"), p.manifest, nil)
			if err != nil {
				return err
			}
			l, err := start(ctx, binary, filepath.Join(at, "data"))
			if err != nil {
				return err
			}
			c, errCold := npmInstall(ctx, filepath.Join(at, "cold"), p.manifest, l)
			h, errWarm := npmInstall(ctx, filepath.Join(at, "warm"), p.manifest, l)
			if err := errors.Join(errCold, errWarm, l.stop(), os.RemoveAll(at)); err != nil {
				return err
			}
			straight, cold, warm = append(straight, s), append(cold, c), append(warm, h)
		}
		for _, row := range []struct {
			name string
			runs []installed
		}{{"the registry", straight}, {"larderd, empty", cold}, {"larderd, again", warm}} {
			took := seconds(row.runs, installed.took)
			most := slices.MaxFunc(row.runs, func(a, b installed) int { return cmp.Compare(a.peak, b.peak) })
			fmt.Fprintf(w, "| %s | %s | %.1f s | %.2f | %.2f s | %d MB |\n", p.name, row.name, took,
				took/seconds(straight, installed.took), seconds(row.runs, installed.worked), most.peak>>20)
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

// npmInstall installs a project in a directory of its own; a nil l is this
// machine's registry.
func npmInstall(ctx context.Context, dir, manifest string, l *larderd) (r installed, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return r, err
	}
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(manifest), 0o600); err != nil {
		return r, err
	}
	if l != nil {
		at := "//" + l.addr + l.endpoints[larder.NPM]
		settings := "registry=http:" + at + "\n" + at + ":_authToken=" + l.token + "\n"
		if err := os.WriteFile(filepath.Join(dir, ".npmrc"), []byte(settings), 0o600); err != nil {
			return r, err
		}
	}
	before := time.Duration(0)
	if l != nil {
		if before, err = cpu(l.pid()); err != nil {
			return r, err
		}
	}
	cmd := exec.CommandContext(ctx, "npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--cache", filepath.Join(dir, "cache"))
	cmd.Dir = dir
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		return r, fmt.Errorf("npm install: %w: %s", err, strings.TrimSpace(said.String()))
	}
	r.wall = time.Since(begin)
	if l == nil {
		return r, nil
	}
	after, err := cpu(l.pid())
	if err != nil {
		return r, err
	}
	r.cpu = after - before
	r.peak, err = residentPeak(l.pid())
	return r, err
}
