package dir

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"larder.example/larder/internal/blob"
)

// markFile tells one store from another.
const markFile = "store"

// abandoned is how long nothing has been put into a directory of files on
// their way whose process is taken for gone.
const abandoned = 24 * time.Hour

// OpenShared opens the store in root, which several processes may have open at
// once, on several machines if the filesystem is theirs too. The mark tells
// one store from another: it is random, made once and kept in the store. Close
// the store at the end.
func OpenShared(root string) (s *Store, mark string, err error) {
	s = &Store{root: root}
	s.temp = s.tempOfMine
	err = s.lay()
	if err == nil {
		s.mine, err = os.MkdirTemp(s.tmp(), "")
	}
	if err == nil {
		err = s.sweep()
	}
	if err == nil {
		mark, err = s.mark()
	}
	if err != nil {
		return nil, "", blob.Full(fmt.Errorf("open blob store: %w", err))
	}
	return s, mark, nil
}

// Close removes the directory of files on their way.
func (s *Store) Close() error { return os.RemoveAll(s.mine) }

// tempOfMine makes a file on its way, and anew the directory if another process
// took ours for gone.
func (s *Store) tempOfMine() (*os.File, error) {
	f, err := os.CreateTemp(s.mine, "")
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	if err := os.MkdirAll(s.mine, 0o700); err != nil {
		return nil, err
	}
	return os.CreateTemp(s.mine, "")
}

// sweep removes what processes that are gone left on its way. Ages are told by
// the filesystem's own clock: our directory was made just now.
func (s *Store) sweep() error {
	now, err := os.Stat(s.mine)
	if err != nil {
		return err
	}
	entries, err := os.ReadDir(s.tmp())
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(s.tmp(), e.Name())
		used, err := lastUsed(path)
		if err == nil && now.ModTime().Sub(used) > abandoned {
			err = os.RemoveAll(path)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// lastUsed returns when a file, or a directory or anything in it, changed last.
func lastUsed(path string) (last time.Time, err error) {
	err = filepath.WalkDir(path, func(_ string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
		return err
	})
	return last, err
}

// mark reads the mark, which the first process makes.
func (s *Store) mark() (string, error) {
	path := filepath.Join(s.root, markFile)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = s.makeMark(path); err == nil {
			b, err = os.ReadFile(path)
		}
	}
	mark := strings.TrimSpace(string(b))
	if err == nil && mark == "" {
		err = fmt.Errorf("%s is damaged: it is empty", path)
	}
	return mark, err
}

// makeMark writes the mark durably, unless another process was first.
func (s *Store) makeMark(path string) error {
	f, err := s.temp()
	if err != nil {
		return err
	}
	_, err = f.WriteString(rand.Text() + "\n")
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		if err = os.Link(f.Name(), path); errors.Is(err, fs.ErrExist) {
			err = nil
		}
	}
	err = errors.Join(err, os.Remove(f.Name()))
	if err == nil {
		err = syncDir(s.root)
	}
	return err
}
