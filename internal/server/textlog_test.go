package server

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"
)

// Operators' tools read what slog writes: the lines are the same, byte for
// byte.
func TestTheTextLogIsThatOfSlog(t *testing.T) {
	var got, want bytes.Buffer
	b := newBuffer(&got)
	for _, log := range []*slog.Logger{
		slog.New(&textLog{level: slog.LevelInfo, to: b}),
		slog.New(slog.NewTextHandler(&want, nil)),
	} {
		r := slog.NewRecord(time.Date(2026, 11, 24, 12, 0, 0, 7e6, time.FixedZone("", 3600)), slog.LevelWarn, "job failed", 0)
		r.AddAttrs(
			slog.String("plain", "GET"), slog.String("path", "/npm/@acme/thing?"), slog.String("empty", ""),
			slog.String("space", "a b"), slog.String("quote", `a"b`), slog.String("equal", "a=b"),
			slog.String("line", "a\nb"), slog.String("bytes", "\xff\x00"), slog.String("unicode", "ü"), slog.String("del", "\x7f"),
			slog.Int("n", -5), slog.Int64("m", 1<<40), slog.Float64("ms", 0.125), slog.Float64("none", 0),
			slog.Bool("yes", true), slog.Duration("took", 1500*time.Millisecond),
			slog.Time("at", time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)),
			slog.Any("err", errors.New("no such file")), slog.Any("nothing", nil), slog.Any("list", []int{1, 2}),
		)
		if err := log.With("node", "a b").Handler().Handle(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		if log.Enabled(t.Context(), slog.LevelDebug) || !log.Enabled(t.Context(), slog.LevelInfo) {
			t.Error("got another level, want info")
		}
	}
	b.close()
	if got.String() != want.String() {
		t.Errorf("got  %s\nwant %s", got.String(), want.String())
	}
}

func BenchmarkLogLine(b *testing.B) {
	lines := newBuffer(io.Discard)
	defer lines.close()
	for name, h := range map[string]slog.Handler{
		"ours": &textLog{to: lines}, "slog's": slog.NewTextHandler(lines, nil),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				record := slog.NewRecord(time.Now(), slog.LevelInfo, "request", 0)
				record.AddAttrs(
					slog.String("id", "4b3a6218-bb3e-4a73-8e8a-171a60fcf921"), slog.String("op", "codeartifact:ReadFromRepository"),
					slog.String("principal", "arn:aws:iam::111122223333:user/quickstart"), slog.String("method", "GET"),
					slog.String("path", "/npm/@perf%2fwidget"), slog.Int("status", 200), slog.Int64("bytes", 16500),
					slog.Float64("ms", 0.125), slog.String("addr", "127.0.0.1"))
				if err := h.Handle(b.Context(), record); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
