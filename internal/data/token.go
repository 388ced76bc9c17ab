package data

import (
	"encoding/base64"
	"net/http"
	"strings"
)

// bearer returns the authorization token that a request bears, and false if
// it bears none. One token comes in many shapes: npm sends Bearer, pip and
// Maven Basic with any user name, cargo the bare token, and some formats have
// a header of their own. All are taken from all.
func bearer(r *http.Request, further string) (string, bool) {
	value := strings.TrimSpace(r.Header.Get("Authorization")) // cargo on Windows leaves a line feed
	scheme, rest, ok := strings.Cut(value, " ")
	rest = strings.TrimSpace(rest)
	switch {
	case ok && strings.EqualFold(scheme, "Bearer"):
		return rest, rest != ""
	case ok && strings.EqualFold(scheme, "Basic"):
		return basicPassword(rest)
	case value != "" && !ok:
		return value, true
	}
	if further == "" {
		return "", false
	}
	value = strings.TrimSpace(r.Header.Get(further))
	return value, value != ""
}

// basicPassword returns the password of Basic credentials.
func basicPassword(credentials string) (string, bool) {
	decoded, err := base64.StdEncoding.DecodeString(credentials)
	if err != nil {
		return "", false
	}
	_, password, ok := strings.Cut(string(decoded), ":")
	return password, ok && password != ""
}
