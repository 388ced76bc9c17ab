package registry_test

import (
	"context"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"

	"larder.example/larder/internal/blob"
)

// hooked is a store that calls a function before it places bytes: the place
// of a publish between its judgement and its commit.
type hooked struct {
	blob.Store
	before func()
}

func (h *hooked) Place(ctx context.Context, k blob.Key, s *blob.Staged) error {
	h.before()
	return h.Store.Place(ctx, k, s)
}

// atPlace has fn run once, when bytes are placed next.
func (v *env) atPlace(fn func()) {
	v.Blobs = &hooked{Store: v.Blobs, before: sync.OnceFunc(fn)}
}

// blobs returns how many blobs the store has.
func (v *env) blobs() (n int) {
	v.Helper()
	v.must(filepath.WalkDir(v.blobDir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !strings.Contains(path, "/tmp/") {
			n++
		}
		return err
	}))
	return n
}
