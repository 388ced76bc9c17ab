package wire

import (
	"net/url"
	"strings"
)

// Pair is a decoded parameter of a query string or a form.
type Pair struct{ Name, Value string }

// First returns the value of the first pair called name. AWS takes the first
// of a repeated parameter.
func First(pairs []Pair, name string) (string, bool) {
	for _, p := range pairs {
		if p.Name == name {
			return p.Value, true
		}
	}
	return "", false
}

// ParseQuery decodes a query string as Signature Version 4 reads it: '&'
// alone separates, the first '=' divides, '+' is a plus sign. It fails on a
// bad escape.
func ParseQuery(raw string) ([]Pair, error) { return parsePairs(raw, url.PathUnescape) }

// ParseForm decodes a form; it differs from a query in that '+' is a space.
func ParseForm(raw string) ([]Pair, error) { return parsePairs(raw, url.QueryUnescape) }

func parsePairs(raw string, unescape func(string) (string, error)) ([]Pair, error) {
	if raw == "" {
		return nil, nil
	}
	pairs := make([]Pair, 0, 1+strings.Count(raw, "&"))
	for part := range strings.SplitSeq(raw, "&") {
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		name, err := unescape(name)
		if err != nil {
			return nil, err
		}
		value, err = unescape(value)
		if err != nil {
			return nil, err
		}
		pairs = append(pairs, Pair{name, value})
	}
	return pairs, nil
}

// EncodeQuery encodes pairs so that every reader, signers included, decodes
// them alike.
func EncodeQuery(pairs []Pair) string {
	var b strings.Builder
	for i, p := range pairs {
		if i > 0 {
			b.WriteByte('&')
		}
		b.WriteString(Escape(p.Name))
		b.WriteByte('=')
		b.WriteString(Escape(p.Value))
	}
	return b.String()
}

// Escape percent-encodes all but RFC 3986's unreserved characters.
func Escape(s string) string {
	return strings.ReplaceAll(url.QueryEscape(s), "+", "%20")
}
