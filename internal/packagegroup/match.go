package packagegroup

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"larder.example/larder"
)

// Strength is how well a pattern matches a package, as the API spells it.
type Strength string

// The strengths. A weak match is one of a name that only looks like those
// that the pattern is for: what nobody meant is not let in.
const (
	None   Strength = ""
	Strong Strength = "STRONG"
	Weak   Strength = "WEAK"
)

// Path is a package as patterns see it, whichever repository it is in.
type Path struct{ text, folded string }

// PathOf returns the path of a package. An empty namespace leaves two slashes.
func PathOf(f larder.Format, namespace, name string) Path {
	text := "/" + string(f) + "/" + namespace + "/" + name
	return Path{text, Fold(text)}
}

// Folded returns the path as [Fold] has it.
func (p Path) Folded() string { return p.folded }

// Match reports how a pattern matches a package.
func (p Pattern) Match(path Path) Strength {
	switch {
	case matches(p.literal, p.end(), path.text):
		return Strong
	case matches(p.folded, p.end(), path.folded):
		return Weak
	}
	return None
}

// matches reports whether path is, or begins with, literal.
func matches(literal string, end byte, path string) bool {
	rest, ok := strings.CutPrefix(path, literal)
	switch {
	case !ok:
		return false
	case end == exact:
		return rest == ""
	case end == word:
		next, _ := utf8.DecodeRuneInString(rest)
		return rest == "" || !inWord(next)
	}
	return true
}

// Above reports whether all that q matches strongly p does too, and p is
// another pattern.
func (p Pattern) Above(q Pattern) bool {
	return p.text != q.text && p.end() != exact && matches(p.literal, p.end(), q.literal)
}

// Compare orders patterns that match a package with these strengths by how
// specific they are: the one that is for fewer packages is more. A pattern
// that only resembles the package is preferred to a wider one, and a strong
// match to a weak one of the same width.
func Compare(p, q Pattern, of Path) int {
	return cmp.Or(
		cmp.Compare(len(p.folded), len(q.folded)),
		falseFirst(p.end() == exact, q.end() == exact),
		falseFirst(p.Match(of) == Strong, q.Match(of) == Strong),
		cmp.Compare(len(p.literal), len(q.literal)),
		cmp.Compare(p.text, q.text),
	)
}

func falseFirst(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
