package blob

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
)

// Staged is a spooled body. It is safe for concurrent use; all but Size, Sums
// and Discard fail with fs.ErrClosed after Discard.
type Staged struct {
	size int64
	sums Sums

	mu        sync.RWMutex // guards the fields below
	discarded bool
	mem       []byte   // the bytes, if file is nil
	file      *os.File // stays open when its path has been given away
	path      string   // of file, while it is ours to rename or to remove
	synced    bool     // file is durable, but for its name
}

// Size returns the number of bytes.
func (s *Staged) Size() int64 { return s.size }

// Sums returns the digests of the bytes.
func (s *Staged) Sums() Sums { return s.sums }

// ReadAt implements io.ReaderAt.
func (s *Staged) ReadAt(p []byte, off int64) (int, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	switch {
	case s.discarded:
		return 0, s.closed("read")
	case s.file != nil:
		return s.file.ReadAt(p, off)
	case off < 0:
		return 0, fmt.Errorf("read staged bytes: offset %d is negative", off)
	case off >= int64(len(s.mem)):
		return 0, io.EOF
	}
	n := copy(p, s.mem[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// WriteTo implements io.WriterTo: it writes all the bytes.
func (s *Staged) WriteTo(w io.Writer) (int64, error) {
	s.mu.RLock()
	mem := s.mem
	s.mu.RUnlock()
	if mem == nil {
		return io.Copy(w, io.NewSectionReader(s, 0, s.size))
	}
	n, err := w.Write(mem)
	return int64(n), err
}

// Spill makes the bytes durable in the file that they are spooled to or, if
// they are in memory, in one that temp makes.
func (s *Staged) Spill(temp func() (*os.File, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.discarded {
		return s.closed("prepare")
	}
	if s.file == nil {
		f, err := temp()
		if err != nil {
			return Full(fmt.Errorf("prepare staged bytes: %w", err))
		}
		s.file, s.path = f, f.Name()
		if _, err := f.Write(s.mem); err != nil {
			s.discard()
			return Full(fmt.Errorf("prepare staged bytes: %w", err))
		}
	}
	return s.sync()
}

// sync makes file durable, if it is not. It may be tried once: the kernel
// says once that it could not write some pages, and forgets them, so that a
// second fsync would succeed without them.
func (s *Staged) sync() error {
	if s.synced {
		return nil
	}
	if err := s.file.Sync(); err != nil {
		s.discard()
		return Full(fmt.Errorf("sync staged bytes: %w", err))
	}
	s.synced = true
	return nil
}

// Rename makes the spooled file durable and moves it to path, for a store on
// a filesystem. It reports false, and has done nothing, if there is no such
// file because the bytes are in memory or were moved before: the store then
// copies them. The directory is the store's to sync.
func (s *Staged) Rename(path string) (moved bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.discarded {
		return false, s.closed("place")
	}
	if s.path == "" {
		return false, nil
	}
	if err := s.sync(); err != nil {
		return false, err
	}
	if err := os.Rename(s.path, path); err != nil {
		return false, Full(fmt.Errorf("place staged bytes: %w", err))
	}
	s.path = ""
	return true, nil
}

// Discard frees what s holds. Bytes that were placed stay in the store. More
// than once is fine.
func (s *Staged) Discard() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.discard()
}

// discard drops errors: nothing can be done about them, and a temporary file
// that stays goes when the store is opened again.
func (s *Staged) discard() {
	s.discarded = true
	s.mem = nil
	if s.path != "" {
		_ = os.Remove(s.path)
		s.path = ""
	}
	if s.file != nil {
		_ = s.file.Close()
		s.file = nil
	}
}

func (s *Staged) closed(doing string) error {
	return fmt.Errorf("%s staged bytes: they were discarded: %w", doing, fs.ErrClosed)
}
