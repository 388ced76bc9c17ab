package awsquery_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/api/sts"
	"larder.example/larder/internal/wire"
	"larder.example/larder/internal/wire/awsquery"
)

const requestID = "3d6f5a2e-0b1c-4d1e-8f60-7a8b9c0d1e2f"

// answer returns what a mux writes when op's handler returns out and err.
func answer[In, Out any](t *testing.T, op wire.Op[In, Out], parameters string, out *Out, err error) *http.Response {
	t.Helper()
	m := &wire.Mux{Protocol: awsquery.Protocol{}}
	wire.Handle(m, op, func(context.Context, *In) (*Out, error) { return out, err })
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("Action="+op.Name+"&Version="+op.Version+parameters))
	return serve(m, r)
}

func serve(m *wire.Mux, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	m.ServeHTTP(w, r.WithContext(wire.WithRequestID(r.Context(), requestID)))
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestDocuments(t *testing.T) {
	at := time.Date(2026, 11, 24, 15, 4, 5, 999_000_000, time.FixedZone("", 3600))
	for _, tt := range []struct {
		name string
		got  *http.Response
		want string
	}{
		{"order of AWS STS", answer(t, sts.GetCallerIdentity, "", &sts.GetCallerIdentityOutput{
			Arn: "arn:aws:iam::111122223333:user/alice", UserId: "AIDAEXAMPLE", Account: "111122223333",
		}, nil), `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <GetCallerIdentityResult>
    <Arn>arn:aws:iam::111122223333:user/alice</Arn>
    <UserId>AIDAEXAMPLE</UserId>
    <Account>111122223333</Account>
  </GetCallerIdentityResult>
  <ResponseMetadata>
    <RequestId>` + requestID + `</RequestId>
  </ResponseMetadata>
</GetCallerIdentityResponse>
`},
		{"structures", answer(t, sts.AssumeRole, "&RoleArn=arn:aws:iam::111122223333:role/deploy&RoleSessionName=ci", &sts.AssumeRoleOutput{
			AssumedRoleUser:  &sts.AssumedRoleUser{AssumedRoleId: "AROAEXAMPLE:ci", Arn: "arn:aws:sts::111122223333:assumed-role/deploy/ci"},
			Credentials:      &sts.Credentials{AccessKeyId: "ASIAEXAMPLE", SecretAccessKey: "s/+", SessionToken: "t==", Expiration: at},
			SourceIdentity:   "alice",
			PackedPolicySize: new(0),
		}, nil), `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleResult>
    <AssumedRoleUser>
      <AssumedRoleId>AROAEXAMPLE:ci</AssumedRoleId>
      <Arn>arn:aws:sts::111122223333:assumed-role/deploy/ci</Arn>
    </AssumedRoleUser>
    <Credentials>
      <AccessKeyId>ASIAEXAMPLE</AccessKeyId>
      <SecretAccessKey>s/+</SecretAccessKey>
      <SessionToken>t==</SessionToken>
      <Expiration>2026-11-24T14:04:05Z</Expiration>
    </Credentials>
    <SourceIdentity>alice</SourceIdentity>
    <PackedPolicySize>0</PackedPolicySize>
  </AssumeRoleResult>
  <ResponseMetadata>
    <RequestId>` + requestID + `</RequestId>
  </ResponseMetadata>
</AssumeRoleResponse>
`},
		{"no result", answer(t, iam.DeleteUser, "&UserName=alice", nil, nil), `<DeleteUserResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ResponseMetadata>
    <RequestId>` + requestID + `</RequestId>
  </ResponseMetadata>
</DeleteUserResponse>
`},
		{"empty result", answer(t, iam.UpdateRole, "&RoleName=deploy", nil, nil), `<UpdateRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <UpdateRoleResult/>
  <ResponseMetadata>
    <RequestId>` + requestID + `</RequestId>
  </ResponseMetadata>
</UpdateRoleResponse>
`},
		{"lists, truth values and text", answer(t, iam.ListUsers, "", &iam.ListUsersOutput{
			Users: []iam.User{{Path: "/", UserName: "a&b<c>\"d'\r\n\x00\uffff", Tags: []iam.Tag{{Key: "k"}}}, {Path: "/", UserName: "é😀"}},
		}, nil), `<ListUsersResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ListUsersResult>
    <Users>
      <member>
        <Path>/</Path>
        <UserName>a&amp;b&lt;c&gt;"d'&#13;
` + "\ufffd\ufffd" + `</UserName>
        <UserId></UserId>
        <Arn></Arn>
        <Tags>
          <member>
            <Key>k</Key>
            <Value></Value>
          </member>
        </Tags>
      </member>
      <member>
        <Path>/</Path>
        <UserName>é😀</UserName>
        <UserId></UserId>
        <Arn></Arn>
        <Tags/>
      </member>
    </Users>
    <IsTruncated>false</IsTruncated>
  </ListUsersResult>
  <ResponseMetadata>
    <RequestId>` + requestID + `</RequestId>
  </ResponseMetadata>
</ListUsersResponse>
`},
		{
			"map", answer(t, iam.GetAccountSummary, "", &iam.GetAccountSummaryOutput{SummaryMap: map[string]int{"Users": 2, "Groups": 0}}, nil),
			`<GetAccountSummaryResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <GetAccountSummaryResult>
    <SummaryMap>
      <entry>
        <key>Groups</key>
        <value>0</value>
      </entry>
      <entry>
        <key>Users</key>
        <value>2</value>
      </entry>
    </SummaryMap>
  </GetAccountSummaryResult>
  <ResponseMetadata>
    <RequestId>` + requestID + `</RequestId>
  </ResponseMetadata>
</GetAccountSummaryResponse>
`,
		},
		{"policies are percent-encoded", answer(t, iam.GetUserPolicy, "&UserName=alice&PolicyName=p", &iam.GetUserPolicyOutput{
			UserName: "alice", PolicyName: "p", PolicyDocument: "{\"Version\": \"2012-10-17\"}\n~*",
		}, nil), `<GetUserPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <GetUserPolicyResult>
    <UserName>alice</UserName>
    <PolicyName>p</PolicyName>
    <PolicyDocument>%7B%22Version%22%3A%20%222012-10-17%22%7D%0A~%2A</PolicyDocument>
  </GetUserPolicyResult>
  <ResponseMetadata>
    <RequestId>` + requestID + `</RequestId>
  </ResponseMetadata>
</GetUserPolicyResponse>
`},
		{"blobs", answer(t, iam.ListVirtualMFADevices, "", &iam.ListVirtualMFADevicesOutput{
			VirtualMFADevices: []iam.VirtualMFADevice{{SerialNumber: "arn:x", QRCodePNG: []byte{0xff, 0}}},
		}, nil), `<ListVirtualMFADevicesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">
  <ListVirtualMFADevicesResult>
    <VirtualMFADevices>
      <member>
        <SerialNumber>arn:x</SerialNumber>
        <QRCodePNG>/wA=</QRCodePNG>
        <Tags/>
      </member>
    </VirtualMFADevices>
    <IsTruncated>false</IsTruncated>
  </ListVirtualMFADevicesResult>
  <ResponseMetadata>
    <RequestId>` + requestID + `</RequestId>
  </ResponseMetadata>
</ListVirtualMFADevicesResponse>
`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := body(t, tt.got); got != tt.want {
				t.Errorf("got\n%s, want\n%s", got, tt.want)
			}
			headers := map[string]string{"Content-Type": "text/xml", "x-amzn-RequestId": requestID, "x-amz-sts-extended-request-id": ""}
			if strings.Contains(tt.want, "sts.amazonaws.com") {
				headers["x-amz-sts-extended-request-id"] = requestID
			}
			for name, want := range headers {
				if got := tt.got.Header.Get(name); got != want {
					t.Errorf("%s: got %q, want %q", name, got, want)
				}
			}
		})
	}
}

