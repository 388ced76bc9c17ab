package control_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
)

// record is what these tests look at in an audit record.
type record struct {
	UserIdentity struct {
		Type, ARN, PrincipalID, AccountID, AccessKeyID, UserName string
	}
	EventSource, EventName, ErrorCode, ErrorMessage string
	SourceIPAddress                                 string
	RequestParameters                               map[string]any
	ResponseElements                                map[string]any
	AdditionalEventData                             struct {
		Refusal       map[string]any
		BearerTokenID string
		RequestURI    string
	}
	ReadOnly           bool
	RecipientAccountID string
}

// auditRecords returns the records of an operation. Those of changes are
// there when the change is answered; those of reads follow.
func auditRecords(t testing.TB, e *testenv.Env, name string) []record {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		text, err := os.ReadFile(filepath.Join(e.Dir, "audit", "audit.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		var found []record
		for line := range strings.Lines(string(text)) {
			if !strings.HasSuffix(line, "\n") {
				break // it is being written
			}
			var r record
			if err := json.Unmarshal([]byte(line), &r); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			if r.EventName == name {
				found = append(found, r)
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	t.Fatalf("no audit record of %s", name)
	return nil
}

// The record of a change says what it was about and what became of it, before
// it is answered.
func TestTheRecordOfAChangeIsWhole(t *testing.T) {
	e := testenv.New(t)
	const name = "CreateRepository"
	testenv.OK(t, e.Admin, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{Domain: testenv.Domain, Repository: "second"})
	testenv.Refused(t, e.Admin, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{Domain: testenv.Domain, Repository: "second"}, "ConflictException")
	testenv.Refused(t, e.User("nobody"), codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{Domain: testenv.Domain, Repository: "third"}, "AccessDeniedException")
	testenv.Refused(t, e.Admin, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{Domain: testenv.Domain, Repository: "a/b"}, "ValidationException")

	got := auditRecords(t, e, name)
	if len(got) != 4 {
		t.Fatalf("got %d records, want 4", len(got))
	}
	for i, want := range []struct{ repository, code string }{
		{"second", ""}, {"second", "ConflictException"}, {"third", "AccessDenied"}, {"a/b", "ValidationException"},
	} {
		r := got[i]
		parameters := map[string]any{"domainName": testenv.Domain, "domainOwner": e.Account, "repositoryName": want.repository}
		if !reflect.DeepEqual(r.RequestParameters, parameters) || r.ErrorCode != want.code || (r.ErrorMessage == "") != (want.code == "") {
			t.Errorf("%d: got %+v, want %v and the code %q", i, r, parameters, want.code)
		}
		if r.UserIdentity.Type != "IAMUser" || r.UserIdentity.AccountID != e.Account || r.RecipientAccountID != e.Account ||
			r.EventSource != "codeartifact.amazonaws.com" || r.ReadOnly || r.SourceIPAddress != "127.0.0.1" {
			t.Errorf("%d: got %+v", i, r)
		}
	}
	if u := got[0].UserIdentity; u.UserName != "quickstart" || u.AccessKeyID != e.Admin.KeyID || !strings.HasPrefix(u.PrincipalID, "AIDA") {
		t.Errorf("got %+v", u)
	}
}

func TestTheRecordOfATokenDoesNotHoldIt(t *testing.T) {
	e := testenv.New(t)
	e.Token(e.Admin)
	r := auditRecords(t, e, "GetAuthorizationToken")[0]
	if want := map[string]any{"sessionToken": "HIDDEN_DUE_TO_SECURITY_REASONS"}; !reflect.DeepEqual(r.ResponseElements, want) || r.ReadOnly {
		t.Errorf("got %+v", r)
	}
	if want := map[string]any{"domainName": testenv.Domain, "domainOwner": e.Account}; !reflect.DeepEqual(r.RequestParameters, want) {
		t.Errorf("got %v, want %v", r.RequestParameters, want)
	}
}

func TestTheRecordOfAnIAMChangeSaysWhatWasAskedFor(t *testing.T) {
	e := testenv.New(t)
	testenv.OK(t, e.Admin, iam.CreateUser, &iam.CreateUserInput{UserName: "alice", Path: "/dev/", Tags: []iam.Tag{{Key: "team", Value: "red"}}})
	e.PutUserPolicy("alice", "p", everything)
	r := auditRecords(t, e, "CreateUser")[0]
	want := map[string]any{"userName": "alice", "path": "/dev/", "tags": []any{map[string]any{"key": "team", "value": "red"}}}
	if !reflect.DeepEqual(r.RequestParameters, want) || r.EventSource != "iam.amazonaws.com" || r.ReadOnly {
		t.Errorf("got %+v, want %v", r, want)
	}
	r = auditRecords(t, e, "PutUserPolicy")[0]
	want = map[string]any{"userName": "alice", "policyName": "p", "policyDocument": everything}
	if !reflect.DeepEqual(r.RequestParameters, want) {
		t.Errorf("got %v, want %v", r.RequestParameters, want)
	}
}

// What went wrong is called what CloudTrail calls it: the model's exception,
// whatever the answer names, but for AccessDenied.
func TestTheRecordOfAFailureNamesTheException(t *testing.T) {
	e := testenv.New(t)
	e.User("alice", everything)
	role := e.Role("deploy", testenv.Trust(e.Account))
	token, nobody := e.Token(e.Admin), e.User("nobody")
	readable := e.Token(e.User("reader", document(allow("codeartifact:GetAuthorizationToken", "*"), allow("sts:GetServiceBearerToken", "*"))))
	post := func(c *client.Client, service, version, action string, parameters ...string) {
		form := url.Values{"Action": {action}, "Version": {version}}
		for i := 0; i < len(parameters); i += 2 {
			form.Set(parameters[i], parameters[i+1])
		}
		e.DoSigned(c, service, "POST", "/", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
	}
	ask := func(action string, parameters ...string) { post(e.Admin, "iam", "2010-05-08", action, parameters...) }
	askSTS := func(action string, parameters ...string) { post(e.Admin, "sts", "2011-06-15", action, parameters...) }
	for range 2 {
		ask("CreateAccessKey", "UserName", "alice") // she has one already
	}
	ask("CreateGroup", "GroupName", "dev")
	ask("CreateGroup", "GroupName", "dev")
	ask("GetUser", "UserName", "bob")
	ask("DeleteUser", "UserName", "alice")
	ask("PutUserPolicy", "UserName", "alice", "PolicyName", "p", "PolicyDocument", "{}")
	ask("CreateOpenIDConnectProvider", "Url", "http://plain.example")
	ask("UpdateRole", "RoleName", "deploy", "MaxSessionDuration", "1")
	post(nobody, "iam", "2010-05-08", "ListUsers")
	askSTS("AssumeRole", "RoleArn", role, "RoleSessionName", "s1", "Policy", "{}")
	askSTS("AssumeRoleWithWebIdentity", "RoleArn", role, "RoleSessionName", "s1", "WebIdentityToken", "none")
	askSTS("GetSessionToken", "DurationSeconds", "1")
	post(e.With(e.Admin.KeyID, strings.Repeat("x", 40)), "sts", "2011-06-15", "GetCallerIdentity")
	post(e.With("AKIA"+strings.Repeat("A", 16), strings.Repeat("x", 40)), "sts", "2011-06-15", "GetAccessKeyInfo", "AccessKeyId", "AKIA"+strings.Repeat("A", 16))
	for _, request := range []struct{ name, token string }{{"absent", token}, {"forbidden", readable}, {"anonymous", ""}, {"forged", "forged"}} {
		e.Do("GET", e.Endpoint("npm")+request.name, request.token, nil)
	}
	e.Do("PUT", e.Endpoint("npm")+"broken", token, strings.NewReader("{"))

	for _, want := range []struct{ name, path, code string }{
		{"CreateAccessKey", "", "LimitExceededException"},
		{"CreateGroup", "", "EntityAlreadyExistsException"},
		{"GetUser", "", "NoSuchEntityException"},
		{"DeleteUser", "", "DeleteConflictException"},
		{"PutUserPolicy", "", "MalformedPolicyDocumentException"},
		{"CreateOpenIDConnectProvider", "", "InvalidInputException"},
		{"UpdateRole", "", "ValidationError"},
		{"ListUsers", "", "AccessDenied"},
		{"AssumeRole", "", "MalformedPolicyDocumentException"},
		{"AssumeRoleWithWebIdentity", "", "InvalidIdentityTokenException"},
		{"GetSessionToken", "", "ValidationError"},
		{"GetCallerIdentity", "", "SignatureDoesNotMatch"},
		{"GetAccessKeyInfo", "", "InvalidClientTokenId"},
		{"ReadFromRepository", "absent", "ResourceNotFoundException"},
		{"ReadFromRepository", "forbidden", "AccessDenied"},
		{"ReadFromRepository", "anonymous", "MissingAuthenticationTokenException"},
		{"ReadFromRepository", "forged", "UnrecognizedClientException"},
		{"PublishPackageVersion", "broken", "ValidationException"},
	} {
		var got []string
		for deadline := time.Now().Add(10 * time.Second); !slices.Contains(got, want.code) && time.Now().Before(deadline); {
			got = nil
			for _, r := range auditRecords(t, e, want.name) {
				if strings.HasSuffix(r.AdditionalEventData.RequestURI, want.path) && r.ErrorCode != "" {
					got = append(got, r.ErrorCode)
				}
			}
		}
		if !slices.Equal(got, []string{want.code}) {
			t.Errorf("%s %s: got %v, want %s", want.name, want.path, got, want.code)
		}
	}
}

func TestReadsAreRecordedToo(t *testing.T) {
	e := testenv.New(t)
	testenv.OK(t, e.Admin, codeartifact.DescribeDomain, &codeartifact.DescribeDomainInput{Domain: testenv.Domain})
	r := auditRecords(t, e, "DescribeDomain")[0]
	if !r.ReadOnly || r.RequestParameters["domainName"] != testenv.Domain {
		t.Errorf("got %+v", r)
	}
}

// The record of a refusal names the statement that refused, or that none did.
func TestTheRecordOfARefusalSaysWhatRefused(t *testing.T) {
	e := testenv.New(t)
	c := e.User("alice", document(allow("*", "*"), deny("codeartifact:DescribeDomain", "*")),
		`{"Version":"2012-10-17","Statement":{"Sid":"NoReading","Effect":"Deny","Action":"codeartifact:Read*","Resource":"*"}}`)
	testenv.Refused(t, c, codeartifact.DescribeDomain, &codeartifact.DescribeDomainInput{Domain: testenv.Domain}, "AccessDeniedException")
	testenv.Refused(t, e.User("nobody"), iam.CreateUser, &iam.CreateUserInput{UserName: "more"}, "AccessDenied")
	if a := e.Do(http.MethodGet, e.Endpoint("npm")+"thing", e.Token(c), nil); a.Status != http.StatusForbidden {
		t.Fatalf("got %d %s", a.Status, a.Body)
	}
	alice := "arn:aws:iam::" + e.Account + ":user/alice"
	const identityBased = "identity-based policy"
	for name, want := range map[string]map[string]any{
		"DescribeDomain": {
			"action": "codeartifact:DescribeDomain", "resource": domainARN(e, testenv.Domain), "decision": "explicitDeny",
			"policyType": identityBased, "policy": "policy0", "attachedTo": alice, "statement": 2.0,
		},
		"ReadFromRepository": {
			"action": "codeartifact:ReadFromRepository", "resource": repositoryARN(e, testenv.Repository), "decision": "explicitDeny",
			"policyType": identityBased, "policy": "policy1", "attachedTo": alice, "statement": 1.0, "sid": "NoReading",
		},
	} {
		if got := auditRecords(t, e, name)[0]; !reflect.DeepEqual(got.AdditionalEventData.Refusal, want) || got.ErrorCode != "AccessDenied" {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
	records := auditRecords(t, e, "CreateUser")
	want := map[string]any{
		"action": "iam:CreateUser", "resource": "arn:aws:iam::" + e.Account + ":user/more",
		"decision": "implicitDeny", "policyType": identityBased,
	}
	if got := records[len(records)-1]; !reflect.DeepEqual(got.AdditionalEventData.Refusal, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
