package blob_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/blob"
)

func TestKeysAreReadAsTheyAreWritten(t *testing.T) {
	for _, id := range []int64{0, 1, 1 << 40, math.MaxInt64, -1} {
		want := blob.Key{Digest: sha256.Sum256(nil), ID: id}
		if got, ok := blob.ParseKey(want.String()); got != want || !ok {
			t.Errorf("ParseKey(%q) = %v, %v", want, got, ok)
		}
	}
}

func TestOnlyOneSpellingOfAKeyIsRead(t *testing.T) {
	digest := blob.Digest(sha256.Sum256(nil)).String()
	for _, s := range []string{
		"", ".", digest, digest + ".", "." + digest, digest + ".x", digest + ".01", digest + ".+1",
		digest + ".1.2", digest + ".1 ", digest + ".99999999999999999999",
		strings.ToUpper(digest) + ".1", digest[1:] + ".1", "0" + digest + ".1", "zz" + digest[2:] + ".1",
	} {
		if k, ok := blob.ParseKey(s); ok {
			t.Errorf("ParseKey(%q) = %v, want false", s, k)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	f.Add(blob.Key{Digest: sha256.Sum256(nil), ID: 7}.String())
	f.Add(strings.Repeat("0", 64) + ".-0")
	f.Fuzz(func(t *testing.T, s string) {
		if k, ok := blob.ParseKey(s); ok && k.String() != s {
			t.Errorf("ParseKey(%q) = %v", s, k)
		}
	})
}

func TestAFullDiskIsToldFromOtherErrors(t *testing.T) {
	for _, test := range []struct {
		err  error
		full bool
	}{
		{&fs.PathError{Op: "write", Path: "f", Err: syscall.ENOSPC}, true},
		{fmt.Errorf("put: %w", os.NewSyscallError("fsync", syscall.EDQUOT)), true},
		{syscall.EIO, false},
		{fs.ErrNotExist, false},
		{nil, false},
	} {
		got := blob.Full(test.err)
		if errors.Is(got, blob.ErrFull) != test.full || !errors.Is(got, test.err) {
			t.Errorf("Full(%v) = %v, want ErrFull: %v", test.err, got, test.full)
		}
		if larder.Unavailable.Is(got) != test.full {
			t.Errorf("Full(%v) is Unavailable: %v, want %v", test.err, !test.full, test.full)
		}
	}
}

func TestWatermark(t *testing.T) {
	const GiB = 1 << 30
	for _, test := range []struct {
		name        string
		free, total int64
		full        bool
	}{
		{"small disk, 1 GiB free", GiB, 10 * GiB, false},
		{"small disk, less", GiB - 1, 10 * GiB, true},
		{"large disk, 5 % free", 5 * GiB, 100 * GiB, false},
		{"large disk, less", 5*GiB - 1, 100 * GiB, true},
		{"nothing left", 0, 100 * GiB, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := blob.Watermark{Room: func() (int64, int64, error) { return test.free, test.total, nil }}
			if err := w.Check(); errors.Is(err, blob.ErrFull) != test.full {
				t.Errorf("Check = %v, want ErrFull: %v", err, test.full)
			}
		})
	}
}

func TestWatermarkMeasuresEveryFiveSeconds(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	free, measured := int64(1<<40), 0
	w := blob.Watermark{
		Room: func() (int64, int64, error) { measured++; return free, 1 << 40, nil },
		Now:  func() time.Time { return now },
	}
	for _, step := range []struct {
		after    time.Duration
		free     int64
		full     bool
		measured int
	}{
		{0, 1 << 40, false, 1},
		{4 * time.Second, 0, false, 1},
		{time.Second, 0, true, 2},
		{4 * time.Second, 1 << 40, true, 2},
		{time.Second, 1 << 40, false, 3},
		{-time.Hour, 0, true, 4}, // the clock was set back
	} {
		now, free = now.Add(step.after), step.free
		err := w.Check()
		if errors.Is(err, blob.ErrFull) != step.full || measured != step.measured {
			t.Errorf("%v later: %v after %d measurements, want full %v after %d",
				step.after, err, measured, step.full, step.measured)
		}
	}
}

func TestWatermarkDoesNotRememberThatItCouldNotMeasure(t *testing.T) {
	broken := errors.New("input/output error")
	err := broken
	w := blob.Watermark{Room: func() (int64, int64, error) { return 1 << 40, 1 << 40, err }}
	if got := w.Check(); !errors.Is(got, broken) {
		t.Errorf("Check = %v, want %v", got, broken)
	}
	err = nil
	if got := w.Check(); got != nil {
		t.Errorf("Check = %v, want nil", got)
	}
	for _, w := range []*blob.Watermark{nil, new(blob.Watermark)} {
		if got := w.Check(); got != nil {
			t.Errorf("Check of %+v = %v, want nil", w, got)
		}
	}
}
