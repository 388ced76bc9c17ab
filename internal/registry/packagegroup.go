package registry

import (
	"context"
	"slices"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/packagegroup"
)

// The words of package groups.
type (
	// Restriction is a way by which versions enter a repository.
	Restriction = meta.Restriction
	// Mode says of a restriction whether it is in force.
	Mode = meta.Mode
)

// DescribedPackageGroup is a package group as its domain has it: what is in
// force of it comes from the groups above.
type DescribedPackageGroup struct {
	meta.PackageGroup
	Parent       string // its pattern; empty for the root group
	Restrictions map[Restriction]DescribedRestriction
}

// DescribedRestriction is a restriction of a package group.
type DescribedRestriction struct {
	Mode, Effective Mode
	InheritedFrom   string // a pattern; empty if the mode is the group's own
	Repositories    int64  // on the group's own list
}

// NewPackageGroup is a package group to be made.
type NewPackageGroup struct {
	Ref                      larder.PackageGroupRef
	ContactInfo, Description string
	Tags                     []identity.Tag
}

// root is the group that a domain begins with.
func root(d meta.Domain) meta.PackageGroup {
	g := meta.PackageGroup{
		Domain: d.ID, Ref: larder.PackageGroupRef{Domain: d.Ref, Pattern: packagegroup.Root},
		Folded: strings.TrimSuffix(packagegroup.Root, "*"), CreatedAt: d.CreatedAt, Modes: map[Restriction]Mode{},
	}
	for _, k := range meta.Restrictions {
		g.Modes[k] = meta.Allow
	}
	return g
}

// CreatePackageGroup makes a package group, which inherits everything.
func (r *Registry) CreatePackageGroup(ctx context.Context, n NewPackageGroup) (DescribedPackageGroup, error) {
	p, err := r.pattern(n.Ref.Pattern)
	if err != nil {
		return DescribedPackageGroup{}, err
	}
	g := meta.PackageGroup{
		Ref: n.Ref, Folded: p.Folded(), ContactInfo: n.ContactInfo, Description: n.Description, CreatedAt: r.now(), Modes: map[Restriction]Mode{},
	}
	for _, k := range meta.Restrictions {
		g.Modes[k] = meta.Inherit
	}
	return r.regroup(ctx, n.Ref, func(ctx context.Context, tx *meta.Tx) error {
		d, err := tx.Domain(ctx, n.Ref.Domain)
		if err != nil {
			return err
		}
		g.Domain = d.ID
		if err := tx.InsertPackageGroup(ctx, g); err != nil {
			return err
		}
		return identity.SetTags(ctx, tx, identity.Guarded{Domain: n.Ref.Domain, Pattern: n.Ref.Pattern}, d.ID, n.Tags)
	})
}

// regroup changes a package group, and returns it as it is afterwards. Who
// may enter a repository is obeyed as who may do what is: on every node,
// before the answer.
func (r *Registry) regroup(ctx context.Context, ref larder.PackageGroupRef, change func(context.Context, *meta.Tx) error) (g DescribedPackageGroup, err error) {
	err = r.Identity.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		if err := change(ctx, tx); err != nil {
			return err
		}
		g, err = describeGroup(ctx, tx, ref)
		return err
	})
	r.rewired(ref.Domain)
	return g, err
}

// pattern reads the pattern of a group that is to be made. It must spell names
// as they are stored.
func (r *Registry) pattern(text string) (packagegroup.Pattern, error) {
	p, err := packagegroup.Parse(text)
	if err != nil {
		return p, err
	}
	f, served := r.Formats[p.Format()]
	if !served && p.Format() != "" && !packagegroup.Known(p.Format()) {
		return p, larder.Errorf(larder.Invalid, "The package group pattern '%s' is about format %s, which there is not.", text, p.Format())
	}
	namespace, name, whole, ok := p.Name()
	if !served || !ok || f.Names.Canonical == nil {
		return p, nil
	}
	end := ""
	if !whole {
		end = "x" // for the beginning of a name is not always one
	}
	storedNamespace, stored, err := f.Names.Canonical(namespace, name+end)
	if err == nil && (storedNamespace != namespace || stored != name+end) {
		err = larder.Errorf(larder.Invalid, "The package group pattern '%s' matches nothing: its names are stored as /%s/%s/%s.",
			text, p.Format(), storedNamespace, strings.TrimSuffix(stored, end))
	}
	return p, err
}

