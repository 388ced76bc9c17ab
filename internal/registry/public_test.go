package registry_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/outbound"
	"larder.example/larder/internal/registry"
	"larder.example/larder/internal/testenv/upstream"
)

// told is a format whose public registry answers with JSON, as these tests
// have it.
const told larder.Format = "told"

const theWorld = "public:world"

type toldIndex struct {
	Changed  time.Time     `json:"changed"`
	Versions []toldVersion `json:"versions"`
	Next     []string      `json:"next"`
}

type toldVersion struct {
	Version, URL, SHA256 string
	At                   time.Time
}

// toldSource reads it. A file that stands beside another is its companion.
var toldSource = format.Source{
	Connections: []string{theWorld},
	Index:       func(p larder.PackageRef) format.Request { return format.Request{URL: p.Name} },
	Read: func(d format.Document, p larder.PackageRef) (*format.Package, error) {
		var index toldIndex
		if err := json.NewDecoder(io.NewSectionReader(d, 0, d.Size)).Decode(&index); err != nil {
			return nil, larder.Errorf(larder.Invalid, "no JSON: %v", err)
		}
		var next []json.RawMessage
		for _, name := range index.Next {
			next = append(next, json.RawMessage(name))
		}
		return &format.Package{ChangedAt: index.Changed, Held: 1 << 20, Remarks: next, Versions: func(yield func(format.Version, error) bool) {
			for _, v := range index.Versions {
				a := format.Asset{Name: theAsset, Size: -1, URL: v.URL, At: v.At, Sums: format.Sums{SHA256: v.SHA256}}
				if !yield(format.Version{Version: v.Version, Status: larder.Published, PublishedAt: v.At, Assets: []format.Asset{a}}, nil) {
					return
				}
			}
		}}, nil
	},
	Next: func(p *format.Package) (all []larder.PackageRef, _ error) {
		for _, name := range p.Remarks {
			all = append(all, larder.PackageRef{Repository: p.Ref.Repository, Format: told, Name: string(name)})
		}
		return all, nil
	},
	File: func(base string, a larder.AssetRef, known *format.Asset) format.Request {
		if known == nil {
			return format.Request{URL: base + a.Version.Version + "/" + a.Name}
		}
		return format.Request{URL: known.URL}
	},
	Sidecar:     func(url string) string { return url + ".sum" },
	ReadSidecar: func(text []byte) format.Sums { return format.Sums{SHA256: strings.TrimSpace(string(text))} },
}

// outer is a registry with a public one outside.
type outer struct {
	*env
	world  *upstream.Server
	public *registry.Public
	pkg    larder.PackageRef

	mu    sync.Mutex // guards pulls
	pulls map[registry.Outcome]int
}

func outside(t *testing.T) *outer {
	t.Helper()
	o := &outer{env: fresh(t), world: upstream.New(t), pulls: map[registry.Outcome]int{}}
	o.Formats[told] = &format.Format{Name: told, Source: &toldSource}
	o.public = o.reach()
	o.pkg = larder.PackageRef{Repository: o.app, Format: told, Name: "thing"}
	return o
}

// reach makes another way outside, as a registry has that was just started.
func (o *outer) reach() *registry.Public {
	p := &registry.Public{
		Registry:    o.Registry,
		Out:         &outbound.Client{Allow: upstream.Loopback, Now: o.clock.Now, FirstByte: time.Second},
		Connections: map[string]registry.Connection{theWorld: {Base: o.world.URL + "/"}},
		Count: func(p registry.Pull) {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.pulls[p.Outcome]++
		},
	}
	o.Cleanup(func() {
		if err := p.Close(); err != nil {
			o.Error(err)
		}
	})
	return p
}

func (o *outer) count(outcome registry.Outcome) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.pulls[outcome]
}

// publish makes the world know versions of the package, each with bytes of
// its own, and returns them.
func (o *outer) publish(changed time.Time, versions ...string) map[string][]byte {
	o.Helper()
	files := map[string][]byte{}
	index := toldIndex{Changed: changed}
	for _, v := range versions {
		body := bytes.Repeat([]byte(v), 100_000)
		files[v] = body
		sum := sha256.Sum256(body)
		path := "/files/" + v
		o.world.Put(path, "application/octet-stream", body, changed)
		index.Versions = append(index.Versions, toldVersion{v, o.world.URL + path, hex.EncodeToString(sum[:]), changed})
	}
	text, err := json.Marshal(index)
	o.must(err)
	o.world.Put("/thing", "application/json", text, changed)
	return files
}

// known returns what is known of the package, by version.
func (o *outer) known() (map[string]format.Version, *format.Package, error) {
	pkg, err := o.public.Package(o.ctx, theWorld, o.pkg)
	if err != nil {
		return nil, nil, err
	}
	all := map[string]format.Version{}
	for v, err := range pkg.Versions {
		if err != nil {
			return nil, nil, err
		}
		all[v.Version] = v
	}
	return all, pkg, nil
}

