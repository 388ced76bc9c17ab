package credentials

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"larder.example/larder/internal/cli/profile"
	"larder.example/larder/internal/cli/value"
)

// role assumes the role that a profile names, with the keys of the profile or
// the source that it names for that. visited are the profiles on the way here.
func (c *Chain) role(ctx context.Context, name string, visited []string) (Keys, error) {
	p, _ := c.Files.Profile(name)
	arn := p.Values["role_arn"]
	if arn == "" || p.Values["web_identity_token_file"] != "" {
		return Keys{}, nil
	}
	params := roleParams(p)
	key := value.Dumps(sorted(params))
	if !params.hasName {
		params.Set("RoleSessionName", fmt.Sprintf("botocore-session-%d", c.Now().Unix()))
	}
	source, err := c.source(ctx, name, p, append(visited, name))
	if err != nil {
		return Keys{}, err
	}
	file := c.cacheFile(key)
	if k, ok := c.cached(file, "the role "+arn); ok {
		return k, nil
	}
	if serial := params.Text("SerialNumber"); serial != "" && c.Ask != nil {
		code, err := c.Ask("Enter MFA code for " + serial + ": ")
		if err != nil {
			return Keys{}, err
		}
		params.Set("TokenCode", code)
	}
	answer, err := c.call(ctx, "AssumeRole", params.Object, source)
	if err != nil {
		return Keys{}, err
	}
	keep(file, answer)
	k, _ := keysOf(answer, "the role "+arn)
	return k, nil
}

// assumption is what a role is assumed with.
type assumption struct {
	*value.Object
	hasName bool
}

func roleParams(p profile.Profile) assumption {
	a := assumption{Object: value.NewObject(value.Member{Key: "RoleArn", Value: p.Values["role_arn"]})}
	for _, o := range [...]struct{ key, member string }{
		{"role_session_name", "RoleSessionName"}, {"external_id", "ExternalId"}, {"mfa_serial", "SerialNumber"},
	} {
		if v := p.Values[o.key]; v != "" {
			a.Set(o.member, v)
			a.hasName = a.hasName || o.member == "RoleSessionName"
		}
	}
	if n, err := strconv.ParseInt(p.Values["duration_seconds"], 10, 64); err == nil {
		a.Set("DurationSeconds", n)
	}
	return a
}

// sorted returns an object with its members in order, as keys of the cache are
// made of.
func sorted(a assumption) *value.Object {
	members := slices.Clone(a.Members())
	slices.SortFunc(members, func(x, y value.Member) int { return strings.Compare(x.Key, y.Key) })
	return value.NewObject(members...)
}

// source returns the keys that a role is assumed with.
func (c *Chain) source(ctx context.Context, name string, p profile.Profile, visited []string) (Keys, error) {
	from, kind := p.Values["source_profile"], p.Values["credential_source"]
	switch {
	case from != "" && kind != "":
		return Keys{}, fmt.Errorf("The profile \"%s\" contains both source_profile and credential_source.", name) //nolint:staticcheck // botocore's words
	case from == "" && kind == "":
		return Keys{}, partial("assume-role", "source_profile or credential_source")
	case kind != "":
		return c.credentialSource(ctx, name, kind)
	}
	sp, found := c.Files.Profile(from)
	hasKeys := sp.Values["aws_access_key_id"] != ""
	isRole := sp.Values["role_arn"] != "" && sp.Values["web_identity_token_file"] == ""
	switch {
	case !found:
		return Keys{}, fmt.Errorf("The source_profile \"%s\" referenced in the profile \"%s\" does not exist.", from, name) //nolint:staticcheck // botocore's words
	case slices.Contains(visited, from) && (from != name || !hasKeys):
		return Keys{}, fmt.Errorf("Infinite loop in credential configuration detected. Attempting to load from profile %s which has already been visited. Visited profiles: %s", //nolint:staticcheck // botocore's words
			from, value.Repr(texts(visited)))
	case isRole && !hasKeys:
		return c.role(ctx, from, visited)
	}
	k, err := c.withoutRole(ctx, sp)
	if err == nil && k.ID == "" {
		err = fmt.Errorf("The source profile \"%s\" must have credentials.", from) //nolint:staticcheck // botocore's words
	}
	return k, err
}

func texts(words []string) []any {
	var list []any
	for _, w := range words {
		list = append(list, w)
	}
	return list
}

// withoutRole looks for what a source profile has of its own.
func (c *Chain) withoutRole(ctx context.Context, p profile.Profile) (Keys, error) {
	for _, find := range []func() (Keys, error){
		func() (Keys, error) { return c.webIdentity(ctx, p, true) },
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

func (c *Chain) credentialSource(ctx context.Context, name, kind string) (Keys, error) {
	var k Keys
	var err error
	switch strings.ToLower(kind) {
	case "environment":
		k, err = c.environment()
	case "ecscontainer":
		k, err = c.container(ctx)
	case "ec2instancemetadata":
		k = c.instance(ctx)
	default:
		return k, fmt.Errorf("The credential_source \"%s\" referenced in profile \"%s\" is not valid.", kind, name) //nolint:staticcheck // botocore's words
	}
	if err == nil && k.ID == "" {
		err = retrieval(kind, "No credentials found in credential_source referenced in profile "+name)
	}
	return k, err
}

// webIdentity assumes a role with a token that somebody else has issued, such
// as a cluster of Kubernetes.
func (c *Chain) webIdentity(ctx context.Context, p profile.Profile, explicit bool) (Keys, error) {
	file, arn, name := p.Values["web_identity_token_file"], p.Values["role_arn"], p.Values["role_session_name"]
	if env := c.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE"); env != "" && !explicit {
		file, arn, name = env, cmp.Or(c.Getenv("AWS_ROLE_ARN"), arn), cmp.Or(c.Getenv("AWS_ROLE_SESSION_NAME"), name)
	}
	if file == "" {
		return Keys{}, nil
	}
	if arn == "" {
		return Keys{}, fmt.Errorf("The provided profile or the current environment is configured to assume role with web identity but has no role ARN configured. Ensure that the profile has the role_arn configuration set or the AWS_ROLE_ARN env var is set.") //nolint:staticcheck // botocore's words
	}
	params := value.NewObject(value.Member{Key: "RoleArn", Value: arn})
	if name != "" {
		params.Set("RoleSessionName", name)
	}
	cache := c.cacheFile(value.Dumps(params))
	if k, ok := c.cached(cache, "the role "+arn); ok {
		return k, nil
	}
	token, err := os.ReadFile(c.Expand(file))
	if err != nil {
		return Keys{}, fmt.Errorf("read the web identity token: %w", err)
	}
	if name == "" {
		params.Set("RoleSessionName", fmt.Sprintf("botocore-session-%d", c.Now().Unix()))
	}
	params.Set("WebIdentityToken", string(token))
	answer, err := c.call(ctx, "AssumeRoleWithWebIdentity", params, Keys{})
	if err != nil {
		return Keys{}, err
	}
	keep(cache, answer)
	k, _ := keysOf(answer, "the role "+arn)
	return k, nil
}
