package npm

import (
	"strconv"
	"strings"

	"deps.dev/util/semver"
)

// maxVersion is the longest version that node-semver reads.
const maxVersion = 256

// maxSafe is JavaScript's largest exact integer: node-semver refuses greater
// parts of a version.
const maxSafe = 1<<53 - 1

// strict reports whether v is a version as semver.org 2.0.0 writes it and
// node-semver reads it. Published versions are; old ones upstream need not.
func strict(v string) bool {
	if len(v) > maxVersion {
		return false
	}
	v, build, hasBuild := strings.Cut(v, "+")
	core, pre, hasPre := strings.Cut(v, "-")
	if hasBuild && !identifiers(build, false) || hasPre && !identifiers(pre, true) {
		return false
	}
	parts := strings.Split(core, ".")
	if len(parts) != 3 {
		return false
	}
	for _, p := range parts {
		if n, err := strconv.ParseUint(p, 10, 64); err != nil || n > maxSafe || leadingZero(p) {
			return false
		}
	}
	return true
}

// identifiers reports whether s is dot-separated identifiers of a version's
// suffix. Numbers in a prerelease have no leading zeros; in a build they may.
func identifiers(s string, prerelease bool) bool {
	for id := range strings.SplitSeq(s, ".") {
		if id == "" {
			return false
		}
		digits := true
		for i := range len(id) {
			c := id[i]
			switch {
			case '0' <= c && c <= '9':
			case c == '-', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
				digits = false
			default:
				return false
			}
		}
		if prerelease && digits && leadingZero(id) {
			return false
		}
	}
	return true
}

func leadingZero(s string) bool { return len(s) > 1 && s[0] == '0' }

// clean is node-semver's: what package.json writes becomes what npm
// publishes, without a leading v or = and without the build. It is empty if
// that is no version.
func clean(v string) string {
	v = strings.TrimLeft(strings.TrimSpace(v), "=v")
	if !strict(v) {
		return ""
	}
	v, _, _ = strings.Cut(v, "+")
	return v
}

// prerelease reports whether a strict version is one.
func prerelease(v string) bool {
	v, _, _ = strings.Cut(v, "+")
	return strings.Contains(v, "-")
}

// compare orders versions as semver does, and those that semver holds equal
// (they differ in their builds) by their text. What is no strict version
// comes first, by its text: semver packages order such strings differently
// and not always totally.
func compare(a, b string) int {
	sa, sb := strict(a), strict(b)
	switch {
	case sa && sb:
		if c := semver.NPM.Compare(a, b); c != 0 {
			return c
		}
	case sa:
		return 1
	case sb:
		return -1
	}
	return strings.Compare(a, b)
}

// supersedes reports whether npm prefers version a to b where no tag says:
// any release before any prerelease, then the higher.
func supersedes(a, b string) bool {
	if pa, pb := prerelease(a), prerelease(b); pa != pb {
		return pb
	}
	return compare(a, b) > 0
}

// isRange reports whether s means a range of versions to clients, who could
// then never ask for a tag of that name.
func isRange(s string) bool {
	_, err := semver.NPM.ParseConstraint(s)
	return err == nil
}
