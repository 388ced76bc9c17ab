package policy

import (
	"strconv"
	"time"
)

// parseDate reads a time as policies write it: one of the W3C's forms of ISO
// 8601 (https://www.w3.org/TR/NOTE-datetime) or seconds since 1970. Four
// digits are a year, not the first hours of 1970: our reading, both would do.
func parseDate(s string) (time.Time, bool) {
	if n := len(s); n != len("2006") && n > 0 && n < 19 && digits(s) {
		seconds, err := strconv.ParseInt(s, 10, 64)
		return time.Unix(seconds, 0), err == nil
	}
	layout := "2006-01-02"
	switch n := len(s); {
	case n > len("2006-01-02T15:04") && s[len("2006-01-02T15:04")] == ':':
		layout = time.RFC3339 // takes a fraction too
	case n > len(layout):
		layout = "2006-01-02T15:04Z07:00"
	case n == len("2006") || n == len("2006-01"):
		layout = layout[:n]
	}
	t, err := time.Parse(layout, s)
	return t, err == nil
}
