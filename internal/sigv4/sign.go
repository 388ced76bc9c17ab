package sigv4

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Signer signs requests with an access key. It signs the host, the content
// type and every X-Amz-* header; what else is in a request may be changed by
// those who carry it.
type Signer struct {
	KeyID        string
	Secret       string
	SessionToken string // of temporary credentials; empty for long-term keys
	Region       string
	Service      string
}

// Sign signs r as of at: it sets Authorization, X-Amz-Date and, with temporary
// credentials, X-Amz-Security-Token. bodyHash is the body's SHA-256 in
// hexadecimal, empty for an empty body. An X-Amz-Content-Sha256 header in r
// is signed in its place, right or wrong, as botocore has it: the server
// tells.
func (s Signer) Sign(r *http.Request, bodyHash string, at time.Time) error {
	if r.Header == nil {
		r.Header = http.Header{}
	}
	date := at.UTC().Format(timeFormat)
	r.Header.Del("Authorization")
	r.Header.Set("X-Amz-Date", date)
	r.Header.Del("X-Amz-Security-Token")
	if s.SessionToken != "" {
		r.Header.Set("X-Amz-Security-Token", s.SessionToken)
	}
	signed := signedHeaders(r.Header)
	signature, err := s.signature(r, signed, bodyHash, date)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", algorithm+" Credential="+s.credential(date)+
		", SignedHeaders="+signed+", Signature="+signature)
	return nil
}

// Presign signs r, which has no body, as of at into its query: its URL alone,
// with the headers that r has by now, is then good for the time given. That
// is whole seconds, at most seven days of them.
func (s Signer) Presign(r *http.Request, lifetime time.Duration, at time.Time) error {
	date := at.UTC().Format(timeFormat)
	signed := signedHeaders(r.Header)
	pairs := Query{
		{"X-Amz-Algorithm", algorithm},
		{"X-Amz-Credential", s.credential(date)},
		{"X-Amz-Date", date},
		{"X-Amz-Expires", strconv.Itoa(int(lifetime / time.Second))},
		{"X-Amz-SignedHeaders", signed},
	}
	if s.SessionToken != "" {
		pairs = append(pairs, Pair{"X-Amz-Security-Token", s.SessionToken})
	}
	query := []byte(r.URL.RawQuery)
	for _, p := range pairs {
		if len(query) > 0 {
			query = append(query, '&')
		}
		query = appendEscaped(query, p.Name)
		query = append(query, '=')
		query = appendEscaped(query, p.Value)
	}
	r.URL.RawQuery = string(query)
	signature, err := s.signature(r, signed, "", date)
	if err != nil {
		return err
	}
	r.URL.RawQuery += "&X-Amz-Signature=" + signature
	return nil
}

func (s Signer) signature(r *http.Request, signed, bodyHash, date string) (string, error) {
	path, raw := target(r)
	query, err := ParseQuery(raw)
	if err != nil {
		return "", fmt.Errorf("sign %s %s: %w", r.Method, path, err)
	}
	if bodyHash == "" {
		bodyHash = emptyHash
	}
	if _, announced := r.Header["X-Amz-Content-Sha256"]; announced {
		bodyHash = joined(r.Header, "X-Amz-Content-Sha256")
	}
	d := &draft{hash: newDigest()}
	scope := s.scope(date)
	whole := d.write(r, message{
		path: path, query: query, signed: signed, payload: bodyHash, date: date, scope: scope,
	})
	if !whole {
		return "", fmt.Errorf("sign %s %s: a header of %s is not under its canonical key", r.Method, path, signed)
	}
	key, err := padsOf(signingKey(s.Secret, scope), d.hash)
	if err != nil {
		return "", err
	}
	if err := d.sign(key); err != nil {
		return "", err
	}
	return string(d.signature[:]), nil
}

func (s Signer) scope(date string) Scope {
	return Scope{Date: date[:8], Region: s.Region, Service: s.Service}
}

func (s Signer) credential(date string) string {
	return strings.Join([]string{s.KeyID, date[:8], s.Region, s.Service, terminator}, "/")
}

// signedHeaders lists the headers of h to sign, and the host.
func signedHeaders(h http.Header) string {
	names := []string{"host"}
	for key, values := range h {
		name := strings.ToLower(key)
		if len(values) > 0 && (name == "content-type" || strings.HasPrefix(name, "x-amz-")) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ";")
}
