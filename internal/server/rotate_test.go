package server

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/keyring"
)

func TestKeysRotateOnEveryNodeAtOnce(t *testing.T) {
	c := common(t)
	var days atomic.Int64
	clock := func() time.Time {
		return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).Add(time.Duration(days.Load()) * rotateEvery)
	}
	var nodes []*Server
	var pause []func()
	for range 2 {
		s, err := nodeOf(t, c, clock)
		if err != nil {
			t.Fatal(err)
		}
		nodes, pause = append(nodes, s), append(pause, s.startFollowing(context.WithoutCancel(t.Context())))
	}
	defer func() {
		for _, stop := range pause {
			stop()
		}
	}()
	a, b := nodes[0], nodes[1]
	eventually(t, "both nodes serve", func() bool { return a.Identity.Ready() == nil && b.Identity.Ready() == nil })

	days.Add(1)
	if err := a.rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, s := range map[string]*Server{"a": a, "b": b} {
		if got := s.keys.Since(); !got.Equal(clock()) {
			t.Errorf("node %s seals with keys of %v, want %v", name, got, clock())
		}
	}

	pause[1]() // as a machine that stands still
	pause[1] = func() {}
	days.Add(1)
	if err := a.rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	sealed := a.keys.SealString(keyring.Bearer, "", []byte("token"))
	if _, err := b.keys.UnsealString(clock(), keyring.Bearer, "", sealed); !larder.Unavailable.Is(err) {
		t.Errorf("a node that stands still says of a token that it cannot know: %v, want Unavailable", err)
	}
	if b.Identity.Ready() == nil {
		t.Error("a node serves that does not know the keys of the others")
	}
	pause[1] = b.startFollowing(context.WithoutCancel(t.Context()))
	eventually(t, "the node serves again", func() bool { return b.Identity.Ready() == nil })
	if _, err := b.keys.UnsealString(clock(), keyring.Bearer, "", sealed); err != nil {
		t.Error("a node serves that cannot open the tokens of the others")
	}
	if err := b.rotate(t.Context()); err != nil || !b.keys.Since().Equal(clock()) {
		t.Errorf("keys of today rotate: %v, %v", b.keys.Since(), err)
	}
}

// A token may reach another node the moment it is sealed. While the keys rotate
// over and over and a node stands still and goes on, whoever serves opens all.
func TestNoNodeThatServesRefusesATokenOfNewKeys(t *testing.T) {
	c := common(t)
	var later atomic.Int64
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	clock := func() time.Time { return start.Add(time.Duration(later.Load())) }
	var nodes []*Server
	var pause []func()
	for range 3 {
		s, err := nodeOf(t, c, clock)
		if err != nil {
			t.Fatal(err)
		}
		stop := sync.OnceFunc(s.startFollowing(context.WithoutCancel(t.Context())))
		defer stop()
		nodes, pause = append(nodes, s), append(pause, stop)
	}
	done := make(chan struct{})
	var clients sync.WaitGroup
	var life sync.RWMutex // held for reading while a token lives: it must not grow old
	var opened atomic.Int64
	for i, from := range nodes {
		to := nodes[(i+1)%len(nodes)]
		clients.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				if from.Identity.Ready() != nil {
					runtime.Gosched()
					continue
				}
				life.RLock()
				sealed := from.keys.Seal(nil, keyring.Bearer, "", []byte("token"))
				_, err := to.keys.Unseal(clock(), keyring.Bearer, "", sealed)
				life.RUnlock()
				switch {
				case err == nil:
					opened.Add(1)
				case !larder.Unavailable.Is(err):
					t.Errorf("a node that serves says of a token of another: %v", err)
					return
				}
			}
		})
	}
	rotate := func(s *Server) {
		t.Helper()
		life.Lock()
		later.Add(int64(rotateEvery))
		life.Unlock()
		if err := s.rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
		for enough := opened.Load() + 100; opened.Load() < enough && !t.Failed(); {
			runtime.Gosched()
		}
	}
	for i := range 6 {
		rotate(nodes[i%2])
	}
	pause[2]()
	rotate(nodes[0])
	defer nodes[2].startFollowing(context.WithoutCancel(t.Context()))()
	eventually(t, "the node serves again", func() bool { return nodes[2].Identity.Ready() == nil })
	rotate(nodes[1])
	close(done)
	clients.Wait()
}

// Clocks that differ may let several nodes rotate at once.
func TestNodesThatRotateAtOnceDoNotUndoEachOther(t *testing.T) {
	c := common(t)
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var later atomic.Int64
	clock := func() time.Time { return now.Add(time.Duration(later.Load())) }
	var nodes []*Server
	for range 3 {
		s, err := nodeOf(t, c, clock)
		if err != nil {
			t.Fatal(err)
		}
		defer s.startFollowing(context.WithoutCancel(t.Context()))()
		nodes = append(nodes, s)
	}
	before := nodes[0].keys.Seal(nil, keyring.Bearer, "", nil)
	later.Add(int64(rotateEvery))
	var all sync.WaitGroup
	for _, s := range nodes {
		all.Go(func() {
			if err := s.rotate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, s := range nodes {
		if got := s.keys.Seal(nil, keyring.Bearer, "", nil); got[1] != before[1]+1 {
			t.Errorf("key %d seals, want %d", got[1], before[1]+1)
		}
		if _, err := s.keys.Unseal(clock(), keyring.Bearer, "", before); err != nil {
			t.Errorf("what was sealed before: %v", err)
		}
	}
}
