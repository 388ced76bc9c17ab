package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"larder.example/larder/internal/testenv/clients"
)

// steps returns all that there is to do for these packages. What is long and
// needs the processor comes first, what waits for a registry beside it.
func steps(packages []string) []step {
	return []step{
		{
			name: "lint", about: "golangci-lint, as tools/tools.mod pins it and .golangci.yml sets it up",
			run: pure(append([]string{"tool", "-modfile=tools/tools.mod", "golangci-lint", "run"}, packages...)...),
		},
		{
			name: "postgres", about: "install a PostgreSQL server, if none is there or named by LARDER_TEST_POSTGRES",
			setUp: true,
			run:   setUpPostgres,
		},
		{
			name: "clients", about: "install the real clients that are not there",
			setUp: true,
			run:   setUpClients,
		},
		{
			name: "gofmt", about: "gofmt -l",
			run: formatted,
		},
		{
			name: "vet", about: "go vet",
			run: pure(append([]string{"vet"}, packages...)...),
		},
		{
			name: "test", about: "go test -race, nothing from the cache",
			last: true,
			run: func(ctx context.Context) (string, error) {
				return test(ctx, packages)
			},
		},
	}
}

// pure runs the go command the way the binaries are built: without cgo.
func pure(args ...string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		cmd := command(ctx, "go", args...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		return "", silent(cmd)
	}
}

func formatted(ctx context.Context) (string, error) {
	out, err := command(ctx, "gofmt", "-l", ".").CombinedOutput()
	if err != nil || len(out) > 0 {
		return "", fmt.Errorf("gofmt -l:\n%s", out)
	}
	return "", nil
}

func setUpClients(ctx context.Context) (string, error) {
	for _, setUp := range []func(context.Context) error{setUpJava, setUpRust, setUpRuby} {
		if err := setUp(ctx); err != nil {
			return "", err
		}
	}
	var fresh int
	var slowest clients.Installed
	err := clients.InstallAll(ctx, clients.All(), func(i clients.Installed) {
		if i.Fresh {
			fresh++
		}
		if i.Took > slowest.Took {
			slowest = i
		}
	})
	if fresh == 0 {
		return "all were there", err
	}
	return fmt.Sprintf("%d installed, the slowest %s in %.1fs", fresh, slowest.Client, slowest.Took.Seconds()), err
}

// command is one that ends with ctx, and does not outlive what it started.
func command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// silent runs a command whose output matters only if it fails.
func silent(cmd *exec.Cmd) error {
	out, err := cmd.CombinedOutput()
	if err != nil {
		said := slices.Collect(strings.Lines(string(out)))
		said = slices.DeleteFunc(said, func(l string) bool { return strings.HasPrefix(l, "go: downloading ") })
		return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, strings.Join(said, ""))
	}
	return nil
}
