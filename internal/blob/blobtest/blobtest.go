// Package blobtest is what any [blob.Store] must do, as a test suite. It
// knows nothing of how a store keeps bytes; what only one store can get wrong
// is tested beside that store.
package blobtest

import (
	"bytes"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/iotest"

	"larder.example/larder"
	"larder.example/larder/internal/blob"
)

// Run checks a kind of store. Every call of fresh makes an empty place and
// returns a function that opens the store there, as often as it is called.
func Run(t *testing.T, fresh func(*testing.T) (open func() blob.Store)) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, open func() blob.Store)
	}{
		{"placed bytes come back", placedBytesComeBack},
		{"placed bytes survive reopening", placedBytesSurviveReopening},
		{"staged bytes do not", stagedBytesDoNotSurvive},
		{"a key can be placed again", placeAgain},
		{"a staged body can be placed under several keys", placeUnderSeveralKeys},
		{"many place one key at once", placeAtOnce},
		{"many read a staged body at once", readStagedAtOnce},
		{"a key must name the bytes", placeUnderAnotherDigest},
		{"discarded bytes cannot be placed", placeAfterDiscard},
		{"prepared bytes can be read and placed, again too", placePrepared},
		{"absent bytes are fs.ErrNotExist", openAbsent},
		{"a size that differs is an error", openWithAnotherSize},
		{"deleted bytes are absent", deletedBytesAreAbsent},
		{"a delete spares other keys of the digest", deleteSparesOtherKeys},
		{"an open reader survives deletion", readerSurvivesDeletion},
		{"an error of the source leaves nothing", sourceError},
		{"a limit is kept to the byte", limit},
		{"cancellation stops staging and placing", cancellation},
		{"All lists what is placed", all},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel() // they wait for the disk most of the time
			test.run(t, fresh(t))
		})
	}
}

// sizes are those at which a store may change its mind about where to keep a
// body.
var sizes = []int{0, 1, 511, 32 << 10, 1<<20 - 1, 1 << 20, 1<<20 + 1, 3<<20 + 17}

func placedBytesComeBack(t *testing.T, open func() blob.Store) {
	s := open()
	for i, size := range sizes {
		body := noise(size)
		staged := stage(t, s, body)
		checkStaged(t, staged, body)
		k := key(body, int64(i+1))
		place(t, s, k, staged)
		checkStaged(t, staged, body)
		staged.Discard()
		checkStored(t, s, k, body)
	}
}

// placePrepared asks nothing of a store that is no [blob.Preparer].
func placePrepared(t *testing.T, open func() blob.Store) {
	s := open()
	p, ok := s.(blob.Preparer)
	if !ok {
		return
	}
	for i, size := range sizes {
		body := noise(size)
		staged := stage(t, s, body)
		for range 2 {
			if err := p.Prepare(t.Context(), staged); err != nil {
				t.Fatal(err)
			}
		}
		checkStaged(t, staged, body)
		for _, k := range []blob.Key{key(body, int64(2*i+1)), key(body, int64(2*i+2))} {
			place(t, s, k, staged)
			checkStaged(t, staged, body)
			checkStored(t, s, k, body)
		}
		staged.Discard()
		if err := p.Prepare(t.Context(), staged); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("preparing what was discarded: %v, want fs.ErrClosed", err)
		}
	}
}

func placedBytesSurviveReopening(t *testing.T, open func() blob.Store) {
	s := open()
	for _, size := range sizes {
		put(t, s, noise(size), 7)
	}
	s = open()
	for _, size := range sizes {
		checkStored(t, s, key(noise(size), 7), noise(size))
	}
}

func stagedBytesDoNotSurvive(t *testing.T, open func() blob.Store) {
	s := open()
	for _, size := range sizes {
		defer stage(t, s, noise(size)).Discard()
	}
	s = open()
	checkAll(t, s)
	for _, size := range sizes {
		checkAbsent(t, s, key(noise(size), 1), size)
	}
}

func placeAgain(t *testing.T, open func() blob.Store) {
	s := open()
	for _, size := range sizes {
		body := noise(size)
		for range 3 {
			put(t, s, body, 1)
			checkStored(t, s, key(body, 1), body)
		}
	}
}

func placeUnderSeveralKeys(t *testing.T, open func() blob.Store) {
	s := open()
	for _, size := range sizes {
		body := noise(size)
		staged := stage(t, s, body)
		for id := range int64(3) {
			place(t, s, key(body, id), staged)
		}
		staged.Discard()
		for id := range int64(3) {
			checkStored(t, s, key(body, id), body)
		}
	}
}

