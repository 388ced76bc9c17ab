package restjson_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/wire"
	"larder.example/larder/internal/wire/restjson"
)

// service answers every request alike and keeps the last one.
type service struct {
	status int
	header map[string]string
	body   string

	request *http.Request
	sent    string
}

func (s *service) client(t *testing.T) *wire.Client {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		s.request, s.sent = r, string(b)
		for name, value := range s.header {
			w.Header().Set(name, value)
		}
		w.WriteHeader(s.status)
		io.WriteString(w, s.body)
	}))
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL + "/prefix/")
	if err != nil {
		t.Fatal(err)
	}
	return &wire.Client{Base: base, Protocol: restjson.Protocol{}, HTTP: server.Client(), Attempts: 1}
}

func TestRequestsOfTheClient(t *testing.T) {
	s := &service{status: 200, body: "{}"}
	c := s.client(t)
	for _, tt := range []struct {
		name, target, body string
		call               func() error
	}{
		{"query", "GET /prefix/v1/package?domain=acme&repository=shared&format=npm&package=a%20%2B%26~%2F%C3%A9", "", func() error {
			_, err := wire.Call(t.Context(), c, codeartifact.DescribePackage, &codeartifact.DescribePackageInput{
				Domain: "acme", Repository: "shared", Format: larder.NPM, Package: "a +&~/é",
			})
			return err
		}},
		{"zero that was given", "POST /prefix/v1/authorization-token?domain=acme&duration=0", "", func() error {
			_, err := wire.Call(t.Context(), c, codeartifact.GetAuthorizationToken, &codeartifact.GetAuthorizationTokenInput{
				Domain: "acme", DurationSeconds: new(int64(0)),
			})
			return err
		}},
		{"empty document", "POST /prefix/v1/domains", "{}", func() error {
			_, err := wire.Call(t.Context(), c, codeartifact.ListDomains, &codeartifact.ListDomainsInput{})
			return err
		}},
		{"document", "PUT /prefix/v1/repository?domain=acme&repository=shared", `{"description":"","upstreams":[]}`, func() error {
			_, err := wire.Call(t.Context(), c, codeartifact.UpdateRepository, &codeartifact.UpdateRepositoryInput{
				Domain: "acme", Repository: "shared", Description: new(""), Upstreams: []codeartifact.UpstreamRepository{},
			})
			return err
		}},
		{"payload", "POST /prefix/v1/package/version/publish?domain=acme&repository=shared&format=generic&package=p&version=1&asset=a&unfinished=true", "hello", func() error {
			_, err := wire.Call(t.Context(), c, codeartifact.PublishPackageVersion, &codeartifact.PublishPackageVersionInput{
				Domain: "acme", Repository: "shared", Format: larder.Generic, Package: "p", PackageVersion: "1", AssetName: "a",
				AssetSHA256: strings.Repeat("0", 64), Unfinished: true, AssetContent: strings.NewReader("hello"),
			})
			return err
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.call(); err != nil {
				t.Fatal(err)
			}
			if got := s.request.Method + " " + s.request.RequestURI; got != tt.target {
				t.Errorf("got %s, want %s", got, tt.target)
			}
			if s.sent != tt.body {
				t.Errorf("got the body %s, want %s", s.sent, tt.body)
			}
			if s.request.ContentLength != int64(len(tt.body)) {
				t.Errorf("got a content length of %d, want %d", s.request.ContentLength, len(tt.body))
			}
		})
	}
}

func TestTimestampsThatServicesSend(t *testing.T) {
	for _, tt := range []struct{ sent, want string }{
		{"1893499445", "2030-01-01T12:04:05Z"},
		{"1893499445.743", "2030-01-01T12:04:05.743Z"},
		{"1.893499445743E9", "2030-01-01T12:04:05.743Z"},
		{"1893499445.7430001", "2030-01-01T12:04:05.743Z"},
		{`"2030-01-01T12:04:05Z"`, "2030-01-01T12:04:05Z"},
		{`"2030-01-01T13:04:05.5+01:00"`, "2030-01-01T12:04:05.5Z"},
	} {
		s := &service{status: 200, body: `{"authorizationToken": "t", "expiration": ` + tt.sent + `, "new": {}}`}
		out, err := wire.Call(t.Context(), s.client(t), codeartifact.GetAuthorizationToken, &codeartifact.GetAuthorizationTokenInput{Domain: "acme"})
		if err != nil {
			t.Errorf("%s: %v", tt.sent, err)
			continue
		}
		if got := out.Expiration.Format(time.RFC3339Nano); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.sent, got, tt.want)
		}
	}
}

