package registry_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/blob"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/registry"
)

// soon collects whatever nothing names, as of the registry's clock.
var soon = registry.Collector{Grace: time.Nanosecond, Hold: time.Nanosecond}

func TestBytesGoWhenNothingNamesThem(t *testing.T) {
	onEngines(t, func(v *env) {
		v.published(once, "thing", "1", "2")
		v.must(v.publish(v.version(once, "copy", "1"), "thing 1"))
		if got := v.blobs(); got != 2 {
			v.Errorf("blobs after three versions of two contents: got %d, want 2", got)
		}
		v.delete(v.pkg(once, "thing"), "1", "2")
		for _, step := range []struct {
			claim   string
			advance time.Duration
			want    int
		}{
			{"in the grace period", 23 * time.Hour, 2},
			{"behind it", 2 * time.Hour, 2},
			{"on hold", 23 * time.Hour, 2},
			{"behind the hold", 2 * time.Hour, 1},
		} {
			v.clock.advance(step.advance)
			v.must(v.Collect(v.ctx, registry.Collector{}))
			if got := v.blobs(); got != step.want {
				v.Errorf("blobs %s: got %d, want %d", step.claim, got, step.want)
			}
		}
		v.holds(v.version(once, "copy", "1"), theAsset, "thing 1")
	})
}

// Bytes whose row went come back under another key, which the deletion that
// is still due cannot name.
func TestBytesArePublishedAgainBeforeTheyAreDeleted(t *testing.T) {
	onEngines(t, func(v *env) {
		v.published(once, "thing", "1")
		v.delete(v.pkg(once, "thing"), "1")
		v.clock.advance(25 * time.Hour)
		v.must(v.Collect(v.ctx, registry.Collector{}))
		v.must(v.publish(v.version(once, "thing", "1"), "thing 1"))
		v.clock.advance(25 * time.Hour)
		v.must(v.Collect(v.ctx, registry.Collector{}))
		v.holds(v.version(once, "thing", "1"), theAsset, "thing 1")
		if got := v.blobs(); got != 1 {
			v.Errorf("blobs: got %d, want 1", got)
		}
	})
}

// The collector takes the bytes between their placing and the commit.
func TestAPublishThatLosesItsBytesStartsOver(t *testing.T) {
	onEngines(t, func(v *env) {
		v.atPlace(func() {
			v.clock.advance(time.Second)
			v.must(v.Collect(v.ctx, soon))
		})
		v.must(v.publish(v.version(once, "thing", "1"), "bytes"))
		v.holds(v.version(once, "thing", "1"), theAsset, "bytes")
	})
}

