package control_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/config"
	"larder.example/larder/internal/testenv"
)

// Whoever has no rights in IAM cannot make any for themselves: neither by
// policies, nor keys, nor users, nor the policies of what they administer.
func TestThreatPrivilegeEscalationThroughIAM(t *testing.T) {
	e := testenv.New(t)
	mallory := e.User("mallory", document(
		allow("codeartifact:*", repositoryARN(e, testenv.Repository)), allow("sts:*", "*"), allow("iam:Get*", "*"), allow("iam:List*", "*"),
	))
	const administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
	everyone := document(grant("*", "*"))
	for what, err := range map[string]error{
		"a policy":            errorOnly(client.Call(t.Context(), mallory, iam.PutUserPolicy, &iam.PutUserPolicyInput{UserName: "mallory", PolicyName: "p", PolicyDocument: everything})),
		"a managed policy":    errorOnly(client.Call(t.Context(), mallory, iam.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: "mallory", PolicyArn: administrator})),
		"another's key":       errorOnly(client.Call(t.Context(), mallory, iam.CreateAccessKey, &iam.CreateAccessKeyInput{UserName: "quickstart"})),
		"a key of her own":    errorOnly(client.Call(t.Context(), mallory, iam.CreateAccessKey, &iam.CreateAccessKeyInput{})),
		"another user":        errorOnly(client.Call(t.Context(), mallory, iam.CreateUser, &iam.CreateUserInput{UserName: "helper"})),
		"less for another":    errorOnly(client.Call(t.Context(), mallory, iam.DetachUserPolicy, &iam.DetachUserPolicyInput{UserName: "quickstart", PolicyArn: administrator})),
		"another's key off":   errorOnly(client.Call(t.Context(), mallory, iam.UpdateAccessKey, &iam.UpdateAccessKeyInput{UserName: "quickstart", AccessKeyId: e.Admin.KeyID, Status: "Inactive"})),
		"the domain's policy": errorOnly(client.Call(t.Context(), mallory, codeartifact.PutDomainPermissionsPolicy, &codeartifact.PutDomainPermissionsPolicyInput{Domain: testenv.Domain, PolicyDocument: everyone})),
		"a tag on the domain": errorOnly(client.Call(t.Context(), mallory, codeartifact.TagResource, &codeartifact.TagResourceInput{ResourceArn: domainARN(e, testenv.Domain), Tags: []codeartifact.Tag{{Key: "k"}}})),
		"the domain, disguised": errorOnly(client.Call(t.Context(), mallory, codeartifact.TagResource, &codeartifact.TagResourceInput{
			ResourceArn: strings.Replace(domainARN(e, testenv.Domain), ":domain/", ":repository/", 1), Tags: []codeartifact.Tag{{Key: "k"}},
		})),
	} {
		if r := testenv.RefusalOf(err); r.Status != http.StatusForbidden && r.Code != "ResourceNotFoundException" {
			t.Errorf("%s: got %v", what, err)
		}
	}
	// What she administers she may open, and that opens no more than itself.
	testenv.OK(t, mallory, codeartifact.PutRepositoryPermissionsPolicy, &codeartifact.PutRepositoryPermissionsPolicyInput{
		Domain: testenv.Domain, Repository: testenv.Repository, PolicyDocument: everyone,
	})
	testenv.Refused(t, mallory, codeartifact.DeleteDomain, &codeartifact.DeleteDomainInput{Domain: testenv.Domain}, "AccessDeniedException")
	testenv.Refused(t, mallory, iam.CreateUser, &iam.CreateUserInput{UserName: "helper"}, "AccessDenied")
}

func errorOnly[T any](_ *T, err error) error { return err }

