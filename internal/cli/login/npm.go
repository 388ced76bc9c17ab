package login

import (
	"context"
	"regexp"
	"strings"
	"sync"
)

// npm's second command is for yarn 1, which reads the same file; npm 9 and
// newer refuse it.
func npm(_ context.Context, h *Host, r *Request) ([]act, error) {
	registry, err := npmRegistry(r)
	if err != nil {
		return nil, err
	}
	program := "npm"
	if h.OS == "windows" {
		program = "npm.cmd"
	}
	set := func(key, value string) act { return act{argv: []string{program, "config", "set", key, value}} }
	always := set(npmAuth(r, "always-auth"), "true")
	always.try = true
	return []act{set(registry, r.Endpoint), always, set(npmAuth(r, "_authToken"), r.Token)}, nil
}

// npmRegistry returns the key that the registry is set by: that of a scope if
// there is one.
func npmRegistry(r *Request) (string, error) {
	scope, err := npmScope(r)
	if err != nil || scope == "" {
		return "registry", err
	}
	return scope + ":registry", nil
}

// npmAuth returns a key of what is sent to the endpoint alone.
func npmAuth(r *Request, name string) string {
	a := parse(r.Endpoint)
	return "//" + a.netloc + a.path + ":" + name
}

// scoped matches the beginning of a scope only, as the AWS CLI does.
var scoped = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^@[a-z0-9\-~][a-z0-9\-._~]*`) })

func npmScope(r *Request) (string, error) {
	if !r.Scoped {
		return "", nil
	}
	scope := r.Namespace
	if !strings.HasPrefix(scope, "@") {
		scope = "@" + scope
	}
	if !scoped().MatchString(scope) {
		return "", says("Invalid scope name, scope must contain URL-safe characters, no leading dots or underscores")
	}
	return scope, nil
}
