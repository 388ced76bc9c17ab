package login

import "strings"

// address is an endpoint taken apart as its text: nothing of it is spelled
// anew.
type address struct {
	scheme string
	netloc string // host and port
	path   string // with its slash at both ends
}

func parse(endpoint string) address {
	scheme, rest, found := strings.Cut(endpoint, "://")
	if !found {
		scheme, rest = "", endpoint
	}
	if i := strings.IndexAny(rest, "?#"); i >= 0 {
		rest = rest[:i]
	}
	i := strings.IndexByte(rest, '/')
	if i < 0 {
		i = len(rest)
	}
	return address{scheme: strings.ToLower(scheme), netloc: rest[:i], path: rest[i:]}
}

// host returns the name alone, in lower case.
func (a address) host() string {
	name := a.netloc[strings.LastIndexByte(a.netloc, '@')+1:]
	if bracket := strings.IndexByte(name, ']'); bracket > 0 {
		return strings.ToLower(name[1:bracket])
	}
	name, _, _ = strings.Cut(name, ":")
	return strings.ToLower(name)
}

// with returns the address with a token in it, as the password of a user whose
// name is of no matter.
func (a address) with(token string) string {
	return a.scheme + "://aws:" + token + "@" + a.netloc + a.path
}

// label is what a repository is called where a tool wants one short name for
// it: the same on every machine, so that projects can name it.
func (r *Request) label() string {
	return strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_':
			return c
		default:
			return '-'
		}
	}, r.Domain+"-"+r.Repository)
}
