package outbound

import (
	"context"
	"sync"
	"time"

	"larder.example/larder"
)

const (
	// tolerated is how many failures in a row make a host be left alone.
	tolerated = 5

	// firstPause is for how long, doubled with each failure after that.
	firstPause = 5 * time.Second
	lastPause  = time.Minute
)

// host is what is known of one host: how busy and how well it is.
type host struct {
	name  string
	slots chan struct{}

	mu      sync.Mutex // guards what follows
	faults  int        // in a row
	until   time.Time  // when it may be asked again
	asks    bool       // until is the host's own wish
	probing bool       // one request finds out whether it is well again
}

func (c *Client) host(name string) *host {
	c.mu.Lock()
	defer c.mu.Unlock()
	h, ok := c.hosts[name]
	if !ok {
		h = &host{name: name, slots: make(chan struct{}, c.perHost())}
		if c.hosts == nil {
			c.hosts = map[string]*host{}
		}
		c.hosts[name] = h
	}
	return h
}

// enter waits for a slot, unless the host is to be left alone.
func (h *host) enter(ctx context.Context, now time.Time) error {
	if err := h.admit(now); err != nil {
		return err
	}
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		h.settle()
		return ctx.Err()
	}
}

func (h *host) leave() { <-h.slots }

// admit refuses requests while the host is left alone, and lets one through
// when that time is over.
func (h *host) admit(now time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if wait := h.until.Sub(now); wait > 0 {
		kind, why := larder.Unavailable, " has failed and is left alone for a while."
		if h.asks {
			kind, why = larder.Throttled, " asks for patience."
		}
		return &larder.Error{Kind: kind, RetryAfter: wait, Message: h.name + why}
	}
	if h.faults < tolerated {
		return nil
	}
	if h.probing {
		return &larder.Error{Kind: larder.Unavailable, RetryAfter: time.Second, Message: h.name + " has failed and is being tried again."}
	}
	h.probing = true
	return nil
}

func (h *host) worked() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.faults, h.probing = 0, false
}

func (h *host) failed(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.probing = false
	if h.faults++; h.faults >= tolerated {
		pause := min(firstPause<<min(h.faults-tolerated, 10), lastPause)
		h.until, h.asks = now.Add(pause), false
	}
}

// settle lets another request find out how the host is: the asker of this
// one has gone.
func (h *host) settle() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.probing = false
}

// wait leaves the host alone for as long as it asks. It is well: whoever
// answers so is there.
func (h *host) wait(until time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.faults, h.probing = 0, false
	if until.After(h.until) {
		h.until, h.asks = until, true
	}
}
