package outbound_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/outbound"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}

// clock is a clock that the test moves.
type clock struct {
	mu  sync.Mutex // guards now
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

func serve(t *testing.T, h http.HandlerFunc) (*httptest.Server, *url.URL) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	u, err := url.Parse(s.URL)
	if err != nil {
		t.Fatal(err)
	}
	return s, u
}

func packed(t *testing.T, text string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := io.WriteString(z, text); err != nil {
		t.Error(err)
	}
	if err := z.Close(); err != nil {
		t.Error(err)
	}
	return b.Bytes()
}

func get(t *testing.T, c *outbound.Client, r outbound.Request) (string, *outbound.Answer, error) {
	t.Helper()
	a, err := c.Get(t.Context(), r)
	if err != nil {
		return "", nil, err
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	return string(b), a, err
}

func TestADocumentIsInflatedAndAFileLeftAsItIs(t *testing.T) {
	s, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		if r.Header.Get("Accept-Encoding") == "gzip" {
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(packed(t, "packed for "+r.Header.Get("User-Agent")+" "+r.Header.Get("Accept")))
			return
		}
		io.WriteString(w, "plain")
	})
	c := &outbound.Client{Allow: loopback, Agent: "larder/1"}
	text, a, err := get(t, c, outbound.Request{URL: s.URL + "/d", Packed: true, Accept: "text/x"})
	if err != nil || text != "packed for larder/1 text/x" || a.Header.Get("ETag") != `"1"` || a.URL != s.URL+"/d" {
		t.Errorf("got %q %+v %v", text, a, err)
	}
	if text, a, err = get(t, c, outbound.Request{URL: s.URL}); err != nil || text != "plain" || a.Length != 5 {
		t.Errorf("got %q %+v %v", text, a, err)
	}
}

func TestWhatHasNotChangedComesWithoutABody(t *testing.T) {
	s, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		http.ServeContent(w, r, "", time.Unix(1e9, 0), strings.NewReader("text"))
	})
	c := &outbound.Client{Allow: loopback}
	for _, r := range []outbound.Request{
		{URL: s.URL, ETag: `"1"`},
		{URL: s.URL, Modified: "Sun, 09 Sep 2001 01:46:40 GMT"},
	} {
		if text, a, err := get(t, c, r); err != nil || !a.Unchanged || text != "" {
			t.Errorf("got %q %+v %v", text, a, err)
		}
	}
	if text, a, err := get(t, c, outbound.Request{URL: s.URL, Head: true}); err != nil || a.Length != 4 || text != "" {
		t.Errorf("got %q %+v %v, want the length alone", text, a, err)
	}
}

func TestOnlyPublicNetworksAreDialed(t *testing.T) {
	_, u := serve(t, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "inside") })
	for _, test := range []struct {
		claim  string
		client *outbound.Client
		host   string
		want   larder.Kind
	}{
		{"loopback", &outbound.Client{}, u.Host, larder.Denied},
		{"a name for it", &outbound.Client{}, "localhost:" + u.Port(), larder.Denied},
		{"another spelling", &outbound.Client{}, "[::ffff:127.0.0.1]:" + u.Port(), larder.Denied},
		{"nobody at all", &outbound.Client{Allow: loopback}, "127.0.0.1:1", larder.Unavailable},
		{"a private network", &outbound.Client{}, "10.0.0.1", larder.Denied},
		{"the metadata service", &outbound.Client{}, "169.254.169.254", larder.Denied},
		{"the same over IPv6", &outbound.Client{}, "[fd00:ec2::254]", larder.Denied},
		{"the same through NAT64", &outbound.Client{}, "[64:ff9b::a9fe:a9fe]", larder.Denied},
		{"the same through 6to4", &outbound.Client{}, "[2002:a9fe:a9fe::]", larder.Denied},
		{"an allowed network", &outbound.Client{Allow: loopback}, u.Host, 0},
		{"the operator's own host", &outbound.Client{Named: []string{u.Host}}, u.Host, 0},
		{"another port of it", &outbound.Client{Named: []string{u.Hostname() + ":1"}}, u.Host, larder.Denied},
		{"anything while offline", &outbound.Client{Allow: loopback, Offline: true}, u.Host, larder.Unavailable},
	} {
		text, _, err := get(t, test.client, outbound.Request{URL: "http://" + test.host + "/"})
		if test.want == 0 && (err != nil || text != "inside") || test.want != 0 && !test.want.Is(err) {
			t.Errorf("%s: got %q %v, want %v", test.claim, text, err, test.want)
		}
	}
	for _, bad := range []string{"file:///etc/passwd", "ftp://127.0.0.1/", "http:///x", "http:127.0.0.1", "://", "http://[::1"} {
		if _, _, err := get(t, &outbound.Client{Allow: loopback}, outbound.Request{URL: bad}); !larder.Denied.Is(err) {
			t.Errorf("%s: got %v, want %v", bad, err, larder.Denied)
		}
	}
}

