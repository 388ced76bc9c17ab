package login

import (
	"bytes"
	"regexp"
	"slices"
)

func netrcLine(host, token string) string {
	return "machine " + host + " login token password " + token
}

// netrc puts a host's password in a .netrc: in the place of the one that is
// there, whosever it is, or behind the last line. As with the AWS CLI, a file
// that already says so gets the line once more, which no reader minds.
func netrc(old []byte, host, token string) []byte {
	there := old != nil
	old = bytes.ReplaceAll(old, []byte("\r\n"), []byte("\n"))
	entry := regexp.MustCompile(`(\bmachine\s+` + regexp.QuoteMeta(host) + `\s+login\s+\S+\s+password\s+)\S+`)
	changed := entry.ReplaceAllFunc(old, func(m []byte) []byte {
		return slices.Concat(entry.FindSubmatch(m)[1], []byte(token))
	})
	if !bytes.Equal(changed, old) {
		return changed
	}
	if there && !bytes.HasSuffix(old, []byte("\n")) {
		changed = append(changed, '\n')
	}
	return append(changed, netrcLine(host, token)+"\n"...)
}
