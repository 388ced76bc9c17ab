package dir_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/blob"
	"larder.example/larder/internal/blob/blobtest"
	"larder.example/larder/internal/blob/dir"
)

func TestASharedStoreIsAStore(t *testing.T) {
	blobtest.Run(t, func(t *testing.T) func() blob.Store {
		root := filepath.Join(t.TempDir(), "blobs")
		return func() blob.Store {
			s, _ := openShared(t, root)
			return s
		}
	})
}

func openShared(t *testing.T, root string) (*dir.Store, string) {
	t.Helper()
	s, mark, err := dir.OpenShared(root, "ours")
	if err != nil {
		t.Fatal(err)
	}
	return s, mark
}

func TestProcessesShareAStore(t *testing.T) {
	root := t.TempDir()
	a, mark := openShared(t, root)
	onItsWay, err := a.Stage(t.Context(), strings.NewReader(strings.Repeat("large ", 1<<20)))
	if err != nil {
		t.Fatal(err)
	}
	b, same := openShared(t, root)
	if other := t.TempDir(); mark == "" || mark != same {
		t.Errorf("got the marks %q and %q of one store", mark, same)
	} else if _, different := openShared(t, other); different == mark {
		t.Errorf("two stores have the mark %q", mark)
	}
	k := blob.Key{Digest: onItsWay.Sums().SHA256, ID: 1}
	if err := a.Place(t.Context(), k, onItsWay); err != nil {
		t.Fatal("another process took what is on its way: ", err)
	}
	f, err := b.Open(t.Context(), k, onItsWay.Size())
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	onItsWay.Discard()
	for _, s := range []*dir.Store{a, b} {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if left := names(t, filepath.Join(root, "tmp")); len(left) != 0 {
		t.Errorf("closed stores leave %v", left)
	}
}

func TestWhatAProcessLeftIsSweptAfterADay(t *testing.T) {
	root := t.TempDir()
	openShared(t, root) // and never closed
	left := names(t, filepath.Join(root, "tmp"))
	s, _ := openShared(t, root)
	sweep := func() {
		t.Helper()
		if err := s.Sweep(); err != nil {
			t.Fatal(err)
		}
	}
	if len(left) != 1 {
		t.Fatalf("got %v", left)
	}
	old := time.Now().Add(-25 * time.Hour)
	gone := filepath.Join(root, "tmp", left[0])
	file := filepath.Join(gone, "1234")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(gone, old, old); err != nil {
		t.Fatal(err)
	}
	sweep()
	if _, err := os.Stat(file); err != nil {
		t.Errorf("a file of today is swept: %v", err)
	}
	if err := os.Chtimes(file, old, old); err != nil {
		t.Fatal(err)
	}
	sweep()
	if _, err := os.Stat(gone); !os.IsNotExist(err) {
		t.Errorf("what was left a day ago is there: %v", err)
	}
}

func TestAStoreIsOfOneRegistry(t *testing.T) {
	root := t.TempDir()
	openShared(t, root)
	if _, _, err := dir.OpenShared(root, "theirs"); err == nil || !strings.Contains(err.Error(), root+" has the bytes of another registry") {
		t.Errorf("another registry: got %v", err)
	}
	path := filepath.Join(root, "store")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := dir.OpenShared(root, "ours"); err == nil || !strings.Contains(err.Error(), path+" is damaged") {
		t.Errorf("damaged: got %v", err)
	}
}

func TestAStoreThatWasTakenForGoneGoesOn(t *testing.T) {
	root := t.TempDir()
	s, _ := openShared(t, root)
	if err := os.RemoveAll(filepath.Join(root, "tmp")); err != nil {
		t.Fatal(err)
	}
	b, err := s.Stage(t.Context(), strings.NewReader("bytes"))
	if err != nil {
		t.Fatal(err)
	}
	defer b.Discard()
	if err := s.Place(t.Context(), blob.Key{Digest: b.Sums().SHA256, ID: 1}, b); err != nil {
		t.Error(err)
	}
}
