package restjson_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/wire"
	"larder.example/larder/internal/wire/restjson"
)

// answer returns what a mux writes when op's handler returns out and err.
func answer[In, Out any](t *testing.T, op wire.Op[In, Out], target string, out *Out, err error) *http.Response {
	t.Helper()
	m := &wire.Mux{Protocol: restjson.Protocol{}}
	wire.Handle(m, op, func(context.Context, *In) (*Out, error) { return out, err })
	r := httptest.NewRequest(op.Method, op.Path+target, strings.NewReader("{}"))
	w := httptest.NewRecorder()
	m.ServeHTTP(w, r.WithContext(wire.WithRequestID(r.Context(), "3d6f5a2e-0b1c-4d1e-8f60-7a8b9c0d1e2f")))
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestDocuments(t *testing.T) {
	const domain, pkg = "?domain=acme", "?domain=acme&repository=shared&format=npm&package=x"
	millis := time.Date(2020, 3, 1, 17, 46, 33, 861_999_999, time.UTC)
	whole := time.Date(2026, 11, 17, 0, 0, 0, 0, time.FixedZone("", 3600))
	for _, tt := range []struct {
		name string
		got  *http.Response
		want string
	}{
		{"nothing to say", answer(t, codeartifact.DeleteDomain, domain, nil, nil), `{}`},
		{"counters are said when they are zero", answer(t, codeartifact.DescribeDomain, domain, &codeartifact.DescribeDomainOutput{
			Domain: &codeartifact.DomainDescription{Name: "acme", CreatedTime: millis},
		}, nil), `{"domain":{"name":"acme","createdTime":1583084793.861,"repositoryCount":0,"assetSizeBytes":0}}`},
		{"whole seconds have no fraction", answer(t, codeartifact.GetAuthorizationToken, domain, &codeartifact.GetAuthorizationTokenOutput{
			AuthorizationToken: "lrd_x", Expiration: whole,
		}, nil), `{"authorizationToken":"lrd_x","expiration":1794870000}`},
		{"a tenth of a second", answer(t, codeartifact.GetAuthorizationToken, domain, &codeartifact.GetAuthorizationTokenOutput{
			Expiration: whole.Add(100 * time.Millisecond),
		}, nil), `{"expiration":1794870000.1}`},
		{"before 1970", answer(t, codeartifact.GetAuthorizationToken, domain, &codeartifact.GetAuthorizationTokenOutput{
			Expiration: time.UnixMilli(-1500),
		}, nil), `{"expiration":-1.5}`},
		{"lists are there when they are empty", answer(t, codeartifact.ListPackageVersionAssets, pkg+"&version=1", &codeartifact.ListPackageVersionAssetsOutput{
			Format: larder.NPM, Package: "x",
		}, nil), `{"format":"npm","package":"x","assets":[]}`},
		{"far inside too", answer(t, codeartifact.DescribePackageVersion, pkg+"&version=1", &codeartifact.DescribePackageVersionOutput{
			PackageVersion: &codeartifact.PackageVersionDescription{Status: larder.Unlisted, Licenses: nil},
		}, nil), `{"packageVersion":{"licenses":[],"status":"Unlisted"}}`},
		{"maps are there when they are empty", answer(t, codeartifact.CopyPackageVersions,
			"?domain=acme&source-repository=aa&destination-repository=bb&format=npm&package=x", &codeartifact.CopyPackageVersionsOutput{
				SuccessfulVersions: map[string]codeartifact.SuccessfulPackageVersionInfo{"2": {Status: larder.Published}, "10": {Revision: "r"}},
			}, nil), `{"successfulVersions":{"10":{"revision":"r"},"2":{"status":"Published"}},"failedVersions":{}}`},
		{"a size of zero", answer(t, codeartifact.ListPackageVersionAssets, pkg+"&version=1", &codeartifact.ListPackageVersionAssetsOutput{
			Assets: []codeartifact.AssetSummary{{Name: "a", Size: new(int64(0))}, {Name: "b"}},
		}, nil), `{"assets":[{"name":"a","size":0,"hashes":{}},{"name":"b","hashes":{}}]}`},
		{"required members are said when they are empty", answer(t, codeartifact.ListTagsForResource, "?resourceArn=arn:x", &codeartifact.ListTagsForResourceOutput{
			Tags: []codeartifact.Tag{{Key: "a"}},
		}, nil), `{"tags":[{"key":"a","value":""}]}`},
		{"strings", answer(t, codeartifact.GetRepositoryEndpoint, pkg, &codeartifact.GetRepositoryEndpointOutput{
			RepositoryEndpoint: "<a href=\"x&y\">\\\n\r\t\x01\x7f\u2028é😀\xff",
		}, nil), `{"repositoryEndpoint":"<a href=\"x&y\">\\\n\r\t\u0001\u007f` + "\u2028" + `é😀` + "\ufffd" + `"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := body(t, tt.got); got != tt.want {
				t.Errorf("got\n%s, want\n%s", got, tt.want)
			}
			for name, want := range map[string]string{"Content-Type": "application/json", "x-amzn-RequestId": "3d6f5a2e-0b1c-4d1e-8f60-7a8b9c0d1e2f"} {
				if got := tt.got.Header.Get(name); got != want {
					t.Errorf("%s: got %q, want %q", name, got, want)
				}
			}
		})
	}
}

// closing is a body that knows whether it was closed.
type closing struct {
	io.Reader
	closed bool
}

func (c *closing) Close() error { c.closed = true; return nil }

func TestPayload(t *testing.T) {
	const target = "?domain=acme&repository=shared&format=generic&package=x&version=1&asset=a.bin"
	path := filepath.Join(t.TempDir(), "asset")
	if err := os.WriteFile(path, []byte("skip hello"), 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Seek(5, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	stream := &closing{Reader: strings.NewReader("hello")}
	for _, tt := range []struct {
		name, length, body string
		asset              io.ReadCloser
	}{
		{"file", "5", "hello", file},
		{"stream", "", "hello", stream},
		{"nothing", "0", "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := answer(t, codeartifact.GetPackageVersionAsset, target, &codeartifact.GetPackageVersionAssetOutput{
				Asset: tt.asset, AssetName: "a.bin", PackageVersion: "1",
			}, nil)
			for name, want := range map[string]string{
				"Content-Length": tt.length, "Content-Type": "application/octet-stream",
				"X-AssetName": "a.bin", "X-PackageVersion": "1", "X-PackageVersionRevision": "",
			} {
				if got := got.Header.Get(name); got != want {
					t.Errorf("%s: got %q, want %q", name, got, want)
				}
			}
			if got := body(t, got); got != tt.body {
				t.Errorf("got %q, want %q", got, tt.body)
			}
		})
	}
	if !stream.closed {
		t.Error("the payload was not closed")
	}
	if err := file.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the file was not closed: %v", err)
	}
}

func TestFailures(t *testing.T) {
	for _, tt := range []struct {
		name   string
		err    error
		status int
		typ    string
		body   string
	}{
		{"constraint", &larder.Error{Kind: larder.Invalid, Code: wire.CodeFieldValidation, Message: "m"}, 400, "ValidationException", `{"message":"m","reason":"FIELD_VALIDATION_FAILED"}`},
		{"unreadable", &larder.Error{Kind: larder.Invalid, Code: wire.CodeCannotParse, Message: "m"}, 400, "ValidationException", `{"message":"m","reason":"CANNOT_PARSE"}`},
		{"rule", larder.Errorf(larder.Invalid, "m"), 400, "ValidationException", `{"message":"m","reason":"FIELD_VALIDATION_FAILED"}`},
		{"another room's code", &larder.Error{Kind: larder.Invalid, Code: "MalformedPolicyDocument", Message: "m"}, 400, "ValidationException", `{"message":"m","reason":"OTHER"}`},
		{"no credentials", &larder.Error{Kind: larder.Unauthenticated, Code: larder.CodeMissingToken, Message: "Missing Authentication Token"}, 403, "MissingAuthenticationTokenException", `{"message":"Missing Authentication Token"}`},
		{"malformed signature", &larder.Error{Kind: larder.Unauthenticated, Code: larder.CodeIncomplete, Message: "m"}, 403, "IncompleteSignatureException", `{"message":"m"}`},
		{"wrong signature", &larder.Error{Kind: larder.Unauthenticated, Code: larder.CodeInvalidSignature, Message: "m"}, 403, "InvalidSignatureException", `{"message":"m"}`},
		{"unknown key", &larder.Error{Kind: larder.Unauthenticated, Code: larder.CodeUnrecognizedClient, Message: "m"}, 403, "UnrecognizedClientException", `{"message":"m"}`},
		{"expired session", &larder.Error{Kind: larder.Unauthenticated, Code: larder.CodeExpiredToken, Message: "m"}, 403, "ExpiredTokenException", `{"message":"m"}`},
		{"expired request", &larder.Error{Kind: larder.Unauthenticated, Code: larder.CodeRequestExpired, Message: "m"}, 400, "RequestExpired", `{"message":"m"}`},
		{"denied", &larder.Error{Kind: larder.Denied, Message: "m", Resource: "domain", ID: "acme"}, 403, "AccessDeniedException", `{"message":"m"}`},
		{"absent", &larder.Error{Kind: larder.NotFound, Message: "m", Resource: "repository", ID: "acme/shared"}, 404, "ResourceNotFoundException", `{"message":"m","resourceId":"acme/shared","resourceType":"repository"}`},
		{"absent, of a kind that the model lacks", &larder.Error{Kind: larder.NotFound, Message: "m", Resource: "package-group", ID: "/npm/*"}, 404, "ResourceNotFoundException", `{"message":"m","resourceId":"/npm/*"}`},
		{"absent, of no kind", larder.Errorf(larder.NotFound, "m"), 404, "ResourceNotFoundException", `{"message":"m"}`},
		{"conflict", &larder.Error{Kind: larder.Conflict, Message: "m", Resource: "package-version", ID: "1"}, 409, "ConflictException", `{"message":"m","resourceId":"1","resourceType":"package-version"}`},
		{"too large", larder.Errorf(larder.TooLarge, "m"), 413, "RequestEntityTooLargeException", `{"message":"m"}`},
		{"quota", &larder.Error{Kind: larder.OverQuota, Message: "m", Resource: "asset", ID: "a"}, 402, "ServiceQuotaExceededException", `{"message":"m","resourceId":"a","resourceType":"asset"}`},
		{"throttled", &larder.Error{Kind: larder.Throttled, Message: "m", RetryAfter: 1500 * time.Millisecond}, 429, "ThrottlingException", `{"message":"m"}`},
		{"unavailable", larder.Errorf(larder.Unavailable, "m"), 503, "ServiceUnavailable", `{"message":"m"}`},
		{"disk full", &larder.Error{Kind: larder.Unavailable, Code: larder.CodeStorageFull, Message: "m"}, 500, "InternalServerException", `{"message":"m"}`},
		{"bug", errors.New("secret"), 500, "InternalServerException", `{"message":"An internal error occurred."}`},
		{"wrapped", errors.Join(errors.New("secret"), &larder.Error{Kind: larder.Denied, Message: "\"m\" <&>", Err: errors.New("secret")}), 403, "AccessDeniedException", `{"message":"\"m\" <&>"}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := answer(t, codeartifact.ListDomains, "", nil, tt.err)
			if got.StatusCode != tt.status {
				t.Errorf("got status %d, want %d", got.StatusCode, tt.status)
			}
			if got := body(t, got); got != tt.body {
				t.Errorf("got %s, want %s", got, tt.body)
			}
			headers := map[string]string{
				"x-amzn-ErrorType": tt.typ, "Content-Type": "application/json", "Retry-After": "",
				"x-amzn-RequestId": "3d6f5a2e-0b1c-4d1e-8f60-7a8b9c0d1e2f",
			}
			if tt.name == "throttled" {
				headers["Retry-After"] = "2"
			}
			for name, want := range headers {
				if got := got.Header.Get(name); got != want {
					t.Errorf("%s: got %q, want %q", name, got, want)
				}
			}
		})
	}
}