func placeAtOnce(t *testing.T, open func() blob.Store) {
	s := open()
	for _, size := range []int{20_000, 1<<20 + 1} {
		body := noise(size)
		k := key(body, 5)
		shared := stage(t, s, body)
		var all sync.WaitGroup
		for i := range 16 {
			all.Go(func() {
				staged := shared
				if i%4 != 0 {
					var err error
					staged, err = s.Stage(t.Context(), bytes.NewReader(body))
					if err != nil {
						t.Errorf("Stage: %v", err)
						return
					}
					defer staged.Discard()
				}
				if err := s.Place(t.Context(), k, staged); err != nil {
					t.Errorf("Place: %v", err)
				}
				if err := sameStored(t.Context(), s, k, body); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		shared.Discard()
		checkStored(t, s, k, body)
	}
}

func readStagedAtOnce(t *testing.T, open func() blob.Store) {
	s := open()
	for _, size := range []int{20_000, 1<<20 + 1} {
		body := noise(size)
		staged := stage(t, s, body)
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				if i == 4 {
					if err := s.Place(t.Context(), key(body, 1), staged); err != nil {
						t.Errorf("Place: %v", err)
					}
				}
				if err := sameBytes(io.NewSectionReader(staged, 0, staged.Size()), body); err != nil {
					t.Errorf("read staged bytes: %v", err)
				}
			})
		}
		all.Wait()
		staged.Discard()
	}
}

func placeUnderAnotherDigest(t *testing.T, open func() blob.Store) {
	s := open()
	for _, size := range sizes {
		staged := stage(t, s, noise(size))
		if err := s.Place(t.Context(), key([]byte("other"), 1), staged); err == nil {
			t.Errorf("Place of %d bytes under another digest succeeded", size)
		}
		staged.Discard()
	}
	checkAll(t, s)
}

func placeAfterDiscard(t *testing.T, open func() blob.Store) {
	s := open()
	for _, size := range sizes {
		body := noise(size)
		staged := stage(t, s, body)
		staged.Discard()
		staged.Discard()
		if err := s.Place(t.Context(), key(body, 1), staged); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("Place of %d discarded bytes: got %v, want fs.ErrClosed", size, err)
		}
		if _, err := staged.ReadAt(make([]byte, 1), 0); !errors.Is(err, fs.ErrClosed) {
			t.Errorf("ReadAt of %d discarded bytes: got %v, want fs.ErrClosed", size, err)
		}
		if got := staged.Size(); got != int64(size) {
			t.Errorf("Size after Discard = %d, want %d", got, size)
		}
	}
	checkAll(t, s)
}

func openAbsent(t *testing.T, open func() blob.Store) {
	s := open()
	checkAbsent(t, s, key(nil, 1), 0)
	put(t, s, []byte("bytes"), 1)
	checkAbsent(t, s, key([]byte("bytes"), 2), 5)
}

func openWithAnotherSize(t *testing.T, open func() blob.Store) {
	s := open()
	k := put(t, s, []byte("bytes"), 1)
	for _, size := range []int64{0, 4, 6} {
		r, err := s.Open(t.Context(), k, size)
		if err == nil { // a store that asks for nothing before the first Read says it there
			_, err = io.Copy(io.Discard, r)
			_ = r.Close()
		}
		if !errors.Is(err, blob.ErrDamaged) || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Open of 5 bytes as %d: got %v, want %v and not fs.ErrNotExist", size, err, blob.ErrDamaged)
		}
	}
}

func deletedBytesAreAbsent(t *testing.T, open func() blob.Store) {
	s := open()
	k := put(t, s, []byte("bytes"), 1)
	for range 2 {
		if err := s.Delete(t.Context(), k); err != nil {
			t.Fatalf("Delete: %v", err)
		}
		checkAbsent(t, s, k, 5)
		checkAll(t, s)
	}
	put(t, s, []byte("bytes"), 1)
	checkStored(t, s, k, []byte("bytes"))
}

func deleteSparesOtherKeys(t *testing.T, open func() blob.Store) {
	s := open()
	body := noise(2 << 20)
	old, live := put(t, s, body, 1), put(t, s, body, 2)
	if err := s.Delete(t.Context(), old); err != nil {
		t.Fatalf("Delete: %v", err)
	}
	checkStored(t, s, live, body)
	checkAll(t, s, live)
}

func readerSurvivesDeletion(t *testing.T, open func() blob.Store) {
	s := open()
	body := noise(2 << 20)
	k := put(t, s, body, 1)
	r, err := s.Open(t.Context(), k, int64(len(body)))
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	defer func() { _ = r.Close() }()
	half := make([]byte, 1<<20)
	if _, err := io.ReadFull(r, half); err != nil {
		t.Fatalf("read: %v", err)
	}
	if err := s.Delete(t.Context(), k); err != nil {
		t.Fatalf("Delete: %v", err)
	}
	if err := sameBytes(r, body[1<<20:]); err != nil {
		t.Errorf("read after Delete: %v", err)
	}
}

