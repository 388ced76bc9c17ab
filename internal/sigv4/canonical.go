package sigv4

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
)

// draft is where one request's canonical form and signature are put together.
// Verifiers keep drafts for reuse.
type draft struct {
	canonical []byte
	toSign    []byte
	signature [2 * sha256.Size]byte

	pairs    []byte // escaped names and values, one after the other
	spans    []span
	segments []string
	name     []byte
	secret   []byte
	sum      [sha256.Size]byte
	hash     digest
}

// span says where in draft.pairs a name starts, ends, and its value ends.
type span struct{ start, middle, end int }

// message is what a signature is made over.
type message struct {
	path    string // as sent
	query   Query
	signed  string // SignedHeaders
	payload string // hash of the body, in hexadecimal
	date    string
	scope   Scope
}

// write makes the canonical request and from it the string to sign. It
// returns false if r lacks a header that should be signed.
func (d *draft) write(r *http.Request, m message) bool {
	method := r.Method
	if method == "" { // in a request about to be sent
		method = http.MethodGet
	}
	c := append(d.canonical[:0], method...)
	c = append(c, '\n')
	c = d.appendPath(c, m.path)
	c = append(c, '\n')
	c = d.appendQuery(c, m.query)
	c = append(c, '\n')
	c, whole := d.appendHeaders(c, r, m.signed)
	c = append(c, '\n')
	c = append(c, m.signed...)
	c = append(c, '\n')
	c = append(c, m.payload...)
	d.canonical = c

	sum := sha256.Sum256(c)
	s := append(d.toSign[:0], algorithm...)
	s = append(s, '\n')
	s = append(s, m.date...)
	s = append(s, '\n')
	s = append(s, m.scope.Date...)
	s = append(s, '/')
	s = append(s, m.scope.Region...)
	s = append(s, '/')
	s = append(s, m.scope.Service...)
	s = append(s, "/"+terminator+"\n"...)
	d.toSign = hex.AppendEncode(s, sum[:])
	return whole
}

// appendPath appends a path without dot segments and empty ones, each byte
// of what was sent escaped once more, so that %2F becomes %252F.
//
// A path that ends in a dot segment loses its last slash, as botocore and the
// JavaScript SDK have it; RFC 3986 (5.2.4) would keep it.
func (d *draft) appendPath(dst []byte, path string) []byte {
	kept := d.segments[:0]
	for s := range strings.SplitSeq(path, "/") {
		switch s {
		case "", ".":
		case "..":
			kept = kept[:max(len(kept)-1, 0)]
		default:
			kept = append(kept, s)
		}
	}
	d.segments = kept
	for _, s := range kept {
		dst = append(dst, '/')
		dst = appendEscaped(dst, s)
	}
	if len(kept) == 0 || path[len(path)-1] == '/' {
		dst = append(dst, '/')
	}
	return dst
}

// appendQuery appends the pairs of q by escaped name, then by escaped value.
// Sorting joined pairs instead would put domain-owner= before domain=.
func (d *draft) appendQuery(dst []byte, q Query) []byte {
	text, spans := d.pairs[:0], d.spans[:0]
	for _, p := range q {
		s := span{start: len(text)}
		text = appendEscaped(text, p.Name)
		s.middle = len(text)
		text = appendEscaped(text, p.Value)
		s.end = len(text)
		spans = append(spans, s)
	}
	slices.SortFunc(spans, func(x, y span) int {
		if c := bytes.Compare(text[x.start:x.middle], text[y.start:y.middle]); c != 0 {
			return c
		}
		return bytes.Compare(text[x.middle:x.end], text[y.middle:y.end])
	})
	for i, s := range spans {
		if i > 0 {
			dst = append(dst, '&')
		}
		dst = append(dst, text[s.start:s.middle]...)
		dst = append(dst, '=')
		dst = append(dst, text[s.middle:s.end]...)
	}
	d.pairs, d.spans = text, spans
	return dst
}

// appendHeaders appends a line for each header that signed names, and returns
// false if r has not got one of them.
func (d *draft) appendHeaders(dst []byte, r *http.Request, signed string) ([]byte, bool) {
	whole := true
	for name := range strings.SplitSeq(signed, ";") {
		dst = append(dst, name...)
		dst = append(dst, ':')
		switch name {
		case "host", ":authority":
			dst = appendTrimmed(dst, host(r))
		default:
			d.name = appendHeaderKey(d.name[:0], name)
			values := r.Header[string(d.name)]
			whole = whole && len(values) > 0
			for i, v := range values {
				if i > 0 {
					dst = append(dst, ',')
				}
				dst = appendTrimmed(dst, v)
			}
		}
		dst = append(dst, '\n')
	}
	return dst, whole
}

func host(r *http.Request) string {
	if r.Host != "" {
		return r.Host
	}
	return r.URL.Host
}

// appendHeaderKey appends the key of http.Header for a name in lower case.
// It is [http.CanonicalHeaderKey] without an allocation for each name that
// net/http has no table entry for.
func appendHeaderKey(dst []byte, name string) []byte {
	up := true
	for i := 0; i < len(name); i++ {
		c := name[i]
		if up && 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		dst = append(dst, c)
		up = c == '-'
	}
	return dst
}

// appendTrimmed appends the words of v with one space between them. Line folds
// are white space too.
func appendTrimmed(dst []byte, v string) []byte {
	start := len(dst)
	for i := 0; i < len(v); {
		if isSpace(v[i]) {
			i++
			continue
		}
		end := i + 1
		for end < len(v) && !isSpace(v[end]) {
			end++
		}
		if len(dst) > start {
			dst = append(dst, ' ')
		}
		dst = append(dst, v[i:end]...)
		i = end
	}
	return dst
}

func isSpace(c byte) bool { return c <= ' ' && (c == ' ' || c == '\t' || c == '\r' || c == '\n') }
