// Package config is every setting of the server: one struct, read from
// flags and LARDER_* environment variables of the same names. It decides
// nothing but spellings and defaults.
package config

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Config is what the server is told. README and `larderd config` show the
// same names: the flag --root-tokens is the variable LARDER_ROOT_TOKENS.
type Config struct {
	// Data is the directory with everything that is kept: metadata, blobs,
	// keys, the audit log.
	Data string

	// Listen is the address of the one listener.
	Listen string

	// URL is the base of every URL that we write, as clients reach us.
	// Empty: http, or https with a certificate, and Listen.
	URL string

	// HostSuffix, if set, makes endpoints of the form
	// DOMAIN-OWNER.d.codeartifact.REGION.SUFFIX, for which it needs wildcard
	// DNS. Paths of the other form are accepted all the same.
	HostSuffix string

	// Region is what signatures' scopes and ARNs name.
	Region string

	// Meta is where metadata is kept: empty for SQLite in Data, or a
	// postgres:// URL.
	Meta string

	// MetaDirect is a postgres:// URL of the same database for hearing of
	// other nodes, where Meta leads through a pooler, which would not deliver
	// notifications. Empty: Meta.
	MetaDirect string

	// Blob is the directory with the packages' bytes, which several nodes
	// share. Empty: in Data.
	Blob string

	// MasterKeyFile holds the master key, 32 bytes in base64. Empty: the
	// systemd credential larder-master, else MasterKey, else a file that is
	// made in Data.
	MasterKeyFile string

	// MasterKey is the master key itself, for where there are no files.
	MasterKey Secret

	// TLSCert and TLSKey are PEM files; both or neither.
	TLSCert, TLSKey string

	// TrustedProxies are the networks whose X-Forwarded-* headers count.
	TrustedProxies []netip.Prefix

	// RootTokens says whether root may obtain authorization tokens: allow or
	// deny.
	RootTokens string

	// SharedIssuers says what becomes of a trust policy that lets in every
	// customer of an issuer that everybody uses, such as GitHub's: refuse, or
	// warn in the log.
	SharedIssuers string

	// ClockSkew is how far a signature's time may be from ours.
	ClockSkew time.Duration

	// MetricsListen is the address of /metrics. Empty: no metrics are
	// served.
	MetricsListen string

	// AuditKeep is how many full files of the audit log, 64 MiB each, are
	// kept. 0 is all.
	AuditKeep int

	// LogLevel is debug, info, warn or error; LogFormat text or json.
	LogLevel, LogFormat string

	// MaxAsset is the size of the largest asset that may be published, in
	// bytes.
	MaxAsset int64

	// Connections are the public registries, by the names that external
	// connections have: public:npmjs. Those without an address are not there.
	Connections map[string]*Connection

	// OutboundAllow are networks that are fetched from although they are not
	// public. The hosts of Connections need not be among them.
	OutboundAllow []netip.Prefix

	// OutboundCA is a PEM file with authorities that are trusted besides the
	// system's, for what is fetched from.
	OutboundCA string

	// How often a source may fail to authenticate, an access key may sign
	// from one source, a token may be used from one source, an account may
	// change its IAM, and tokens of an identity provider may be presented.
	RateFailures, RateCalls, RatePackages, RateIAMWrites, RateWebIdentity Rate

	// Discover lets quickstart look for the public registries that this
	// machine's package managers use.
	Discover bool

	// Offline says that nothing is fetched from anywhere.
	Offline bool

	// Prefetch says that public registries are asked for what clients are
	// likely to ask for next.
	Prefetch bool

	settings []*setting
	drafts   map[string]*Connection // what the settings of connections are read into
}

// Secret is a setting that is never printed.
type Secret string

func (Secret) String() string { return "(secret)" }

type setting struct {
	name, usage string
	value       flag.Value
	source      string
	secret      bool // is not printed
	quiet       bool // is no flag: argv is everybody's to read
}

func (s *setting) variable() string {
	return "LARDER_" + strings.ToUpper(strings.ReplaceAll(s.name, "-", "_"))
}

