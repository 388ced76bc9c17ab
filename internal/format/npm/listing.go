package npm

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// latestTag is the tag that clients take where none is named.
const latestTag = "latest"

// listing is what clients may see of a package's versions: those that are
// Published. Unlisted ones are served to who knows them, but not shown.
type listing struct {
	published map[string]time.Time
	preferred string // what npm takes where no tag says, see supersedes
}

// add takes the version into the listing and reports whether it is in it.
func (l *listing) add(v format.Version) bool {
	if v.Status != larder.Published {
		return false
	}
	if l.published == nil {
		l.published = map[string]time.Time{}
	}
	if len(l.published) == 0 || supersedes(v.Version, l.preferred) {
		l.preferred = v.Version
	}
	l.published[v.Version] = v.PublishedAt
	return true
}

// tags are those that clients are shown: a tag of a version that is not
// listed would make them fail, and so would the want of a latest.
func (l *listing) tags(stored map[string]string) map[string]string {
	shown := map[string]string{}
	for tag, version := range stored {
		if _, ok := l.published[version]; ok {
			shown[tag] = version
		}
	}
	if _, ok := shown[latestTag]; !ok && len(l.published) > 0 {
		shown[latestTag] = l.preferred
	}
	return shown
}

// chronology is the versions, oldest first.
func (l *listing) chronology() []string {
	return slices.SortedFunc(maps.Keys(l.published), func(a, b string) int {
		if c := l.published[a].Compare(l.published[b]); c != 0 {
			return c
		}
		return compare(a, b)
	})
}

// find returns a version by its name, listed or not, or the listed one that a
// tag leads to. It is nil if there is none.
func find(pkg *format.Package, wanted string) (*format.Version, error) {
	var l listing
	var exact, tagged, preferred *format.Version
	for v, err := range pkg.Versions {
		if err != nil {
			return nil, fmt.Errorf("read versions of %s: %w", pkg.Ref, err)
		}
		if v.Version == wanted {
			exact = &v
		}
		if !l.add(v) {
			continue
		}
		if v.Version == pkg.Tags[wanted] {
			tagged = &v
		}
		if v.Version == l.preferred {
			preferred = &v
		}
	}
	if wanted == latestTag {
		tagged = cmp.Or(tagged, preferred)
	}
	return cmp.Or(exact, tagged), nil
}
