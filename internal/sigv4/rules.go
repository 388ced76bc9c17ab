package sigv4

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"larder.example/larder"
)

const (
	defaultSkew      = 15 * time.Minute
	maxSignedHeaders = 32
)

// Scope is what a signing key is good for.
type Scope struct {
	Date    string // YYYYMMDD
	Region  string
	Service string
}

// timely checks that the request was signed about now. Presigned requests
// are good until they say that they expire.
func (c *claim) timely(now time.Time, skew time.Duration) error {
	if latest := now.Add(skew); c.at.After(latest) {
		return refuse(larder.CodeInvalidSignature, "Signature not yet current: %s is still later than %s (%s + %s min.)",
			c.date, basic(latest), basic(now), minutes(skew))
	}
	if c.expires > 0 {
		if end := c.at.Add(c.expires); now.After(end) {
			return refuse(larder.CodeRequestExpired, "Request has expired. It was good until %s and it is now %s.",
				basic(end), basic(now))
		}
		return nil
	}
	if earliest := now.Add(-skew); c.at.Before(earliest) {
		return refuse(larder.CodeInvalidSignature, "Signature expired: %s is now earlier than %s (%s - %s min.)",
			c.date, basic(earliest), basic(now), minutes(skew))
	}
	return nil
}

func basic(t time.Time) string { return t.UTC().Format(timeFormat) }

func minutes(d time.Duration) string { return strconv.FormatFloat(d.Minutes(), 'f', -1, 64) }

// hostSigned checks the list of signed headers. Without the host in it a
// request could be replayed at another server.
func (c *claim) hostSigned() error {
	var host, unfit bool
	n, last := 0, ""
	for name := range strings.SplitSeq(c.headers, ";") {
		n++
		authority := name == ":authority" // how HTTP/2 calls the host
		host = host || authority || name == "host"
		unfit = unfit || name <= last || !authority && !isLowerToken(name)
		last = name
	}
	switch {
	case !host:
		return refuse(larder.CodeInvalidSignature, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
	case n > maxSignedHeaders:
		return refuse(larder.CodeIncomplete, "SignedHeaders names %d headers; at most %d are accepted.", n, maxSignedHeaders)
	case unfit:
		return refuse(larder.CodeIncomplete, "SignedHeaders must be header names in lower case and ascending order, each once. Got '%s'.",
			clip(c.headers))
	}
	return nil
}

// isLowerToken reports whether s can be the name of a header in lower case
// (RFC 9110, 5.6.2).
func isLowerToken(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		lower := 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
		if !lower && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}

// supported checks the algorithm, which leaves SigV4a out.
func (c *claim) supported() error {
	if c.algorithm != algorithm {
		return refuse(larder.CodeIncomplete, "Unsupported AWS 'algorithm': '%s' (only %s for now). ", clip(c.algorithm), algorithm)
	}
	return nil
}

// scoped takes the credential apart and checks what its key is good for. All
// faults of a scope are told at once.
func (c *claim) scoped(service, region string, further []string) error {
	if strings.Count(c.credential, "/") != 4 {
		return refuse(larder.CodeIncomplete, "Credential must have exactly 5 slash-delimited elements, "+
			"e.g. keyid/date/region/service/term, got '%s'", clip(c.credential))
	}
	id, rest, _ := strings.Cut(c.credential, "/")
	day, rest, _ := strings.Cut(rest, "/")
	named, rest, _ := strings.Cut(rest, "/")
	api, end, _ := strings.Cut(rest, "/")
	c.keyID, c.scope = id, Scope{Date: day, Region: named, Service: api}

	var faults strings.Builder
	regionOK := named == region || slices.Contains(further, named)
	if !regionOK {
		faults.WriteString("Credential should be scoped to a valid region. ")
	}
	if api != service {
		faults.WriteString("Credential should be scoped to correct service: '" + service + "'. ")
	}
	if end != terminator {
		faults.WriteString("Credential should be scoped with a valid terminator: '" + terminator + "', not '" + clip(end) + "'. ")
	}
	if signed := c.date[:8]; day != signed {
		faults.WriteString("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '" +
			clip(day) + "' != '" + signed + "', from '" + c.date + "'. ")
	}
	if faults.Len() == 0 {
		return nil
	}
	if !regionOK && len(further) == 0 {
		// Not a word of AWS's, but what the user of a server of their own
		// needs to know.
		faults.WriteString("The region of this server is '" + region + "'. ")
	}
	return refuse(larder.CodeInvalidSignature, "%s", faults.String())
}
