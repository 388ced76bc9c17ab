package registry

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"larder.example/larder"
	"larder.example/larder/internal/blob"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/meta"
)

const maxAsset = 5 << 30 // CodeArtifact's quota

// Upload is a spooled body. It implements format.Upload; who made it
// discards it.
type Upload struct{ staged *blob.Staged }

// Upload spools what b yields and sums it. It refuses before the disk is
// full, and what is larger than an asset may be.
func (r *Registry) Upload(ctx context.Context, b io.Reader) (*Upload, error) {
	if _, ok := identity.CallerFrom(ctx); !ok {
		return nil, larder.Errorf(larder.Unauthenticated, "An upload needs an authenticated caller.")
	}
	if r.Space != nil {
		if err := r.Space.Check(); err != nil {
			return nil, err
		}
	}
	limit := r.MaxAsset
	if limit == 0 {
		limit = maxAsset
	}
	staged, err := r.Blobs.Stage(ctx, blob.Limit(b, limit))
	if err != nil {
		return nil, err
	}
	return &Upload{staged: staged}, nil
}

// ReadAt implements io.ReaderAt.
func (u *Upload) ReadAt(p []byte, off int64) (int, error) { return u.staged.ReadAt(p, off) }

// Size returns the number of bytes.
func (u *Upload) Size() int64 { return u.staged.Size() }

// Sums returns the digests of the bytes.
func (u *Upload) Sums() format.Sums { return hexSums(metaSums(u.staged.Sums())) }

// Discard frees what u holds. What was published of it stays.
func (u *Upload) Discard() { u.staged.Discard() }

func metaSums(s blob.Sums) meta.Sums {
	return meta.Sums{MD5: s.MD5, SHA1: s.SHA1, SHA256: s.SHA256, SHA512: s.SHA512}
}

// hexSums spells digests, all in one string: an index has thousands.
func hexSums(s meta.Sums) format.Sums {
	var room [2 * (len(s.MD5) + len(s.SHA1) + len(s.SHA256) + len(s.SHA512))]byte
	digits := room[:0]
	for _, sum := range [...][]byte{s.MD5[:], s.SHA1[:], s.SHA256[:], s.SHA512[:]} {
		digits = hex.AppendEncode(digits, sum)
	}
	rest := string(digits)
	next := func(bytes int) (spelled string) {
		spelled, rest = rest[:2*bytes], rest[2*bytes:]
		return spelled
	}
	return format.Sums{MD5: next(len(s.MD5)), SHA1: next(len(s.SHA1)), SHA256: next(len(s.SHA256)), SHA512: next(len(s.SHA512))}
}

// claimsHold refuses an asset of which a client claimed another digest than
// it has.
func claimsHold(a format.NewAsset) error {
	if a.Upload == nil {
		return nil
	}
	got := a.Upload.Sums()
	for _, sum := range [...]struct{ name, claimed, got string }{
		{"MD5", a.Claimed.MD5, got.MD5},
		{"SHA-1", a.Claimed.SHA1, got.SHA1},
		{"SHA-256", a.Claimed.SHA256, got.SHA256},
		{"SHA-512", a.Claimed.SHA512, got.SHA512},
	} {
		if sum.claimed != "" && sum.claimed != sum.got {
			return larder.Errorf(larder.Invalid, "The %s of %s is %s, not %s as the request says.", sum.name, a.Name, sum.got, sum.claimed)
		}
	}
	return nil
}

// placeAll makes the bytes of uploads durable under rows that the collector
// leaves alone for its grace period, and returns the rows. Uploads that are
// nil have no row yet.
func (r *Registry) placeAll(ctx context.Context, uploads []*Upload) ([]meta.Blob, error) {
	blobs := make([]meta.Blob, len(uploads))
	if !slices.ContainsFunc(uploads, func(u *Upload) bool { return u != nil }) {
		return blobs, nil
	}
	// Beside each other: most of what a small file costs is waiting for the
	// disk.
	prepared := r.prepareAll(ctx, uploads)
	err := r.DB.Reserve(ctx, func(ctx context.Context, tx *meta.Tx) (err error) {
		for i, u := range uploads {
			if u == nil {
				continue
			}
			if blobs[i], err = tx.ReserveBlob(ctx, metaSums(u.staged.Sums()), u.Size(), r.now()); err != nil {
				return err
			}
		}
		return nil
	})
	if err := errors.Join(prepared(), err); err != nil {
		return nil, err
	}
	return blobs, eachAtOnce(uploads, func(i int, u *Upload) error {
		if blobs[i].Placed || slices.ContainsFunc(blobs[:i], func(b meta.Blob) bool { return b.ID == blobs[i].ID }) {
			return nil
		}
		if err := r.Blobs.Place(ctx, blobKey(blobs[i]), u.staged); err != nil {
			return fmt.Errorf("place %x: %w", blobs[i].Sums.SHA256, err)
		}
		return nil
	})
}

// prepareAll begins to make the bytes of uploads durable, if the store can
// without keys. The function returned waits for it.
func (r *Registry) prepareAll(ctx context.Context, uploads []*Upload) (wait func() error) {
	store, ok := r.Blobs.(blob.Preparer)
	if !ok {
		return func() error { return nil }
	}
	done := make(chan error, 1)
	go func() {
		done <- eachAtOnce(uploads, func(_ int, u *Upload) error { return store.Prepare(ctx, u.staged) })
	}()
	return func() error { return <-done }
}

// eachAtOnce runs fn for every upload that is not nil, all at once.
func eachAtOnce(uploads []*Upload, fn func(i int, u *Upload) error) error {
	errs := make([]error, len(uploads))
	var wg sync.WaitGroup
	for i, u := range uploads {
		if u != nil {
			wg.Go(func() { errs[i] = fn(i, u) })
		}
	}
	wg.Wait()
	return errors.Join(errs...)
}

func blobKey(b meta.Blob) blob.Key { return blob.Key{Digest: b.Sums.SHA256, ID: b.ID} }
