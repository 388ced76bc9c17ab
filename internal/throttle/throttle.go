// Package throttle says who has to wait: token buckets, one for each key, in
// bounded memory.
//
// It knows nothing of requests. Who is counted, how much they may do and what
// they are told is for the planes to say, and for internal/config.
package throttle

import (
	"net/netip"
	"sync"
	"time"
)

// Rate is how often something may happen: so many times a second, and so many
// at once by someone who was quiet before. The zero Rate is no bound.
type Rate struct {
	PerSecond float64
	Burst     int
}

// Buckets are the buckets of all keys. The zero value bounds nothing. It is
// safe for concurrent use, and must not be copied.
type Buckets[K comparable] struct {
	Rate Rate
	Now  func() time.Time // nil is time.Now

	mu sync.Mutex // guards what follows

	// young and old say when a key's bucket will be full again. A bucket that
	// is full need not be kept; one that is not taken from while another
	// generation fills goes too, which errs on the side of letting pass.
	young, old map[K]time.Time
}

// generation is how many buckets one holds, of some hundred bytes each.
const generation = 32 << 10

// Take takes one from a key's bucket. If there is none it takes nothing and
// returns after how long there will be one.
func (b *Buckets[K]) Take(key K) time.Duration {
	if b.Rate.PerSecond <= 0 {
		return 0
	}
	one := time.Duration(float64(time.Second) / b.Rate.PerSecond)
	now := b.now()
	b.mu.Lock()
	defer b.mu.Unlock()
	full, ok := b.young[key]
	if !ok {
		full = b.old[key]
	}
	if full.Before(now) {
		full = now
	}
	full = full.Add(one)
	if wait := full.Sub(now) - one*time.Duration(max(b.Rate.Burst, 1)); wait > 0 {
		return wait
	}
	if b.young == nil || len(b.young) >= generation && !ok {
		b.young, b.old = map[K]time.Time{}, b.young
	}
	b.young[key] = full
	return 0
}

func (b *Buckets[K]) now() time.Time {
	if b.Now == nil {
		return time.Now()
	}
	return b.Now()
}

// Source is what requests from an address are counted under: the address, or
// of IPv6 its /64, which is what one customer has.
func Source(a netip.Addr) netip.Addr {
	a = a.Unmap().WithZone("")
	if a.Is6() {
		p, err := a.Prefix(64)
		if err == nil {
			return p.Addr()
		}
	}
	return a
}
