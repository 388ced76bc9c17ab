package blob

import (
	"fmt"
	"sync"
	"time"
)

const (
	leastFree  = 1 << 30         // bytes
	leastShare = 20              // one part in so many
	remeasure  = 5 * time.Second // how long an answer is good for
)

// Watermark says that a disk is nearly full while there is still room to
// clean up: on a full one SQLite cannot even delete. A nil or zero Watermark
// never refuses.
type Watermark struct {
	// Room measures: the bytes that are free to us, of how many.
	Room func() (free, total int64, err error)

	Now func() time.Time // nil: time.Now

	mu   sync.Mutex // guards the fields below
	at   time.Time
	last error
}

// Check returns [ErrFull] as larder.Unavailable if less than 1 GiB or 5 % is
// free, whichever is more. It measures every five seconds at most.
func (w *Watermark) Check() error {
	if w == nil || w.Room == nil {
		return nil
	}
	now := time.Now
	if w.Now != nil {
		now = w.Now
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	t := now()
	if age := t.Sub(w.at); age >= 0 && age < remeasure && !w.at.IsZero() {
		return w.last
	}
	free, total, err := w.Room()
	if err != nil {
		return fmt.Errorf("measure free space: %w", err)
	}
	w.at, w.last = t, nil
	if free < max(leastFree, total/leastShare) {
		w.last = full(fmt.Errorf("%d of %d bytes are free", free, total))
	}
	return w.last
}
