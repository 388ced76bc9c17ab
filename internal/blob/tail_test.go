package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"testing"

	"larder.example/larder/internal/blob"
)

// A body is read while it comes by several, from memory and then from its
// file, and nobody gets its end before it is found to be right.
func TestATailIsReadWhileItComes(t *testing.T) {
	const back = 1000
	for _, size := range []int{0, 10, back, 500_000, 1 << 20, 3 << 20} {
		want := make([]byte, size)
		rng := rand.New(rand.NewPCG(1, uint64(size)))
		for i := range want {
			want[i] = byte(rng.Uint32())
		}
		from, to := io.Pipe()
		tail := blob.NewTail(from, back)
		var wg sync.WaitGroup
		for range 3 {
			early := make([]byte, max(size-back, 0))
			reader := tail.Reader(t.Context())
			wg.Go(func() {
				if _, err := io.ReadFull(reader, early); err != nil {
					t.Error(err)
				}
				rest, err := io.ReadAll(reader)
				if err != nil || !bytes.Equal(append(early, rest...), want) {
					t.Errorf("%d bytes: got %d, %v, or others", size, len(early)+len(rest), err)
				}
			})
		}
		wg.Go(func() {
			if _, err := to.Write(want); err != nil {
				t.Error(err)
			}
			to.Close()
		})
		staged, err := blob.Spool(t.Context(), tail, func() (*os.File, error) { return os.CreateTemp(t.TempDir(), "") })
		if err != nil {
			t.Fatal(err)
		}
		held, cancel := context.WithCancel(t.Context())
		all := make(chan int)
		go func() {
			got, _ := io.ReadAll(tail.Reader(held))
			all <- len(got)
		}()
		cancel()
		if got := <-all; got > max(size-back, 0) {
			t.Errorf("%d bytes: %d were given before the end, want all but %d at most", size, got, back)
		}
		tail.End(nil)
		wg.Wait()
		staged.Discard()
	}
}

func TestATailThatIsWrongNeverEnds(t *testing.T) {
	wrong := errors.New("wrong")
	tail := blob.NewTail(bytes.NewReader(make([]byte, 100)), 64)
	staged, err := blob.Spool(t.Context(), tail, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer staged.Discard()
	tail.End(wrong)
	tail.End(nil) // too late
	if got, err := io.ReadAll(tail.Reader(t.Context())); !errors.Is(err, wrong) || len(got) > 36 {
		t.Errorf("got %d bytes, %v, want at most 36 and %v", len(got), err, wrong)
	}
}
