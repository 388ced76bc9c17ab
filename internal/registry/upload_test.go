package registry_test

import (
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"larder.example/larder"
	"larder.example/larder/internal/blob"
	"larder.example/larder/internal/format"
)

func TestAnAssetHasALargestSize(t *testing.T) {
	v := fresh(t)
	v.MaxAsset = 10
	u, err := v.Upload(v.ctx, strings.NewReader("0123456789"))
	v.must(err)
	u.Discard()
	_, err = v.Upload(v.ctx, strings.NewReader("0123456789x"))
	v.refused("eleven bytes", err, larder.TooLarge)
}

func TestUploadsEndBeforeTheDiskIsFull(t *testing.T) {
	v := fresh(t)
	free := int64(1<<30 - 1)
	v.Space = &blob.Watermark{Room: func() (int64, int64, error) { return free, 10 << 30, nil }, Now: v.clock.Now}
	read := false
	_, err := v.Upload(v.ctx, readerFunc(func([]byte) (int, error) { read = true; return 0, io.EOF }))
	v.refused("upload", err, larder.Unavailable)
	if code := larder.AsError(err).Code; code != larder.CodeStorageFull || read {
		v.Errorf("got the code %q and read %v, want %q and nothing read", code, read, larder.CodeStorageFull)
	}
	free = 2 << 30
	v.clock.advance(6e9)
	v.must(v.publish(v.version(once, "thing", "1"), "x"))
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestAnUploadThatBreaksOffLeavesNothing(t *testing.T) {
	v := fresh(t)
	broken := errors.New("broken")
	for _, n := range []int{0, 1000, 3 << 20} {
		_, err := v.Upload(v.ctx, io.MultiReader(strings.NewReader(strings.Repeat("x", n)), iotest.ErrReader(broken)))
		if !errors.Is(err, broken) {
			v.Errorf("after %d bytes: got %v, want %v", n, err, broken)
		}
	}
	left, err := os.ReadDir(v.blobDir + "/tmp")
	v.must(err)
	if len(left) > 0 {
		v.Errorf("left behind: %v", left)
	}
}

func TestAnUploadNeedsACaller(t *testing.T) {
	v := fresh(t)
	_, err := v.Upload(t.Context(), strings.NewReader("x"))
	v.refused("upload", err, larder.Unauthenticated)
}

func TestAnUploadIsReadBeforeItIsPublished(t *testing.T) {
	v := fresh(t)
	u := v.upload("bytes")
	text, err := io.ReadAll(io.NewSectionReader(u, 0, u.Size()))
	v.must(err)
	if got, want := string(text), "bytes"; got != want {
		v.Errorf("got %q, want %q", got, want)
	}
	if got, want := u.Sums().MD5, "4b3a6218bb3e3a7303e8a171a60fcf92"; got != want {
		v.Errorf("MD5: got %s, want %s", got, want)
	}
	if err := v.Publish(v.ctx, v.version("none", "thing", "1"), format.Publication{Assets: []format.NewAsset{{Name: theAsset, Upload: u}}}); err == nil {
		v.Error("a format that is not known was published to")
	}
}

// Whatever became of stored bytes, who fetches them is told, and who
// publishes them again heals every version that has them.
func TestLostBytesAreNoticedAndHealed(t *testing.T) {
	for claim, lose := range map[string]func(string) error{
		"gone":      os.Remove,
		"truncated": func(path string) error { return os.Truncate(path, 2) },
	} {
		t.Run(claim, func(t *testing.T) {
			onEngines(t, func(v *env) {
				v.published(once, "thing", "1")
				v.must(v.publish(v.version(once, "copy", "1"), "thing 1"))
				v.must(lose(v.onlyBlob()))
				if text, err := read(v.ctx, v.Registry, v.version(once, "thing", "1"), theAsset); err == nil || larder.NotFound.Is(err) {
					v.Errorf("got %q, %v, want a failure that is no absence", text, err)
				}
				v.until("the loss is noted", func() bool {
					a, ok, err := v.DB.Now().Asset(v.ctx, larder.AssetRef{Version: v.version(once, "thing", "1"), Name: theAsset})
					v.must(err)
					return ok && !a.Blob.Placed
				})
				v.must(v.publish(v.version(once, "thing", "1"), "thing 1"))
				v.holds(v.version(once, "thing", "1"), theAsset, "thing 1")
				v.holds(v.version(once, "copy", "1"), theAsset, "thing 1")
			})
		})
	}
}