// describeGroup returns a package group.
func describeGroup(ctx context.Context, tx *meta.Tx, ref larder.PackageGroupRef) (DescribedPackageGroup, error) {
	g, err := tx.PackageGroup(ctx, ref)
	if err != nil {
		return DescribedPackageGroup{}, err
	}
	h, err := hierarchyOver(ctx, tx, meta.Domain{ID: g.Domain, Ref: ref.Domain}, g.Folded)
	if err != nil {
		return DescribedPackageGroup{}, err
	}
	i := slices.IndexFunc(h, func(m member) bool { return m.Ref == ref })
	counts, err := tx.AllowedCounts(ctx, g.Domain)
	return h.describe(&h[i], counts), err
}

func (h hierarchy) describe(m *member, counts map[string]map[Restriction]int64) DescribedPackageGroup {
	d := DescribedPackageGroup{PackageGroup: m.PackageGroup, Restrictions: map[Restriction]DescribedRestriction{}}
	if above := h.parent(m); above != nil {
		d.Parent = above.Ref.Pattern
	}
	for _, k := range meta.Restrictions {
		mode, from := h.effective(m, k)
		x := DescribedRestriction{Mode: m.Modes[k], Effective: mode, Repositories: counts[m.Ref.Pattern][k]}
		if from != m {
			x.InheritedFrom = from.Ref.Pattern
		}
		d.Restrictions[k] = x
	}
	return d
}

// DescribePackageGroup returns a package group.
func (r *Registry) DescribePackageGroup(ctx context.Context, ref larder.PackageGroupRef) (DescribedPackageGroup, error) {
	return view(ctx, r, func(ctx context.Context, tx *meta.Tx) (DescribedPackageGroup, error) {
		return describeGroup(ctx, tx, ref)
	})
}

// UpdatePackageGroup changes the texts of a package group. Nil leaves what
// there is.
func (r *Registry) UpdatePackageGroup(ctx context.Context, ref larder.PackageGroupRef, contactInfo, description *string) (d DescribedPackageGroup, err error) {
	err = r.DB.Update(ctx, func(ctx context.Context, tx *meta.Tx) error {
		g, err := tx.PackageGroup(ctx, ref)
		if err != nil {
			return err
		}
		if contactInfo != nil {
			g.ContactInfo = *contactInfo
		}
		if description != nil {
			g.Description = *description
		}
		if err := tx.DescribePackageGroup(ctx, g); err != nil {
			return err
		}
		d, err = describeGroup(ctx, tx, ref)
		return err
	})
	return d, err
}

// GroupOrigin is what is to be changed of a package group's restrictions.
// Those without a mode keep theirs.
type GroupOrigin struct {
	Modes       map[Restriction]Mode
	Add, Remove []ListedRepository
}

// ListedRepository is a repository on the list of a restriction.
type ListedRepository struct {
	Restriction Restriction
	Repository  string
}

// GroupOriginChange is what has changed of the lists of a package group.
type GroupOriginChange struct{ Added, Removed []ListedRepository }

// UpdatePackageGroupOriginConfiguration changes the restrictions of a package
// group. A repository that is both to be added and to be removed is removed.
func (r *Registry) UpdatePackageGroupOriginConfiguration(ctx context.Context, ref larder.PackageGroupRef, o GroupOrigin) (DescribedPackageGroup, GroupOriginChange, error) {
	var change GroupOriginChange
	d, err := r.regroup(ctx, ref, func(ctx context.Context, tx *meta.Tx) error {
		change = GroupOriginChange{}
		g, err := tx.PackageGroup(ctx, ref)
		if err != nil {
			return err
		}
		for k, mode := range o.Modes {
			if mode == meta.Inherit && ref.Pattern == packagegroup.Root {
				return larder.Errorf(larder.Invalid, "The root package group '%s' has nothing to inherit from.", ref.Pattern)
			}
			g.Modes[k] = mode
		}
		if err := tx.SetPackageGroupModes(ctx, g); err != nil {
			return err
		}
		if change.Added, err = relist(ctx, tx, g, o.Add, tx.AllowRepository); err != nil {
			return err
		}
		change.Removed, err = relist(ctx, tx, g, o.Remove, tx.DisallowRepository)
		return err
	})
	return d, change, err
}