func TestCredentialsGoToTheirHostOnly(t *testing.T) {
	var elsewhere atomic.Value
	other, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		elsewhere.Store(r.Header.Get("Authorization"))
		io.WriteString(w, "from elsewhere")
	})
	var home atomic.Value
	s, u := serve(t, func(w http.ResponseWriter, r *http.Request) {
		home.Store(r.Header.Get("Authorization"))
		if r.URL.Path == "/away" {
			http.Redirect(w, r, other.URL, http.StatusFound)
		}
	})
	c := &outbound.Client{Allow: loopback}
	keys := outbound.Credentials{Host: outbound.HostPort(u), User: "u", Password: "p"}
	text, a, err := get(t, c, outbound.Request{URL: strings.Replace(s.URL, "://", "://x:y@", 1) + "/away", Credentials: keys})
	if err != nil || text != "from elsewhere" || a.URL != other.URL {
		t.Errorf("got %q %+v %v", text, a, err)
	}
	if home.Load() != "Basic dTpw" || elsewhere.Load() != "" {
		t.Errorf("got %q at home and %q elsewhere", home.Load(), elsewhere.Load())
	}
	keys = outbound.Credentials{Host: outbound.HostPort(u), Token: "t"}
	if _, _, err := get(t, c, outbound.Request{URL: s.URL, Credentials: keys}); err != nil || home.Load() != "Bearer t" {
		t.Errorf("got %q %v", home.Load(), err)
	}
	if got := fmt.Sprintf("%v %+v %#v", keys, keys, keys); strings.Contains(got, "t,") || strings.Contains(got, `"t"`) {
		t.Errorf("printed %s", got)
	}
}

func TestRedirectsLeadNowhereElse(t *testing.T) {
	s, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/inside":
			http.Redirect(w, r, "http://10.0.0.1/", http.StatusFound)
		case "/file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		}
	})
	c := &outbound.Client{Allow: loopback}
	for path, want := range map[string]larder.Kind{"/loop": larder.Unavailable, "/inside": larder.Denied, "/file": larder.Denied} {
		if _, _, err := get(t, c, outbound.Request{URL: s.URL + path}); !want.Is(err) {
			t.Errorf("%s: got %v, want %v", path, err, want)
		}
	}
	secure := httptest.NewTLSServer(http.RedirectHandler(s.URL, http.StatusFound))
	defer secure.Close()
	c.Roots = secure.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
	c = &outbound.Client{Allow: loopback, Roots: c.Roots}
	if _, _, err := get(t, c, outbound.Request{URL: secure.URL}); !larder.Denied.Is(err) {
		t.Errorf("from https to http: got %v, want %v", err, larder.Denied)
	}
}

func TestASlowHostIsGivenUp(t *testing.T) {
	release := make(chan struct{})
	s, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/stalls" {
			io.WriteString(w, "some")
			w.(http.Flusher).Flush()
		}
		<-release
	})
	defer close(release)
	c := &outbound.Client{Allow: loopback, FirstByte: 30 * time.Millisecond, Stall: 30 * time.Millisecond}
	for _, path := range []string{"/silent", "/stalls"} {
		text, _, err := get(t, c, outbound.Request{URL: s.URL + path})
		if !larder.Unavailable.Is(err) {
			t.Errorf("%s: got %q %v, want %v", path, text, err, larder.Unavailable)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Get(ctx, outbound.Request{URL: s.URL}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the asker's own %v", err, context.Canceled)
	}
}

func TestATruncatedOrBoundlessBodyFails(t *testing.T) {
	s, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/truncated":
			w.Header().Set("Content-Length", "100")
			io.WriteString(w, "short")
		case "/chunked":
			io.WriteString(w, "some")
			w.(http.Flusher).Flush()
			panic(http.ErrAbortHandler)
		case "/bomb":
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(packed(t, strings.Repeat("\x00", 1<<20)))
		case "/half":
			w.Header().Set("Content-Encoding", "gzip")
			b := packed(t, strings.Repeat("text", 1000))
			w.Write(b[:len(b)/2])
		case "/large":
			w.Header().Set("Content-Length", "100000")
			w.Write(make([]byte, 100000))
		}
	})
	c := &outbound.Client{Allow: loopback}
	for path, want := range map[string]larder.Kind{
		"/truncated": larder.Unavailable, "/chunked": larder.Unavailable, "/half": larder.Unavailable,
		"/bomb": larder.TooLarge, "/large": larder.TooLarge,
	} {
		if text, _, err := get(t, c, outbound.Request{URL: s.URL + path, Packed: true, Most: 1 << 16}); !want.Is(err) {
			t.Errorf("%s: got %d bytes, %v, want %v", path, len(text), err, want)
		}
	}
}

