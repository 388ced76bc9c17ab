package wire_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/api/sts"
	"larder.example/larder/internal/wire"
	"larder.example/larder/internal/wire/awsquery"
	"larder.example/larder/internal/wire/restjson"
)

var errStranger = &larder.Error{Kind: larder.Unauthenticated, Code: larder.CodeUnrecognizedClient, Message: "who?"}

func describeDomain(context.Context, *codeartifact.DescribeDomainInput) (*codeartifact.DescribeDomainOutput, error) {
	return nil, nil
}

// A request with several faults shows the one that comes first.
func TestOrderOfChecks(t *testing.T) {
	large := strings.Repeat("x", 1<<20+1)
	for _, tt := range []struct {
		name, method, target, body string
		status                     int
		typ                        string
	}{
		{"route before all", "POST", "/v1/nonsense?domain=%zz", large, 404, "UnknownOperationException"},
		{"method is part of the route", "PATCH", "/v1/domain", "", 404, "UnknownOperationException"},
		{"HEAD is no GET", "HEAD", "/v1/domain", "", 404, "UnknownOperationException"},
		{"OPTIONS", "OPTIONS", "/v1/domain", "", 404, "UnknownOperationException"},
		{"path is exact", "GET", "/v1/domain/", "", 404, "UnknownOperationException"},
		{"path is exact, as it is escaped", "GET", "/v1/%64omain", "", 404, "UnknownOperationException"},
		{"operation that nobody serves", "DELETE", "/v1/domain?domain=acme", "", 404, "UnknownOperationException"},
		{"size before the caller", "POST", "/v1/domain?domain=A", large, 413, "RequestEntityTooLargeException"},
		{"caller before the query", "POST", "/v1/domain?domain=%zz", "{", 403, "UnrecognizedClientException"},
		{"caller before the document", "POST", "/v1/domain", "{", 403, "UnrecognizedClientException"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := &wire.Mux{
				Protocol: restjson.Protocol{},
				Authenticate: func(*http.Request, wire.Info, []byte) (context.Context, []wire.Pair, error) {
					return nil, nil, errStranger
				},
			}
			wire.Handle(m, codeartifact.DescribeDomain, describeDomain)
			wire.Handle(m, codeartifact.CreateDomain, func(context.Context, *codeartifact.CreateDomainInput) (*codeartifact.CreateDomainOutput, error) {
				t.Error("the handler ran")
				return nil, nil
			})
			w := httptest.NewRecorder()
			m.ServeHTTP(w, httptest.NewRequest(tt.method, tt.target, strings.NewReader(tt.body)))
			if got := w.Header().Get("x-amzn-ErrorType"); w.Code != tt.status || got != tt.typ {
				t.Errorf("got %d %s, want %d %s", w.Code, got, tt.status, tt.typ)
			}
		})
	}
}

func TestLargestBodyIsRead(t *testing.T) {
	m := &wire.Mux{Protocol: restjson.Protocol{}}
	wire.Handle(m, codeartifact.ListDomains, func(context.Context, *codeartifact.ListDomainsInput) (*codeartifact.ListDomainsOutput, error) {
		return nil, nil
	})
	for _, tt := range []struct{ size, status int }{{1 << 20, 200}, {1<<20 + 1, 413}} {
		for name, known := range map[string]bool{"known length": true, "chunked": false} {
			r := httptest.NewRequest(http.MethodPost, "/v1/domains", strings.NewReader("{"+strings.Repeat(" ", tt.size-2)+"}"))
			if !known {
				r.ContentLength = -1
			}
			w := httptest.NewRecorder()
			m.ServeHTTP(w, r)
			if w.Code != tt.status {
				t.Errorf("%d bytes, %s: got %d, want %d", tt.size, name, w.Code, tt.status)
			}
		}
	}
}

