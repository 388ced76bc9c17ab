package registry

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/blob"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/outbound"
)

const (
	// heldBack is how much of a file nobody gets before its digest matches: no
	// client ever completes a wrong one.
	heldBack = 64 << 10

	// lookahead is how much an asker's reader has in hand while it waits.
	lookahead = 32 << 10

	assetTime  = 30 * time.Minute
	keepTime   = time.Minute
	maxSidecar = 4 << 10

	// fetchAttempts is how often a file is asked for that breaks off.
	fetchAttempts = 3
)

// arrival is a file on its way, for all who want it.
type arrival struct {
	began chan struct{} // closed when the answer has begun, or failed
	size  int64         // -1: not known
	at    time.Time
	tail  *blob.Tail

	done chan struct{} // closed when the file is stored, or failed
	blob meta.Blob
	err  error

	readers sync.WaitGroup // of tail; the staged bytes stay for them
}

// errand is what to fetch.
type errand struct {
	connection string
	asset      larder.AssetRef
	request    outbound.Request
	sums       format.Sums // as far as they are known
	sidecar    string      // where others are; empty: nowhere
	readSum    func([]byte) format.Sums
	at         time.Time
}

// Fetch implements [Outside]. Who wants a file that is on its way already
// shares it.
func (p *Public) Fetch(ctx context.Context, connection string, a larder.AssetRef, known *format.Asset, keep Keep) (Incoming, error) {
	source, to, err := p.source(connection, a.Version.Package.Format)
	if err != nil {
		return nil, err
	}
	where := source.File(to.Base, a, known)
	if where.URL == "" {
		return nil, noAsset(a)
	}
	p.begin()
	if known != nil && known.Companion {
		return p.fetchCompanion(ctx, connection, to, where, known, keep)
	}
	if p.Out.Offline {
		return nil, noAsset(a) // what is here is all that there is
	}
	e := errand{connection: connection, asset: a, request: outbound.Request{
		URL: below(to.Base, where.URL), Accept: where.Accept, Most: p.maxAsset(), Credentials: to.Credentials,
	}}
	if known != nil {
		e.sums, e.at = known.Sums, known.At
	}
	if e.sums == (format.Sums{}) && source.Sidecar != nil {
		e.sidecar, e.readSum = source.Sidecar(e.request.URL), source.ReadSidecar
	}
	if known == nil && p.isAbsent(e.request.URL) {
		return nil, noAsset(a)
	}
	arriving, leave := p.join(e)
	select {
	case <-arriving.began:
	case <-ctx.Done():
		leave()
		return nil, ctx.Err()
	}
	if arriving.tail == nil { // err was set before began was closed
		leave()
		return nil, arriving.err
	}
	in := &incoming{from: bufio.NewReaderSize(arriving.tail.Reader(ctx), lookahead), size: arriving.size, kept: make(chan struct{}), ctx: ctx, leave: leave}
	p.flying.Go(func() { // what has come is kept, whether the asker waits or not
		defer close(in.kept)
		<-arriving.done
		if in.err = arriving.err; in.err != nil {
			return
		}
		ctx, cancel := context.WithTimeout(p.ctx, keepTime)
		defer cancel()
		in.err = keep(ctx, Fetched{Blob: arriving.blob, At: arriving.at})
	})
	return in, nil
}

func (p *Public) maxAsset() int64 {
	if p.Registry.MaxAsset == 0 {
		return maxAsset
	}
	return p.Registry.MaxAsset
}

// key names what is fetched: the same bytes are the same file, wherever they
// come from.
func (e errand) key() string {
	for _, sum := range [...]string{e.sums.SHA256, e.sums.SHA512, e.sums.SHA1} {
		if sum != "" {
			return sum
		}
	}
	return e.connection + " " + e.request.URL
}

// join returns the file that is on its way, which begins it if nobody has.
func (p *Public) join(e errand) (a *arrival, leave func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	a, ok := p.arrivals[e.key()]
	if !ok {
		a = &arrival{began: make(chan struct{}), done: make(chan struct{}), size: -1, at: e.at}
		p.arrivals[e.key()] = a
		a.readers.Add(1)
		p.flying.Go(func() {
			ctx, cancel := context.WithTimeout(p.ctx, assetTime)
			defer cancel()
			p.arrive(ctx, e, a)
		})
	} else {
		a.readers.Add(1)
	}
	return a, sync.OnceFunc(a.readers.Done)
}