func sourceError(t *testing.T, open func() blob.Store) {
	s := open()
	broken := errors.New("connection reset")
	for _, size := range sizes {
		body := noise(size)
		r := io.MultiReader(bytes.NewReader(body), iotest.ErrReader(broken))
		if _, err := s.Stage(t.Context(), r); !errors.Is(err, broken) {
			t.Errorf("Stage of a source that breaks after %d bytes: got %v, want its error", size, err)
		}
		// The error may come along with the last bytes, and only once.
		if size > 0 {
			if _, err := s.Stage(t.Context(), &breaksOnce{body, broken}); !errors.Is(err, broken) {
				t.Errorf("Stage of a source that breaks with %d bytes: got %v, want its error", size, err)
			}
		}
	}
	wrapped := fmt.Errorf("connection: %w", io.EOF)
	if _, err := s.Stage(t.Context(), iotest.ErrReader(wrapped)); err == nil {
		t.Error("Stage of a source that breaks with a wrapped EOF succeeded")
	}
	if _, err := s.Stage(t.Context(), stuck{}); !errors.Is(err, io.ErrNoProgress) {
		t.Errorf("Stage of a source that yields nothing: got %v, want io.ErrNoProgress", err)
	}
	checkAll(t, s)
}

func limit(t *testing.T, open func() blob.Store) {
	s := open()
	for _, size := range sizes {
		body := noise(size)
		staged, err := s.Stage(t.Context(), blob.Limit(bytes.NewReader(body), int64(size)))
		if err != nil {
			t.Errorf("Stage of %d bytes with that limit: %v", size, err)
			continue
		}
		checkStaged(t, staged, body)
		staged.Discard()
		if size == 0 {
			continue
		}
		for _, r := range []io.Reader{bytes.NewReader(body), iotest.DataErrReader(bytes.NewReader(body))} {
			_, err = s.Stage(t.Context(), blob.Limit(r, int64(size-1)))
			if !larder.TooLarge.Is(err) {
				t.Errorf("Stage of %d bytes with a limit of one less: got %v, want TooLarge", size, err)
			}
		}
	}
	checkAll(t, s)
}

func cancellation(t *testing.T, open func() blob.Store) {
	s := open()
	for _, size := range sizes {
		ctx, cancel := context.WithCancel(t.Context())
		body := noise(size)
		r := io.MultiReader(bytes.NewReader(body), cancels{cancel})
		if _, err := s.Stage(ctx, r); !errors.Is(err, context.Canceled) {
			t.Errorf("Stage cancelled after %d bytes: got %v, want context.Canceled", size, err)
		}
		staged := stage(t, s, body)
		if err := s.Place(ctx, key(body, 1), staged); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled Place of %d bytes: got %v, want context.Canceled", size, err)
		}
		place(t, s, key(body, 2), staged)
		staged.Discard()
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var last error
	for _, err := range s.All(ctx) {
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("cancelled All: got %v, want context.Canceled", last)
	}
}

func all(t *testing.T, open func() blob.Store) {
	s := open()
	checkAll(t, s)
	var want []blob.Key
	for i := range 40 {
		want = append(want, put(t, s, fmt.Append(nil, i%30), int64(i)))
	}
	defer stage(t, s, noise(2<<20)).Discard()
	checkAll(t, s, want...)
	n := 0
	for _, err := range s.All(t.Context()) {
		if n++; n == 3 || err != nil {
			break
		}
	}
	if n != 3 {
		t.Errorf("All yielded %d keys to a caller that stopped at the third", n)
	}
}

// noise returns bytes that do not compress and depend on size only.
func noise(size int) []byte {
	body := make([]byte, size)
	// ChaCha8.Read returns no error.
	_, _ = rand.NewChaCha8([32]byte{byte(size), byte(size >> 8), byte(size >> 16)}).Read(body)
	return body
}

func key(body []byte, id int64) blob.Key {
	return blob.Key{Digest: sha256.Sum256(body), ID: id}
}

func stage(t *testing.T, s blob.Store, body []byte) *blob.Staged {
	t.Helper()
	staged, err := s.Stage(t.Context(), bytes.NewReader(body))
	if err != nil {
		t.Fatalf("Stage of %d bytes: %v", len(body), err)
	}
	return staged
}

func place(t *testing.T, s blob.Store, k blob.Key, staged *blob.Staged) {
	t.Helper()
	if err := s.Place(t.Context(), k, staged); err != nil {
		t.Fatalf("Place of %d bytes: %v", staged.Size(), err)
	}
}

func put(t *testing.T, s blob.Store, body []byte, id int64) blob.Key {
	t.Helper()
	staged := stage(t, s, body)
	defer staged.Discard()
	k := key(body, id)
	place(t, s, k, staged)
	return k
}

