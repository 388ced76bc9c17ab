package sts_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/api/sts"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/sigv4"
	"larder.example/larder/internal/testenv"
)

const identify = "Action=GetCallerIdentity&Version=2011-06-15"

func TestGetCallerIdentity(t *testing.T) {
	e := testenv.New(t)
	for _, tt := range []struct {
		name string
		c    *client.Client
		arn  string
		id   string // what it begins with
	}{
		{"a user", e.User("alice"), "arn:aws:iam::" + e.Account + ":user/alice", "AIDA"},
		{"root", e.Root(e.Account), "arn:aws:iam::" + e.Account + ":root", e.Account},
		{
			"one who is denied everything",
			e.User("denied", `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":["*","sts:GetCallerIdentity"],"Resource":"*"}}`),
			"arn:aws:iam::" + e.Account + ":user/denied", "AIDA",
		},
	} {
		got := testenv.OK(t, tt.c, sts.GetCallerIdentity, &sts.GetCallerIdentityInput{})
		if got.Arn != tt.arn || !strings.HasPrefix(got.UserId, tt.id) || got.Account != e.Account {
			t.Errorf("%s: got %+v", tt.name, got)
		}
	}
	_, err := client.Call(t.Context(), &client.Client{URL: e.URL, Region: testenv.Region, Attempts: 1}, sts.GetCallerIdentity, &sts.GetCallerIdentityInput{})
	if got := testenv.RefusalOf(err); got.Code != "MissingAuthenticationToken" || got.Status != 403 || got.Message != "Request is missing Authentication Token" {
		t.Errorf("unsigned: got %v", err)
	}
}

// The members come in AWS's order, which scripts with sed rely on.
func TestGetCallerIdentityOnTheWire(t *testing.T) {
	e := testenv.New(t)
	for _, tt := range []struct{ method, target, body string }{
		{http.MethodPost, "/", identify},
		{http.MethodGet, "/?" + identify, ""},
	} {
		a := e.DoSigned(e.Admin, "sts", tt.method, tt.target, tt.body, "Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
		want := "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n  <GetCallerIdentityResult>\n" +
			"    <Arn>arn:aws:iam::" + e.Account + ":user/quickstart</Arn>\n    <UserId>AIDA"
		if a.Status != http.StatusOK || !strings.HasPrefix(a.Body, want) || a.Header.Get("Content-Type") != "text/xml" ||
			!strings.Contains(a.Body, "</UserId>\n    <Account>"+e.Account+"</Account>\n  </GetCallerIdentityResult>\n") ||
			!strings.Contains(a.Body, "<RequestId>"+a.Header.Get("X-Amzn-Requestid")+"</RequestId>") {
			t.Errorf("%s %s: got %d %s", tt.method, tt.target, a.Status, a.Body)
		}
	}
}

// A presigned request is a URL that says who made it, to whoever is given it.
func TestPresignedGetCallerIdentity(t *testing.T) {
	e := testenv.New(t)
	s := sigv4.Signer{KeyID: e.Admin.KeyID, Secret: e.Admin.Secret, Region: testenv.Region, Service: "sts"}
	presigned := func(header ...string) *http.Request {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, e.URL+"/?"+identify, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		if err := s.Presign(r, time.Minute, e.Clock.Now()); err != nil {
			t.Fatal(err)
		}
		return r
	}
	fresh := presigned()
	// Cloud authenticators sign a header with the name of whom it is for.
	bound := presigned("X-K8s-Aws-Id", "cluster")
	misused := presigned("X-Amz-Audience", "cluster")
	misused.Header.Set("X-Amz-Audience", "other")

	for name, tt := range map[string]struct {
		r      *http.Request
		status int
		want   string
	}{
		"fresh":              {fresh, 200, "<Arn>arn:aws:iam::" + e.Account + ":user/quickstart</Arn>"},
		"with more headers":  {bound, 200, "<Account>" + e.Account + "</Account>"},
		"tampered":           {replaced(presigned(), "X-Amz-Expires=60", "X-Amz-Expires=600"), 403, "<Code>SignatureDoesNotMatch</Code>"},
		"for somebody else":  {misused, 403, "<Code>SignatureDoesNotMatch</Code>"},
		"for another action": {replaced(presigned(), "GetCallerIdentity", "GetAccessKeyInfo"), 403, "<Code>SignatureDoesNotMatch</Code>"},
	} {
		if a := e.Send(tt.r); a.Status != tt.status || !strings.Contains(a.Body, tt.want) {
			t.Errorf("%s: got %d %s, want %d and %s", name, a.Status, a.Body, tt.status, tt.want)
		}
	}
	e.Clock.Advance(61 * time.Second)
	if a := e.Send(presigned()); a.Status != http.StatusOK {
		t.Errorf("signed now: got %d %s", a.Status, a.Body)
	}
	if a := e.Send(fresh.Clone(t.Context())); a.Status != http.StatusBadRequest || !strings.Contains(a.Body, "<Code>RequestExpired</Code>") {
		t.Errorf("a minute later: got %d %s", a.Status, a.Body)
	}
}

// replaced changes the query of a request that is signed.
func replaced(r *http.Request, from, to string) *http.Request {
	r.URL.RawQuery = strings.Replace(r.URL.RawQuery, from, to, 1)
	return r
}

func TestWhatIsNoRequestOfTheProtocol(t *testing.T) {
	e := testenv.New(t)
	for _, tt := range []struct {
		method, target string
		status         int
		want           string
	}{
		{http.MethodPut, "/", 404, "<UnknownOperationException/>\n"},
		{http.MethodDelete, "/?" + identify, 404, "<UnknownOperationException/>\n"},
		{http.MethodPost, "/?Action=GetFederationToken&Version=2011-06-15", 400, "<Code>InvalidAction</Code>"},
		{http.MethodGet, "/", 400, "<Code>InvalidAction</Code>"},
	} {
		if a := e.Do(tt.method, tt.target, "", nil); a.Status != tt.status || !strings.Contains(a.Body, tt.want) {
			t.Errorf("%s %s: got %d %q, want %d %q", tt.method, tt.target, a.Status, a.Body, tt.status, tt.want)
		}
	}
}
