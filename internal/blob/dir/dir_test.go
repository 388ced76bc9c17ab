package dir_test

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"larder.example/larder/internal/blob"
	"larder.example/larder/internal/blob/blobtest"
	"larder.example/larder/internal/blob/dir"
)

func TestStore(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) func() blob.Store {
		root := filepath.Join(t.TempDir(), "blobs")
		return func() blob.Store { return open(t, root) }
	})
}

func TestOpenRemovesWhatACrashLeft(t *testing.T) {
	root := t.TempDir()
	open(t, root)
	left := filepath.Join(root, "tmp", "1234")
	if err := os.WriteFile(left, []byte("half a bo"), 0o600); err != nil {
		t.Fatal(err)
	}
	open(t, root)
	if got := names(t, filepath.Join(root, "tmp")); len(got) != 0 {
		t.Errorf("tmp holds %v after opening", got)
	}
}

func TestPlaceMendsDamagedBytes(t *testing.T) {
	root := t.TempDir()
	s := open(t, root)
	body := bytes.Repeat([]byte("x"), 2<<20)
	k := blob.Key{Digest: sha256.Sum256(body), ID: 3}
	path := filepath.Join(root, k.String()[:2], k.String())
	if err := os.WriteFile(path, body[:100], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(t.Context(), k, int64(len(body))); err == nil {
		t.Error("a truncated blob opened")
	}
	put(t, s, k, body)
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, body) {
		t.Errorf("after Place the file has %d bytes (%v), want %d", len(got), err, len(body))
	}
}

func TestAllLeavesOutWhatIsNotTheStores(t *testing.T) {
	root := t.TempDir()
	s := open(t, root)
	k := blob.Key{Digest: sha256.Sum256(nil)}
	for _, stray := range []string{
		"ab/README",
		"ab/" + k.String(), // in the wrong directory
		"e3/" + strings.ToUpper(k.String()),
		"e3/" + k.String() + "7x",
	} {
		if err := os.WriteFile(filepath.Join(root, stray), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for k, err := range s.All(t.Context()) {
		t.Errorf("All yielded %s, %v", k, err)
	}
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	root := filepath.Join(t.TempDir(), "blobs")
	s := open(t, root)
	for _, body := range [][]byte{[]byte("small"), bytes.Repeat([]byte("large"), 1<<20)} {
		k := blob.Key{Digest: sha256.Sum256(body)}
		put(t, s, k, body)
		for path, want := range map[string]os.FileMode{
			root:                                0o700,
			filepath.Join(root, k.String()[:2]): 0o700,
			filepath.Join(root, k.String()[:2], k.String()): 0o600,
		} {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if got := info.Mode().Perm(); got != want {
				t.Errorf("mode of %s is %o, want %o", path, got, want)
			}
		}
	}
}

func TestRoomIsMeasured(t *testing.T) {
	free, total, err := open(t, t.TempDir()).Room()
	if err != nil || free < 0 || total <= 0 || free > total {
		t.Errorf("Room = %d of %d, %v", free, total, err)
	}
}

func open(t testing.TB, root string) *dir.Store {
	t.Helper()
	s, err := dir.Open(root)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(t testing.TB, s *dir.Store, k blob.Key, body []byte) {
	t.Helper()
	staged, err := s.Stage(t.Context(), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer staged.Discard()
	if err := s.Place(t.Context(), k, staged); err != nil {
		t.Fatal(err)
	}
}

func names(t *testing.T, path string) []string {
	t.Helper()
	entries, err := os.ReadDir(path)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}
