package policy

import (
	"strings"
	"unicode/utf8"
)

// Patterns are matched in an alphabet of their own, in which the wildcards are
// bytes that UTF-8 text never contains. So nothing literal, in a document or
// substituted for a variable, is ever taken for a wildcard.
const (
	star = "\xff" // any text, also none
	one  = "\xfe" // exactly one character
)

// wildcards puts a pattern as people write it into this alphabet.
func wildcards(s string) string {
	return strings.NewReplacer("*", star, "?", one).Replace(s)
}

// glob reports whether pattern covers the whole of s. Every run of the
// pattern between stars is looked for once, leftmost first, and never again:
// the time is linear in both but for runs with a one, which cost at most
// their length for every place in s.
func glob(pattern, s string) bool {
	lead, rest, starred := cut(pattern, star[0])
	n := cover(lead, s)
	if n < 0 {
		return false
	}
	if !starred {
		return n == len(s)
	}
	s = s[n:]
	for {
		run, after, more := cut(rest, star[0])
		if !more {
			return ends(run, s)
		}
		n := find(run, s)
		if n < 0 {
			return false
		}
		s, rest = s[n:], after
	}
}

// cut is strings.Cut for one byte, half the price.
func cut(s string, separator byte) (before, after string, found bool) {
	if i := strings.IndexByte(s, separator); i >= 0 {
		return s[:i], s[i+1:], true
	}
	return s, "", false
}

// cover returns how many bytes at the start of s a run without stars covers,
// or -1.
func cover(run, s string) int {
	if strings.IndexByte(run, one[0]) < 0 {
		if strings.HasPrefix(s, run) {
			return len(run)
		}
		return -1
	}
	n := 0
	for i := range len(run) {
		switch {
		case n == len(s):
			return -1
		case run[i] == s[n], run[i] == one[0] && s[n] < utf8.RuneSelf:
			n++
		case run[i] != one[0]:
			return -1
		default:
			_, size := utf8.DecodeRuneInString(s[n:])
			n += size
		}
	}
	return n
}

// find returns where the first place in s that a run covers ends, or -1.
func find(run, s string) int {
	if strings.IndexByte(run, one[0]) < 0 {
		i := strings.Index(s, run)
		if i < 0 {
			return -1
		}
		return i + len(run)
	}
	for i := 0; i <= len(s); {
		if n := cover(run, s[i:]); n >= 0 {
			return i + n
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		i += max(size, 1)
	}
	return -1
}

// ends reports whether a run covers the end of s.
func ends(run, s string) bool {
	if strings.IndexByte(run, one[0]) < 0 {
		return strings.HasSuffix(s, run)
	}
	start := len(s)
	for n := utf8.RuneCountInString(run); n > 0; n-- {
		if start == 0 {
			return false
		}
		_, size := utf8.DecodeLastRuneInString(s[:start])
		start -= size
	}
	return cover(run, s[start:]) == len(s)-start
}
