package proxy

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"
)

// registry is an upstream that takes one token, with a proxy before it.
type registry struct {
	good  string
	given []string // the tokens that the proxy has, the first in use
	front *httptest.Server
	back  *httptest.Server
	seen  []string // headers that must not come through
}

func newRegistry(t *testing.T) *registry {
	r := &registry{good: "t1", given: []string{"t1", "t2"}}
	r.back = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.seen = append(r.seen, q.Header.Get("Cookie")+q.Header.Get("Origin")+q.Header.Get("X-Nuget-Apikey"))
		if q.Header.Get("Authorization") != "Bearer "+r.good {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		body, _ := io.ReadAll(q.Body)
		switch q.URL.EscapedPath() {
		case "/npm/app/@acme%2fthing":
			w.Header().Set("Content-Type", "application/vnd.npm.install-v1+json; charset=utf-8")
			fmt.Fprintf(w, `{"tarball":"%s/npm/app/thing.tgz"}%s`, r.back.URL, body)
		case "/npm/app/moved":
			w.Header().Set("Location", r.back.URL+"/npm/app/thing.tgz")
			w.WriteHeader(http.StatusFound)
		default:
			w.Header().Set("Content-Type", "application/octet-stream")
			fmt.Fprint(w, "bytes ", r.back.URL)
		}
	}))
	t.Cleanup(r.back.Close)
	origin, err := url.Parse(r.back.URL)
	if err != nil {
		t.Fatal(err)
	}
	r.front = httptest.NewServer(&Proxy{
		Origin: origin,
		Ours:   func(address string) bool { return strings.HasPrefix(address, r.back.URL+"/npm/") },
		Token:  func(context.Context) (string, error) { return r.given[0], nil },
		Refused: func(_ context.Context, token string) error {
			if token == r.given[0] {
				r.given = r.given[1:]
			}
			return nil
		},
	})
	t.Cleanup(r.front.Close)
	return r
}

func (r *registry) ask(t *testing.T, method, path, body string, header ...string) (int, http.Header, string) {
	t.Helper()
	q, err := http.NewRequestWithContext(t.Context(), method, r.front.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			q.Host = header[i+1]
		}
		q.Header.Set(header[i], header[i+1])
	}
	answer, err := http.DefaultTransport.RoundTrip(q)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(text)
}

func TestProxyPutsItsOwnAddressInDocuments(t *testing.T) {
	r := newRegistry(t)
	for _, tt := range []struct{ method, path, body, want string }{
		{http.MethodGet, "/npm/app/@acme%2fthing", "", `{"tarball":"` + r.front.URL + `/npm/app/thing.tgz"}`},
		{http.MethodPut, "/npm/app/@acme%2fthing", "sent", `{"tarball":"` + r.front.URL + `/npm/app/thing.tgz"}sent`},
		{http.MethodGet, "/npm/app/thing.tgz", "", "bytes " + r.back.URL},
	} {
		status, _, got := r.ask(t, tt.method, tt.path, tt.body, "Authorization", "Basic x", "Cookie", "c=1", "X-NuGet-ApiKey", "x")
		if status != http.StatusOK || got != tt.want {
			t.Errorf("%s %s: got %d %q, want %q", tt.method, tt.path, status, got, tt.want)
		}
	}
	if _, h, _ := r.ask(t, http.MethodGet, "/npm/app/moved", ""); h.Get("Location") != r.front.URL+"/npm/app/thing.tgz" {
		t.Errorf("got %s, want the proxy's own address", h.Get("Location"))
	}
	if got := strings.Join(r.seen, ""); got != "" {
		t.Errorf("got %q through the proxy", got)
	}
}

func TestProxyRefusesWhatIsNotThisMachines(t *testing.T) {
	r := newRegistry(t)
	for _, tt := range []struct {
		claim, path string
		header      []string
		want        int
	}{
		{"a name that leads here", "/npm/app/x", []string{"Host", "evil.example"}, 403},
		{"another site's page", "/npm/app/x", []string{"Origin", "https://evil.example"}, 403},
		{"a sandboxed page", "/npm/app/x", []string{"Origin", "null"}, 403},
		{"another site's image", "/npm/app/x", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"another port's page", "/npm/app/x", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"no repository", "/v1/domains", nil, 404},
		{"a way out", "/npm/../v1/domains", nil, 200}, // below /npm/ it stays, as it was spelled
		{"a browser's address bar", "/npm/app/x", []string{"Sec-Fetch-Site", "none"}, 200},
	} {
		if got, _, body := r.ask(t, http.MethodGet, tt.path, "", tt.header...); got != tt.want {
			t.Errorf("%s: got %d %s, want %d", tt.claim, got, body, tt.want)
		}
	}
}

func TestProxyRenewsATokenThatWasRefused(t *testing.T) {
	r := newRegistry(t)
	r.good = "t2"
	if status, _, _ := r.ask(t, http.MethodGet, "/npm/app/thing.tgz", ""); status != http.StatusOK {
		t.Errorf("got %d, want it to be sent again", status)
	}
	r.good, r.given = "t2", []string{"t1", "t2"}
	if status, _, _ := r.ask(t, http.MethodPut, "/npm/app/thing.tgz", "body"); status != http.StatusUnauthorized {
		t.Errorf("got %d, want 401: the body is gone", status)
	}
	if status, _, _ := r.ask(t, http.MethodPut, "/npm/app/thing.tgz", "body"); status != http.StatusOK {
		t.Errorf("got %d the second time", status)
	}
}

func TestReplacingFindsWhatIsCutInTwo(t *testing.T) {
	const text = "a http://x/ b http:// http://x c http://x"
	for name, read := range map[string]func(io.Reader) io.Reader{
		"whole": func(r io.Reader) io.Reader { return r }, "bytes": iotest.OneByteReader, "halves": iotest.HalfReader, "end with data": iotest.DataErrReader,
	} {
		got, err := io.ReadAll(&replacing{from: []byte("http://x"), to: []byte("Y"), body: io.NopCloser(read(strings.NewReader(text)))})
		if want := strings.ReplaceAll(text, "http://x", "Y"); err != nil || string(got) != want {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, want)
		}
	}
}
