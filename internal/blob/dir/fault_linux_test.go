package dir

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/blob"
)

// The kernel's own devices stand in for a disk that fails: /dev/full refuses
// every write for want of space, /dev/null takes it and refuses to sync.

func TestFullDiskIsErrFullAndLeavesNothing(t *testing.T) {
	for _, test := range []struct {
		name string
		body []byte
	}{
		{"body in memory", make([]byte, 20_000)},
		{"body in a file", make([]byte, 2<<20)},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := broken(t, "/dev/full")
			err := put(t, s, test.body)
			var e *larder.Error
			if !errors.Is(err, blob.ErrFull) || !errors.As(err, &e) {
				t.Fatalf("put on a full disk: got %v, want ErrFull as a larder.Error", err)
			}
			if e.Kind != larder.Unavailable || e.Code != larder.CodeStorageFull {
				t.Errorf("got %v %s, want Unavailable %s", e.Kind, e.Code, larder.CodeStorageFull)
			}
			checkEmpty(t, s)
		})
	}
}

func TestFailedSyncDropsTheFile(t *testing.T) {
	for _, test := range []struct {
		name  string
		body  []byte
		again error // of a second Place of the same body, on a sound disk
	}{
		{"body in memory", make([]byte, 20_000), nil},
		{"body in a file", make([]byte, 2<<20), fs.ErrClosed},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := broken(t, "/dev/null")
			staged, err := s.Stage(t.Context(), bytes.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			defer staged.Discard()
			k := blob.Key{Digest: sha256.Sum256(test.body)}
			if err := s.Place(t.Context(), k, staged); err == nil {
				t.Fatal("Place succeeded without a sync")
			}
			checkEmpty(t, s)

			s.temp = func() (*os.File, error) { return os.CreateTemp(filepath.Join(s.root, "tmp"), "") }
			if err := s.Place(t.Context(), k, staged); !errors.Is(err, test.again) {
				t.Errorf("second Place: got %v, want %v", err, test.again)
			}
		})
	}
}

// broken returns a store whose temporary files are links to a device.
func broken(t *testing.T, device string) *Store {
	t.Helper()
	s, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	s.temp = func() (*os.File, error) {
		path := filepath.Join(s.root, "tmp", "device")
		if err := os.Symlink(device, path); err != nil {
			return nil, err
		}
		return os.OpenFile(path, os.O_RDWR, 0)
	}
	return s
}

func put(t *testing.T, s *Store, body []byte) error {
	t.Helper()
	staged, err := s.Stage(t.Context(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	defer staged.Discard()
	return s.Place(t.Context(), blob.Key{Digest: sha256.Sum256(body)}, staged)
}

func checkEmpty(t *testing.T, s *Store) {
	t.Helper()
	err := filepath.WalkDir(s.root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			t.Errorf("%s is left", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
