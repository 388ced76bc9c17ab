package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// What may be allocated before main runs, and how large the binary may be.
// Allocations are the same in every run, which times are not: the libraries
// that are linked make some 600.
const (
	mostAllocations = 750
	mostBytes       = 13 << 20
)

func TestStartAndSizeStayWithinTheirBudget(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "larder")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	info, err := os.Stat(binary)
	if err != nil {
		t.Fatal(err)
	}
	if info.Size() > mostBytes {
		t.Errorf("got a binary of %d bytes, want at most %d", info.Size(), mostBytes)
	}
	version := exec.CommandContext(t.Context(), binary, "--version")
	version.Env = []string{"HOME=" + t.TempDir(), "GODEBUG=inittrace=1"}
	trace, err := version.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, trace)
	}
	total := 0
	for line := range strings.Lines(string(trace)) {
		// init PACKAGE @0.1 ms, 0.02 ms clock, 1408 bytes, 4 allocs
		if fields := strings.Fields(line); len(fields) > 2 && fields[0] == "init" {
			n, err := strconv.Atoi(fields[len(fields)-2])
			if err != nil {
				t.Fatal(line)
			}
			total += n
		}
	}
	if total == 0 || total > mostAllocations {
		t.Errorf("got %d allocations, want at most %d:\n%s", total, mostAllocations, trace)
	}
}
