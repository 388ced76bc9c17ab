package control_test

import (
	"net/http"
	"testing"
	"time"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/api/sts"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/config"
	"larder.example/larder/internal/testenv"
)

// deployers is a registry with a package and a role that may do everything
// with packages.
func deployers(t *testing.T) (e *testenv.Env, role string) {
	t.Helper()
	e, _ = readers(t)
	return e, e.Role("deploy", testenv.Trust(e.Account), document(allow("codeartifact:*", "*"), allow("sts:GetServiceBearerToken", "*")))
}

// A token lives as long as it was asked to, however short the session; only 0
// is the session's rest.
func TestATokenOutlivesItsSession(t *testing.T) {
	e, role := deployers(t)
	c := e.Assume(e.Admin, role, "ci", func(in *sts.AssumeRoleInput) { in.DurationSeconds = 900 })
	begin := e.Clock.Now().Truncate(time.Second)
	e.Clock.Advance(time.Minute)
	for _, tt := range []struct {
		name    string
		seconds *int64
		end     time.Time
	}{
		{"the default", nil, begin.Add(12*time.Hour + time.Minute)},
		{"an hour", new(int64(3600)), begin.Add(time.Hour + time.Minute)},
		{"the rest, less than the least", new(int64(0)), begin.Add(15 * time.Minute)},
	} {
		out, err := getToken(t, c, tt.seconds)
		if err != nil || !out.Expiration.Equal(tt.end) {
			t.Errorf("%s: got %v, %v, want %v", tt.name, out, err, tt.end)
		}
	}
	long := e.Token(c)
	rest, err := getToken(t, c, new(int64(0)))
	if err != nil {
		t.Fatal(err)
	}
	e.Clock.Advance(14 * time.Minute)
	testenv.Refused(t, c, codeartifact.DescribeDomain, &codeartifact.DescribeDomainInput{Domain: testenv.Domain}, "ExpiredTokenException")
	if got := reads(e, rest.AuthorizationToken); got != http.StatusUnauthorized {
		t.Errorf("the rest, after the session: got %d", got)
	}
	e.Clock.Advance(11 * time.Hour)
	if got := reads(e, long); got != http.StatusOK {
		t.Errorf("twelve hours, after the session: got %d", got)
	}
	e.Clock.Advance(46 * time.Minute)
	if got := reads(e, long); got != http.StatusUnauthorized {
		t.Errorf("after twelve hours: got %d", got)
	}

	// Of a session that lives for longer than any token.
	own := e.Session(testenv.OK(t, e.Admin, sts.GetSessionToken, &sts.GetSessionTokenInput{DurationSeconds: 129600}).Credentials)
	if out, err := getToken(t, own, new(int64(0))); err != nil || !out.Expiration.Equal(e.Clock.Now().Truncate(time.Second).Add(12*time.Hour)) {
		t.Errorf("the rest of 36 hours: got %v, %v", out, err)
	}
}

// The threat table: a session policy that the token drops. What the session
// was narrowed to holds for its tokens, also when the session is long over and
// the jobs have tidied up.
func TestThreatSessionPolicyDroppedByToken(t *testing.T) {
	e, role := deployers(t)
	narrow := document(allow("codeartifact:GetAuthorizationToken", "*"), allow("codeartifact:ReadFromRepository", "*"), allow("sts:GetServiceBearerToken", "*"))
	c := e.Assume(e.Admin, role, "narrow", func(in *sts.AssumeRoleInput) { in.Policy, in.DurationSeconds = narrow, 900 })
	blind := document(allow("codeartifact:GetAuthorizationToken", "*"), allow("sts:GetServiceBearerToken", "*"))
	token, unread := e.Token(c), e.Token(e.Assume(e.Admin, role, "blind", func(in *sts.AssumeRoleInput) { in.Policy = blind }))
	check := func(when string) {
		t.Helper()
		if got := reads(e, token); got != http.StatusOK {
			t.Errorf("%s: reading: got %d", when, got)
		}
		if got := reads(e, unread); got != http.StatusForbidden {
			t.Errorf("%s: reading against the session policy: got %d", when, got)
		}
		r := publishAs(t, e, token)
		if r.Status != http.StatusForbidden {
			t.Errorf("%s: publishing: got %d %s", when, r.Status, r.Body)
		}
	}
	check("at once")
	e.Clock.Advance(11 * time.Hour)
	e.Expire()
	check("hours after the session")
}

// publishAs tries to publish a package with a token.
func publishAs(t *testing.T, e *testenv.Env, token string) testenv.Answer {
	t.Helper()
	return e.Do(http.MethodPut, e.Endpoint("npm")+"other", token, nil, "Content-Type", "application/json")
}