func TestFailures(t *testing.T) {
	for _, tt := range []struct {
		name            string
		err             error
		status          int
		typ, code, text string
	}{
		{"constraint", &larder.Error{Kind: larder.Invalid, Code: wire.CodeFieldValidation, Message: "m"}, 400, "Sender", "ValidationError", "m"},
		{"rule", larder.Errorf(larder.Invalid, "m"), 400, "Sender", "ValidationError", "m"},
		{"no credentials", &larder.Error{Kind: larder.Unauthenticated, Code: larder.CodeMissingToken, Message: "Missing Authentication Token"}, 403, "Sender", "MissingAuthenticationToken", "Request is missing Authentication Token"},
		{"malformed signature", &larder.Error{Kind: larder.Unauthenticated, Code: larder.CodeIncomplete, Message: "m"}, 400, "Sender", "IncompleteSignature", "m"},
		{"wrong signature", &larder.Error{Kind: larder.Unauthenticated, Code: larder.CodeInvalidSignature, Message: "m"}, 403, "Sender", "SignatureDoesNotMatch", "m"},
		{"unknown key", &larder.Error{Kind: larder.Unauthenticated, Code: larder.CodeUnrecognizedClient, Message: "m"}, 403, "Sender", "InvalidClientTokenId", "m"},
		{"expired session", &larder.Error{Kind: larder.Unauthenticated, Code: larder.CodeExpiredToken, Message: "m"}, 403, "Sender", "ExpiredToken", "m"},
		{"expired request", &larder.Error{Kind: larder.Unauthenticated, Code: larder.CodeRequestExpired, Message: "m"}, 400, "Sender", "RequestExpired", "m"},
		{"expired identity token", &larder.Error{Kind: larder.Unauthenticated, Code: "ExpiredTokenException", Message: "m"}, 400, "Sender", "ExpiredTokenException", "m"},
		{"denied", larder.Errorf(larder.Denied, "m"), 403, "Sender", "AccessDenied", "m"},
		{"absent", larder.Errorf(larder.NotFound, "m"), 404, "Sender", "NoSuchEntity", "m"},
		{"exists", larder.Errorf(larder.Conflict, "m"), 409, "Sender", "EntityAlreadyExists", "m"},
		{"in use", &larder.Error{Kind: larder.Conflict, Code: "DeleteConflict", Message: "m"}, 409, "Sender", "DeleteConflict", "m"},
		{"quota", &larder.Error{Kind: larder.OverQuota, Code: "LimitExceeded", Message: "m"}, 409, "Sender", "LimitExceeded", "m"},
		{"bad policy", &larder.Error{Kind: larder.Invalid, Code: "MalformedPolicyDocument", Message: "m"}, 400, "Sender", "MalformedPolicyDocument", "m"},
		{"bad input", &larder.Error{Kind: larder.Invalid, Code: "InvalidInput", Message: "m"}, 400, "Sender", "InvalidInput", "m"},
		{"too large", larder.Errorf(larder.TooLarge, "m"), 413, "Sender", "RequestEntityTooLarge", "m"},
		{"throttled", &larder.Error{Kind: larder.Throttled, RetryAfter: time.Second}, 400, "Sender", "Throttling", "Rate exceeded"},
		{"unavailable", larder.Errorf(larder.Unavailable, "m"), 503, "Receiver", "ServiceUnavailable", "m"},
		{"disk full", &larder.Error{Kind: larder.Unavailable, Code: larder.CodeStorageFull, Message: "m"}, 500, "Receiver", "InternalFailure", "m"},
		{"bug", errors.New("secret"), 500, "Receiver", "InternalFailure", "An internal error occurred."},
		{"text", larder.Errorf(larder.Denied, "<a & 'b'>\x00"), 403, "Sender", "AccessDenied", "&lt;a &amp; 'b'&gt;\ufffd"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := answer(t, sts.GetCallerIdentity, "", nil, tt.err)
			if got.StatusCode != tt.status {
				t.Errorf("got status %d, want %d", got.StatusCode, tt.status)
			}
			want := `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <Error>
    <Type>` + tt.typ + `</Type>
    <Code>` + tt.code + `</Code>
    <Message>` + tt.text + `</Message>
  </Error>
  <RequestId>` + requestID + `</RequestId>
</ErrorResponse>
`
			if got := body(t, got); got != want {
				t.Errorf("got\n%s, want\n%s", got, want)
			}
			for name, want := range map[string]string{"Content-Type": "text/xml", "x-amzn-RequestId": requestID, "x-amz-sts-extended-request-id": requestID} {
				if got := got.Header.Get(name); got != want {
					t.Errorf("%s: got %q, want %q", name, got, want)
				}
			}
		})
	}
}

