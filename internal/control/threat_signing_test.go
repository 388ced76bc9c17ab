package control_test

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/sigv4"
	"larder.example/larder/internal/testenv"
)

// The tests of the threat_*_test.go files are the threats that the design
// lists, each under its name there, against the whole server.

// sealed returns a request that the administrator signed, not yet sent, which
// a test then tampers with.
func sealed(t *testing.T, e *testenv.Env, method, target, body string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, e.URL+target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(body))
	s := sigv4.Signer{KeyID: e.Admin.KeyID, Secret: e.Admin.Secret, Region: region, Service: "codeartifact"}
	if err := s.Sign(r, hex.EncodeToString(sum[:]), e.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	return r
}

func wantError(t *testing.T, what string, a testenv.Answer, status int, exception string) {
	t.Helper()
	if a.Status != status || a.Header.Get("X-Amzn-Errortype") != exception {
		t.Errorf("%s: got %d %s %s, want %d %s", what, a.Status, a.Header.Get("X-Amzn-Errortype"), a.Body, status, exception)
	}
}

func TestThreatReplayOfASignedRequest(t *testing.T) {
	e := testenv.New(t)
	target := query("/v1/domain", "domain", testenv.Domain)
	for _, tt := range []struct {
		name  string
		moved time.Duration
		dead  bool
	}{
		{"14 minutes later", 14 * time.Minute, false},
		{"16 minutes later", 16 * time.Minute, true},
		{"14 minutes before", -14 * time.Minute, false},
		{"16 minutes before", -16 * time.Minute, true},
		{"the next day", 24 * time.Hour, true},
	} {
		r := sealed(t, e, http.MethodGet, target, "")
		e.Clock.Advance(tt.moved)
		a := e.Send(r)
		e.Clock.Advance(-tt.moved)
		if tt.dead {
			wantError(t, tt.name, a, http.StatusForbidden, "InvalidSignatureException")
		} else if a.Status != http.StatusOK {
			t.Errorf("%s: got %d %s", tt.name, a.Status, a.Body)
		}
	}
	// A date of tomorrow under a signing key of today.
	r := sealed(t, e, http.MethodGet, target, "")
	today := e.Clock.Now().UTC()
	r.Header.Set("X-Amz-Date", today.Add(24*time.Hour).Format("20060102T150405Z"))
	e.Clock.Advance(24 * time.Hour)
	wantError(t, "another day's scope", e.Send(r), http.StatusForbidden, "InvalidSignatureException")
}

func TestThreatUnsignedPartChanged(t *testing.T) {
	e := testenv.New(t)
	testenv.OK(t, e.Admin, codeartifact.CreateDomain, &codeartifact.CreateDomainInput{Domain: "other"})
	for name, change := range map[string]func(*http.Request){
		"a value":           func(r *http.Request) { r.URL.RawQuery = "domain=other" },
		"a pair added":      func(r *http.Request) { r.URL.RawQuery += "&domain=other" },
		"a pair put first":  func(r *http.Request) { r.URL.RawQuery = "domain=other&" + r.URL.RawQuery },
		"a semicolon":       func(r *http.Request) { r.URL.RawQuery += ";domain=other" },
		"an encoded pair":   func(r *http.Request) { r.URL.RawQuery += "%26domain=other" },
		"the method":        func(r *http.Request) { r.Method = http.MethodDelete },
		"another operation": func(r *http.Request) { r.Method, r.URL.Path = http.MethodPost, "/v1/repositories" },
		"the host":          func(r *http.Request) { r.Host = "registry.test" },
		"a session token":   func(r *http.Request) { r.Header.Set("X-Amz-Security-Token", "x") },
	} {
		r := sealed(t, e, http.MethodGet, query("/v1/domain", "domain", testenv.Domain), "")
		change(r)
		a := e.Send(r)
		if a.Status != http.StatusForbidden {
			t.Errorf("%s: got %d %s", name, a.Status, a.Body)
		}
	}
	// No signer signs what cannot be decoded.
	r := sealed(t, e, http.MethodGet, "/v1/domain?domain=team", "")
	r.URL.RawQuery = "domain=team&x=%zz"
	wantError(t, "a broken escape", e.Send(r), http.StatusBadRequest, "ValidationException")

	// The handler is told what was signed: of a repeated pair the first, and
	// what Go's own parser drops is not dropped.
	for _, tt := range []struct {
		query  string
		status int
		want   string
	}{
		{"domain=team&domain=other", 200, `"name":"team"`},
		{"domain=other&domain=team", 200, `"name":"other"`},
		{"domain=te%61m", 200, `"name":"team"`},
		{"domain=team;domain-owner=1", 400, "ValidationException"},
		{"domain=te+am", 400, "ValidationException"},
		{"domain=team%00", 400, "ValidationException"},
	} {
		a := e.DoSigned(e.Admin, "codeartifact", http.MethodGet, "/v1/domain?"+tt.query, "")
		if a.Status != tt.status || !strings.Contains(a.Body+a.Header.Get("X-Amzn-Errortype"), tt.want) {
			t.Errorf("%s: got %d %s %s", tt.query, a.Status, a.Header.Get("X-Amzn-Errortype"), a.Body)
		}
	}
}

