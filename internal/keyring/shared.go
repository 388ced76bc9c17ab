package keyring

import (
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// A ring that several nodes share is kept where all of them reach it. The
// master key is not: each node is given it. A generation is announced before
// it seals anything, so that no node meets what it cannot open.

// sharedName is what messages call such a ring.
const sharedName = "the key ring of the database"

// HasFile reports whether there is a ring file in c.Dir, which New would take.
func (c Config) HasFile() bool {
	_, err := os.Lstat(filepath.Join(c.Dir, ringFile))
	return err == nil
}

// New returns a ring for several nodes to share, as it is to be kept: that of
// the file in c.Dir if there is one, so that a registry may grow, else one
// that is made now.
func New(c Config, now time.Time) ([]byte, error) {
	r, _, err := c.open(now)
	if err != nil {
		return nil, err
	}
	return r.encode(r.chain.Load())
}

// Load opens a ring that is kept as New or Advance returned it.
func Load(c Config, kept []byte) (*Ring, error) {
	if err := makeDir(c.Dir); err != nil {
		return nil, fmt.Errorf("open the key ring: %w", err)
	}
	stored, err := parseRing(kept)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", sharedName, err)
	}
	master, from, err := c.master(true)
	if err != nil {
		return nil, err
	}
	r, err := loaded(master, stored)
	if err != nil {
		return nil, failed(sharedName, from, err)
	}
	return r, nil
}

// Take makes the generations those of the ring as it is kept now.
func (r *Ring) Take(kept []byte) error {
	stored, err := parseRing(kept)
	if err != nil {
		return fmt.Errorf("%s: %w", sharedName, err)
	}
	if [16]byte(stored.Instance) != r.instance {
		return fmt.Errorf("%s is another one than it was", sharedName)
	}
	c, err := r.forge(stored)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.chain.Store(c)
	return nil
}

// Announce returns the ring as it is to be kept in the place of kept: with a
// generation that is to come. It is kept itself if there is one already, or if
// the one that seals began less than age ago.
func (r *Ring) Announce(kept []byte, now time.Time, age time.Duration) ([]byte, error) {
	c, err := r.chained(kept)
	if err != nil || c.next != nil || now.Sub(c.active().created) < age {
		return kept, err
	}
	if c.next, err = r.following(c.generations, c.active().kid, now); err != nil {
		return nil, fmt.Errorf("rotate keys: %w", err)
	}
	return r.encode(c)
}

// Advance returns the ring as it is to be kept in the place of kept: the
// generation that was announced begins now. Every node must have taken the
// ring with the announcement, or must not serve before it takes this one.
func (r *Ring) Advance(kept []byte, now time.Time) ([]byte, error) {
	c, err := r.chained(kept)
	if err != nil || c.next == nil {
		return kept, err
	}
	begun := *c.next
	begun.created = now.UTC().Round(0)
	return r.encode(&chain{generations: append(c.kept(now), &begun)})
}

func (r *Ring) chained(kept []byte) (*chain, error) {
	stored, err := parseRing(kept)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", sharedName, err)
	}
	return r.forge(stored)
}
