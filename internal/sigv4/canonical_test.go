package sigv4

import (
	"net/http"
	"net/url"
	"testing"
)

func TestCanonicalPath(t *testing.T) {
	for _, c := range []struct{ path, want string }{
		{"", "/"},
		{"/", "/"},
		{"//", "/"},
		{"/v1/domain", "/v1/domain"},
		{"/v1/domain/", "/v1/domain/"},
		{"//v1///domain//", "/v1/domain/"},
		{"/a/./b", "/a/b"},
		{"/a/../b", "/b"},
		{"/../../b", "/b"},
		{"/a/..", "/"},
		{"/a/../", "/"},
		{"/a/b/..", "/a"}, // RFC 3986 would say /a/
		{"/a/.", "/a"},    // likewise
		{"/a/./", "/a/"},
		{"/.a/..b", "/.a/..b"},
		{"/a%2Fb", "/a%252Fb"},
		{"/a%2fb", "/a%252fb"},
		{"/%2e%2e/a", "/%252e%252e/a"}, // no dot segment to a signer
		{"/test/@connections/JBDvjfGEIAMCERw%3D", "/test/%40connections/JBDvjfGEIAMCERw%253D"},
		{"/example space/", "/example%20space/"},
		{"/ሴ", "/%E1%88%B4"},
		{"/a+b;c=d~e", "/a%2Bb%3Bc%3Dd~e"},
	} {
		d := &draft{segments: []string{"left", "over"}}
		if got := string(d.appendPath(nil, c.path)); got != c.want {
			t.Errorf("%s: got %s, want %s", c.path, got, c.want)
		}
	}
}

func TestCanonicalHeaders(t *testing.T) {
	r := &http.Request{
		Host: "registry.test:8080",
		Header: http.Header{
			"X-Amz-Date":   {"20261122T024815Z"},
			"Content-Type": {"  text/plain;\tcharset=utf-8 "},
			"X-Two":        {"b ", " a", ""},
			"X-Folded":     {"one\n   two\r\n\tthree"},
			"X-Empty":      {""},
			"X-K8s-Aws-Id": {"c"},
			"X_odd":        {"o"},
		},
	}
	for _, c := range []struct {
		signed, want string
		whole        bool
	}{
		{"host;x-amz-date", "host:registry.test:8080\nx-amz-date:20261122T024815Z\n", true},
		{":authority", ":authority:registry.test:8080\n", true},
		{"content-type", "content-type:text/plain; charset=utf-8\n", true},
		{"x-two", "x-two:b,a,\n", true},
		{"x-folded", "x-folded:one two three\n", true},
		{"x-empty", "x-empty:\n", true},
		{"x-k8s-aws-id;x_odd", "x-k8s-aws-id:c\nx_odd:o\n", true},
		{"x-absent", "x-absent:\n", false},
	} {
		got, whole := (&draft{}).appendHeaders(nil, r, c.signed)
		if string(got) != c.want || whole != c.whole {
			t.Errorf("%s: got %q %v, want %q %v", c.signed, got, whole, c.want, c.whole)
		}
	}
}

func TestHeaderKeysAreThoseOfNetHTTP(t *testing.T) {
	for _, name := range []string{"host", "x-amz-date", "x-k8s-aws-id", "te", "x_a", "x--b", "-c", "0a-0b", "x-!#$%&'*+.^`|~d"} {
		if got, want := string(appendHeaderKey(nil, name)), http.CanonicalHeaderKey(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestTargetIsTheOneSent(t *testing.T) {
	for _, c := range []struct{ uri, path, query string }{
		{"/a/b?c=d?e", "/a/b", "c=d?e"},
		{"/a%2Fb", "/a%2Fb", ""},
		{"//a/b?", "//a/b", ""},
		{"http://registry.test/a?b", "/a", "b"},
		{"http://registry.test", "", ""},
		{"http://registry.test?b", "", "b"},
		{"/a?u=http://x/y", "/a", "u=http://x/y"},
		{"*", "*", ""},
	} {
		path, query := target(&http.Request{RequestURI: c.uri, URL: &url.URL{Path: "/else", RawQuery: "else"}})
		if path != c.path || query != c.query {
			t.Errorf("%s: got %q %q, want %q %q", c.uri, path, query, c.path, c.query)
		}
	}
	if path, query := target(&http.Request{URL: &url.URL{Path: "/a b/c", RawPath: "/a%20b%2Fc", RawQuery: "d=e"}}); path != "/a%20b%2Fc" || query != "d=e" {
		t.Errorf("about to be sent: got %q %q", path, query)
	}
}