func TestUnknownOperationsHaveTheNamespaceOfFaults(t *testing.T) {
	m := &wire.Mux{Protocol: awsquery.Protocol{}}
	got := serve(m, httptest.NewRequest(http.MethodGet, "/?Action=Nonsense&Version=2011-06-15", nil))
	want := `<ErrorResponse xmlns="http://webservices.amazon.com/AWSFault/2005-15-09">
  <Error>
    <Type>Sender</Type>
    <Code>InvalidAction</Code>
    <Message>Could not find operation Nonsense for version 2011-06-15</Message>
  </Error>
  <RequestId>` + requestID + `</RequestId>
</ErrorResponse>
`
	if got := body(t, got); got != want {
		t.Errorf("got\n%s, want\n%s", got, want)
	}
	if got.StatusCode != http.StatusBadRequest {
		t.Errorf("got status %d, want %d", got.StatusCode, http.StatusBadRequest)
	}
}

func TestWhatIsNoRequestOfTheProtocol(t *testing.T) {
	m := &wire.Mux{Protocol: awsquery.Protocol{}}
	wire.Handle(m, sts.GetCallerIdentity, func(context.Context, *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
		return nil, nil
	})
	for _, request := range []string{"PUT /", "HEAD /", "OPTIONS /", "DELETE /", "GET /x", "POST //", "POST /v1/domains"} {
		method, path, _ := strings.Cut(request, " ")
		r := httptest.NewRequest(method, "http://test"+path+"?Action=GetCallerIdentity&Version=2011-06-15", nil)
		got := serve(m, r)
		if got.StatusCode != http.StatusNotFound || got.Header.Get("x-amzn-RequestId") != requestID {
			t.Errorf("%s: got %d", request, got.StatusCode)
		}
		if got, want := body(t, got), "<UnknownOperationException/>\n"; got != want {
			t.Errorf("%s: got %q, want %q", request, got, want)
		}
	}
}
