package data

import (
	"container/list"
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"larder.example/larder"
)

// Cache keeps rendered documents and looked-up assets by package, so that an
// answer from it needs no SQL. A commit that changes a package drops what was
// made of it. It is bounded in bytes; what was used least recently goes.
type Cache struct {
	// Max is the most that is kept, in bytes. 0 is 64 MiB.
	Max int64

	Now func() time.Time // nil is time.Now

	mu       sync.Mutex // guards what follows
	size     int64
	order    list.List // of *entry, the most recently used first
	packages map[packageKey]*bucket
}

const (
	defaultCache = 64 << 20

	// entryCost is about what an entry takes beside its value.
	entryCost = 512

	// fillTime is how long a value may take to make.
	fillTime = time.Minute
)

// packageKey names a package in all repositories of a domain: what one of
// them has of it, others may show.
type packageKey struct {
	domain                  larder.DomainRef
	format, namespace, name string
}

// item is one thing that a repository shows of a package: a document by its
// variant, or an asset by its version and name. The repository's row is never
// used again.
type item struct {
	repository     int64
	document       string
	version, asset string
}

// bucket is what is known of one package.
type bucket struct {
	entries map[item]*list.Element
	flights map[item]*flight
}

type entry struct {
	pkg   packageKey
	item  item
	value made
}

// made is a value that was made, how many bytes it holds, and until when it
// is what it would be if it were made again; zero is until something changes
// here.
type made struct {
	value any
	size  int64
	until time.Time
}

// flight is a value being made, for all who wait for it.
type flight struct {
	done    chan struct{}
	made    made
	err     error
	dropped bool // by a change that it may not have seen: for those who wait already, and not to be kept
}

// fill makes a value. before is the one that was kept until its time was over,
// or nil: if it is still right, it may be made again of itself.
type fill func(ctx context.Context, before any) (made, error)

// lookup returns what is kept of a package under i.
func (c *Cache) lookup(pkg packageKey, i item) (any, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.kept(pkg, i)
}

// kept is lookup, with c.mu held.
func (c *Cache) kept(pkg packageKey, i item) (any, bool) {
	b, ok := c.packages[pkg]
	if !ok {
		return nil, false
	}
	e, ok := b.entries[i]
	if !ok {
		return nil, false
	}
	m := e.Value.(*entry).value
	if !m.until.IsZero() && !c.now().Before(m.until) {
		return nil, false // fly puts another in its place
	}
	c.order.MoveToFront(e)
	return m.value, true
}

func (c *Cache) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}

// remove forgets an entry, with c.mu held.
func (c *Cache) remove(e *list.Element) {
	x := c.order.Remove(e).(*entry)
	c.size -= x.value.size
	delete(c.packages[x.pkg].entries, x.item)
	c.prune(x.pkg)
}

// get returns what is kept of a package under i, made by fill if it is not
// there. fill runs once for all who ask meanwhile, and runs on after the
// asker who started it has gone. A refusal is the asker's alone: who waited
// with another asks for himself.
func (c *Cache) get(ctx context.Context, pkg packageKey, i item, fill fill) (any, error) {
	for {
		value, f, mine := c.join(ctx, pkg, i, fill)
		if f == nil {
			return value, nil
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if mine || !larder.Denied.Is(f.err) && !larder.Unauthenticated.Is(f.err) {
			return f.made.value, f.err
		}
	}
}

// join returns what is kept, or else the flight that makes it and whether it
// was started here.
func (c *Cache) join(ctx context.Context, pkg packageKey, i item, fill fill) (value any, f *flight, mine bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if value, ok := c.kept(pkg, i); ok {
		return value, nil, false
	}
	b := c.bucket(pkg)
	if f, ok := b.flights[i]; ok {
		return nil, f, false
	}
	f = &flight{done: make(chan struct{})}
	b.flights[i] = f
	var before any
	if e, ok := b.entries[i]; ok {
		before = e.Value.(*entry).value.value
	}
	go c.fly(context.WithoutCancel(ctx), f, pkg, i, func(ctx context.Context) (made, error) { return fill(ctx, before) }) // others may wait for it
	return nil, f, true
}

// bucket returns a package's bucket, with c.mu held.
func (c *Cache) bucket(pkg packageKey) *bucket {
	b, ok := c.packages[pkg]
	if !ok {
		b = &bucket{entries: map[item]*list.Element{}, flights: map[item]*flight{}}
		if c.packages == nil {
			c.packages = map[packageKey]*bucket{}
		}
		c.packages[pkg] = b
	}
	return b
}

func (c *Cache) fly(ctx context.Context, f *flight, pkg packageKey, i item, fill func(context.Context) (made, error)) {
	ctx, cancel := context.WithTimeout(ctx, fillTime)
	defer cancel()
	f.run(ctx, fill)
	m := f.made
	m.size += entryCost
	c.mu.Lock()
	defer c.mu.Unlock()
	close(f.done)
	if f.dropped {
		return
	}
	b := c.packages[pkg]
	delete(b.flights, i)
	if e, ok := b.entries[i]; ok { // its time was over
		c.size -= c.order.Remove(e).(*entry).value.size
		delete(b.entries, i)
	}
	if f.err == nil && m.size <= c.max() && (m.until.IsZero() || c.now().Before(m.until)) {
		b.entries[i] = c.order.PushFront(&entry{pkg: pkg, item: i, value: m})
		c.size += m.size
	}
	c.prune(pkg)
	c.shrink()
}

// run runs fill, which parses what strangers published: if it panics, that is
// the failure of this one document and not the end of the server.
func (f *flight) run(ctx context.Context, fill func(context.Context) (made, error)) {
	defer func() {
		if p := recover(); p != nil {
			f.err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	f.made, f.err = fill(ctx)
}

// drop forgets what was made of a package, and lets nobody join what is
// being made.
func (c *Cache) drop(pkg packageKey) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.forget(pkg)
}

// dropDomain is drop for all packages of a domain.
func (c *Cache) dropDomain(d larder.DomainRef) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for pkg := range c.packages {
		if pkg.domain == d {
			c.forget(pkg)
		}
	}
}

// dropAll is drop for all packages.
func (c *Cache) dropAll() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for pkg := range c.packages {
		c.forget(pkg)
	}
}

// forget is drop, with c.mu held.
func (c *Cache) forget(pkg packageKey) {
	b, ok := c.packages[pkg]
	if !ok {
		return
	}
	for _, f := range b.flights {
		f.dropped = true
	}
	for _, e := range b.entries {
		c.size -= c.order.Remove(e).(*entry).value.size
	}
	delete(c.packages, pkg)
}

func (c *Cache) max() int64 {
	if c.Max == 0 {
		return defaultCache
	}
	return c.Max
}

// shrink lets the least recently used go until the rest fits, with c.mu held.
func (c *Cache) shrink() {
	for c.size > c.max() {
		c.remove(c.order.Back())
	}
}

// prune forgets a package of which nothing is known any more, with c.mu held.
func (c *Cache) prune(pkg packageKey) {
	if b := c.packages[pkg]; b != nil && len(b.entries) == 0 && len(b.flights) == 0 {
		delete(c.packages, pkg)
	}
}
