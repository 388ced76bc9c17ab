package npm

import (
	"strings"

	"larder.example/larder"
)

// maxName bounds a name with its scope: @scope/name (npm's validator).
const maxName = 214

// canonical checks a name as npm's validator does for names that exist. npm
// stores names as they are written: case counts, and old packages have it.
func canonical(namespace, name string) (string, string, error) {
	full := display(namespace, name)
	if len(full) > maxName {
		return "", "", larder.Errorf(larder.Invalid,
			"package name is longer than %d characters: %.32s...", maxName, full)
	}
	if why := misnamed(namespace, name); why != "" {
		return "", "", larder.Errorf(larder.Invalid, "package name %q %s", full, why)
	}
	return namespace, name, nil
}

// misnamed says what is wrong with a name, or nothing. The names of scoped
// packages may begin with an underscore (npm's package.json guide), but no
// part with a period: that also keeps "." and ".." out of every path.
func misnamed(namespace, name string) string {
	switch {
	case name == "":
		return "is empty"
	case strings.HasPrefix(name, "."), strings.HasPrefix(namespace, "."):
		return "begins with a period"
	case !urlSafe(name), !urlSafe(namespace):
		return "has characters that are not URL-safe"
	case namespace != "":
		return ""
	case strings.HasPrefix(name, "_"):
		return "begins with an underscore"
	case strings.HasPrefix(name, "-"):
		return "begins with a hyphen"
	case strings.EqualFold(name, "node_modules"), strings.EqualFold(name, "favicon.ico"):
		return "is reserved"
	}
	return ""
}

// outdated says why a name that exists may stay but a new package may not
// take it, or nothing.
func outdated(namespace, name string) string {
	full := display(namespace, name)
	switch {
	case strings.ToLower(full) != full:
		return "has capital letters"
	case strings.ContainsAny(name, "~'!()*"):
		return "has special characters (~'!()*)"
	}
	return ""
}

// urlSafe reports whether encodeURIComponent would leave s alone.
func urlSafe(s string) bool {
	for i := range len(s) {
		c := s[i]
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case strings.IndexByte("-_.!~*'()", c) >= 0:
		default:
			return false
		}
	}
	return true
}

// display spells a name the way users do: name or @scope/name.
func display(namespace, name string) string {
	if namespace == "" {
		return name
	}
	return "@" + namespace + "/" + name
}

// displayed is display of a reference.
func displayed(p larder.PackageRef) string { return display(p.Namespace, p.Name) }
