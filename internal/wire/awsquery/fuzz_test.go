package awsquery_test

import (
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/wire"
	"larder.example/larder/internal/wire/awsquery"
)

// Whatever a stranger sends is answered with success or a caller's mistake, in
// XML that a parser accepts.
func FuzzBind(f *testing.F) {
	f.Add("Action=CreateUser&Version=2010-05-08&UserName=alice&Tags.member.1.Key=k&Tags.member.1.Value=v&Tags.member.3.Key=")
	f.Add("Action=UntagUser&Version=2010-05-08&UserName=alice&TagKeys=&TagKeys.member.99999999999999999999=x")
	f.Add("Action=AssumeRole&Version=2011-06-15&RoleArn=%00&PolicyArns.member.1.arn=a&DurationSeconds=+900&ProvidedContexts.member.1.=x")
	f.Add("Action=SimulatePrincipalPolicy&Version=2010-05-08&PolicyExclusionList.member.2.InlinePolicyIdentifier.PolicyName=%ff")
	f.Add("Action=%1b%ef%bf%bf&Version=<&x=%zz")
	f.Fuzz(func(t *testing.T, form string) {
		c := captures()
		w := httptest.NewRecorder()
		c.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form)))
		if w.Code != http.StatusOK && w.Code != http.StatusBadRequest {
			t.Errorf("got %d %s", w.Code, w.Body)
		}
		d := xml.NewDecoder(w.Body)
		for {
			_, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

// Whatever a service answers, a client gets a value or an error.
func FuzzDecode(f *testing.F) {
	f.Add(200, "<r><GetAccountAuthorizationDetailsResult><UserDetailList><member><CreateDate>2020-01-01T00:00:00Z</CreateDate><UserPolicyList><member><PolicyDocument>%7B</PolicyDocument></member></UserPolicyList></member></UserDetailList><IsTruncated>true</IsTruncated></GetAccountAuthorizationDetailsResult></r>")
	f.Add(400, "<ErrorResponse><Error><Code>NoSuchEntity</Code></Error></ErrorResponse>")
	f.Add(500, "<html>")
	f.Fuzz(func(t *testing.T, status int, body string) {
		c := wire.Client{Base: &url.URL{Scheme: "http", Host: "test"}, Protocol: awsquery.Protocol{}, Attempts: 1}
		c.HTTP = &http.Client{Transport: answers{StatusCode: status, Body: io.NopCloser(strings.NewReader(body))}}
		_, err := wire.Call(t.Context(), &c, iam.GetAccountAuthorizationDetails, &iam.GetAccountAuthorizationDetailsInput{})
		if err == nil && !(status/100 == 2 && strings.Contains(body, "Result")) {
			t.Errorf("%d %q was taken for an answer", status, body)
		}
	})
}

// answers is a transport that answers without a network.
type answers http.Response

func (a answers) RoundTrip(*http.Request) (*http.Response, error) {
	r := http.Response(a)
	r.Header = http.Header{}
	return &r, nil
}
