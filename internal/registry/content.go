package registry

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"

	"larder.example/larder"
	"larder.example/larder/internal/blob"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/meta"
)

// Content is the bytes of an asset on their way to a client.
type Content struct {
	Asset  format.Asset      // as far as it is known by now
	Stored io.ReadSeekCloser // nil while the bytes come from outside
	Coming Incoming          // the bytes that do
}

// Close closes what is open.
func (c *Content) Close() error {
	if c.Stored != nil {
		return c.Stored.Close()
	}
	return c.Coming.Close()
}

// Open opens the bytes of an asset that [Registry.Asset] found. Those that
// come from upstream are retained: at once where they are stored, else when
// the last of them has come.
func (r *Registry) Open(ctx context.Context, a FoundAsset) (*Content, error) {
	if a.Own() {
		return r.opened(ctx, a.Asset, a.blob)
	}
	var failure error
	for _, o := range a.offers {
		c, err := r.take(ctx, a, o)
		switch {
		case err == nil:
			return c, nil
		case larder.NotFound.Is(err):
		case failure == nil:
			failure = err
		}
	}
	if failure == nil {
		failure = noAsset(a.ref)
	}
	return nil, failure
}

// take opens the bytes that an offer is of.
func (r *Registry) take(ctx context.Context, a FoundAsset, o offer) (*Content, error) {
	if o.connection == "" {
		if err := r.retain(ctx, a.ref, o, nil); err != nil {
			return nil, err
		}
		return r.opened(ctx, shownAsset(o.asset), o.asset.Blob)
	}
	keep := func(ctx context.Context, f Fetched) error { return r.retain(ctx, a.ref, o, &f) }
	if c, ok, err := r.takeHere(ctx, o, keep); ok || err != nil {
		return c, err
	}
	coming, err := r.outside().Fetch(ctx, o.connection, a.ref, o.known, keep)
	if err != nil {
		return nil, err
	}
	return &Content{Asset: a.Asset, Coming: coming}, nil
}

// takeHere opens bytes that an index tells the SHA-256 of, if bytes that have
// it are in the store already, however they came there: another repository
// may have retained them. Who tells the digest of a file has the file.
func (r *Registry) takeHere(ctx context.Context, o offer, keep Keep) (*Content, bool, error) {
	var sum [32]byte
	if o.known == nil || len(o.known.Sums.SHA256) != hex.EncodedLen(len(sum)) {
		return nil, false, nil
	}
	if _, err := hex.Decode(sum[:], []byte(o.known.Sums.SHA256)); err != nil {
		return nil, false, nil //nolint:nilerr // a digest that is none is for who fetches to refuse
	}
	b, there, err := r.DB.Now().PlacedBlob(ctx, sum)
	if err != nil || !there {
		return nil, false, err
	}
	asset := *o.known
	asset.Stored, asset.Size, asset.Sums = true, b.Size, hexSums(b.Sums)
	c, err := r.opened(ctx, asset, b)
	if err != nil {
		return nil, false, nil //nolint:nilerr // they are lost, which is noted: fetch them again
	}
	if err := keep(ctx, Fetched{Blob: b, At: asset.At}); err != nil {
		return nil, false, errors.Join(err, c.Close())
	}
	return c, true, nil
}

// Fetch has the bytes of an asset that [Registry.Asset] found stored when it
// returns.
func (r *Registry) Fetch(ctx context.Context, a FoundAsset) error {
	c, err := r.Open(ctx, a)
	if err != nil {
		return err
	}
	if c.Coming != nil {
		_, err = io.Copy(io.Discard, c.Coming)
	}
	return errors.Join(err, c.Close())
}

func (r *Registry) opened(ctx context.Context, a format.Asset, b meta.Blob) (*Content, error) {
	stored, err := r.open(ctx, b)
	if err != nil {
		return nil, err
	}
	return &Content{Asset: a, Stored: stored}, nil
}

// open opens stored bytes. If they are not in the store, whatever became of
// them, that is noted: the next publish of the same bytes stores them again.
func (r *Registry) open(ctx context.Context, b meta.Blob) (io.ReadSeekCloser, error) {
	content, err := r.Blobs.Open(ctx, blobKey(b), b.Size)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, blob.ErrDamaged) {
		r.log().ErrorContext(ctx, "stored bytes are lost: publish them again", "blob", blobKey(b).String(), "err", err)
		r.DB.Later(func(ctx context.Context, tx *meta.Tx) error { return tx.LoseBlob(ctx, b.ID) })
	}
	return content, err
}
