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
	path     string
	master   []byte
	instance [16]byte
	wrap     cipher.AEAD // of data keys
	derived  [len(derivations)][]byte
	data     []dataKey

	mu          sync.Mutex // held while generations are replaced
	generations atomic.Pointer[generations]
}

const ringFile = "ring.json"

// Open opens the ring of c, or makes one whose first generation begins now.
// The caller holds the lock of the data directory.
func Open(c Config, now time.Time) (*Ring, error) {
	if err := makeDir(c.Dir); err != nil {
		return nil, fmt.Errorf("open the key ring: %w", err)
	}
	path := filepath.Join(c.Dir, ringFile)
	stored, err := readRing(path)
	fresh := errors.Is(err, fs.ErrNotExist)
	if err != nil && !fresh {
		return nil, fmt.Errorf("open the key ring: %w", err)
	}
	master, from, err := c.master(!fresh)
	if err != nil {
		return nil, err
	}
	r := &Ring{path: path, master: master}
	if err := r.prepare(); err != nil {
		return nil, err
	}
	if fresh {
		err = r.make(now)
	} else {
		err = r.load(stored)
	}
	if errors.Is(err, errUnwrap) {
		return nil, fmt.Errorf("%s was made with another master key than the one from %s", path, from)
	}
	if err != nil {
		return nil, fmt.Errorf("open the key ring %s: %w", path, err)
	}
	return r, nil
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

// make fills a ring that has no file yet, and writes it.
func (r *Ring) make(now time.Time) error {
	rand.Read(r.instance[:])
	data, err := newDataKey(1, now)
	if err != nil {
		return err
	}
	r.data = []dataKey{data}
	first, err := newGeneration(r.master, r.instance, 1, [8]byte{}, now)
	if err != nil {
		return err
	}
	return r.replace(generations{first})
}

// replace makes gs the generations, durably and then at once.
func (r *Ring) replace(gs generations) error {
	if err := r.write(gs); err != nil {
		return err
	}
	r.generations.Store(&gs)
	return nil
}

// Rotate begins a generation. What earlier ones sealed still opens for as long
// as it may live.
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
	before := *r.generations.Load()
	kept := keep(before)
	kid, err := kept.freeKid(before.active().kid)
	if err != nil {
		return fmt.Errorf("rotate keys: %w", err)
	}
	g, err := newGeneration(r.master, r.instance, kid, [8]byte{}, now)
	if err == nil {
		err = r.replace(append(kept, g))
	}
	if err != nil {
		return fmt.Errorf("rotate keys: %w", err)
	}
	return nil
}

// Since returns when the active generation began.
func (r *Ring) Since() time.Time { return r.generations.Load().active().created }

// Instance identifies the registry: random, made once. Everything that is
// sealed is bound to it.
func (r *Ring) Instance() [16]byte { return r.instance }

// Format keeps keys out of logs.
func (r *Ring) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("keyring.Ring{...}")) }
