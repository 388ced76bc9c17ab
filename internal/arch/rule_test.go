package arch

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
)

// module is the path of ours, without which an import is one of somebody
// else's.
const module = "larder.example/larder"

// roomOf returns the room that an import path of ours names: below internal/
// for what is there, from the root for what is not.
func roomOf(imported string) (string, bool) {
	if imported == module {
		return ".", true
	}
	rest, ours := strings.CutPrefix(imported, module+"/")
	return strings.TrimPrefix(rest, "internal/"), ours
}

// place returns the row for a room and the storey that it stands on.
func place(name string) (r room, storey int, found bool) {
	for storey, rooms := range storeys {
		for _, r := range rooms {
			if matches(r.path, name) {
				return r, storey, true
			}
		}
	}
	return room{}, 0, false
}

// violations says what is wrong with a room that imports these, in order.
func violations(name string, imports []string) []string {
	here, storey, found := place(name)
	if !found {
		return []string{name + ": where does it belong?"}
	}
	var wrong []string
	for _, imported := range imports {
		var why string
		if seen, ours := roomOf(imported); ours {
			why = refuseRoom(here, storey, name, seen)
		} else if isStandard(imported) {
			why = refuseStandard(name, imported)
		} else if !slices.ContainsFunc(here.modules, func(m string) bool { return within(m, imported) }) {
			why = "is no library of this room"
		}
		if why != "" {
			wrong = append(wrong, fmt.Sprintf("%s imports %s, which %s", name, imported, why))
		}
	}
	return wrong
}

func refuseRoom(here room, storey int, name, seen string) string {
	_, above, found := place(seen)
	switch {
	case !found:
		return "has no place: where does it belong?"
	case above > storey:
		return fmt.Sprintf("is on storey %d, above storey %d", above, storey)
	case above == storey:
		return fmt.Sprintf("is on the same storey, %d", storey)
	case here.sees != nil && !anyMatches(here.sees, seen):
		return "is none of the rooms that it sees"
	}
	for _, p := range slices.Sorted(maps.Keys(reserved)) {
		if matches(p, seen) && !anyMatches(reserved[p], name) {
			return "is for " + orNobody(reserved[p])
		}
	}
	return ""
}

func refuseStandard(name, imported string) string {
	for _, p := range slices.Sorted(maps.Keys(standard)) {
		if within(p, imported) && !anyMatches(standard[p], name) {
			return "is for " + orNobody(standard[p])
		}
	}
	return ""
}

// isStandard goes by what the go command goes by: the first element of a
// module's path has a dot in it.
func isStandard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}

// within reports whether imported is p or below it.
func within(p, imported string) bool {
	return imported == p || strings.HasPrefix(imported, p+"/")
}

// matches takes a malformed pattern for one that matches nothing; no row has
// one, or its room would have no place.
func matches(pattern, name string) bool {
	ok, err := path.Match(pattern, name)
	return ok && err == nil
}

func anyMatches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return matches(p, name) })
}

func orNobody(rooms []string) string {
	if len(rooms) == 0 {
		return "nobody"
	}
	return strings.Join(rooms, ", ")
}
