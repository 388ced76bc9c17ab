package testenv

import (
	"fmt"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/api/sts"
	"larder.example/larder/internal/client"
)

// Role makes a role with a trust policy and an inline policy for each
// document, and returns its ARN.
func (e *Env) Role(name, trust string, documents ...string) string {
	e.t.Helper()
	out := OK(e.t, e.Admin, iam.CreateRole, &iam.CreateRoleInput{RoleName: name, AssumeRolePolicyDocument: trust})
	for i, document := range documents {
		OK(e.t, e.Admin, iam.PutRolePolicy, &iam.PutRolePolicyInput{
			RoleName: name, PolicyName: fmt.Sprint("policy", i), PolicyDocument: document,
		})
	}
	return out.Role.Arn
}

// Assume assumes a role and returns a client with the session's credentials.
// Each of settings changes the request.
func (e *Env) Assume(c *client.Client, role, session string, settings ...func(*sts.AssumeRoleInput)) *client.Client {
	e.t.Helper()
	in := &sts.AssumeRoleInput{RoleArn: role, RoleSessionName: session}
	for _, set := range settings {
		set(in)
	}
	return e.Session(OK(e.t, c, sts.AssumeRole, in).Credentials)
}

// Session returns a client with temporary credentials.
func (e *Env) Session(k *sts.Credentials) *client.Client {
	c := e.anonymous()
	c.KeyID, c.Secret, c.SessionToken = k.AccessKeyId, k.SecretAccessKey, k.SessionToken
	e.keep(k.SecretAccessKey)
	return c
}

// Expire drops what has expired, as the server's job does every hour.
func (e *Env) Expire() {
	e.t.Helper()
	if err := e.server.Identity.Expire(e.t.Context()); err != nil {
		e.t.Fatal(err)
	}
}

// Trust is a trust policy that lets principals, as ARNs or account numbers,
// assume a role, tag its sessions and give them a source identity.
func Trust(principals ...string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":%s},`+
		`"Action":["sts:AssumeRole","sts:TagSession","sts:SetSourceIdentity"]}}`, list(principals))
}

func list(values []string) string {
	text := "["
	for i, v := range values {
		if i > 0 {
			text += ","
		}
		text += `"` + v + `"`
	}
	return text + "]"
}
