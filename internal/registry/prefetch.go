package registry

import (
	"context"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/meta"
)

// Bounds of what is fetched before anybody asks: so many packages at once, so
// many that wait for their turn, so many that one package leads to, and so
// many steps from one that was asked for. What is beyond is fetched when it is
// asked for, and leads on from there.
const (
	prefetchAtOnce  = 8
	prefetchWaiting = 512
	prefetchEach    = 64
	prefetchSteps   = 6
)

// follow fetches what is likely to be asked for next, after the first answer
// about a package ever: where there was one before, so was most of what it
// leads to.
func (p *Public) follow(ctx context.Context, connection string, source *format.Source, ref larder.PackageRef, row meta.Document, step int) {
	if source.Next == nil || step == prefetchSteps {
		return
	}
	pkg, err := p.read(source, ref, row)
	var next []larder.PackageRef
	if err == nil {
		next, err = source.Next(pkg)
	}
	if err != nil {
		p.Registry.log().WarnContext(ctx, "what a package leads to cannot be read", "connection", connection, "package", ref.String(), "err", err)
		return
	}
	for _, n := range next[:min(len(next), prefetchEach)] {
		p.prefetch(connection, source, n, step+1)
	}
}

// prefetch fetches what a connection's registry knows of a package, in its
// turn, unless it has been asked by then.
func (p *Public) prefetch(connection string, source *format.Source, ref larder.PackageRef, step int) {
	key := documentKey{connection, source.Index(ref).URL}
	if !p.queue(key) {
		return
	}
	p.flying.Go(func() {
		defer p.unqueue()
		select {
		case p.turns <- struct{}{}:
		case <-p.ctx.Done():
			return
		}
		defer func() { <-p.turns }()
		if p.knows(key) {
			return
		}
		// Nobody waits for it: who asks meanwhile is told what went wrong.
		_ = p.prefetched(p.ctx, connection, source, ref, step)
	})
}

// queue reports whether a document is to be prefetched.
func (p *Public) queue(key documentKey) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, known := p.documents[key]; known || p.queued == prefetchWaiting {
		return false
	}
	p.queued++
	return true
}

func (p *Public) unqueue() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.queued--
}

// knows reports whether a document has been asked for.
func (p *Public) knows(key documentKey) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, known := p.documents[key]
	return known
}

// prefetched asks if whoever asks the repository would have it asked: a name
// that is kept from coming in from outside is not told to anybody.
func (p *Public) prefetched(ctx context.Context, connection string, source *format.Source, ref larder.PackageRef, step int) error {
	places, err := view(ctx, p.Registry, func(ctx context.Context, tx *meta.Tx) ([]place, error) {
		repository, err := tx.Repository(ctx, ref.Repository)
		if err != nil {
			return nil, err
		}
		return p.Registry.search(ctx, tx, repository, ref)
	})
	if err != nil {
		return err
	}
	for _, at := range places {
		if at.connection != connection {
			continue
		}
		q := p.index(connection, source, p.Connections[connection], ref)
		q.first = func(ctx context.Context, row meta.Document) { p.follow(ctx, connection, source, ref, row, step) }
		_, err := p.document(ctx, q)
		return err
	}
	return nil
}
