package data

import (
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// router finds the route of a request: the first of a format's whose method
// and path are the request's. net/http's mux will not do: it panics on npm's
// overlapping patterns and answers 307 to // and .. by itself.
type router []row

// row is a route with its pattern taken apart.
type row struct {
	route  *format.Route
	pieces []piece
	rest   string  // the name of what is left behind the pieces; empty: nothing may be
	tail   []piece // behind the rest
}

// piece is one segment of a pattern: a literal, or a variable behind one.
type piece struct{ literal, name string }

func newRouter(routes []format.Route) router {
	rt := make(router, len(routes))
	for i := range routes {
		rt[i] = newRow(&routes[i])
	}
	return rt
}

func newRow(route *format.Route) row {
	w := row{route: route}
	for p := range strings.SplitSeq(strings.Trim(route.Path, "/"), "/") {
		literal, name, _ := strings.Cut(p, "{")
		name = strings.TrimSuffix(name, "}")
		switch rest, all := strings.CutSuffix(name, "..."); {
		case all:
			w.rest = rest
		case p == "":
		case w.rest != "":
			w.tail = append(w.tail, piece{literal, name})
		default:
			w.pieces = append(w.pieces, piece{literal, name})
		}
	}
	return w
}

// match returns the route of r, whose escaped path below the endpoint is
// rest, and sets r's path values. Without one it returns larder.NotFound.
func (rt router) match(r *http.Request, rest string) (*format.Route, error) {
	var room [8]string // for the segments of usual paths
	segments := room[:0]
	for rest != "" {
		var s string
		if s, rest, _ = strings.Cut(rest, "/"); s == "" {
			continue // gem and others double the endpoint's last slash
		}
		decoded, err := decode(s)
		if err != nil {
			return nil, err
		}
		segments = append(segments, decoded)
	}
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	for i := range rt {
		if w := &rt[i]; w.route.Method == method && w.fits(segments) {
			w.set(r, segments)
			return w.route, nil
		}
	}
	return nil, larder.Errorf(larder.NotFound, "Not found.")
}

// decode returns the segment that is escaped as s.
func decode(s string) (string, error) {
	decoded, err := s, error(nil)
	if strings.IndexByte(s, '%') >= 0 {
		decoded, err = url.PathUnescape(s)
	}
	switch {
	case err != nil:
		return "", larder.Errorf(larder.Invalid, "The path has an invalid escape.")
	case decoded == ".", decoded == "..", strings.IndexByte(decoded, 0) >= 0, !utf8.ValidString(decoded):
		return "", larder.Errorf(larder.Invalid, "The path has a segment that means nothing here: %q.", decoded)
	}
	return decoded, nil
}

// fits matches decoded segments against the pattern, piece by piece.
func (w *row) fits(segments []string) bool {
	behind := len(segments) - len(w.tail)
	if behind < len(w.pieces) || behind > len(w.pieces) && w.rest == "" {
		return false
	}
	return fit(segments, w.pieces) && fit(segments[behind:], w.tail)
}

// fit matches the first segments against pieces.
func fit(segments []string, pieces []piece) bool {
	for i, p := range pieces {
		s := segments[i]
		switch {
		case p.name == "" && s != p.literal:
			return false
		case p.name != "" && (len(s) == len(p.literal) || !strings.HasPrefix(s, p.literal)):
			return false // a variable is not empty
		}
	}
	return true
}

// set sets the path values of a request whose segments fit.
func (w *row) set(r *http.Request, segments []string) {
	behind := len(segments) - len(w.tail)
	setPieces(r, segments, w.pieces)
	setPieces(r, segments[behind:], w.tail)
	if w.rest != "" {
		r.SetPathValue(w.rest, strings.Join(segments[len(w.pieces):behind], "/"))
	}
}

func setPieces(r *http.Request, segments []string, pieces []piece) {
	for i, p := range pieces {
		if p.name != "" {
			r.SetPathValue(p.name, segments[i][len(p.literal):])
		}
	}
}

// escapedPath is r.URL.EscapedPath() for a URL that came over the wire:
// nobody has changed the two spellings of its path since, so they need not be
// compared.
func escapedPath(r *http.Request) string {
	if r.URL.RawPath != "" {
		return r.URL.RawPath
	}
	return r.URL.EscapedPath()
}
