package registry_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/blob"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/registry"
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

// atRandom has fn run once, when random bytes are read next: after a change
// was judged for the first time and before it is written.
func (v *env) atRandom(fn func()) {
	v.Rand = random(sync.OnceFunc(fn))
}

type random func()

func (before random) Read(p []byte) (int, error) {
	before()
	return rand.Read(p)
}

// blobs returns how many blobs the store has.
func (v *env) blobs() (n int) {
	v.Helper()
	v.must(filepath.WalkDir(v.blobDir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case path == filepath.Join(v.blobDir, "tmp"):
			return fs.SkipDir
		case !d.IsDir():
			n++
		}
		return nil
	}))
	return n
}

// together runs fn for each of n at once.
func (v *env) together(n int, fn func(i int) error) {
	v.Helper()
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = fn(i) })
	}
	wg.Wait()
	v.must(errors.Join(errs...))
}

// publishText publishes a version whose one asset has a text in it, on any
// goroutine.
func publishText(ctx context.Context, r *registry.Registry, ref larder.VersionRef, text string) error {
	u, err := r.Upload(ctx, strings.NewReader(text))
	if err != nil {
		return err
	}
	defer u.Discard()
	return r.Publish(ctx, ref, format.Publication{Assets: []format.NewAsset{{Name: theAsset, Upload: u}}})
}

// onlyBlob returns the path of the only blob.
func (v *env) onlyBlob() string {
	v.Helper()
	paths, err := filepath.Glob(filepath.Join(v.blobDir, "??", "*"))
	v.must(err)
	if len(paths) != 1 {
		v.Fatalf("blobs: got %v, want one", paths)
	}
	return paths[0]
}

// until waits for what happens beside.
func (v *env) until(what string, ok func() bool) {
	v.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for deadline := time.After(10 * time.Second); !ok(); {
		select {
		case <-tick.C:
		case <-deadline:
			v.Fatalf("%s: it never happened", what)
		}
	}
}
