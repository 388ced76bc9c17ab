package control_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/api/sts"
	"larder.example/larder/internal/sigv4"
	"larder.example/larder/internal/testenv"
)

// smuggled is a request that must never be answered: it is in the body of
// another, as whoever stands in front of us may see it.
const smuggled = "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"

func TestThreatRequestSmuggling(t *testing.T) {
	e := testenv.New(t)
	u, err := url.Parse(e.URL)
	if err != nil {
		t.Fatal(err)
	}
	post := func(headers, body string) string {
		return "POST /v1/domain?domain=team HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n" + body
	}
	chunked := "0\r\n\r\n" + smuggled
	for name, raw := range map[string]string{
		"chunked with a length":      post(fmt.Sprintf("Content-Length: %d\r\nTransfer-Encoding: chunked\r\n", len(chunked)), chunked),
		"a length with chunked":      post(fmt.Sprintf("Transfer-Encoding: chunked\r\nContent-Length: %d\r\n", len(chunked)), chunked),
		"two lengths":                post(fmt.Sprintf("Content-Length: 0\r\nContent-Length: %d\r\n", len(smuggled)), smuggled),
		"two lengths in one":         post(fmt.Sprintf("Content-Length: 0, %d\r\n", len(smuggled)), smuggled),
		"a length with a sign":       post("Content-Length: +0\r\n", smuggled),
		"a negative length":          post("Content-Length: -1\r\n", smuggled),
		"a length in hexadecimal":    post("Content-Length: 0x0\r\n", smuggled),
		"a length of two numbers":    post("Content-Length: 0 1\r\n", smuggled),
		"a space before the colon":   post("Content-Length : 0\r\n", smuggled),
		"a tab before the colon":     post("Transfer-Encoding\t: chunked\r\n", chunked),
		"a folded length":            post("Content-Length:\r\n 0\r\nX-Fold: a\r\n Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", chunked),
		"a folded coding":            post("Transfer-Encoding:\r\n chunked\r\n", chunked),
		"a folded header":            post("X-Fold: a\r\n Transfer-Encoding: chunked\r\n", chunked),
		"another coding":             post("Transfer-Encoding: xchunked\r\n", chunked),
		"two codings":                post("Transfer-Encoding: chunked, identity\r\n", chunked),
		"a coding twice":             post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", chunked),
		"a coding with a parameter":  post("Transfer-Encoding: chunked;q=1\r\n", chunked),
		"a coding behind a tab":      post("Transfer-Encoding: \vchunked\r\n", chunked),
		"NUL in a header":            post("X-Nul: a\x00b\r\nContent-Length: 0\r\n", smuggled),
		"CR in a header":             post("X-Cr: a\rContent-Length: 0\r\n\r\n", smuggled),
		"no name":                    post(": v\r\nContent-Length: 0\r\n", smuggled),
		"two hosts":                  "GET /v1/domains HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n" + smuggled,
		"no host":                    "GET /v1/domains HTTP/1.1\r\n\r\n" + smuggled,
		"a space in the target":      "GET /v1/do mains HTTP/1.1\r\nHost: h\r\n\r\n" + smuggled,
		"a chunk that is too large":  post("Transfer-Encoding: chunked\r\n", "fffffffffffffffff\r\n"+smuggled),
		"a chunk of a negative size": post("Transfer-Encoding: chunked\r\n", "-1\r\n"+smuggled),
		"a chunk that is no number":  post("Transfer-Encoding: chunked\r\n", "0x0\r\n\r\n"+smuggled),
		"a chunk without its end":    post("Transfer-Encoding: chunked\r\n", "1\r\nab\r\n0\r\n\r\n"+smuggled),
		"a chunk that LF alone ends": post("Transfer-Encoding: chunked\r\n", "1;x\na\r\n0\r\n\r\n"+smuggled),
		"chunked for HTTP/1.0":       "POST /v1/domain?domain=team HTTP/1.0\r\nHost: h\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n" + chunked,
		"upgrade to HTTP/2 unasked":  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + smuggled,
	} {
		answers := converse(t, u.Host, raw)
		if strings.Contains(answers, "\r\n\r\nok\n") {
			t.Errorf("%s: what was smuggled in is answered:\n%s", name, answers)
		}
	}
	// That a request behind another is answered at all.
	if got := converse(t, u.Host, post("Content-Length: 0\r\n", smuggled)); !strings.Contains(got, "\r\n\r\nok\n") {
		t.Errorf("a request behind another is not answered:\n%s", got)
	}
}

