package sts_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/api/sts"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/config"
	"larder.example/larder/internal/testenv"
)

const audience = "sts.amazonaws.com"

// federation is a registry with a provider that it trusts and a role for it.
type federation struct {
	*testenv.Env
	issuer   *testenv.Issuer
	provider string // its ARN
	host     string // as condition keys have it
	role     string
	now      time.Time
}

func federate(t *testing.T, settings ...func(*config.Config)) *federation {
	t.Helper()
	issuer := testenv.NewIssuer(t)
	f := &federation{Env: testenv.New(t, append([]func(*config.Config){issuer.Trusted}, settings...)...), issuer: issuer}
	f.host, f.now = strings.TrimPrefix(issuer.URL, "https://"), f.Clock.Now()
	f.provider = testenv.OK(t, f.Admin, iam.CreateOpenIDConnectProvider, &iam.CreateOpenIDConnectProviderInput{
		Url: issuer.URL, ClientIDList: []string{audience},
	}).OpenIDConnectProviderArn
	f.role = f.Role("ci", f.trust(`"StringEquals":{"`+f.host+`:aud":"`+audience+`"},"StringLike":{"`+f.host+`:sub":"repo:acme/*:ref:refs/heads/main"}`), readOnly)
	return f
}

func (f *federation) trust(condition string, further ...string) string {
	actions := append([]string{`"sts:AssumeRoleWithWebIdentity"`}, further...)
	return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Federated":"` + f.provider + `"},` +
		`"Action":[` + strings.Join(actions, ",") + `],"Condition":{` + condition + `}}}`
}

// claims are those of a job of GitHub's.
func (f *federation) claims(change map[string]any) map[string]any {
	c := map[string]any{
		"sub": "repo:acme/web:ref:refs/heads/main", "aud": audience, "repository": "acme/web", "repository_owner_id": "42",
		"ref": "refs/heads/main", "exp": f.now.Add(5 * time.Minute).Unix(), "iat": f.now.Unix(), "nbf": f.now.Unix(),
	}
	for k, v := range change {
		c[k] = v
	}
	return c
}

func (f *federation) ask(t *testing.T, token, role string) (*sts.AssumeRoleWithWebIdentityOutput, error) {
	c := &client.Client{URL: f.URL, Region: testenv.Region, Attempts: 1, Now: f.Clock.Now}
	return client.Call(t.Context(), c, sts.AssumeRoleWithWebIdentity, &sts.AssumeRoleWithWebIdentityInput{
		RoleArn: role, RoleSessionName: "job-7", WebIdentityToken: token,
	})
}

func TestAWebIdentityAssumesARole(t *testing.T) {
	f := federate(t)
	out, err := f.ask(t, f.issuer.Token(f.claims(nil)), f.role)
	if err != nil {
		t.Fatal(err)
	}
	if out.SubjectFromWebIdentityToken != "repo:acme/web:ref:refs/heads/main" || out.Audience != audience || out.Provider != f.provider ||
		out.AssumedRoleUser.Arn != "arn:aws:sts::"+f.Account+":assumed-role/ci/job-7" {
		t.Errorf("got %+v", out)
	}
	c := f.Session(out.Credentials)
	if err := describe(c, t); err != nil {
		t.Error(err)
	}
	token := testenv.OK(t, c, codeartifact.GetAuthorizationToken, &codeartifact.GetAuthorizationTokenInput{Domain: testenv.Domain}).AuthorizationToken
	if got := f.Do(http.MethodGet, f.Endpoint("npm")+"nothing", token, nil).Status; got != http.StatusNotFound {
		t.Errorf("got %d", got)
	}

	// The trail leads from the job to its key, and from the key to the job.
	made := record(t, f.Env, "AssumeRoleWithWebIdentity")
	who := made["userIdentity"].(map[string]any)
	if who["type"] != "WebIdentityUser" || who["userName"] != "repo:acme/web:ref:refs/heads/main" || who["identityProvider"] != f.provider ||
		who["principalId"] != f.provider+":"+audience+":repo:acme/web:ref:refs/heads/main" {
		t.Errorf("got %v", who)
	}
	if got := made["responseElements"].(map[string]any)["credentials"].(map[string]any)["accessKeyId"]; got != c.KeyID {
		t.Errorf("got %v", made["responseElements"])
	}
	if p := fmt.Sprint(made["requestParameters"]); strings.Contains(p, "eyJ") || !strings.Contains(p, f.role) {
		t.Errorf("got %s", p)
	}
	who = record(t, f.Env, "GetAuthorizationToken")["userIdentity"].(map[string]any)
	session := who["sessionContext"].(map[string]any)
	if who["type"] != "AssumedRole" || who["accessKeyId"] != c.KeyID || who["principalId"] != out.AssumedRoleUser.AssumedRoleId ||
		session["sessionIssuer"].(map[string]any)["arn"] != f.role || session["sessionIssuer"].(map[string]any)["userName"] != "ci" ||
		session["webIdFederationData"].(map[string]any)["federatedProvider"] != f.provider ||
		session["attributes"].(map[string]any)["creationDate"] != f.now.UTC().Truncate(time.Second).Format(time.RFC3339) {
		t.Errorf("got %v", who)
	}
}

