package data

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// match returns the first route whose method and path are those of r, whose
// escaped path below the endpoint is rest, and sets r's path values. Without
// one it returns larder.NotFound. net/http's mux will not do: it panics on
// npm's overlapping patterns and answers 307 to // and .. by itself.
func match(routes []format.Route, r *http.Request, rest string) (*format.Route, error) {
	var segments []string
	for s := range strings.SplitSeq(rest, "/") {
		if s == "" {
			continue // gem and others double the endpoint's last slash
		}
		decoded, err := url.PathUnescape(s)
		if err != nil {
			return nil, larder.Errorf(larder.Invalid, "The path has an invalid escape.")
		}
		if decoded == "." || decoded == ".." || strings.IndexByte(decoded, 0) >= 0 || !utf8.ValidString(decoded) {
			return nil, larder.Errorf(larder.Invalid, "The path has a segment that means nothing here: %q.", decoded)
		}
		segments = append(segments, decoded)
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for i := range routes {
		if routes[i].Method == method && matchPath(routes[i].Path, segments, r) {
			return &routes[i], nil
		}
	}
	return nil, larder.Errorf(larder.NotFound, "Not found.")
}

// matchPath matches decoded segments against a pattern, piece by piece.
func matchPath(pattern string, segments []string, r *http.Request) bool {
	type value struct{ name, value string }
	var buffer [4]value
	values := buffer[:0]
	for p := range strings.SplitSeq(strings.Trim(pattern, "/"), "/") {
		if p == "" {
			break // the pattern is "/"
		}
		literal, name, variable := strings.Cut(p, "{")
		name, variable = strings.CutSuffix(name, "}")
		if rest, all := strings.CutSuffix(name, "..."); variable && all {
			values = append(values, value{rest, strings.Join(segments, "/")})
			segments = nil
			break
		}
		if len(segments) == 0 {
			return false
		}
		s := segments[0]
		segments = segments[1:]
		if !variable {
			if s != p {
				return false
			}
			continue
		}
		s, ok := strings.CutPrefix(s, literal)
		if !ok || s == "" {
			return false
		}
		values = append(values, value{name, s})
	}
	if len(segments) > 0 {
		return false
	}
	for _, v := range values {
		r.SetPathValue(v.name, v.value)
	}
	return true
}