// The threat table: a re-created role inherits.
func TestThreatRecreatedRoleInherits(t *testing.T) {
	e, role := deployers(t)
	testenv.OK(t, e.Admin, codeartifact.PutDomainPermissionsPolicy, &codeartifact.PutDomainPermissionsPolicyInput{
		Domain: testenv.Domain, PolicyDocument: document(grant(role, "codeartifact:DescribeDomain")),
	})
	c := e.Assume(e.Admin, role, "ci")
	token := e.Token(c)
	if got := reads(e, token); got != http.StatusOK {
		t.Fatalf("got %d", got)
	}
	e.Role("next", testenv.Trust(role))
	testenv.OK(t, e.Admin, iam.DeleteRolePolicy, &iam.DeleteRolePolicyInput{RoleName: "deploy", PolicyName: "policy0"})
	testenv.OK(t, e.Admin, iam.DeleteRole, &iam.DeleteRoleInput{RoleName: "deploy"})
	if got := reads(e, token); got != http.StatusUnauthorized {
		t.Errorf("deleted: got %d", got)
	}
	again := e.Role("deploy", testenv.Trust(e.Account), document(allow("sts:*", "*")))
	if again != role {
		t.Fatalf("got %s, want %s", again, role)
	}
	if got := reads(e, token); got != http.StatusUnauthorized {
		t.Errorf("the old token, the new role: got %d", got)
	}
	describe := &codeartifact.DescribeDomainInput{Domain: testenv.Domain}
	testenv.Refused(t, c, codeartifact.DescribeDomain, describe, "UnrecognizedClientException")
	fresh := e.Assume(e.Admin, again, "ci")
	testenv.Refused(t, fresh, codeartifact.DescribeDomain, describe, "AccessDeniedException") // the domain's policy names the old one
	testenv.Refused(t, fresh, sts.AssumeRole, &sts.AssumeRoleInput{RoleArn: "arn:aws:iam::" + e.Account + ":role/next", RoleSessionName: "ci"}, "AccessDenied")
}

// The threat table: a stolen token, of a session. What IAM's console puts on a
// role to revoke active sessions kills their tokens with the next request, and
// leaves alone what begins later.
func TestThreatStolenSession(t *testing.T) {
	e, role := deployers(t)
	c := e.Assume(e.Admin, role, "ci")
	e.Clock.Advance(time.Minute)
	token := e.Token(c) // made after the time below, by a session of before
	older := document(`{"Effect":"Deny","Action":["*"],"Resource":["*"],"Condition":{"DateLessThan":{"aws:TokenIssueTime":"` +
		e.Clock.Now().Add(-time.Second).UTC().Format(time.RFC3339) + `"}}}`)
	testenv.OK(t, e.Admin, iam.PutRolePolicy, &iam.PutRolePolicyInput{RoleName: "deploy", PolicyName: "AWSRevokeOlderSessions", PolicyDocument: older})
	if got := reads(e, token); got != http.StatusForbidden {
		t.Errorf("the token: got %d", got)
	}
	testenv.Refused(t, c, codeartifact.DescribeDomain, &codeartifact.DescribeDomainInput{Domain: testenv.Domain}, "AccessDeniedException")
	if got := reads(e, e.Token(e.Assume(e.Admin, role, "ci"))); got != http.StatusOK {
		t.Errorf("a session of after: got %d", got)
	}
}

