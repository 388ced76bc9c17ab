package data_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/keyring"
	"larder.example/larder/internal/testenv"
	"larder.example/larder/internal/token"
)

const read = `{"Effect":"Allow","Action":"codeartifact:ReadFromRepository","Resource":"*"}`

func TestWhoIsNotKnownIsAskedWhoTheyAre(t *testing.T) {
	onSurfaces(t, func(e *env) {
		e.put("thing", "1.0.0", filler)
		testenv.OK(e.TB, e.Admin, codeartifact.CreateDomain, &codeartifact.CreateDomainInput{Domain: "other"})
		other := testenv.OK(e.TB, e.Admin, codeartifact.GetAuthorizationToken,
			&codeartifact.GetAuthorizationTokenInput{Domain: "other"}).AuthorizationToken
		elsewhere := e.seal("eu-west-1", e.token)
		gone := e.allowed("ada", read)
		e.deleteUser("ada")

		for claim, bears := range map[string]string{
			"no token":                         "",
			"no token of ours":                 "x",
			"a token cut off":                  e.token[:len(e.token)-3],
			"a token with another character":   changed(e.token),
			"a token of another domain":        other,
			"a token of another region":        elsewhere,
			"a token of who does not exist":    gone,
			"a token with something behind it": e.token + "A",
			"a token that is far too long":     strings.Repeat(e.token, 20),
		} {
			e.challenged(claim, bears)
		}
		e.want(200, e.get(e.index("thing")), "the token itself")
		e.Clock.Advance(12 * time.Hour)
		e.challenged("an expired token", e.token)
	})
}

// challenged checks that every request with a token is refused in the way
// that asks for another.
func (e *env) challenged(claim, bears string) {
	e.Helper()
	for _, a := range []ask{
		{method: "GET", path: e.index("thing")},
		{method: "GET", path: e.asset("thing", "1.0.0")},
		{method: "GET", path: e.index("none")},
		{method: "GET", path: "no/such/route/at/all"},
		{method: "HEAD", path: e.index("thing")},
		e.publish(e.TB, "thing", "2.0.0", filler),
	} {
		got := e.doAs(bears, a)
		e.want(401, got, claim+": "+a.method+" "+a.path)
		want := []string{`Bearer realm="team/app"`, `Basic realm="team/app"`}
		if challenges := got.Header.Values("WWW-Authenticate"); fmt.Sprint(challenges) != fmt.Sprint(want) {
			e.Errorf("%s: got the challenges %q, want %q", claim, challenges, want)
		}
		if bears != "" && len(bears) > 3 && strings.Contains(got.Body+fmt.Sprint(got.Header), bears[4:]) {
			e.Errorf("%s: the answer repeats the token", claim)
		}
	}
}

// changed returns s with another character in its middle.
func changed(s string) string {
	b := []byte(s)
	if b[60] == 'A' {
		b[60] = 'B'
	} else {
		b[60] = 'A'
	}
	return string(b)
}

// seal returns a token with the claims of another, for another region.
func (e *env) seal(region, text string) string {
	e.Helper()
	keys, err := keyring.Open(keyring.Config{Dir: filepath.Join(e.Dir, "keys")}, e.Clock.Now())
	if err != nil {
		e.Fatal(err)
	}
	claims, err := (&token.Vault{Keys: keys, Region: testenv.Region, Now: e.Clock.Now}).Open(e.Context(), text)
	if err != nil {
		e.Fatal(err)
	}
	sealed, err := (&token.Vault{Keys: keys, Region: region, Now: e.Clock.Now}).Seal(e.Context(), claims)
	if err != nil {
		e.Fatal(err)
	}
	return sealed
}

func TestATokenIsTakenInEveryShape(t *testing.T) {
	onSurfaces(t, func(e *env) {
		e.put("thing", "1.0.0", filler)
		for claim, header := range map[string]string{
			"bearer":                      "Bearer " + e.token,
			"bearer in small letters":     "bearer " + e.token,
			"basic as aws":                "Basic " + basic("aws", e.token),
			"basic as anybody":            "Basic " + basic("token", e.token),
			"basic as nobody":             "basic " + basic("", e.token),
			"bare":                        e.token,
			"bare with a space behind it": e.token + " ",
		} {
			got := e.Do("GET", e.base+e.index("thing"), "", nil, "Authorization", header)
			e.want(200, got, claim)
		}
	})
}

