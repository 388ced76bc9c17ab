package throttle_test

import (
	"net/netip"
	"testing"
	"time"

	"larder.example/larder/internal/throttle"
)

func TestABucketEmptiesAndFills(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	b := throttle.Buckets[string]{Rate: throttle.Rate{PerSecond: 2, Burst: 3}, Now: func() time.Time { return now }}
	for _, step := range []struct {
		when time.Duration
		key  string
		want time.Duration
	}{
		{0, "a", 0},
		{0, "a", 0},
		{0, "a", 0},
		{0, "a", 500 * time.Millisecond},
		{0, "b", 0}, // its own
		{400 * time.Millisecond, "a", 100 * time.Millisecond},
		{100 * time.Millisecond, "a", 0},
		{0, "a", 500 * time.Millisecond},
		{time.Hour, "a", 0},
		{0, "a", 0},
		{0, "a", 0},
		{0, "a", 500 * time.Millisecond},
	} {
		now = now.Add(step.when)
		if got := b.Take(step.key); got != step.want {
			t.Errorf("take %+v: got %v", step, got)
		}
	}
}

func TestNoRateBoundsNothing(t *testing.T) {
	var b throttle.Buckets[int]
	for range 1000 {
		if got := b.Take(1); got != 0 {
			t.Fatalf("got %v", got)
		}
	}
}

func TestManyKeysTakeBoundedMemory(t *testing.T) {
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	b := throttle.Buckets[int]{Rate: throttle.Rate{PerSecond: 1, Burst: 1}, Now: func() time.Time { return now }}
	for i := range 200_000 {
		if got := b.Take(i); got != 0 {
			t.Fatalf("%d: got %v", i, got)
		}
	}
	if got := b.Take(199_999); got != time.Second {
		t.Errorf("the last one: got %v", got)
	}
}

func TestSourcesAreWhatOneCustomerHas(t *testing.T) {
	for a, want := range map[string]string{
		"192.0.2.7": "192.0.2.7", "::ffff:192.0.2.7": "192.0.2.7",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::", "fe80::1%eth0": "fe80::",
	} {
		if got := throttle.Source(netip.MustParseAddr(a)); got != netip.MustParseAddr(want) {
			t.Errorf("%s: got %s, want %s", a, got, want)
		}
	}
	if got := throttle.Source(netip.Addr{}); got.IsValid() {
		t.Errorf("none: got %s", got)
	}
}

func BenchmarkTake(b *testing.B) {
	buckets := throttle.Buckets[string]{Rate: throttle.Rate{PerSecond: 1e6, Burst: 1e9}}
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			buckets.Take("a")
		}
	})
}
