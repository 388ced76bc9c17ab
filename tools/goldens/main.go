// Goldens records what the official AWS CLI does with the command lines in
// internal/cli/testdata/golden: *.cases are the command lines, *.golden what
// came of them. Requests go to a larderd of its own, unless a case says what
// they are answered.
//
// Usage:
//
//	go run ./tools/goldens [GROUP...]          record all groups, or these
//	go run ./tools/goldens -check 10 [GROUP...]
//	                                           run every tenth case against its recorded answers, and
//	                                           fail if the AWS CLI does something else
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"
)

const directory = "internal/cli/testdata/golden"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "goldens:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("goldens", flag.ContinueOnError)
	every := flags.Int("check", 0, "check every `n`th case in the place of recording")
	parallel := flags.Int("parallel", 4, "how many cases run at once")
	if err := flags.Parse(args); err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(directory, "*.cases"))
	if err != nil {
		return err
	}
	if flags.NArg() > 0 {
		files = nil
		for _, g := range flags.Args() {
			files = append(files, filepath.Join(directory, g+".cases"))
		}
	}
	aws, err := client(ctx)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "goldens")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }() // the system tidies up what is left
	var server *registry
	if *every == 0 {
		if server, err = startRegistry(ctx, work); err != nil {
			return err
		}
		defer server.stop()
	}
	group, ctx := errgroup.WithContext(ctx)
	slots := make(chan struct{}, *parallel)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".cases")
		r := &recorder{aws: aws, home: filepath.Join(work, name), server: server, slots: slots}
		group.Go(func() error {
			if *every > 0 {
				return errors.Join(r.check(ctx, name, *every)...)
			}
			return r.record(ctx, name)
		})
	}
	return group.Wait()
}