func TestBrokenAnswersAreErrors(t *testing.T) {
	for _, body := range []string{`{`, `[]`, `{"authorizationToken": 1}`, `{"expiration": "soon"}`, `{"expiration": 1e400}`, `{} x`} {
		s := &service{status: 200, body: body}
		if _, err := wire.Call(t.Context(), s.client(t), codeartifact.GetAuthorizationToken, &codeartifact.GetAuthorizationTokenInput{Domain: "acme"}); err == nil {
			t.Errorf("%s: no error", body)
		}
	}
}

func TestFailuresThatServicesSend(t *testing.T) {
	const typ = "x-amzn-ErrorType"
	for _, tt := range []struct {
		name    string
		service service
		kind    larder.Kind
		code    string
		message string
		details []wire.Pair
	}{
		{
			"header",
			service{404, map[string]string{typ: "ResourceNotFoundException"}, `{"message":"m","resourceType":"domain","resourceId":"a"}`, nil, ""},
			larder.NotFound, "ResourceNotFoundException", "m",
			[]wire.Pair{{Name: "resourceId", Value: "a"}, {Name: "resourceType", Value: "domain"}},
		},
		{
			"header with a suffix",
			service{400, map[string]string{typ: "ValidationException:http://internal.amazon.com/coral/"}, `{"Message":"m","reason":"OTHER"}`, nil, ""},
			larder.Invalid, "ValidationException", "m",
			[]wire.Pair{{Name: "reason", Value: "OTHER"}},
		},
		{
			"type in the body",
			service{403, nil, `{"__type":"com.amazon.coral.service#AccessDeniedException","message":"m"}`, nil, ""},
			larder.Denied, "AccessDeniedException", "m", nil,
		},
		{"code in the body", service{403, nil, `{"code":"ExpiredTokenException"}`, nil, ""}, larder.Unauthenticated, "ExpiredTokenException", "", nil},
		{
			"throttled",
			service{429, map[string]string{typ: "ThrottlingException", "Retry-After": "7"}, `{"message":"m"}`, nil, ""},
			larder.Throttled, "ThrottlingException", "m",
			[]wire.Pair{{Name: "retryAfterSeconds", Value: "7"}},
		},
		{"a proxy's page", service{502, nil, "<html>no</html>\n", nil, ""}, larder.Unavailable, "502", "<html>no</html>", nil},
		{"nothing", service{403, nil, "", nil, ""}, larder.Denied, "403", "", nil},
		{"a name we do not have", service{409, map[string]string{typ: "NovelException"}, `{"message":"m"}`, nil, ""}, larder.Conflict, "NovelException", "m", nil},
		{"internal", service{500, map[string]string{typ: "InternalServerException"}, `{}`, nil, ""}, larder.Internal, "InternalServerException", "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := wire.Call(t.Context(), tt.service.client(t), codeartifact.ListDomains, &codeartifact.ListDomainsInput{})
			e := larder.AsError(err)
			if e.Kind != tt.kind || e.Code != tt.code || e.Message != tt.message {
				t.Errorf("got %s %s %q, want %s %s %q", e.Kind, e.Code, e.Message, tt.kind, tt.code, tt.message)
			}
			var fault *wire.Fault
			if !errors.As(err, &fault) {
				t.Fatalf("%v holds no fault", err)
			}
			if fault.Status != tt.service.status || !reflect.DeepEqual(fault.Details, tt.details) {
				t.Errorf("got %d %v, want %d %v", fault.Status, fault.Details, tt.service.status, tt.details)
			}
		})
	}
}
