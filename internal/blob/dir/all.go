package dir

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"larder.example/larder/internal/blob"
)

// All implements [blob.Store]. It reads a directory in parts, so that a large
// store costs no memory. Files of other names are not the store's and are
// left out.
func (s *Store) All(ctx context.Context) iter.Seq2[blob.Key, error] {
	return func(yield func(blob.Key, error) bool) {
		for i := range 256 {
			if !s.list(ctx, byte(i), yield) {
				return
			}
		}
	}
}

// list yields the keys of one directory and reports whether to go on.
func (s *Store) list(ctx context.Context, b byte, yield func(blob.Key, error) bool) bool {
	fail := func(err error) bool {
		yield(blob.Key{}, fmt.Errorf("list blobs: %w", err))
		return false
	}
	d, err := os.Open(filepath.Join(s.root, shard(b)))
	if err != nil {
		return fail(err)
	}
	defer func() { _ = d.Close() }()
	for {
		if err := ctx.Err(); err != nil {
			return fail(err)
		}
		names, err := d.Readdirnames(1024)
		for _, name := range names {
			k, ok := blob.ParseKey(name)
			if ok && k.Digest[0] == b && !yield(k, nil) {
				return false
			}
		}
		if errors.Is(err, io.EOF) {
			return true
		}
		if err != nil {
			return fail(err)
		}
	}
}
