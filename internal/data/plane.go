package data

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"

	"larder.example/larder"
	"larder.example/larder/internal/audit"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/registry"
	"larder.example/larder/internal/throttle"
	"larder.example/larder/internal/token"
	"larder.example/larder/internal/wire/restjson"
)

const (
	service       = "codeartifact"
	actionRead    = "codeartifact:ReadFromRepository"
	actionPublish = "codeartifact:PublishPackageVersion"

	// statusGone is what is logged of a request whose client did not wait for
	// the answer; the number is nginx's.
	statusGone = 499
)

// Plane serves package managers.
type Plane struct {
	Registry  *registry.Registry
	Identity  *identity.Service
	Tokens    *token.Vault
	Formats   map[larder.Format]*format.Format
	Endpoints format.Endpoints
	Region    string
	Cache     *Cache         // nil: one of the default size
	Gate      *throttle.Gate // nil lets everything pass

	once     sync.Once // guards the making of routers
	routers  map[larder.Format]router
	fallback Cache
}

// router returns the router of a format.
func (p *Plane) router(f larder.Format) router {
	p.once.Do(func() {
		p.routers = map[larder.Format]router{}
		for name, f := range p.Formats {
			p.routers[name] = newRouter(f.Routes)
		}
	})
	return p.routers[f]
}

func (p *Plane) cache() *Cache {
	if p.Cache != nil {
		return p.Cache
	}
	return &p.fallback
}

// Drop forgets what was made of a package that has changed in some
// repository: others of the domain may show it.
func (p *Plane) Drop(ref larder.PackageRef) { p.cache().drop(keyOf(ref)) }

// DropDomain forgets what was made of the packages of a domain in which
// repositories have got other upstreams.
func (p *Plane) DropDomain(d larder.DomainRef) { p.cache().dropDomain(d) }

// DropAll forgets what was made of every package.
func (p *Plane) DropAll() { p.cache().dropAll() }

// Serve answers a request if it is one for the data plane, and reports
// whether it was. It notes in e what it finds out.
func (p *Plane) Serve(w http.ResponseWriter, r *http.Request, e *audit.Event) bool {
	ref, name, rest, ok := p.Endpoints.Find(r.Host, escapedPath(r))
	if !ok {
		return false
	}
	f, ok := p.Formats[name]
	if !ok {
		return false
	}
	t := &trip{plane: p, w: w, r: r, event: e, format: f, ref: ref}
	defer t.uploads.discard()
	t.begin(rest)
	if err := t.run(rest); err != nil {
		t.fail(err)
	}
	return true
}

// trip is one request on its way.
type trip struct {
	plane      *Plane
	w          http.ResponseWriter
	r          *http.Request
	event      *audit.Event
	format     *format.Format
	ref        larder.RepositoryRef
	repository identity.Repository
	route      *format.Route
	exchange   format.Exchange
	judged     judged
	uploads    uploads
	until      atomic.Int64             // when what the registry told of public registries is to be asked again, in Unix milliseconds; 0 is never
	stale      atomic.Bool              // whether one of them did not answer
	had        atomic.Pointer[document] // the document that is to be made again; nil: there is none
	shows      atomic.Pointer[string]   // what the package shows that a document is made of
}

// begin notes what the request is about.
func (t *trip) begin(rest string) {
	e := t.event
	e.Service, e.Name, e.Read = service, "PutPackageMetadata", false
	if t.r.Method == http.MethodGet || t.r.Method == http.MethodHead {
		e.Name, e.Read = "ReadFromRepository", true
	}
	e.Method, e.Path = t.r.Method, "/"+string(t.format.Name)+token.Redact(rest)
	e.Target = audit.Target{
		DomainOwner: t.ref.Domain.Owner, Domain: t.ref.Domain.Name, Repository: t.ref.Name, Format: string(t.format.Name),
	}
}

// run takes the request through its phases.
func (t *trip) run(rest string) error {
	if err := t.authenticate(); err != nil {
		return t.plane.Gate.Failed(t.event.Addr, err)
	}
	var err error
	if t.route, err = t.plane.router(t.format.Name).match(t.r, rest); err != nil {
		return err
	}
	if err := t.name(); err != nil {
		return err
	}
	if err := t.authorize(); err != nil {
		return err
	}
	// Only who may ask learns that there is no such repository.
	if t.repository, err = t.plane.Identity.Repository(t.ref); err != nil {
		return err
	}
	return t.route.Serve(&t.exchange)
}

