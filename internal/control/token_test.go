package control_test

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/config"
	"larder.example/larder/internal/testenv"
)

const tokenPath = "/v1/authorization-token"

// tokenPolicy allows both permissions that a token needs.
func tokenPolicy(e *testenv.Env) string {
	return document(allow("codeartifact:GetAuthorizationToken", domainARN(e, testenv.Domain)), allow("sts:GetServiceBearerToken", "*"))
}

func getToken(t testing.TB, c *client.Client, seconds *int64) (*codeartifact.GetAuthorizationTokenOutput, error) {
	t.Helper()
	return client.Call(t.Context(), c, codeartifact.GetAuthorizationToken, &codeartifact.GetAuthorizationTokenInput{
		Domain: testenv.Domain, DurationSeconds: seconds,
	})
}

func TestATokenIsShortAndOfPlainCharacters(t *testing.T) {
	e := testenv.New(t)
	for name, c := range map[string]*client.Client{"user": e.Admin, "root": e.Root(e.Account)} {
		if token := e.Token(c); len(token) > 240 || !regexp.MustCompile(`^lrd_[A-Za-z0-9_-]+$`).MatchString(token) {
			t.Errorf("%s: got %q", name, token)
		}
	}
}

func TestDurations(t *testing.T) {
	e := testenv.New(t)
	for _, tt := range []struct {
		name    string
		seconds *int64
		lives   time.Duration // 0: refused
	}{
		{"absent", nil, 12 * time.Hour},
		{"0 with long-term keys", new(int64(0)), 0},
		{"1", new(int64(1)), 0},
		{"899", new(int64(899)), 0},
		{"900", new(int64(900)), 15 * time.Minute},
		{"3600", new(int64(3600)), time.Hour},
		{"43200", new(int64(43200)), 12 * time.Hour},
		{"43201", new(int64(43201)), 0},
		{"negative", new(int64(-1)), 0},
		{"huge", new(int64(1 << 62)), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			out, err := getToken(t, e.Admin, tt.seconds)
			if tt.lives == 0 {
				if got := testenv.RefusalOf(err); got.Code != "ValidationException" || got.Status != 400 || got.Reason != "FIELD_VALIDATION_FAILED" {
					t.Errorf("got %+v, %v, want a ValidationException", out, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			want := e.Clock.Now().Truncate(time.Second).Add(tt.lives)
			if !out.Expiration.Equal(want) {
				t.Errorf("got the end %v, want %v", out.Expiration, want)
			}
		})
	}
}

// The token itself ends when the answer says.
func TestATokenEndsWhenItSays(t *testing.T) {
	e := testenv.New(t)
	publish(t, e, e.Admin, testenv.Repository, release{name: "thing", version: "1.0.0"})
	out, err := getToken(t, e.Admin, new(int64(900)))
	if err != nil {
		t.Fatal(err)
	}
	read := func() int { return e.Do(http.MethodGet, e.Endpoint("npm")+"thing", out.AuthorizationToken, nil).Status }
	if got := read(); got != http.StatusOK {
		t.Errorf("fresh: got %d", got)
	}
	e.Clock.Advance(out.Expiration.Sub(e.Clock.Now()) - time.Millisecond)
	if got := read(); got != http.StatusOK {
		t.Errorf("just before its end: got %d", got)
	}
	e.Clock.Advance(time.Millisecond)
	if got := read(); got != http.StatusUnauthorized {
		t.Errorf("at its end: got %d", got)
	}
}

func TestExpirationIsInWholeSeconds(t *testing.T) {
	e := testenv.New(t)
	e.Clock.Advance(time.Duration(1e9 - e.Clock.Now().Nanosecond() + 5e8)) // half past a second
	a := e.DoSigned(e.Admin, "codeartifact", http.MethodPost, query(tokenPath, "domain", testenv.Domain, "duration", "900"), "")
	var out struct {
		AuthorizationToken string      `json:"authorizationToken"`
		Expiration         json.Number `json:"expiration"`
	}
	if err := json.Unmarshal([]byte(a.Body), &out); err != nil || a.Status != http.StatusOK {
		t.Fatalf("got %d %s", a.Status, a.Body)
	}
	whole, fraction, _ := strings.Cut(out.Expiration.String(), ".")
	if want := strconv.FormatInt(e.Clock.Now().Unix()+900, 10); whole != want || strings.Trim(fraction, "0") != "" {
		t.Errorf("got %s, want %s", out.Expiration, want)
	}
}

func TestDurationsThatAreNoNumber(t *testing.T) {
	e := testenv.New(t)
	for _, text := range []string{"", "an hour", "900.5", "0x384", "9e2", "99999999999999999999"} {
		a := e.DoSigned(e.Admin, "codeartifact", http.MethodPost, query(tokenPath, "domain", testenv.Domain, "duration", text), "")
		if a.Status != http.StatusBadRequest || a.Header.Get("X-Amzn-Errortype") != "ValidationException" {
			t.Errorf("%q: got %d %s", text, a.Status, a.Body)
		}
	}
}

func TestATokenNeedsBothPermissions(t *testing.T) {
	e := testenv.New(t)
	c := e.User("alice")
	const ours, bearer = "codeartifact:GetAuthorizationToken", "sts:GetServiceBearerToken"
	d := domainARN(e, testenv.Domain)
	for _, tt := range []struct {
		name              string
		statements        []string
		missing, resource string // empty: allowed
	}{
		{"neither", []string{deny("s3:*", "*")}, ours, d},
		{"the token only", []string{allow(ours, d)}, bearer, "*"},
		{"the bearer only", []string{allow(bearer, "*")}, ours, d},
		{"both", []string{allow(ours, d), allow(bearer, "*")}, "", ""},
		{"another domain's", []string{allow(ours, d+"-other"), allow(bearer, "*")}, ours, d},
		{"the bearer on the domain", []string{allow(ours, d), allow(bearer, d)}, bearer, "*"},
		{"denied", []string{allow("*", "*"), deny(bearer, "*")}, bearer, "*"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e.PutUserPolicy("alice", "p", document(tt.statements...))
			out, err := getToken(t, c, nil)
			if tt.missing == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			want := "is not authorized to perform: " + tt.missing + " on resource: " + tt.resource + " "
			if got := testenv.RefusalOf(err); got.Code != "AccessDeniedException" || got.Status != 403 || !strings.Contains(got.Message, want) {
				t.Errorf("got %+v, %v, want %q", out, err, want)
			}
		})
	}
}

// Policies see what is asked for: the guide's own examples rely on it.
func TestBearerTokenConditions(t *testing.T) {
	e := testenv.New(t)
	c := e.User("alice")
	for _, tt := range []struct {
		operator, key, value string
		seconds              *int64
		denied               bool
	}{
		{"NumericEquals", "sts:DurationSeconds", "43200", nil, false}, // absent is 12 hours
		{"NumericLessThanEquals", "sts:DurationSeconds", "3600", nil, true},
		{"NumericLessThanEquals", "sts:DurationSeconds", "3600", new(int64(3600)), false},
		{"NumericLessThanEquals", "sts:DurationSeconds", "3600", new(int64(3601)), true},
		{"StringEquals", "sts:AWSServiceName", "codeartifact.amazonaws.com", nil, false},
		{"StringEquals", "sts:AWSServiceName", "codeartifact", nil, true},
	} {
		e.PutUserPolicy("alice", "p", document(
			allow("codeartifact:GetAuthorizationToken", "*"),
			`{"Effect":"Allow","Action":"sts:GetServiceBearerToken","Resource":"*","Condition":{"`+tt.operator+`":{"`+tt.key+`":"`+tt.value+`"}}}`,
		))
		if _, err := getToken(t, c, tt.seconds); larder.Denied.Is(err) != tt.denied || !tt.denied && err != nil {
			t.Errorf("%s %s %s: got %v, want denied %v", tt.operator, tt.key, tt.value, err, tt.denied)
		}
	}
	// 0 stays 0, and the upper bound lets it pass; that long-term keys have
	// no session comes after.
	e.PutUserPolicy("alice", "p", document(
		allow("codeartifact:GetAuthorizationToken", "*"),
		`{"Effect":"Allow","Action":"sts:GetServiceBearerToken","Resource":"*","Condition":{"NumericEquals":{"sts:DurationSeconds":"0"}}}`,
	))
	if _, err := getToken(t, c, new(int64(0))); !larder.Invalid.Is(err) {
		t.Errorf("0: got %v", err)
	}
}

func TestRootTokens(t *testing.T) {
	for setting, allowed := range map[string]bool{"allow": true, "deny": false} {
		t.Run(setting, func(t *testing.T) {
			e := testenv.New(t, func(c *config.Config) { c.RootTokens = setting })
			out, err := getToken(t, e.Root(e.Account), nil)
			if got := err == nil; got != allowed {
				t.Fatalf("got %v, %v", out, err)
			}
			if got := testenv.RefusalOf(err); !allowed && (got.Code != "AccessDeniedException" || !strings.Contains(got.Message, "Root")) {
				t.Errorf("got %v", err)
			}
			if _, err := getToken(t, e.Admin, nil); err != nil {
				t.Errorf("a user: %v", err)
			}
			records := auditRecords(t, e, "GetAuthorizationToken")
			if r := records[0]; r.UserIdentity.Type != "Root" || (r.ErrorCode == "") != allowed {
				t.Errorf("got the record %+v", r)
			}
		})
	}
}

// Dependabot posts a JSON document with an X-Amz-Target header to the path of
// the operation.
func TestDependabotsFormOfTheCall(t *testing.T) {
	e := testenv.New(t)
	header := []string{"Content-Type", "application/x-amz-json-1.1", "X-Amz-Target", "CodeArtifact_2018_09_22.GetAuthorizationToken"}
	type answer struct {
		AuthorizationToken string  `json:"authorizationToken"`
		Expiration         float64 `json:"expiration"`
	}
	for _, tt := range []struct {
		name, target, body string
		header             []string
		lives              int64 // 0: refused
	}{
		{"its own", tokenPath, `{"domain":"team","domainOwner":"` + e.Account + `"}`, header, 43200},
		{"names of the query", tokenPath, `{"domain":"team","domain-owner":"` + e.Account + `","duration":900}`, header, 900},
		{"names of the model", tokenPath, `{"domain":"team","durationSeconds":900}`, header, 900},
		{"the query counts first", query(tokenPath, "duration", "1800"), `{"domain":"team","durationSeconds":900}`, header, 1800},
		{"a rule broken", tokenPath, `{"domain":"team","durationSeconds":1}`, header, 0},
		{"no domain", tokenPath, `{}`, header, 0},
		{"no JSON", tokenPath, `domain=team`, header, 0},
		{"without the header the body does not count", tokenPath, `{"domain":"team"}`, nil, 0},
		{"nor does it without, where the query says all", query(tokenPath, "domain", "team"), `{"durationSeconds":1}`, nil, 43200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := e.DoSigned(e.Admin, "codeartifact", http.MethodPost, tt.target, tt.body, tt.header...)
			if tt.lives == 0 {
				if a.Status != http.StatusBadRequest || a.Header.Get("X-Amzn-Errortype") != "ValidationException" {
					t.Errorf("got %d %s", a.Status, a.Body)
				}
				return
			}
			var got answer
			if err := json.Unmarshal([]byte(a.Body), &got); err != nil || a.Status != http.StatusOK || got.AuthorizationToken == "" {
				t.Fatalf("got %d %s", a.Status, a.Body)
			}
			if want := e.Clock.Now().Unix() + tt.lives; int64(got.Expiration) != want {
				t.Errorf("got the end %v, want %d", got.Expiration, want)
			}
		})
	}
}

