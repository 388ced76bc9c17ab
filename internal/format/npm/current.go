package npm

import (
	"context"
	"fmt"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// current is a package as it is, read to be changed. A client's change is
// the difference of what it sends to this, never a replacement: what it
// cannot see, it does not change.
type current struct {
	listing
	pkg      *format.Package
	versions map[string]note // of all that clients may know of, listed or not
}

// note is what is known of a version's deprecation.
type note struct {
	made string // the message in its manifest
	now  string // the message that is shown
}

func readCurrent(ctx context.Context, x *format.Exchange) (*current, error) {
	pkg, err := x.Registry.Package(ctx, x.Package)
	if err != nil {
		return nil, err
	}
	c := &current{pkg: pkg, versions: map[string]note{}}
	for v, err := range pkg.Versions {
		if err != nil {
			return nil, fmt.Errorf("read versions of %s: %w", x.Package, err)
		}
		c.add(v)
		var n note
		err := members(v.Manifest, apartKey, func(key, value []byte) {
			if string(key) == "deprecated" {
				n.made = deprecation(value)
			}
		})
		if err != nil {
			return nil, fmt.Errorf("read manifest of %s %s: %w", x.Package, v.Version, err)
		}
		if n.now = n.made; v.Notes != nil {
			n.now = noted(v.Notes)
		}
		c.versions[v.Version] = n
	}
	return c, nil
}

// check refuses a change of a revision that is not the present one.
func (c *current) check(rev string) error {
	if rev == revision(c.pkg.Shows) {
		return nil
	}
	return larder.Errorf(larder.Conflict, "%s has changed since its revision %.64s was read: try again", displayed(c.pkg.Ref), rev)
}
