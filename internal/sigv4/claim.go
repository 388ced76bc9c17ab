package sigv4

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"larder.example/larder"
)

const (
	algorithm  = "AWS4-HMAC-SHA256"
	terminator = "aws4_request"
	timeFormat = "20060102T150405Z"

	maxAuthorization = 4 << 10
	maxExpires       = 7 * 24 * time.Hour
)

// claim is what a request says about its own signature, none of it believed
// yet.
type claim struct {
	algorithm  string
	credential string
	headers    string // SignedHeaders as sent
	signature  string
	token      string // session token; empty if there is none

	date    string
	at      time.Time     // date, parsed
	expires time.Duration // how long a presigned request lives; 0 if it does not say

	keyID string
	scope Scope

	path  string // raw
	query Query  // all that the signature covers: without X-Amz-Signature

	payload   string // X-Amz-Content-Sha256
	announced bool   // whether there is one
}

// claimOf reads what r claims. It makes the checks that need nothing but the
// request, up to the form of the date.
func claimOf(r *http.Request) (claim, error) {
	var c claim
	path, raw := target(r)
	if !wellEscaped(path) {
		return c, larder.Errorf(larder.Invalid, "The request path holds an invalid percent escape.")
	}
	query, err := ParseQuery(raw)
	if err != nil {
		return c, err
	}
	c.path, c.query = path, query
	_, c.announced = r.Header["X-Amz-Content-Sha256"]
	c.payload = joined(r.Header, "X-Amz-Content-Sha256")

	auth := r.Header["Authorization"]
	_, presigned := query.First("X-Amz-Algorithm")
	switch {
	case presigned && len(auth) > 0:
		return c, refuse(larder.CodeInvalidSignature,
			"Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.")
	case presigned:
		err = c.readQuery()
	case len(auth) == 0 || !strings.HasPrefix(auth[0], "AWS4-"):
		return c, refuse(larder.CodeMissingToken, textMissing)
	case len(auth) > 1:
		return c, refuse(larder.CodeIncomplete, "The 'Authorization' header may be given only once.")
	default:
		err = c.readHeaders(r.Header, auth[0])
	}
	if err != nil {
		return c, err
	}

	var ok bool
	if c.at, ok = instant(c.date); !ok {
		return c, refuse(larder.CodeIncomplete, "Date must be in ISO-8601 'basic format'. Got '%s'. "+
			"See http://en.wikipedia.org/wiki/ISO_8601", clip(c.date))
	}
	return c, nil
}

// target returns the path and the query as they were sent.
func target(r *http.Request) (path, query string) {
	t := r.RequestURI
	if t == "" { // a request about to be sent
		t = r.URL.RequestURI()
	}
	if !strings.HasPrefix(t, "/") {
		// The absolute form (RFC 9112, 3.2.2), which clients send to proxies.
		if _, rest, ok := strings.Cut(t, "://"); ok {
			i := strings.IndexAny(rest, "/?")
			if i < 0 {
				i = len(rest)
			}
			t = rest[i:]
		}
	}
	path, query, _ = strings.Cut(t, "?")
	return path, query
}

// readHeaders reads the header form.
func (c *claim) readHeaders(h http.Header, auth string) error {
	if len(auth) > maxAuthorization {
		return refuse(larder.CodeIncomplete, "The 'Authorization' header is longer than %d bytes.", maxAuthorization)
	}
	first, params, _ := strings.Cut(auth, " ")
	if strings.Contains(first, "=") {
		return refuse(larder.CodeIncomplete,
			"Authorization header must begin with the algorithm name, which cannot include an equal-sign.")
	}
	c.algorithm = first
	for params = strings.Trim(params, " "); params != ""; {
		var param string
		param, params, _ = strings.Cut(params, ",")
		name, value, ok := strings.Cut(strings.Trim(param, " "), "=")
		if !ok || strings.Contains(name, " ") || strings.Contains(value, " ") {
			return refuse(larder.CodeIncomplete, "Invalid key=value pair (missing equal-sign) in Authorization header "+
				"(hashed with SHA-256 and encoded with Base64): '%s'.", fingerprint(auth))
		}
		field := c.parameter(name)
		if field == nil {
			continue
		}
		if *field != "" {
			return refuse(larder.CodeIncomplete, "Authorization header holds '%s' more than once.", name)
		}
		*field = value
	}
	c.date = joined(h, "X-Amz-Date")
	if c.date == "" {
		c.date = joined(h, "Date")
	}
	c.token = joined(h, "X-Amz-Security-Token")

	var missing strings.Builder
	for _, name := range []string{"Credential", "Signature", "SignedHeaders"} {
		if *c.parameter(name) == "" {
			missing.WriteString("Authorization header requires '" + name + "' parameter. ")
		}
	}
	if c.date == "" {
		missing.WriteString("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ")
	}
	if missing.Len() > 0 {
		return refuse(larder.CodeIncomplete, "%s(Hashed with SHA-256 and encoded with Base64) Authorization=%s",
			missing.String(), fingerprint(auth))
	}
	return nil
}