func TestThreatHeaderAddedOrDuplicated(t *testing.T) {
	e := testenv.New(t)
	for name, change := range map[string]func(http.Header){
		"a second Authorization":  func(h http.Header) { h.Add("Authorization", h.Get("Authorization")) },
		"one joined with a comma": func(h http.Header) { h.Set("Authorization", h.Get("Authorization")+", "+h.Get("Authorization")) },
		"a second date":           func(h http.Header) { h.Add("X-Amz-Date", h.Get("X-Amz-Date")) },
		"another date":            func(h http.Header) { h.Set("X-Amz-Date", "20260101T000000Z") },
		"a date that is not signed": func(h http.Header) {
			h.Set("Authorization", strings.Replace(h.Get("Authorization"), ";x-amz-date", "", 1))
		},
		"a host that is not signed": func(h http.Header) { h.Set("Authorization", strings.Replace(h.Get("Authorization"), "host;", "", 1)) },
		"a signature cut short":     func(h http.Header) { a := h.Get("Authorization"); h.Set("Authorization", a[:len(a)-1]) },
		"another key": func(h http.Header) {
			h.Set("Authorization", strings.Replace(h.Get("Authorization"), e.Admin.KeyID, "AKIAIOSFODNN7EXAMPLE", 1))
		},
	} {
		r := sealed(t, e, http.MethodGet, query("/v1/domain", "domain", testenv.Domain), "")
		change(r.Header)
		if a := e.Send(r); a.Status != http.StatusForbidden {
			t.Errorf("%s: got %d %s", name, a.Status, a.Body)
		}
	}
}

func TestThreatBodySwapped(t *testing.T) {
	e := testenv.New(t)
	const body = `{"description":"mine"}`
	target := query("/v1/repository", "domain", testenv.Domain, "repository", "fresh")
	for name, sent := range map[string]string{
		"swapped":   `{"description":"ours"}`,
		"truncated": body[:len(body)-1],
		"extended":  body + " ",
		"emptied":   "",
	} {
		r := sealed(t, e, http.MethodPost, target, body)
		r.Body, r.ContentLength, r.GetBody = io.NopCloser(strings.NewReader(sent)), int64(len(sent)), nil
		wantError(t, name, e.Send(r), http.StatusForbidden, "InvalidSignatureException")
		// Nor does a hash in a header make it another body.
		r = sealed(t, e, http.MethodPost, target, body)
		sum := sha256.Sum256([]byte(sent))
		r.Header.Set("X-Amz-Content-Sha256", hex.EncodeToString(sum[:]))
		r.Body, r.ContentLength, r.GetBody = io.NopCloser(strings.NewReader(sent)), int64(len(sent)), nil
		wantError(t, name+", with its hash", e.Send(r), http.StatusForbidden, "InvalidSignatureException")
	}
	testenv.Refused(t, e.Admin, codeartifact.DescribeRepository, &codeartifact.DescribeRepositoryInput{Domain: testenv.Domain, Repository: "fresh"}, "ResourceNotFoundException")
}

func TestThreatDowngrade(t *testing.T) {
	e := testenv.New(t)
	target := query("/v1/domain", "domain", testenv.Domain)
	good := sealed(t, e, http.MethodGet, target, "").Header.Get("Authorization")
	for _, tt := range []struct{ name, authorization, exception string }{
		{"SigV2", "AWS " + e.Admin.KeyID + ":c2lnbmF0dXJl", "MissingAuthenticationTokenException"},
		{"SigV3", "AWS3-HTTPS AWSAccessKeyId=" + e.Admin.KeyID, "MissingAuthenticationTokenException"},
		{"SigV4a", strings.Replace(good, "AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256", 1), "IncompleteSignatureException"},
		{"an older hash", strings.Replace(good, "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1", 1), "IncompleteSignatureException"},
		{"a bearer token", "Bearer " + e.Token(e.Admin), "MissingAuthenticationTokenException"},
		{"a password", "Basic YXdzOmF3cw==", "MissingAuthenticationTokenException"},
		{"nothing", "", "MissingAuthenticationTokenException"},
	} {
		r := sealed(t, e, http.MethodGet, target, "")
		r.Header.Set("Authorization", tt.authorization)
		wantError(t, tt.name, e.Send(r), http.StatusForbidden, tt.exception)
	}
	a := e.Do(http.MethodGet, target+"&AWSAccessKeyId="+e.Admin.KeyID+"&Signature=x&SignatureVersion=2&SignatureMethod=HmacSHA256", "", nil)
	wantError(t, "SigV2 in the query", a, http.StatusForbidden, "MissingAuthenticationTokenException")
}

// A signature is for one service and one region.
func TestThreatSignatureForAnotherServiceOrRegion(t *testing.T) {
	e := testenv.New(t)
	for _, service := range []string{"iam", "sts", "s3", ""} {
		a := e.DoSigned(e.Admin, service, http.MethodGet, query("/v1/domain", "domain", testenv.Domain), "")
		wantError(t, service, a, http.StatusForbidden, "InvalidSignatureException")
	}
	other := client.Client{URL: e.URL, Region: "eu-west-1", KeyID: e.Admin.KeyID, Secret: e.Admin.Secret, Attempts: 1, Now: e.Clock.Now}
	got := testenv.Refused(t, &other, codeartifact.DescribeDomain, &codeartifact.DescribeDomainInput{Domain: testenv.Domain}, "InvalidSignatureException")
	if !strings.Contains(got.Message, "us-east-1") {
		t.Errorf("got %q, want the region named", got.Message)
	}
}
