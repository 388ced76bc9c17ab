package login

import (
	"context"
	"path/filepath"
	"strings"
)

// gem gets the repository as its source, and the token as the key that is
// used with "gem push --host", or by name with --key, as CodeArtifact's guide
// has it.
func gem(_ context.Context, h *Host, r *Request) ([]act, error) {
	sources, keys := filepath.Join(h.Home, ".gemrc"), filepath.Join(h.Home, ".gem", "credentials")
	return []act{
		{path: sources, edit: func(old []byte) ([]byte, error) {
			return nest(sources, old, "\n- "+parse(r.Endpoint).with(r.Token), ":sources")
		}},
		{path: keys, edit: func(old []byte) ([]byte, error) {
			var err error
			for _, key := range [...]string{":codeartifact_api_key", strings.TrimSuffix(r.Endpoint, "/")} {
				if old, err = nest(keys, old, "Bearer "+r.Token, key); err != nil {
					return nil, err
				}
			}
			return old, nil
		}},
	}, nil
}
