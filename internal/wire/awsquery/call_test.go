package awsquery_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/api/sts"
	"larder.example/larder/internal/wire"
	"larder.example/larder/internal/wire/awsquery"
)

// client returns a client of a service that answers every request alike, and
// the last form that it was sent.
func client(t *testing.T, status int, answer string) (*wire.Client, *string) {
	form := new(string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		*form = r.Method + " " + r.RequestURI + " " + string(b)
		w.Header().Set("x-amzn-RequestId", "from-header")
		w.WriteHeader(status)
		io.WriteString(w, answer)
	}))
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &wire.Client{Base: base, Protocol: awsquery.Protocol{}, HTTP: server.Client(), Attempts: 1}, form
}

func TestFormsOfTheClient(t *testing.T) {
	c, form := client(t, 200, "<CreateUserResponse><CreateUserResult/></CreateUserResponse>")
	_, err := wire.Call(t.Context(), c, iam.CreateUser, &iam.CreateUserInput{UserName: "a b", Tags: []iam.Tag{{Key: "k&", Value: ""}, {Key: "é", Value: "+"}}})
	if err != nil {
		t.Fatal(err)
	}
	want := "POST / Action=CreateUser&Version=2010-05-08&UserName=a%20b&Tags.member.1.Key=k%26&Tags.member.1.Value=&Tags.member.2.Key=%C3%A9&Tags.member.2.Value=%2B"
	if *form != want {
		t.Errorf("got\n%s, want\n%s", *form, want)
	}
	if _, err := wire.Call(t.Context(), c, iam.UntagUser, &iam.UntagUserInput{UserName: "a", TagKeys: []string{}}); err != nil {
		t.Fatal(err)
	}
	if want := "POST / Action=UntagUser&Version=2010-05-08&UserName=a&TagKeys="; *form != want {
		t.Errorf("got %s, want %s", *form, want)
	}
}

func TestAnswersOfOtherShapes(t *testing.T) {
	const identity = "<Arn>a</Arn><Account> 1 </Account>"
	for _, tt := range []struct {
		name, answer string
		ok           bool
	}{
		{"declaration, comments, prefixes", `<?xml version="1.0"?><!-- c --><x:GetCallerIdentityResponse xmlns:x="y"><x:GetCallerIdentityResult>` + identity + `</x:GetCallerIdentityResult></x:GetCallerIdentityResponse>`, true},
		{"character data in pieces", `<r><GetCallerIdentityResult><Arn><![CDATA[]]>a<!-- --></Arn></GetCallerIdentityResult></r>`, true},
		{"no result", `<r><ResponseMetadata/></r>`, false},
		{"no XML", `{}`, false},
		{"cut short", `<r><GetCallerIdentityResult>`, false},
		{"nothing", ``, false},
		{"too deep", strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := client(t, 200, tt.answer)
			out, err := wire.Call(t.Context(), c, sts.GetCallerIdentity, &sts.GetCallerIdentityInput{})
			if tt.ok != (err == nil) {
				t.Fatalf("got the error %v, want ok = %t", err, tt.ok)
			}
			if tt.ok && out.Arn != "a" {
				t.Errorf("got %q, want a", out.Arn)
			}
		})
	}
}

func TestFailuresThatServicesSend(t *testing.T) {
	const wrap = "<ErrorResponse xmlns='x'><Error><Type>Sender</Type>%</Error><RequestId>r</RequestId></ErrorResponse>"
	for _, tt := range []struct {
		name                   string
		status                 int
		answer                 string
		kind                   larder.Kind
		code, message, request string
	}{
		{"modelled", 404, strings.Replace(wrap, "%", "<Code>NoSuchEntity</Code><Message>m &amp; n</Message>", 1), larder.NotFound, "NoSuchEntity", "m & n", "r"},
		{"without a message", 400, strings.Replace(wrap, "%", "<Code>MalformedInput</Code>", 1), larder.Invalid, "MalformedInput", "", "r"},
		{"throttled with a 400", 400, strings.Replace(wrap, "%", "<Code>Throttling</Code>", 1), larder.Throttled, "Throttling", "", "r"},
		{"signature", 403, strings.Replace(wrap, "%", "<Code>SignatureDoesNotMatch</Code>", 1), larder.Unauthenticated, "SignatureDoesNotMatch", "", "r"},
		{"quota with a 409", 409, strings.Replace(wrap, "%", "<Code>LimitExceeded</Code>", 1), larder.OverQuota, "LimitExceeded", "", "r"},
		{"novel", 409, strings.Replace(wrap, "%", "<Code>Novel</Code>", 1), larder.Conflict, "Novel", "", "r"},
		{"no document of the protocol", 404, "<UnknownOperationException/>\n", larder.NotFound, "404", "<UnknownOperationException/>", "from-header"},
		{"a proxy's page", 503, "<html><br>busy</html>", larder.Unavailable, "503", "<html><br>busy</html>", "from-header"},
		{"nothing", 413, "", larder.TooLarge, "413", "", "from-header"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, _ := client(t, tt.status, tt.answer)
			_, err := wire.Call(t.Context(), c, iam.GetUser, &iam.GetUserInput{})
			e := larder.AsError(err)
			if e.Kind != tt.kind || e.Code != tt.code || e.Message != tt.message {
				t.Errorf("got %s %s %q, want %s %s %q", e.Kind, e.Code, e.Message, tt.kind, tt.code, tt.message)
			}
			var fault *wire.Fault
			if !errors.As(err, &fault) {
				t.Fatalf("%v holds no fault", err)
			}
			if fault.RequestID != tt.request || fault.Status != tt.status {
				t.Errorf("got %d, request %s, want %d, request %s", fault.Status, fault.RequestID, tt.status, tt.request)
			}
		})
	}
}