func TestAuthenticate(t *testing.T) {
	type key struct{}
	var got []wire.Info
	m := &wire.Mux{
		Protocol: restjson.Protocol{},
		Authenticate: func(r *http.Request, op wire.Info, body []byte) (context.Context, []wire.Pair, error) {
			got = append(got, op)
			if string(body) != `{"tags":[]}` {
				t.Errorf("got the body %q", body)
			}
			return context.WithValue(r.Context(), key{}, "alice"), []wire.Pair{{Name: "domain", Value: "signed"}}, nil
		},
	}
	wire.Handle(m, codeartifact.CreateDomain, func(ctx context.Context, in *codeartifact.CreateDomainInput) (*codeartifact.CreateDomainOutput, error) {
		if ctx.Value(key{}) != "alice" {
			t.Error("the handler has another context")
		}
		if in.Domain != "signed" {
			t.Errorf("got %q, want what was signed", in.Domain)
		}
		return nil, nil
	})
	w := httptest.NewRecorder()
	m.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/v1/domain?domain=unsigned", strings.NewReader(`{"tags":[]}`)))
	if w.Code != http.StatusOK {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if want := []wire.Info{wire.Info(codeartifact.CreateDomain)}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestUnsignedOperationsAreNotAuthenticated(t *testing.T) {
	m := &wire.Mux{
		Protocol: awsquery.Protocol{},
		Authenticate: func(_ *http.Request, op wire.Info, _ []byte) (context.Context, []wire.Pair, error) {
			return nil, nil, errStranger
		},
	}
	wire.Handle(m, sts.AssumeRoleWithWebIdentity, func(context.Context, *sts.AssumeRoleWithWebIdentityInput) (*sts.AssumeRoleWithWebIdentityOutput, error) {
		return nil, nil
	})
	wire.Handle(m, sts.GetCallerIdentity, func(context.Context, *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
		return nil, nil
	})
	for form, want := range map[string]int{
		"Action=GetCallerIdentity&Version=2011-06-15": 403,
		"Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn:aws:iam::111122223333:role/r&RoleSessionName=ci&WebIdentityToken=eyJ4": 200,
	} {
		w := httptest.NewRecorder()
		m.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form)))
		if w.Code != want {
			t.Errorf("%s: got %d, want %d", form, w.Code, want)
		}
	}
}

