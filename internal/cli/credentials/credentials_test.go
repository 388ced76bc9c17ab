package credentials_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/cli/credentials"
	"larder.example/larder/internal/cli/profile"
	"larder.example/larder/internal/cli/value"
)

func now() time.Time { return time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC) }

// env is a machine with files and variables, and an STS that answers with
// what it was asked.
type env struct {
	home  string
	vars  map[string]string
	asked []string
}

func (e *env) chain(t *testing.T, name string) *credentials.Chain {
	t.Helper()
	files, err := profile.Load(filepath.Join(e.home, "config"), filepath.Join(e.home, "credentials"))
	if err != nil {
		t.Fatal(err)
	}
	return &credentials.Chain{
		Getenv: func(name string) string { return e.vars[name] }, Files: files, Profile: name, Now: now, Home: e.home,
		Expand:   func(path string) string { return strings.ReplaceAll(path, "~", e.home) },
		Endpoint: func(service string) string { return e.vars["endpoint_"+service] },
		Ask:      func(prompt string) (string, error) { e.asked = append(e.asked, prompt); return "123456", nil },
		STS: func(_ context.Context, operation string, params *value.Object, with credentials.Keys) (*value.Object, error) {
			e.asked = append(e.asked, operation+" with "+with.ID+" "+params.Text("TokenCode")+params.Text("WebIdentityToken"))
			return value.NewObject(value.Member{Key: "Credentials", Value: value.NewObject(
				value.Member{Key: "AccessKeyId", Value: "ASIA" + params.Text("RoleArn")}, value.Member{Key: "SecretAccessKey", Value: "s"},
				value.Member{Key: "SessionToken", Value: "t"}, value.Member{Key: "Expiration", Value: "2030-01-01T13:00:00Z"})}), nil
		},
	}
}

