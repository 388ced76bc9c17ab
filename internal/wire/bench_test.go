package wire_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/api/sts"
	"larder.example/larder/internal/wire"
	"larder.example/larder/internal/wire/awsquery"
	"larder.example/larder/internal/wire/restjson"
)

// discard is a ResponseWriter that costs nothing.
type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(b []byte) (int, error) { return len(b), nil }
func (d discard) WriteHeader(int)             {}

func BenchmarkGetRepositoryEndpoint(b *testing.B) {
	m := &wire.Mux{Protocol: restjson.Protocol{}}
	wire.Handle(m, codeartifact.GetRepositoryEndpoint,
		func(_ context.Context, in *codeartifact.GetRepositoryEndpointInput) (*codeartifact.GetRepositoryEndpointOutput, error) {
			return &codeartifact.GetRepositoryEndpointOutput{RepositoryEndpoint: "https://larder.test/npm/d/" + in.Domain + "-" + in.DomainOwner + "/" + in.Repository + "/"}, nil
		})
	r := httptest.NewRequest(http.MethodGet, "/v1/repository/endpoint?domain=acme&domain-owner=111122223333&repository=shared&format=npm", nil)
	r = r.WithContext(wire.WithRequestID(r.Context(), "6b2f3c1e-8f0a-4a77-9a63-0d7b3c9a1f55"))
	w := discard{http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		m.ServeHTTP(w, r)
	}
}

func BenchmarkGetCallerIdentity(b *testing.B) {
	m := &wire.Mux{Protocol: awsquery.Protocol{}}
	wire.Handle(m, sts.GetCallerIdentity,
		func(context.Context, *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
			return &sts.GetCallerIdentityOutput{Arn: "arn:aws:iam::111122223333:user/alice", UserId: "AIDAEXAMPLE", Account: "111122223333"}, nil
		})
	r := httptest.NewRequest(http.MethodGet, "/?Action=GetCallerIdentity&Version=2011-06-15", nil)
	r = r.WithContext(wire.WithRequestID(r.Context(), "6b2f3c1e-8f0a-4a77-9a63-0d7b3c9a1f55"))
	w := discard{http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		m.ServeHTTP(w, r)
	}
}