// record returns the audit record of an operation, of which there is one that
// matters: the last.
func record(t *testing.T, e *testenv.Env, name string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(e.Dir, "audit", "audit.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	var last map[string]any
	for line := range strings.Lines(string(text)) {
		var r map[string]any
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		if r["eventName"] == name {
			last = r
		}
	}
	if last == nil {
		t.Fatalf("there is no record of %s", name)
	}
	return last
}

func TestWebIdentitiesThatAreRefused(t *testing.T) {
	f := federate(t)
	tagged := f.Role("tagged", f.trust(`"StringEquals":{"`+f.host+`:sub":"repo:acme/web:ref:refs/heads/main"}`, `"sts:TagSession"`), everything)
	tags := map[string]any{"https://aws.amazon.com/tags": map[string]any{"principal_tags": map[string]any{"team": []string{"web"}}}}
	other := "arn:aws:iam::" + f.NewAccount() + ":role/ci"
	for name, tt := range map[string]struct {
		token, role, code, message string
	}{
		"another branch":            {f.issuer.Token(f.claims(map[string]any{"sub": "repo:acme/web:ref:refs/heads/x"})), f.role, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"},
		"a role that there is not":  {f.issuer.Token(f.claims(nil)), f.role + "s", "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"},
		"another account's role":    {f.issuer.Token(f.claims(nil)), other, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for " + f.issuer.URL},
		"another audience":          {f.issuer.Token(f.claims(map[string]any{"aud": "x"})), f.role, "InvalidIdentityToken", "Incorrect token audience"},
		"another issuer":            {f.issuer.Token(f.claims(map[string]any{"iss": "https://evil.test"})), f.role, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for https://evil.test"},
		"expired":                   {f.issuer.Token(f.claims(map[string]any{"exp": f.now.Add(-time.Hour).Unix()})), f.role, "ExpiredTokenException", "Token expired"},
		"no token":                  {"none", f.role, "InvalidIdentityToken", "is not a valid JWT"},
		"no role's ARN":             {f.issuer.Token(f.claims(nil)), "arn:aws:iam::1:role/ci", "ValidationError", "is invalid"},
		"tags that are not trusted": {f.issuer.Token(f.claims(tags)), f.role, "AccessDenied", "Not authorized to perform sts:TagSession"},
		"tags with two values": {
			f.issuer.Token(f.claims(map[string]any{"https://aws.amazon.com/tags": map[string]any{"principal_tags": map[string]any{"team": []string{"a", "b"}}}})),
			tagged, "InvalidIdentityToken", "malformed",
		},
	} {
		out, err := f.ask(t, tt.token, tt.role)
		if r := testenv.RefusalOf(err); r.Code != tt.code || !strings.Contains(r.Message, tt.message) {
			t.Errorf("%s: got %+v, %+v, want %s: %s", name, out, r, tt.code, tt.message)
		}
	}
	if _, err := f.ask(t, f.issuer.Token(f.claims(tags)), tagged); err != nil {
		t.Errorf("tags that are trusted: %v", err)
	}
	if r := record(t, f.Env, "AssumeRoleWithWebIdentity"); r["eventSource"] != "sts.amazonaws.com" {
		t.Errorf("got %v", r)
	}
	testenv.OK(t, f.Admin, iam.DeleteOpenIDConnectProvider, &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: f.provider})
	if _, err := f.ask(t, f.issuer.Token(f.claims(nil)), f.role); testenv.RefusalOf(err).Code != "InvalidIdentityToken" {
		t.Errorf("a provider that was deleted: got %v", err)
	}
}

// The threat table: denial of service by forged key IDs, seen from outside.
func TestThreatForgedKeyIDs(t *testing.T) {
	f := federate(t)
	if _, err := f.ask(t, f.issuer.Token(f.claims(nil)), f.role); err != nil {
		t.Fatal(err)
	}
	before := f.issuer.Fetches.Load()
	for i := range 10 {
		if _, err := f.ask(t, f.issuer.Forged(fmt.Sprint("forged", i), f.claims(nil)), f.role); testenv.RefusalOf(err).Code != "InvalidIdentityToken" {
			t.Fatalf("got %v", err)
		}
	}
	if got := f.issuer.Fetches.Load() - before; got != 0 {
		t.Errorf("got %d documents fetched", got)
	}
}

// The threat table: SSRF via OIDC and JWKS.
func TestThreatSSRFThroughIdentityProviders(t *testing.T) {
	refusing := federate(t, func(c *config.Config) { c.OutboundAllow = nil })
	_, err := refusing.ask(t, refusing.issuer.Token(refusing.claims(nil)), refusing.role)
	if r := testenv.RefusalOf(err); r.Code != "IDPCommunicationError" || r.Status != 400 || !strings.Contains(r.Message, "LARDER_OUTBOUND_ALLOW") {
		t.Errorf("a provider on loopback: got %+v", r)
	}

	elsewhere := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(elsewhere.Close)
	f := federate(t)
	var moved string
	lying := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, moved, http.StatusFound) }))
	t.Cleanup(lying.Close)
	for _, to := range []string{
		"http://169.254.169.254/latest/meta-data/", "file:///etc/passwd", "gopher://127.0.0.1/", "https://[::1]/", elsewhere.URL,
		f.issuer.URL + "/.well-known/openid-configuration", // another host's, which is reached
	} {
		moved = to
		provider := testenv.OK(t, f.Admin, iam.CreateOpenIDConnectProvider, &iam.CreateOpenIDConnectProviderInput{Url: lying.URL, ClientIDList: []string{audience}}).OpenIDConnectProviderArn
		_, err := f.ask(t, f.issuer.Token(f.claims(map[string]any{"iss": lying.URL})), f.role)
		if r := testenv.RefusalOf(err); r.Code != "IDPCommunicationError" {
			t.Errorf("redirected to %s: got %+v", to, r)
		}
		testenv.OK(t, f.Admin, iam.DeleteOpenIDConnectProvider, &iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: provider})
		f.Clock.Advance(time.Minute)
	}
}

func TestTokensOfAnIssuerAreThrottled(t *testing.T) {
	f := federate(t, func(c *config.Config) { c.RateWebIdentity = config.Rate{PerSecond: 10, Burst: 3} })
	token := f.issuer.Token(f.claims(nil))
	for range 3 {
		if _, err := f.ask(t, token, f.role); err != nil {
			t.Fatal(err)
		}
	}
	_, err := f.ask(t, token, f.role)
	if r := testenv.RefusalOf(err); r.Code != "Throttling" || r.Status != 400 || larder.AsError(err).RetryAfter != time.Second {
		t.Errorf("got %+v, retry after %v", r, larder.AsError(err).RetryAfter)
	}
	f.Clock.Advance(100 * time.Millisecond)
	if _, err := f.ask(t, token, f.role); err != nil {
		t.Error(err)
	}
}
