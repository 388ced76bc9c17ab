// Check is the test command: on a machine with Go, Node.js, Python and a C
// compiler it installs what else the tests need and then runs everything
// that a change must pass. CI runs it, and nothing else.
//
// Usage:
//
//	go run ./tools/check [-only STEP,...] [PACKAGE...]
//
// A step prints one line when it ends, and all that it had to say if it
// failed. See -h for the steps; packages are ./... unless named.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Stdout, os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "check:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, args []string) error {
	flags := flag.NewFlagSet("check", flag.ContinueOnError)
	only := flags.String("only", "", "run these `steps` and no others, by comma")
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "usage: go run ./tools/check [-only STEP,...] [PACKAGE...]")
		for _, s := range steps(nil) {
			fmt.Fprintf(flags.Output(), "  %-10s %s\n", s.name, s.about)
		}
	}
	if err := flags.Parse(args); err != nil {
		return err
	}
	packages := flags.Args()
	if len(packages) == 0 {
		packages = []string{"./..."}
	}
	chosen, err := choose(steps(packages), *only)
	if err != nil {
		return err
	}
	return runAll(ctx, w, chosen)
}

// choose returns the named steps in their own order, or all.
func choose(all []step, names string) ([]step, error) {
	if names == "" {
		return all, nil
	}
	wanted := map[string]bool{}
	for name := range strings.SplitSeq(names, ",") {
		wanted[name] = true
	}
	var chosen []step
	for _, s := range all {
		if wanted[s.name] {
			chosen = append(chosen, s)
			delete(wanted, s.name)
		}
	}
	for name := range wanted {
		return nil, fmt.Errorf("there is no step %q", name)
	}
	return chosen, nil
}
