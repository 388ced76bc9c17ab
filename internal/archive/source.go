package archive

import (
	"fmt"
	"io"
)

// source counts what is read from r and remembers why reading it failed, so
// that a failing disk is not taken for a damaged archive.
type source struct {
	r    io.Reader
	read int64
	err  error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.read += int64(n)
	if err != nil && !ended(err) {
		s.err = err
	}
	return n, err
}

// ended reports that a reader is at its end, and not that it failed.
func ended(err error) bool {
	return err == io.EOF //nolint:errorlint // wrapped, it is a broken connection's
}

// explain returns what an error that came out of decoding means.
func (s *source) explain(err error) error {
	switch {
	case err == nil, ended(err):
		return err
	case s.err != nil:
		return fmt.Errorf("read archive: %w", s.err)
	}
	return damaged(err)
}

// sourceAt is source for io.ReaderAt, without counting. One goroutine.
type sourceAt struct {
	r   io.ReaderAt
	err error
}

func (s *sourceAt) ReadAt(p []byte, off int64) (int, error) {
	n, err := s.r.ReadAt(p, off)
	if err != nil && !ended(err) {
		s.err = err
	}
	return n, err
}

// fill reads all of p, which the archive says is there.
func (s *sourceAt) fill(p []byte, off int64) error {
	n, err := s.ReadAt(p, off)
	switch {
	case n == len(p):
		return nil
	case ended(err):
		return io.ErrUnexpectedEOF
	}
	return err
}

func (s *sourceAt) explain(err error) error {
	return (&source{err: s.err}).explain(err)
}

// explained is a reader whose errors are explained.
type explained struct {
	r       io.Reader
	explain func(error) error
}

func (e explained) Read(p []byte) (int, error) {
	n, err := e.r.Read(p)
	return n, e.explain(err)
}
