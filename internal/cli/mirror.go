package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/cli/args"
	"larder.example/larder/internal/cli/mirror"
)

// mirrorCommand fills a repository with what lock files name.
func mirrorCommand() Command {
	return Command{
		Name: "mirror",
		Synopsis: "Fetch all that lock files name through a repository, which keeps it: " +
			"larder mirror --domain DOMAIN --repository REPOSITORY FILE...",
		Loose: true,
		Options: append(domainOptions(true),
			args.Option{Name: "repository", Required: true, Help: "The repository to fill. It must reach the public registries, by itself or through its upstreams."},
			args.Option{Name: "endpoint-type", Choices: []string{"dualstack", "ipv4"}, Help: "What the repository's address is to resolve to."},
			args.Option{Name: "jobs", Kind: args.Number, Help: "How many packages are fetched at once, 8 unless it is said."},
			args.Option{Name: "all-files", Kind: args.Flag, Help: "Fetch every file of a Python version, and not only those whose hashes the lock has."},
			args.Option{Name: "dry-run", Kind: args.Flag, Help: "Print what would be fetched."},
		),
		Run: runMirror,
	}
}

// runMirror exits with 1 if anything could not be fetched.
func runMirror(ctx context.Context, s *Session, v args.Values) error {
	files := v.Texts("rest")
	if len(files) == 0 {
		return ParamErrorf("the following arguments are required: FILE")
	}
	var items []mirror.Item
	for _, name := range files {
		if strings.HasPrefix(name, "--") {
			return ParamErrorf("Unknown options: %s", name)
		}
		lock, err := s.readLock(name)
		if err != nil {
			return errorText("%s: %v", name, err)
		}
		for _, why := range lock.Skipped {
			fmt.Fprintf(s.Stderr, "skipped, as %s: %s\n", name, why)
		}
		items = append(items, lock.Items...)
	}
	items = mirror.Distinct(items)
	if v.Set("dry-run") {
		for _, i := range items {
			fmt.Fprintf(s.Stdout, "%s %s\n", i.Format, i)
		}
		return nil
	}
	f, err := s.fetcher(ctx, placeOf(v), items)
	if err != nil {
		return err
	}
	f.Jobs, f.AllFiles = 8, v.Set("all-files")
	if n, said := v["jobs"].(int64); said {
		f.Jobs = int(n)
	}
	done, failed := 0, 0
	f.Done = func(i mirror.Item, _ mirror.Result, err error) {
		done++
		if err != nil {
			failed++
			fmt.Fprintf(s.Stderr, "%s %s: %v\n", i.Format, i, err)
		}
		if done%100 == 0 && done < len(items) {
			fmt.Fprintf(s.Stderr, "%d of %d\n", done, len(items))
		}
	}
	total := f.Fetch(ctx, items)
	if err := ctx.Err(); err != nil {
		return err
	}
	fmt.Fprintf(s.Stdout, "%d packages, %d files, %d bytes; %d packages failed\n", len(items), total.Files, total.Bytes, failed)
	if failed > 0 {
		return ended(1)
	}
	return nil
}

// readLock reads a file, or standard input.
func (s *Session) readLock(name string) (*mirror.Lock, error) {
	var b []byte
	var err error
	if name == "-" {
		b, err = io.ReadAll(s.Stdin)
	} else {
		b, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, errorText("%s", reason(err))
	}
	return mirror.Read(b)
}

// fetcher returns what fetches items through a repository.
func (s *Session) fetcher(ctx context.Context, p place, items []mirror.Item) (*mirror.Fetcher, error) {
	c, err := s.registry(ctx, "")
	if err != nil {
		return nil, err
	}
	f := &mirror.Fetcher{Client: &http.Client{Transport: s.HTTP().Transport}, Endpoints: map[larder.Format]string{}}
	for _, i := range items {
		if f.Endpoints[i.Format] != "" {
			continue
		}
		if f.Endpoints[i.Format], err = c.endpoint(ctx, p, string(i.Format)); err != nil {
			return nil, err
		}
	}
	formats := formats(f.Endpoints)
	if len(formats) == 0 {
		return f, nil
	}
	g, err := s.grant(ctx, c, p, f.Endpoints[slices.Min(formats)])
	f.Token = g.Token
	return f, err
}