// Publishers, deleters and collectors with clocks that differ and no grace at
// all, all of whom crash between any two steps, leave no version without its
// bytes. What is late to be deleted is deleted late.
func TestTheCollectorUnderStress(t *testing.T) {
	onEngines(t, func(v *env) {
		const publishers, deleters, collectors, versions, contents = 6, 2, 2, 40, 5
		store := &unreliable{Store: v.Blobs}
		node := func(skew time.Duration) *registry.Registry {
			return &registry.Registry{
				DB: v.DB, Blobs: store, Identity: v.Identity, Formats: v.Formats, Region: region,
				Now: func() time.Time { return v.clock.Now().Add(skew) },
			}
		}
		skew := func() time.Duration { return time.Duration(rand.IntN(20_000)-10_000) * time.Millisecond }

		kept := make(chan larder.VersionRef, publishers*versions)
		var publishing, rest sync.WaitGroup
		var left sync.Map // of larder.VersionRef: acknowledged and not deleted
		for i := range publishers {
			r := node(skew())
			publishing.Go(func() {
				for j := range versions {
					v.clock.advance(time.Millisecond)
					ref := v.version(once, fmt.Sprint("thing", i), fmt.Sprint(j))
					n := rand.IntN(contents)
					err := publishText(v.ctx, r, ref, content(n))
					if err == nil {
						err = check(v.ctx, r, ref, content(n))
						left.Store(ref, n)
						kept <- ref
					} else if errors.Is(err, errCrash) || errors.Is(err, meta.ErrBlobGone) { // without a grace period, collectors may win every time
						_, err = r.DescribePackageVersion(v.ctx, ref)
						if larder.NotFound.Is(err) {
							err = nil
						} else {
							err = fmt.Errorf("a publish that crashed is visible: %w", err)
						}
					}
					if err != nil {
						v.Errorf("%s: %v", ref, err)
					}
				}
			})
		}
		for range deleters {
			r := node(skew())
			rest.Go(func() {
				for ref := range kept {
					if rand.IntN(4) == 0 {
						continue
					}
					v.clock.advance(time.Millisecond)
					left.Delete(ref)
					if _, err := r.DeletePackageVersions(v.ctx, ref.Package, registry.Selection{Versions: []string{ref.Version}}); err != nil {
						v.Errorf("delete %s: %v", ref, err)
					}
				}
			})
		}
		var done atomic.Bool
		for range collectors {
			r := node(skew())
			rest.Go(func() {
				for !done.Load() {
					if err := r.Collect(v.ctx, soon); err != nil && !errors.Is(err, errCrash) {
						v.Errorf("collect: %v", err)
					}
				}
			})
		}
		publishing.Wait()
		close(kept)
		done.Store(true)
		rest.Wait()

		store.heal()
		r := node(0)
		versionsLeft := 0
		left.Range(func(ref, n any) bool {
			versionsLeft++
			if err := check(v.ctx, r, ref.(larder.VersionRef), content(n.(int))); err != nil {
				v.Errorf("%s: %v", ref, err)
			}
			return true
		})
		if versionsLeft == 0 {
			v.Error("no version is left to be checked")
		}

		// When everything is deleted, no row is left and nothing is due.
		_, err := v.DeleteRepository(v.ctx, v.app)
		v.must(err)
		for range 2 {
			v.clock.advance(time.Hour)
			v.must(r.Collect(v.ctx, soon))
		}
		far := v.clock.Now().Add(time.Hour)
		rows, err := v.DB.Now().Unreferenced(v.ctx, far, 0, 10)
		v.must(err)
		graves, err := v.DB.Now().Graves(v.ctx, far, 10)
		v.must(err)
		if len(rows) > 0 || len(graves) > 0 {
			v.Errorf("got rows %v and graves %v, want none", rows, graves)
		}
	})
}

func content(n int) string { return fmt.Sprint("content ", n) }

// check reads a version's content.
func check(ctx context.Context, r *registry.Registry, ref larder.VersionRef, want string) error {
	got, err := read(ctx, r, ref, theAsset)
	if err == nil && got != want {
		err = fmt.Errorf("got %q, want %q", got, want)
	}
	return err
}

// errCrash is what a node sees of its own end.
var errCrash = errors.New("crash")

// unreliable is a store whose users crash before or after what they do to it,
// and which deletes late.
type unreliable struct {
	blob.Store

	mu     sync.Mutex // guards what follows
	late   []blob.Key
	healed bool
}

func (u *unreliable) crash() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.healed || rand.IntN(10) > 0 {
		return nil
	}
	return errCrash
}

func (u *unreliable) Place(ctx context.Context, k blob.Key, s *blob.Staged) error {
	if err := u.crash(); err != nil {
		return err
	}
	if err := u.Store.Place(ctx, k, s); err != nil {
		return err
	}
	return u.crash()
}

// Delete deletes what was to be deleted twenty deletions ago.
func (u *unreliable) Delete(ctx context.Context, k blob.Key) error {
	if err := u.crash(); err != nil {
		return err
	}
	for _, k := range u.due(k) {
		if err := u.Store.Delete(ctx, k); err != nil {
			return err
		}
	}
	return u.crash()
}

// due puts a deletion off and returns those that were put off long enough.
func (u *unreliable) due(k blob.Key) []blob.Key {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.late = append(u.late, k)
	n := len(u.late)
	if !u.healed {
		n = max(0, n-20)
	}
	due := u.late[:n:n]
	u.late = u.late[n:]
	return due
}

// heal makes the store reliable and prompt.
func (u *unreliable) heal() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.healed = true
}
