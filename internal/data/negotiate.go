package data

import (
	"strconv"
	"strings"
)

// acceptsGzip reads Accept-Encoding (RFC 9110, 12.5.3) as far as gzip is
// concerned: what is said of gzip counts before what is said of everything.
func acceptsGzip(headers []string) bool {
	accepts := false
	for _, header := range headers {
		for part := range strings.SplitSeq(header, ",") {
			coding, params, _ := strings.Cut(part, ";")
			switch coding = strings.TrimSpace(coding); {
			case strings.EqualFold(coding, "gzip"), strings.EqualFold(coding, "x-gzip"):
				return weighs(params)
			case coding == "*":
				accepts = weighs(params)
			}
		}
	}
	return accepts
}

// weighs reports whether the parameters of a coding give it a weight other
// than 0.
func weighs(params string) bool {
	name, q, _ := strings.Cut(strings.TrimSpace(params), "=")
	if !strings.EqualFold(strings.TrimSpace(name), "q") {
		return true
	}
	weight, err := strconv.ParseFloat(strings.TrimSpace(q), 64)
	return err != nil || weight > 0
}

// noneMatch reports whether If-None-Match names the tag of a document, in
// either form: what the client has kept is good, whatever it would be sent.
func noneMatch(headers []string, tag string) bool {
	for _, header := range headers {
		for part := range strings.SplitSeq(header, ",") {
			part = strings.TrimPrefix(strings.TrimSpace(part), "W/")
			if part == "*" {
				return true
			}
			if name := strings.Trim(part, `"`); name == tag || name == tag+packedTag {
				return true
			}
		}
	}
	return false
}
