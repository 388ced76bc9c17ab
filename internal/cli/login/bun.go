package login

import (
	"context"
	"path/filepath"
)

// bun reads npm's file and has no command that writes it.
func bun(_ context.Context, h *Host, r *Request) ([]act, error) {
	registry, err := npmRegistry(r)
	if err != nil {
		return nil, err
	}
	return []act{npmrc(h, pair{registry, r.Endpoint}, pair{npmAuth(r, "_authToken"), r.Token})}, nil
}

// npmrc sets keys in the user's .npmrc.
func npmrc(h *Host, pairs ...pair) act {
	path := h.Getenv("NPM_CONFIG_USERCONFIG")
	if path == "" {
		path = filepath.Join(h.Home, ".npmrc")
	}
	return act{path: path, edit: func(old []byte) ([]byte, error) { return assign(old, pairs...), nil }}
}
