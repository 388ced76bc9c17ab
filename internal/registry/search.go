package registry

import (
	"context"
	"slices"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/meta"
)

const (
	// upstreamsSearched is CodeArtifact's quota of the upstreams that one
	// request searches, however far away.
	upstreamsSearched = 25

	// directUpstreams is CodeArtifact's quota of a repository's own.
	directUpstreams = 10
)

// place is a repository in which a search looks for a package.
type place struct {
	repository larder.RepositoryRef
	row        int64
	connection string       // the external connection that is asked here; empty: none
	pkg        meta.Package // without an ID: the repository does not have it
	below      int          // the place whose upstream this is; -1 is none's
	end        int          // behind the last place that is upstream of this one
}

// has reports whether the repository has the package.
func (p *place) has() bool { return p.pkg.ID != 0 }

// leads reports whether anything lies upstream of the repository, which is
// place i of its search.
func (p *place) leads(i int) bool { return p.connection != "" || p.end > i+1 }

// search returns the repositories in which a package is looked for, in the
// order in which that is done: first the one that was asked, then each of its
// upstreams with that upstream's own before the next. A repository where
// origin controls or the package's group let nothing in from upstream ends its
// branch, and one that was searched is not searched again.
func (r *Registry) search(ctx context.Context, tx *meta.Tx, from meta.Repository, ref larder.PackageRef) ([]place, error) {
	w := walk{format: r.Formats[ref.Format]}
	var err error
	if w.nodes, err = tx.Reach(ctx, from); err != nil {
		return nil, err
	}
	if w.packages, err = tx.PackagesInReach(ctx, from, ref); err != nil {
		return nil, err
	}
	if len(w.nodes) > 1 || w.nodes[from.ID] != nil && w.nodes[from.ID].Connection != "" { // else nothing can enter
		if w.admission, err = r.admission(ctx, tx, from, ref); err != nil {
			return nil, err
		}
	}
	w.visit(from.ID, -1)
	return w.places, nil
}

// walk is a search under way.
type walk struct {
	format   *format.Format
	nodes    map[int64]*meta.Node
	packages map[int64]meta.Package
	places   []place
	admission
}

func (w *walk) visit(row int64, below int) {
	node, ok := w.nodes[row]
	if !ok || len(w.places) > upstreamsSearched || slices.ContainsFunc(w.places, func(p place) bool { return p.row == row }) {
		return
	}
	i := len(w.places)
	p := place{repository: node.Ref, row: row, pkg: w.packages[row], below: below}
	onward := w.format != nil && !w.format.Alone && p.pkg.Origin.Upstream != block
	if onward && w.format.Source != nil && w.lets(meta.ExternalUpstream, row) && slices.Contains(w.format.Source.Connections, node.Connection) {
		p.connection = node.Connection
	}
	w.places = append(w.places, p)
	if onward && w.lets(meta.InternalUpstream, row) {
		for _, upstream := range node.Upstreams {
			w.visit(upstream, i)
		}
	}
	w.places[i].end = len(w.places)
}
