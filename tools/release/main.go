// Release builds larder for six systems and larderd for the four of them that
// it runs on, statically, and writes their SHA-256 sums. The same commit and Go
// give the same bytes, wherever they are built.
//
// Usage:
//
//	go run ./tools/release [-version 1.2.3] [-out dist] [NAME-OS-ARCH...]
package main

import (
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// target is one binary.
type target struct{ program, system, arch string }

func (t target) String() string { return t.program + "-" + t.system + "-" + t.arch }

func (t target) file() string {
	if t.system == "windows" {
		return t.String() + ".exe"
	}
	return t.String()
}

// targets are all that we build. larderd needs locks and syncs of directories
// that Windows does not have.
func targets() []target {
	var all []target
	for program, systems := range map[string][]string{
		"larder":  {"linux", "darwin", "windows"},
		"larderd": {"linux", "darwin"},
	} {
		for _, system := range systems {
			for _, arch := range []string{"amd64", "arm64"} {
				all = append(all, target{program, system, arch})
			}
		}
	}
	slices.SortFunc(all, func(a, b target) int { return strings.Compare(a.String(), b.String()) })
	return all
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, args []string) error {
	flags := flag.NewFlagSet("release", flag.ContinueOnError)
	version := flags.String("version", "0.1.0-dev", "what the programs say of themselves")
	out := flags.String("out", "dist", "where to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := os.MkdirAll(*out, 0o755); err != nil {
		return err
	}
	var sums strings.Builder
	built := 0
	for _, t := range targets() {
		if flags.NArg() > 0 && !slices.Contains(flags.Args(), t.String()) {
			continue
		}
		sum, size, err := build(ctx, t, *version, *out)
		if err != nil {
			return err
		}
		built++
		fmt.Fprintf(w, "%s: %.1f MB\n", t, float64(size)/1e6)
		fmt.Fprintf(&sums, "%s  %s\n", sum, t.file())
	}
	if built == 0 {
		return fmt.Errorf("none of %v is a target", flags.Args())
	}
	return os.WriteFile(filepath.Join(*out, "SHA256SUMS"), []byte(sums.String()), 0o644)
}

// build builds one binary and returns its sum and size. Nothing of the
// machine goes into it: neither its paths nor the state of its checkout.
func build(ctx context.Context, t target, version, out string) (sum string, size int64, err error) {
	file := filepath.Join(out, t.file())
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags", "-s -w -buildid= -X larder.example/larder/internal/cli.Version="+version,
		"-o", file, "./cmd/"+t.program)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOOS="+t.system, "GOARCH="+t.arch, "GOAMD64=v1", "GOARM64=v8.0", "GOTOOLCHAIN="+runtime.Version())
	if text, err := cmd.CombinedOutput(); err != nil {
		return "", 0, fmt.Errorf("build %s: %w\n%s", t, err, text)
	}
	f, err := os.Open(file)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	size, err = io.Copy(h, f)
	return fmt.Sprintf("%x", h.Sum(nil)), size, err
}
