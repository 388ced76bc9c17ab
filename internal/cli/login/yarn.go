package login

import (
	"context"
	"path/filepath"
	"strings"
)

// yarn is two programs of one name, and the project decides which of them
// runs: yarn 1 reads .npmrc, and sends a token with what it reads only where
// it is told to; its successors read .yarnrc.yml.
func yarn(_ context.Context, h *Host, r *Request) ([]act, error) {
	registry, err := npmRegistry(r)
	if err != nil {
		return nil, err
	}
	one := npmrc(h, pair{registry, r.Endpoint}, pair{npmAuth(r, "_authToken"), r.Token}, pair{npmAuth(r, "always-auth"), "true"})
	path := filepath.Join(h.Home, ".yarnrc.yml")
	two := act{path: path, edit: func(old []byte) ([]byte, error) { return berry(path, old, r) }}
	return []act{one, two}, nil
}

// berry sets what Yarn 2 and newer read. It calls nobody without TLS unless
// the host is on a list.
func berry(path string, old []byte, r *Request) ([]byte, error) {
	server := []string{"npmRegistryServer"}
	if r.Scoped {
		server = []string{"npmScopes", strings.TrimPrefix(r.Namespace, "@"), "npmRegistryServer"}
	}
	a := parse(r.Endpoint)
	registry := `"//` + a.netloc + strings.TrimSuffix(a.path, "/") + `"`
	settings := []struct {
		value string
		keys  []string
	}{
		{`"` + r.Endpoint + `"`, server},
		{`"` + r.Token + `"`, []string{"npmRegistries", registry, "npmAuthToken"}},
		{"true", []string{"npmRegistries", registry, "npmAlwaysAuth"}},
	}
	if a.scheme == "http" {
		settings = append(settings, struct {
			value string
			keys  []string
		}{"\n- \"" + a.host() + "\"", []string{"unsafeHttpWhitelist"}})
	}
	var err error
	for _, s := range settings {
		if old, err = nest(path, old, s.value, s.keys...); err != nil {
			return nil, err
		}
	}
	return old, nil
}
