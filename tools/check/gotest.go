package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

// test runs the tests under the race detector. A skipped test fails too: what
// it would have shown is not known.
func test(ctx context.Context, packages []string) (string, error) {
	// Vetting is a step of its own. Nothing from the cache: it does not see
	// what the programs that tests run have read. The stories of one package
	// wait for each other and for real clients: ten minutes may not do.
	args := []string{"test", "-json", "-race", "-count=1", "-vet=off", "-timeout=40m"}
	cmd := command(ctx, "go", append(args, packages...)...)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1") // for the race detector
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	res, err := read(out)
	err = errors.Join(err, cmd.Wait())
	if res.skipped > 0 {
		err = errors.Join(err, fmt.Errorf("skipped tests: got %d, want none", res.skipped))
	}
	if err != nil {
		return res.String(), fmt.Errorf("%s%s%w", strings.Join(res.bad(), ""), stderr.String(), err)
	}
	return res.String(), nil
}

// event is a line of "go test -json" (cmd/test2json).
type event struct {
	Action, Package, Test, ImportPath, Output string
	Elapsed                                   float64 // seconds
}

// results is what the tests of many packages came to.
type results struct {
	passed, failed, skipped int

	// said is what each package and test printed, in the order in which they
	// began; only what did not pass is left in it at the end.
	said []*saying

	slowest string // the package, and its time
	longest time.Duration
}

type saying struct {
	key  string // of one package and test, or of one build
	text strings.Builder
}

// read takes the events in. What a test printed is forgotten when it passes.
func read(r io.Reader) (*results, error) {
	var res results
	dec := json.NewDecoder(r)
	for {
		var e event
		if err := dec.Decode(&e); errors.Is(err, io.EOF) {
			return &res, nil
		} else if err != nil {
			return &res, fmt.Errorf("read what go test says: %w", err)
		}
		res.add(e)
	}
}

func (r *results) add(e event) {
	key := e.Package + e.ImportPath + " " + e.Test
	switch e.Action {
	case "output", "build-output":
		if !strings.HasPrefix(e.Output, "=== ") { // RUN, PAUSE, CONT, NAME
			r.of(key).text.WriteString(e.Output)
		}
	case "pass":
		r.forget(key)
		if e.Test != "" {
			r.passed++
		} else if took := time.Duration(e.Elapsed * float64(time.Second)); took > r.longest {
			r.slowest, r.longest = e.Package, took
		}
	case "skip":
		if e.Test == "" { // a package without tests
			r.forget(key)
			return
		}
		r.skipped++
	case "fail":
		if e.Test != "" {
			r.failed++
		}
	}
}

func (r *results) of(key string) *saying {
	i := slices.IndexFunc(r.said, func(s *saying) bool { return s.key == key })
	if i < 0 {
		r.said = append(r.said, &saying{key: key})
		i = len(r.said) - 1
	}
	return r.said[i]
}

func (r *results) forget(key string) {
	r.said = slices.DeleteFunc(r.said, func(s *saying) bool { return s.key == key })
}

// bad returns what was printed by all that did not pass.
func (r *results) bad() []string {
	var bad []string
	for _, s := range r.said {
		bad = append(bad, s.text.String())
	}
	return bad
}

// String ends in the line by which those who run this count tests.
func (r *results) String() string {
	var slowest string
	if r.slowest != "" {
		slowest = fmt.Sprintf("the slowest %s in %.1fs", r.slowest, r.longest.Seconds())
	}
	return fmt.Sprintf("%s\n%d passed, %d failed, %d skipped", slowest, r.passed, r.failed, r.skipped)
}
