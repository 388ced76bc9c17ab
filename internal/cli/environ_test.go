//go:build unix

package cli_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"os/user"
	"strings"
	"testing"
	"time"

	"larder.example/larder/internal/cli"
)

// awkward is a token of all that a shell may take for something else.
const awkward = `it's "so" $HOME %PATH% \n ‘odd’ ;(` + "`x`)"

// tokenServer is a service whose every token is awkward.
func tokenServer(t *testing.T) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer := map[string]any{"repositoryEndpoint": "http://h.example/npm/d/team-123456789012/app/"}
		if strings.Contains(r.URL.Path, "token") {
			answer = map[string]any{"authorizationToken": awkward, "expiration": time.Now().Add(time.Hour).Unix()}
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(answer) //nolint:errcheck // the client would say so
	}))
	t.Cleanup(s.Close)
	return s
}

func TestEnvironmentIsQuotedForEachShell(t *testing.T) {
	s := tokenServer(t)
	printed := func(shell string) string {
		var out, errs strings.Builder
		code := cli.Main(t.Context(), &cli.Process{
			Args:   []string{"env", "--domain", "team", "--repository", "app", "--tool", "npm", "--shell", shell},
			Stdout: &out, Stderr: &errs,
			Environ: []string{"HOME=" + t.TempDir(), "AWS_ENDPOINT_URL=" + s.URL, "AWS_REGION=us-east-1", "AWS_ACCESS_KEY_ID=a", "AWS_SECRET_ACCESS_KEY=b"},
		})
		if code != 0 {
			t.Fatalf("%s: got %d, %s", shell, code, errs.String())
		}
		return out.String()
	}
	for shell, want := range map[string]string{
		"sh":         `export CODEARTIFACT_AUTH_TOKEN='it'\''s "so" $HOME %PATH% \n ‘odd’ ;(` + "`x`)'",
		"fish":       `set -gx CODEARTIFACT_AUTH_TOKEN 'it\'s "so" $HOME %PATH% \\n ‘odd’ ;(` + "`x`)'",
		"powershell": `$env:CODEARTIFACT_AUTH_TOKEN = 'it''s "so" $HOME %PATH% \n ‘‘odd’’ ;(` + "`x`)'",
		"cmd":        `set "CODEARTIFACT_AUTH_TOKEN=it's "so" $HOME %%PATH%% \n ‘odd’ ;(` + "`x`)\"",
		"dotenv":     `CODEARTIFACT_AUTH_TOKEN="it's \"so\" \$HOME %PATH% \\n ‘odd’ ;(` + "`x`)\"",
	} {
		if got, _, _ := strings.Cut(printed(shell), "\n"); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", shell, got, want)
		}
	}
	read := exec.CommandContext(t.Context(), "sh", "-c", printed("sh")+"\nprintf %s \"$CODEARTIFACT_AUTH_TOKEN\"")
	if got, err := read.CombinedOutput(); err != nil || string(got) != awkward {
		t.Errorf("got %q, %v, want %q", got, err, awkward)
	}
}

// A token is not written to wherever we are.
func TestHomeIsTheUsersWithoutItsVariable(t *testing.T) {
	u, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	for _, environ := range [][]string{nil, {"HOME="}} {
		if got := (&cli.Process{Environ: environ}).Home(); got != u.HomeDir {
			t.Errorf("%v: got %q, want %q", environ, got, u.HomeDir)
		}
	}
}