// The threat table: confusion of keys and purposes, of session tokens.
func TestThreatSessionTokenConfusion(t *testing.T) {
	e, role := deployers(t)
	other, otherRole := deployers(t)
	c, stranger := e.Assume(e.Admin, role, "ci"), other.Assume(other.Admin, otherRole, "ci")
	for name, bearer := range map[string]string{
		"a session token": c.SessionToken, "in an authorization token's dress": "lrd_" + c.SessionToken[len("lrs_"):],
	} {
		if got := reads(e, bearer); got != http.StatusUnauthorized {
			t.Errorf("%s: got %d", name, got)
		}
	}
	for name, k := range map[string]*sts.Credentials{
		"another instance's session":           {AccessKeyId: stranger.KeyID, SecretAccessKey: stranger.Secret, SessionToken: stranger.SessionToken},
		"an authorization token":               {AccessKeyId: c.KeyID, SecretAccessKey: c.Secret, SessionToken: e.Token(c)},
		"in a session token's dress":           {AccessKeyId: c.KeyID, SecretAccessKey: c.Secret, SessionToken: "lrs_" + e.Token(c)[len("lrd_"):]},
		"a temporary key without its session":  {AccessKeyId: c.KeyID, SecretAccessKey: c.Secret},
		"a permanent key's name and a session": {AccessKeyId: "AKIA" + c.KeyID[4:], SecretAccessKey: c.Secret, SessionToken: c.SessionToken},
	} {
		_, err := client.Call(t.Context(), e.Session(k), codeartifact.DescribeDomain, &codeartifact.DescribeDomainInput{Domain: testenv.Domain})
		if got := testenv.RefusalOf(err).Code; got != "UnrecognizedClientException" {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

// The threat table: enumeration of access keys. Whoever guesses is told to
// wait, without being told what was wrong; and nobody else waits, not even
// who signs with the same key from the same address.
func TestThreatAccessKeyEnumeration(t *testing.T) {
	e := testenv.New(t, func(c *config.Config) { c.RateFailures = config.Rate{PerSecond: 1, Burst: 3} })
	guess := e.With("AKIAIOSFODNN7EXAMPLE", "guess")
	wrong := e.With(e.Admin.KeyID, "guess")
	describe := func(c *client.Client) string {
		_, err := client.Call(t.Context(), c, codeartifact.DescribeDomain, &codeartifact.DescribeDomainInput{Domain: testenv.Domain})
		return testenv.RefusalOf(err).Code
	}
	for _, step := range []struct {
		c    *client.Client
		want string
	}{
		{guess, "UnrecognizedClientException"},
		{wrong, "InvalidSignatureException"},
		{guess, "UnrecognizedClientException"},
		{guess, "ThrottlingException"},
		{wrong, "ThrottlingException"},
		{e.Admin, ""},
	} {
		if got := describe(step.c); got != step.want {
			t.Errorf("got %q, want %q", got, step.want)
		}
	}
	good := e.Token(e.Admin)
	for range 3 { // package managers that send nothing until they are asked have not failed
		if got := reads(e, ""); got != http.StatusUnauthorized {
			t.Errorf("without a token: got %d", got)
		}
	}
	a := e.Do(http.MethodGet, e.Endpoint("npm")+"thing", "lrd_none", nil)
	if a.Status != http.StatusTooManyRequests || a.Header.Get("Retry-After") != "1" {
		t.Errorf("a token that is none: got %d, %v", a.Status, a.Header)
	}
	if got := reads(e, good); got != http.StatusNotFound {
		t.Errorf("a good token: got %d", got)
	}
	e.Clock.Advance(time.Second)
	if got := describe(guess); got != "UnrecognizedClientException" {
		t.Errorf("a second later: got %q", got)
	}
}

func TestRatesHoldForKeysTokensAndAccounts(t *testing.T) {
	e := testenv.New(t, func(c *config.Config) {
		c.RateCalls, c.RatePackages, c.RateIAMWrites = config.Rate{PerSecond: 1, Burst: 20}, config.Rate{PerSecond: 1, Burst: 2}, config.Rate{PerSecond: 1, Burst: 6}
	})
	alice, bob := e.User("alice"), e.User("bob") // two of the three changes that make each
	testenv.Refused(t, e.Admin, iam.DeleteUserPolicy, &iam.DeleteUserPolicyInput{UserName: "alice", PolicyName: "none"}, "NoSuchEntity")
	testenv.OK(t, e.Admin, iam.ListUsers, &iam.ListUsersInput{})
	testenv.Refused(t, e.Admin, iam.DeleteUserPolicy, &iam.DeleteUserPolicyInput{UserName: "alice", PolicyName: "none"}, "NoSuchEntity")
	if r := testenv.Refused(t, e.Admin, iam.DeleteUserPolicy, &iam.DeleteUserPolicyInput{UserName: "alice", PolicyName: "none"}, "Throttling"); r.Status != 400 || r.Message != "Rate exceeded" {
		t.Errorf("got %+v", r)
	}
	token, other := e.Token(e.Admin), e.Token(e.Admin)
	for _, want := range []int{http.StatusNotFound, http.StatusNotFound, http.StatusTooManyRequests} {
		if got := reads(e, token); got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	}
	if got := reads(e, other); got != http.StatusNotFound {
		t.Errorf("another token: got %d", got)
	}
	for range 20 {
		testenv.OK(t, alice, sts.GetCallerIdentity, &sts.GetCallerIdentityInput{})
	}
	testenv.Refused(t, alice, sts.GetCallerIdentity, &sts.GetCallerIdentityInput{}, "Throttling")
	testenv.Refused(t, alice, codeartifact.ListDomains, &codeartifact.ListDomainsInput{}, "ThrottlingException")
	testenv.OK(t, bob, sts.GetCallerIdentity, &sts.GetCallerIdentityInput{})
}
