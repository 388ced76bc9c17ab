package generic

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"larder.example/larder"
)

// maxName bounds namespaces, names and assets, in characters; it is the
// API's.
const maxName = 255

// canonical checks names by the API's pattern. Case counts, and nothing is
// spelled anew. The API requires a namespace wherever it names a package.
func canonical(namespace, name string) (string, string, error) {
	if why := misnamed(namespace); why != "" {
		return "", "", larder.Errorf(larder.Invalid, "The namespace %.80q %s.", namespace, why)
	}
	if why := misnamed(name); why != "" {
		return "", "", larder.Errorf(larder.Invalid, "The package name %.80q %s.", name, why)
	}
	return namespace, name, nil
}

// misnamed says what is wrong with a name, or nothing.
func misnamed(s string) string {
	switch {
	case s == "":
		return "is empty"
	case utf8.RuneCountInString(s) > maxName:
		return "is too long"
	case strings.ContainsFunc(s, func(r rune) bool {
		return r == '/' || r == '#' || r == unicode.ReplacementChar || unicode.IsSpace(r) || !unicode.IsGraphic(r)
	}):
		return "has characters that no name may have"
	}
	return ""
}

// allowed are the characters of an asset's name that are neither letters nor
// digits. The backtick is in PublishPackageVersion's text, not in the user
// guide's.
const allowed = "~!@^&()-_`+[]{};,. "

// asset checks the name of an asset by CodeArtifact's rules.
func asset(name string) error {
	why := ""
	switch {
	case name == "":
		why = "is empty"
	case utf8.RuneCountInString(name) > maxName:
		why = "is too long"
	case name == ".", name == "..":
		why = "means a directory"
	case strings.HasPrefix(name, " "), strings.HasSuffix(name, " "), strings.Contains(name, "  "):
		why = "has a space at its ends, or two of them"
	case strings.ContainsFunc(name, func(r rune) bool { return !letter(r) && !strings.ContainsRune(allowed, r) }):
		why = "has characters other than letters, digits, single spaces and ~!@^&()-_`+[]{};,."
	default:
		return nil
	}
	return larder.Errorf(larder.Invalid, "The asset name %.80q %s.", name, why)
}

// letter reports whether r is of the Unicode categories of letters and
// digits: all letters, letter numbers and decimal digits.
func letter(r rune) bool {
	return r != unicode.ReplacementChar && unicode.In(r, unicode.Ll, unicode.Lm, unicode.Lo, unicode.Lt, unicode.Lu, unicode.Nl, unicode.Nd)
}
