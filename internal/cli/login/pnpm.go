package login

import (
	"cmp"
	"context"
	"path/filepath"
)

// pnpm knows where it keeps what: that has changed between its majors.
func pnpm(_ context.Context, h *Host, r *Request) ([]act, error) {
	registry, err := npmRegistry(r)
	if err != nil {
		return nil, err
	}
	config := cmp.Or(h.Getenv("XDG_CONFIG_HOME"), filepath.Join(h.Home, ".config"))
	if h.OS == "darwin" {
		config = filepath.Join(h.Home, "Library", "Preferences")
	}
	return []act{
		{argv: []string{"pnpm", "config", "set", registry, r.Endpoint}},
		{
			argv:   []string{"pnpm", "config", "set", npmAuth(r, "_authToken"), r.Token},
			secret: []string{filepath.Join(config, "pnpm", "auth.ini"), filepath.Join(config, "pnpm", "rc"), filepath.Join(h.Home, ".npmrc")},
		},
	}, nil
}