// A request may name the whole URL, as to a proxy: it is served as if it had
// named the path, whoever the URL says that we are.
func TestThreatAbsoluteRequestTargets(t *testing.T) {
	e := testenv.New(t)
	token := e.Token(e.Admin)
	host := strings.TrimPrefix(e.URL, "http://")
	get := func(target, name string, header ...string) string {
		return "GET " + target + " HTTP/1.1\r\nHost: " + name + "\r\nConnection: close\r\n" + strings.Join(append(header, "", ""), "\r\n")
	}
	bearer := "Authorization: Bearer " + token
	thing := e.Endpoint("npm") + "thing"
	publish(t, e, e.Admin, testenv.Repository, release{name: "thing", version: "1.0.0"})
	want := body(t, converse(t, host, get(thing, host, bearer)))
	if !strings.Contains(want, e.Endpoint("npm")) {
		t.Fatalf("got %.300s", want)
	}
	for target, status := range map[string]int{
		"http://" + host + thing:           http.StatusOK,
		"http://evil.example" + thing:      http.StatusOK,
		"https://evil.example:1" + thing:   http.StatusOK,
		"http://evil.example/" + thing:     http.StatusOK, // as //npm is, which clients write
		"http://evil.example/x/.." + thing: http.StatusNotFound,
		"//evil.example" + thing:           http.StatusNotFound,
		"http:" + thing:                    http.StatusOK,
		"evil.example" + thing:             http.StatusBadRequest,
		"http://evil.example\\@" + thing:   http.StatusBadRequest,
	} {
		answer := converse(t, host, get(target, host, bearer))
		got, text := statusOf(t, answer), body(t, answer)
		head, _, _ := strings.Cut(answer, "\r\n\r\n")
		if got != status || strings.Contains(head, "evil.example") || status == http.StatusOK && text != want {
			t.Errorf("%s: got %.400s, want %d", target, answer, status)
		}
	}

	// What was signed for one host is good for no other, whichever of the two
	// places names it.
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.URL+"/v1/domain?domain=team", nil)
	if err != nil {
		t.Fatal(err)
	}
	s := sigv4.Signer{KeyID: e.Admin.KeyID, Secret: e.Admin.Secret, Region: region, Service: "codeartifact"}
	empty := sha256.Sum256(nil)
	if err := s.Sign(r, hex.EncodeToString(empty[:]), e.Clock.Now()); err != nil {
		t.Fatal(err)
	}
	signed := []string{"Authorization: " + r.Header.Get("Authorization"), "X-Amz-Date: " + r.Header.Get("X-Amz-Date")}
	for _, tt := range []struct {
		target, host string
		want         int
	}{
		{r.URL.RequestURI(), host, http.StatusOK},
		{r.URL.String(), host, http.StatusOK},
		{r.URL.String(), "evil.example", http.StatusOK}, // RFC 9112, 3.2.2: the target counts
		{"http://evil.example" + r.URL.RequestURI(), host, http.StatusForbidden},
		{r.URL.RequestURI(), "evil.example", http.StatusForbidden},
		{e.URL + "/v1/domain?domain=other", host, http.StatusForbidden},
	} {
		if answer := converse(t, host, get(tt.target, tt.host, signed...)); statusOf(t, answer) != tt.want {
			t.Errorf("%s of %s: got %.400s, want %d", tt.target, tt.host, answer, tt.want)
		}
	}
}