// parameter returns where the Authorization header's parameter called name
// goes. One of another name means nothing, as to AWS: nil.
func (c *claim) parameter(name string) *string {
	switch name {
	case "Credential":
		return &c.credential
	case "SignedHeaders":
		return &c.headers
	case "Signature":
		return &c.signature
	}
	return nil
}

// readQuery reads the presigned form, and takes the signature out of the
// query, which it is not part of.
func (c *claim) readQuery() error {
	var expires string
	var signature int
	for i, p := range c.query {
		var field *string
		switch p.Name {
		case "X-Amz-Algorithm":
			field = &c.algorithm
		case "X-Amz-Credential":
			field = &c.credential
		case "X-Amz-Date":
			field = &c.date
		case "X-Amz-Expires":
			field = &expires
		case "X-Amz-SignedHeaders":
			field = &c.headers
		case "X-Amz-Security-Token":
			field = &c.token
		case "X-Amz-Signature":
			field, signature = &c.signature, i
		default:
			continue
		}
		if *field != "" {
			return refuse(larder.CodeIncomplete, "AWS query-string parameters must include '%s' only once.", p.Name)
		}
		*field = p.Value
	}

	var missing strings.Builder
	for _, f := range []struct{ name, value string }{
		{"Credential", c.credential},
		{"Signature", c.signature},
		{"SignedHeaders", c.headers},
		{"Date", c.date},
	} {
		if f.value == "" {
			missing.WriteString("AWS query-string parameters must include 'X-Amz-" + f.name + "'. ")
		}
	}
	if missing.Len() > 0 {
		return refuse(larder.CodeIncomplete, "%sRe-examine the query-string parameters.", missing.String())
	}
	c.query = append(c.query[:signature], c.query[signature+1:]...)

	// The Go SDK's presigner leaves X-Amz-Expires out; such a request lives
	// as long as one signed in its headers.
	if _, ok := c.query.First("X-Amz-Expires"); ok {
		seconds, err := strconv.ParseUint(expires, 10, 32)
		c.expires = time.Duration(seconds) * time.Second
		if err != nil || c.expires == 0 || c.expires > maxExpires {
			return refuse(larder.CodeIncomplete, "X-Amz-Expires must be a number of seconds from 1 to %d. Got '%s'.",
				int(maxExpires/time.Second), clip(expires))
		}
	}
	return nil
}

// instant reads a time in the basic format of ISO 8601. time.Parse would take
// a tenth of all the time that a verification takes, and let a fraction of a
// second pass.
func instant(s string) (time.Time, bool) {
	if len(s) != len(timeFormat) || s[8] != 'T' || s[15] != 'Z' {
		return time.Time{}, false
	}
	digits := s[:8] + s[9:15]
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return time.Time{}, false
		}
	}
	two := func(i int) int { return int(digits[i]-'0')*10 + int(digits[i+1]-'0') }
	year, month, day := two(0)*100+two(2), time.Month(two(4)), two(6)
	hour, minute, second := two(8), two(10), two(12)
	t := time.Date(year, month, day, hour, minute, second, 0, time.UTC)
	// time.Date carries what is too much over into the next day or month.
	return t, t.Month() == month && t.Day() == day && hour < 24 && minute < 60 && second < 60
}

// joined returns all values of the header called name, so that a second one
// can never be overlooked: it spoils the first. name is in canonical form.
func joined(h http.Header, name string) string {
	switch v := h[name]; len(v) {
	case 0:
		return ""
	case 1:
		return v[0]
	default:
		return strings.Join(v, ",")
	}
}
