// Load measures larderd beside a bare net/http handler that gives the same
// answers, in one run: the ratio is what counts, since load and servers share
// one machine. It builds and starts everything that it needs.
//
// Usage:
//
//	go run ./tools/load [-only PATTERN] [-r REPETITIONS] [-d DURATION]
//	go run ./tools/load -install [-r REPETITIONS]
//
// All that is sent follows from nothing but this program: two runs send the
// same bytes, except for signatures. What the columns mean is written above
// each table; docs/performance.md says what was measured.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := load(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

// options are what the command line says.
type options struct {
	repetitions int
	duration    time.Duration
	only        *regexp.Regexp
	install     bool
}

func load(ctx context.Context, args []string, w io.Writer) error {
	flags := flag.NewFlagSet("load", flag.ContinueOnError)
	o := options{}
	flags.IntVar(&o.repetitions, "r", 5, "how often each measurement is `repeated`")
	flags.DurationVar(&o.duration, "d", 2*time.Second, "how long one measurement takes")
	only := flags.String("only", "", "measure only what this `pattern` matches")
	flags.BoolVar(&o.install, "install", false, "measure nothing but installs from this machine's npm registry")
	bare := flags.String("bare", "", "be the bare handler of a `directory`; for the program itself")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *bare != "" {
		return serveBare(ctx, *bare, w)
	}
	var err error
	if o.only, err = regexp.Compile(*only); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "larder-load-")
	if err != nil {
		return err
	}
	err = o.all(ctx, dir, w)
	return errors.Join(err, os.RemoveAll(dir))
}

func (o options) all(ctx context.Context, dir string, w io.Writer) (err error) {
	binary, err := build(ctx, dir, "cmd/larderd")
	if err != nil {
		return err
	}
	if o.install {
		return install(ctx, binary, dir, o.repetitions, w)
	}
	if o.only.MatchString(assetName) {
		if err := asset(ctx, binary, dir, w); err != nil {
			return err
		}
	}
	l, err := start(ctx, binary, filepath.Join(dir, "data"), "--discover=false")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.stop()) }()
	fresh, err := resident(l.pid())
	if err != nil {
		return err
	}
	if o.only.MatchString(commandName) {
		if err := command(ctx, l, dir, w); err != nil {
			return err
		}
	}
	if err := seedWidget(ctx, l); err != nil {
		return err
	}
	if err := seedProject(ctx, l); err != nil {
		return err
	}
	if o.only.MatchString(giantName) {
		if err := seedGiant(ctx, l); err != nil {
			return err
		}
	}
	if err := o.compare(ctx, l, dir, w); err != nil {
		return err
	}
	if o.only.MatchString(firstName) {
		if err := first(ctx, l, w); err != nil {
			return err
		}
	}
	used, err := resident(l.pid())
	fmt.Fprintf(w, "The first answer on an empty directory came after %v. Resident: %d MB then, %d MB at the end.\n",
		l.ready.Round(time.Millisecond), fresh>>20, used>>20)
	return err
}