func basic(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
}

func TestWhoMayNotIsDenied(t *testing.T) {
	onSurfaces(t, func(e *env) {
		e.put("thing", "1.0.0", filler)
		reader := e.allowed("reader", read)
		nobody := e.allowed("nobody", `{"Effect":"Allow","Action":"codeartifact:DescribePackage","Resource":"*"}`)
		writer := e.allowed("writer", `{"Effect":"Allow","Action":"codeartifact:PublishPackageVersion","Resource":"*"}`)
		publish := e.publish(e.TB, "thing", "2.0.0", filler)
		var amend ask
		if e.amend != nil {
			amend = e.amend("thing", "1.0.0", "word")
		}
		for _, test := range []struct {
			claim, bears string
			ask          ask
			want         int
		}{
			{"nobody reads", nobody, ask{method: "GET", path: e.index("thing")}, 403},
			{"nobody reads bytes", nobody, ask{method: "GET", path: e.asset("thing", "1.0.0")}, 403},
			{"nobody learns what is there", nobody, ask{method: "GET", path: e.index("none")}, 403},
			{"a writer does not read", writer, ask{method: "GET", path: e.index("thing")}, 403},
			{"a reader reads", reader, ask{method: "GET", path: e.index("thing")}, 200},
			{"a reader reads bytes", reader, ask{method: "GET", path: e.asset("thing", "1.0.0")}, 200},
			{"a reader does not publish", reader, publish, 403},
			{"a reader does not amend", reader, amend, 403},
			{"a writer publishes", writer, publish, e.published},
			{"a writer does not amend", writer, amend, 403},
		} {
			if e.amend == nil && strings.HasSuffix(test.claim, "amend") {
				continue
			}
			got := e.doAs(test.bears, test.ask)
			e.want(test.want, got, test.claim)
		}
		// From the next request on.
		e.PutUserPolicy("reader", "no", `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}`)
		e.want(403, e.Do("GET", e.base+e.index("thing"), reader, nil), "a reader who may no more")
	})
}

func TestWhatIsAbsentIsNotFound(t *testing.T) {
	onSurfaces(t, func(e *env) {
		e.put("thing", "1.0.0", filler)
		for _, path := range []string{
			e.index("none"), e.asset("none", "1.0.0"), e.asset("thing", "9.9.9"), "no/such/route/at/all",
		} {
			for _, method := range []string{"GET", "HEAD"} {
				e.want(404, e.do(ask{method: method, path: path}), method+" "+path)
			}
		}
		for _, method := range []string{"POST", "PATCH", "OPTIONS", "BREW"} {
			e.want(404, e.do(ask{method: method, path: e.index("thing")}), method)
		}
		missing := strings.Replace(e.base, "/app/", "/none/", 1)
		e.want(404, e.Do("GET", missing+e.index("thing"), e.token, nil), "a repository that is not there")
		e.want(403, e.Do("GET", missing+e.index("thing"), e.allowed("ada", read[:len(read)-len(`"*"}`)]+`"arn:aws:codeartifact:*:*:repository/team/app"}`), nil),
			"a repository that is not there, to who may not know")
	})
}

func TestPublishingTheSameAgain(t *testing.T) {
	onSurfaces(t, func(e *env) {
		for range 3 {
			e.put("thing", "1.0.0", filler)
		}
		e.want(409, e.do(e.publish(e.TB, "thing", "1.0.0", "other")), "other bytes")
		want := e.get(e.asset("thing", "1.0.0")).Body
		e.want(409, e.do(e.publish(e.TB, "thing", "1.0.0", "other")), "other bytes again")
		if got := e.get(e.asset("thing", "1.0.0")).Body; got != want {
			e.Error("the bytes changed")
		}
	})
}