func TestAFailingHostIsLeftAlone(t *testing.T) {
	var asked, broken atomic.Int32
	broken.Store(1)
	s, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		if broken.Load() == 1 {
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	now := &clock{now: time.Unix(1e9, 0)}
	c := &outbound.Client{Allow: loopback, Now: now.Now}
	ask := func() error { _, _, err := get(t, c, outbound.Request{URL: s.URL}); return err }
	for range 8 {
		if err := ask(); !larder.Unavailable.Is(err) {
			t.Fatalf("got %v, want %v", err, larder.Unavailable)
		}
	}
	if got := asked.Load(); got != 5 {
		t.Errorf("a failing host was asked %d times, want 5", got)
	}
	now.advance(6 * time.Second) // it is tried once
	for range 3 {
		ask() //nolint:errcheck // how often is the point
	}
	if got := asked.Load(); got != 6 {
		t.Errorf("after a pause it was asked %d times in all, want 6", got)
	}
	broken.Store(0)
	now.advance(11 * time.Second)
	for range 3 {
		if err := ask(); err != nil {
			t.Errorf("the host is well again: got %v", err)
		}
	}
}

func TestAHostThatAsksForPatienceGetsIt(t *testing.T) {
	var asked atomic.Int32
	s, _ := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) == 1 {
			w.Header().Set("Retry-After", "20")
			w.WriteHeader(http.StatusTooManyRequests)
		}
	})
	now := &clock{now: time.Unix(1e9, 0)}
	c := &outbound.Client{Allow: loopback, Now: now.Now}
	for _, wait := range []time.Duration{20 * time.Second, 15 * time.Second} {
		_, _, err := get(t, c, outbound.Request{URL: s.URL})
		if e := larder.AsError(err); e == nil || e.Kind != larder.Throttled || e.RetryAfter != wait {
			t.Errorf("got %v, want to wait %v", err, wait)
		}
		now.advance(5 * time.Second)
	}
	now.advance(time.Minute)
	if _, _, err := get(t, c, outbound.Request{URL: s.URL}); err != nil || asked.Load() != 2 {
		t.Errorf("got %v after %d requests, want an answer to the second", err, asked.Load())
	}
}

func TestAHostGetsSoManyRequestsAtATime(t *testing.T) {
	const most, all = 3, 12
	arrived, release := make(chan struct{}), make(chan struct{})
	var now atomic.Int32
	s, _ := serve(t, func(http.ResponseWriter, *http.Request) {
		if n := now.Add(1); n > most {
			t.Errorf("got %d at a time, want at most %d", n, most)
		}
		arrived <- struct{}{}
		<-release
		now.Add(-1)
	})
	c := &outbound.Client{Allow: loopback, PerHost: most}
	var wg sync.WaitGroup
	for range all {
		wg.Go(func() {
			if _, _, err := get(t, c, outbound.Request{URL: s.URL}); err != nil {
				t.Error(err)
			}
		})
	}
	for range most {
		<-arrived
	}
	for range all - most { // one goes, the next comes
		release <- struct{}{}
		<-arrived
	}
	close(release)
	wg.Wait()
}

func TestStatusesAreToldApart(t *testing.T) {
	s, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var status int
		fmt.Sscan(strings.TrimPrefix(r.URL.Path, "/"), &status) //nolint:errcheck // the test's own
		w.WriteHeader(status)
	})
	c := &outbound.Client{Allow: loopback}
	for status, want := range map[int]larder.Kind{
		404: larder.NotFound, 410: larder.NotFound, 451: larder.NotFound,
		401: larder.Unavailable, 403: larder.Unavailable, 500: larder.Unavailable, 206: larder.Unavailable,
		304: larder.Unavailable, 302: larder.Unavailable, 429: larder.Throttled,
	} {
		if _, _, err := get(t, c, outbound.Request{URL: fmt.Sprint(s.URL, "/", status)}); !want.Is(err) {
			t.Errorf("%d: got %v, want %v", status, err, want)
		}
		c = &outbound.Client{Allow: loopback}
	}
}
