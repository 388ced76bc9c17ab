package login

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"sync"
)

// swift keeps the token in the keychain on a Mac, and in .netrc elsewhere;
// that is written first.
func swift(_ context.Context, h *Host, r *Request) ([]act, error) {
	if r.Scoped && (len(r.Namespace) > 39 || !swiftScope().MatchString(r.Namespace)) {
		return nil, says("Invalid scope name, scope must contain URL-safe characters, no leading dots or underscores and no more than 39 characters")
	}
	set := act{argv: []string{"swift", "package-registry", "set", r.Endpoint}}
	if r.Scoped {
		set.argv = append(set.argv, "--scope", r.Namespace)
	}
	in := act{argv: []string{"swift", "package-registry", "login", r.Endpoint + "login"}}
	if h.OS == "darwin" {
		in.argv = append(in.argv, "--token", r.Token)
		return []act{set, in}, nil
	}
	path, host := filepath.Join(h.Home, ".netrc"), parse(r.Endpoint).host()
	return []act{{
		path: path,
		edit: func(old []byte) ([]byte, error) { return netrc(old, host, r.Token), nil },
		told: func(h *Host, _, _ []byte) {
			fmt.Fprintf(h.Stdout, "Dryrun mode is enabled, not writing to netrc.\n"+
				"The following line would have been written to %s:\n\n%s\n\nAnd would have run the following commands:\n\n",
				path, netrcLine(host, r.Token))
		},
	}, set, in}, nil
}

// swiftScope is SE-0292's: letters and digits, with single hyphens between.
var swiftScope = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-zA-Z0-9](?:-?[a-zA-Z0-9])*$`)
})
