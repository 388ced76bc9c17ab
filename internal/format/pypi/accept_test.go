package pypi

import (
	"net/http"
	"strings"
	"testing"

	"larder.example/larder"
)

func TestPagesAreNegotiated(t *testing.T) {
	for _, test := range []struct{ claim, accept, want string }{
		{"says nothing", "", textHTML},
		{"an empty header", " ", textHTML},
		{"anything", "*/*", textHTML},
		{"HTML", "text/html", textHTML},
		{"any text", "text/*", textHTML},
		{"versioned HTML", htmlV1, htmlV1},
		{"latest HTML", htmlLatest, htmlV1},
		{"JSON", jsonV1, jsonV1},
		{"latest JSON", jsonLatest, jsonV1},
		{"latest JSON, in capitals", strings.ToUpper(jsonLatest), jsonV1},
		{"any of that family", "application/*", htmlV1},
		{"pip 23 and later", jsonV1 + ", " + htmlV1 + "; q=0.1, text/html; q=0.01", jsonV1},
		{"uv", jsonV1 + ", " + htmlV1 + ";q=0.2, text/html;q=0.01", jsonV1},
		{"pip 22 and earlier", "text/html", textHTML},
		{"a browser", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", textHTML},
		{"HTML rather than JSON", jsonV1 + ";q=0.5, text/html", textHTML},
		{"JSON, else anything", jsonV1 + ", */*", jsonV1},
		{"JSON, else anything a little", jsonV1 + ", */*;q=0.1", jsonV1},
		{"JSON named first", jsonV1 + ", " + htmlV1 + ", text/html", jsonV1},
		{"HTML named first", "text/html, " + jsonV1, textHTML},
		{"anything but HTML", "text/html;q=0, */*", htmlV1},
		{"nothing but JSON, in a roundabout way", "*/*, text/html;q=0, " + htmlV1 + ";q=0", jsonV1},
		{"one that is unknown beside", "application/json, text/html;q=0.1", textHTML},
		{"nonsense beside", ";;;, text/html", textHTML},
		{"an old version beside", "application/vnd.pypi.simple.v2+json, " + jsonLatest, jsonV1},

		{"another type", "application/json", ""},
		{"another version", "application/vnd.pypi.simple.v2+json", ""},
		{"nonsense", "nonsense", ""},
		{"none at all", "*/*;q=0", ""},
		{"JSON not at all", jsonV1 + ";q=0.000", ""},
		{"a weight that is none", "text/html;q=much", ""},
		{"a weight that is not a number", "text/html;q=nan", ""},
	} {
		h := http.Header{}
		if test.accept != "" {
			h.Set("Accept", test.accept)
		}
		got, err := negotiate(h)
		if got != test.want || (err != nil) != (test.want == "") {
			t.Errorf("%s (%s): got %q, %v, want %q", test.claim, test.accept, got, err, test.want)
		}
		if err != nil && larder.AsError(err).Code != codeNotAcceptable {
			t.Errorf("%s: got %v, want 406", test.claim, err)
		}
	}
	if got, err := negotiate(http.Header{"Accept": {"image/png", jsonV1}}); got != jsonV1 || err != nil {
		t.Errorf("two headers: got %q, %v", got, err)
	}
}

func FuzzAccept(f *testing.F) {
	f.Add(jsonV1 + ", " + htmlV1 + ";q=0.2, text/html;q=0.01")
	f.Add("*/*;q=0, ;;, a/b;q=2, text/*")
	f.Fuzz(func(t *testing.T, accept string) {
		kind, err := negotiate(http.Header{"Accept": {accept}})
		if (kind == "") != (err != nil) {
			t.Errorf("%q: got %q and %v", accept, kind, err)
		}
		if kind == jsonV1 && !strings.Contains(accept, "*") && !strings.Contains(strings.ToLower(accept), "json") {
			t.Errorf("%q: got JSON, which it does not say", accept)
		}
	})
}
