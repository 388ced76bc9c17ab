package login

import (
	"testing"
	"time"
)

func TestSpanAsTheAWSCLISaysIt(t *testing.T) {
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		until time.Duration
		want  string
	}{
		{12 * time.Hour, "12 hours"},
		{11*time.Hour + 59*time.Minute + 31*time.Second, "12 hours"},
		{11*time.Hour + 59*time.Minute + 29*time.Second, "11 hours and 59 minutes"},
		{time.Hour, "1 hour"},
		{61 * time.Minute, "1 hour and 1 minute"},
		{14*time.Minute + 59900*time.Millisecond, "15 minutes"},
		{31 * time.Second, "1 minute"},
		{24*time.Hour + 5*time.Minute, "1 day"},
		{24*time.Hour - 15*time.Second, "1 day"},
		{32 * 24 * time.Hour, "1 month and 1 day"},
		{400 * 24 * time.Hour, "1 year and 1 month"},
		{29 * time.Second, ""},
		{0, ""},
		{-time.Hour, ""},
	} {
		if got := span(now, now.Add(tt.until)); got != tt.want {
			t.Errorf("%v: got %q, want %q", tt.until, got, tt.want)
		}
	}
}

func TestInstantAsPythonPrintsIt(t *testing.T) {
	zone := time.FixedZone("", -5*3600)
	for _, tt := range []struct {
		at   time.Time
		want string
	}{
		{time.Date(2030, 1, 1, 12, 4, 5, 0, time.UTC), "2030-01-01 12:04:05+00:00"},
		{time.Date(2030, 1, 1, 12, 4, 5, 743_000_000, zone), "2030-01-01 12:04:05.743000-05:00"},
	} {
		if got := instant(tt.at); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}
