package packagegroup

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Fold returns what all names have in common that are easily taken for each
// other [guide]: case does not count, runs of hyphens, periods and underscores
// are one period, and characters that look alike are one character. Databases
// keep what it returned: a change of it needs a migration.
func Fold(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	separated := false
	for _, r := range norm.NFKD.String(s) {
		r = lookalike(unicode.ToLower(unicode.ToUpper(r)))
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case r == '-' || r == '_' || r == '.' || unicode.Is(unicode.Pd, r):
			if !separated {
				b.WriteByte('.')
			}
			separated = true
			continue
		case r == 'm': // as two letters: rn
			b.WriteByte('r')
			r = 'n'
		}
		separated = false
		b.WriteRune(r)
	}
	return b.String()
}

// lookalike returns the Latin letter that a small letter or a digit looks
// like. It follows the confusables of UTS #39, as far as the digits and the
// letters of Greek and Cyrillic go.
func lookalike(r rune) rune {
	switch r {
	case '\u0430', '\u03b1':
		return 'a'
	case '\u0441', '\u03f2':
		return 'c'
	case '\u0501':
		return 'd'
	case '\u0435':
		return 'e'
	case '\u0261':
		return 'g'
	case '\u04bb':
		return 'h'
	case '\u0456', '\u03b9':
		return 'i'
	case '\u0458', '\u03f3':
		return 'j'
	case '\u043a', '\u03ba':
		return 'k'
	case '1', '|', '\u04cf':
		return 'l'
	case '0', '\u043e', '\u03bf', '\u03c3':
		return 'o'
	case '\u0440', '\u03c1':
		return 'p'
	case '\u051b':
		return 'q'
	case '\u0455':
		return 's'
	case '\u0442', '\u03c4':
		return 't'
	case '\u03c5':
		return 'u'
	case '\u0475', '\u03bd':
		return 'v'
	case '\u051d':
		return 'w'
	case '\u0445', '\u03c7':
		return 'x'
	case '\u0443', '\u03b3':
		return 'y'
	}
	return r
}
