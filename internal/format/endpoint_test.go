package format_test

import (
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

var app = larder.RepositoryRef{Domain: larder.DomainRef{Owner: "111122223333", Name: "my-team"}, Name: "app"}

func TestAnAddressIsFoundAsItIsTold(t *testing.T) {
	for _, test := range []struct {
		endpoints        format.Endpoints
		want, host, path string
	}{
		{
			format.Endpoints{URL: "http://127.0.0.1:8484", Region: "us-east-1"},
			"http://127.0.0.1:8484/npm/d/my-team-111122223333/app/", "127.0.0.1:8484", "/npm/d/my-team-111122223333/app/",
		},
		{
			format.Endpoints{URL: "https://larder.test", Region: "eu-west-1", Suffix: "larder.test"},
			"https://my-team-111122223333.d.codeartifact.eu-west-1.larder.test/npm/app/",
			"my-team-111122223333.d.codeartifact.eu-west-1.larder.test", "/npm/app/",
		},
		{
			format.Endpoints{URL: "https://larder.test:8443", Region: "eu-west-1", Suffix: "larder.test"},
			"https://my-team-111122223333.d.codeartifact.eu-west-1.larder.test:8443/npm/app/",
			"MY-team-111122223333.d.codeartifact.eu-west-1.larder.test:8443", "/npm/app/",
		},
	} {
		if got := test.endpoints.Of(app, larder.NPM); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
		r, f, rest, ok := test.endpoints.Find(test.host, test.path)
		if !ok || r != app || f != larder.NPM || rest != "/" {
			t.Errorf("%s%s: got %v %v %v %v", test.host, test.path, r, f, rest, ok)
		}
	}
}

func TestPathsAreFound(t *testing.T) {
	e := format.Endpoints{URL: "https://larder.test", Region: "us-east-1", Suffix: "larder.test"}
	for _, test := range []struct {
		path, rest string
		ok         bool
	}{
		{"/npm/d/my-team-111122223333/app", "/", true},
		{"/npm/d/my-team-111122223333/app/@a%2fb", "/@a%2fb", true},
		{"/npm/d/my-team-111122223333/app//x", "//x", true},
		{"//npm//d/my-team-111122223333//app/x/", "/x/", true},
		{"/npm/d/my-team-111122223333/", "", false},
		{"/npm/d/my-team-11112222333/app/", "", false},
		{"/npm/d/my-team-11112222333x/app/", "", false},
		{"/npm/d/-111122223333/app/", "", false},
		{"/npm/e/my-team-111122223333/app/", "", false},
		{"/npm/app/", "", false}, // the host is not the domain's
		{"/v1/domain", "", false},
		{"/", "", false},
		{"", "", false},
	} {
		r, f, rest, ok := e.Find("larder.test", test.path)
		if ok != test.ok || ok && (r != app || f != larder.NPM || rest != test.rest) {
			t.Errorf("%s: got %v %v %q %v, want %q %v", test.path, r, f, rest, ok, test.rest, test.ok)
		}
	}
}

func FuzzFind(f *testing.F) {
	f.Add("larder.test", "/npm/d/my-team-111122223333/app/x")
	f.Add("my-team-111122223333.d.codeartifact.us-east-1.larder.test", "/npm/app/x")
	e := format.Endpoints{URL: "https://larder.test", Region: "us-east-1", Suffix: "larder.test"}
	f.Fuzz(func(t *testing.T, host, path string) {
		r, fm, rest, ok := e.Find(host, path)
		if !ok {
			return
		}
		if rest == "" || rest[0] != '/' {
			t.Errorf("%q %q: the rest is %q", host, path, rest)
		}
		again, fm2, _, ok := format.Endpoints{URL: "http://h"}.Find("h", format.Endpoints{URL: "http://h"}.Of(r, fm)[len("http://h"):])
		if !ok || again != r || fm2 != fm {
			t.Errorf("%q %q: %v was found again as %v", host, path, r, again)
		}
	})
}
