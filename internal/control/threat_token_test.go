package control_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/config"
	"larder.example/larder/internal/testenv"
)

// readers holds a package and who may read it.
func readers(t *testing.T, settings ...func(*config.Config)) (e *testenv.Env, alice *client.Client) {
	t.Helper()
	e = testenv.New(t, settings...)
	publish(t, e, e.Admin, testenv.Repository, release{name: "thing", version: "1.0.0"})
	return e, e.User("alice", document(allow("codeartifact:*", "*"), allow("sts:GetServiceBearerToken", "*")))
}

// reads returns the status of reading the package with a token.
func reads(e *testenv.Env, token string, header ...string) int {
	return e.Do(http.MethodGet, e.Endpoint("npm")+"thing", token, nil, header...).Status
}

func TestThreatKeyAndPurposeConfusion(t *testing.T) {
	e, alice := readers(t)
	elsewhere, _ := readers(t)
	token := e.Token(alice)
	if got := reads(e, token); got != http.StatusOK {
		t.Fatalf("the token itself: got %d", got)
	}
	testenv.OK(t, e.Admin, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{Domain: testenv.Domain, Repository: "second"})
	in := &codeartifact.ListRepositoriesInDomainInput{Domain: testenv.Domain, MaxResults: 1}
	marker := testenv.OK(t, e.Admin, codeartifact.ListRepositoriesInDomain, in).NextToken
	users := testenv.OK(t, e.Admin, iam.ListUsers, &iam.ListUsersInput{MaxItems: 1}).Marker

	for name, bearer := range map[string]string{
		"a page's token":              marker,
		"a page's token in our dress": "lrd_" + marker,
		"a marker of IAM's":           "lrd_" + users,
		"another instance's token":    elsewhere.Token(elsewhere.Admin),
		"an access key":               alice.KeyID,
		"a secret":                    alice.Secret,
		"a token without its prefix":  strings.TrimPrefix(token, "lrd_"),
		"a token in capitals":         strings.ToUpper(token),
		"a token twice":               token + token,
		"a token of JWT's":            "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
	} {
		if got := reads(e, bearer); got != http.StatusUnauthorized {
			t.Errorf("%s: got %d", name, got)
		}
	}
	for name, next := range map[string]string{"a bearer token": token, "its inside": strings.TrimPrefix(token, "lrd_"), "a marker of IAM's": users} {
		in := &codeartifact.ListRepositoriesInDomainInput{Domain: testenv.Domain, NextToken: next}
		_, err := client.Call(t.Context(), e.Admin, codeartifact.ListRepositoriesInDomain, in)
		invalidToken(t, name+" as a page's", err)
	}
	// A bearer token signs nothing.
	c := client.Client{URL: e.URL, Region: region, KeyID: alice.KeyID, Secret: alice.Secret, SessionToken: token, Attempts: 1, Now: e.Clock.Now}
	testenv.Refused(t, &c, codeartifact.DescribeDomain, &codeartifact.DescribeDomainInput{Domain: testenv.Domain}, "UnrecognizedClientException")
}

func TestThreatTokenOfAnotherDomain(t *testing.T) {
	e, alice := readers(t)
	testenv.OK(t, e.Admin, codeartifact.CreateDomain, &codeartifact.CreateDomainInput{Domain: "other"})
	out := testenv.OK(t, alice, codeartifact.GetAuthorizationToken, &codeartifact.GetAuthorizationTokenInput{Domain: "other"})
	if got := reads(e, out.AuthorizationToken); got != http.StatusUnauthorized {
		t.Errorf("got %d", got)
	}

	token := e.Token(alice)
	testenv.OK(t, e.Admin, codeartifact.DeleteRepository, &codeartifact.DeleteRepositoryInput{Domain: testenv.Domain, Repository: testenv.Repository})
	testenv.OK(t, e.Admin, codeartifact.DeleteDomain, &codeartifact.DeleteDomainInput{Domain: testenv.Domain})
	if got := reads(e, token); got != http.StatusUnauthorized {
		t.Errorf("deleted: got %d", got)
	}
	testenv.OK(t, e.Admin, codeartifact.CreateDomain, &codeartifact.CreateDomainInput{Domain: testenv.Domain})
	testenv.OK(t, e.Admin, codeartifact.CreateRepository, &codeartifact.CreateRepositoryInput{Domain: testenv.Domain, Repository: testenv.Repository})
	if got := reads(e, token); got != http.StatusUnauthorized {
		t.Errorf("made again: got %d", got)
	}
}

func TestThreatRecreatedUserInherits(t *testing.T) {
	e, alice := readers(t)
	token := e.Token(alice)
	if _, err := client.Call(t.Context(), e.Admin, codeartifact.PutDomainPermissionsPolicy, &codeartifact.PutDomainPermissionsPolicyInput{
		Domain: testenv.Domain, PolicyDocument: document(grant("arn:aws:iam::"+e.Account+":user/alice", "codeartifact:*")),
	}); err != nil {
		t.Fatal(err)
	}
	testenv.OK(t, e.Admin, iam.DeleteAccessKey, &iam.DeleteAccessKeyInput{UserName: "alice", AccessKeyId: alice.KeyID})
	if got := reads(e, token); got != http.StatusOK {
		t.Errorf("the key deleted, the token kept: got %d", got) // as on AWS
	}
	testenv.OK(t, e.Admin, iam.DeleteUserPolicy, &iam.DeleteUserPolicyInput{UserName: "alice", PolicyName: "policy0"})
	if got := reads(e, token); got != http.StatusOK {
		t.Errorf("by the domain's policy: got %d", got)
	}
	testenv.OK(t, e.Admin, iam.DeleteUser, &iam.DeleteUserInput{UserName: "alice"})
	if got := reads(e, token); got != http.StatusUnauthorized {
		t.Errorf("deleted: got %d", got)
	}
	again := e.User("alice", document(allow("sts:*", "*")))
	if got := reads(e, token); got != http.StatusUnauthorized {
		t.Errorf("the old token, the new user: got %d", got)
	}
	testenv.Refused(t, alice, codeartifact.DescribeDomain, &codeartifact.DescribeDomainInput{Domain: testenv.Domain}, "UnrecognizedClientException")
	testenv.Refused(t, again, codeartifact.DescribeDomain, &codeartifact.DescribeDomainInput{Domain: testenv.Domain}, "AccessDeniedException")
}

