package cli

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"larder.example/larder/internal/cli/args"
	"larder.example/larder/internal/cli/credentials"
	"larder.example/larder/internal/cli/operation"
	"larder.example/larder/internal/cli/profile"
	"larder.example/larder/internal/cli/query"
	"larder.example/larder/internal/cli/value"
)

// Session is one run: the machine, the global options and what is configured.
type Session struct {
	*Process
	Globals args.Values

	files                       *profile.Files
	query                       *query.Expression
	connectTimeout, readTimeout time.Duration
}

func errorText(format string, args ...any) error { return fmt.Errorf(format, args...) }

func badInt(text string) error {
	return errorText("invalid literal for int() with base 10: %s", value.Repr(text))
}

// load reads the configuration files.
func (s *Session) load() error {
	var err error
	s.files, err = profile.Load(
		s.Expand(cmp.Or(s.Getenv("AWS_CONFIG_FILE"), "~/.aws/config")),
		s.Expand(cmp.Or(s.Getenv("AWS_SHARED_CREDENTIALS_FILE"), "~/.aws/credentials")))
	return err
}

// ProfileName returns the name of the profile in use, and whether anybody
// asked for it.
func (s *Session) ProfileName() (name string, asked bool) {
	name = cmp.Or(s.Globals.Text("profile"), s.Getenv("AWS_PROFILE"), s.Getenv("AWS_DEFAULT_PROFILE"))
	return cmp.Or(name, "default"), name != ""
}

// checkProfile refuses a profile that was asked for and is not there.
func (s *Session) checkProfile() error {
	name, asked := s.ProfileName()
	if _, found := s.files.Profile(name); asked && !found {
		return errorText("The config profile (%s) could not be found", name)
	}
	return nil
}

// configured returns a value of the profile in use.
func (s *Session) configured(key string) string {
	if s.files == nil {
		return ""
	}
	name, _ := s.ProfileName()
	p, _ := s.files.Profile(name)
	return p.Values[key]
}

// Region returns the region in use.
func (s *Session) Region(ctx context.Context) (string, error) {
	region := cmp.Or(s.Globals.Text("region"), s.Getenv("AWS_REGION"), s.Getenv("AWS_DEFAULT_REGION"), s.configured("region"))
	if region == "" {
		region = s.instanceRegion(ctx)
	}
	if region == "" {
		return "", configError("NoRegion", `You must specify a region. You can also configure your region by running "aws configure".`)
	}
	if len(region) > 63 || region[0] == '-' || region[len(region)-1] == '-' ||
		strings.Trim(region, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
		return "", errorText("Provided region_name '%s' doesn't match a supported format.", region)
	}
	return region, nil
}

// instanceRegion returns the region of the machine, if it is one of EC2's.
func (s *Session) instanceRegion(ctx context.Context) string {
	zone, err := s.chain().Metadata(ctx, "/latest/meta-data/placement/availability-zone/")
	if err != nil {
		return ""
	}
	return strings.TrimRight(strings.TrimSpace(zone), "abcdefghijklmnopqrstuvwxyz")
}

// Endpoint returns the address of a service in a region.
func (s *Session) Endpoint(service, region string) (*url.URL, error) {
	text := cmp.Or(s.Globals.Text("endpoint-url"), s.configuredEndpoint(service))
	if text == "" {
		text = awsEndpoint(service, region, s.flag("use_fips_endpoint"), s.flag("use_dualstack_endpoint"))
	}
	if text == "" {
		return nil, configError("Configuration", "AWS has no service called %s: say with --endpoint-url or AWS_ENDPOINT_URL where it is.", service)
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errorText("Invalid endpoint: %s", text)
	}
	return u, nil
}

// configuredEndpoint looks where the AWS CLI looks, in its order: a variable
// for all services goes before what is configured for one.
func (s *Session) configuredEndpoint(service string) string {
	if s.flag("ignore_configured_endpoint_urls") {
		return ""
	}
	return cmp.Or(
		s.Getenv("AWS_ENDPOINT_URL_"+strings.ToUpper(service)),
		s.Getenv("AWS_ENDPOINT_URL"),
		s.files.Service(s.configured("services"), service)["endpoint_url"],
		s.configured("endpoint_url"))
}

// flag reads a truth value of the environment or the profile.
func (s *Session) flag(key string) bool {
	return strings.EqualFold(cmp.Or(s.Getenv("AWS_"+strings.ToUpper(key)), s.configured(key)), "true")
}

// chain returns where to look for credentials.
func (s *Session) chain() *credentials.Chain {
	name, _ := s.ProfileName()
	return &credentials.Chain{
		Getenv:   s.Getenv,
		Files:    s.files,
		Profile:  name,
		Explicit: s.Globals.Given("profile"),
		Now:      s.now,
		Home:     s.Home(),
		Expand:   s.Expand,
		STS:      s.callSTS,
		Endpoint: s.configuredEndpoint,
		HTTP:     s.HTTP(),
		Ask:      s.ask,
	}
}

// Credentials finds who calls.
func (s *Session) Credentials(ctx context.Context) (credentials.Keys, error) {
	k, err := s.chain().Keys(ctx)
	if err == nil && k.ID == "" {
		return k, configError("NoCredentials", `Unable to locate credentials. You can configure credentials by running "aws login".`)
	}
	return k, err
}

// callSTS calls STS for the chain, with keys that it has found by now.
func (s *Session) callSTS(ctx context.Context, name string, params *value.Object, with credentials.Keys) (*value.Object, error) {
	service, _ := operation.FindService("sts")
	op, err := service.Find(name)
	if err != nil {
		return nil, err
	}
	c, err := s.Caller(ctx, service.Name)
	if err != nil {
		return nil, err
	}
	c.times = func(raw any) any { return raw }
	c.sign(with)
	out, _, err := c.Call(ctx, op, params)
	return out, err
}

// showTime shows a timestamp as the profile wants it: as it came, or by
// ISO 8601 in the zone of the machine.
func (s *Session) showTime() (func(raw any) any, error) {
	switch f := cmp.Or(s.configured("cli_timestamp_format"), "iso8601"); f {
	case "wire":
		return func(raw any) any { return raw }, nil
	case "iso8601":
		return func(raw any) any { return value.ISOTime(raw, s.zone()) }, nil
	default:
		return nil, configError("Configuration", `Unknown cli_timestamp_format value: %s, valid values are "wire" or "iso8601"`, f)
	}
}
