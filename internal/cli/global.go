package cli

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"larder.example/larder/internal/cli/args"
	"larder.example/larder/internal/cli/output"
	"larder.example/larder/internal/cli/value"
)

// globals are the options that every command takes, in the AWS CLI's order,
// which messages about ambiguous ones show.
func globals() []args.Option {
	return []args.Option{
		{Name: "debug", Kind: args.Flag, Help: "Tell on stderr what is done. No secret is shown."},
		{Name: "endpoint-url", Help: "Send requests to this address."},
		{Name: "no-verify-ssl", Kind: args.Flag, Help: "Trust any certificate."},
		{Name: "no-paginate", Kind: args.Flag, Help: "Make one request only."},
		{Name: "output", Choices: output.Formats(), Help: "How answers are printed."},
		{Name: "query", Help: "A JMESPath expression that picks what is printed."},
		{Name: "profile", Help: "The profile to take configuration and credentials from."},
		{Name: "region", Help: "The region to call and to sign for."},
		{Name: "version", Kind: args.Flag, Help: "Print the version."},
		{Name: "color", Choices: []string{"on", "off", "auto"}, Help: "Whether tables are coloured."},
		{Name: "no-sign-request", Kind: args.Flag, Help: "Send requests without a signature."},
		{Name: "ca-bundle", Help: "A file of certificates to trust in the place of the system's."},
		{Name: "cli-read-timeout", Help: "Seconds to wait for an answer; 0 waits for ever."},
		{Name: "cli-connect-timeout", Help: "Seconds to wait for a connection; 0 waits for ever."},
		{Name: "cli-binary-format", Choices: []string{"base64", "raw-in-base64-out"}, Help: "How bytes stand in parameters."},
		{Name: "no-cli-pager", Kind: args.Flag, Help: "Print without a pager."},
		{Name: "cli-auto-prompt", Kind: args.Flag, Help: "Accepted; there is no prompt."},
		{Name: "no-cli-auto-prompt", Kind: args.Flag, Help: "Accepted; there is no prompt."},
		{Name: "cli-error-format", Choices: errorFormats(), Help: "How errors are printed."},
	}
}

func errorFormats() []string {
	return []string{"legacy", "json", "yaml", "text", "table", "enhanced"}
}

// checkGlobals refuses global options that cannot be what they say.
func (s *Session) checkGlobals() error {
	if slices.Contains(s.Args, "--cli-auto-prompt") && slices.Contains(s.Args, "--no-cli-auto-prompt") {
		return ParamErrorf("Both --cli-auto-prompt and --no-cli-auto-prompt cannot be specified at the same time.")
	}
	if u := s.Globals.Text("endpoint-url"); u != "" {
		if parsed, err := url.Parse(u); err != nil || parsed.Scheme == "" || !strings.Contains(u, "://") {
			return ParamErrorf("Bad value for --endpoint-url \"%s\": scheme is missing.  Must be of the form http://<hostname>/ or https://<hostname>/", u)
		}
	}
	var err error
	if s.connectTimeout, err = s.seconds("connect"); err != nil {
		return err
	}
	s.readTimeout, err = s.seconds("read")
	return err
}

// seconds reads one of the timeouts; 0 is none.
func (s *Session) seconds(which string) (time.Duration, error) {
	text := s.Globals.Text("cli-" + which + "-timeout")
	if text == "" {
		return 60 * time.Second, nil
	}
	v, ok := value.Int(text)
	if !ok {
		return 0, badInt(text)
	}
	n, _ := v.(int64)
	if n < 0 {
		return 0, errorText("Attempted to set %s timeout to %d, but the timeout cannot be set to a value less than or equal to 0.", which, n)
	}
	return time.Duration(n) * time.Second, nil
}

// errorFormat returns how errors are printed. What is configured and unknown
// is no reason to fail twice.
func (s *Session) errorFormat() string {
	f := cmp.Or(s.Globals.Text("cli-error-format"), s.Getenv("AWS_CLI_ERROR_FORMAT"), s.configured("cli_error_format"))
	if !slices.Contains(errorFormats(), f) {
		return "enhanced"
	}
	return f
}
