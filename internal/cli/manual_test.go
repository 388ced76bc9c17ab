package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"larder.example/larder/internal/testenv"
)

func TestCompletion(t *testing.T) {
	e := testenv.New(t)
	for line, want := range map[string]string{
		"larder codeartifact get-au":                  "get-authorization-token\n",
		"larder get-authorization-token --domain-":    "--domain-owner\n",
		"larder sts --output ya":                      "yaml\nyaml-stream\n",
		"larder --region x sts get-c":                 "get-caller-identity\n",
		"larder completion ":                          "bash\nzsh\nfish\npowershell\n",
		"larder get-authorization-token --domain x b": "",
	} {
		got := larder(t, e, "", "COMP_LINE="+line)
		if got.stdout != want || got.code != 0 {
			t.Errorf("%q: got %q, want %q", line, got.stdout, want)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if got := larder(t, e, "completion "+shell); !strings.Contains(got.stdout, "larder") || got.code != 0 {
			t.Errorf("%s: got %+v", shell, got)
		}
	}
}

func TestHelpAndManualKnowEveryCommand(t *testing.T) {
	e := testenv.New(t)
	for _, line := range []string{"help", "codeartifact help", "help login", "login help", "help sts assume-role", "create-domain help"} {
		if got := larder(t, e, line); got.code != 0 || len(got.stdout) < 100 || got.stderr != "" {
			t.Errorf("%s: got %+v", line, got)
		}
	}
	if got := larder(t, e, "help nonsense"); got.code != 252 {
		t.Errorf("got %+v, want 252", got)
	}
	dir := filepath.Join(t.TempDir(), "man")
	if got := larder(t, e, "man "+dir); got.code != 0 {
		t.Fatalf("got %+v", got)
	}
	text, err := os.ReadFile(filepath.Join(dir, "larder-codeartifact-get-authorization-token.1"))
	if err != nil || !strings.Contains(string(text), `.B \-\-duration\-seconds`) {
		t.Errorf("got %s, %v", text, err)
	}
}

func TestCmdletSelects(t *testing.T) {
	e := testenv.New(t)
	const cmdlet = "cmdlet get-ca-authorization-token --domain team --duration-seconds 900 "
	var all struct{ AuthorizationToken, Expiration string }
	got := larder(t, e, cmdlet)
	if err := json.Unmarshal([]byte(got.stdout), &all); err != nil || all.AuthorizationToken == "" || all.Expiration == "" {
		t.Errorf("got %+v, %v", got, err)
	}
	for selected, want := range map[string]string{
		"authorizationtoken": `"lrd_`, "^Domain": `"team"`, "^durationsecond": `"900"`, "^DomainOwner": "null",
	} {
		if got := larder(t, e, cmdlet+"--select "+selected); got.code != 0 || !strings.HasPrefix(got.stdout, want) {
			t.Errorf("%s: got %+v, want %s", selected, got, want)
		}
	}
	if got := larder(t, e, cmdlet+"--select Nothing"); got.code != 252 {
		t.Errorf("got %+v, want 252", got)
	}
}