// From the request after a change was answered on, the change holds.
func TestThreatRevocationLag(t *testing.T) {
	e, alice := readers(t)
	token := e.Token(alice)
	for range 10 {
		e.PutUserPolicy("alice", "no", document(deny("codeartifact:ReadFromRepository", "*")))
		if got := reads(e, token); got != http.StatusForbidden {
			t.Fatalf("denied: got %d", got)
		}
		testenv.OK(t, e.Admin, iam.DeleteUserPolicy, &iam.DeleteUserPolicyInput{UserName: "alice", PolicyName: "no"})
		if got := reads(e, token); got != http.StatusOK {
			t.Fatalf("allowed again: got %d", got)
		}
	}
}

// A stolen token lives for twelve hours at most, is good only from where
// policies let its owner be, and dies with all that were made before a time.
func TestThreatStolenToken(t *testing.T) {
	e, alice := readers(t)
	token := e.Token(alice)
	e.PutUserPolicy("alice", "here", document(`{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}`))
	if got := reads(e, token); got != http.StatusForbidden {
		t.Errorf("from elsewhere: got %d", got)
	}
	e.PutUserPolicy("alice", "here", document(`{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"127.0.0.0/8"}}}`))
	if got := reads(e, token); got != http.StatusOK {
		t.Errorf("from here: got %d", got)
	}

	e.Clock.Advance(time.Hour)
	now := e.Clock.Now().UTC().Format(time.RFC3339)
	e.PutUserPolicy("alice", "older", document(`{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:TokenIssueTime":"`+now+`"}}}`))
	if got := reads(e, token); got != http.StatusForbidden {
		t.Errorf("made before: got %d", got)
	}
	e.Clock.Advance(time.Second)
	if got := reads(e, e.Token(alice)); got != http.StatusOK {
		t.Errorf("made after: got %d", got)
	}

	fresh := e.Token(e.Admin)
	e.Clock.Advance(12*time.Hour - time.Second)
	if got := reads(e, fresh); got != http.StatusOK {
		t.Errorf("just under twelve hours: got %d", got)
	}
	e.Clock.Advance(time.Second)
	if got := reads(e, fresh); got != http.StatusUnauthorized {
		t.Errorf("twelve hours later: got %d", got)
	}
}

// Nothing secret is written anywhere but where it belongs: after a day of
// use, successful and not, neither the log, nor the audit trail, nor the
// database holds a token, a secret or a signature.
func TestThreatTokensInLogsErrorsAndURLs(t *testing.T) {
	e, alice := readers(t)
	token := e.Token(alice)
	reads(e, token)
	reads(e, token[:len(token)-1])
	e.Do(http.MethodGet, e.Endpoint("npm")+"thing", "", nil, "Authorization", "Basic YXdzOg=="+token)
	e.Do(http.MethodGet, e.Endpoint("npm")+token, token, nil)
	e.Do(http.MethodGet, e.Endpoint("npm")+"thing?token="+token, "", nil)
	e.Do(http.MethodGet, "/"+token, "", nil)
	e.Do(http.MethodGet, "/v1/domain?domain="+token, "", nil)
	e.DoSigned(alice, "codeartifact", http.MethodGet, query("/v1/domain", "domain", token), "", "User-Agent", "curl "+token)
	e.DoSigned(alice, "codeartifact", http.MethodPost, "/v1/domains", `{"nextToken":"`+token+`"}`)
	e.DoSigned(alice, "codeartifact", http.MethodGet, "/v1/nothing/"+token, "")
	made := testenv.OK(t, e.Admin, iam.CreateAccessKey, &iam.CreateAccessKeyInput{UserName: "alice"}).AccessKey

	bad := client.Client{URL: e.URL, Region: region, KeyID: alice.KeyID, Secret: "wrong", SessionToken: token, Attempts: 1, Now: e.Clock.Now}
	testenv.Refused(t, &bad, codeartifact.DescribeDomain, &codeartifact.DescribeDomainInput{Domain: testenv.Domain}, "UnrecognizedClientException")

	// Records of reads are written in the order in which they came: behind
	// this one, all are there.
	testenv.OK(t, e.Admin, codeartifact.ListTagsForResource, &codeartifact.ListTagsForResourceInput{ResourceArn: domainARN(e, testenv.Domain)})
	auditRecords(t, e, "ListTagsForResource")
	places := map[string]string{"the log": e.Log.String()}
	err := filepath.WalkDir(e.Dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Base(path) == "env.sh" {
			return err
		}
		text, err := os.ReadFile(path)
		places[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for place, text := range places {
		for what, secret := range map[string]string{
			"a token": token[:30], "a secret": alice.Secret, "a new secret": made.SecretAccessKey, "the administrator's secret": e.Admin.Secret,
			"a signature": "Signature=",
		} {
			if i := strings.Index(text, secret); i >= 0 {
				t.Errorf("%s is in %s: %q", what, place, text[max(0, i-200):min(len(text), i+60)])
			}
		}
	}
}
