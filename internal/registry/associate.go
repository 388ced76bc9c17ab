package registry

import (
	"context"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/packagegroup"
)

// Strength is how well a package group's pattern matches a package.
type Strength = packagegroup.Strength

// AssociatedPackage is a package of a package group, whichever repositories
// have it.
type AssociatedPackage struct {
	PackageKey
	Strength Strength
}

// GetAssociatedPackageGroup returns the group that a package is of, or would
// be if there were such a package. Its repository is of no account.
func (r *Registry) GetAssociatedPackageGroup(ctx context.Context, ref larder.PackageRef) (g DescribedPackageGroup, s Strength, err error) {
	path := packagegroup.PathOf(ref.Format, ref.Namespace, ref.Name)
	g, err = view(ctx, r, func(ctx context.Context, tx *meta.Tx) (DescribedPackageGroup, error) {
		d, err := tx.Domain(ctx, ref.Repository.Domain)
		if err != nil {
			return DescribedPackageGroup{}, err
		}
		h, err := hierarchyOver(ctx, tx, d, path.Folded())
		if err != nil {
			return DescribedPackageGroup{}, err
		}
		var of *member
		if of, s = h.associated(path); of == nil {
			return DescribedPackageGroup{}, meta.NoPackageGroup(larder.PackageGroupRef{Domain: d.Ref, Pattern: packagegroup.Root})
		}
		return describeGroup(ctx, tx, of.Ref)
	})
	return g, s, err
}

const (
	// namesTaken is how many names are read at a time, and namesLooked how many
	// a page is looked for in: a page may be short, and there may be more.
	namesTaken  = 1000
	namesLooked = 50_000
)

// ListAssociatedPackages returns a page of the packages of a package group by
// format, namespace and name, and where the next one begins; nil if there is
// none. With preview it is as if there were a group of the pattern.
func (r *Registry) ListAssociatedPackages(ctx context.Context, ref larder.PackageGroupRef, preview bool, last PackageKey, limit int) (page []AssociatedPackage, next *PackageKey, err error) {
	page, err = view(ctx, r, func(ctx context.Context, tx *meta.Tx) (page []AssociatedPackage, err error) {
		d, err := tx.Domain(ctx, ref.Domain)
		if err != nil {
			return nil, err
		}
		h, err := r.hierarchyWith(ctx, tx, d, ref, preview)
		if err != nil {
			return nil, err
		}
		of := &h[0]
		for looked := 0; ; {
			names, err := tx.NamesInDomain(ctx, d.ID, of.pattern.Format(), last, namesTaken)
			if err != nil {
				return nil, err
			}
			for _, name := range names {
				last = name
				if s := h.strength(of, name); s != packagegroup.None {
					page = append(page, AssociatedPackage{name, s})
				}
				if looked++; len(page) == limit || looked == namesLooked {
					next = new(last)
					return page, nil
				}
			}
			if len(names) < namesTaken {
				return page, nil
			}
		}
	})
	return page, next, err
}

// strength reports how strongly a package is a group's: not at all if it is
// another's.
func (h hierarchy) strength(of *member, name PackageKey) Strength {
	path := packagegroup.PathOf(name.Format, name.Namespace, name.Name)
	if of.pattern.Match(path) == packagegroup.None {
		return packagegroup.None
	}
	best, s := h.associated(path)
	if best.Ref != of.Ref {
		return packagegroup.None
	}
	return s
}

// hierarchyWith returns all groups of a domain, the one asked for first.
func (r *Registry) hierarchyWith(ctx context.Context, tx *meta.Tx, d meta.Domain, ref larder.PackageGroupRef, preview bool) (hierarchy, error) {
	groups, err := tx.PackageGroups(ctx, d)
	if err != nil {
		return nil, err
	}
	for i, g := range groups {
		if g.Ref == ref {
			groups[0], groups[i] = groups[i], groups[0]
			return hierarchyOf(groups)
		}
	}
	if !preview {
		return nil, meta.NoPackageGroup(ref)
	}
	if _, err := r.pattern(ref.Pattern); err != nil {
		return nil, err
	}
	return hierarchyOf(append([]meta.PackageGroup{{Domain: d.ID, Ref: ref}}, groups...))
}