// arrive fetches a file.
func (p *Public) arrive(ctx context.Context, e errand, a *arrival) {
	staged, err := p.land(ctx, e, a)
	a.err = err
	p.mu.Lock()
	delete(p.arrivals, e.key()) // nobody joins from here on
	if larder.NotFound.Is(err) {
		p.noteAbsent(e.request.URL)
	}
	p.mu.Unlock()
	p.count(e.connection, assets, outcomeOf(err))
	if a.tail == nil {
		close(a.began)
	} else {
		a.tail.End(err)
	}
	close(a.done)
	if staged != nil {
		a.readers.Wait()
		staged.Discard()
	}
}

// isAbsent reports whether a file was not there a moment ago. Clients of
// formats whose indexes list no files ask for many that there never were.
func (p *Public) isAbsent(url string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.Registry.now().Before(p.absent[url])
}

// noteAbsent remembers that a file is not there, with p.mu held.
func (p *Public) noteAbsent(url string) {
	if p.absent == nil || len(p.absent) >= maxHeld {
		p.absent = map[string]time.Time{}
	}
	p.absent[url] = p.Registry.now().Add(missingTime)
}

func outcomeOf(err error) Outcome {
	switch {
	case err == nil:
		return PullFetched
	case larder.NotFound.Is(err):
		return PullMissing
	case errors.Is(err, errWrong):
		return PullWrong
	}
	return PullFailed
}

var errWrong = errors.New("the bytes are not those that the index tells of")

// land takes a file into the store, if its bytes are the right ones.
func (p *Public) land(ctx context.Context, e errand, a *arrival) (*Upload, error) {
	if err := p.room(); err != nil {
		return nil, err
	}
	answer, err := p.Out.Get(ctx, e.request)
	if err != nil {
		return nil, err
	}
	sums := p.sidecar(ctx, e)
	body := &patient{public: p, ctx: ctx, request: e.request, body: answer.Body}
	defer body.Close()
	a.size = answer.Length
	if modified, err := time.Parse(time.RFC1123, answer.Header.Get("Last-Modified")); err == nil && a.at.IsZero() {
		a.at = modified
	}
	a.tail = blob.NewTail(body, heldBack)
	close(a.began)
	staged, err := p.Registry.Blobs.Stage(ctx, a.tail)
	if err != nil {
		return nil, fmt.Errorf("fetch %s of %s: %w", e.asset.Name, e.asset.Version, err)
	}
	u := &Upload{staged: staged}
	wanted, err := sums()
	if err == nil {
		err = p.verify(ctx, e, u, wanted)
	}
	if wrong := errors.Is(err, errWrong); err == nil || wrong {
		err = errors.Join(err, p.compareBytes(ctx, e, u.Sums(), wrong))
	}
	if err != nil {
		return u, err
	}
	a.blob, err = p.keep(ctx, u, func(context.Context, *meta.Tx, meta.Blob) error { return nil })
	return u, err
}

// sidecar begins to read the digests that stand beside a file. The function
// returned waits for them.
func (p *Public) sidecar(ctx context.Context, e errand) func() (format.Sums, error) {
	if e.sidecar == "" {
		return func() (format.Sums, error) { return e.sums, nil }
	}
	var sums format.Sums
	done := make(chan error, 1)
	go func() {
		request := e.request
		request.URL, request.Most = e.sidecar, maxSidecar
		a, err := p.Out.Get(ctx, request)
		if err == nil {
			var text []byte
			text, err = io.ReadAll(a.Body)
			err = errors.Join(err, a.Body.Close())
			sums = e.readSum(text)
		}
		if larder.NotFound.Is(err) { // the registry has none: there is nothing to hold the bytes against
			err = nil
		}
		done <- err
	}()
	return func() (format.Sums, error) { return sums, <-done }
}

