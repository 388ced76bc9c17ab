package dir

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"larder.example/larder/internal/blob"
)

// Store is a [blob.Store] in a directory.
type Store struct {
	root string
	mine string // the directory of files on their way, if others have theirs

	// temp makes a file in tmp. Tests put devices in its place that are full
	// or cannot sync.
	temp func() (*os.File, error)
}

var (
	_ blob.Store    = (*Store)(nil)
	_ blob.Preparer = (*Store)(nil)
)

// Open opens the store in root, which it makes if need be, and removes what
// an earlier process left unfinished.
func Open(root string) (*Store, error) {
	s := &Store{root: root}
	tmp := s.tmp()
	s.temp = func() (*os.File, error) { return os.CreateTemp(tmp, "") }
	err := os.RemoveAll(tmp)
	if err == nil {
		err = s.lay()
	}
	if err != nil {
		return nil, blob.Full(fmt.Errorf("open blob store: %w", err))
	}
	return s, nil
}

// tmp is where bodies are on their way.
func (s *Store) tmp() string { return filepath.Join(s.root, "tmp") }

// lay makes the directories once, so that no Place has to make and sync one.
func (s *Store) lay() error {
	if err := os.MkdirAll(s.tmp(), 0o700); err != nil {
		return err
	}
	for i := range 256 {
		err := os.Mkdir(filepath.Join(s.root, shard(byte(i))), 0o700)
		if err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
	}
	if err := syncDir(s.root); err != nil {
		return err
	}
	return syncDir(filepath.Dir(s.root))
}

// Stage implements [blob.Store].
func (s *Store) Stage(ctx context.Context, r io.Reader) (*blob.Staged, error) {
	return blob.Spool(ctx, r, s.temp)
}

// Prepare implements [blob.Preparer].
func (s *Store) Prepare(ctx context.Context, b *blob.Staged) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return b.Spill(s.temp)
}

// Place implements [blob.Store].
func (s *Store) Place(ctx context.Context, k blob.Key, b *blob.Staged) error {
	if err := s.place(ctx, k, b); err != nil {
		return blob.Full(fmt.Errorf("place blob %s: %w", k, err))
	}
	return nil
}

func (s *Store) place(ctx context.Context, k blob.Key, b *blob.Staged) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if d := b.Sums().SHA256; d != k.Digest {
		return fmt.Errorf("the bytes are those of %s", d)
	}
	path := s.path(k)
	moved, err := b.Rename(path)
	if err != nil {
		return err
	}
	if !moved {
		if err := s.copy(path, b); err != nil {
			return err
		}
	}
	return syncDir(filepath.Dir(path))
}

// copy writes b to path, by way of a temporary file.
func (s *Store) copy(path string, b *blob.Staged) error {
	f, err := s.temp()
	if err != nil {
		return err
	}
	_, err = b.WriteTo(f)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// Open implements [blob.Store]. The result is an *os.File.
func (s *Store) Open(_ context.Context, k blob.Key, size int64) (io.ReadSeekCloser, error) {
	f, err := os.Open(s.path(k))
	if err != nil {
		return nil, fmt.Errorf("open blob: %w", err)
	}
	info, err := f.Stat()
	if err == nil && info.Size() != size {
		err = fmt.Errorf("%w: there are %d of them, not %d", blob.ErrDamaged, info.Size(), size)
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("open blob %s: %w", k, err)
	}
	return f, nil
}

// Delete implements [blob.Store]. It is durable, even where an earlier one was
// not: whoever remembers that the bytes must go forgets it next, and a file
// that came back would stay for ever.
func (s *Store) Delete(_ context.Context, k blob.Key) error {
	path := s.path(k)
	err := os.Remove(path)
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = syncDir(filepath.Dir(path))
	}
	if err != nil {
		return fmt.Errorf("delete blob: %w", err)
	}
	return nil
}

// Room returns the bytes that are free to this process, of how many, on the
// filesystem of the store. It is what a [blob.Watermark] measures.
func (s *Store) Room() (free, total int64, err error) {
	var st syscall.Statfs_t
	if err := syscall.Statfs(s.root, &st); err != nil {
		return 0, 0, fmt.Errorf("statfs %s: %w", s.root, err)
	}
	block := int64(st.Bsize) //nolint:unconvert // on macOS it is a uint32
	return int64(st.Bavail) * block, int64(st.Blocks) * block, nil
}

func (s *Store) path(k blob.Key) string {
	return filepath.Join(s.root, shard(k.Digest[0]), k.String())
}

// shard is one level of 256 directories: each deeper one would have to be
// made and synced by some Place, and 40,000 files in a directory are fine.
func shard(b byte) string {
	const hex = "0123456789abcdef"
	return string([]byte{hex[b>>4], hex[b&15]})
}

// syncDir makes the names in a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if e := d.Close(); err == nil {
		err = e
	}
	return err
}
