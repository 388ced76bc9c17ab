package blob

import (
	"context"
	"errors"
	"io"
	"os"
	"sync"
)

// Tail is a body on its way into a store that others read while it comes:
// hand it to Stage in the place of its reader. Nobody gets the last of it
// before [Tail.End] says that it is what it should be.
type Tail struct {
	from io.Reader
	back int64 // how much is held back

	mu    sync.Mutex    // guards what follows
	more  chan struct{} // closed when something changes
	mem   []byte        // what has come, as long as it is in memory; never written to again
	file  *os.File
	came  int64
	ended bool
	err   error // why it ended
}

// NewTail returns a body that is read from r. Of what has come, readers get
// all but the last back bytes until it has ended.
func NewTail(r io.Reader, back int64) *Tail {
	return &Tail{from: r, back: back, more: make(chan struct{})}
}

// Read implements io.Reader, for Stage.
func (t *Tail) Read(p []byte) (int, error) { return t.from.Read(p) }

// inMemory tells readers what has come.
func (t *Tail) inMemory(b []byte) {
	t.change(func() { t.mem, t.came = b, int64(len(b)) })
}

// inFile tells readers that what has come is in a file.
func (t *Tail) inFile(f *os.File, came int64) {
	t.change(func() { t.mem, t.file, t.came = nil, f, came })
}

// End lets readers have the rest, or an error in its place. Staged bytes must
// stay until they have been read.
func (t *Tail) End(err error) {
	t.change(func() { t.ended, t.err = true, err })
}

func (t *Tail) change(what func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return
	}
	what()
	close(t.more)
	t.more = make(chan struct{})
}

// Reader returns a reader of the whole body, which waits for what has not
// come yet as long as ctx lasts.
func (t *Tail) Reader(ctx context.Context) io.Reader { return &tailReader{ctx: ctx, tail: t} }

type tailReader struct {
	ctx  context.Context // of the reads: an io.Reader is given none
	tail *Tail
	at   int64
}

func (r *tailReader) Read(p []byte) (int, error) {
	for {
		n, more, err := r.tail.readAt(p, r.at)
		if n > 0 || err != nil {
			r.at += int64(n)
			return n, err
		}
		select {
		case <-more:
		case <-r.ctx.Done():
			return 0, r.ctx.Err()
		}
	}
}

// readAt reads what may be read at an offset. If there is nothing yet, more
// is closed once that may have changed.
func (t *Tail) readAt(p []byte, off int64) (n int, more <-chan struct{}, err error) {
	t.mu.Lock()
	mem, file, end := t.mem, t.file, t.came
	if !t.ended {
		end -= t.back
	}
	ended, failed, more := t.ended, t.err, t.more
	t.mu.Unlock()
	switch left := end - off; {
	case failed != nil:
		return 0, nil, failed
	case left > 0 && mem != nil:
		return copy(p, mem[off:end]), nil, nil
	case left > 0:
		n, err := file.ReadAt(p[:min(int64(len(p)), left)], off)
		if n > 0 || errors.Is(err, io.EOF) {
			err = nil
		}
		return n, nil, err
	case ended:
		return 0, nil, io.EOF
	}
	return 0, more, nil
}
