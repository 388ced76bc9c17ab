package server

import (
	"sync"
	"time"

	"larder.example/larder/internal/audit"
)

// ledger takes down what package managers have read: their log lines and audit
// records are made many at a time, on one goroutine. Made within
// each request they would be a fifth of what a small answer costs, most of it
// for code and data that the processor has to fetch anew each time.
type ledger struct {
	write func(entry)
	wake  chan struct{}
	stop  chan struct{}
	done  chan struct{}

	mu      sync.Mutex // guards waiting
	waiting []entry
}

// entry is a request that was answered. Its event changes no more.
type entry struct {
	event        *audit.Event
	method, path string
	took         time.Duration
}

const (
	ledgerEvery  = 50 * time.Millisecond
	ledgerEnough = 256
	ledgerMost   = 1 << 15
)

func newLedger(write func(entry)) *ledger {
	l := &ledger{write: write, wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{})}
	go l.run()
	return l
}

// take takes an entry down soon. It reports false if too many wait: whoever
// brought it then writes it himself.
func (l *ledger) take(e entry) bool {
	l.mu.Lock()
	n := len(l.waiting)
	if n < ledgerMost {
		l.waiting = append(l.waiting, e)
	}
	l.mu.Unlock()
	if n == ledgerEnough {
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
	return n < ledgerMost
}

func (l *ledger) run() {
	defer close(l.done)
	tick := time.NewTicker(ledgerEvery)
	defer tick.Stop()
	var spare []entry
	for last := false; !last; {
		select {
		case <-l.wake:
		case <-tick.C:
		case <-l.stop:
			last = true
		}
		l.mu.Lock()
		batch := l.waiting
		l.waiting = spare[:0]
		l.mu.Unlock()
		for _, e := range batch {
			l.write(e)
		}
		clear(batch)
		spare = batch
	}
}

// Close writes what waits.
func (l *ledger) Close() error {
	close(l.stop)
	<-l.done
	return nil
}
