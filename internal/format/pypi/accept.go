package pypi

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"larder.example/larder"
)

// The media types of a page.
const (
	textHTML = "text/html"
	htmlV1   = "application/vnd.pypi.simple.v1+html"
	jsonV1   = "application/vnd.pypi.simple.v1+json"

	htmlLatest = "application/vnd.pypi.simple.latest+html"
	jsonLatest = "application/vnd.pypi.simple.latest+json"
)

// offers are what a page can be, the default first, and what asks for it.
var offers = [...]struct {
	kind  string
	names [2]string
}{
	{textHTML, [2]string{textHTML}},
	{htmlV1, [2]string{htmlV1, htmlLatest}},
	{jsonV1, [2]string{jsonV1, jsonLatest}},
}

// negotiate returns the type of the page that a client wants most: what it
// weighs highest, of that what it names and not only a wildcard covers, of
// that what it names first. A client that does not say gets HTML, as from
// CodeArtifact.
func negotiate(h http.Header) (string, error) {
	ranges := parseAccept(h.Values("Accept"))
	if len(ranges) == 0 {
		return textHTML, nil
	}
	best, kind := mediaRange{}, ""
	for _, o := range offers {
		r, ok := pick(ranges, o.names[:])
		if ok && r.weight > 0 && (kind == "" || r.before(best)) {
			best, kind = r, o.kind
		}
	}
	if kind == "" {
		return "", &larder.Error{
			Kind: larder.Invalid, Code: codeNotAcceptable,
			Message: "None of the media types in Accept is served: " + jsonV1 + ", " + htmlV1 + " and " + textHTML + " are.",
		}
	}
	return kind, nil
}

// mediaRange is one of an Accept header (RFC 9110, 12.5.1).
type mediaRange struct {
	name     string // type/subtype, type/* or */*
	exact    int    // 2, 1 or 0 of these
	weight   float64
	position int
}

// before reports whether r counts more than s.
func (r mediaRange) before(s mediaRange) bool {
	switch {
	case r.weight != s.weight:
		return r.weight > s.weight
	case r.exact != s.exact:
		return r.exact > s.exact
	}
	return r.position < s.position
}

// parseAccept reads the ranges of Accept headers. What is none covers nothing.
func parseAccept(headers []string) []mediaRange {
	var all []mediaRange
	for _, header := range headers {
		for s := range strings.SplitSeq(header, ",") {
			if strings.TrimSpace(s) == "" {
				continue
			}
			r := mediaRange{weight: 1, position: len(all), exact: 2}
			name, params, err := mime.ParseMediaType(s)
			if err == nil {
				r.name = name
			}
			if q, ok := params["q"]; ok {
				if r.weight, err = strconv.ParseFloat(q, 64); err != nil || !(r.weight >= 0 && r.weight <= 1) {
					r.weight = 0
				}
			}
			if r.name == "*/*" {
				r.exact = 0
			} else if strings.HasSuffix(r.name, "/*") {
				r.exact = 1
			}
			all = append(all, r)
		}
	}
	return all
}

// pick returns the range that decides about a type of these names: the most
// exact one.
func pick(ranges []mediaRange, names []string) (best mediaRange, ok bool) {
	for _, r := range ranges {
		if r.covers(names) && (!ok || r.exact > best.exact || r.exact == best.exact && r.weight > best.weight) {
			best, ok = r, true
		}
	}
	return best, ok
}

func (r mediaRange) covers(names []string) bool {
	switch r.exact {
	case 0:
		return true
	case 1:
		return strings.HasPrefix(names[0], strings.TrimSuffix(r.name, "*"))
	}
	for _, name := range names {
		if name != "" && r.name == name {
			return true
		}
	}
	return false
}