// No byte of a request begins a header line of an answer, or ends what is
// quoted in one.
func TestThreatHeaderInjection(t *testing.T) {
	e := testenv.New(t)
	token := e.Token(e.Admin)
	host := strings.TrimPrefix(e.URL, "http://")
	sees := func(target string, header ...string) string {
		return converse(t, host, "GET "+target+" HTTP/1.1\r\nHost: "+host+"\r\nConnection: close\r\n"+strings.Join(append(header, "", ""), "\r\n"))
	}
	bearer := "Authorization: Bearer " + token
	// That the places are there, which repeat what they were asked for.
	if got := sees(e.Endpoint("pypi")+"simple/Some_Thing", bearer); !strings.Contains(got, "\r\nLocation: some-thing/\r\n") {
		t.Errorf("there is no redirect: %s", got)
	}
	if got := sees(e.Endpoint("npm") + "thing"); !strings.Contains(got, `realm="team/app"`) {
		t.Errorf("there is no challenge: %s", got)
	}
	for _, end := range []string{"%0d%0a", "%0a", "%0d", "%0D%0A%20", "%E5%98%8A%E5%98%8D", "%c0%8a", "%250d%250a", `"`, "%22"} {
		injected := end + "Injected:%20yes"
		for _, target := range []string{
			"/" + injected,
			"/v1/domain?domain=team" + injected,
			"/npm/d/team" + injected + "-" + e.Account + "/app/thing",
			"/npm/d/team-" + e.Account + "/app" + injected + "/thing",
			"/npm/d/team-" + e.Account + injected + "/app/thing",
			e.Endpoint("npm") + "thing" + injected,
			e.Endpoint("npm") + "thing/-/thing-1.0.0.tgz" + injected,
			e.Endpoint("pypi") + "simple/Some_Thing" + injected,
			e.Endpoint("pypi") + "simple" + injected,
			e.Endpoint("maven") + "a/b/1/b-1.pom" + injected,
			"http://" + host + injected + "/healthz",
		} {
			for _, header := range [][]string{nil, {bearer}} {
				answer := sees(target, header...)
				head, _, _ := strings.Cut(answer, "\r\n\r\n")
				head = strings.ReplaceAll(head, `\"`, "") // a quote that ends no quoted string
				if statusOf(t, answer) < 400 || strings.Contains(head, "\nInjected") || strings.Contains(head, "\rInjected") || strings.Contains(head, `"Injected`) {
					t.Errorf("%s: got\n%s", target, answer)
				}
			}
		}
	}
}

// A folded line is one line with a space in it (RFC 9112, 5.2), and nothing
// in it is a header of its own.
func TestThreatFoldedHeaders(t *testing.T) {
	e := testenv.New(t)
	token := e.Token(e.Admin)
	nobody := e.Token(e.User("nobody", document(allow("codeartifact:GetAuthorizationToken", "*"), allow("sts:GetServiceBearerToken", "*"))))
	host := strings.TrimPrefix(e.URL, "http://")
	for name, tt := range map[string]struct {
		headers string
		want    int
	}{
		"a token behind a fold":             {"Authorization: Bearer\r\n " + token + "\r\n", http.StatusNotFound},
		"a token that is cut":               {"Authorization: Bearer " + token[:20] + "\r\n " + token[20:] + "\r\n", http.StatusUnauthorized},
		"a header in another":               {"X-Fold: a\r\n Authorization: Bearer " + token + "\r\n", http.StatusUnauthorized},
		"a token in the fold of another":    {"Authorization: Bearer " + nobody + "\r\n\tAuthorization: Bearer " + token + "\r\n", http.StatusUnauthorized},
		"a fold before all headers":         {"", http.StatusBadRequest},
		"two tokens":                        {"Authorization: Bearer " + nobody + "\r\nAuthorization: Bearer " + token + "\r\n", http.StatusForbidden}, // the first counts
		"a line that LF alone ends, folded": {"X-Fold: a\n Authorization: Bearer " + token + "\r\n", http.StatusUnauthorized},
	} {
		first := "Host: " + host + "\r\n"
		if tt.want == http.StatusBadRequest {
			first = " " + first
		}
		answer := converse(t, host, "GET "+e.Endpoint("npm")+"thing HTTP/1.1\r\n"+first+tt.headers+"Connection: close\r\n\r\n")
		if got := statusOf(t, answer); got != tt.want {
			t.Errorf("%s: got %.400s, want %d", name, answer, tt.want)
		}
	}
}

func parsed(t *testing.T, raw string) *http.Response {
	t.Helper()
	answer, err := http.ReadResponse(bufio.NewReader(strings.NewReader(raw)), nil)
	if err != nil {
		t.Fatalf("%q: %v", raw, err)
	}
	return answer
}

