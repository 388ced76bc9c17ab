package helper

import (
	"net/url"
	"strings"
)

// Address is a repository's address taken apart.
type Address struct {
	Origin     string // scheme://host:port
	Domain     string
	Owner      string
	Repository string
	Format     string
	Region     string // empty: the address does not say
}

// Locate reads the address of a repository, or of anything in it, in either of
// CodeArtifact's shapes:
//
//	https://DOMAIN-OWNER.d.codeartifact.REGION.SUFFIX/FORMAT/REPOSITORY/
//	ORIGIN/FORMAT/d/DOMAIN-OWNER/REPOSITORY/
//
// It reports false for what is neither.
func Locate(address string) (Address, bool) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return Address{}, false
	}
	a := Address{Origin: u.Scheme + "://" + strings.ToLower(u.Host)}
	segments := strings.FieldsFunc(u.EscapedPath(), func(c rune) bool { return c == '/' })
	name, rest, byHost := strings.Cut(strings.ToLower(u.Hostname()), ".d.codeartifact.")
	if byHost && !strings.HasPrefix(name, "vpce-") { // whose endpoints have the other shape
		a.Region, _, _ = strings.Cut(rest, ".")
	} else {
		if len(segments) < 4 || segments[1] != "d" {
			return Address{}, false
		}
		name = segments[2]
		segments = append(segments[:1:1], segments[3:]...)
	}
	if len(segments) < 2 {
		return Address{}, false
	}
	a.Format, a.Repository = segments[0], segments[1]
	i := strings.LastIndexByte(name, '-')
	if i <= 0 || len(name)-i-1 != 12 || strings.Trim(name[i+1:], "0123456789") != "" {
		return Address{}, false
	}
	a.Domain, a.Owner = name[:i], name[i+1:]
	return a, true
}

// Amazon reports whether the address is AWS's own, whoever says so: nobody
// else has hosts of these names.
func (a Address) Amazon() bool {
	host, secure := strings.CutPrefix(a.Origin, "https://")
	if !secure || strings.Contains(host, ":") {
		return false
	}
	for _, suffix := range [...]string{".amazonaws.com", ".amazonaws.com.cn", ".on.aws", ".api.aws"} {
		if strings.HasSuffix(host, suffix) {
			return strings.Contains(host, ".d.codeartifact.")
		}
	}
	return false
}
