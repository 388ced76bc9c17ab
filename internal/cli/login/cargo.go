package login

import (
	"context"
	"path/filepath"
)

// cargo gets a registry under the repository's name, which projects and
// --registry name. crates.io is not replaced: that is the project's to say.
func cargo(_ context.Context, h *Host, r *Request) ([]act, error) {
	dir := h.Getenv("CARGO_HOME")
	if dir == "" {
		dir = filepath.Join(h.Home, ".cargo")
	}
	name := "registries." + r.label()
	in := func(file string, pairs ...pair) act {
		path := filepath.Join(dir, file)
		return act{path: path, edit: func(old []byte) ([]byte, error) { return tabulate(path, old, table{name, pairs}) }}
	}
	return []act{
		in("config.toml", pair{"index", `"sparse+` + r.Endpoint + `"`}, pair{"credential-provider", `"cargo:token"`}),
		in("credentials.toml", pair{"token", `"` + r.Token + `"`}),
	}, nil
}