func TestHeadIsGetWithoutTheBody(t *testing.T) {
	onSurfaces(t, func(e *env) {
		e.put("thing", "1.0.0", filler)
		for _, path := range []string{e.index("thing"), e.asset("thing", "1.0.0")} {
			for _, header := range [][]string{nil, {"Accept-Encoding", "gzip"}, {"Range", "bytes=0-9"}, {"If-None-Match", "*"}} {
				get, head := e.get(path, header...), e.do(ask{method: "HEAD", path: path}, header...)
				if head.Status != get.Status || head.Body != "" {
					e.Errorf("HEAD %s %v: got %d and %d bytes, want %d and none", path, header, head.Status, len(head.Body), get.Status)
				}
				for _, h := range []http.Header{get.Header, head.Header} {
					h.Del("X-Amzn-Requestid")
					h.Del("Date")
				}
				if get.Header.Get("Content-Length") == "" && get.Status == 200 {
					e.Errorf("GET %s %v has no Content-Length", path, header)
				}
				if got, want := fmt.Sprint(head.Header), fmt.Sprint(get.Header); got != want {
					e.Errorf("HEAD %s %v: got %s, want %s", path, header, got, want)
				}
			}
		}
	})
}

func TestPartsOfAnAsset(t *testing.T) {
	onSurfaces(t, func(e *env) {
		e.put("thing", "1.0.0", filler)
		whole := e.get(e.asset("thing", "1.0.0"))
		n, etag := len(whole.Body), whole.Header.Get("ETag")
		for _, test := range []struct {
			asked  string
			header []string
			status int
			want   string
		}{
			{"bytes=0-9", nil, 206, whole.Body[:10]},
			{"bytes=10-", nil, 206, whole.Body[10:]},
			{"bytes=-7", nil, 206, whole.Body[n-7:]},
			{"bytes=5-5", nil, 206, whole.Body[5:6]},
			{"bytes=0-99999999", nil, 206, whole.Body},
			{fmt.Sprintf("bytes=%d-", n), nil, 416, ""},
			{"bytes=9-3", nil, 416, ""},
			{"lines=1-2", nil, 416, ""},
			{"bytes=0-9", []string{"If-Range", etag}, 206, whole.Body[:10]},
			{"bytes=0-9", []string{"If-Range", `"other"`}, 200, whole.Body},
			{"bytes=0-9", []string{"If-Match", `"other"`}, 412, ""},
			{"bytes=0-9", []string{"Accept-Encoding", "gzip"}, 206, whole.Body[:10]},
		} {
			got := e.get(e.asset("thing", "1.0.0"), append(test.header, "Range", test.asked)...)
			claim := fmt.Sprint(test.asked, test.header)
			e.want(test.status, got, claim)
			if test.status < 300 && got.Body != test.want {
				e.Errorf("%s: got %d bytes, want %d", claim, len(got.Body), len(test.want))
			}
			if test.status == 416 && got.Header.Get("Content-Range") != fmt.Sprintf("bytes */%d", n) && strings.HasPrefix(test.asked, "bytes=4") {
				e.Errorf("%s: got Content-Range %q", claim, got.Header.Get("Content-Range"))
			}
		}
		several := e.want(206, e.get(e.asset("thing", "1.0.0"), "Range", "bytes=0-1,4-5"), "several parts")
		if kind := several.Header.Get("Content-Type"); !strings.HasPrefix(kind, "multipart/byteranges; boundary=") {
			e.Errorf("several parts: got %s", kind)
		}
		if got, want := whole.Header.Get("Accept-Ranges"), "bytes"; got != want {
			e.Errorf("Accept-Ranges: got %q, want %q", got, want)
		}
	})
}

func TestWhatAClientHasIsNotSentAgain(t *testing.T) {
	onSurfaces(t, func(e *env) {
		e.put("thing", "1.0.0", filler)
		for _, path := range []string{e.index("thing"), e.asset("thing", "1.0.0")} {
			for _, encoding := range []string{"identity", "gzip"} {
				first := e.get(path, "Accept-Encoding", encoding)
				etag := first.Header.Get("ETag")
				if !strings.HasPrefix(etag, `"`) || strings.ContainsFunc(etag, func(r rune) bool { return r <= ' ' || r > '~' }) {
					e.Errorf("%s: got the ETag %q, want a strong one of visible ASCII", path, etag)
				}
				for _, had := range []string{etag, "W/" + etag, `"x", ` + etag, "*"} {
					got := e.want(304, e.get(path, "Accept-Encoding", encoding, "If-None-Match", had), path+" with "+had)
					if got.Body != "" || got.Header.Get("ETag") != etag || got.Header.Get("Content-Length") != "" {
						e.Errorf("304 of %s: got %d bytes and %v", path, len(got.Body), got.Header)
					}
				}
				e.want(200, e.get(path, "Accept-Encoding", encoding, "If-None-Match", `"other"`), path+" with another")
				if got := first.Header.Get("Cache-Control"); got != "private, no-cache" {
					e.Errorf("%s: got Cache-Control %q", path, got)
				}
			}
		}
	})
}

