package value

import (
	"math"
	"math/big"
	"strconv"
	"time"
)

// ISOTime shows a timestamp as Python's isoformat does: seconds since 1970 in
// the zone given, a text that says when in the zone that it names. What is no
// timestamp stays.
func ISOTime(raw any, zone *time.Location) any {
	switch v := raw.(type) {
	case int64:
		return iso(time.Unix(v, 0).In(zone))
	case float64:
		return isoFloat(v, zone)
	case string:
		if f, err := strconv.ParseFloat(v, 64); err == nil {
			return isoFloat(f, zone)
		}
		for _, layout := range [...]string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", time.RFC1123} {
			if t, err := time.Parse(layout, v); err == nil {
				return iso(t)
			}
		}
	}
	return raw
}

// isoFloat rounds to microseconds, half to even: what the float is exactly
// decides.
func isoFloat(f float64, zone *time.Location) any {
	if math.IsNaN(f) || math.Abs(f) > 1e12 {
		return f
	}
	whole, fraction := math.Modf(f)
	micros, _ := new(big.Float).Mul(big.NewFloat(fraction), big.NewFloat(1e6)).Float64()
	return iso(time.Unix(int64(whole), 0).Add(time.Duration(math.RoundToEven(micros)) * time.Microsecond).In(zone))
}

// iso prints an offset and never Z, and a fraction of six digits or none.
func iso(t time.Time) string {
	if t.Nanosecond() < 1000 {
		return t.Format("2006-01-02T15:04:05-07:00")
	}
	return t.Format("2006-01-02T15:04:05.000000-07:00")
}