// verify holds bytes against the digests that are known of them.
func (p *Public) verify(ctx context.Context, e errand, u *Upload, want format.Sums) error {
	got := u.Sums()
	for _, sum := range [...][2]string{{want.SHA512, got.SHA512}, {want.SHA256, got.SHA256}, {want.SHA1, got.SHA1}, {want.MD5, got.MD5}} {
		if sum[0] == "" || sum[0] == sum[1] {
			continue
		}
		p.Registry.log().ErrorContext(ctx, "a public registry sends other bytes than its index tells of",
			"connection", e.connection, "asset", e.asset.Name, "version", e.asset.Version.String(), "got", sum[1], "want", sum[0])
		return &larder.Error{Kind: larder.Unavailable, Err: errWrong, Message: fmt.Sprintf(
			"The bytes of %s that %s sends are not those of which its index has the digest.", e.asset.Name, e.connection)}
	}
	return nil
}

// fetchCompanion reads a small file that stands beside another. It is kept as
// a document: it does not change.
func (p *Public) fetchCompanion(ctx context.Context, connection string, to Connection, where format.Request, known *format.Asset, keep Keep) (Incoming, error) {
	got, err := p.document(ctx, inquiry{
		documentKey: documentKey{connection, where.URL}, to: to, accept: where.Accept, fixed: true,
		check: func(d format.Document) (time.Time, error) {
			if u, ok := d.ReaderAt.(*Upload); ok && known.Sums.SHA256 != "" && u.Sums().SHA256 != known.Sums.SHA256 {
				return time.Time{}, errWrong
			}
			return time.Time{}, nil
		},
	})
	if err != nil {
		return nil, err
	}
	if err := keep(ctx, Fetched{Blob: got.row.Blob, At: known.At}); err != nil {
		return nil, err
	}
	content, err := p.Registry.open(ctx, got.row.Blob)
	if err != nil {
		p.forget(documentKey{connection, where.URL})
		return nil, err
	}
	return &whole{content, got.row.Blob.Size}, nil
}

// whole is a file that is here.
type whole struct {
	io.ReadSeekCloser
	size int64
}

func (w *whole) Size() int64 { return w.size }

// incoming is a file on its way to one asker.
type incoming struct {
	ctx   context.Context // of the asker: an io.Reader is given none
	from  *bufio.Reader
	size  int64
	kept  chan struct{} // closed when the file is kept for this asker, or not
	err   error         // why not
	leave func()
}

// Size implements [Incoming].
func (in *incoming) Size() int64 { return in.size }

// Read implements io.Reader. It gives the last bytes once the file is kept.
func (in *incoming) Read(b []byte) (int, error) {
	n, err := in.from.Read(b)
	if err == nil {
		if _, err := in.from.Peek(1); err == nil {
			return n, nil
		}
	}
	select {
	case <-in.kept:
	case <-in.ctx.Done():
		return 0, in.ctx.Err()
	}
	if in.err != nil {
		return 0, in.err
	}
	return n, err
}

// Close implements io.Closer. What is under way goes on.
func (in *incoming) Close() error {
	in.leave()
	return nil
}

// patient is the body of an answer that is asked for again where it breaks
// off: what came before is skipped, and the digest tells whether it was the
// same.
type patient struct {
	public  *Public
	ctx     context.Context // of the requests: an io.Reader is given none
	request outbound.Request
	body    io.ReadCloser
	came    int64
	tries   int
}

func (b *patient) Read(buf []byte) (int, error) {
	n, err := b.body.Read(buf)
	b.came += int64(n)
	if n > 0 || err == nil || errors.Is(err, io.EOF) || !larder.Unavailable.Is(err) || b.tries+1 == fetchAttempts {
		return n, err
	}
	b.tries++
	a, again := b.public.Out.Get(b.ctx, b.request)
	if again != nil {
		return 0, err // the first says what went wrong
	}
	_ = b.body.Close() // it broke off
	b.body = a.Body
	if _, err := io.CopyN(io.Discard, b.body, b.came); err != nil {
		return 0, err
	}
	return 0, nil
}

// Close implements io.Closer.
func (b *patient) Close() error { return b.body.Close() }