// Defaults returns the settings that hold when nothing is said.
func Defaults() *Config {
	c := &Config{
		Data:          "./larder-data",
		Listen:        "127.0.0.1:8484",
		Region:        "us-east-1",
		RootTokens:    "allow",
		SharedIssuers: "refuse",
		ClockSkew:     15 * time.Minute,
		AuditKeep:     20,
		LogLevel:      "info",
		LogFormat:     "text",
		MaxAsset:      5 << 30, // CodeArtifact's quota
		Discover:      true,
		Prefetch:      true,

		RateFailures:    Rate{20, 1000},
		RateCalls:       Rate{1000, 5000},
		RateIAMWrites:   Rate{50, 1000},
		RateWebIdentity: Rate{10, 100},
	}
	c.settings = []*setting{
		{name: "data", usage: "directory with everything that is kept", value: text(&c.Data)},
		{name: "listen", usage: "address to listen on", value: text(&c.Listen)},
		{name: "url", usage: "base of every URL that is written, as clients reach the server (default: from listen)", value: text(&c.URL)},
		{name: "host-suffix", usage: "make endpoints DOMAIN-OWNER.d.codeartifact.REGION.SUFFIX; needs wildcard DNS", value: text(&c.HostSuffix)},
		{name: "region", usage: "region that signatures and ARNs name", value: text(&c.Region)},
		{name: "meta", usage: "postgres:// URL for the metadata (default: SQLite in data)", value: text(&c.Meta), secret: true, quiet: true},
		{name: "meta-direct", usage: "postgres:// URL of the same database without a pooler in between, to hear of other nodes (default: meta)", value: text(&c.MetaDirect), secret: true, quiet: true},
		{name: "blob", usage: "directory for the packages' bytes, the same for all nodes (default: in data)", value: text(&c.Blob)},
		{name: "master-key-file", usage: "file with the master key, 32 bytes in base64 (default: made in data)", value: text(&c.MasterKeyFile)},
		{name: "master-key", usage: "the master key itself", value: text(&c.MasterKey), secret: true, quiet: true},
		{name: "tls-cert", usage: "PEM file with the certificate chain to serve TLS with", value: text(&c.TLSCert)},
		{name: "tls-key", usage: "PEM file with the certificate's key", value: text(&c.TLSKey)},
		{name: "trusted-proxies", usage: "networks (CIDR, comma-separated) whose X-Forwarded-* headers count", value: prefixes{&c.TrustedProxies}},
		{name: "root-tokens", usage: "allow or deny authorization tokens for root", value: choice{&c.RootTokens, []string{"allow", "deny"}}},
		{name: "shared-issuers", usage: "refuse, or warn of, trust policies that let in every customer of GitHub, GitLab.com and the like", value: choice{&c.SharedIssuers, []string{"refuse", "warn"}}},
		{name: "clock-skew", usage: "how far a signature's time may be off", value: duration{&c.ClockSkew}},
		{name: "metrics-listen", usage: "address that serves /metrics (default: none)", value: text(&c.MetricsListen)},
		{name: "audit-keep", usage: "full files of the audit log, 64 MiB each, to keep; 0 is all", value: number[int]{&c.AuditKeep}},
		{name: "log-level", usage: "debug, info, warn or error", value: choice{&c.LogLevel, []string{"debug", "info", "warn", "error"}}},
		{name: "log-format", usage: "text or json", value: choice{&c.LogFormat, []string{"text", "json"}}},
		{name: "max-asset", usage: "largest asset that may be published, in bytes", value: number[int64]{&c.MaxAsset}},
		{name: "outbound-allow", usage: "networks (CIDR, comma-separated) that may be fetched from although they are not public", value: prefixes{&c.OutboundAllow}},
		{name: "outbound-ca", usage: "PEM file with authorities to trust besides the system's, for what is fetched", value: text(&c.OutboundCA)},
		{name: "rate-failures", usage: "failed authentications of a source: PER-SECOND/AT-ONCE, 0 is no bound", value: rate{&c.RateFailures}},
		{name: "rate-calls", usage: "signed calls of an access key from a source", value: rate{&c.RateCalls}},
		{name: "rate-packages", usage: "package requests of a token from a source", value: rate{&c.RatePackages}},
		{name: "rate-iam-writes", usage: "changes through IAM in an account", value: rate{&c.RateIAMWrites}},
		{name: "rate-web-identity", usage: "tokens of an identity provider", value: rate{&c.RateWebIdentity}},
		{name: "discover", usage: "true or false: let quickstart look for the public registries that this machine's package managers use", value: yes{&c.Discover}},
		{name: "offline", usage: "true or false: fetch nothing from anywhere, serve what is here", value: yes{&c.Offline}},
		{name: "prefetch", usage: "true or false: ask public registries for what clients are likely to ask for next", value: yes{&c.Prefetch}},
	}
	c.connect()
	for _, s := range c.settings {
		s.source = "default"
	}
	return c
}

// Load reads args (without the command) over the environment over the
// defaults. If args ask for help it is written to help, and the error is
// flag.ErrHelp.
func Load(command string, args []string, getenv func(string) string, help io.Writer) (*Config, error) {
	c := Defaults()
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	for _, s := range c.settings {
		if !s.quiet {
			flags.Var(s.value, s.name, s.usage+" ["+s.variable()+"]")
		}
	}
	for _, s := range c.settings {
		if v := getenv(s.variable()); v != "" {
			if err := s.value.Set(v); err != nil {
				return nil, fmt.Errorf("%s: %w", s.variable(), err)
			}
			s.source = "environment " + s.variable()
		}
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			flags.SetOutput(help)
			fmt.Fprintf(help, "usage: %s [--SETTING VALUE ...]\n\n", command)
			flags.PrintDefaults()
			return nil, err
		}
		return nil, fmt.Errorf("%w: %s --help lists the settings", err, command)
	}
	if flags.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	flags.Visit(func(f *flag.Flag) {
		i := slices.IndexFunc(c.settings, func(s *setting) bool { return s.name == f.Name })
		c.settings[i].source = "flag --" + f.Name
	})
	return c, c.check()
}

