package packagegroup

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"larder.example/larder"
)

// Root is the pattern of the group that every domain has: all packages.
const Root = "/*"

// The ends of patterns.
const (
	exact  = '$' // this package
	word   = '~' // what begins with this, up to the end of a word
	within = '*' // all that begins with this
)

// Pattern is what says which packages are of a group: the path of a package,
// /FORMAT/NAMESPACE/NAME, or the beginning of one, and an end that tells
// which. The zero Pattern is none.
type Pattern struct {
	text    string // with its end
	literal string // without
	folded  string // Fold of literal
}

// Parse reads a pattern. One that can match no package, or that is another
// way to write some pattern, is larder.Invalid.
//
//	/*                    everything
//	/npm/*                a format
//	/npm/acme~            the namespaces acme, acme-labs and so on, not acmes
//	/npm/acme/*           a namespace; /npm//* is the packages without one
//	/npm/acme/ui~         the names ui, ui-kit and so on, not uikit
//	/npm/acme/ui-*        the names that begin with ui-
//	/npm/acme/ui$         a package
func Parse(text string) (Pattern, error) {
	p := Pattern{text: text}
	if text != "" {
		p.literal = text[:len(text)-1]
	}
	if why := p.wrong(); why != "" {
		return Pattern{}, larder.Errorf(larder.Invalid, "The package group pattern '%s' %s.", text, why)
	}
	p.folded = Fold(p.literal)
	return p, nil
}

// wrong says what is wrong with a pattern, or nothing.
func (p Pattern) wrong() string {
	if !strings.HasPrefix(p.literal, "/") {
		return "is not a path: it begins with a slash and ends with $, ~ or *"
	}
	parts := strings.Split(p.literal[1:], "/")
	last := parts[len(parts)-1]
	r, _ := utf8.DecodeLastRuneInString(p.literal)
	switch {
	case strings.ContainsAny(p.literal, "$~*"):
		return "has a $, ~ or * that is not its end"
	case len(parts) > 3:
		return "has more parts than /format/namespace/name"
	case len(parts) == 1 && last != "", len(parts) > 1 && parts[0] == "":
		return "does not name a format: it is /* or begins with /format/"
	}
	switch p.end() {
	case exact:
		if len(parts) < 3 || last == "" {
			return "ends with $ and does not name a package: /format/namespace/name$"
		}
	case word:
		if !inWord(r) {
			return "ends with ~ where no word ends: end it with *"
		}
	case within:
		if inWord(r) {
			return "ends with * inside a word: end it with ~"
		}
	default:
		return "does not end with $, ~ or *"
	}
	if len(parts) > 2 {
		return namespaceWrong(larder.Format(parts[0]), parts[1])
	}
	if len(parts) == 2 && last != "" {
		return namespaceWrong(larder.Format(parts[0]), last)
	}
	return ""
}

func (p Pattern) end() byte { return p.text[len(p.text)-1] }

// String returns the pattern as it was written.
func (p Pattern) String() string { return p.text }

// Folded returns the pattern without its end as [Fold] has it. It is the
// beginning of the folded path of every package that the pattern matches, and
// of every pattern that is more specific.
func (p Pattern) Folded() string { return p.folded }

// Format returns the format that a pattern is about; empty for the root's.
func (p Pattern) Format() larder.Format {
	format, _, _ := strings.Cut(p.literal[1:], "/")
	return larder.Format(format)
}

// Name returns the namespace and the beginning of the name that a pattern is
// about, and false if it is about no name. whole says that it is the name.
func (p Pattern) Name() (namespace, name string, whole, ok bool) {
	parts := strings.Split(p.literal[1:], "/")
	if len(parts) < 3 || parts[2] == "" {
		return "", "", false, false
	}
	return parts[1], parts[2], p.end() == exact, true
}

// inWord reports whether a word goes on with r [guide]: a word is letters and
// digits, with marks on them.
func inWord(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.M) }

// Known reports whether a format is one of CodeArtifact's.
func Known(f larder.Format) bool {
	_, ok := namespaces[f]
	return ok
}

// need is whether packages of a format have namespaces.
type need int

const (
	maybe need = iota
	never
	always
)

// namespaces is where packages have namespaces, by format [guide].
var namespaces = map[larder.Format]need{
	larder.Cargo: never, larder.Generic: always, larder.Maven: always, larder.NPM: maybe,
	larder.NuGet: never, larder.PyPI: never, larder.Ruby: never, larder.Swift: always,
}

func namespaceWrong(f larder.Format, namespace string) string {
	switch need := namespaces[f]; {
	case need == never && namespace != "":
		return "has a namespace, which packages of format " + string(f) + " do not: /" + string(f) + "//name"
	case need == always && namespace == "":
		return "has no namespace, which packages of format " + string(f) + " do: /" + string(f) + "/namespace/name"
	}
	return ""
}
