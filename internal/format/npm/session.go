package npm

import (
	"net/http"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// ping answers that the registry is there and lets the caller read.
func ping(x *format.Exchange) error { return reply(x, http.StatusOK, struct{}{}) }

// whoami answers with the caller's name.
func whoami(x *format.Exchange) error {
	return reply(x, http.StatusOK, map[string]string{"username": x.User})
}

// noAudit refuses an audit: an empty answer would say that nothing is known
// against the packages. Clients skip the audit that comes with an install.
func noAudit(*format.Exchange) error {
	return larder.Errorf(larder.NotFound, "This registry does not audit packages.")
}

// noLogin refuses the ways in which npm logs in.
func noLogin(*format.Exchange) error {
	return larder.Errorf(larder.NotFound, "This registry has no npm logins: get a token with \"aws codeartifact login --tool npm\".")
}

// unsupported refuses what npm's own registry does beside packages: profiles,
// tokens, teams, owners, hooks, stars. The message names no path: npm logout
// has the token in it.
func unsupported(*format.Exchange) error {
	return larder.Errorf(larder.NotFound, "This registry does not support this command.")
}

// done answers that a change was made: yarn 1 wants ok.
func done(x *format.Exchange, status int) error {
	return reply(x, status, map[string]bool{"ok": true, "success": true})
}

func reply(x *format.Exchange, status int, v any) error {
	x.W.Header().Set("Content-Type", jsonType)
	x.W.WriteHeader(status)
	_, err := x.W.Write(encode(v))
	return err
}
