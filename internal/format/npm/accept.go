package npm

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// The media types of a packument.
const (
	jsonType  = "application/json"
	shortType = "application/vnd.npm.install-v1+json"
)

// wantsShort reports whether a client prefers the abbreviated packument. It
// must name it: */* means the full one, and npm 11 asks for that even to
// install.
func wantsShort(r *http.Request) bool {
	accepts := strings.Join(r.Header.Values("Accept"), ",")
	if !strings.Contains(strings.ToLower(accepts), "install-v1") {
		return false
	}
	short, full := 0.0, 0.0
	for accept := range strings.SplitSeq(accepts, ",") {
		kind, params, err := mime.ParseMediaType(accept)
		if err != nil {
			continue
		}
		q := 1.0
		if s, ok := params["q"]; ok {
			if q, err = strconv.ParseFloat(s, 64); err != nil {
				continue
			}
		}
		switch kind {
		case shortType:
			short = max(short, q)
		case jsonType:
			full = max(full, q)
		}
	}
	return short > 0 && short >= full
}
