package maven

import (
	"strings"
	"unicode"

	"larder.example/larder"
)

// maxPart bounds a group ID, an artifact ID, a version and the name of a
// file; it is the API's.
const maxPart = 255

// canonical checks a group and an artifact ID as Maven does. Case counts, and
// nothing is spelled anew.
func canonical(namespace, name string) (string, string, error) {
	if why := badGroup(namespace); why != "" {
		return "", "", larder.Errorf(larder.Invalid, "the group ID %.80q %s", namespace, why)
	}
	if why := badArtifact(name); why != "" {
		return "", "", larder.Errorf(larder.Invalid, "the artifact ID %.80q %s", name, why)
	}
	return namespace, name, nil
}

// badGroup says what is wrong with a group ID, or nothing. Its parts become
// segments of a path, so none is empty.
func badGroup(s string) string {
	why := badID(s)
	if why == "" && (strings.HasPrefix(s, ".") || strings.HasSuffix(s, ".") || strings.Contains(s, "..")) {
		return "has an empty part"
	}
	return why
}

// badArtifact says what is wrong with an artifact ID, or nothing.
func badArtifact(s string) string {
	why := badID(s)
	if why == "" && strings.HasPrefix(s, ".") {
		return "begins with a period"
	}
	return why
}

// badID says what Maven finds wrong with an ID, or nothing.
func badID(s string) string {
	if why := badLength(s); why != "" {
		return why
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '.', c == '-', c == '_':
		default:
			return "has characters other than letters, digits, '.', '-' and '_'"
		}
	}
	return ""
}

// badVersion says what is wrong with a version, or nothing. Beside what Maven
// forbids, the API knows no '#'.
func badVersion(s string) string { return badText(s, `\/:"<>|?*[](){},#%;`) }

// badFile says what is wrong with the name of a file, or nothing.
func badFile(s string) string { return badText(s, `\/:"<>|?*#%`) }

// badText says what is wrong with a name in which these characters may not be.
func badText(s, forbidden string) string {
	if why := badLength(s); why != "" {
		return why
	}
	if strings.HasPrefix(s, ".") {
		return "begins with a period"
	}
	for _, r := range s {
		if !unicode.IsGraphic(r) || unicode.IsSpace(r) || r == unicode.ReplacementChar || strings.ContainsRune(forbidden, r) {
			return "has characters that no path may have"
		}
	}
	return ""
}

func badLength(s string) string {
	switch {
	case s == "":
		return "is empty"
	case len(s) > maxPart:
		return "is too long"
	}
	return ""
}
