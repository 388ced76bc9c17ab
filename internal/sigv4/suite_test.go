package sigv4

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"larder.example/larder"
)

// The credentials of the public test suite.
const (
	suiteID     = "AKIDEXAMPLE"
	suiteSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
)

var suiteTime = time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)

// vector is a request of the public Signature Version 4 test suite, as
// aws-c-auth and (three of them) botocore carry it.
type vector struct {
	Name, Form              string
	Request                 string
	Canonical, StringToSign string
	Unnormalized            bool // signed by the path as it is, which S3 alone does
}

// readLines decodes the lines of a file of testdata.
func readLines[T any](t testing.TB, name string) []T {
	t.Helper()
	f, err := os.Open("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []T
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var v T
		if err := json.Unmarshal(lines.Bytes(), &v); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, v)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func (v vector) verifier(t testing.TB) *Verifier[string] {
	c, err := claimOf(parseWire(t, v.Request).request())
	if err != nil {
		t.Fatal(err)
	}
	return &Verifier[string]{Region: "us-east-1", Now: clock(suiteTime), Keys: oneKey(suiteID, suiteSecret, c.token)}
}

// accepted reports whether the vector is one that a server like ours must
// accept.
func (v vector) accepted() bool {
	if v.Name == "post-sts-header-after" && v.Form == "query" {
		return false // a session token in the query that was not signed
	}
	return !v.Unnormalized || v.Name == "get-space-unnormalized"
}

func TestPublicSuite(t *testing.T) {
	for _, v := range readLines[vector](t, "suite.jsonl") {
		t.Run(v.Name+"/"+v.Form, func(t *testing.T) {
			res, err := parseWire(t, v.Request).verify(v.verifier(t), "service")
			if !v.accepted() {
				if _, code, _ := refusal(err); code != larder.CodeInvalidSignature {
					t.Fatalf("got %v, want %s", err, larder.CodeInvalidSignature)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := Result[string]{
				Principal: "owner of " + suiteID, KeyID: suiteID, SignedAt: suiteTime,
				Scope: Scope{Date: "20150830", Region: "us-east-1", Service: "service"},
			}
			if res.Query = nil; res.Principal != want.Principal || res.KeyID != want.KeyID || !res.SignedAt.Equal(want.SignedAt) || res.Scope != want.Scope {
				t.Errorf("got %+v, want %+v", res, want)
			}
			canonical, toSign := canonicalForm(t, parseWire(t, v.Request))
			if canonical != v.Canonical {
				t.Errorf("canonical request: got\n%s\nwant\n%s", canonical, v.Canonical)
			}
			if toSign != v.StringToSign {
				t.Errorf("string to sign: got\n%s\nwant\n%s", toSign, v.StringToSign)
			}
		})
	}
}

func canonicalForm(t testing.TB, w wire) (canonical, toSign string) {
	t.Helper()
	r := w.request()
	c, err := claimOf(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.scoped("service", "us-east-1", nil); err != nil {
		t.Fatal(err)
	}
	payload := c.payload
	if !c.announced {
		payload = hashOf([]byte(w.body))
	}
	d := &draft{hash: newDigest()}
	d.write(r, message{path: c.path, query: c.query, signed: c.headers, payload: payload, date: c.date, scope: c.scope})
	return string(d.canonical), string(d.toSign)
}

// Our own signer is held to the suite where it signs what the suite signs.
func TestSignerMatchesSuite(t *testing.T) {
	signer := Signer{KeyID: suiteID, Secret: suiteSecret, Region: "us-east-1", Service: "service"}
	n := 0
	for _, v := range readLines[vector](t, "suite.jsonl") {
		w := parseWire(t, v.Request)
		c, err := claimOf(w.request())
		if err != nil {
			t.Fatal(err)
		}
		if v.Form != "header" || c.token != "" || !v.accepted() || strings.ContainsAny(w.target, " \u1234") {
			continue
		}
		r := w.request()
		if r.URL, err = r.URL.Parse("http://" + r.Host + w.target); err != nil {
			t.Fatal(err)
		}
		r.RequestURI = ""
		if signedHeaders(r.Header) != c.headers {
			continue
		}
		n++
		if err := signer.Sign(r, hashOf([]byte(w.body)), suiteTime); err != nil {
			t.Fatal(err)
		}
		if got, want := r.Header.Get("Authorization"), w.request().Header.Get("Authorization"); got != want {
			t.Errorf("%s: got %s, want %s", v.Name, got, want)
		}
	}
	if n < 15 {
		t.Errorf("only %d vectors apply", n)
	}
}
