package server

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// textLog writes log lines as slog's own text handler does, for a third of
// what they cost there: one line a request is the largest part of what a
// small answer costs. It holds what a server needs: attributes of the record,
// and no groups.
type textLog struct {
	level slog.Level
	to    *buffer
	attrs []byte // of the logger, as they are written

	now second // held with to
}

var _ slog.Handler = (*textLog)(nil)

// Enabled implements slog.Handler.
func (t *textLog) Enabled(_ context.Context, level slog.Level) bool { return level >= t.level }

// Handle implements slog.Handler.
func (t *textLog) Handle(_ context.Context, r slog.Record) error {
	t.to.add(func(b []byte) []byte {
		b = append(b, "time="...)
		b = t.now.append(b, r.Time)
		b = append(b, " level="...)
		b = append(b, r.Level.String()...)
		b = append(b, " msg="...)
		b = appendText(b, r.Message)
		b = append(b, t.attrs...)
		r.Attrs(func(a slog.Attr) bool {
			b = appendAttr(b, a)
			return true
		})
		return append(b, '\n')
	})
	return nil
}

// WithAttrs implements slog.Handler.
func (t *textLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	with := &textLog{level: t.level, to: t.to, attrs: slices.Clone(t.attrs)}
	for _, a := range attrs {
		with.attrs = appendAttr(with.attrs, a)
	}
	return with
}

// WithGroup implements slog.Handler. Nobody here makes groups: the names of
// attributes are what counts.
func (t *textLog) WithGroup(string) slog.Handler { return t }

func appendAttr(b []byte, a slog.Attr) []byte {
	b = append(b, ' ')
	b = append(b, a.Key...)
	b = append(b, '=')
	switch v := a.Value.Resolve(); v.Kind() {
	case slog.KindString:
		return appendText(b, v.String())
	case slog.KindInt64:
		return strconv.AppendInt(b, v.Int64(), 10)
	case slog.KindFloat64:
		return strconv.AppendFloat(b, v.Float64(), 'g', -1, 64)
	case slog.KindTime:
		return v.Time().AppendFormat(b, layout)
	default:
		return appendText(b, fmt.Sprintf("%+v", v.Any()))
	}
}

// appendText writes a string, in quotes where it would else not be read back
// as one value.
func appendText(b []byte, s string) []byte {
	if s == "" {
		return append(b, `""`...)
	}
	for i := range len(s) {
		c := s[i]
		if c > ' ' && c != '"' && c != '=' && c < utf8.RuneSelf {
			continue
		}
		if c < utf8.RuneSelf || strings.IndexFunc(s[i:], odd) >= 0 {
			return strconv.AppendQuote(b, s)
		}
		break
	}
	return append(b, s...)
}

// odd reports whether a rune would be mistaken, or not seen.
func odd(r rune) bool {
	if r < utf8.RuneSelf {
		return r <= ' ' || r == '"' || r == '='
	}
	return r == utf8.RuneError || unicode.IsSpace(r) || !unicode.IsPrint(r)
}

// second is a moment's date and time of day as they are written, for all
// lines of that second.
type second struct {
	unix int64
	text []byte // with its milliseconds left out
	at   int    // where they belong
}

// layout is how slog's text handler writes times.
const layout = "2006-01-02T15:04:05.000Z07:00"

func (s *second) append(b []byte, t time.Time) []byte {
	if unix := t.Unix(); unix != s.unix || s.text == nil {
		text := t.Format(layout)
		s.unix, s.at = unix, len("2006-01-02T15:04:05.")
		s.text = append(append(s.text[:0], text[:s.at]...), text[s.at+3:]...)
	}
	ms := t.Nanosecond() / 1e6
	b = append(b, s.text[:s.at]...)
	b = append(b, byte('0'+ms/100), byte('0'+ms/10%10), byte('0'+ms%10))
	return append(b, s.text[s.at:]...)
}