// sees checks which versions are known, and whether they are news.
func (o *outer) sees(claim string, stale bool, want ...string) {
	o.Helper()
	all, pkg, err := o.known()
	if err != nil {
		o.Fatalf("%s: %v", claim, err)
	}
	if got := slices.Sorted(maps.Keys(all)); !slices.Equal(got, want) || pkg.Stale != stale {
		o.Errorf("%s: got %v, stale %v, want %v, %v", claim, got, pkg.Stale, want, stale)
	}
}

func TestWhatIsNewOutsideIsSeenWithinAMinute(t *testing.T) {
	o := outside(t)
	day := o.clock.Now().Add(-24 * time.Hour)
	o.publish(day, "1")
	for range 5 {
		o.sees("fresh", false, "1")
	}
	if got := o.world.Asked("/thing"); got != 1 {
		t.Errorf("got %d requests for what is fresh, want 1", got)
	}
	o.publish(o.clock.Now(), "1", "2")
	o.clock.advance(time.Minute)
	o.sees("a minute later", false, "1", "2")
	o.clock.advance(11 * time.Second) // what has just changed is asked for more often
	o.sees("again", false, "1", "2")
	if got := o.world.Asked("/thing"); got != 3 || o.count(registry.PullUnchanged) != 1 {
		t.Errorf("got %d requests, %d of them in vain, want 3 and 1", got, o.count(registry.PullUnchanged))
	}
}

func TestARegistryWithoutValidatorsIsAskedForALength(t *testing.T) {
	o := outside(t)
	o.world.Silence()
	day := o.clock.Now().Add(-24 * time.Hour)
	o.publish(day, "1")
	for range 4 {
		o.sees("unchanged", false, "1")
		o.clock.advance(time.Minute)
	}
	if got := o.world.Asked("GET /thing"); got != 2 {
		t.Errorf("got %d whole answers, want 2: one more once lengths can be compared", got)
	}
	o.publish(o.clock.Now(), "1", "2")
	o.sees("another length", false, "1", "2")
	before := o.world.Asked("GET /thing")
	o.clock.advance(11 * time.Minute)
	o.sees("the same for long", false, "1", "2")
	if got := o.world.Asked("GET /thing"); got != before+1 {
		t.Errorf("got %d whole answers after ten minutes, want %d", got, before+1)
	}
}

func TestManyWhoWantTheSameAskOnce(t *testing.T) {
	o := outside(t)
	o.publish(o.clock.Now(), "1")
	release := make(chan struct{})
	o.world.Break(upstream.Hung(release))
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() { o.sees("at once", false, "1") })
	}
	close(release)
	wg.Wait()
	if got := o.world.Asked("/thing"); got != 1 {
		t.Errorf("got %d requests, want 1", got)
	}
}

// Whatever goes wrong outside, what was served before is served again, never
// what is older, and said to be stale; and what is stored needs nobody.
func TestAnOutageIsSurvived(t *testing.T) {
	index := []byte(`{"versions":[{"version":"666"`)
	for _, test := range []struct {
		claim string
		fault upstream.Fault
	}{
		{"errors", upstream.Status(http.StatusInternalServerError)},
		{"refusals", upstream.Status(http.StatusForbidden)},
		{"throttling", upstream.Throttled(7)},
		{"HTML", upstream.Portal},
		{"truncation", upstream.Truncated(index, 10)},
		{"half a document", func(w http.ResponseWriter, _ *http.Request) bool { w.Write(index); return true }},
		{"silence", upstream.Hung(nil)},
	} {
		t.Run(test.claim, func(t *testing.T) {
			o := outside(t)
			o.publish(o.clock.Now().Add(-time.Hour), "1")
			o.sees("before", false, "1")
			o.publish(o.clock.Now(), "1", "2")
			o.clock.advance(time.Minute)
			o.sees("news", false, "1", "2")

			o.world.Break(test.fault)
			o.clock.advance(time.Minute)
			o.sees("during", true, "1", "2")
			o.public = o.reach()
			o.sees("after a restart", true, "1", "2")
			if o.count(registry.PullStale) == 0 {
				t.Error("nobody was told that it is stale")
			}
			o.world.Break(nil)
			o.publish(o.clock.Now(), "1", "2", "3")
			o.clock.advance(2 * time.Minute)
			o.sees("after", false, "1", "2", "3")
		})
	}
}

