package wire

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// pattern decides whether a whole value satisfies a regular expression of a
// service model.
type pattern struct {
	re *regexp.Regexp
	// without must not occur in the value: what is left of a look-ahead,
	// which RE2 does not have. Empty: nothing is forbidden.
	without string
}

func (p *pattern) match(s string) bool {
	if p.without != "" && strings.Contains(s, p.without) {
		return false
	}
	return p.re.MatchString(s)
}

// MatchPattern reports whether a value satisfies a pattern of a service model.
// It fails on a pattern that it cannot read; the generator asks it about every
// one, so that a [Shape] meets none of those.
func MatchPattern(java, value string) (bool, error) {
	p, err := compilePattern(java)
	return err == nil && p.match(value), err
}

// accountAlias is the one pattern of the models with a look-ahead. The hyphen
// has no other place in it, so "no hyphen before a hyphen" says the same of
// the whole value.
const accountAlias = `^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`

// compilePattern compiles a pattern of a service model. Models are written
// for Java's syntax.
func compilePattern(java string) (*pattern, error) {
	var p pattern
	text := java
	if java == accountAlias {
		text = `[a-z0-9][a-z0-9-]{1,61}[a-z0-9]`
		p.without = "--"
	}
	expr, err := fromJava(text)
	if err != nil {
		return nil, fmt.Errorf("pattern %s: %w", java, err)
	}
	p.re, err = regexp.Compile(`\A(?:` + expr + `)\z`)
	if err != nil {
		return nil, fmt.Errorf("pattern %s: %w", java, err)
	}
	return &p, nil
}

// What Java's classes hold where RE2's of the same name hold something else
// or do not exist.
const (
	javaSpace = `\t\n\v\f\r `                                                                         // \s: RE2's has no \v
	isSpace   = `\t-\r \x{85}\x{A0}\x{1680}\x{2000}-\x{200A}\x{2028}\x{2029}\x{202F}\x{205F}\x{3000}` // \p{IsWhitespace}: Unicode's White_Space
)

// fromJava rewrites a Java regular expression for RE2. What it does not know
// is an error: a pattern must not come to mean something else.
func fromJava(java string) (string, error) {
	var b strings.Builder
	inClass := false
	set := func(ranges string, negated bool) error {
		switch {
		case !inClass && negated:
			b.WriteString("[^" + ranges + "]")
		case !inClass:
			b.WriteString("[" + ranges + "]")
		case negated:
			return fmt.Errorf("negated class inside a class at %q", java)
		default:
			b.WriteString(ranges)
		}
		return nil
	}
	for rest := java; rest != ""; {
		r, n := utf8.DecodeRuneInString(rest)
		switch {
		case r == '\\':
			m, err := fromJavaEscape(&b, rest, set)
			if err != nil {
				return "", err
			}
			n = m
		case strings.HasPrefix(rest, "(?"):
			return "", fmt.Errorf("unknown group at %q", rest)
		case inClass && (r == '[' || strings.HasPrefix(rest, "&&")):
			return "", fmt.Errorf("class arithmetic at %q", rest)
		default:
			inClass = r == '[' || inClass && r != ']'
			b.WriteRune(r)
		}
		rest = rest[n:]
	}
	return b.String(), nil
}

// fromJavaEscape rewrites the escape that rest begins with and returns its
// length.
func fromJavaEscape(b *strings.Builder, rest string, set func(ranges string, negated bool) error) (int, error) {
	if len(rest) < 2 {
		return 0, fmt.Errorf("trailing backslash")
	}
	const isWhitespace = `p{IsWhitespace}`
	switch c := rest[1]; {
	case c == 'u':
		// Four digits, whatever follows: \u10000 is U+1000 and a zero. AWS
		// STS shows that it reads its own patterns so: it refuses
		// supplementary characters that \u10000-\u10FFFF seems to allow.
		if len(rest) < 6 || strings.Trim(rest[2:6], "0123456789ABCDEFabcdef") != "" {
			return 0, fmt.Errorf("unknown escape at %q", rest)
		}
		b.WriteString(`\x{` + rest[2:6] + `}`)
		return 6, nil
	case c == 's' || c == 'S':
		return 2, set(javaSpace, c == 'S')
	case strings.HasPrefix(rest[1:], isWhitespace):
		return 1 + len(isWhitespace), set(isSpace, false)
	case (c == 'p' || c == 'P') && strings.HasPrefix(rest[2:], "{") && strings.IndexByte(rest, '}') == 4:
		b.WriteString(rest[:5]) // a general category of one letter, the same in both
		return 5, nil
	case c == 'w' || c == 'd' || c < utf8.RuneSelf && !isAlnum(c):
		b.WriteString(rest[:2])
		return 2, nil
	}
	return 0, fmt.Errorf("unknown escape at %q", rest)
}

func isAlnum(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}