func TestDocumentsAreCompressedForWhoCanReadThem(t *testing.T) {
	onSurfaces(t, func(e *env) {
		for i := range 20 { // so that they are worth it
			e.put("thing", fmt.Sprintf("1.0.%d", i), filler)
		}
		for _, accept := range e.documents {
			tags := map[string]string{} // by encoding
			plain := e.get(e.index("thing"), "Accept", accept, "Accept-Encoding", "identity")
			for _, test := range []struct {
				accepts string
				packed  bool
			}{
				{"gzip", true},
				{"gzip, deflate, br", true},
				{"br;q=1.0, gzip;q=0.8, *;q=0.1", true},
				{"*", true},
				{"GZIP", true},
				{"x-gzip", true},
				{"identity", false},
				{"gzip;q=0", false},
				{"gzip; q=0.000", false},
				{"br", false},
				{"", false},
				{"*;q=0, gzip", true},
				{"gzip;q=0, *", false},
				{"identity;q=0, gzip", true},
				{"deflate, gzip ; q=1", true},
			} {
				got := e.want(200, e.get(e.index("thing"), "Accept", accept, "Accept-Encoding", test.accepts), test.accepts)
				encoding := got.Header.Get("Content-Encoding")
				if (encoding == "gzip") != test.packed || !test.packed && encoding != "" {
					e.Errorf("Accept-Encoding %q: got %q, want gzip: %v", test.accepts, encoding, test.packed)
				}
				body := got.Body
				if encoding == "gzip" {
					body = e.unzip(body)
				}
				if body != plain.Body {
					e.Errorf("Accept-Encoding %q: got another document", test.accepts)
				}
				if vary := got.Header.Get("Vary"); !strings.Contains(strings.ToLower(vary), "accept-encoding") || !strings.Contains(vary, "Accept,") {
					e.Errorf("Accept-Encoding %q: got Vary %q", test.accepts, vary)
				}
				if etag := got.Header.Get("ETag"); tags[encoding] != "" && tags[encoding] != etag {
					e.Errorf("Accept-Encoding %q: got the ETags %s and %s of the same bytes", test.accepts, etag, tags[encoding])
				} else {
					tags[encoding] = etag
				}
			}
			if tags[""] == tags["gzip"] {
				e.Errorf("%s: one strong ETag for two encodings: %s", accept, tags[""])
			}
			// What is had in one encoding is good, whatever would be sent.
			e.want(304, e.get(e.index("thing"), "Accept", accept, "Accept-Encoding", "gzip", "If-None-Match", tags[""]), "the other encoding")
		}
		etags := map[string]bool{}
		for _, accept := range e.documents {
			etags[e.get(e.index("thing"), "Accept", accept).Header.Get("ETag")] = true
		}
		if len(etags) != len(e.documents) {
			e.Errorf("got %d ETags of %d documents", len(etags), len(e.documents))
		}
	})
}

// An asset was last modified when it came.
func TestAssetsSayWhenTheyCame(t *testing.T) {
	onSurfaces(t, func(e *env) {
		e.put("thing", "1.0.0", filler)
		came := e.Clock.Now().UTC().Format(http.TimeFormat)
		e.Clock.Advance(time.Hour)
		got := e.get(e.asset("thing", "1.0.0"))
		if modified := got.Header.Get("Last-Modified"); modified != came {
			e.Errorf("Last-Modified: got %q, want %q", modified, came)
		}
		e.want(304, e.get(e.asset("thing", "1.0.0"), "If-Modified-Since", came), "since it came")
		e.want(200, e.get(e.asset("thing", "1.0.0"), "If-Modified-Since", came, "If-None-Match", `"other"`), "since it came, with another ETag")
	})
}

func (e *env) unzip(body string) string {
	e.Helper()
	z, err := gzip.NewReader(bytes.NewReader([]byte(body)))
	if err != nil {
		e.Fatal(err)
	}
	plain, err := io.ReadAll(z)
	if err != nil {
		e.Fatal(err)
	}
	return string(plain)
}

