// Package credentials finds who calls, in the AWS CLI's own order, which is
// not that of the SDKs: the environment unless a profile was asked for, then
// what the profile says (a role, web identity, SSO, static keys, a process),
// then the container and the instance. It keeps the AWS CLI's cache of roles,
// so that a second factor is asked for once in a while and not at every call.
//
// It is small and ours because aws-sdk-go-v2/config brings the typed clients
// of SSO, STS and signin along, whose tables cost more at each start than the
// whole of the rest. It reads profiles and does not know the command line:
// what it needs to call or to ask comes as functions.
package credentials

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"larder.example/larder/internal/cli/profile"
	"larder.example/larder/internal/cli/value"
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

	// STS calls an operation of STS, unsigned where the model says so.
	STS func(ctx context.Context, operation string, params *value.Object, with Keys) (*value.Object, error)
	// Endpoint returns the address that is configured for a service; empty if
	// none is.
	Endpoint func(service string) string
	HTTP     *http.Client // for SSO
	// Ask asks the user for something that is not to be seen.
	Ask func(prompt string) (string, error)
}

// Keys returns the first keys that are found; zero ones if there are none.
func (c *Chain) Keys(ctx context.Context) (Keys, error) {
	if !c.Explicit {
		if k, err := c.environment(); err != nil || k.ID != "" {
			return k, err
		}
	}
	if k, err := c.profile(ctx, c.Profile, c.Explicit); err != nil || k.ID != "" {
		return k, err
	}
	if k, err := c.container(ctx); err != nil || k.ID != "" {
		return k, err
	}
	return c.instance(ctx), nil
}

// profile looks for what one profile says. The environment's web identity
// counts unless the profile was asked for.
func (c *Chain) profile(ctx context.Context, name string, explicit bool) (Keys, error) {
	p, _ := c.Files.Profile(name)
	for _, find := range []func() (Keys, error){
		func() (Keys, error) { return c.role(ctx, name, nil) },
		func() (Keys, error) { return c.webIdentity(ctx, p, explicit) },
		func() (Keys, error) { return c.sso(ctx, p) },
		func() (Keys, error) { return static(p.Static, "shared-credentials-file") },
		func() (Keys, error) { return c.login(p) },
		func() (Keys, error) { return c.process(ctx, p) },
		func() (Keys, error) { return static(p.Config, "config-file") },
	} {
		if k, err := find(); err != nil || k.ID != "" {
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
		return Keys{}, partial("env", "AWS_SECRET_ACCESS_KEY")
	}
	return Keys{
		ID: id, Secret: secret, Source: "the environment",
		Token: cmp.Or(c.Getenv("AWS_SESSION_TOKEN"), c.Getenv("AWS_SECURITY_TOKEN")),
	}, nil
}

// partial is half of an access key.
func partial(where, missing string) error {
	return fmt.Errorf("Partial credentials found in %s, missing: %s", where, missing) //nolint:staticcheck // botocore's words
}

func static(values map[string]string, where string) (Keys, error) {
	id, secret := values["aws_access_key_id"], values["aws_secret_access_key"]
	switch {
	case id == "":
		return Keys{}, nil
	case secret == "":
		return Keys{}, partial(where, "aws_secret_access_key")
	}
	return Keys{
		ID: id, Secret: secret, Source: "the " + where,
		Token: cmp.Or(values["aws_session_token"], values["aws_security_token"]),
	}, nil
}

// retrieval is a provider that did not provide, in botocore's words.
func retrieval(provider, why string) error {
	return fmt.Errorf("Error when retrieving credentials from %s: %s", provider, why) //nolint:staticcheck // botocore's words
}

var errNoCaller = errors.New("this chain cannot call STS")

// call calls STS and returns the credentials that it answers.
func (c *Chain) call(ctx context.Context, operation string, params *value.Object, with Keys) (*value.Object, error) {
	if c.STS == nil {
		return nil, errNoCaller
	}
	return c.STS(ctx, operation, params, with)
}

// keysOf reads the credentials in an answer of STS, or in a file of the cache.
func keysOf(answer *value.Object, source string) (Keys, bool) {
	v, _ := answer.Get("Credentials")
	o, _ := v.(*value.Object)
	k := Keys{ID: o.Text("AccessKeyId"), Secret: o.Text("SecretAccessKey"), Token: o.Text("SessionToken"), Source: source}
	expires, err := parseTime(o.Text("Expiration"))
	k.Expires = expires
	return k, err == nil && k.ID != "" && k.Secret != ""
}

// parseTime reads how Python and AWS write times.
func parseTime(text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t, err = time.Parse("2006-01-02T15:04:05MST", text)
	}
	return t, err
}
