package format

import (
	"net/url"
	"strings"

	"larder.example/larder"
)

// Endpoints are the addresses at which package managers reach repositories.
// There are two shapes, both CodeArtifact's own, and both are always found:
//
//	URL/FORMAT/d/DOMAIN-OWNER/REPOSITORY/                              of a VPC endpoint; needs no wildcard DNS
//	https://DOMAIN-OWNER.d.codeartifact.REGION.SUFFIX/FORMAT/REPOSITORY/
type Endpoints struct {
	URL    string // scheme, host and port, without a slash at the end
	Region string
	Suffix string // not empty: the second shape is the one that is told
}

// Of returns the address of a repository in a format, with the slash at the
// end that clients build upon.
func (e Endpoints) Of(r larder.RepositoryRef, f larder.Format) string {
	domain := r.Domain.Name + "-" + r.Domain.Owner
	if e.Suffix == "" {
		return e.URL + "/" + string(f) + "/d/" + domain + "/" + r.Name + "/"
	}
	scheme, _, _ := strings.Cut(e.URL, "://")
	port := ""
	if u, err := url.Parse(e.URL); err == nil && u.Port() != "" {
		port = ":" + u.Port()
	}
	return scheme + "://" + domain + e.hostTail() + port + "/" + string(f) + "/" + r.Name + "/"
}

func (e Endpoints) hostTail() string { return ".d.codeartifact." + e.Region + "." + e.Suffix }

// Find returns what a request to host for an escaped path is about, and what
// of the path is left, beginning with a slash. It reports false for what is
// no repository's address.
func (e Endpoints) Find(host, path string) (r larder.RepositoryRef, f larder.Format, rest string, ok bool) {
	segment, rest := next(path)
	f = larder.Format(segment)
	domain, byHost := "", false
	if e.Suffix != "" {
		name, _, _ := strings.Cut(host, ":")
		name = strings.TrimSuffix(strings.ToLower(name), ".") // of a fully qualified name
		domain, byHost = strings.CutSuffix(name, e.hostTail())
	}
	if !byHost {
		if segment, rest = next(rest); segment != "d" {
			return r, f, rest, false
		}
		domain, rest = next(rest)
	}
	r.Name, rest = next(rest)
	if r.Domain, ok = splitDomain(domain); !ok || r.Name == "" {
		return r, f, rest, false
	}
	if rest == "" {
		rest = "/"
	}
	return r, f, rest, true
}

// next cuts the first segment off a path. Empty segments do not count: gem
// and others put a slash behind the one that an endpoint ends in.
func next(path string) (segment, rest string) {
	path = strings.TrimLeft(path, "/")
	i := strings.IndexByte(path, '/')
	if i < 0 {
		return path, ""
	}
	return path[:i], path[i:]
}

// splitDomain reads DOMAIN-OWNER, where the domain may have hyphens too.
func splitDomain(s string) (larder.DomainRef, bool) {
	i := strings.LastIndexByte(s, '-')
	if i <= 0 || len(s)-i-1 != 12 {
		return larder.DomainRef{}, false
	}
	for _, c := range s[i+1:] {
		if c < '0' || c > '9' {
			return larder.DomainRef{}, false
		}
	}
	return larder.DomainRef{Owner: s[i+1:], Name: s[:i]}, true
}