// relist changes the lists of a group, and returns those that were not as they
// should be.
func relist(ctx context.Context, tx *meta.Tx, g meta.PackageGroup, all []ListedRepository,
	set func(context.Context, meta.PackageGroup, Restriction, int64) (bool, error),
) (changed []ListedRepository, err error) {
	for _, x := range all {
		repository, err := tx.Repository(ctx, larder.RepositoryRef{Domain: g.Ref.Domain, Name: x.Repository})
		if err != nil {
			return nil, err
		}
		was, err := set(ctx, g, x.Restriction, repository.ID)
		if err != nil {
			return nil, err
		}
		if was {
			changed = append(changed, x)
		}
	}
	return changed, nil
}

// ListAllowedRepositoriesForGroup returns a page of a list of a package group
// by name. It is the group's own, whatever it inherits.
func (r *Registry) ListAllowedRepositoriesForGroup(ctx context.Context, ref larder.PackageGroupRef, k Restriction, after string, limit int) ([]string, error) {
	return view(ctx, r, func(ctx context.Context, tx *meta.Tx) (names []string, err error) {
		g, err := tx.PackageGroup(ctx, ref)
		if err != nil {
			return nil, err
		}
		repositories, err := tx.AllowedRepositories(ctx, g, k, after, limit)
		for _, x := range repositories {
			names = append(names, x.Ref.Name)
		}
		return names, err
	})
}

// DeletePackageGroup deletes a package group and returns it as it was. Its
// packages and the groups below are the parent's from then on.
func (r *Registry) DeletePackageGroup(ctx context.Context, ref larder.PackageGroupRef) (was DescribedPackageGroup, err error) {
	err = r.Identity.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		if was, err = describeGroup(ctx, tx, ref); err != nil {
			return err
		}
		if ref.Pattern == packagegroup.Root {
			return larder.Errorf(larder.Invalid, "The root package group '%s' cannot be deleted.", ref.Pattern)
		}
		return tx.DeletePackageGroup(ctx, was.PackageGroup)
	})
	r.rewired(ref.Domain)
	return was, err
}

// ListPackageGroups returns a page of a domain's package groups by pattern.
func (r *Registry) ListPackageGroups(ctx context.Context, d larder.DomainRef, prefix, after string, limit int) ([]DescribedPackageGroup, error) {
	return r.groups(ctx, d, after, limit, func(_ hierarchy, m *member) bool { return strings.HasPrefix(m.Ref.Pattern, prefix) })
}

// ListSubPackageGroups returns a page of the package groups of which a group
// is the parent, by pattern.
func (r *Registry) ListSubPackageGroups(ctx context.Context, ref larder.PackageGroupRef, after string, limit int) ([]DescribedPackageGroup, error) {
	if _, err := r.DB.Now().PackageGroup(ctx, ref); err != nil {
		return nil, err
	}
	return r.groups(ctx, ref.Domain, after, limit, func(h hierarchy, m *member) bool {
		above := h.parent(m)
		return above != nil && above.Ref == ref
	})
}

// groups returns a page of those groups of a domain that are wanted.
func (r *Registry) groups(ctx context.Context, d larder.DomainRef, after string, limit int, wanted func(hierarchy, *member) bool) ([]DescribedPackageGroup, error) {
	return view(ctx, r, func(ctx context.Context, tx *meta.Tx) (page []DescribedPackageGroup, err error) {
		row, err := tx.Domain(ctx, d)
		if err != nil {
			return nil, err
		}
		all, err := tx.PackageGroups(ctx, row)
		if err != nil {
			return nil, err
		}
		h, err := hierarchyOf(all)
		if err != nil {
			return nil, err
		}
		counts, err := tx.AllowedCounts(ctx, row.ID)
		if err != nil {
			return nil, err
		}
		for i := range h {
			if m := &h[i]; m.Ref.Pattern > after && wanted(h, m) && len(page) < limit {
				page = append(page, h.describe(m, counts))
			}
		}
		return page, nil
	})
}
