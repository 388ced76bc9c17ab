package sigv4

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"larder.example/larder"
)

// What reads an Authorization header must refuse or understand it, never
// both of two readings: what it understood, written down again, reads alike.
func FuzzAuthorization(f *testing.F) {
	for _, v := range readLines[vector](f, "suite.jsonl") {
		if r := parseWire(f, v.Request).request(); v.Form == "header" {
			f.Add(r.Header.Get("Authorization"), r.Header.Get("X-Amz-Date"))
		}
	}
	f.Add("AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request,SignedHeaders=host,Signature=0", "20150830T123600Z")
	f.Add("AWS4-HMAC-SHA256 , =, Credential==,", "20150230T246060Z")
	f.Add("AWS4-=", "")
	f.Fuzz(func(t *testing.T, authorization, date string) {
		read := func(authorization string) (claim, error) {
			return claimOf(&http.Request{
				RequestURI: "/",
				Header:     http.Header{"Authorization": {authorization}, "X-Amz-Date": {date}},
			})
		}
		c, err := read(authorization)
		if err != nil {
			if !larder.Unauthenticated.Is(err) {
				t.Errorf("got %v, want Unauthenticated", err)
			}
			return
		}
		if got := c.at.Format(timeFormat); got != date {
			t.Errorf("got %s, want %s", got, date)
		}
		again, err := read(c.algorithm + " Signature=" + c.signature + ",SignedHeaders=" + c.headers + ",Credential=" + c.credential)
		if again.query, c.query = nil, nil; err != nil || again.credential != c.credential || again.headers != c.headers || again.signature != c.signature {
			t.Errorf("got %+v, %v, want %+v", again, err, c)
		}
		if err := c.hostSigned(); err == nil && (!slices.IsSorted(strings.Split(c.headers, ";")) || strings.ToLower(c.headers) != c.headers) {
			t.Errorf("accepted %q", c.headers)
		}
		if err := c.scoped("s", "r", nil); err == nil && strings.Join([]string{c.keyID, date[:8], "r", "s", terminator}, "/") != c.credential {
			t.Errorf("accepted %q", c.credential)
		}
	})
}

// Whatever is signed verifies, and the pairs that the handler gets are those
// of the canonical request, no more and no fewer.
func FuzzCanonical(f *testing.F) {
	for _, v := range readLines[vector](f, "suite.jsonl") {
		if path, query, _ := strings.Cut(parseWire(f, v.Request).target, "?"); v.Form == "header" {
			f.Add(path, query, "value")
		}
	}
	f.Add("/a%2F%2e/../b//", "a;b&=&+=%2B&%c3%a9&a=1&a=0&&", "  a \t b\r\n c ")
	f.Add("/%", "%", "")
	f.Fuzz(func(t *testing.T, path, query, value string) {
		r := &http.Request{
			Method: http.MethodGet, Host: "registry.test", RequestURI: "/" + path + "?" + query,
			URL: &url.URL{}, Header: http.Header{"X-Amz-Meta": {value, "b"}},
		}
		err := testSigner("codeartifact").Sign(r, "", testTime)
		res, verr := newVerifier().Verify(r, "codeartifact", nil)
		sentPath, sent := target(r)
		if q, _ := ParseQuery(sent); err != nil || verr != nil {
			// The signer leaves a path with a bad escape to the server.
			if _, both := q.First("X-Amz-Algorithm"); !both && !larder.Invalid.Is(verr) {
				t.Fatalf("sign: %v, verify: %v", err, verr)
			}
			return
		}

		d := &draft{}
		canonical := string(d.appendQuery(nil, res.Query))
		if got, want := canonicalPairs(t, canonical), pairs(sent); sent != "" && !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		read, err := ParseQuery(canonical)
		if err != nil || string(d.appendQuery(nil, read)) != canonical {
			t.Errorf("%q is not canonical: %v", canonical, err)
		}
		for _, p := range res.Query {
			if !slices.Contains(read, p) {
				t.Errorf("%q is not signed", p)
			}
		}

		canonicalPath := string(d.appendPath(nil, sentPath))
		if strings.Contains(canonicalPath, "//") || strings.Contains(canonicalPath+"/", "/./") || strings.Contains(canonicalPath+"/", "/../") {
			t.Errorf("%q is not canonical", canonicalPath)
		}
		if once, err := url.PathUnescape(canonicalPath); err != nil || string(d.appendPath(nil, once)) != canonicalPath {
			t.Errorf("%q is not canonical: %v", canonicalPath, err)
		}
	})
}

func canonicalPairs(t *testing.T, canonical string) []string {
	t.Helper()
	if strings.Trim(canonical, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~%=&") != "" {
		t.Errorf("%q holds what should be escaped", canonical)
	}
	return pairs(canonical)
}
