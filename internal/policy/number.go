package policy

import (
	"cmp"
	"strings"
)

// decimal is a number as written, so that comparing it is exact whatever its
// length: account numbers and large integers must not meet in a float.
type decimal struct {
	negative        bool
	whole, fraction string // without leading, or trailing, zeros
}

// parseDecimal reads an integer or decimal number. Exponents are not part of
// the policy language.
func parseDecimal(s string) (decimal, bool) {
	s, negative := strings.CutPrefix(s, "-")
	whole, fraction, point := strings.Cut(s, ".")
	if whole == "" || !digits(whole) || point && fraction == "" || !digits(fraction) {
		return decimal{}, false
	}
	d := decimal{negative, strings.TrimLeft(whole, "0"), strings.TrimRight(fraction, "0")}
	if d.whole == "" && d.fraction == "" {
		d.negative = false
	}
	return d, true
}

func (d decimal) compare(e decimal) int {
	switch {
	case d.negative != e.negative && d.negative:
		return -1
	case d.negative != e.negative:
		return 1
	case d.negative:
		d, e = e, d
	}
	return cmp.Or(
		cmp.Compare(len(d.whole), len(e.whole)),
		cmp.Compare(d.whole, e.whole),
		cmp.Compare(d.fraction, e.fraction),
	)
}

// digits reports whether s has no other characters; an empty s has none.
func digits(s string) bool {
	for i := range len(s) {
		if s[i]-'0' > 9 {
			return false
		}
	}
	return true
}
