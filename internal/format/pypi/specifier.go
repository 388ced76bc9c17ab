package pypi

import "strings"

// isSpecifier reports whether s is a set of version specifiers of PEP 440,
// such as ">=3.9,!=3.9.1". Tools that meet anything else in requires-python
// ignore the file or give up.
func isSpecifier(s string) bool {
	for clause := range strings.SplitSeq(s, ",") {
		if !isClause(strings.TrimSpace(clause)) {
			return false
		}
	}
	return true
}

func isClause(s string) bool {
	for _, operator := range [...]string{"===", "==", "!=", "<=", ">=", "~=", "<", ">"} {
		rest, ok := strings.CutPrefix(s, operator)
		if !ok {
			continue
		}
		rest = strings.TrimSpace(rest)
		switch operator {
		case "===": // compares text
			return rest != "" && !strings.ContainsAny(rest, " \t,;)")
		case "==", "!=":
			if release, any := strings.CutSuffix(rest, ".*"); any {
				v, ok := parseVersion(release)
				return ok && v.dev == "" && v.local == nil
			}
			_, ok := parseVersion(rest)
			return ok
		}
		v, ok := parseVersion(rest)
		return ok && v.local == nil && (operator != "~=" || len(v.release) > 1)
	}
	return false
}
