package keyring

import (
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// Ring holds the keys of one registry. It is safe for concurrent use, and
// takes no lock to seal or to open.
type Ring struct {
	// Behind, if set, says with an error that other nodes may seal with a
	// generation that this ring has not taken yet. It is asked when something
	// does not open, and its error is the answer then. It is set before the
	// ring is used.
	Behind func() error

	path     string // of its file; empty if it is kept elsewhere
	master   []byte
	instance [16]byte
	wrap     cipher.AEAD // of data keys
	derived  [len(derivations)][]byte
	data     []dataKey

	mu    sync.Mutex // held while the chain is replaced
	chain atomic.Pointer[chain]
}

const ringFile = "ring.json"

// Open opens the ring of c, or makes one whose first generation begins now.
// The caller holds the lock of the data directory.
func Open(c Config, now time.Time) (*Ring, error) {
	r, fresh, err := c.open(now)
	if err != nil || !fresh {
		return r, err
	}
	if err := r.replace(r.chain.Load()); err != nil {
		return nil, fmt.Errorf("make the key ring %s: %w", r.path, err)
	}
	return r, nil
}

// open opens the ring of the file in c.Dir, or makes a fresh one, of which
// nothing but the master key is written yet.
func (c Config) open(now time.Time) (r *Ring, fresh bool, err error) {
	if err := makeDir(c.Dir); err != nil {
		return nil, false, fmt.Errorf("open the key ring: %w", err)
	}
	path := filepath.Join(c.Dir, ringFile)
	stored, err := readRing(path)
	fresh = errors.Is(err, fs.ErrNotExist)
	if err != nil && !fresh {
		return nil, false, fmt.Errorf("open the key ring: %w", err)
	}
	master, from, err := c.master(!fresh)
	if err != nil {
		return nil, false, err
	}
	if fresh {
		r, err = made(master, now)
	} else {
		r, err = loaded(master, stored)
	}
	if err != nil {
		return nil, false, failed(path, from, err)
	}
	r.path = path
	return r, fresh, nil
}

// made returns a new ring whose first generation begins now.
func made(master []byte, now time.Time) (*Ring, error) {
	r := &Ring{master: master}
	if err := r.prepare(); err != nil {
		return nil, err
	}
	rand.Read(r.instance[:])
	data, err := newDataKey(1, now)
	if err != nil {
		return nil, err
	}
	r.data = []dataKey{data}
	first, err := newGeneration(r.master, r.instance, 1, [8]byte{}, now)
	if err != nil {
		return nil, err
	}
	r.chain.Store(&chain{generations: generations{first}})
	return r, nil
}

// loaded returns a ring that is kept.
func loaded(master []byte, s *storedRing) (*Ring, error) {
	r := &Ring{master: master}
	if err := r.prepare(); err != nil {
		return nil, err
	}
	return r, r.load(s)
}

// failed says which ring could not be opened, with a master key from where.
func failed(ring, from string, err error) error {
	if errors.Is(err, errUnwrap) {
		return fmt.Errorf("%s was made with another master key than the one from %s", ring, from)
	}
	return fmt.Errorf("open %s: %w", ring, err)
}

func makeDir(dir string) error {
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(dir))
}

// prepare makes the keys that depend on the master alone.
func (r *Ring) prepare() (err error) {
	if r.wrap, err = deriveSealer(r.master, "data-key-wrap"); err != nil {
		return err
	}
	for i, label := range derivations {
		if r.derived[i], err = derive(r.master, label); err != nil {
			return err
		}
	}
	return nil
}

// replace makes c the chain, durably and then at once.
func (r *Ring) replace(c *chain) error {
	b, err := r.encode(c)
	if err == nil {
		err = writeSecret(r.path, b)
	}
	if err != nil {
		return err
	}
	r.chain.Store(c)
	return nil
}

// Rotate begins a generation of a ring that has a file. What earlier ones
// sealed still opens for as long as it may live.
func (r *Ring) Rotate(now time.Time) error {
	return r.begin(now, func(gs generations) generations { return gs.kept(now) })
}

// Replace begins a generation and forgets all others: whatever was sealed
// before is void at once. Restoring a backup needs this, because the database
// of then does not know of what was revoked since.
func (r *Ring) Replace(now time.Time) error {
	return r.begin(now, func(generations) generations { return nil })
}

func (r *Ring) begin(now time.Time, keep func(generations) generations) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	before := r.chain.Load()
	kept := keep(before.generations)
	g, err := r.following(kept, before.active().kid, now)
	if err == nil {
		err = r.replace(&chain{generations: append(kept, g)})
	}
	if err != nil {
		return fmt.Errorf("rotate keys: %w", err)
	}
	return nil
}

// following makes a generation that follows the one with a kid, while others
// are kept.
func (r *Ring) following(kept generations, kid byte, now time.Time) (*generation, error) {
	kid, err := kept.freeKid(kid)
	if err != nil {
		return nil, err
	}
	return newGeneration(r.master, r.instance, kid, [8]byte{}, now)
}

// Since returns when the active generation began.
func (r *Ring) Since() time.Time { return r.chain.Load().active().created }

// Instance identifies the registry: random, made once. Everything that is
// sealed is bound to it.
func (r *Ring) Instance() [16]byte { return r.instance }

// Format keeps keys out of logs.
func (r *Ring) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("keyring.Ring{...}")) }
