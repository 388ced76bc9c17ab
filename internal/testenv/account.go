package testenv

import (
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/identity"
)

// NewAccount makes another account and returns its number.
func (e *Env) NewAccount() string {
	e.t.Helper()
	id, err := e.server.Identity.CreateAccount(e.t.Context(), "")
	if err != nil {
		e.t.Fatal(err)
	}
	return id
}

// Root returns a client with a new access key of an account's root user.
func (e *Env) Root(account string) *client.Client {
	e.t.Helper()
	key, secret, err := e.server.Identity.CreateAccessKey(e.t.Context(), identity.Root(account))
	if err != nil {
		e.t.Fatal(err)
	}
	return e.With(key.ID, secret)
}

// With returns a client with an access key.
func (e *Env) With(keyID, secret string) *client.Client {
	c := e.anonymous()
	c.KeyID, c.Secret = keyID, secret
	return c
}
