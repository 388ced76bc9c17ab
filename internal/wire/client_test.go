package wire_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/wire"
	"larder.example/larder/internal/wire/restjson"
)

// flaky fails a request with each of its errors in turn, then answers.
type flaky struct {
	failures []*larder.Error
	calls    int
	bodies   []string
	signed   int
	pauses   []time.Duration
}

func (f *flaky) client(t *testing.T) *wire.Client {
	next := func() error {
		f.calls++
		if f.calls <= len(f.failures) {
			return f.failures[f.calls-1]
		}
		return nil
	}
	m := &wire.Mux{Protocol: restjson.Protocol{}}
	wire.Handle(m, codeartifact.ListDomains, func(_ context.Context, in *codeartifact.ListDomainsInput) (*codeartifact.ListDomainsOutput, error) {
		f.bodies = append(f.bodies, in.NextToken)
		return nil, next()
	})
	wire.Handle(m, codeartifact.PublishPackageVersion, func(_ context.Context, in *codeartifact.PublishPackageVersionInput) (*codeartifact.PublishPackageVersionOutput, error) {
		return nil, next()
	})
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &wire.Client{
		Base: base, Protocol: restjson.Protocol{}, HTTP: server.Client(),
		Sign: func(*http.Request, string) error { f.signed++; return nil },
		Wait: func(_ context.Context, d time.Duration) error { f.pauses = append(f.pauses, d); return nil },
	}
}

func TestRetries(t *testing.T) {
	internal, throttled := larder.Errorf(larder.Internal, "bug"), larder.Errorf(larder.Throttled, "slow")
	patient := &larder.Error{Kind: larder.Throttled, RetryAfter: 7 * time.Second}
	endless := &larder.Error{Kind: larder.Throttled, RetryAfter: time.Hour}
	for _, tt := range []struct {
		name     string
		attempts int
		failures []*larder.Error
		calls    int
		pauses   []time.Duration
		ok       bool
	}{
		{"success", 0, nil, 1, nil, true},
		{"once", 0, []*larder.Error{internal}, 2, []time.Duration{200 * time.Millisecond}, true},
		{"twice", 0, []*larder.Error{throttled, internal}, 3, []time.Duration{200 * time.Millisecond, 400 * time.Millisecond}, true},
		{"no more than three times", 0, []*larder.Error{internal, internal, internal, internal}, 3, []time.Duration{200 * time.Millisecond, 400 * time.Millisecond}, false},
		{"no more than it is told", 1, []*larder.Error{internal}, 1, nil, false},
		{"as late as the service says", 0, []*larder.Error{patient}, 2, []time.Duration{7 * time.Second}, true},
		{"but not later than this", 0, []*larder.Error{endless}, 2, []time.Duration{20 * time.Second}, true},
		{"not what the caller did", 0, []*larder.Error{larder.Errorf(larder.Denied, "no")}, 1, nil, false},
		{"not a full quota", 0, []*larder.Error{larder.Errorf(larder.OverQuota, "no")}, 1, nil, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &flaky{failures: tt.failures}
			c := f.client(t)
			c.Attempts = tt.attempts
			_, err := wire.Call(t.Context(), c, codeartifact.ListDomains, &codeartifact.ListDomainsInput{NextToken: "x"})
			if (err == nil) != tt.ok {
				t.Errorf("got %v, want ok = %t", err, tt.ok)
			}
			if f.calls != tt.calls || f.signed != tt.calls || !slices.Equal(f.pauses, tt.pauses) {
				t.Errorf("got %d calls, %d signatures, pauses of %v; want %d, %v", f.calls, f.signed, f.pauses, tt.calls, tt.pauses)
			}
			for _, body := range f.bodies {
				if body != "x" {
					t.Errorf("got %q again, want x", body)
				}
			}
		})
	}
}

func TestStreamIsSentOnce(t *testing.T) {
	f := &flaky{failures: []*larder.Error{larder.Errorf(larder.Internal, "bug")}}
	_, err := wire.Call(t.Context(), f.client(t), codeartifact.PublishPackageVersion, &codeartifact.PublishPackageVersionInput{
		Domain: "acme", Repository: "shared", Format: larder.Generic, Package: "p", PackageVersion: "1", AssetName: "a",
		AssetSHA256: strings.Repeat("0", 64), AssetContent: io.NopCloser(strings.NewReader("hello")),
	})
	if !larder.Internal.Is(err) || f.calls != 1 {
		t.Errorf("got %v after %d calls", err, f.calls)
	}
}

func TestSignIsToldTheHashOfTheBody(t *testing.T) {
	for name, tt := range map[string]struct {
		call func(*wire.Client) error
		want string
	}{
		"no body": {func(c *wire.Client) error {
			_, err := wire.Call(t.Context(), c, codeartifact.DescribeDomain, &codeartifact.DescribeDomainInput{Domain: "acme"})
			return err
		}, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		"document": {func(c *wire.Client) error {
			_, err := wire.Call(t.Context(), c, codeartifact.ListDomains, &codeartifact.ListDomainsInput{})
			return err
		}, "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},
		"stream, as its caller says": {func(c *wire.Client) error {
			_, err := wire.Call(t.Context(), c, codeartifact.PublishPackageVersion, &codeartifact.PublishPackageVersionInput{
				AssetSHA256: "abc", AssetContent: strings.NewReader("x"),
			})
			return err
		}, "abc"},
	} {
		t.Run(name, func(t *testing.T) {
			unsigned := errors.New("no key")
			var got string
			c := &wire.Client{
				Base: &url.URL{Scheme: "http", Host: "test"}, Protocol: restjson.Protocol{},
				Sign: func(_ *http.Request, hash string) error { got = hash; return unsigned },
			}
			if err := tt.call(c); !errors.Is(err, unsigned) {
				t.Errorf("got %v, want %v", err, unsigned)
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestCancelledCallDoesNotWait(t *testing.T) {
	f := &flaky{failures: []*larder.Error{larder.Errorf(larder.Internal, "bug")}}
	c := f.client(t)
	ctx, cancel := context.WithCancel(t.Context())
	c.Wait = nil
	c.Sign = func(*http.Request, string) error { return nil }
	c.HTTP.Transport = cancelling{c.HTTP.Transport, cancel}
	if _, err := wire.Call(ctx, c, codeartifact.ListDomains, &codeartifact.ListDomainsInput{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
}

// cancelling is a transport that cancels once it has the answer.
type cancelling struct {
	http.RoundTripper
	cancel func()
}

func (c cancelling) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := c.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	answer.Body = io.NopCloser(strings.NewReader(string(body)))
	c.cancel()
	return answer, nil
}
