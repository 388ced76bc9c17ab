package cli_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/api/iam"
	api "larder.example/larder/internal/api/larder"
	"larder.example/larder/internal/api/sts"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
)

// patient is a machine that the doctor looks at.
type patient struct {
	t       *testing.T
	e       *testenv.Env
	home    string
	secrets []string
}

func newPatient(t *testing.T) *patient {
	e := testenv.New(t)
	return &patient{t: t, e: e, home: t.TempDir(), secrets: []string{e.Admin.Secret}}
}

func (p *patient) run(line string, environ ...string) run {
	p.t.Helper()
	return larder(p.t, p.e, line, append([]string{"HOME=" + p.home}, environ...)...)
}

// write makes a file in the home directory.
func (p *patient) write(name, text string) {
	p.t.Helper()
	file := filepath.Join(p.home, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		p.t.Fatal(err)
	}
}

// as is the environment of a client.
func (p *patient) as(c *client.Client) []string {
	p.secrets = append(p.secrets, c.Secret)
	if c.SessionToken != "" {
		p.secrets = append(p.secrets, c.SessionToken)
	}
	return []string{"AWS_ACCESS_KEY_ID=" + c.KeyID, "AWS_SECRET_ACCESS_KEY=" + c.Secret, "AWS_SESSION_TOKEN=" + c.SessionToken}
}

// look runs the doctor, who must say all that is wanted and nothing secret,
// and who fails if any of it is FAIL.
func (p *patient) look(name, options string, environ, want []string) {
	p.t.Helper()
	got := p.run("doctor "+options, environ...)
	code := 0
	for _, line := range want {
		if strings.HasPrefix(line, "FAIL") {
			code = 1
		}
		if !strings.Contains(got.stdout, line) {
			p.t.Errorf("%s: got\n%s\nwant %q", name, got.stdout, line)
		}
	}
	if got.code != code || got.stderr != "" {
		p.t.Errorf("%s: got %d, %s\n%s\nwant %d", name, got.code, got.stderr, got.stdout, code)
	}
	for _, secret := range p.secrets {
		if strings.Contains(got.stdout, secret) {
			p.t.Errorf("%s: got a secret in\n%s", name, got.stdout)
		}
	}
	if at := regexp.MustCompile(`lr[ds]_[A-Za-z0-9_-]{10}|eyJ`).FindString(got.stdout); at != "" {
		p.t.Errorf("%s: got a token in\n%s", name, got.stdout)
	}
}

// working allows what the doctor asks about, and to ask.
const working = `{"Version":"2012-10-17","Statement":{"Sid":"Working","Effect":"Allow","Action":["codeartifact:*","sts:*","larder:ExplainDecision"],"Resource":"*"}}`

// denying denies an action, to whoever is said for policies that name one.
func denying(action, principal string) string {
	if principal != "" {
		principal = `"Principal":{"AWS":"` + principal + `"},`
	}
	return `{"Version":"2012-10-17","Statement":{"Sid":"NotNow","Effect":"Deny",` + principal + `"Action":"` + action + `","Resource":"*"}}`
}

func TestDoctorFindsNothingWrong(t *testing.T) {
	p := newPatient(t)
	if got := p.run("login --tool twine --domain team --repository app"); got.code != 0 {
		t.Fatalf("got %+v", got)
	}
	p.look("all", "--domain team --repository app", nil, []string{
		"ok   endpoint    " + p.e.URL + " in us-east-1\n", "ok   clock       ",
		"ok   identity    arn:aws:iam::" + p.e.Account + ":user/quickstart by the access key " + p.e.Admin.KeyID + " of the environment\n",
		"ok   token       for team, until ", "ok   permission  codeartifact:ReadFromRepository, by statement 1 ",
		"ok   repository  " + p.e.URL, "ok   twine       " + p.e.URL, ", token until ",
	})
	p.look("no domain", "", nil, []string{"--   domain      say --domain and --repository to see what you may do there\n"})
}

