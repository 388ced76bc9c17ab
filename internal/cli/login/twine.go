package login

import (
	"context"
	"fmt"
	"path/filepath"
)

// twine needs not be there: it reads a file.
func twine(_ context.Context, h *Host, r *Request) ([]act, error) {
	path := filepath.Join(h.Home, ".pypirc")
	return []act{{
		path: path,
		edit: func(old []byte) ([]byte, error) {
			changed, err := pypirc(path, old, r)
			if err != nil {
				fmt.Fprintf(h.Stdout, "%s is in an invalid state.\n", path)
			}
			return changed, err
		},
		told: func(h *Host, _, changed []byte) {
			fmt.Fprintf(h.Stdout, "Dryrun mode is enabled, not writing to pypirc.\n%s would have been set to the following:\n\n%s\n", path, changed)
		},
	}}, nil
}