// Whoever asks after a change was answered sees it.
func TestChangesAreSeenAtOnce(t *testing.T) {
	onSurfaces(t, func(e *env) {
		e.put("thing", "1.0.0", filler)
		index := func() testenv.Answer {
			var last testenv.Answer
			for _, accept := range e.documents {
				last = e.get(e.index("thing"), "Accept", accept)
			}
			e.get(e.asset("thing", "1.0.0"))
			return last
		}
		seen := map[string]string{}
		for _, step := range []struct {
			claim  string
			do     func()
			status int
		}{
			{"published", func() {}, 200},
			{"another version", func() { e.put("thing", "1.1.0", filler) }, 200},
			{"amended", func() { e.want(200, e.do(e.amend("thing", "1.0.0", "word")), "amend") }, 200},
			{"amended again", func() { e.want(200, e.do(e.amend("thing", "1.0.0", "words")), "amend") }, 200},
			{"a version deleted", func() { e.deleteVersions("thing", "1.1.0") }, 200},
			{"the last deleted", func() { e.deleteVersions("thing", "1.0.0") }, 404},
			{"published again", func() { e.put("thing", "1.0.0", "other") }, 200},
			{"the package deleted", func() { e.deletePackage("thing") }, 404},
			{"and made again", func() { e.put("thing", "1.0.0", "another") }, 200},
		} {
			if e.amend == nil && strings.HasPrefix(step.claim, "amended") {
				continue
			}
			if e.amend == nil && step.claim == "a version deleted" {
				clear(seen) // all that had changed is gone: it is the first document again
			}
			e.Clock.Advance(time.Second) // for what shows when it changed
			step.do()
			for range 2 { // filled, and from the cache
				got := e.want(step.status, index(), step.claim)
				if before, ok := seen[got.Body]; step.status == 200 && ok && before != step.claim {
					e.Errorf("%s: got the document of %q", step.claim, before)
				}
				seen[got.Body] = step.claim
			}
			e.want(step.status, e.get(e.asset("thing", "1.0.0")), "the bytes: "+step.claim)
		}
	})
}

func (e *env) deleteVersions(name string, versions ...string) {
	e.Helper()
	testenv.OK(e.TB, e.Admin, codeartifact.DeletePackageVersions, &codeartifact.DeletePackageVersionsInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Format: e.format, Namespace: e.namespace, Package: name, Versions: versions,
	})
}

func (e *env) deletePackage(name string) {
	e.Helper()
	testenv.OK(e.TB, e.Admin, codeartifact.DeletePackage, &codeartifact.DeletePackageInput{
		Domain: testenv.Domain, Repository: testenv.Repository, Format: e.format, Namespace: e.namespace, Package: name,
	})
}

func TestARepositoryMadeAgainServesNothingOld(t *testing.T) {
	onSurfaces(t, func(e *env) {
		all := func(want int, claim string) {
			e.Helper()
			for _, path := range []string{e.index("thing"), e.asset("thing", "1.0.0")} {
				for range 2 {
					e.want(want, e.get(path), claim+": "+path)
				}
			}
		}
		e.put("thing", "1.0.0", filler)
		all(200, "published")
		e.deleteRepository("app")
		all(404, "deleted")
		e.want(404, e.do(e.publish(e.TB, "thing", "1.0.0", filler)), "publish into what is deleted")
		e.makeRepository("app")
		all(404, "made again")
		e.put("thing", "1.0.0", "other")
		all(200, "published again")
	})
}

// A token is for a domain, and not for one that takes its name.
func TestADomainMadeAgainHonoursNoOldToken(t *testing.T) {
	onSurfaces(t, func(e *env) {
		e.put("thing", "1.0.0", filler)
		e.want(200, e.get(e.index("thing")), "before")
		e.deleteRepository("app")
		testenv.OK(e.TB, e.Admin, codeartifact.DeleteDomain, &codeartifact.DeleteDomainInput{Domain: testenv.Domain})
		e.want(401, e.get(e.index("thing")), "deleted")
		testenv.OK(e.TB, e.Admin, codeartifact.CreateDomain, &codeartifact.CreateDomainInput{Domain: testenv.Domain})
		e.makeRepository("app")
		e.want(401, e.get(e.index("thing")), "made again")
		e.token = e.Token(e.Admin)
		e.want(404, e.get(e.index("thing")), "made again, with a token of its own")
	})
}
