package server

import (
	"io"
	"sync"
	"time"
)

// buffer gathers log lines, so that a busy server does not make a system
// call for each. Records of audit are not written through it.
type buffer struct {
	w    io.Writer
	stop chan struct{}
	done chan struct{}

	mu    sync.Mutex // guards lines
	lines []byte
}

const (
	bufferFull  = 32 << 10
	bufferDelay = 200 * time.Millisecond
)

func newBuffer(w io.Writer) *buffer {
	b := &buffer{w: w, stop: make(chan struct{}), done: make(chan struct{})}
	go b.run()
	return b
}

// Write implements io.Writer. It never fails: a log that cannot be written
// is no reason not to serve.
func (b *buffer) Write(line []byte) (int, error) {
	b.add(func(lines []byte) []byte { return append(lines, line...) })
	return len(line), nil
}

// add gathers what more appends.
func (b *buffer) add(more func([]byte) []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = more(b.lines)
	if len(b.lines) >= bufferFull {
		b.flush()
	}
}

func (b *buffer) run() {
	defer close(b.done)
	tick := time.NewTicker(bufferDelay)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-b.stop:
		}
		b.mu.Lock()
		b.flush()
		b.mu.Unlock()
		select {
		case <-b.stop:
			return
		default:
		}
	}
}

// flush writes what has gathered, with b.mu held.
func (b *buffer) flush() {
	if len(b.lines) > 0 {
		b.w.Write(b.lines) //nolint:errcheck // see Write
		b.lines = b.lines[:0]
	}
}

// close writes what has gathered and stops.
func (b *buffer) close() {
	close(b.stop)
	<-b.done
}
