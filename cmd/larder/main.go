// Larder is the command line of Larder: what "aws codeartifact" does, and
// more, against Larder and against AWS. All of it is in internal/cli.
package main

import (
	"context"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"larder.example/larder/internal/cli"
)

func main() {
	ctx, stop := context.WithCancel(context.Background())
	if !signal.Ignored(os.Interrupt) { // as by shells for what runs in the background
		ctx, stop = signal.NotifyContext(ctx, os.Interrupt)
		context.AfterFunc(ctx, stop) // so that a second one ends it at once
	}
	code := cli.Main(ctx, &cli.Process{
		Program: strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe"),
		Args:    os.Args[1:],
		Environ: os.Environ(),
		Stdin:   os.Stdin,
		Stdout:  os.Stdout,
		Stderr:  os.Stderr,
		Replace: replace,
	})
	stop()
	os.Exit(code)
}
