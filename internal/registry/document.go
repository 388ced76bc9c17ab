package registry

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/outbound"
)

const (
	// freshLeast and freshMost bound how long an answer is taken for what
	// still is so: something new is visible within a minute. A package that
	// changed a day ago is asked for half as often as can be.
	freshLeast = 10 * time.Second
	freshMost  = 50 * time.Second
	freshShare = 2000

	// missingTime is how long it is remembered that something is not there.
	missingTime = 30 * time.Second

	// failedTime is how long nobody is asked again after a failure.
	failedTime = 10 * time.Second

	// patience is how long a request waits for news of what is here anyway.
	patience = 3 * time.Second

	// trustHead is how long the length of an answer may stand for it, where
	// a registry sends no validator.
	trustHead = 10 * time.Minute

	documentTime = 2 * time.Minute
	maxIndex     = 512 << 20 // the largest on npm have more than 100 MB
	maxHeld      = 50_000    // documents of which something is remembered; the rest is in the database
)

// documentKey names an answer: path is below the connection's base, or a URL.
type documentKey struct{ connection, path string }

// inquiry is what is asked of a registry outside.
type inquiry struct {
	documentKey
	to     Connection
	accept string
	fixed  bool // never changes once it is here

	// check reads an answer before it takes the place of the one before, and
	// returns when it says that it changed last. larder.NotFound says that it
	// is there to say that there is nothing, anything else that it is no
	// answer.
	check func(format.Document) (time.Time, error)

	// compare is told of an answer that takes the place of another. Nil:
	// nothing is compared.
	compare func(context.Context, format.Document) error

	// first is told of an answer where there was none before, while those who
	// wait for it get it. Nil: nobody is.
	first func(context.Context, meta.Document)
}

// held is what is remembered of a document.
type held struct {
	row   meta.Document
	found bool      // row is there
	err   error     // why there is nothing to be shown; NotFound: there is no such thing
	until time.Time // when to ask again
	stale bool      // nobody answered when it was asked for last

	head   string    // what an answer says of itself, where there are no validators
	whole  time.Time // when it was fetched last
	flight chan struct{}
}

// answer is a document with what is known of its age.
type answer struct {
	row   meta.Document
	until time.Time
	stale bool
}

// document returns what a registry outside answers, from here as long as it
// is fresh. One asks for all who want it at the same time. Where nobody
// answers, what was answered before must do.
func (p *Public) document(ctx context.Context, q inquiry) (answer, error) {
	p.begin()
	late := time.NewTimer(patience)
	defer late.Stop()
	for {
		h, flight := p.joinDocument(q)
		if flight == nil {
			return answer{h.row, h.until, h.stale}, h.err
		}
		impatient := late.C
		if !h.found {
			impatient = nil
		}
		select {
		case <-flight:
		case <-impatient:
			p.count(q.connection, documents, PullStale)
			return answer{h.row, p.Registry.now().Add(failedTime), true}, nil
		case <-ctx.Done():
			return answer{}, ctx.Err()
		}
	}
}

// joinDocument returns what is remembered of a document, and what to wait for
// if that is not fresh.
func (p *Public) joinDocument(q inquiry) (held, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h, ok := p.documents[q.documentKey]
	if !ok {
		if len(p.documents) >= maxHeld {
			p.prune(p.Registry.now())
		}
		h = &held{}
		p.documents[q.documentKey] = h
	}
	if h.flight == nil && p.Registry.now().Before(h.until) {
		return *h, nil
	}
	if h.flight == nil {
		flight := make(chan struct{})
		h.flight = flight
		before := *h
		p.flying.Go(func() { // others may wait for it
			ctx, cancel := context.WithTimeout(p.ctx, documentTime)
			defer cancel()
			after := p.inquire(ctx, q, before)
			p.mu.Lock()
			defer p.mu.Unlock()
			after.flight = nil
			*h = after
			close(flight)
		})
	}
	return *h, h.flight
}

// prune forgets what would be asked for anew anyway, with p.mu held.
func (p *Public) prune(now time.Time) {
	for key, h := range p.documents {
		if h.flight == nil && (now.After(h.until) || len(p.documents) >= maxHeld) {
			delete(p.documents, key)
		}
	}
}

// forget makes the next asker look at the database and ask anew.
func (p *Public) forget(key documentKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h, ok := p.documents[key]; ok && h.flight == nil {
		delete(p.documents, key)
	}
}

