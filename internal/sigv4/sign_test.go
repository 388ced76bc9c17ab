package sigv4

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestSignerReplacesWhatAnEarlierSignatureLeft(t *testing.T) {
	r := newRequest(t, "GET", testTarget)
	older := testSigner("codeartifact")
	older.SessionToken = "token"
	if err := older.Sign(r, "", testTime.AddDate(0, 0, -1)); err != nil {
		t.Fatal(err)
	}
	if _, err := signed(t, testSigner("codeartifact"), r, "", testTime).verify(newVerifier(), "codeartifact"); err != nil {
		t.Error(err)
	}
}

func TestSignerSignsWhatDecidesAndNoMore(t *testing.T) {
	r := newRequest(t, "PUT", testTarget)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "larder")
	r.Header.Set("X-Amz-Meta", "m")
	r.Header["X-Amz-Nothing"] = nil
	w := signed(t, testSigner("codeartifact"), r, "{}", testTime)
	if got, want := w.request().Header.Get("Authorization"), "SignedHeaders=content-type;host;x-amz-date;x-amz-meta,"; !strings.Contains(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	if _, err := w.set("User-Agent", "a proxy's").verify(newVerifier(), "codeartifact"); err != nil {
		t.Error(err)
	}
}

// The console's client hands requests to the control plane's handler without
// a network between them.
func TestRequestNeedNotTravelToVerify(t *testing.T) {
	for _, sign := range []func(Signer, *http.Request) error{
		func(s Signer, r *http.Request) error { return s.Sign(r, "", testTime) },
		func(s Signer, r *http.Request) error { return s.Presign(r, time.Minute, testTime) },
	} {
		r := &http.Request{URL: &url.URL{Scheme: "http", Host: "registry.test", Path: "/a b", RawQuery: "c=d"}}
		if err := sign(testSigner("codeartifact"), r); err != nil {
			t.Fatal(err)
		}
		if _, err := newVerifier().Verify(r, "codeartifact", nil); err != nil {
			t.Error(err)
		}
	}
}

func TestSignerRefusesWhatNoServerCouldVerify(t *testing.T) {
	for name, spoil := range map[string]func(*http.Request){
		"bad escape in the query": func(r *http.Request) { r.URL.RawQuery = "a=%zz" },
		"header under another key": func(r *http.Request) {
			r.Header["x-amz-meta"] = []string{"m"}
		},
	} {
		r := newRequest(t, "GET", testTarget)
		spoil(r)
		if err := testSigner("codeartifact").Sign(r, "", testTime); err == nil {
			t.Errorf("%s: got no error", name)
		}
		if r.Header.Get("Authorization") != "" {
			t.Errorf("%s: it was signed all the same", name)
		}
	}
}
