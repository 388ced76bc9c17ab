package cli

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// debugf writes a line for --debug, in the form of the AWS CLI's.
func (s *Session) debugf(format string, args ...any) {
	if s.Globals.Set("debug") {
		now := s.now().In(s.zone())
		fmt.Fprintf(s.Stderr, "%s,%03d - MainThread - larder - DEBUG - %s\n",
			now.Format("2006-01-02 15:04:05"), now.Nanosecond()/1e6, fmt.Sprintf(format, args...))
	}
}

func (s *Session) debugRequest(r *http.Request) {
	s.debugf("Making request: %s %s %s", r.Method, r.URL, shownHeaders(r.Header))
}

// debugAnswer shows no body: an answer may hold a token.
func (s *Session) debugAnswer(r *http.Response) {
	s.debugf("Response: %d %s", r.StatusCode, shownHeaders(r.Header))
}

// shownHeaders lists headers, without the values of those that let somebody in.
func shownHeaders(h http.Header) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(h)) {
		v := strings.Join(h[name], ", ")
		switch name {
		case "Authorization":
			v, _, _ = strings.Cut(v, "Signature=")
			v += "Signature=******"
		case "X-Amz-Security-Token":
			v = "******"
		}
		fmt.Fprintf(&b, "[%s: %s]", name, v)
	}
	return b.String()
}