func statusOf(t *testing.T, raw string) int {
	t.Helper()
	answer := parsed(t, raw)
	defer answer.Body.Close()
	return answer.StatusCode
}

func body(t *testing.T, raw string) string {
	t.Helper()
	answer := parsed(t, raw)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// converse sends bytes and returns all that is answered.
func converse(t *testing.T, address, raw string) string {
	t.Helper()
	c, err := new(net.Dialer).DialContext(t.Context(), "tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, raw); err != nil {
		return err.Error()
	}
	// The first answer may take its time, and a second follows at once.
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	r := bufio.NewReader(io.TeeReader(c, &all))
	for {
		answer, err := http.ReadResponse(r, nil)
		if err != nil {
			return all.String()
		}
		_, err = io.Copy(io.Discard, answer.Body)
		if err != nil || answer.Close {
			return all.String()
		}
		if err := c.SetReadDeadline(time.Now().Add(200 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
	}
}

// Of two members of one name the last counts, whole, as it does for AWS's own
// readers of JSON (our choice: no model or guide says so), and the record says
// what counted. Only policies may not say two things.
func TestThreatDuplicateMembers(t *testing.T) {
	e := testenv.New(t)
	send := func(service, method, target, body string) testenv.Answer {
		return e.DoSigned(e.Admin, service, method, target, body, "Content-Type", "application/json")
	}
	policy := func(document string) string {
		text, err := json.Marshal(map[string]string{"domain": testenv.Domain, "policyDocument": document})
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	const group = `{"restrictions":{"PUBLISH":"ALLOW","EXTERNAL_UPSTREAM":"BLOCK"},"restrictions":{"PUBLISH":"ALLOW","PUBLISH":"BLOCK"}}`
	testenv.OK(t, e.Admin, codeartifact.CreatePackageGroup, &codeartifact.CreatePackageGroupInput{Domain: testenv.Domain, PackageGroup: "/npm/*"})
	for name, tt := range map[string]struct {
		answer     testenv.Answer
		status     int
		says, hush string
	}{
		"two descriptions": {
			send("codeartifact", "POST", "/v1/repository?domain=team&repository=r1", `{"description":"first","description":"second","Description":"third"}`),
			http.StatusOK, `"description":"second"`, "first",
		},
		"nothing after something": {
			send("codeartifact", "POST", "/v1/repository?domain=team&repository=r2", `{"description":"first","description":null}`),
			http.StatusOK, `"name":"r2"`, "first",
		},
		"two tags in one": {
			send("codeartifact", "POST", "/v1/tag?resourceArn="+url.QueryEscape(domainARN(e, testenv.Domain)), `{"tags":[{"key":"a","key":"b","value":"c"}]}`),
			http.StatusOK, "", "",
		},
		"two maps, and two keys in the last": {
			send("codeartifact", "PUT", "/v1/package-group-origin-configuration?domain=team&package-group=%2Fnpm%2F*", group),
			http.StatusOK, `"PUBLISH":{"mode":"BLOCK"`, `{"mode":"ALLOW"`,
		},
		"two types": {
			send("codeartifact", "POST", "/v1/repository?domain=team&repository=r3", `{"description":"first","description":3}`),
			http.StatusBadRequest, "CANNOT_PARSE", "first",
		},
		"two actions to explain": {
			send("larder", "POST", "/larder/v1/decision", `{"caller":"arn:aws:iam::`+e.Account+`:user/quickstart","action":"iam:GetUser","action":"iam:CreateUser"}`),
			http.StatusOK, `"action":"iam:CreateUser"`, "iam:GetUser",
		},
		"a policy with two effects": {
			send("codeartifact", "PUT", "/v1/domain/permissions/policy",
				policy(`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`)),
			http.StatusBadRequest, "Effect", "",
		},
	} {
		a := tt.answer
		if a.Status != tt.status || !strings.Contains(a.Body, tt.says) || tt.hush != "" && strings.Contains(a.Body, tt.hush) {
			t.Errorf("%s: got %d %s, want %d, %s and not %s", name, a.Status, a.Body, tt.status, tt.says, tt.hush)
		}
	}
	tags := testenv.OK(t, e.Admin, codeartifact.ListTagsForResource, &codeartifact.ListTagsForResourceInput{ResourceArn: domainARN(e, testenv.Domain)}).Tags
	if want := []codeartifact.Tag{{Key: "b", Value: "c"}}; !slices.Equal(tags, want) {
		t.Errorf("got %v, want %v", tags, want)
	}
	got := auditRecords(t, e, "UpdatePackageGroupOriginConfiguration")[0].RequestParameters["restrictions"]
	if want := map[string]any{"PUBLISH": "BLOCK"}; !reflect.DeepEqual(got, want) {
		t.Errorf("the record has %v, want %v", got, want)
	}
}

func TestThreatXMLAndJSONTricks(t *testing.T) {
	e := testenv.New(t)
	token := e.Token(e.Admin)
	domain := "arn:aws:codeartifact:" + region + ":" + testenv.OK(t, e.Admin, sts.GetCallerIdentity, &sts.GetCallerIdentityInput{}).Account + ":domain/team"
	deep := strings.Repeat(`{"a":`, 20_000) + "1" + strings.Repeat("}", 20_000)
	laughs := `<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>`
	outside := `<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>`
	nested := strings.Repeat("<a>", 20_000) + strings.Repeat("</a>", 20_000)
	signed := func(body string) func() testenv.Answer {
		return func() testenv.Answer {
			return e.DoSigned(e.Admin, "codeartifact", "POST", "/v1/tag?resourceArn="+domain, body)
		}
	}
	asked := func(document string) func() testenv.Answer {
		return func() testenv.Answer {
			form := url.Values{"Action": {"PutUserPolicy"}, "Version": {"2010-05-08"}, "UserName": {"nobody"}, "PolicyName": {"p"}, "PolicyDocument": {document}}
			return e.DoSigned(e.Admin, "iam", "POST", "/", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
		}
	}
	put := func(format, path, body string) func() testenv.Answer {
		return func() testenv.Answer { return e.Do("PUT", e.Endpoint(format)+path, token, strings.NewReader(body)) }
	}
	for name, tt := range map[string]struct {
		send func() testenv.Answer
		want int
	}{
		"deep JSON":                     {signed(`{"tags":` + deep + `}`), http.StatusBadRequest},
		"deep JSON of no member":        {signed(`{"unknown":` + deep + `}`), http.StatusBadRequest},
		"deep lists":                    {signed(strings.Repeat("[", 20_000)), http.StatusBadRequest},
		"something behind the document": {signed(`{"tags":[]}{"tags":[]}`), http.StatusBadRequest},
		"a deep policy":                 {asked(deep), http.StatusBadRequest},
		"a deep condition":              {asked(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*","Condition":` + deep + `}}`), http.StatusBadRequest},
		"a policy that says two things": {asked(`{"Version":"2012-10-17","Statement":{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}}`), http.StatusBadRequest},
		"a deep publish":                {put("npm", "thing", deep), http.StatusRequestEntityTooLarge},
		"entities of entities":          {put("maven", "a/b/maven-metadata.xml", laughs+"<metadata><groupId>&c;</groupId></metadata>"), http.StatusBadRequest},
		"an entity from outside":        {put("maven", "a/b/maven-metadata.xml", outside+"<metadata><groupId>&f;</groupId></metadata>"), http.StatusBadRequest},
		"entities in a POM":             {put("maven", "a/b/1/b-1.pom", laughs+"<project><groupId>&c;</groupId></project>"), http.StatusBadRequest},
		"deep XML":                      {put("maven", "a/b/maven-metadata.xml", "<metadata>"+nested+"</metadata>"), http.StatusBadRequest},
		"a deep POM":                    {put("maven", "a/b/1/b-1.pom", "<project>"+nested+"</project>"), http.StatusBadRequest},
	} {
		a := tt.send()
		if a.Status != tt.want || strings.Contains(a.Body, "root:") {
			t.Errorf("%s: got %d %.200s, want %d", name, a.Status, a.Body, tt.want)
		}
	}
	if a := e.Do("GET", e.Endpoint("npm")+"-/ping", token, nil); a.Status != http.StatusOK {
		t.Errorf("the server is not well: %d", a.Status)
	}
}