// fail spells what went wrong.
func (t *trip) fail(err error) {
	e := larder.AsError(err)
	t.event.Code, t.event.Message, t.event.Err = restjson.Protocol{}.Name(e), e.Message, err
	if e.Kind == larder.Denied {
		t.event.Code = "AccessDenied" // as CloudTrail has it
	}
	if begun, ok := t.w.(interface{ Begun() bool }); errors.Is(err, errSent) || ok && begun.Begun() {
		panic(http.ErrAbortHandler) // so that no client takes half an answer for a whole one
	}
	if t.r.Context().Err() != nil {
		t.w.WriteHeader(statusGone)
		return
	}
	if e.Kind == larder.Unauthenticated {
		t.challenge()
	}
	t.drain()
	t.format.Fail(t.w, t.r, e)
}

// name finds the package that the request line is about, if it names one.
func (t *trip) name() error {
	switch {
	case t.route.Action != "":
		t.act(t.route.Action)
	case t.route.Package == nil && !t.event.Read:
		t.act(actionPublish) // of what, the body says
	}
	if t.route.Package == nil {
		return nil
	}
	namespace, name, err := t.route.Package(t.r)
	if err != nil {
		return err
	}
	if namespace, name, err = t.format.Names.Canonical(namespace, name); err != nil {
		return err
	}
	t.exchange.Package = larder.PackageRef{Repository: t.ref, Format: t.format.Name, Namespace: namespace, Name: name}
	t.event.Target.Namespace, t.event.Target.Package = namespace, name
	return nil
}

// act notes what the request turned out to do.
func (t *trip) act(action string) {
	t.event.Name, t.event.Read = strings.TrimPrefix(action, service+":"), action == actionRead
}

// authorize asks for the route's action. Reading is a matter of the whole
// repository; everything else that names a package is about the package.
func (t *trip) authorize() error {
	switch {
	case t.route.Action == "":
		return nil
	case t.route.Action == actionRead:
		return t.mayRead()
	case t.route.Package == nil:
		return t.may(t.route.Action, t.ref.ARN(t.plane.Region))
	}
	return t.may(t.route.Action, t.exchange.Package.ARN(t.plane.Region))
}

func (t *trip) may(action string, resource larder.ARN) error {
	return t.plane.Identity.Authorize(t.r.Context(), identity.Question{Action: action, Resource: resource})
}

func (t *trip) mayRead() error { return t.may(actionRead, t.ref.ARN(t.plane.Region)) }

// judged is the registry as one request's format sees it: the registry
// itself, which judges each call for the caller in the context, and whose
// uploads go when the request ends.
type judged struct {
	*registry.Registry
	trip *trip
}

// Package implements format.Registry, and notes how long it holds.
func (j *judged) Package(ctx context.Context, ref larder.PackageRef) (*format.Package, error) {
	p, err := j.Registry.Package(ctx, ref)
	if err == nil && !p.Until.IsZero() {
		until := p.Until.UnixMilli()
		if had := j.trip.until.Load(); had == 0 || until < had {
			j.trip.until.Store(until)
		}
	}
	if err != nil {
		return nil, err
	}
	if p.Stale {
		j.trip.stale.Store(true)
	}
	if ref != j.trip.exchange.Package {
		return p, nil
	}
	if had := j.trip.had.Load(); had != nil && had.shows == p.Shows {
		return nil, errSame
	}
	j.trip.shows.Store(&p.Shows)
	return p, nil
}

// Publish implements format.Registry.
func (j *judged) Publish(ctx context.Context, v larder.VersionRef, p format.Publication) error {
	j.trip.act(actionPublish)
	target := &j.trip.event.Target
	target.Namespace, target.Package, target.Version = v.Package.Namespace, v.Package.Name, v.Version
	return j.Registry.Publish(ctx, v, p)
}

// Amend implements format.Registry. Only the change itself says what is done.
func (j *judged) Amend(ctx context.Context, p larder.PackageRef, c format.Change) error {
	for _, action := range registry.Actions(c) {
		j.trip.act(action)
	}
	return j.Registry.Amend(ctx, p, c)
}

// Upload implements format.Registry.
func (j *judged) Upload(ctx context.Context, b io.Reader) (format.Upload, error) {
	u, err := j.Registry.Upload(ctx, b)
	if err != nil {
		return nil, err
	}
	j.trip.uploads = append(j.trip.uploads, u)
	return u, nil
}

type uploads []*registry.Upload

func (us *uploads) discard() {
	for _, u := range *us {
		u.Discard()
	}
}
