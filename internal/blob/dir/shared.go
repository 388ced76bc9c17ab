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

// markFile says whose store it is and which.
const markFile = "store"

// abandoned is how long nothing has been put into a directory of files on
// their way whose process is taken for gone.
const abandoned = 24 * time.Hour

// OpenShared opens the store in root, which several processes may have open at
// once, on several machines if the filesystem is theirs too. All of them serve
// the registry that is named, with one word: in a store of two registries the
// rows of one would name, and delete, the bytes of the other. The mark tells
// one store of a registry from another: it is made once and kept in the store.
// Close the store at the end.
func OpenShared(root, registry string) (s *Store, mark string, err error) {
	s = &Store{root: root}
	s.temp = s.tempOfMine
	err = s.lay()
	if err == nil {
		s.mine, err = os.MkdirTemp(s.tmp(), "")
	}
	if err == nil {
		err = s.Sweep()
	}
	if err == nil {
		mark, err = s.mark(registry)
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

// Sweep removes what processes that are gone left on its way in a shared
// store.
func (s *Store) Sweep() error {
	if s.mine == "" {
		return nil
	}
	now, err := s.clock()
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
		if err == nil && now.Sub(used) > abandoned {
			err = os.RemoveAll(path)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// clock returns the time by the filesystem's own clock, which ages are told
// by.
func (s *Store) clock() (time.Time, error) {
	f, err := s.temp()
	if err != nil {
		return time.Time{}, err
	}
	info, err := f.Stat()
	err = errors.Join(err, f.Close(), os.Remove(f.Name()))
	if err != nil {
		return time.Time{}, err
	}
	return info.ModTime(), nil
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

// mark reads the mark, which the first process makes: the registry's name and
// a random word.
func (s *Store) mark(registry string) (string, error) {
	path := filepath.Join(s.root, markFile)
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = s.makeMark(path, registry); err == nil {
			b, err = os.ReadFile(path)
		}
	}
	if err != nil {
		return "", err
	}
	mark := strings.TrimSpace(string(b))
	switch whose, _, ok := strings.Cut(mark, " "); {
	case !ok:
		return "", fmt.Errorf("%s is damaged", path)
	case whose != registry:
		return "", fmt.Errorf("%s has the bytes of another registry", s.root)
	}
	return mark, nil
}

// makeMark writes the mark durably, unless another process was first.
func (s *Store) makeMark(path, registry string) error {
	f, err := s.temp()
	if err != nil {
		return err
	}
	_, err = f.WriteString(registry + " " + rand.Text() + "\n")
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