func TestWhatIsOlderThanBeforeIsNotTaken(t *testing.T) {
	o := outside(t)
	o.publish(o.clock.Now(), "1", "2")
	o.sees("first", false, "1", "2")
	o.publish(o.clock.Now().Add(-time.Hour), "1") // by a cache behind the times
	o.clock.advance(time.Minute)
	o.sees("then", true, "1", "2")
	if o.count(registry.PullOlder) != 1 {
		t.Errorf("got %v, want it to be counted", o.pulls)
	}
}

func TestWhatIsNotThereIsAskedForAgainSoon(t *testing.T) {
	o := outside(t)
	for range 3 {
		if _, _, err := o.known(); !larder.NotFound.Is(err) {
			t.Errorf("got %v, want %v", err, larder.NotFound)
		}
	}
	if got := o.world.Asked("/thing"); got != 1 {
		t.Errorf("got %d requests, want 1", got)
	}
	o.publish(o.clock.Now(), "1")
	o.clock.advance(time.Minute)
	o.sees("a new package", false, "1")
	if _, err := o.public.Package(o.ctx, "public:nowhere", o.pkg); !larder.NotFound.Is(err) {
		t.Errorf("another format's connection: got %v", err)
	}
	o.public.Connections = nil
	if _, _, err := o.known(); !larder.Unavailable.Is(err) || !strings.Contains(err.Error(), "LARDER_CONNECTION_PUBLIC_WORLD") {
		t.Errorf("a connection without address: got %v", err)
	}
}

// asset names the file of the first version and what is known of it.
func (o *outer) asset() (larder.AssetRef, *format.Asset) {
	o.Helper()
	all, _, err := o.known()
	o.must(err)
	return larder.AssetRef{Version: larder.VersionRef{Package: o.pkg, Version: "1"}, Name: theAsset}, &all["1"].Assets[0]
}