// Whoever signs one action must not get another run, however the two readers
// of the query come to differ.
func TestActionThatWasNotSignedDoesNotRun(t *testing.T) {
	m := &wire.Mux{
		Protocol: awsquery.Protocol{},
		Authenticate: func(r *http.Request, _ wire.Info, _ []byte) (context.Context, []wire.Pair, error) {
			return r.Context(), []wire.Pair{{Name: "Action", Value: "GetSessionToken"}, {Name: "Version", Value: "2011-06-15"}}, nil
		},
	}
	wire.Handle(m, sts.GetCallerIdentity, func(context.Context, *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
		t.Error("the handler ran")
		return nil, nil
	})
	w := httptest.NewRecorder()
	m.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/?Action=GetCallerIdentity&Version=2011-06-15", nil))
	if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "SignatureDoesNotMatch") {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

func TestStreamsPassThroughWhatAuthenticatePutBefore(t *testing.T) {
	broken := errors.New("another body was signed")
	m := &wire.Mux{
		Protocol: restjson.Protocol{},
		Authenticate: func(r *http.Request, _ wire.Info, body []byte) (context.Context, []wire.Pair, error) {
			if body != nil {
				t.Errorf("got the body %q, want none", body)
			}
			r.Body = io.NopCloser(io.MultiReader(r.Body, errReader{broken}))
			return r.Context(), nil, nil
		},
	}
	wire.Handle(m, codeartifact.PublishPackageVersion, func(_ context.Context, in *codeartifact.PublishPackageVersionInput) (*codeartifact.PublishPackageVersionOutput, error) {
		b, err := io.ReadAll(in.AssetContent)
		if string(b) != "hello" || !errors.Is(err, broken) {
			t.Errorf("got %q, %v", b, err)
		}
		return nil, larder.Errorf(larder.Conflict, "no")
	})
	r := httptest.NewRequest(http.MethodPost, "/v1/package/version/publish?domain=acme&repository=shared&format=generic&package=p&version=1&asset=a", strings.NewReader("hello"))
	r.Header.Set("X-Amz-Content-Sha256", strings.Repeat("0", 64))
	w := httptest.NewRecorder()
	m.ServeHTTP(w, r)
	if w.Code != http.StatusConflict {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

type errReader struct{ error }

func (e errReader) Read([]byte) (int, error) { return 0, e.error }

func TestObserve(t *testing.T) {
	denied := larder.Errorf(larder.Denied, "no")
	in := &codeartifact.DescribeDomainInput{Domain: "acme"}
	out := &codeartifact.DescribeDomainOutput{}
	for _, tt := range []struct {
		name, target string
		err          error
		want         wire.Event
	}{
		{"success", "/v1/domain?domain=acme", nil, wire.Event{Op: wire.Info(codeartifact.DescribeDomain), In: in, Out: out}},
		{"failure", "/v1/domain?domain=acme", denied, wire.Event{Op: wire.Info(codeartifact.DescribeDomain), In: in, Err: denied, Exception: "AccessDeniedException"}},
		{"bad input", "/v1/domain", nil, wire.Event{
			Op: wire.Info(codeartifact.DescribeDomain), In: &codeartifact.DescribeDomainInput{},
			Err: &larder.Error{Kind: larder.Invalid, Code: wire.CodeFieldValidation, Message: "1 validation error detected: Value null at 'domain' failed to satisfy constraint: Member must not be null"},

			Exception: "ValidationException",
		}},
		{"no such operation", "/v1/nonsense", nil, wire.Event{
			Err: &larder.Error{Kind: larder.NotFound, Code: larder.CodeUnknownOperation, Message: "Could not find operation GET /v1/nonsense"},

			Exception: "UnknownOperationException",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []wire.Event
			m := &wire.Mux{Protocol: restjson.Protocol{}, Observe: func(_ context.Context, e wire.Event) { got = append(got, e) }}
			wire.Handle(m, codeartifact.DescribeDomain, func(context.Context, *codeartifact.DescribeDomainInput) (*codeartifact.DescribeDomainOutput, error) {
				return out, tt.err
			})
			m.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, tt.target, nil))
			if want := []wire.Event{tt.want}; !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

// A client must not take half a payload for a whole one, with or without a
// length.
func TestBrokenPayloadCutsTheConnection(t *testing.T) {
	broken := errors.New("disk gone")
	seen := make(chan *larder.Error, 2)
	m := &wire.Mux{Protocol: restjson.Protocol{}, Observe: func(_ context.Context, e wire.Event) { seen <- e.Err }}
	wire.Handle(m, codeartifact.GetPackageVersionAsset, func(context.Context, *codeartifact.GetPackageVersionAssetInput) (*codeartifact.GetPackageVersionAssetOutput, error) {
		return &codeartifact.GetPackageVersionAssetOutput{Asset: io.NopCloser(io.MultiReader(strings.NewReader(strings.Repeat("x", 1<<16)), errReader{broken}))}, nil
	})
	server := httptest.NewServer(m)
	defer server.Close()
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	client := wire.Client{Base: base, Protocol: restjson.Protocol{}, HTTP: server.Client()}
	out, err := wire.Call(t.Context(), &client, codeartifact.GetPackageVersionAsset, &codeartifact.GetPackageVersionAssetInput{
		Domain: "acme", Repository: "shared", Format: larder.Generic, Package: "p", PackageVersion: "1", Asset: "a",
	})
	if err == nil {
		defer out.Asset.Close()
		_, err = io.ReadAll(out.Asset)
	}
	if err == nil {
		t.Error("the answer looks whole")
	}
	if got := <-seen; got != nil {
		t.Errorf("observed %v before the answer, want a success", got)
	}
	if got := <-seen; got == nil || !errors.Is(got, broken) {
		t.Errorf("observed %v, want %v", got, broken)
	}
}

func TestClientThatLeftIsNoBug(t *testing.T) {
	var seen *larder.Error
	m := &wire.Mux{Protocol: restjson.Protocol{}, Observe: func(_ context.Context, e wire.Event) { seen = e.Err }}
	wire.Handle(m, codeartifact.DescribeDomain, describeDomain)
	ctx, leave := context.WithCancel(t.Context())
	leave()
	defer func() {
		if got, ok := recover().(error); !ok || !errors.Is(got, http.ErrAbortHandler) {
			t.Errorf("got the panic %v, want %v", got, http.ErrAbortHandler)
		}
		if seen == nil || seen.Kind != larder.Unavailable || !errors.Is(seen, io.ErrClosedPipe) {
			t.Errorf("observed %v", seen)
		}
	}()
	m.ServeHTTP(closed{}, httptest.NewRequest(http.MethodGet, "/v1/domain?domain=acme", nil).WithContext(ctx))
}

// closed is a ResponseWriter to a client that left.
type closed struct{}

func (closed) Header() http.Header       { return http.Header{} }
func (closed) WriteHeader(int)           {}
func (closed) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestHandles(t *testing.T) {
	m := &wire.Mux{Protocol: restjson.Protocol{}}
	wire.Handle(m, codeartifact.DescribeDomain, describeDomain)
	if !m.Handles(wire.Info(codeartifact.DescribeDomain)) || m.Handles(wire.Info(codeartifact.CreateDomain)) {
		t.Error("Handles does not say what is handled")
	}
	defer func() {
		if recover() == nil {
			t.Error("an operation was handled twice")
		}
	}()
	wire.Handle(m, codeartifact.DescribeDomain, describeDomain)
}
