package story

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
	"larder.example/larder/internal/testenv/clients"
)

func useClients(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, len(clients.All()), "client NAME...")
	for _, name := range args {
		dir := clients.Dir(storyOf(ts).t, name)
		ts.Setenv("CLIENT", dir)
		prependPath(ts, filepath.Join(dir, "bin"))
	}
}

func prependPath(ts *testscript.TestScript, dir string) {
	ts.Setenv("PATH", dir+string(os.PathListSeparator)+ts.Getenv("PATH"))
}

// build uses the caches of the machine: those of a fresh HOME would fetch
// each module anew.
func build(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, 1, "build NAME")
	bin := inWork(ts, "bin")
	cmd := exec.CommandContext(storyOf(ts).t.Context(), "go", "build", "-o", filepath.Join(bin, args[0]), ".")
	cmd.Dir = filepath.Join("testdata", "clients", args[0])
	if out, err := cmd.CombinedOutput(); err != nil {
		ts.Fatalf("%s: %v\n%s", cmd, err, out)
	}
	prependPath(ts, bin)
}

func expand(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, 9, "expand FILE...")
	for _, file := range args {
		ts.Check(os.WriteFile(ts.MkAbs(file), []byte(os.Expand(ts.ReadFile(file), ts.Getenv)), 0o600))
	}
}

func as(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 1, 9, "as USER [POLICY-FILE...]")
	user, ctx := args[0], storyOf(ts).t.Context()
	file := "users/" + user + ".sh"
	if _, err := os.Stat(inWork(ts, file)); err == nil && len(args) == 1 {
		loadEnv(ts, file)
		return
	}
	admin(ts, false, nil)
	c := caller(ts)
	_, err := client.Call(ctx, c, iam.CreateUser, &iam.CreateUserInput{UserName: user})
	ts.Check(err)
	for i, name := range args[1:] {
		_, err := client.Call(ctx, c, iam.PutUserPolicy, &iam.PutUserPolicyInput{
			UserName: user, PolicyName: "policy" + strconv.Itoa(i), PolicyDocument: ts.ReadFile(name),
		})
		ts.Check(err)
	}
	key, err := client.Call(ctx, c, iam.CreateAccessKey, &iam.CreateAccessKeyInput{UserName: user})
	ts.Check(err)
	ts.Check(os.MkdirAll(inWork(ts, "users"), 0o700))
	ts.Check(os.WriteFile(inWork(ts, file), fmt.Appendf(nil,
		"export AWS_ACCESS_KEY_ID='%s'\nexport AWS_SECRET_ACCESS_KEY='%s'\n", key.AccessKey.AccessKeyId, key.AccessKey.SecretAccessKey), 0o600))
	loadEnv(ts, file)
}

func admin(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 0, 0, "admin")
	loadEnv(ts, quickstartEnv)
}

// loadEnv sets what a file for shells exports.
func loadEnv(ts *testscript.TestScript, file string) {
	for line := range strings.Lines(ts.ReadFile(inWork(ts, file))) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok {
			ts.Setenv(strings.TrimPrefix(name, "export "), strings.Trim(value, "'"))
		}
	}
}

// caller returns a client with the credentials of the story's environment,
// on the clock of its registry.
func caller(ts *testscript.TestScript) *client.Client {
	c := &client.Client{
		URL: ts.Getenv("AWS_ENDPOINT_URL"), Region: ts.Getenv("AWS_REGION"),
		KeyID: ts.Getenv("AWS_ACCESS_KEY_ID"), Secret: ts.Getenv("AWS_SECRET_ACCESS_KEY"),
		HTTP: browser(ts),
	}
	if r := storyOf(ts).registry; r != nil {
		c.Now = r.Clock.Now
	}
	return c
}

// browser returns an HTTP client that trusts whom the AWS tools are told to
// trust.
func browser(ts *testscript.TestScript) *http.Client {
	bundle := ts.Getenv("AWS_CA_BUNDLE")
	if bundle == "" {
		return http.DefaultClient
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM([]byte(ts.ReadFile(bundle)))
	return &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
}

func token(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 0, 1, "token [DOMAIN]")
	out, err := client.Call(storyOf(ts).t.Context(), caller(ts), codeartifact.GetAuthorizationToken, &codeartifact.GetAuthorizationTokenInput{
		Domain: append(args, testenv.Domain)[0],
	})
	ts.Check(err)
	ts.Setenv("TOKEN", out.AuthorizationToken)
}

func request(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg, args, 3, 4, "http METHOD PATH STATUS [BODY-FILE]")
	target, body := args[1], []byte(nil)
	switch {
	case strings.HasPrefix(target, "/"):
		target = ts.Getenv("AWS_ENDPOINT_URL") + target
	case !strings.HasPrefix(target, "http://"):
		target = ts.Getenv("ENDPOINT") + target
	}
	if len(args) == 4 {
		body = []byte(ts.ReadFile(args[3]))
	}
	status, text, err := fetch(ts, args[0], target, body)
	ts.Check(err)
	ts.Stdout().Write(text) //nolint:errcheck // a buffer
	if got := strconv.Itoa(status); got != args[2] {
		ts.Fatalf("%s %s: got %s, want %s: %s", args[0], args[1], got, args[2], text)
	}
}

// fetch sends a request with the token that the story has, if it has one.
func fetch(ts *testscript.TestScript, method, target string, body []byte) (status int, answer []byte, err error) {
	r, err := http.NewRequestWithContext(storyOf(ts).t.Context(), method, target, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	if t := ts.Getenv("TOKEN"); t != "" {
		r.Header.Set("Authorization", "Bearer "+t)
	}
	res, err := browser(ts).Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer res.Body.Close()
	answer, err = io.ReadAll(res.Body)
	return res.StatusCode, answer, err
}