// fetched reads a file from outside, and returns what was kept of it.
func (o *outer) fetched(a larder.AssetRef, known *format.Asset) (body []byte, kept *registry.Fetched, err error) {
	in, err := o.public.Fetch(o.ctx, theWorld, a, known, func(_ context.Context, f registry.Fetched) error {
		kept = &f
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	defer in.Close()
	body, err = io.ReadAll(in)
	return body, kept, err
}

func TestAFileGoesToClientAndStoreAtOnce(t *testing.T) {
	o := outside(t)
	files := o.publish(o.clock.Now(), "1")
	a, known := o.asset()
	body, kept, err := o.fetched(a, known)
	if err != nil || !bytes.Equal(body, files["1"]) {
		t.Fatalf("got %d bytes, %v", len(body), err)
	}
	if kept == nil || kept.Blob.Size != int64(len(body)) || !kept.Blob.Placed || !kept.At.Equal(known.At) {
		t.Errorf("got %+v kept", kept)
	}
}

func TestWrongBytesReachNobody(t *testing.T) {
	o := outside(t)
	files := o.publish(o.clock.Now(), "1", "2")
	a, known := o.asset()
	o.world.Put("/files/1", "", files["2"], o.clock.Now())
	body, kept, err := o.fetched(a, known)
	if !larder.Unavailable.Is(err) || kept != nil || len(body) > len(files["2"])-64<<10 {
		t.Errorf("got %d of %d bytes, kept %v, %v", len(body), len(files["2"]), kept, err)
	}
	if o.count(registry.PullWrong) != 1 {
		t.Errorf("got %v, want it to be counted", o.pulls)
	}
	o.world.Put("/files/1", "", files["1"], o.clock.Now())
	if body, _, err = o.fetched(a, known); err != nil || !bytes.Equal(body, files["1"]) {
		t.Errorf("once they are right: got %d bytes, %v", len(body), err)
	}
}

func TestASecondReaderSharesTheFirstsFetch(t *testing.T) {
	o := outside(t)
	files := o.publish(o.clock.Now(), "1")
	a, known := o.asset()
	release := make(chan struct{})
	o.world.Break(func(w http.ResponseWriter, _ *http.Request) bool {
		w.Write(files["1"][:1000])
		w.(http.Flusher).Flush()
		<-release
		w.Write(files["1"][1000:])
		return true
	})
	var coming []registry.Incoming
	var kept atomic.Int32
	for range 8 {
		in, err := o.public.Fetch(o.ctx, theWorld, a, known, func(context.Context, registry.Fetched) error {
			kept.Add(1)
			return nil
		})
		o.must(err)
		defer in.Close()
		coming = append(coming, in)
	}
	close(release)
	for _, in := range coming {
		if body, err := io.ReadAll(in); err != nil || !bytes.Equal(body, files["1"]) {
			t.Errorf("got %d bytes, %v", len(body), err)
		}
	}
	if asked := o.world.Asked("/files/1"); asked != 1 || kept.Load() != 8 {
		t.Errorf("got %d requests, kept %d times, want 1 and 8", asked, kept.Load())
	}
}

func TestAClientThatGoesDoesNotEndAFetch(t *testing.T) {
	o := outside(t)
	o.publish(o.clock.Now(), "1")
	a, known := o.asset()
	ctx, cancel := context.WithCancel(o.ctx)
	kept := make(chan registry.Fetched, 1)
	in, err := o.public.Fetch(ctx, theWorld, a, known, func(_ context.Context, f registry.Fetched) error {
		kept <- f
		return nil
	})
	o.must(err)
	cancel()
	if err := in.Close(); err != nil {
		t.Error(err)
	}
	if f := <-kept; !f.Blob.Placed {
		t.Errorf("got %+v", f)
	}
}

func TestWhatCannotBeKeptIsNotCompleted(t *testing.T) {
	o := outside(t)
	files := o.publish(o.clock.Now(), "1")
	a, known := o.asset()
	full := errors.New("full")
	in, err := o.public.Fetch(o.ctx, theWorld, a, known, func(context.Context, registry.Fetched) error { return full })
	o.must(err)
	defer in.Close()
	if body, err := io.ReadAll(in); !errors.Is(err, full) || len(body) == len(files["1"]) {
		t.Errorf("got %d bytes, %v, want %v before the end", len(body), err, full)
	}
}

func TestAFileThatBreaksOffIsAskedForAgain(t *testing.T) {
	o := outside(t)
	files := o.publish(o.clock.Now(), "1")
	a, known := o.asset()
	cut := upstream.Truncated(files["1"], 70_000)
	var once sync.Once
	o.world.Break(func(w http.ResponseWriter, r *http.Request) (broke bool) {
		once.Do(func() { broke = cut(w, r) })
		return broke
	})
	if body, _, err := o.fetched(a, known); err != nil || !bytes.Equal(body, files["1"]) {
		t.Errorf("got %d bytes, %v", len(body), err)
	}
	o.world.Break(cut)
	if body, kept, err := o.fetched(a, known); !larder.Unavailable.Is(err) || kept != nil {
		t.Errorf("when it always does: got %d bytes, kept %v, %v", len(body), kept, err)
	}
}

func TestAFileThatNoIndexTellsOfIsHeldAgainstItsSidecar(t *testing.T) {
	o := outside(t)
	body := []byte("a file")
	sum := sha256.Sum256(body)
	a := larder.AssetRef{Version: larder.VersionRef{Package: o.pkg, Version: "9"}, Name: theAsset}
	for range 2 {
		if _, _, err := o.fetched(a, nil); !larder.NotFound.Is(err) {
			t.Errorf("what is not there: got %v", err)
		}
	}
	if n := o.world.Asked("/9/" + theAsset); n != 1 {
		t.Errorf("what is not there was asked for %d times, want once", n)
	}
	o.clock.advance(time.Minute)
	o.world.Put("/9/"+theAsset, "", body, o.clock.Now())
	if got, _, err := o.fetched(a, nil); err != nil || !bytes.Equal(got, body) {
		t.Errorf("without a sidecar: got %q %v", got, err)
	}
	o.world.Put("/9/"+theAsset+".sum", "", []byte(strings.Repeat("0", 64)), o.clock.Now())
	if got, kept, err := o.fetched(a, nil); !larder.Unavailable.Is(err) || kept != nil {
		t.Errorf("against a wrong one: got %q %v %v", got, kept, err)
	}
	o.world.Put("/9/"+theAsset+".sum", "", []byte(hex.EncodeToString(sum[:])+"\n"), o.clock.Now())
	if got, kept, err := o.fetched(a, nil); err != nil || !bytes.Equal(got, body) || !kept.At.Equal(o.clock.Now()) {
		t.Errorf("with it: got %q %v %v", got, kept, err)
	}
}

func TestACompanionIsFetchedOnce(t *testing.T) {
	o := outside(t)
	body := []byte("beside")
	sum := sha256.Sum256(body)
	o.world.Put("/beside", "", body, o.clock.Now())
	a := larder.AssetRef{Version: larder.VersionRef{Package: o.pkg, Version: "1"}, Name: theAsset + ".metadata"}
	known := &format.Asset{Name: a.Name, Companion: true, URL: o.world.URL + "/beside", Sums: format.Sums{SHA256: hex.EncodeToString(sum[:])}}
	for range 3 {
		if got, _, err := o.fetched(a, known); err != nil || !bytes.Equal(got, body) {
			t.Errorf("got %q %v", got, err)
		}
		o.world.Break(upstream.Status(http.StatusBadGateway))
		o.clock.advance(time.Hour)
	}
	o.world.Break(nil)
	o.public, known.URL = o.reach(), o.world.URL+"/other"
	o.world.Put("/other", "", []byte("wrong"), o.clock.Now())
	if got, _, err := o.fetched(a, known); err == nil {
		t.Errorf("wrong bytes: got %q", got)
	}
}
