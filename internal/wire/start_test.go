package wire_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Linking the contracts of three services must not slow down the start of a
// command line: the tables of operations are data, and nothing is computed.
func TestNothingRunsWhenAProgramStarts(t *testing.T) {
	if testing.CoverMode() != "" {
		return // what counts statements runs at the start
	}
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	child.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	trace, err := child.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, trace)
	}
	if !strings.Contains(string(trace), "init net/http ") {
		t.Fatalf("no trace in\n%s", trace)
	}
	for line := range strings.Lines(string(trace)) {
		name, _, _ := strings.Cut(strings.TrimPrefix(line, "init "), " ")
		if strings.HasPrefix(name, "larder.example/larder") && !strings.HasSuffix(name, "_test") {
			t.Errorf("%s", line)
		}
	}
}
