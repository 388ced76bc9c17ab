package sigv4

import (
	"strings"

	"larder.example/larder"
)

// maxPairs bounds the work that a query can cause before anybody is known to
// have sent it.
const maxPairs = 64

// Pair is a name and a value of a query string, decoded.
type Pair struct{ Name, Value string }

// Query is a decoded query string in the order of arrival.
type Query []Pair

// First returns the value of the first pair called name, which is the one
// that counts in both AWS protocols, and whether there is one.
func (q Query) First(name string) (string, bool) {
	for _, p := range q {
		if p.Name == name {
			return p.Value, true
		}
	}
	return "", false
}

// ParseQuery decodes a raw query string by the rules of Signature Version 4:
// pairs end at '&' only, a name at the first '=', and '+' is a plus. It is
// for requests that need reading before they are verified, or are never
// signed; a verified request's query is in [Result].
//
// net/url's parser is not an alternative: it drops pairs holding ';' or a bad
// escape, so a handler would see another query than the client signed.
func ParseQuery(raw string) (Query, error) {
	if raw == "" {
		return nil, nil
	}
	n := strings.Count(raw, "&") + 1
	if n > maxPairs {
		return nil, larder.Errorf(larder.Invalid, "The query string holds %d parameters; at most %d are accepted.", n, maxPairs)
	}
	q := make(Query, 0, n)
	for part := range strings.SplitSeq(raw, "&") {
		name, value, _ := strings.Cut(part, "=")
		name, ok := unescape(name)
		if ok {
			value, ok = unescape(value)
		}
		if !ok {
			return nil, larder.Errorf(larder.Invalid, "The query string holds an invalid percent escape.")
		}
		q = append(q, Pair{name, value})
	}
	return q, nil
}
