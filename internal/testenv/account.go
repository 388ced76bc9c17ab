package testenv

import (
	"fmt"

	"larder.example/larder/internal/api/iam"
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

// User makes a user with an inline policy for each document and returns a
// client with an access key of the user's.
func (e *Env) User(name string, documents ...string) *client.Client {
	e.t.Helper()
	return e.UserOf(e.Admin, name, documents...)
}

// UserOf makes a user as User does, in the account of who may make users
// there.
func (e *Env) UserOf(admin *client.Client, name string, documents ...string) *client.Client {
	e.t.Helper()
	OK(e.t, admin, iam.CreateUser, &iam.CreateUserInput{UserName: name})
	for i, document := range documents {
		OK(e.t, admin, iam.PutUserPolicy, &iam.PutUserPolicyInput{UserName: name, PolicyName: fmt.Sprint("policy", i), PolicyDocument: document})
	}
	key := OK(e.t, admin, iam.CreateAccessKey, &iam.CreateAccessKeyInput{UserName: name}).AccessKey
	return e.With(key.AccessKeyId, key.SecretAccessKey)
}

// With returns a client with an access key.
func (e *Env) With(keyID, secret string) *client.Client {
	c := e.anonymous()
	c.KeyID, c.Secret = keyID, secret
	e.keep(secret)
	return c
}
