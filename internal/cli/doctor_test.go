package cli_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/testenv"
)

// TestDoctorSaysWhatIsWrong looks at a machine on which one thing after the
// other is.
func TestDoctorSaysWhatIsWrong(t *testing.T) {
	e := testenv.New(t)
	home := t.TempDir()
	look := func(line string, environ ...string) run {
		return larder(t, e, line, append([]string{"HOME=" + home}, environ...)...)
	}
	if got := look("login --tool twine --domain team --repository app"); got.code != 0 {
		t.Fatalf("got %+v", got)
	}
	healthy := look("doctor --domain team --repository app")
	for _, want := range []string{
		"ok   endpoint    " + e.URL, "ok   clock       ", "ok   identity    arn:aws:iam::" + e.Account + ":user/quickstart",
		"ok   token       for team, until ", "ok   repository  " + e.URL, "ok   twine       " + e.URL, ", token until ",
	} {
		if !strings.Contains(healthy.stdout, want) {
			t.Errorf("got\n%s\nwant %q", healthy.stdout, want)
		}
	}
	if healthy.code != 0 || strings.Contains(healthy.stdout+healthy.stderr, "lrd_") {
		t.Errorf("got %+v, want no failure and no token", healthy)
	}

	alice := e.User("alice")
	denied := look("doctor --domain team", "AWS_ACCESS_KEY_ID="+alice.KeyID, "AWS_SECRET_ACCESS_KEY="+alice.Secret)
	if denied.code != 1 || !strings.Contains(denied.stdout, "FAIL token ") || !strings.Contains(denied.stdout, "codeartifact:GetAuthorizationToken") {
		t.Errorf("got %+v, want what alice may not", denied)
	}
	if err := os.Chmod(filepath.Join(home, ".pypirc"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := look("doctor"); got.code != 1 || !strings.Contains(got.stdout, "others can read the file") {
		t.Errorf("got %+v, want the file that others can read", got)
	}
	if got := look("doctor", "AWS_ENDPOINT_URL=http://127.0.0.1:1"); got.code != 1 || !strings.Contains(got.stdout, "FAIL endpoint ") {
		t.Errorf("got %+v, want the service that is not there", got)
	}
}

// TestDoctorNamesTheStatementThatDecides asks as a user who may ask why.
func TestDoctorNamesTheStatementThatDecides(t *testing.T) {
	e := testenv.New(t)
	erin := e.User("erin", `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Action":["codeartifact:GetAuthorizationToken","codeartifact:GetRepositoryEndpoint","sts:GetServiceBearerToken","larder:ExplainDecision"],"Resource":"*"},
		{"Sid":"Reading","Effect":"Allow","Action":"codeartifact:ReadFromRepository","Resource":"*"}]}`)
	look := func() run {
		return larder(t, e, "doctor --domain team --repository app", "AWS_ACCESS_KEY_ID="+erin.KeyID, "AWS_SECRET_ACCESS_KEY="+erin.Secret)
	}
	silent := look()
	e.PutUserPolicy("erin", "closed", `{"Version":"2012-10-17","Statement":{"Sid":"NotNow","Effect":"Deny","Action":"codeartifact:Read*","Resource":"*"}}`)
	closed := look()
	for name, tt := range map[string]struct {
		got  run
		want []string
	}{
		"a permission that nothing gives": {silent, []string{
			"ok   permission  codeartifact:ReadFromRepository, by statement 2 (Reading) of ",
			"FAIL permission  codeartifact:PublishPackageVersion on arn:aws:codeartifact:" + testenv.Region + ":" + e.Account + ":package/team/app/npm//example: implicitDeny, which no statement allows",
		}},
		"a permission that is denied": {closed, []string{
			"FAIL permission  codeartifact:ReadFromRepository on arn:aws:codeartifact:" + testenv.Region + ":" + e.Account + ":repository/team/app: explicitDeny, by statement 1 (NotNow) of ",
			" closed\n",
		}},
	} {
		for _, want := range tt.want {
			if tt.got.code != 1 || !strings.Contains(tt.got.stdout, want) {
				t.Errorf("%s: got\n%s\nwant %q", name, tt.got.stdout, want)
			}
		}
	}

	// The clock of a machine that is 20 minutes fast.
	e.Clock.Advance(20 * time.Minute)
	if got := look(); got.code != 1 || !strings.Contains(got.stdout, "FAIL clock ") || !strings.Contains(got.stdout, " from the service's; signatures are refused at 15m0s") {
		t.Errorf("got\n%s\nwant the clock", got.stdout)
	}
}

func TestProxyListensToThisMachineOnly(t *testing.T) {
	e := testenv.New(t)
	got := larder(t, e, "proxy --domain team --repository app --listen 0.0.0.0:0")
	if want := "argument --listen: 0.0.0.0:0 is not on the loopback interface"; got.code != 252 || !strings.Contains(got.stderr, want) {
		t.Errorf("got %+v, want %s", got, want)
	}
}
