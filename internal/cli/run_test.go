package cli_test

import (
	"strings"
	"testing"

	"larder.example/larder/internal/cli"
	"larder.example/larder/internal/testenv"
)

// run is one run of the command line.
type run struct {
	code           int
	stdout, stderr string
}

// larder runs the command line for the administrator of a registry, with what
// environ adds or overrides.
func larder(t *testing.T, e *testenv.Env, line string, environ ...string) run {
	t.Helper()
	var out, errs strings.Builder
	p := &cli.Process{
		Args: strings.Fields(line), Stdout: &out, Stderr: &errs, Now: e.Clock.Now,
		Environ: append([]string{
			"HOME=" + t.TempDir(), "AWS_ENDPOINT_URL=" + e.URL, "AWS_REGION=" + testenv.Region,
			"AWS_ACCESS_KEY_ID=" + e.Admin.KeyID, "AWS_SECRET_ACCESS_KEY=" + e.Admin.Secret,
		}, environ...),
	}
	code := cli.Main(t.Context(), p)
	return run{code, out.String(), errs.String()}
}

func TestTokenFromAServer(t *testing.T) {
	e := testenv.New(t)
	got := larder(t, e, "codeartifact get-authorization-token --domain team --duration-seconds 900 --output text")
	token, expires, ok := strings.Cut(strings.TrimSpace(got.stdout), "\t")
	if got.code != 0 || !ok || !strings.HasPrefix(token, "lrd_") || expires == "" || got.stderr != "" {
		t.Errorf("got %+v", got)
	}
	short := larder(t, e, "get-repository-endpoint --domain team --repository app --format npm")
	if want := "{\n    \"repositoryEndpoint\": \"" + e.URL; short.code != 0 || !strings.HasPrefix(short.stdout, want) {
		t.Errorf("got %+v, want %s", short, want)
	}
}

func TestFailures(t *testing.T) {
	e := testenv.New(t)
	for _, tt := range []struct {
		line    string
		environ string
		code    int
		stderr  string
	}{
		{"describe-domain --domain absent", "", 254, "\nlarder: [ERROR]: An error occurred (ResourceNotFoundException) when calling the DescribeDomain operation: Domain not found."},
		{"describe-domain", "", 252, "\nlarder: [ERROR]: An error occurred (ParamValidation): the following arguments are required: --domain\n\nusage: larder"},
		{"describe-domain --domain a", "", 252, "\nlarder: [ERROR]: An error occurred (ParamValidation): Parameter validation failed:\nInvalid length for parameter domain, value: 1, valid min length: 2\n"},
		{"list-domains", "AWS_REGION=", 253, "\nlarder: [ERROR]: An error occurred (NoRegion): You must specify a region."},
		{"list-domains", "AWS_ACCESS_KEY_ID=", 253, "\nlarder: [ERROR]: An error occurred (NoCredentials): Unable to locate credentials."},
		{"list-domains", "AWS_SECRET_ACCESS_KEY=", 255, "\nlarder: [ERROR]: Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY\n"},
		{"list-domains --profile absent", "", 255, "\nlarder: [ERROR]: The config profile (absent) could not be found\n"},
		{"list-domains", "AWS_CONFIG_FILE=/", 255, "\nlarder: [ERROR]: Unable to read config file: read /: is a directory\n"},
		{"exec --tool nmp --domain team --repository app -- sh", "", 252, "\nlarder: [ERROR]: An error occurred (ParamValidation): argument --tool: there is no package manager called nmp here, but swift, nuget, dotnet, npm, "},
		{"list-domains", "AWS_ENDPOINT_URL=127.0.0.1:1", 255, "\nlarder: [ERROR]: Invalid endpoint: 127.0.0.1:1\n"},
		{"list-domains --endpoint-url 127.0.0.1:1", "", 252, "\nlarder: [ERROR]: An error occurred (ParamValidation): Bad value for --endpoint-url"},
		{"nonsense", "", 252, "\nlarder: [ERROR]: An error occurred (ParamValidation): argument command: Found invalid choice 'nonsense'\n"},
	} {
		got := larder(t, e, tt.line, tt.environ)
		if got.code != tt.code || !strings.HasPrefix(got.stderr, tt.stderr) || got.stdout != "" {
			t.Errorf("%s with %s: got %+v, want %d %q", tt.line, tt.environ, got, tt.code, tt.stderr)
		}
	}
}