// An account's own policies say nothing about another account's resources,
// and what another account's resource says is not enough by itself.
func TestThreatConfusedDeputyAcrossAccounts(t *testing.T) {
	e := testenv.New(t)
	account := e.NewAccount()
	root := e.Root(account)
	testenv.OK(t, root, iam.CreateUser, &iam.CreateUserInput{UserName: "deputy"})
	key := testenv.OK(t, root, iam.CreateAccessKey, &iam.CreateAccessKeyInput{UserName: "deputy"}).AccessKey
	deputy := &client.Client{URL: e.URL, Region: region, KeyID: key.AccessKeyId, Secret: key.SecretAccessKey, Attempts: 1, Now: e.Clock.Now}
	ask := func() string {
		_, err := client.Call(t.Context(), deputy, codeartifact.DescribeRepository, &codeartifact.DescribeRepositoryInput{
			Domain: testenv.Domain, DomainOwner: e.Account, Repository: testenv.Repository,
		})
		return testenv.RefusalOf(err).Code
	}
	own := func(statement string) {
		testenv.OK(t, root, iam.PutUserPolicy, &iam.PutUserPolicyInput{UserName: "deputy", PolicyName: "p", PolicyDocument: document(statement)})
	}
	theirs := func(statement string) {
		testenv.OK(t, e.Admin, codeartifact.PutRepositoryPermissionsPolicy, &codeartifact.PutRepositoryPermissionsPolicyInput{
			Domain: testenv.Domain, Repository: testenv.Repository, PolicyDocument: document(statement),
		})
	}
	const action = "codeartifact:DescribeRepository"
	for _, tt := range []struct {
		name        string
		own, theirs string
		want        string
	}{
		{"neither", deny("s3:*", "*"), grant("999999999999", action), "AccessDeniedException"},
		{"own alone", allow(action, "*"), grant("999999999999", action), "AccessDeniedException"},
		{"theirs alone", deny("s3:*", "*"), grant(account, action), "AccessDeniedException"},
		{"both", allow(action, "*"), grant(account, action), ""},
		{"both, but denied by the own", deny(action, "*"), grant(account, action), "AccessDeniedException"},
	} {
		own(tt.own)
		theirs(tt.theirs)
		if got := ask(); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// What a client says of where it comes from counts for nothing, unless a
// proxy that is trusted says it.
func TestThreatXForwardedForSpoofDefeatsSourceIp(t *testing.T) {
	const only = `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":"192.0.2.7"}}}`
	const secure = `{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`
	type request struct {
		name, statement string
		header          []string
		want            int
	}
	for proxies, requests := range map[string][]request{
		"": {
			{"spoofed", only, []string{"X-Forwarded-For", "192.0.2.7"}, http.StatusForbidden},
			{"in other headers", only, []string{"X-Real-IP", "192.0.2.7", "Forwarded", "for=192.0.2.7", "True-Client-IP", "192.0.2.7"}, http.StatusForbidden},
			{"TLS", secure, []string{"X-Forwarded-Proto", "https"}, http.StatusForbidden},
		},
		"198.51.100.0/24": {
			{"not by that proxy", only, []string{"X-Forwarded-For", "192.0.2.7"}, http.StatusForbidden},
		},
		"127.0.0.0/8 203.0.113.9/32": {
			{"by a proxy", only, []string{"X-Forwarded-For", "192.0.2.7"}, http.StatusOK},
			{"by two proxies", only, []string{"X-Forwarded-For", "192.0.2.7, 203.0.113.9"}, http.StatusOK},
			{"spoofed behind a proxy", only, []string{"X-Forwarded-For", "192.0.2.7, 203.0.113.8"}, http.StatusForbidden},
			{"nonsense", only, []string{"X-Forwarded-For", "192.0.2.7, nonsense"}, http.StatusForbidden},
			{"TLS", secure, []string{"X-Forwarded-Proto", "https"}, http.StatusOK},
			{"no TLS", secure, []string{"X-Forwarded-Proto", "http"}, http.StatusForbidden},
		},
	} {
		t.Run("trusting "+proxies, func(t *testing.T) {
			e, alice := readers(t, func(c *config.Config) {
				for network := range strings.FieldsSeq(proxies) {
					c.TrustedProxies = append(c.TrustedProxies, netip.MustParsePrefix(network))
				}
			})
			token := e.Token(alice)
			for _, tt := range requests {
				e.PutUserPolicy("alice", "from", document(tt.statement))
				if got := reads(e, token, tt.header...); got != tt.want {
					t.Errorf("%s: a package: got %d, want %d", tt.name, got, tt.want)
				}
				a := e.DoSigned(alice, "codeartifact", http.MethodGet, query("/v1/domain", "domain", testenv.Domain), "", tt.header...)
				if a.Status != tt.want {
					t.Errorf("%s: an operation: got %d %s, want %d", tt.name, a.Status, a.Body, tt.want)
				}
			}
		})
	}
}

// A document that says two things about one is no document.
func TestThreatDuplicateKeysInPolicies(t *testing.T) {
	e := testenv.New(t)
	e.User("alice")
	for _, statement := range []string{
		`{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}`,
		`{"Effect":"Deny","effect":"Allow","Action":"*","Resource":"*"}`,
		`{"Effect":"Deny","\u0045ffect":"Allow","Action":"*","Resource":"*"}`,
		`{"Effect":"Allow","Action":"s3:*","Action":"*","Resource":"*"}`,
		`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:username":"a","aws:username":"b"}}}`,
		`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{"aws:username":"a","AWS:UserName":"b"}}}`,
	} {
		_, err := client.Call(t.Context(), e.Admin, iam.PutUserPolicy, &iam.PutUserPolicyInput{UserName: "alice", PolicyName: "p", PolicyDocument: document(statement)})
		if got := testenv.RefusalOf(err); got.Code != "MalformedPolicyDocument" || got.Status != http.StatusBadRequest {
			t.Errorf("%s: got %v", statement, err)
		}
	}
	twice := `{"Version":"2012-10-17","Statement":` + deny("*", "*") + `,"Statement":` + allow("*", "*") + `}`
	testenv.Refused(t, e.Admin, iam.PutUserPolicy, &iam.PutUserPolicyInput{UserName: "alice", PolicyName: "p", PolicyDocument: twice}, "MalformedPolicyDocument")
	deep := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	testenv.Refused(t, e.Admin, iam.PutUserPolicy, &iam.PutUserPolicyInput{UserName: "alice", PolicyName: "p", PolicyDocument: deep}, "MalformedPolicyDocument")
	a := e.DoSigned(e.Admin, "codeartifact", http.MethodPut, "/v1/domain/permissions/policy", deep)
	wantError(t, "a deep request", a, http.StatusBadRequest, "ValidationException")
}

// What a user may choose - a name, a tag, the name of a repository - is text
// where a policy has a variable, whatever is in it.
func TestThreatWildcardAndVariableInjection(t *testing.T) {
	e := testenv.New(t)
	own := `{"Effect":"Allow","Action":"codeartifact:*","Resource":"arn:aws:codeartifact:*:*:repository/team/${aws:PrincipalTag/team}-*"}`
	for i, value := range []string{"*", "?", "${*}", "${aws:username}", "a/../app", "app", "", "${$}{*}"} {
		name := "user" + string(rune('a'+i))
		tags := []iam.Tag{{Key: "team", Value: value}}
		_, err := client.Call(t.Context(), e.Admin, iam.CreateUser, &iam.CreateUserInput{UserName: name, Tags: tags})
		if testenv.RefusalOf(err).Code == "ValidationError" {
			continue // not even a tag
		}
		if err != nil {
			t.Fatal(err)
		}
		e.PutUserPolicy(name, "p", document(own))
		key := testenv.OK(t, e.Admin, iam.CreateAccessKey, &iam.CreateAccessKeyInput{UserName: name}).AccessKey
		c := &client.Client{URL: e.URL, Region: region, KeyID: key.AccessKeyId, Secret: key.SecretAccessKey, Attempts: 1, Now: e.Clock.Now}
		for _, repository := range []string{testenv.Repository, "other-one"} {
			testenv.Refused(t, c, codeartifact.DescribeRepository, &codeartifact.DescribeRepositoryInput{
				Domain: testenv.Domain, Repository: repository,
			}, "AccessDeniedException")
		}
	}
}