// An outsider learns nothing about names: what is not theirs is denied,
// whether it is there or not.
func TestTokensOfDomainsThatAreNotThereOrNotOnesOwn(t *testing.T) {
	e := testenv.New(t)
	other := e.NewAccount()
	stranger := e.Root(other)
	scoped := e.User("scoped", tokenPolicy(e))
	for _, tt := range []struct {
		name          string
		c             *client.Client
		domain, owner string
		want          string
	}{
		{"another account's", stranger, testenv.Domain, e.Account, "AccessDeniedException"},
		{"another account's that is not there", stranger, "absent", e.Account, "AccessDeniedException"},
		{"of an account that is not there", stranger, testenv.Domain, "999999999999", "AccessDeniedException"},
		{"one's own that is not there", stranger, testenv.Domain, "", "ResourceNotFoundException"},
		{"one's own that is not there, named", stranger, testenv.Domain, other, "ResourceNotFoundException"},
		{"for who may not ask about it", scoped, "absent", "", "AccessDeniedException"},
		{"for who may", e.Admin, "absent", "", "ResourceNotFoundException"},
		{"that is there", scoped, testenv.Domain, "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := client.Call(t.Context(), tt.c, codeartifact.GetAuthorizationToken, &codeartifact.GetAuthorizationTokenInput{
				Domain: tt.domain, DomainOwner: tt.owner,
			})
			if got := testenv.RefusalOf(err).Code; got != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// Across accounts the domain's policy gives the token, and what it is good for.
func TestATokenAcrossAccounts(t *testing.T) {
	e := testenv.New(t)
	publish(t, e, e.Admin, testenv.Repository, release{name: "thing", version: "1.0.0"})
	other := e.NewAccount()
	stranger := e.Root(other)
	ask := func() (string, error) {
		out, err := client.Call(t.Context(), stranger, codeartifact.GetAuthorizationToken, &codeartifact.GetAuthorizationTokenInput{
			Domain: testenv.Domain, DomainOwner: e.Account,
		})
		if err != nil {
			return "", err
		}
		return out.AuthorizationToken, nil
	}
	put := func(statements ...string) {
		t.Helper()
		testenv.OK(t, e.Admin, codeartifact.PutDomainPermissionsPolicy, &codeartifact.PutDomainPermissionsPolicyInput{Domain: testenv.Domain, PolicyDocument: document(statements...)})
	}
	put(grant(other, "codeartifact:GetAuthorizationToken"))
	token, err := ask()
	if err != nil {
		t.Fatal(err)
	}
	read := func() int { return e.Do(http.MethodGet, e.Endpoint("npm")+"thing", token, nil).Status }
	if got := read(); got != http.StatusForbidden {
		t.Errorf("a token alone: got %d", got)
	}
	put(grant(other, "codeartifact:ReadFromRepository"))
	if got := read(); got != http.StatusOK {
		t.Errorf("with ReadFromRepository: got %d", got)
	}
	if _, err := ask(); !larder.Denied.Is(err) {
		t.Errorf("another token: got %v", err)
	}
}
