package registry

import (
	"context"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/outbound"
)

// Public reads public registries: it is the [Outside] of a server. What they
// answer about packages is kept as documents, each with its validator, and is
// asked for again when it is no longer fresh; files go to who wants them and
// into the store at once. It is safe for concurrent use.
type Public struct {
	Registry    *Registry
	Out         *outbound.Client
	Connections map[string]Connection // by name; those that are not there lead nowhere

	// Prefetch says that public registries are asked for what clients are
	// likely to ask for next.
	Prefetch bool

	// Count is told of each pull. Nil: nobody counts.
	Count func(Pull)

	// Drifted is told of each [Drift], once. Nil: nobody is.
	Drifted func(context.Context, Drift)

	once   sync.Once // guards the making of ctx, turns and the maps
	ctx    context.Context
	cancel context.CancelFunc
	flying sync.WaitGroup

	mu        sync.Mutex // guards what follows
	documents map[documentKey]*held
	arrivals  map[string]*arrival
	wrong     map[string]bool      // wrong files that are reported
	absent    map[string]time.Time // until when files are known not to be there, by URL
	queued    int                  // how many packages are being prefetched or wait for it

	turns chan struct{} // of those that are being prefetched

	readings readings
}

var (
	_ Outside   = (*Public)(nil)
	_ io.Closer = (*Public)(nil)
)

// Connection is where a public registry is, and how we are known there.
type Connection struct {
	Base        string // of its addresses, with a slash at the end
	Credentials outbound.Credentials
}

// Pull is what became of asking a public registry.
type Pull struct {
	Connection string
	What       string // document or asset
	Outcome    Outcome
}

// What pulls are of.
const (
	documents = "document"
	assets    = "asset"
)

// Outcome is what became of a [Pull].
type Outcome string

// The outcomes of pulls.
const (
	PullFetched   Outcome = "fetched"   // something new came
	PullUnchanged Outcome = "unchanged" // what is here is what is there
	PullMissing   Outcome = "missing"   // there is no such thing
	PullFailed    Outcome = "failed"    // no answer, or none of use
	PullStale     Outcome = "stale"     // an answer of before was given in the place of a new one
	PullOlder     Outcome = "older"     // an answer older than what was served before was not taken
	PullWrong     Outcome = "wrong"     // bytes were not those of which the index has the digest
)

// begin makes the context of what outlives the requests that ask for it.
func (p *Public) begin() {
	p.once.Do(func() {
		p.ctx, p.cancel = context.WithCancel(context.Background())
		p.documents, p.arrivals = map[documentKey]*held{}, map[string]*arrival{}
		p.turns = make(chan struct{}, prefetchAtOnce)
	})
}

// Close ends what is under way, and waits for it.
func (p *Public) Close() error {
	p.begin()
	p.cancel()
	p.flying.Wait()
	return nil
}

// source returns who reads a connection for a format, and where it leads.
func (p *Public) source(connection string, f larder.Format) (*format.Source, Connection, error) {
	known, ok := p.Registry.Formats[f]
	if !ok || known.Source == nil || !slices.Contains(known.Source.Connections, connection) {
		return nil, Connection{}, larder.Errorf(larder.NotFound, "The external connection %s has no packages of format %s.", connection, f)
	}
	k, ok := p.Connections[connection]
	if !ok {
		return nil, Connection{}, larder.Errorf(larder.Unavailable, "The registry behind %s has no address here: %s sets it.",
			connection, "LARDER_CONNECTION_"+strings.ToUpper(strings.NewReplacer(":", "_", "-", "_").Replace(connection)))
	}
	return known.Source, k, nil
}

func (p *Public) count(connection, what string, outcome Outcome) {
	if p.Count != nil {
		p.Count(Pull{Connection: connection, What: what, Outcome: outcome})
	}
}

// room refuses to fetch onto a disk that is nearly full.
func (p *Public) room() error {
	if p.Registry.Space == nil {
		return nil
	}
	return p.Registry.Space.Check()
}