// check finds what no single setting can show.
func (c *Config) check() error {
	var faults []error
	if (c.TLSCert == "") != (c.TLSKey == "") {
		faults = append(faults, errors.New("LARDER_TLS_CERT and LARDER_TLS_KEY go together"))
	}
	if _, _, err := net.SplitHostPort(c.Listen); err != nil {
		faults = append(faults, fmt.Errorf("LARDER_LISTEN: %w: it is HOST:PORT, such as 127.0.0.1:8484", err))
	}
	if c.URL != "" {
		u, err := url.Parse(c.URL)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "" {
			faults = append(faults, fmt.Errorf("LARDER_URL: %q is not of the form https://HOST[:PORT]", c.URL))
		}
	}
	if c.Meta != "" && !isPostgres(c.Meta) {
		faults = append(faults, errors.New("LARDER_META: only postgres:// URLs are known"))
	}
	if c.MetaDirect != "" && (!isPostgres(c.MetaDirect) || c.Meta == "") {
		faults = append(faults, errors.New("LARDER_META_DIRECT: it is a postgres:// URL of the database that LARDER_META names"))
	}
	if scheme, _, ok := strings.Cut(c.Blob, "://"); ok {
		faults = append(faults, fmt.Errorf("LARDER_BLOB: bytes are kept in a directory; %s:// is not there yet", scheme))
	}
	return errors.Join(append(faults, c.checkConnections())...)
}

func isPostgres(url string) bool {
	return strings.HasPrefix(url, "postgres://") || strings.HasPrefix(url, "postgresql://")
}

// Print writes each setting, its value and where it came from.
func (c *Config) Print(w io.Writer) error {
	for _, s := range c.settings {
		value := s.value.String()
		switch {
		case value == "":
			value = "-"
		case s.secret:
			value = "(set)"
		}
		if _, err := fmt.Fprintf(w, "%-24s %-28s %s\n", s.variable(), value, s.source); err != nil {
			return err
		}
	}
	return nil
}

// textValue is a string setting.
type textValue[T ~string] struct{ p *T }

func text[T ~string](p *T) flag.Value { return textValue[T]{p} }

func (v textValue[T]) Set(s string) error { *v.p = T(s); return nil }

func (v textValue[T]) String() string {
	if v.p == nil { // the flag package asks a zero value for its default
		return ""
	}
	return string(*v.p)
}

type choice struct {
	p  *string
	of []string
}

func (v choice) Set(s string) error {
	if !slices.Contains(v.of, s) {
		return fmt.Errorf("%q is none of %s", s, strings.Join(v.of, ", "))
	}
	*v.p = s
	return nil
}

func (v choice) String() string {
	if v.p == nil {
		return ""
	}
	return *v.p
}

type number[T int | int64] struct{ p *T }

func (v number[T]) Set(s string) error {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return fmt.Errorf("%q is not a number", s)
	}
	*v.p = T(n)
	return nil
}

func (v number[T]) String() string {
	if v.p == nil {
		return ""
	}
	return strconv.FormatInt(int64(*v.p), 10)
}

type yes struct{ p *bool }

func (v yes) Set(s string) (err error) {
	*v.p, err = strconv.ParseBool(s)
	if err != nil {
		return fmt.Errorf("%q is neither true nor false", s)
	}
	return nil
}

// IsBoolFlag lets --offline stand alone.
func (v yes) IsBoolFlag() bool { return true }

func (v yes) String() string { return strconv.FormatBool(v.p != nil && *v.p) }

type duration struct{ p *time.Duration }

func (v duration) Set(s string) error {
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return fmt.Errorf("%q is not a duration such as 15m", s)
	}
	*v.p = d
	return nil
}

func (v duration) String() string {
	if v.p == nil {
		return ""
	}
	return v.p.String()
}

type prefixes struct{ p *[]netip.Prefix }

func (v prefixes) Set(s string) error {
	var all []netip.Prefix
	for part := range strings.SplitSeq(s, ",") {
		part = strings.TrimSpace(part)
		p, err := netip.ParsePrefix(part)
		if err != nil {
			a, err := netip.ParseAddr(part)
			if err != nil {
				return fmt.Errorf("%q is not a network such as 10.0.0.0/8", part)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		all = append(all, p.Masked())
	}
	*v.p = all
	return nil
}

func (v prefixes) String() string {
	if v.p == nil {
		return ""
	}
	var all []string
	for _, p := range *v.p {
		all = append(all, p.String())
	}
	return strings.Join(all, ",")
}