// TestDoctorSaysWhyNot looks as users who may ask why.
func TestDoctorSaysWhyNot(t *testing.T) {
	p := newPatient(t)
	e := p.e
	repository := "arn:aws:codeartifact:us-east-1:" + e.Account + ":repository/team/app"
	arn := func(user string) string { return "arn:aws:iam::" + e.Account + ":user/" + user }

	closed := e.User("closed", working, denying("codeartifact:Read*", ""))
	silent := e.User("silent", strings.ReplaceAll(working, "codeartifact:*", "codeartifact:Get*"))
	bound := e.User("bound", working)
	boundary := testenv.OK(t, e.Admin, iam.CreatePolicy, &iam.CreatePolicyInput{
		PolicyName: "limit", PolicyDocument: strings.ReplaceAll(working, "codeartifact:*", "codeartifact:[GR]*"),
	})
	testenv.OK(t, e.Admin, iam.PutUserPermissionsBoundary, &iam.PutUserPermissionsBoundaryInput{
		UserName: "bound", PermissionsBoundary: boundary.Policy.Arn,
	})
	role := e.Role("builds", testenv.Trust(e.Account), working)
	narrow := e.Assume(e.Admin, role, "one", func(in *sts.AssumeRoleInput) {
		in.Policy = strings.ReplaceAll(working, "codeartifact:*", `codeartifact:Get*","codeartifact:Publish*`)
	})
	shut := e.Assume(e.Admin, role, "two", func(in *sts.AssumeRoleInput) {
		in.Policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},` +
			`{"Sid":"NoToken","Effect":"Deny","Action":"codeartifact:GetAuthorizationToken","Resource":"*"}]}`
	})
	there, here := e.User("there", working), e.User("here", working)
	testenv.OK(t, e.Admin, codeartifact.PutDomainPermissionsPolicy, &codeartifact.PutDomainPermissionsPolicyInput{
		Domain: "team", PolicyDocument: denying("codeartifact:GetAuthorizationToken", arn("there")),
	})
	testenv.OK(t, e.Admin, codeartifact.PutRepositoryPermissionsPolicy, &codeartifact.PutRepositoryPermissionsPolicyInput{
		Domain: "team", Repository: "app", PolicyDocument: denying("codeartifact:ReadFromRepository", arn("here")),
	})
	mute := e.User("mute", strings.ReplaceAll(working, `,"larder:ExplainDecision"`, ""))

	for _, tt := range []struct {
		name string
		who  *client.Client
		want []string
	}{
		{"a Deny of the user's own", closed, []string{
			"FAIL permission  codeartifact:ReadFromRepository on " + repository + ": denied, by statement 1 (NotNow) of the identity-based policy policy1 of " + arn("closed") + ": ask who wrote it\n",
		}},
		{"nothing that allows", silent, []string{
			"ok   permission  codeartifact:GetRepositoryEndpoint, by statement 1 (Working) of the identity-based policy policy0 of " + arn("silent") + "\n",
			"FAIL permission  codeartifact:ReadFromRepository on " + repository + ": refused because no identity-based policy allows the codeartifact:ReadFromRepository action: ask an administrator for a policy that does\n",
		}},
		{"a permissions boundary", bound, []string{
			"FAIL permission  codeartifact:PublishPackageVersion on arn:aws:codeartifact:us-east-1:" + e.Account + ":package/team/app/npm//example: " +
				"refused because no permissions boundary allows the codeartifact:PublishPackageVersion action: ask an administrator to allow it in your permissions boundary too\n",
		}},
		{"a session policy that is silent", narrow, []string{
			"ok   identity    arn:aws:sts::" + e.Account + ":assumed-role/builds/one by ",
			"FAIL permission  codeartifact:ReadFromRepository on " + repository + ": refused because no session policy allows the codeartifact:ReadFromRepository action: begin a session with a policy that does\n",
		}},
		{"a session policy that denies", shut, []string{
			"FAIL token       An error occurred (AccessDeniedException) when calling the GetAuthorizationToken operation: ",
			": denied, by statement 2 (NoToken) of the session policy of arn:aws:sts::" + e.Account + ":assumed-role/builds/two: ask who wrote it\n",
		}},
		{"a domain's policy", there, []string{
			"FAIL token       An error occurred (AccessDeniedException) when calling the GetAuthorizationToken operation: ",
			"FAIL permission  codeartifact:GetAuthorizationToken on arn:aws:codeartifact:us-east-1:" + e.Account + ":domain/team: " +
				"denied, by statement 1 (NotNow) of the resource-based policy of arn:aws:codeartifact:us-east-1:" + e.Account + ":domain/team: ask who wrote it\n",
		}},
		{"a repository's policy", here, []string{
			"FAIL permission  codeartifact:ReadFromRepository on " + repository + ": denied, by statement 1 (NotNow) of the resource-based policy of " + repository + ": ask who wrote it\n",
		}},
		{"who may not ask", mute, []string{
			"ok   token       for team, until ",
			"--   permission  you may not ask what you may: that needs larder:ExplainDecision on " + arn("mute") + "\n",
		}},
	} {
		p.look(tt.name, "--domain team --repository app", p.as(tt.who), tt.want)
	}
	p.look("no such domain", "--domain taem --repository app", nil, []string{
		"FAIL token       An error occurred (ResourceNotFoundException) when calling the GetAuthorizationToken operation: Domain not found",
		": list-domains and list-repositories show what there is; --domain-owner names another account\n",
	})
	p.look("no such repository", "--domain team --repository ap", nil, []string{
		"FAIL repository  An error occurred (ResourceNotFoundException) when calling the GetRepositoryEndpoint operation: ",
		": list-domains and list-repositories show what there is; --domain-owner names another account\n",
	})
}

func TestDoctorSaysWhatIsWrongWithCredentials(t *testing.T) {
	p := newPatient(t)
	old := p.e.Assume(p.e.Admin, p.e.Role("builds", testenv.Trust(p.e.Account), working), "one")
	expired := p.as(old)
	unknown := p.as(p.e.With("AKIA"+strings.Repeat("Z", 16), "nobody's secret key, which is long"))
	mixed := p.as(p.e.With(p.e.Admin.KeyID, "another's secret key, which is long"))
	none := []string{"AWS_ACCESS_KEY_ID=", "AWS_SECRET_ACCESS_KEY=", "AWS_EC2_METADATA_DISABLED=true"}
	p.look("none", "--domain team --repository app", none, []string{
		"ok   endpoint    ", `FAIL identity    Unable to locate credentials. You can configure credentials by running "aws login".` + "\n",
	})
	p.look("a key that nobody has", "--domain team", unknown, []string{
		"FAIL identity    An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: ",
		": the access key AKIAZZZZZZZZZZZZZZZZ of the environment is not one of this service's: name another profile, or another endpoint\n",
	})
	p.look("another's secret", "--domain team", mixed, []string{
		"FAIL identity    An error occurred (SignatureDoesNotMatch) when calling the GetCallerIdentity operation: ",
		": the clock is wrong, or the secret is not that of the access key " + p.e.Admin.KeyID + " of the environment\n",
	})
	p.look("no region", "--domain team", []string{"AWS_REGION=", "AWS_EC2_METADATA_DISABLED=true"}, []string{
		`FAIL endpoint    You must specify a region. You can also configure your region by running "aws configure".` + "\n",
	})
	p.e.Clock.Advance(2 * time.Hour)
	p.look("a session that is over", "--domain team", expired, []string{
		"FAIL identity    An error occurred (ExpiredToken) when calling the GetCallerIdentity operation: ",
		": get new credentials in the place of the access key " + old.KeyID + " of the environment\n",
	})
}

func TestDoctorSaysWhatIsWrongOnTheWay(t *testing.T) {
	p := newPatient(t)
	const question = ": does it run, and is that its address? --endpoint-url or AWS_ENDPOINT_URL says where it is\n"
	p.look("nobody there", "--domain team", []string{"AWS_ENDPOINT_URL=http://127.0.0.1:1"}, []string{
		`FAIL endpoint    Could not connect to the endpoint URL: "http://127.0.0.1:1"` + question,
	})
	p.look("no such name", "--domain team", []string{"AWS_ENDPOINT_URL=http://registry.invalid"}, []string{
		`FAIL endpoint    Could not connect to the endpoint URL: "http://registry.invalid"` + question,
	})
	p.look("no TLS there", "--domain team", []string{"AWS_ENDPOINT_URL=" + strings.Replace(p.e.URL, "http", "https", 1)}, []string{
		"FAIL endpoint    SSL validation failed for ", ": what answers does not speak TLS: is its address http://?\n",
	})
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	secure.StartTLS()
	t.Cleanup(secure.Close)
	p.look("an untrusted certificate", "--domain team", []string{"AWS_ENDPOINT_URL=" + secure.URL}, []string{
		"FAIL endpoint    SSL validation failed for " + secure.URL + " [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: ",
		": say with --ca-bundle or AWS_CA_BUNDLE which file has the authority that signed it\n",
	})
	p.look("no authorities", "--domain team", []string{"AWS_ENDPOINT_URL=" + secure.URL, "AWS_CA_BUNDLE=/absent"}, []string{
		"FAIL endpoint    SSL validation failed for " + secure.URL + " [Errno 2] No such file or directory: --ca-bundle, AWS_CA_BUNDLE or ca_bundle of the profile names that file\n",
	})
	other := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(other.Close)
	p.look("another server", "--domain team", []string{"AWS_ENDPOINT_URL=" + other.URL}, []string{
		"FAIL identity    ", ": is " + other.URL + " a registry? --endpoint-url or AWS_ENDPOINT_URL says where it is\n",
	})
	p.e.Clock.Advance(20 * time.Minute)
	p.look("a fast clock", "--domain team", nil, []string{
		"FAIL clock       ", " from the service's; signatures are refused at 15m0s: set the clock of this machine, or of that one\n",
	})
}

// A service that is not Larder has no decisions to explain. None gets what is
// another registry's.
func TestDoctorAsksNoMoreThanAWSAnswers(t *testing.T) {
	p := newPatient(t)
	const others = "npm_0123456789012345678901234567890123456789"
	p.secrets = append(p.secrets, others)
	aws := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.Header.Get("Authorization"), others) {
			t.Errorf("%s %s: got another registry's token", r.Method, r.URL)
		}
		switch {
		case strings.HasPrefix(r.URL.Path, "/larder/"):
			w.Header().Set("X-Amzn-Errortype", "UnknownOperationException")
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprint(w, `{}`)
		case strings.HasSuffix(r.URL.Path, "/authorization-token"):
			fmt.Fprintf(w, `{"authorizationToken":"eyJ2ZXIiOjEsImlzdSI6MTU","expiration":%d}`, p.e.Clock.Now().Add(time.Hour).Unix())
		case strings.HasSuffix(r.URL.Path, "/endpoint"):
			fmt.Fprintf(w, `{"repositoryEndpoint":"https://team-123456789012.d.codeartifact.us-east-1.amazonaws.com/npm/app/"}`)
		case r.Method == http.MethodPost:
			fmt.Fprint(w, `<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/alice</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`)
		}
	}))
	t.Cleanup(aws.Close)
	p.write(".npmrc", "//registry.npmjs.org/:_authToken="+others+"\nregistry="+aws.URL+"/npm/d/team-123456789012/app/\n")
	p.look("AWS", "--domain team --repository app", []string{"AWS_ENDPOINT_URL=" + aws.URL}, []string{
		"ok   identity    arn:aws:iam::123456789012:user/alice by ", "ok   token       for team, until ",
		"--   permission  the service does not say what you may: UnknownOperationException\nok   repository  https://team-123456789012.d.codeartifact.us-east-1.amazonaws.com/npm/app/\n",
	})
}

// writers are the package managers whose files login writes itself.
var writers = []string{"twine", "yarn", "bun", "uv", "maven", "gradle", "sbt", "cargo", "gem", "bundler"}

func TestDoctorFindsExpiredTokensInEachToolsFile(t *testing.T) {
	p := newPatient(t)
	var fresh, expired, refused []string
	for _, tool := range writers {
		if got := p.run("login --tool " + tool + " --domain team --repository app"); got.code != 0 {
			t.Fatalf("%s: got %+v", tool, got)
		}
		if tool == "bun" {
			tool = "npm" // whose file it is
		}
		fresh = append(fresh, fmt.Sprintf("ok   %-12s%s", tool, p.e.URL))
		again := "larder login --tool " + tool + " --domain team --domain-owner " + p.e.Account + " --repository app\n"
		expired = append(expired, fmt.Sprintf("FAIL %-12s%s", tool, p.e.URL), ": log in again: "+again)
		switch tool {
		case "cargo", "gem", "bundler": // whose formats the registry does not serve
		default:
			refused = append(refused, ": the token is refused: log in again: "+again)
		}
	}
	// What was written with a token that no login knows of.
	token := p.e.Token(p.e.Admin)
	p.write(".config/pip/pip.conf", "[global]\nindex-url = "+strings.Replace(p.e.URL, "://", "://aws:"+token+"@", 1)+p.e.Endpoint("pypi")+"simple/\n")
	p.look("fresh", "", nil, append(fresh, "ok   pip         "+p.e.URL))

	for _, file := range []string{".pypirc", ".cargo/credentials.toml", ".gradle/gradle.properties"} {
		if err := os.Chmod(filepath.Join(p.home, file), 0o644); err != nil {
			t.Fatal(err)
		}
		p.look("open", "", nil, []string{"FAIL ", ": others can read the token: chmod 600 " + filepath.Join(p.home, file) + "\n"})
		if err := os.Chmod(filepath.Join(p.home, file), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	testenv.OK(t, p.e.Admin, api.RevokeTokensOfAccessKey, &api.RevokeTokensOfAccessKeyInput{AccessKeyId: p.e.Admin.KeyID})
	p.look("revoked", "", nil, append([]string{"FAIL "}, append(refused,
		"FAIL pip         ", ": the token is refused: log in again: larder login --tool pip --domain team --domain-owner "+p.e.Account+" --repository app\n")...))
	p.e.Clock.Advance(13 * time.Hour)
	p.look("expired", "", []string{"AWS_ENDPOINT_URL=http://127.0.0.1:1"}, expired)
}
