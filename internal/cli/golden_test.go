package cli_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/cli"
	"larder.example/larder/internal/testenv/golden"
)

// fewest is how many command lines are compared at least.
const fewest = 300

// TestOutputIsTheAWSCLIs runs what was recorded from the AWS CLI, under its
// name, and compares requests, outputs and exit codes byte for byte. What
// docs/differences.md argues for is not among the cases.
func TestOutputIsTheAWSCLIs(t *testing.T) {
	files, err := filepath.Glob("testdata/golden/*.cases")
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		cases, made, err := golden.ParseCases(string(text))
		if err != nil {
			t.Fatal(file, err)
		}
		recorded, err := os.ReadFile(strings.TrimSuffix(file, ".cases") + ".golden")
		if err != nil {
			t.Error(err)
			continue
		}
		records, err := golden.Parse(recorded)
		if err != nil || len(records) != len(cases) {
			t.Fatalf("%s: %d cases, %d records, %v", file, len(cases), len(records), err)
		}
		total += len(cases)
		t.Run(strings.TrimSuffix(filepath.Base(file), ".cases"), func(t *testing.T) {
			home := t.TempDir()
			if err := golden.MakeFiles(home, made); err != nil {
				t.Fatal(err)
			}
			t.Chdir(home)
			for i, c := range cases {
				compare(t, home, c, records[i])
			}
		})
	}
	if total < fewest {
		t.Errorf("got %d cases, want at least %d", total, fewest)
	}
}

// compare runs one case.
func compare(t *testing.T, home string, c golden.Case, want golden.Record) {
	t.Helper()
	if c.Line != want.Line {
		t.Fatalf("the case %s was recorded as %s: record anew", c.Line, want.Line)
	}
	replay := new(golden.Replay)
	server := httptest.NewServer(replay)
	defer server.Close()
	replay.Expect(want.Exchanges)
	var stdout, stderr strings.Builder
	p := &cli.Process{Program: "aws", Stdout: &stdout, Stderr: &stderr, Zone: time.UTC}
	for _, a := range c.Args {
		p.Args = append(p.Args, strings.ReplaceAll(a, "$ENDPOINT", server.URL))
	}
	for _, v := range append(append([]string{"HOME=" + home}, golden.Environment(server.URL)...), c.Env...) {
		p.Environ = append(p.Environ, strings.ReplaceAll(v, "$ENDPOINT", server.URL))
	}
	code := cli.Main(t.Context(), p)
	neutral := strings.NewReplacer(server.URL, "$ENDPOINT", home, "$HOME")
	got := golden.Record{Stdout: neutral.Replace(stdout.String()), Stderr: neutral.Replace(stderr.String()), Exit: code}
	for _, w := range replay.Wrong() {
		t.Errorf("%s: %s", c.Line, w)
	}
	if got.Stdout != want.Stdout {
		t.Errorf("%s: stdout: got\n%s\nwant\n%s", c.Line, got.Stdout, want.Stdout)
	}
	if got.Stderr != want.Stderr {
		t.Errorf("%s: stderr: got\n%s\nwant\n%s", c.Line, got.Stderr, want.Stderr)
	}
	if got.Exit != want.Exit {
		t.Errorf("%s: got exit code %d, want %d", c.Line, got.Exit, want.Exit)
	}
}
