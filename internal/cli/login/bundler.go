package login

import (
	"context"
	"path/filepath"
	"strings"
)

// bundler finds a password by the URL that a Gemfile names.
func bundler(_ context.Context, h *Host, r *Request) ([]act, error) {
	path := h.Getenv("BUNDLE_USER_CONFIG")
	if home := h.Getenv("BUNDLE_USER_HOME"); path == "" && home != "" {
		path = filepath.Join(home, "config")
	}
	if path == "" {
		path = filepath.Join(h.Home, ".bundle", "config")
	}
	return []act{{path: path, edit: func(old []byte) ([]byte, error) {
		if old == nil {
			old = []byte("---\n")
		}
		return nest(path, old, `"aws:`+r.Token+`"`, bundlerKey(r.Endpoint))
	}}}, nil
}

// bundlerKey spells a setting as bundler does in its file and in the
// environment.
func bundlerKey(name string) string {
	return "BUNDLE_" + strings.ToUpper(strings.NewReplacer(".", "__", "-", "___").Replace(name))
}
