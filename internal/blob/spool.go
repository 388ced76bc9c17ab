package blob

import (
	"context"
	"fmt"
	"io"
	"os"
)

const (
	// inMemory is how large a body may be that is kept in memory. Placing it
	// costs the same either way; a body that is refused, or that turns out to
	// be stored already, costs 0.07 ms at 10 KB in memory and 0.6 in a file.
	inMemory = 1 << 20

	// firstRead fits most tarballs; the buffer doubles from there.
	firstRead = 32 << 10

	// chunk is small enough to stay in the processor's cache while four
	// digests pass over it.
	chunk = 64 << 10
)

// Spool stages what r yields: in memory up to 1 MiB, and beyond that in the
// file that temp makes, which is removed unless the Staged is renamed. It
// stops when ctx ends, though it cannot interrupt a Read. The readers of a
// [Tail] follow it.
func Spool(ctx context.Context, r io.Reader, temp func() (*os.File, error)) (*Staged, error) {
	src := source{r: r, sum: newSummer()}
	tail, _ := r.(*Tail)
	buf := make([]byte, 0, firstRead)
	for len(buf) <= inMemory {
		if len(buf) == cap(buf) {
			buf = grow(buf)
		}
		n, err := src.read(ctx, buf[len(buf):cap(buf)])
		if err != nil {
			return nil, err
		}
		if n == 0 {
			return &Staged{size: src.size, sums: src.sum.sums(), mem: buf}, nil
		}
		buf = buf[:len(buf)+n]
		if tail != nil {
			tail.inMemory(buf)
		}
	}

	f, err := temp()
	if err != nil {
		return nil, Full(fmt.Errorf("stage: %w", err))
	}
	if err := src.drain(ctx, f, buf, tail); err != nil {
		_ = f.Close()
		_ = os.Remove(f.Name())
		return nil, err
	}
	return &Staged{size: src.size, sums: src.sum.sums(), file: f, path: f.Name()}, nil
}

// grow doubles b, to one byte more than what may stay in memory at most: that
// byte tells whether the body ends there.
func grow(b []byte) []byte {
	n := 2 * cap(b)
	if n >= inMemory {
		n = inMemory + 1
	}
	bigger := make([]byte, len(b), n)
	copy(bigger, b)
	return bigger
}

// source reads r and sums what came.
type source struct {
	r    io.Reader
	err  error // came along with bytes; due at the next read
	sum  *summer
	size int64
}

// read fills some of p. That it reads nothing is the end.
func (s *source) read(ctx context.Context, p []byte) (int, error) {
	if len(p) > chunk {
		p = p[:chunk]
	}
	n := 0
	for tries := 0; n == 0 && s.err == nil; tries++ {
		if err := ctx.Err(); err != nil {
			return 0, fmt.Errorf("stage: %w", err)
		}
		if tries == 100 {
			s.err = io.ErrNoProgress
			break
		}
		n, s.err = s.r.Read(p)
	}
	switch {
	case n > 0:
		s.sum.add(p[:n])
		s.size += int64(n)
		return n, nil
	case s.err == io.EOF: //nolint:errorlint // wrapped, it is a broken connection's and not the end
		return 0, nil
	default:
		return 0, fmt.Errorf("read what is to be stored: %w", s.err)
	}
}

// drain writes to f what was read into buf, and then all that is left.
func (s *source) drain(ctx context.Context, f *os.File, buf []byte, tail *Tail) error {
	room := buf[:cap(buf)]
	if tail != nil {
		room = make([]byte, chunk) // readers may still be at buf
	}
	for {
		if _, err := f.Write(buf); err != nil {
			return Full(fmt.Errorf("stage: %w", err))
		}
		if tail != nil {
			tail.inFile(f, s.size)
		}
		n, err := s.read(ctx, room)
		if err != nil || n == 0 {
			return err
		}
		buf = room[:n]
	}
}