// inquire asks a registry outside, and returns what is to be remembered.
func (p *Public) inquire(ctx context.Context, q inquiry, h held) held {
	h.stale = false
	if !h.found {
		// Read even if something is remembered: another node may know better.
		row, found, err := p.Registry.DB.Now().Document(ctx, q.connection, q.path)
		if err != nil {
			return h.failed(p.Registry.now(), err)
		}
		h.row, h.found = row, found && row.Blob.Placed
	}
	if q.fixed && h.found {
		h.err, h.until = nil, p.Registry.now().Add(trustHead)
		return h
	}
	after, outcome := p.pull(ctx, q, h)
	p.count(q.connection, documents, outcome)
	if outcome == PullFetched && !h.found && q.first != nil {
		p.flying.Go(func() { q.first(p.ctx, after.row) })
	}
	if after.stale {
		p.count(q.connection, documents, PullStale)
	}
	return after
}

// failed is what is remembered after a failure: what was there before, if
// there was something.
func (h held) failed(now time.Time, err error) held {
	wait := failedTime
	if e := larder.AsError(err); e.RetryAfter > 0 {
		wait = min(e.RetryAfter, freshMost)
	}
	h.until, h.stale, h.err = now.Add(wait), h.found, nil
	if !h.found {
		h.err = err
	}
	return h
}

// fresh is what is remembered of a document that is as it should be.
func (h held) fresh(now time.Time) held {
	age := freshMost
	if !h.row.ChangedAt.IsZero() {
		age = min(max(now.Sub(h.row.ChangedAt)/freshShare, freshLeast), freshMost)
	}
	h.until, h.stale, h.err = now.Add(age), false, nil
	return h
}

// pull asks and takes the answer in.
func (p *Public) pull(ctx context.Context, q inquiry, h held) (held, Outcome) {
	request := q.request(h)
	head := ""
	if h.found && request.ETag == "" && request.Modified == "" && h.row.URL == request.URL {
		if head = p.head(ctx, request); head != "" && head == h.head && p.Registry.now().Sub(h.whole) < trustHead {
			return h.fresh(p.Registry.now()), PullUnchanged
		}
	}
	a, err := p.Out.Get(ctx, request)
	if err != nil {
		return p.unanswered(ctx, q, h, err)
	}
	defer a.Body.Close()
	if a.Unchanged {
		return h.fresh(p.Registry.now()), PullUnchanged
	}
	row, err := p.take(ctx, q, h, a)
	switch {
	case errors.Is(err, errOlder):
		p.Registry.log().WarnContext(ctx, "a public registry answers what is older than before", "connection", q.connection, "path", q.path)
		return h.failed(p.Registry.now(), err), PullOlder
	case err != nil:
		return p.unanswered(ctx, q, h, err)
	}
	outcome := PullFetched
	if h.found && h.row.Blob.ID == row.Blob.ID {
		outcome = PullUnchanged
	}
	h.row, h.found, h.head, h.whole = row, true, head, p.Registry.now()
	return h.fresh(p.Registry.now()), outcome
}

// unanswered is what is remembered where there was no answer of use.
func (p *Public) unanswered(ctx context.Context, q inquiry, h held, err error) (held, Outcome) {
	if p.Out.Offline { // as its operator wants it: what is here is all that there is
		h.until, h.stale, h.err = p.Registry.now().Add(freshMost), false, nil
		if !h.found {
			h.err = larder.Errorf(larder.NotFound, "It is not here, and the registry is offline.")
		}
		return h, PullMissing
	}
	if larder.NotFound.Is(err) {
		h.until, h.stale, h.err = p.Registry.now().Add(missingTime), false, err
		return h, PullMissing
	}
	p.Registry.log().WarnContext(ctx, "a public registry does not answer", "connection", q.connection, "path", q.path, "stale", h.found, "err", err)
	return h.failed(p.Registry.now(), err), PullFailed
}

// request asks for what is newer than what is here, if that came from where
// the connection leads today.
func (q inquiry) request(h held) outbound.Request {
	request := outbound.Request{
		URL: below(q.to.Base, q.path), Accept: q.accept, Packed: true, Most: maxIndex, Credentials: q.to.Credentials,
	}
	if h.found && strings.HasPrefix(h.row.URL, q.to.Base) {
		request.ETag, request.Modified = h.row.ETag, h.row.Modified
	}
	return request
}

// below is a URL below a base, unless it is one already.
func below(base, url string) string {
	if strings.Contains(url, "://") {
		return url
	}
	return base + url
}

