package credentials

import (
	"bytes"
	"context"
	"os/exec"
	"strings"

	"larder.example/larder/internal/cli/profile"
	"larder.example/larder/internal/cli/value"
)

const customProcess = "custom-process"

// process runs the program that a profile names, without a shell, and reads
// the keys that it prints.
func (c *Chain) process(ctx context.Context, p profile.Profile) (Keys, error) {
	words := ShellWords(p.Values["credential_process"])
	if len(words) == 0 {
		return Keys{}, nil
	}
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		why := stderr.String()
		if why == "" {
			why = err.Error()
		}
		return Keys{}, retrieval(customProcess, why)
	}
	v, err := value.ParseJSON(stdout.String())
	o, ok := v.(*value.Object)
	if err != nil || !ok {
		return Keys{}, retrieval(customProcess, "its output is no JSON object")
	}
	if version, _ := o.Get("Version"); version != int64(1) {
		return Keys{}, retrieval(customProcess, "Version '"+value.Str(version)+"' not supported for credential process, supported versions: 1")
	}
	k := Keys{ID: o.Text("AccessKeyId"), Secret: o.Text("SecretAccessKey"), Token: o.Text("SessionToken"), Source: "the process " + words[0]}
	for name, v := range map[string]string{"AccessKeyId": k.ID, "SecretAccessKey": k.Secret} {
		if v == "" {
			return Keys{}, retrieval(customProcess, "Missing required key in response: '"+name+"'")
		}
	}
	if text := o.Text("Expiration"); text != "" {
		if k.Expires, err = parseTime(text); err != nil {
			return Keys{}, retrieval(customProcess, "its Expiration is no time: "+text)
		}
	}
	return k, nil
}

// ShellWords splits as Python's shlex does: quotes of both kinds, and
// backslashes outside of single ones.
func ShellWords(line string) []string {
	var words []string
	var word strings.Builder
	begun := false
	var quote rune
	escaped := false
	for _, r := range line {
		switch {
		case escaped:
			if quote == '"' && r != '"' && r != '\\' {
				word.WriteByte('\\')
			}
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			escaped, begun = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '\'' || r == '"':
			quote, begun = r, true
		case r == ' ' || r == '\t' || r == '\n' || r == '\r':
			if begun {
				words = append(words, word.String())
				word.Reset()
				begun = false
			}
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if begun {
		words = append(words, word.String())
	}
	return words
}
