package login

import (
	"context"
	"fmt"
	"path/filepath"
)

// sbt gets a file of settings for every build, and one of credentials that
// they name. It finds credentials by host and realm, and the realm is
// DOMAIN/REPOSITORY.
func sbt(_ context.Context, h *Host, r *Request) ([]act, error) {
	credentials := filepath.Join(h.Home, ".sbt", "larder-"+r.label()+".credentials")
	return []act{
		{
			path: credentials,
			edit: func([]byte) ([]byte, error) {
				return []byte(fmt.Sprintf("realm=%s/%s\nhost=%s\nuser=aws\npassword=%s\n",
					r.Domain, r.Repository, parse(r.Endpoint).host(), r.Token)), nil
			},
		},
		{
			path: filepath.Join(h.Home, ".sbt", "1.0", "larder-"+r.label()+".sbt"),
			edit: func([]byte) ([]byte, error) {
				insecure := ""
				if parse(r.Endpoint).scheme == "http" {
					insecure = ".withAllowInsecureProtocol(true)"
				}
				return []byte(fmt.Sprintf("// Written by larder login.\nresolvers += (%q at %q)%s\n\ncredentials += Credentials(file(%q))\n",
					r.label(), r.Endpoint, insecure, credentials)), nil
			},
		},
	}, nil
}