func (e *env) file(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(e.home, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

const config = `
[profile keys]
aws_access_key_id = CONFIG
aws_secret_access_key = s
[profile both]
aws_access_key_id = CONFIG
aws_secret_access_key = s
credential_process = sh -c "echo '{\"Version\": 1, \"AccessKeyId\": \"PROCESS\", \"SecretAccessKey\": \"s\"}'"
[profile all]
credential_process = false
[profile role]
role_arn = arn:role
source_profile = keys
[profile mfa]
role_arn = arn:mfa
source_profile = role
mfa_serial = arn:phone
[profile loop]
role_arn = arn:loop
source_profile = loop2
[profile loop2]
role_arn = arn:loop2
source_profile = loop
[profile source]
role_arn = arn:source
credential_source = Environment
[profile web]
role_arn = arn:web
web_identity_token_file = ~/token
[profile process2]
credential_process = sh -c "echo '{\"Version\": 2}'"
[profile sso]
sso_session = s
sso_account_id = 111122223333
sso_role_name = dev
[sso-session s]
sso_start_url = https://start
sso_region = us-east-1
`

func TestOrder(t *testing.T) {
	for _, tt := range []struct {
		name     string
		profile  string
		explicit bool
		vars     string
		id       string // or the beginning of the error
		asked    string
	}{
		{"the environment goes first", "keys", false, "AWS_ACCESS_KEY_ID=ENV AWS_SECRET_ACCESS_KEY=s", "ENV", ""},
		{"but not before a profile that was asked for", "keys", true, "AWS_ACCESS_KEY_ID=ENV AWS_SECRET_ACCESS_KEY=s", "CONFIG", ""},
		{"half of a key", "keys", false, "AWS_ACCESS_KEY_ID=ENV", "Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY", ""},
		{"a process goes before keys in the config file", "both", false, "", "PROCESS", ""},
		{"keys in the credentials file go before a process", "all", false, "", "SHARED", ""},
		{"a role", "role", false, "", "ASIAarn:role", "AssumeRole with CONFIG "},
		{"a role by a role, with a second factor", "mfa", false, "", "ASIAarn:mfa", "AssumeRole with CONFIG |Enter MFA code for arn:phone: |AssumeRole with ASIAarn:role 123456"},
		{"roles in a circle", "loop", false, "", "Infinite loop in credential configuration detected.", ""},
		{"a role by the environment", "source", true, "AWS_ACCESS_KEY_ID=ENV AWS_SECRET_ACCESS_KEY=s", "ASIAarn:source", "AssumeRole with ENV "},
		{"web identity of a profile", "web", false, "", "ASIAarn:web", "AssumeRoleWithWebIdentity with  jwt"},
		{"a role goes before the environment's web identity", "role", false, "AWS_WEB_IDENTITY_TOKEN_FILE=~/token AWS_ROLE_ARN=arn:pod", "ASIAarn:role", "AssumeRole with CONFIG "},
		{"web identity of the environment", "keys", false, "AWS_WEB_IDENTITY_TOKEN_FILE=~/token AWS_ROLE_ARN=arn:pod", "ASIAarn:pod", "AssumeRoleWithWebIdentity with  jwt"},
		{"a process of another version", "process2", false, "", "Error when retrieving credentials from custom-process: Version '2' not supported", ""},
		{"an SSO session that was not begun", "sso", false, "", "Error loading SSO Token: Token for s does not exist", ""},
		{"nobody", "none", false, "AWS_EC2_METADATA_DISABLED=true", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := &env{home: t.TempDir(), vars: map[string]string{}}
			e.file(t, "config", config)
			e.file(t, "credentials", "[all]\naws_access_key_id = SHARED\naws_secret_access_key = s\n")
			e.file(t, "token", "jwt")
			for _, v := range strings.Fields(tt.vars) {
				name, text, _ := strings.Cut(v, "=")
				e.vars[name] = text
			}
			c := e.chain(t, tt.profile)
			c.Explicit = tt.explicit
			k, err := c.Keys(t.Context())
			got := k.ID
			if err != nil {
				got = err.Error()
			}
			if !strings.HasPrefix(got, tt.id) || tt.id == "" && got != "" {
				t.Errorf("got %q, want %q", got, tt.id)
			}
			if asked := strings.Join(e.asked, "|"); asked != tt.asked {
				t.Errorf("asked %q, want %q", asked, tt.asked)
			}
		})
	}
}

// The AWS CLI finds what we have kept, and we find what it has: by the same
// name, and for as long.
func TestRolesAreKeptWhereTheAWSCLIDoes(t *testing.T) {
	e := &env{home: t.TempDir(), vars: map[string]string{}}
	e.file(t, "config", "[profile r]\nrole_arn = arn:aws:iam::111122223333:role/r\nexternal_id = EXT\nsource_profile = k\n[profile k]\naws_access_key_id = K\naws_secret_access_key = s\n")
	for range 2 {
		if k, err := e.chain(t, "r").Keys(t.Context()); err != nil || k.Token != "t" {
			t.Fatalf("got %+v, %v", k, err)
		}
	}
	if len(e.asked) != 1 {
		t.Errorf("asked %q, want once", e.asked)
	}
	info, err := os.Stat(filepath.Join(e.home, ".aws/cli/cache/89a62144f5fafd9158386308452cfd5c7bd7609a.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got %v, %v", info, err)
	}
	c := e.chain(t, "r")
	c.Now = func() time.Time { return now().Add(46 * time.Minute) }
	if _, err := c.Keys(t.Context()); err != nil || len(e.asked) != 2 {
		t.Errorf("asked %q, %v, want again 14 minutes before the end", e.asked, err)
	}
}

func TestContainerAndInstance(t *testing.T) {
	answer := `{"Code": "Success", "AccessKeyId": "AGENT", "SecretAccessKey": "s", "Token": "t", "Expiration": "2030-01-01T13:00:00Z"}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/agent" && r.Header.Get("Authorization") == "let me in":
		case r.Method == http.MethodPut && r.URL.Path == "/latest/api/token":
			answerWith(w, "tok")
			return
		case r.Header.Get("X-Aws-Ec2-Metadata-Token") != "tok":
			w.WriteHeader(http.StatusUnauthorized)
			return
		case strings.HasSuffix(r.URL.Path, "/security-credentials/"):
			answerWith(w, "machine\n")
			return
		}
		answerWith(w, answer)
	}))
	defer server.Close()
	for name, vars := range map[string]map[string]string{
		"container": {"AWS_CONTAINER_CREDENTIALS_FULL_URI": server.URL + "/agent", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "let me in"},
		"instance":  {"AWS_EC2_METADATA_SERVICE_ENDPOINT": server.URL},
	} {
		e := &env{home: t.TempDir(), vars: vars}
		if k, err := e.chain(t, "default").Keys(t.Context()); err != nil || k.ID != "AGENT" {
			t.Errorf("%s: got %+v, %v", name, k, err)
		}
	}
	e := &env{home: t.TempDir(), vars: map[string]string{"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://192.0.2.1/"}}
	if _, err := e.chain(t, "default").Keys(t.Context()); err == nil {
		t.Error("got no error for an agent on a strange host")
	}
}

func answerWith(w http.ResponseWriter, text string) { w.Write([]byte(text)) }

func TestSSO(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/token":
			answerWith(w, `{"accessToken": "renewed", "expiresIn": 28800}`)
		case r.Header.Get("X-Amz-Sso_bearer_token") == "renewed" && r.URL.Query().Get("role_name") == "dev":
			answerWith(w, `{"roleCredentials": {"accessKeyId": "SSO", "secretAccessKey": "s", "sessionToken": "t", "expiration": 1893502800000}}`)
		default:
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer server.Close()
	e := &env{home: t.TempDir(), vars: map[string]string{"endpoint_sso": server.URL, "endpoint_sso_oidc": server.URL}}
	e.file(t, "config", config)
	// The name is the SHA-1 of the session's.
	e.file(t, ".aws/sso/cache/a0f1490a20d0211c997b44bc357e1972deab8ae3.json",
		`{"accessToken": "old", "expiresAt": "2030-01-01T11:00:00Z", "refreshToken": "r", "clientId": "c", "clientSecret": "x"}`)
	if k, err := e.chain(t, "sso").Keys(t.Context()); err != nil || k.ID != "SSO" {
		t.Errorf("got %+v, %v", k, err)
	}
}
