package registry

import (
	"context"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/packagegroup"
)

// admission says which repositories versions of a package may enter, as its
// package group has it. The package's own origin controls may keep out what a
// group lets in, never the other way round.
type admission struct {
	group string // the pattern of the group that the package is of
	weak  bool   // it only resembles the group's packages: nothing of it enters
	rules map[meta.Restriction]rule
}

// rule is a restriction in force.
type rule struct {
	mode meta.Mode
	rows map[int64]bool // the repositories on the list of the group that decides
}

// admission returns what the package group of a package says.
func (r *Registry) admission(ctx context.Context, tx *meta.Tx, in meta.Repository, ref larder.PackageRef) (admission, error) {
	path := packagegroup.PathOf(ref.Format, ref.Namespace, ref.Name)
	h, err := hierarchyOver(ctx, tx, domainOf(in), path.Folded())
	if err != nil {
		return admission{}, err
	}
	of, strength := h.associated(path)
	if of == nil {
		return admission{}, nil // its domain was made by a program that knew no groups
	}
	a := admission{group: of.Ref.Pattern, weak: strength == packagegroup.Weak, rules: map[meta.Restriction]rule{}}
	for _, k := range meta.Restrictions {
		mode, from := h.effective(of, k)
		made := rule{mode: mode}
		if mode == meta.AllowSpecific {
			if made.rows, err = tx.AllowedRows(ctx, from.PackageGroup, k); err != nil {
				return a, err
			}
		}
		a.rules[k] = made
	}
	return a, nil
}

// touch is [meta.Tx.TouchPackage] for a package that begins with the origin
// controls own unless its group says otherwise. It returns what the group says
// now that no other writer of the package is about.
func (r *Registry) touch(ctx context.Context, tx *meta.Tx, in meta.Repository, ref larder.PackageRef, own meta.OriginControls, now time.Time) (meta.Package, admission, error) {
	pkg, err := tx.TouchPackage(ctx, in.ID, ref, own, now)
	if err != nil {
		return pkg, admission{}, err
	}
	a, err := r.admission(ctx, tx, in, ref)
	if err != nil || pkg.Seq > 1 {
		return pkg, a, err
	}
	if o := a.origin(own); o != own {
		pkg.Origin = o
		err = tx.SetOrigin(ctx, pkg.ID, o)
	}
	return pkg, a, err
}

func domainOf(r meta.Repository) meta.Domain { return meta.Domain{ID: r.Domain, Ref: r.Ref.Domain} }

// lets reports whether versions may enter a repository by a way.
func (a *admission) lets(by meta.Restriction, repository int64) bool {
	if a.weak {
		return false
	}
	of := a.rules[by]
	if of.mode == meta.AllowSpecific {
		return of.rows[repository]
	}
	return of.mode != meta.Block
}

// origin returns the origin controls that a package begins with in a
// repository, of which own are those that it begins with where its group lets
// everything in. Where the group keeps something out the controls leave it to
// the group [guide], but for one thing, which is our choice: a name that was
// published is open to upstreams only if nothing of it comes from outside.
func (a *admission) origin(own meta.OriginControls) meta.OriginControls {
	decides := false
	for _, r := range a.rules {
		decides = decides || r.mode != meta.Allow
	}
	if !decides {
		return own
	}
	if own == publishedOrigin && a.rules[meta.ExternalUpstream].mode != meta.Block {
		return own
	}
	return meta.OriginControls{Publish: allow, Upstream: allow}
}

// refusePublish is why a package cannot be published to a repository, or nil.
func (a *admission) refusePublish(ref larder.PackageRef, repository meta.Repository) error {
	if a.lets(meta.Publish, repository.ID) {
		return nil
	}
	why := "package group '" + a.group + "' blocks it"
	switch {
	case a.weak:
		why = "its name resembles those of package group '" + a.group + "' and is none of them"
	case a.rules[meta.Publish].mode == meta.AllowSpecific:
		why = "package group '" + a.group + "' allows it in other repositories only"
	}
	return larder.Errorf(larder.Denied, "Versions of package %s cannot be published to repository '%s': %s.", ref, repository.Ref.Name, why)
}

// hierarchy is package groups of one domain. With a group it has all that are
// above it.
type hierarchy []member

type member struct {
	meta.PackageGroup
	pattern packagegroup.Pattern
}

// hierarchyOver returns the groups that may match a folded path, and those
// above a pattern of it.
func hierarchyOver(ctx context.Context, tx *meta.Tx, d meta.Domain, folded string) (hierarchy, error) {
	groups, err := tx.PackageGroupsOver(ctx, d, folded)
	if err != nil {
		return nil, err
	}
	return hierarchyOf(groups)
}

func hierarchyOf(groups []meta.PackageGroup) (hierarchy, error) {
	h := make(hierarchy, len(groups))
	for i, g := range groups {
		p, err := packagegroup.Parse(g.Ref.Pattern)
		if err != nil {
			return nil, err
		}
		h[i] = member{g, p}
	}
	return h, nil
}

// associated returns the group that a package is of, and how strongly.
func (h hierarchy) associated(path packagegroup.Path) (*member, packagegroup.Strength) {
	var best *member
	strength := packagegroup.None
	for i := range h {
		m := &h[i]
		s := m.pattern.Match(path)
		if s != packagegroup.None && (best == nil || packagegroup.Compare(m.pattern, best.pattern, path) > 0) {
			best, strength = m, s
		}
	}
	return best, strength
}

// parent returns the most specific group above a group; nil above the root.
func (h hierarchy) parent(of *member) *member {
	var best *member
	for i := range h {
		m := &h[i]
		if m.pattern.Above(of.pattern) && (best == nil || best.pattern.Above(m.pattern)) {
			best = m
		}
	}
	return best
}

// effective returns the mode of a restriction that is in force for a group,
// and the group that it comes from.
func (h hierarchy) effective(of *member, k meta.Restriction) (meta.Mode, *member) {
	for of.Modes[k] == meta.Inherit {
		above := h.parent(of)
		if above == nil {
			return meta.Allow, of
		}
		of = above
	}
	return of.Modes[k], of
}
