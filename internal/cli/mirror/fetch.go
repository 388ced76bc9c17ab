package mirror

import (
	"cmp"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"larder.example/larder"
)

// Fetcher fetches items through a repository.
type Fetcher struct {
	Client    *http.Client
	Endpoints map[larder.Format]string
	Token     string

	// Jobs is how many items are fetched at once.
	Jobs int

	// AllFiles fetches every file of a Python version, and not only those
	// whose digests the lock has.
	AllFiles bool

	// Done is told of each item when it ends, one at a time.
	Done func(Item, Result, error)

	mu     sync.Mutex
	known  map[string]*pom // by their path
	groups map[string]bool // whose prefixes of plugins are fetched
}

// Result is what an item came to.
type Result struct {
	Files int
	Bytes int64
}

func (r *Result) add(o Result) {
	r.Files += o.Files
	r.Bytes += o.Bytes
}

// Fetch fetches items and returns what they came to in all. What fails keeps
// nothing else from being fetched; Done is told.
func (f *Fetcher) Fetch(ctx context.Context, items []Item) Result {
	f.known, f.groups = map[string]*pom{}, map[string]bool{}
	queue := make(chan Item)
	var (
		workers sync.WaitGroup
		ends    sync.Mutex // guards total, and makes calls of Done follow each other
		total   Result
	)
	for range max(1, f.Jobs) {
		workers.Go(func() {
			for i := range queue {
				r, err := f.item(ctx, i)
				ends.Lock()
				total.add(r)
				f.Done(i, r, err)
				ends.Unlock()
			}
		})
	}
	for _, i := range items {
		queue <- i
	}
	close(queue)
	workers.Wait()
	return total
}

func (f *Fetcher) item(ctx context.Context, i Item) (Result, error) {
	if err := ctx.Err(); err != nil {
		return Result{}, err
	}
	fetch := map[larder.Format]func(context.Context, Item) (Result, error){larder.NPM: f.npm, larder.PyPI: f.pypi, larder.Maven: f.maven}
	return fetch[i.Format](ctx, i)
}

// at joins segments to the endpoint of a format.
func (f *Fetcher) at(format larder.Format, segments ...string) string {
	for i, s := range segments {
		segments[i] = url.PathEscape(s)
	}
	return strings.TrimSuffix(f.Endpoints[format], "/") + "/" + strings.Join(segments, "/")
}

// download reads a file to its end. Where there are digests, one of them must
// be its own.
func (f *Fetcher) download(ctx context.Context, format larder.Format, address string, digests []string) (r Result, err error) {
	err = f.get(ctx, format, address, "", func(body io.Reader) error {
		sums := map[string]hash.Hash{}
		var to []io.Writer
		for _, d := range digests {
			algorithm, _, _ := strings.Cut(d, ":")
			if made, known := algorithms[algorithm]; known && sums[algorithm] == nil {
				sums[algorithm] = made()
				to = append(to, sums[algorithm])
			}
		}
		n, err := io.Copy(io.MultiWriter(to...), body)
		if err != nil {
			return err
		}
		r = Result{Files: 1, Bytes: n}
		return check(sums, digests)
	})
	return r, err
}

var algorithms = map[string]func() hash.Hash{
	"sha512": sha512.New, "sha384": sha512.New384, "sha256": sha256.New, "sha1": sha1.New, "md5": md5.New,
}

// check compares digests that were computed with those of a lock.
func check(sums map[string]hash.Hash, digests []string) error {
	if len(sums) == 0 {
		return nil
	}
	var got []string
	for algorithm, h := range sums {
		got = append(got, algorithm+":"+hex.EncodeToString(h.Sum(nil)))
	}
	if slices.ContainsFunc(got, func(d string) bool { return slices.Contains(digests, d) }) {
		return nil
	}
	slices.Sort(got)
	return fmt.Errorf("its bytes are not those of the lock: got %s, want %s", strings.Join(got, " "), strings.Join(digests, " or "))
}

// attempts is how often a file is asked for that may yet come.
const attempts = 4

// get asks for an address below a format's endpoint, again if what failed may
// pass. A read that failed begins anew.
func (f *Fetcher) get(ctx context.Context, format larder.Format, address, accept string, read func(io.Reader) error) error {
	for try := 1; ; try++ {
		wait, err := f.once(ctx, format, address, accept, read)
		if err == nil || wait < 0 || try == attempts || ctx.Err() != nil {
			return err
		}
		select {
		case <-time.After(max(wait, time.Duration(try*try)*100*time.Millisecond)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// never is how long not to wait: asking again is in vain.
const never = -1

func (f *Fetcher) once(ctx context.Context, format larder.Format, address, accept string, read func(io.Reader) error) (wait time.Duration, err error) {
	if !sameOrigin(f.Endpoints[format], address) {
		return never, fmt.Errorf("the repository leads away, to %s", address)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return never, err
	}
	if accept != "" {
		r.Header.Set("Accept", accept)
	}
	r.Header.Set("Authorization", "Bearer "+f.Token)
	if format != larder.NPM {
		r.SetBasicAuth("aws", f.Token)
	}
	answer, err := f.Client.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	if answer.StatusCode == http.StatusOK {
		return 0, read(answer.Body)
	}
	err = &refusal{answer.StatusCode, said(answer)}
	if answer.StatusCode != http.StatusTooManyRequests && answer.StatusCode < http.StatusInternalServerError {
		return never, err
	}
	seconds, _ := strconv.Atoi(answer.Header.Get("Retry-After")) // none or a date: the usual pause
	return time.Duration(min(seconds, 60)) * time.Second, err
}

// refusal is an answer that is no file.
type refusal struct {
	status int
	why    string
}

func (e *refusal) Error() string {
	return strings.TrimSuffix(fmt.Sprintf("%d %s: %s", e.status, http.StatusText(e.status), e.why), ": ")
}

func absent(err error) bool {
	var r *refusal
	return errors.As(err, &r) && r.status == http.StatusNotFound
}

// said returns what an answer says of its failure, on one line.
func said(answer *http.Response) string {
	b, err := io.ReadAll(io.LimitReader(answer.Body, 300))
	if err != nil {
		return ""
	}
	return strings.Join(strings.Fields(string(b)), " ")
}

// sameOrigin keeps the token from strangers.
func sameOrigin(a, b string) bool {
	x, errX := url.Parse(a)
	y, errY := url.Parse(b)
	return cmp.Or(errX, errY) == nil && x.Scheme == y.Scheme && strings.EqualFold(x.Host, y.Host)
}
