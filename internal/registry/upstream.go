package registry

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
)

// ActionAssociate is what a caller must be allowed on a repository to make it
// an upstream of another. Who reads through that one needs no permission on
// it.
const ActionAssociate = "codeartifact:AssociateWithDownstreamRepository"

// DescribedRepository is a repository with its upstreams, in the order in
// which they are searched.
type DescribedRepository struct {
	Repository
	Upstreams        []string
	ConnectionFormat larder.Format // of its external connection, if it has one
}

func (r *Registry) describe(ctx context.Context, tx *meta.Tx, x meta.Repository) (DescribedRepository, error) {
	d := DescribedRepository{Repository: x}
	d.ConnectionFormat, _ = r.connectionFormat(x.Connection)
	upstreams, err := tx.Upstreams(ctx, x.ID)
	for _, u := range upstreams {
		d.Upstreams = append(d.Upstreams, u.Ref.Name)
	}
	return d, err
}

// connectionFormat returns the format that an external connection is of, and
// false if there is no connection of that name.
func (r *Registry) connectionFormat(name string) (larder.Format, bool) {
	for _, f := range r.Formats {
		if f.Source != nil && slices.Contains(f.Source.Connections, name) {
			return f.Name, true
		}
	}
	return "", false
}

// connect gives a repository upstreams. may is asked about those that it has
// not had; nil says that the caller was.
func (r *Registry) connect(ctx context.Context, tx *meta.Tx, x meta.Repository, names []string, may func(larder.RepositoryRef) error) error {
	switch {
	case len(names) > directUpstreams:
		return &larder.Error{
			Kind: larder.OverQuota, Resource: "repository", ID: x.Ref.Name,
			Message: fmt.Sprintf("A repository has at most %d upstreams.", directUpstreams),
		}
	case x.Connection != "" && len(names) > 0:
		return &larder.Error{
			Kind: larder.Conflict, Resource: "repository", ID: x.Ref.Name,
			Message: "Repository '" + x.Ref.Name + "' has the external connection " + x.Connection + ": it cannot have upstreams too.",
		}
	}
	had, err := tx.Upstreams(ctx, x.ID)
	if err != nil {
		return err
	}
	var rows []int64
	for _, name := range names {
		ref := larder.RepositoryRef{Domain: x.Ref.Domain, Name: name}
		if name == x.Ref.Name {
			return larder.Errorf(larder.Invalid, "Repository '%s' cannot be its own upstream.", name)
		}
		if may != nil && !slices.ContainsFunc(had, func(u meta.Repository) bool { return u.Ref == ref }) {
			if err := may(ref); err != nil {
				return err
			}
		}
		u, err := tx.Repository(ctx, ref)
		if err != nil {
			return err
		}
		if slices.Contains(rows, u.ID) {
			return larder.Errorf(larder.Invalid, "The upstream '%s' comes twice.", name)
		}
		rows = append(rows, u.ID)
	}
	return tx.SetUpstreams(ctx, x.ID, rows)
}

// RepositoryUpdate is what is to be changed of a repository. Nil leaves what
// there is.
type RepositoryUpdate struct {
	Description *string
	Upstreams   *[]string
}

// UpdateRepository changes a repository. The caller in ctx is asked about the
// upstreams that it adds.
func (r *Registry) UpdateRepository(ctx context.Context, ref larder.RepositoryRef, u RepositoryUpdate) (DescribedRepository, error) {
	return r.rewire(ctx, ref, func(ctx context.Context, tx *meta.Tx, x *meta.Repository) error {
		if u.Description != nil {
			x.Description = *u.Description
			if err := tx.SetDescription(ctx, x.ID, x.Description); err != nil {
				return err
			}
		}
		if u.Upstreams == nil {
			return nil
		}
		return r.connect(ctx, tx, *x, *u.Upstreams, func(upstream larder.RepositoryRef) error {
			return r.authorize(ctx, ActionAssociate, upstream.ARN(r.Region))
		})
	})
}

// AssociateExternalConnection lets a repository serve what a public registry
// has. A repository has one connection at most, and no upstreams then.
func (r *Registry) AssociateExternalConnection(ctx context.Context, ref larder.RepositoryRef, name string) (DescribedRepository, error) {
	return r.rewire(ctx, ref, func(ctx context.Context, tx *meta.Tx, x *meta.Repository) error {
		if _, ok := r.connectionFormat(name); !ok {
			return larder.Errorf(larder.Invalid, "There is no external connection '%s'. There are: %s.", name, r.connections())
		}
		upstreams, err := tx.Upstreams(ctx, x.ID)
		if err != nil {
			return err
		}
		refused := ""
		switch {
		case x.Connection != "":
			refused = "' has the external connection " + x.Connection + ": it cannot have another."
		case len(upstreams) > 0:
			refused = "' has upstreams: it cannot have an external connection too."
		}
		if refused != "" {
			return &larder.Error{
				Kind: larder.Conflict, Resource: "repository", ID: ref.Name,
				Message: "Repository '" + ref.Name + refused,
			}
		}
		x.Connection = name
		return tx.SetConnection(ctx, x.ID, name)
	})
}

// connections names all external connections.
func (r *Registry) connections() string {
	all := map[string]bool{}
	for _, f := range r.Formats {
		if f.Source == nil {
			continue
		}
		for _, name := range f.Source.Connections {
			all[name] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(all)), ", ")
}

// DisassociateExternalConnection takes a repository's external connection.
// What came through it stays.
func (r *Registry) DisassociateExternalConnection(ctx context.Context, ref larder.RepositoryRef, name string) (DescribedRepository, error) {
	return r.rewire(ctx, ref, func(ctx context.Context, tx *meta.Tx, x *meta.Repository) error {
		if x.Connection != name {
			return &larder.Error{
				Kind: larder.NotFound, Resource: "repository", ID: ref.Name,
				Message: "Repository '" + ref.Name + "' has no external connection '" + name + "'.",
			}
		}
		x.Connection = ""
		return tx.SetConnection(ctx, x.ID, "")
	})
}

// rewire changes where a repository looks for packages, and returns it as it
// is afterwards.
func (r *Registry) rewire(ctx context.Context, ref larder.RepositoryRef,
	change func(context.Context, *meta.Tx, *meta.Repository) error,
) (d DescribedRepository, err error) {
	err = r.DB.Update(ctx, func(ctx context.Context, tx *meta.Tx) error {
		x, err := tx.Repository(ctx, ref)
		if err != nil {
			return err
		}
		if err := change(ctx, tx, &x); err != nil {
			return err
		}
		d, err = r.describe(ctx, tx, x)
		return err
	})
	r.rewired(ref.Domain)
	return d, err
}
