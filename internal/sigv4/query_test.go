package sigv4

import (
	"slices"
	"strings"
	"testing"

	"larder.example/larder"
)

// A handler must see what was signed, also where net/url would drop a pair
// or read another value.
func TestResultHoldsThePairsThatWereSigned(t *testing.T) {
	for _, c := range []struct {
		raw, canonical string
		want           Query
	}{
		{"", "", nil},
		{"a=1;b=2", "a=1%3Bb%3D2", Query{{"a", "1;b=2"}}},
		{"a;b=1", "a%3Bb=1", Query{{"a;b", "1"}}},
		{"a=1+2", "a=1%2B2", Query{{"a", "1+2"}}}, // no signer that we know sends a bare plus
		{"a=1%2B2", "a=1%2B2", Query{{"a", "1+2"}}},
		{"a=1%202", "a=1%202", Query{{"a", "1 2"}}},
		{"a=1&a=0", "a=0&a=1", Query{{"a", "1"}, {"a", "0"}}},
		{"a", "a=", Query{{"a", ""}}},
		{"a=", "a=", Query{{"a", ""}}},
		{"=a", "=a", Query{{"", "a"}}},
		{"a=b=c", "a=b%3Dc", Query{{"a", "b=c"}}},
		{"a=1&&b", "=&a=1&b=", Query{{"a", "1"}, {"", ""}, {"b", ""}}}, // as botocore signs it
		{"domain=d&domain-owner=1", "domain=d&domain-owner=1", Query{{"domain", "d"}, {"domain-owner", "1"}}},
		{"domain-owner=1&domain=d", "domain=d&domain-owner=1", Query{{"domain-owner", "1"}, {"domain", "d"}}},
		{"x=%e4%b8%ad%7E", "x=%E4%B8%AD~", Query{{"x", "中~"}}},
		{"%61=b", "a=b", Query{{"a", "b"}}},
		{"a=?/:@", "a=%3F%2F%3A%40", Query{{"a", "?/:@"}}},
		{"a=%2500", "a=%2500", Query{{"a", "%00"}}},
		{"b=1&B=2", "B=2&b=1", Query{{"b", "1"}, {"B", "2"}}},
	} {
		t.Run(c.raw, func(t *testing.T) {
			r := newRequest(t, "GET", "http://registry.test/v1/domain")
			r.URL.RawQuery = c.raw
			res, err := signed(t, testSigner("codeartifact"), r, "", testTime).verify(newVerifier(), "codeartifact")
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(res.Query, c.want) {
				t.Errorf("got %q, want %q", res.Query, c.want)
			}
			if got := string((&draft{}).appendQuery(nil, res.Query)); got != c.canonical {
				t.Errorf("canonical: got %s, want %s", got, c.canonical)
			}
		})
	}
}

func TestResultOfAPresignedRequestLeavesTheSignatureOut(t *testing.T) {
	s := inQuery(t)
	res, err := s.verify(s.Verifier, s.service)
	if err != nil {
		t.Fatal(err)
	}
	if action, ok := res.Query.First("Action"); action != "GetCallerIdentity" || !ok {
		t.Errorf("got %q %v, want GetCallerIdentity", action, ok)
	}
	if signature, ok := res.Query.First("X-Amz-Signature"); ok {
		t.Errorf("got %q, want none", signature)
	}
	if got, want := len(res.Query), 7; got != want {
		t.Errorf("got %d pairs, want %d", got, want)
	}
}

func TestFirstOfSeveralPairsCounts(t *testing.T) {
	q := Query{{"a", "1"}, {"b", ""}, {"a", "2"}}
	for _, c := range []struct {
		name, want string
		has        bool
	}{{"a", "1", true}, {"b", "", true}, {"A", "", false}} {
		if got, ok := q.First(c.name); got != c.want || ok != c.has {
			t.Errorf("%s: got %q %v, want %q %v", c.name, got, ok, c.want, c.has)
		}
	}
}

func TestParseQueryRefuses(t *testing.T) {
	for _, raw := range []string{"a=%", "a=%2", "a=%zz", "%=a", "a=b&c=%g0", "a=%%41", strings.Repeat("&", 64)} {
		if q, err := ParseQuery(raw); !larder.Invalid.Is(err) {
			t.Errorf("%q: got %q, %v, want Invalid", raw, q, err)
		}
	}
	if q, err := ParseQuery(strings.Repeat("&", 63)); err != nil || len(q) != 64 {
		t.Errorf("64 pairs: got %d, %v", len(q), err)
	}
}
