package registry

import (
	"context"
	"time"

	"larder.example/larder/internal/blob"
	"larder.example/larder/internal/meta"
)

// Collector deletes bytes that nothing names. Its rows go first and its
// bytes later; that an asset is never left without bytes rests on the
// asset's foreign key, not on clocks: any number of collectors may run.
type Collector struct {
	// Grace is how long bytes that nothing names are kept before their row
	// goes. Default 24 hours.
	Grace time.Duration

	// Hold is how long bytes are kept after their row went, for backups and
	// for downloads under way. Default 24 hours.
	Hold time.Duration
}

const (
	defaultGrace = 24 * time.Hour
	defaultHold  = 24 * time.Hour
	collectPage  = 100
)

// Collect runs the collector once.
func (r *Registry) Collect(ctx context.Context, c Collector) error {
	if c.Grace == 0 {
		c.Grace = defaultGrace
	}
	if c.Hold == 0 {
		c.Hold = defaultHold
	}
	now := r.now()
	if err := r.bury(ctx, now, now.Add(-c.Grace)); err != nil {
		return err
	}
	return r.exhume(ctx, now.Add(-c.Hold))
}

// bury deletes the rows of blobs that nothing named since cutoff.
func (r *Registry) bury(ctx context.Context, now, cutoff time.Time) error {
	for last := int64(0); ; {
		ids, err := r.DB.Now().Unreferenced(ctx, cutoff, last, collectPage)
		if err != nil {
			return err
		}
		for _, id := range ids {
			last = id
			err := r.DB.Publish(ctx, func(ctx context.Context, tx *meta.Tx) error {
				return tx.Bury(ctx, id, cutoff, now)
			})
			if err != nil && r.DB.Fault(err) != meta.Dangling { // Dangling: an asset names it after all
				return err
			}
		}
		if len(ids) < collectPage {
			return nil
		}
	}
}

// exhume deletes the bytes of rows that went before cutoff.
func (r *Registry) exhume(ctx context.Context, cutoff time.Time) error {
	for {
		graves, err := r.DB.Now().Graves(ctx, cutoff, collectPage)
		if err != nil {
			return err
		}
		for _, g := range graves {
			if err := r.Blobs.Delete(ctx, blob.Key{Digest: g.SHA256, ID: g.ID}); err != nil {
				return err
			}
			err := r.DB.Publish(ctx, func(ctx context.Context, tx *meta.Tx) error { return tx.CloseGrave(ctx, g.ID) })
			if err != nil {
				return err
			}
		}
		if len(graves) < collectPage {
			return nil
		}
	}
}
