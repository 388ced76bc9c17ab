package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/config"
	"larder.example/larder/internal/registry"
)

// exporter writes repositories, given as DOMAIN/NAME or OWNER/DOMAIN/NAME, to
// a file that is there as a whole or not at all.
func exporter(words []string) func(context.Context, *config.Config, io.Writer, io.Writer) error {
	return func(ctx context.Context, c *config.Config, stdout, stderr io.Writer) error {
		if len(words) < 2 {
			return errors.New("a file and the repositories, each as DOMAIN/NAME, are wanted before the settings")
		}
		return offline(ctx, c, stderr, func(s *Server) error {
			refs, err := s.repositories(ctx, words[1:])
			if err != nil {
				return err
			}
			counts, err := s.exportTo(ctx, words[0], refs)
			if err == nil {
				err = tell(stdout, "Wrote", counts, words[0])
			}
			return err
		})
	}
}

func (s *Server) exportTo(ctx context.Context, path string, refs []larder.RepositoryRef) (counts registry.Counts, err error) {
	f, err := os.CreateTemp(filepath.Dir(path), ".larder-export-*")
	if err != nil {
		return counts, err
	}
	defer os.Remove(f.Name()) //nolint:errcheck // after the rename there is none
	if counts, err = s.Registry.Export(ctx, f, refs); err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return counts, err
	}
	return counts, os.Rename(f.Name(), path)
}

// importer takes such a file into a domain, given as DOMAIN or OWNER/DOMAIN.
func importer(words []string) func(context.Context, *config.Config, io.Writer, io.Writer) error {
	return func(ctx context.Context, c *config.Config, stdout, stderr io.Writer) error {
		if len(words) != 2 {
			return errors.New("a file and a domain are wanted before the settings")
		}
		return offline(ctx, c, stderr, func(s *Server) error {
			d, err := s.domain(ctx, words[1])
			if err != nil {
				return err
			}
			f, err := os.Open(words[0])
			if err != nil {
				return err
			}
			defer f.Close()
			counts, err := s.Registry.Import(ctx, f, d)
			if err == nil {
				err = tell(stdout, "Took", counts, words[0])
			}
			return err
		})
	}
}

func tell(w io.Writer, what string, n registry.Counts, path string) error {
	_, err := fmt.Fprintf(w, "%s %d repositories, %d packages, %d versions and %d files (%d bytes): %s\n",
		what, n.Repositories, n.Packages, n.Versions, n.Files, n.Bytes, path)
	return err
}

// offline runs fn on a registry that nobody is served from.
func offline(ctx context.Context, c *config.Config, stderr io.Writer, fn func(*Server) error) (err error) {
	log, flush := newLog(c, stderr)
	defer flush()
	s, err := Open(ctx, c, log, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	return fn(s)
}

// repositories finds the repositories of an export, which are of one domain.
func (s *Server) repositories(ctx context.Context, words []string) (refs []larder.RepositoryRef, err error) {
	for _, word := range words {
		i := strings.LastIndexByte(word, '/')
		if i < 0 {
			return nil, fmt.Errorf("%q is not of the form DOMAIN/NAME", word)
		}
		d, err := s.domain(ctx, word[:i])
		if err != nil {
			return nil, err
		}
		if len(refs) > 0 && refs[0].Domain != d {
			return nil, errors.New("all repositories of an archive are of one domain")
		}
		refs = append(refs, larder.RepositoryRef{Domain: d, Name: word[i+1:]})
	}
	return refs, nil
}

// domain finds a domain by its name, which may be led by its owner's account
// and must be where several accounts have one of the name.
func (s *Server) domain(ctx context.Context, word string) (larder.DomainRef, error) {
	owner, name, owned := strings.Cut(word, "/")
	owners := []string{owner}
	if !owned {
		accounts, err := s.Identity.Accounts(ctx)
		if err != nil {
			return larder.DomainRef{}, err
		}
		name, owners = word, nil
		for _, a := range accounts {
			owners = append(owners, a.ID)
		}
	}
	var found []larder.DomainRef
	for _, owner := range owners {
		d, _, err := s.Registry.DescribeDomain(ctx, larder.DomainRef{Owner: owner, Name: name})
		if err == nil {
			found = append(found, d.Ref)
		} else if !larder.NotFound.Is(err) {
			return larder.DomainRef{}, err
		}
	}
	switch len(found) {
	case 0:
		return larder.DomainRef{}, fmt.Errorf("there is no domain %q", word)
	case 1:
		return found[0], nil
	}
	return larder.DomainRef{}, fmt.Errorf("several accounts have a domain %q: write OWNER/%s", word, word)
}
