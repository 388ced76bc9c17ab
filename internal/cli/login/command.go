package login

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"strconv"
	"strings"
)

// quietly keeps npm from writing its command line, which has the token in it,
// to a log below ~/.npm/_logs (seen with npm 11).
const quietly = "npm_config_logs_max=0"

func (a act) showCommand(h *Host) {
	fmt.Fprintln(h.Stdout, strings.Join(a.argv, " "))
	if !a.quiet {
		fmt.Fprintln(h.Stdout)
	}
}

// run runs the program in the user's home directory: in a package of a
// workspace, npm refuses to change its configuration (ENOWORKSPACES).
func (a act) run(ctx context.Context, h *Host, r *Request) error {
	_, stderr, err := h.Run(ctx, h.Home, []string{quietly}, a.argv)
	if err == nil {
		if a.done != "" {
			fmt.Fprintln(h.Stdout, a.done)
		}
		return hide(a.secret)
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return absent(a.argv[0], err)
	}
	if a.try {
		return nil
	}
	if a.failed != "" {
		fmt.Fprintln(h.Stdout, a.failed)
	}
	if exit.ExitCode() < 0 {
		return says("Command '%s' died with %s.", hidden(r, list(a.argv)), exit.ProcessState)
	}
	return says("Command '%s' returned non-zero exit status %d. Stderr from command:\n%s",
		hidden(r, list(a.argv)), exit.ExitCode(), hidden(r, string(bytes.TrimRight(stderr, " \r\n\t"))))
}

// ask runs a program for what it prints.
func ask(ctx context.Context, h *Host, argv ...string) ([]byte, error) {
	stdout, _, err := h.Run(ctx, h.Home, nil, argv)
	var exit *exec.ExitError
	switch {
	case err == nil:
		return stdout, nil
	case errors.As(err, &exit):
		return nil, says("Command '%s' returned non-zero exit status %d.", list(argv), exit.ExitCode())
	default:
		return nil, absent(argv[0], err)
	}
}

// absent says that a program cannot be started, in the AWS CLI's words.
func absent(program string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return says("[Errno 13] Permission denied: '%s'", program)
	}
	return says("%s was not found. Please verify installation.", program)
}

// hidden returns text without the token.
func hidden(r *Request, text string) string {
	if r.Token == "" {
		return text
	}
	return strings.ReplaceAll(text, r.Token, "******")
}

// list spells words as Python prints a list of strings.
func list(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = literal(w)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// literal spells s as Python's repr does: in single quotes unless that would
// take a backslash and double ones would not.
func literal(s string) string {
	quote := "'"
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = `"`
	}
	var b strings.Builder
	b.WriteString(quote)
	for _, c := range s {
		switch {
		case c == '\\', string(c) == quote:
			b.WriteString(`\` + string(c))
		case c < ' ', c == 0x7f:
			b.WriteString(strings.Trim(strconv.QuoteRune(c), "'"))
		default:
			b.WriteRune(c)
		}
	}
	b.WriteString(quote)
	return b.String()
}
