package dir_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"

	"larder.example/larder/internal/blob"
)

// BenchmarkPut stages and places bodies that are durable at the end, alone
// and sixteen at a time.
func BenchmarkPut(b *testing.B) {
	for _, size := range []struct {
		name  string
		bytes int
	}{{"10KB", 10 << 10}, {"10MB", 10 << 20}} {
		for _, at := range []struct {
			name  string
			procs int
		}{{"alone", 1}, {"16at once", 16}} {
			b.Run(size.name+"/"+at.name, func(b *testing.B) {
				b.SetBytes(int64(size.bytes))
				b.ReportAllocs()
				benchmarkPut(b, size.bytes, at.procs)
			})
		}
	}
}

func benchmarkPut(b *testing.B, size, procs int) {
	s := open(b, b.TempDir())
	noise := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(noise)
	var next atomic.Int64
	one := func(body []byte) {
		id := next.Add(1)
		binary.LittleEndian.PutUint64(body, uint64(id))
		staged, err := s.Stage(b.Context(), bytes.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		k := blob.Key{Digest: staged.Sums().SHA256, ID: id}
		if err := s.Place(b.Context(), k, staged); err != nil {
			b.Fatal(err)
		}
		staged.Discard()
		// Deleting keeps the benchmark within the disk; it is not counted
		// where it can be left out.
		if size > 1<<20 {
			if err := s.Delete(b.Context(), k); err != nil {
				b.Fatal(err)
			}
		}
	}
	if procs == 1 {
		body := bytes.Clone(noise)
		for b.Loop() {
			one(body)
		}
		return
	}
	b.SetParallelism(max(1, procs/runtime.GOMAXPROCS(0)))
	b.RunParallel(func(pb *testing.PB) {
		body := bytes.Clone(noise)
		for pb.Next() {
			one(body)
		}
	})
}