func checkStaged(t *testing.T, staged *blob.Staged, body []byte) {
	t.Helper()
	if got, want := staged.Size(), int64(len(body)); got != want {
		t.Errorf("Size = %d, want %d", got, want)
	}
	want := blob.Sums{
		MD5:    md5.Sum(body),
		SHA1:   sha1.Sum(body),
		SHA256: sha256.Sum256(body),
		SHA512: sha512.Sum512(body),
	}
	if got := staged.Sums(); got != want {
		t.Errorf("Sums of %d bytes = %x, want %x", len(body), got, want)
	}
	section := io.NewSectionReader(staged, 0, staged.Size())
	if err := sameBytes(section, body); err != nil {
		t.Errorf("staged %d bytes: %v", len(body), err)
	}
	if len(body) < 1<<10 { // it reads every byte by itself, from every offset
		section = io.NewSectionReader(staged, 0, staged.Size())
		if err := iotest.TestReader(section, body); err != nil {
			t.Errorf("staged %d bytes: %v", len(body), err)
		}
	}
	// Past the end, which a SectionReader never asks for.
	p := make([]byte, 2)
	if n, err := staged.ReadAt(p, int64(len(body))); n != 0 || !errors.Is(err, io.EOF) {
		t.Errorf("ReadAt the end of %d bytes = %d, %v, want 0, EOF", len(body), n, err)
	}
	if _, err := staged.ReadAt(p, -1); err == nil {
		t.Errorf("ReadAt -1 of %d bytes succeeded", len(body))
	}
}

func checkStored(t *testing.T, s blob.Store, k blob.Key, body []byte) {
	t.Helper()
	if err := sameStored(t.Context(), s, k, body); err != nil {
		t.Error(err)
	}
	r, err := s.Open(t.Context(), k, int64(len(body)))
	if err != nil {
		t.Errorf("Open: %v", err)
		return
	}
	defer func() { _ = r.Close() }()
	// http.ServeContent seeks to the end for the size, and then to the range.
	if n, err := r.Seek(0, io.SeekEnd); n != int64(len(body)) || err != nil {
		t.Errorf("Seek to the end = %d, %v, want %d", n, err, len(body))
	}
	from := len(body) / 3
	if _, err := r.Seek(int64(from), io.SeekStart); err != nil {
		t.Errorf("Seek: %v", err)
	}
	if err := sameBytes(r, body[from:]); err != nil {
		t.Errorf("read from %d of %d: %v", from, len(body), err)
	}
}

func sameStored(ctx context.Context, s blob.Store, k blob.Key, body []byte) error {
	r, err := s.Open(ctx, k, int64(len(body)))
	if err != nil {
		return fmt.Errorf("open %d bytes: %w", len(body), err)
	}
	defer func() { _ = r.Close() }()
	if err := sameBytes(r, body); err != nil {
		return fmt.Errorf("read %d stored bytes: %w", len(body), err)
	}
	return nil
}

func sameBytes(r io.Reader, want []byte) error {
	got, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if !bytes.Equal(got, want) {
		return fmt.Errorf("%d bytes differ from the %d wanted", len(got), len(want))
	}
	return nil
}

func checkAbsent(t *testing.T, s blob.Store, k blob.Key, size int) {
	t.Helper()
	r, err := s.Open(t.Context(), k, int64(size))
	if err == nil {
		_, err = io.Copy(io.Discard, r)
		_ = r.Close()
	}
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open of an absent key: got %v, want fs.ErrNotExist", err)
	}
}

func checkAll(t *testing.T, s blob.Store, want ...blob.Key) {
	t.Helper()
	missing := make(map[blob.Key]bool)
	for _, k := range want {
		missing[k] = true
	}
	for k, err := range s.All(t.Context()) {
		if err != nil {
			t.Fatalf("All: %v", err)
		}
		if !missing[k] {
			t.Errorf("All yielded %s, which is not there or came twice", k)
		}
		delete(missing, k)
	}
	for k := range missing {
		t.Errorf("All did not yield %s", k)
	}
}

// breaksOnce yields body, the last of it along with err, and then nothing
// more than EOF.
type breaksOnce struct {
	body []byte
	err  error
}

func (b *breaksOnce) Read(p []byte) (int, error) {
	if len(b.body) == 0 {
		return 0, io.EOF
	}
	n := copy(p, b.body)
	b.body = b.body[n:]
	if len(b.body) == 0 {
		return n, b.err
	}
	return n, nil
}

// stuck yields nothing, for ever.
type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

// cancels goes on for ever, and cancels with its first byte.
type cancels struct{ cancel func() }

func (c cancels) Read(p []byte) (int, error) {
	c.cancel()
	return copy(p, "x"), nil
}
