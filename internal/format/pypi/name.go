package pypi

import (
	"net/http"
	"strings"

	"larder.example/larder"
)

// maxName is CodeArtifact's bound of a package name.
const maxName = 255

// canonical checks a name (the core metadata specification's Name) and
// returns its normal form (PEP 503): lower case, with one hyphen for every run
// of hyphens, underscores and periods.
func canonical(namespace, name string) (string, string, error) {
	switch {
	case namespace != "":
		return "", "", larder.Errorf(larder.Invalid, "Python packages have no namespace, such as %.64q.", namespace)
	case len(name) > maxName:
		return "", "", larder.Errorf(larder.Invalid, "The project name %.32q... is longer than %d characters.", name, maxName)
	case !isName(name):
		return "", "", larder.Errorf(larder.Invalid, "%q is no project name: it must begin and end with a letter or digit, with nothing but these and - _ . between.", name)
	}
	return "", normalize(name), nil
}

// isName reports whether a project may be called s.
func isName(s string) bool {
	if s == "" || isSeparator(s[0]) || isSeparator(s[len(s)-1]) {
		return false
	}
	for i := range len(s) {
		if !isAlphanumeric(s[i]) && !isSeparator(s[i]) {
			return false
		}
	}
	return true
}

// normalize is the normal form of a name. Names that are normal, as nearly
// all that are asked for are, cost nothing.
func normalize(name string) string {
	if isNormal(name) {
		return name
	}
	var b strings.Builder
	b.Grow(len(name))
	gap := false
	for i := range len(name) {
		switch c := name[i]; {
		case isSeparator(c):
			gap = true
			continue
		case gap:
			b.WriteByte('-')
			gap = false
			fallthrough
		default:
			b.WriteByte(lower(c))
		}
	}
	if gap {
		b.WriteByte('-')
	}
	return b.String()
}

func isNormal(name string) bool {
	for i := range len(name) {
		c := name[i]
		if c == '_' || c == '.' || c != lower(c) || c == '-' && i > 0 && name[i-1] == '-' {
			return false
		}
	}
	return true
}

func isSeparator(c byte) bool { return c == '-' || c == '_' || c == '.' }

func isAlphanumeric(c byte) bool { return isDigit(c) || isLetter(c) }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// named is the package of a route that names one.
func named(r *http.Request) (namespace, name string, err error) {
	return "", r.PathValue("name"), nil
}
