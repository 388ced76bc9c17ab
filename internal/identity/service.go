package identity

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/keyring"
	"larder.example/larder/internal/meta"
)

// Service answers who somebody is and what they may do.
type Service struct {
	// Refused, if set, is told of every refusal before that is answered. It
	// is set before the service is used.
	Refused func(context.Context, *Refusal)

	db     *meta.DB
	keys   *keyring.Ring
	region string
	log    *slog.Logger
	now    func() time.Time
	rand   io.Reader

	allowSharedIssuers bool

	node  string                    // its ID among several; empty if the database has one only
	tick  func() time.Time          // has a monotonic part
	heard atomic.Pointer[time.Time] // when the last look began that found the snapshot in force

	judgments  sync.Pool // of *judgment
	programs   programs
	narrowings narrowings
	uses       uses

	mu         sync.Mutex // held while the snapshot is replaced, so that snapshots succeed each other in the order of their epochs
	generation uint64     // the last one of a snapshot; guarded by mu
	snapshot   atomic.Pointer[snapshot]
}

// Options are what a [Service] is made of.
type Options struct {
	DB     *meta.DB
	Keys   *keyring.Ring // encrypts secrets at rest
	Region string
	Log    *slog.Logger     // nil discards
	Now    func() time.Time // nil is time.Now
	Rand   io.Reader        // nil is crypto/rand's

	// AllowSharedIssuers warns in the log of a trust policy that lets in
	// every customer of an issuer that everybody uses, and does not refuse
	// it.
	AllowSharedIssuers bool

	// Tick measures how long ago the other nodes were heard of. It must go
	// on whatever Now does. Nil is time.Now.
	Tick func() time.Time
}

// Open loads the snapshot.
func Open(ctx context.Context, o Options) (*Service, error) {
	s := &Service{db: o.DB, keys: o.Keys, region: o.Region, log: o.Log, now: o.Now, rand: o.Rand, allowSharedIssuers: o.AllowSharedIssuers}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.rand == nil {
		s.rand = rand.Reader
	}
	if s.tick = o.Tick; s.tick == nil {
		s.tick = time.Now
	}
	if s.db.Shared() {
		s.keys.Behind = s.Ready
	}
	if err := s.register(ctx); err != nil {
		return nil, fmt.Errorf("register the node: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	began := s.tick()
	if err := s.reload(ctx); err != nil {
		return nil, fmt.Errorf("load who may do what: %w", err)
	}
	s.heard.Store(&began) // since the row says that no epoch is obeyed, every change waits until the first look
	return s, nil
}

// Change runs fn in a transaction that moves the epoch, and returns once the
// change decides, on every node. Whatever decides who may do what changes through here:
// also the making and deleting of domains and repositories.
func (s *Service) Change(ctx context.Context, fn func(context.Context, *meta.Tx) error) error {
	e, err := s.change(ctx, fn)
	if err == nil {
		s.await(context.WithoutCancel(ctx), e.N)
	}
	return err
}

// change is Change for this node.
func (s *Service) change(ctx context.Context, fn func(context.Context, *meta.Tx) error) (e meta.Epoch, err error) {
	nonce, err := s.random(12)
	if err != nil {
		return e, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	err = s.db.Update(ctx, func(ctx context.Context, tx *meta.Tx) error {
		if err := fn(ctx, tx); err != nil {
			return err
		}
		e, err = tx.MoveEpoch(ctx, base64.RawURLEncoding.EncodeToString(nonce))
		return err
	})
	if err != nil {
		return e, err
	}
	// The change is made: a caller that hangs up now must not keep the
	// snapshot from obeying it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := s.reload(ctx); err != nil {
		return e, unavailable(err)
	}
	return e, nil
}

// view returns what fn reads on one snapshot of the database.
func view[T any](ctx context.Context, s *Service, fn func(context.Context, *meta.Tx) (T, error)) (t T, err error) {
	err = s.db.View(ctx, func(ctx context.Context, tx *meta.Tx) error {
		t, err = fn(ctx, tx)
		return err
	})
	return t, err
}

// Refresh loads the snapshot again if the epoch moved without us, or if the
// last load failed. While the epoch cannot be read, the snapshot stays.
func (s *Service) Refresh(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if snap := s.snapshot.Load(); snap != nil {
		e, err := s.db.Now().Epoch(ctx)
		if err != nil || e == snap.epoch {
			return err
		}
	}
	return s.reload(ctx)
}

// reload replaces the snapshot, with s.mu held. If it cannot, there is none
// until the next time: better no answer than one of before.
func (s *Service) reload(ctx context.Context) error {
	snap, err := s.load(ctx, s.snapshot.Load())
	if err != nil {
		s.snapshot.Store(nil)
		return err
	}
	s.snapshot.Store(snap)
	return nil
}

// deltaLimit is how many changed things are read one by one. Of more, and
// where it is not known what changed, all is read.
const deltaLimit = 500

// load reads what changed since before, which is nil for a first time, and the
// keys that several nodes share.
func (s *Service) load(ctx context.Context, before *snapshot) (snap *snapshot, err error) {
	var ring []byte
	err = s.db.Survey(ctx, func(ctx context.Context, tx *meta.Tx) error {
		epoch, err := tx.Epoch(ctx)
		if err != nil {
			return err
		}
		var changes []meta.Change
		if before != nil {
			var known bool
			if changes, known, err = tx.ChangesSince(ctx, before.epoch, deltaLimit); err != nil {
				return err
			}
			if !known {
				before, changes = nil, nil
			}
		}
		l := s.edit(tx, before)
		l.snap.epoch = epoch
		if before == nil || len(changes) > 0 {
			err = l.read(ctx, changes...)
		}
		snap = l.done()
		if err == nil && s.node != "" {
			ring, err = tx.Shared(ctx, meta.KeyRing)
		}
		return err
	})
	if err == nil && ring != nil {
		err = s.keys.Take(ring)
	}
	return snap, err
}

// current returns the snapshot in force.
func (s *Service) current() (*snapshot, error) {
	if s.fenced() { // before the snapshot is taken, which the look that lifts the fence may replace
		return nil, unavailable(nil)
	}
	if snap := s.snapshot.Load(); snap != nil {
		return snap, nil
	}
	return nil, unavailable(nil)
}

func unavailable(err error) error {
	return &larder.Error{
		Kind: larder.Unavailable, Message: "The registry cannot read its policies. Try again.",
		RetryAfter: time.Second, Err: err,
	}
}

func (s *Service) random(n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(s.rand, b); err != nil {
		return nil, fmt.Errorf("read random bytes: %w", err)
	}
	return b, nil
}

// Ready reports whether questions can be answered.
func (s *Service) Ready() error {
	_, err := s.current()
	return err
}
