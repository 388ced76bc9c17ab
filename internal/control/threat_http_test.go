package control_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/api/sts"
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
