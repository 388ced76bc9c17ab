package webidentity

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"time"
)

// maxClaims bounds what of a token is kept: how many claims, and how many
// bytes of one.
const (
	maxClaims = 64
	maxClaim  = 2048
)

// Claims is what a token says.
type Claims struct {
	Issuer    string
	Subject   string
	Audiences []string
	Party     string // azp: whom it was issued to; empty if it does not say

	// Keys are the claims that policies may ask for, by their names: all
	// that are a text, a number, a truth or a list of texts.
	Keys map[string][]string

	// Tags are the session tags of the claim https://aws.amazon.com/tags.
	Tags Tags

	// SourceIdentity is the claim https://aws.amazon.com/source_identity.
	SourceIdentity string

	expires, issued, notBefore time.Time
}

// Tags are what a token says about a session, in the claim of AWS's.
type Tags struct {
	Values     map[string][]string `json:"principal_tags"`
	Transitive []string            `json:"transitive_tag_keys"`
}

// Audience returns what AWS answers and what the condition key aud holds: the
// party that the token was issued to if it names one (IAM User Guide, keys for
// OIDC federation).
func (c Claims) Audience() []string {
	if c.Party != "" {
		return []string{c.Party}
	}
	return c.Audiences
}

func (c Claims) parties() []string {
	if c.Party == "" {
		return c.Audiences
	}
	return append([]string{c.Party}, c.Audiences...)
}

// Issuer returns who claims to have issued a token, none of it believed yet.
func Issuer(token string) (string, error) {
	_, rest, _ := strings.Cut(token, ".")
	middle, _, ok := strings.Cut(rest, ".")
	payload, err := base64.RawURLEncoding.DecodeString(middle)
	if !ok || err != nil {
		return "", refuse(err, "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
	}
	var c struct {
		Issuer string `json:"iss"`
	}
	if err := json.Unmarshal(payload, &c); err != nil || c.Issuer == "" {
		return "", refuse(err, "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)")
	}
	return c.Issuer, nil
}

// claimsOf reads the payload of a token whose signature is good.
func claimsOf(payload []byte) (Claims, error) {
	var all map[string]json.RawMessage
	var named struct {
		Issuer    string  `json:"iss"`
		Subject   string  `json:"sub"`
		Audience  texts   `json:"aud"`
		Party     string  `json:"azp"`
		Expires   seconds `json:"exp"`
		Issued    seconds `json:"iat"`
		NotBefore seconds `json:"nbf"`
		Tags      *Tags   `json:"https://aws.amazon.com/tags"`
		Source    string  `json:"https://aws.amazon.com/source_identity"`
	}
	if err := json.Unmarshal(payload, &all); err != nil {
		return Claims{}, refuse(err, "The token's claims are malformed.")
	}
	if err := json.Unmarshal(payload, &named); err != nil {
		return Claims{}, refuse(err, "The token's claims are malformed.")
	}
	c := Claims{
		Issuer: named.Issuer, Subject: named.Subject, Audiences: named.Audience, Party: named.Party,
		SourceIdentity: named.Source,
		expires:        named.Expires.time(), issued: named.Issued.time(), notBefore: named.NotBefore.time(),
		Keys: map[string][]string{},
	}
	if named.Tags != nil {
		c.Tags = *named.Tags
	}
	if len(all) > maxClaims {
		return Claims{}, refuse(nil, "The token has more than %d claims.", maxClaims)
	}
	for name, value := range all {
		if len(name) > maxClaim || len(value) > maxClaim || strings.ContainsAny(name, ":/") {
			continue // no condition key's
		}
		if values, ok := plain(value); ok {
			c.Keys[name] = values
		}
	}
	c.Keys["aud"] = c.Audience()
	if c.Party != "" {
		c.Keys["oaud"] = c.Audiences
	}
	return c, nil
}

// plain returns a claim as the values of a condition key.
func plain(value json.RawMessage) ([]string, bool) {
	var list texts
	if json.Unmarshal(value, &list) == nil {
		return list, list != nil
	}
	switch text := string(value); {
	case text == "true" || text == "false":
		return []string{text}, true
	case json.Valid(value) && strings.Trim(text, "0123456789.eE+-") == "":
		return []string{text}, true
	}
	return nil, false
}

// texts is a text or a list of them.
type texts []string

// UnmarshalJSON implements json.Unmarshaler.
func (t *texts) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil && string(b) != "null" {
		*t = texts{one}
		return nil
	}
	return json.Unmarshal(b, (*[]string)(t))
}

// seconds is a NumericDate (RFC 7519, 2).
type seconds string

// UnmarshalJSON implements json.Unmarshaler.
func (s *seconds) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	var n json.Number
	if err := json.Unmarshal(b, &n); err != nil {
		return err
	}
	*s = seconds(n)
	return nil
}

// time returns the point in time, zero for what says none or cannot be one.
func (s seconds) time() time.Time {
	f, err := strconv.ParseFloat(string(s), 64)
	if err != nil || f <= 0 || f > math.MaxUint32 {
		return time.Time{}
	}
	return time.Unix(int64(f), 0).UTC()
}