// head is what an answer would say of itself.
func (p *Public) head(ctx context.Context, request outbound.Request) string {
	request.Head, request.Packed = true, false
	a, err := p.Out.Get(ctx, request)
	if err != nil {
		return ""
	}
	_ = a.Body.Close() // there is none
	if a.Length < 0 {
		return ""
	}
	return strconv.FormatInt(a.Length, 10)
}

var errOlder = errors.New("the answer is older than the one before")

// take stores an answer, if it is one.
func (p *Public) take(ctx context.Context, q inquiry, h held, a *outbound.Answer) (meta.Document, error) {
	if err := p.room(); err != nil {
		return meta.Document{}, err
	}
	staged, err := p.Registry.Blobs.Stage(ctx, a.Body)
	if err != nil {
		return meta.Document{}, err
	}
	u := &Upload{staged: staged}
	defer u.Discard()
	row := meta.Document{
		Connection: q.connection, Path: q.path, URL: below(q.to.Base, q.path), ContentType: a.Header.Get("Content-Type"),
		ETag: a.Header.Get("ETag"), Modified: a.Header.Get("Last-Modified"), StoredAt: p.Registry.now(),
	}
	now := format.Document{ReaderAt: u, Size: u.Size(), URL: a.URL, ContentType: row.ContentType}
	row.ChangedAt, err = q.check(now)
	if err != nil {
		return meta.Document{}, err
	}
	if h.found && h.row.URL == row.URL && !row.ChangedAt.IsZero() && row.ChangedAt.Before(h.row.ChangedAt) {
		return meta.Document{}, errOlder
	}
	if h.found && h.row.Blob.Sums.SHA256 == metaSums(staged.Sums()).SHA256 && h.row.ETag == row.ETag && h.row.Modified == row.Modified {
		return h.row, nil
	}
	if q.compare != nil {
		if err := q.compare(ctx, now); err != nil {
			return meta.Document{}, err
		}
	}
	row.Blob, err = p.keep(ctx, u, func(ctx context.Context, tx *meta.Tx, b meta.Blob) error {
		row.Blob = b
		return tx.PutDocument(ctx, row, p.Registry.now())
	})
	return row, err
}

// keep places bytes and lets name name them, again if the collector was
// faster.
func (p *Public) keep(ctx context.Context, u *Upload, name func(context.Context, *meta.Tx, meta.Blob) error) (meta.Blob, error) {
	for attempt := 1; ; attempt++ {
		blobs, err := p.Registry.placeAll(ctx, []*Upload{u})
		if err != nil {
			return meta.Blob{}, err
		}
		b := blobs[0]
		b.Placed = true
		err = p.Registry.DB.Publish(ctx, func(ctx context.Context, tx *meta.Tx) error {
			if err := tx.HoldBlob(ctx, b.ID); err != nil {
				return err
			}
			return name(ctx, tx, b)
		})
		if !errors.Is(err, meta.ErrBlobGone) || attempt == placeAttempts {
			return b, err
		}
	}
}

// Package implements [Outside]. Versions reads the answer again each time.
func (p *Public) Package(ctx context.Context, connection string, ref larder.PackageRef) (*format.Package, error) {
	source, to, err := p.source(connection, ref.Format)
	if err != nil {
		return nil, err
	}
	q := p.index(connection, source, to, ref)
	if p.Prefetch {
		q.first = func(ctx context.Context, row meta.Document) { p.follow(ctx, connection, source, ref, row, 0) }
	}
	got, err := p.document(ctx, q)
	if err != nil {
		return nil, err
	}
	pkg, err := p.read(source, ref, got.row)
	if err != nil {
		return nil, err
	}
	pkg.Until, pkg.Stale = got.until, got.stale
	return pkg, nil
}

// index asks for what a registry knows of a package.
func (p *Public) index(connection string, source *format.Source, to Connection, ref larder.PackageRef) inquiry {
	request := source.Index(ref)
	key := documentKey{connection, request.URL}
	return inquiry{
		documentKey: key, to: to, accept: request.Accept,
		check: func(d format.Document) (time.Time, error) {
			pkg, err := source.Read(d, ref)
			if err != nil {
				return time.Time{}, err
			}
			return pkg.ChangedAt, nil
		},
		compare: func(ctx context.Context, d format.Document) error {
			if source.ByName { // it tells of no files
				return nil
			}
			return p.compare(ctx, source, key, ref, d)
		},
	}
}
