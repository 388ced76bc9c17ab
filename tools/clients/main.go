// Clients installs the real clients that the tests run: each at the version
// that internal/testenv/clients names, below LARDER_CLIENTS or the user's
// cache, with the machine's own npm and pip. What is there already stays.
//
// Usage:
//
//	go run ./tools/clients [NAME...]      install these, or all
//	go run ./tools/clients -list          say what there is, and where
//	PATH=$(go run ./tools/clients -bin npm9):$PATH
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"text/tabwriter"

	"larder.example/larder/internal/testenv/clients"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, w io.Writer, args []string) error {
	flags := flag.NewFlagSet("clients", flag.ContinueOnError)
	list := flags.Bool("list", false, "say what there is, and where")
	bin := flags.String("bin", "", "print the directory of this `client` for PATH")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case *bin != "":
		return printBin(w, *bin)
	case *list:
		return printAll(w)
	}
	chosen := clients.All()
	if flags.NArg() > 0 {
		chosen = nil
	}
	for _, name := range flags.Args() {
		c, found := clients.Find(name)
		if !found {
			return fmt.Errorf("there is no client %q; -list names them all", name)
		}
		chosen = append(chosen, c)
	}
	return install(ctx, w, chosen)
}

func install(ctx context.Context, w io.Writer, chosen []clients.Client) error {
	return clients.InstallAll(ctx, chosen, func(i clients.Installed) {
		if i.Fresh {
			fmt.Fprintf(w, "%s: installed in %.1fs\n", i.Client, i.Took.Seconds())
		} else {
			fmt.Fprintf(w, "%s: was there\n", i.Client)
		}
	})
}

func printBin(w io.Writer, name string) error {
	c, found := clients.Find(name)
	if !found {
		return fmt.Errorf("there is no client %q; -list names them all", name)
	}
	dir, err := c.Dir()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, filepath.Join(dir, "bin"))
	return err
}

func printAll(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range clients.All() {
		dir, err := c.Dir()
		if err != nil {
			return err
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", c.Name, c.Version, dir)
	}
	return table.Flush()
}
