package login

import (
	"fmt"
	"time"
)

// instant spells a time as Python prints one: with a blank for the T, and a
// fraction only if there is one, of six digits.
func instant(t time.Time) string {
	const day, zone = "2006-01-02 15:04:05", "-07:00"
	if t.Nanosecond()/1000 == 0 {
		return t.Format(day + zone)
	}
	return t.Format(day + ".000000" + zone)
}

// span says how long it is from now until then, as the AWS CLI does: half a
// minute is added, for rounding; the largest unit that is not zero is named,
// and the one below it unless that is zero. Of what is past it says nothing.
func span(now, then time.Time) string {
	if then.Before(now) {
		return ""
	}
	months, rest := calendar(now, then)
	seconds := int(rest / time.Second)
	days := seconds / 86400
	clock := seconds%86400 + 30
	units := [...]struct {
		name string
		n    int
	}{
		{"year", months / 12},
		{"month", months % 12},
		{"day", days + clock/86400},
		{"hour", clock % 86400 / 3600},
		{"minute", clock % 3600 / 60},
	}
	for i, u := range units {
		if u.n == 0 {
			continue
		}
		text := count(u.n, u.name)
		if i+1 < len(units) && units[i+1].n != 0 {
			text += " and " + count(units[i+1].n, units[i+1].name)
		}
		return text
	}
	return ""
}

// calendar returns the whole months from now until then, and what is left.
func calendar(now, then time.Time) (months int, rest time.Duration) {
	now = now.In(then.Location())
	months = (then.Year()-now.Year())*12 + int(then.Month()-now.Month())
	for months > 0 && later(now, months).After(then) {
		months--
	}
	return months, then.Sub(later(now, months))
}

// later returns t some months on, and the last day of that month where it has
// no such day: AddDate would go into the next.
func later(t time.Time, months int) time.Time {
	l := t.AddDate(0, months, 0)
	if l.Day() != t.Day() {
		l = l.AddDate(0, 0, -l.Day())
	}
	return l
}

func count(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return fmt.Sprintf("%d %ss", n, unit)
}
