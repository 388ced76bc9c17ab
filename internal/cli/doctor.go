package cli

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"larder.example/larder/internal/cli/args"
	"larder.example/larder/internal/cli/cache"
	"larder.example/larder/internal/cli/doctor"
	"larder.example/larder/internal/cli/helper"
	"larder.example/larder/internal/cli/operation"
	"larder.example/larder/internal/cli/value"
)

// doctorCommand says how things stand.
func doctorCommand() Command {
	return Command{
		Name:     "doctor",
		Synopsis: "Say who you are, what you may, and how package managers are configured.",
		Options:  append(domainOptions(false), args.Option{Name: "repository", Help: "The repository."}),
		Run:      runDoctor,
	}
}

// checkup is one run of the doctor.
type checkup struct {
	doctor.Report
	session *Session
	caller  *Caller
	place   place
	arn     string // of who asks; empty until it is known
	keys    string // whose they are and where they were found, for humans; empty as long as there are none
}

// runDoctor exits with 1 if anything is wrong.
func runDoctor(ctx context.Context, s *Session, v args.Values) error {
	c := &checkup{Report: doctor.Report{Out: s.Stdout}, session: s, place: placeOf(v)}
	c.service(ctx)
	if c.caller != nil {
		c.identity(ctx)
	}
	if c.arn != "" {
		c.domain(ctx)
	}
	c.tools(ctx)
	c.kept()
	if c.Failed() {
		return ended(1)
	}
	return nil
}

// wrong says what failed, and what to do about it.
func (c *checkup) wrong(subject string, err error) {
	text := strings.TrimSpace(err.Error())
	if next := c.remedy(err); next != "" {
		text = strings.TrimRight(text, ".") + ": " + next
	}
	c.Fail(subject, "%s", text)
}

// service says where the service is, and whether its clock is ours: a
// signature is not taken whose time is a quarter of an hour off.
func (c *checkup) service(ctx context.Context) {
	caller, err := c.session.registry(ctx, "")
	if err != nil {
		c.wrong("endpoint", err)
		return
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodHead, caller.base.String(), nil)
	if err != nil {
		c.wrong("endpoint", err)
		return
	}
	began := c.session.now()
	answer, err := caller.http.Do(r)
	if err != nil {
		c.wrong("endpoint", connectionError(r, err))
		return
	}
	answer.Body.Close() //nolint:errcheck,gosec // a HEAD has none
	c.caller = caller
	if caller.amazon() {
		c.OK("endpoint", "%s, which is AWS: AWS_ENDPOINT_URL would name another", caller.base.Redacted())
	} else {
		c.OK("endpoint", "%s in %s", caller.base.Redacted(), caller.region)
	}
	theirs, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		c.Info("clock", "the service does not say what time it is")
		return
	}
	const tolerated, precision = 5 * time.Minute, time.Second
	switch off := began.Sub(theirs).Round(precision); {
	case off.Abs() > tolerated:
		c.Fail("clock", "%v from the service's; signatures are refused at 15m0s: set the clock of this machine, or of that one", off)
	default:
		c.OK("clock", "%v from the service's", off)
	}
}

func (c *checkup) identity(ctx context.Context) {
	sts, err := c.session.Caller(ctx, "sts")
	if err == nil {
		var out *value.Object
		out, err = sts.ask(ctx, "get-caller-identity")
		c.arn = out.Text("Arn")
	}
	if sts != nil && sts.signer != nil {
		c.keys = "the access key " + sts.signer.KeyID + " of " + sts.source
	}
	switch {
	case err != nil:
		c.wrong("identity", err)
	case c.arn == "":
		c.Fail("identity", "what answers does not say who you are: %s", c.check())
	default:
		c.OK("identity", "%s by %s", c.arn, c.keys)
	}
}

// domain says what the caller may do in the domain and the repository that
// were named.
func (c *checkup) domain(ctx context.Context) {
	if c.place.domain == "" {
		c.Info("domain", "say --domain and --repository to see what you may do there")
		return
	}
	g, err := c.session.grant(ctx, c.caller, c.place, "")
	if err != nil {
		c.wrong("token", err)
	} else {
		c.OK("token", "for %s, until %s", c.place.domain, c.moment(g.Expires))
	}
	owner := c.place.owner
	if owner == "" {
		if fields := strings.Split(c.arn, ":"); len(fields) > 4 {
			owner = fields[4]
		}
	}
	at := "arn:aws:codeartifact:" + c.caller.region + ":" + owner + ":"
	name := c.place.domain + "/" + c.place.repository
	asked := []question{
		{"codeartifact:GetAuthorizationToken", at + "domain/" + c.place.domain},
		{"sts:GetServiceBearerToken", "*"},
	}
	if c.place.repository != "" {
		asked = append(asked,
			question{"codeartifact:GetRepositoryEndpoint", at + "repository/" + name},
			question{"codeartifact:ReadFromRepository", at + "repository/" + name},
			question{"codeartifact:PublishPackageVersion", at + "package/" + name + "/npm//example"})
	}
	c.may(ctx, asked)
	if c.place.repository == "" {
		return
	}
	if endpoint, err := c.caller.endpoint(ctx, c.place, "npm"); err != nil {
		c.wrong("repository", err)
	} else {
		c.OK("repository", "%s", endpoint)
		if g.Token != "" && c.caller.mayHave(g.Entry, endpoint) && c.caller.refused(ctx, endpoint, g.Token) {
			c.Fail("token", "the repository does not take it: it was revoked, or its user is gone: remove %s, which keeps it", c.session.tokens().Dir)
		}
	}
}

// question is whether the caller may do something.
type question struct{ action, resource string }

// may asks Larder for its decisions, and which statements made them. AWS does
// not say, and Larder says it to who may ask only.
func (c *checkup) may(ctx context.Context, asked []question) {
	if c.caller.amazon() {
		return
	}
	larder, err := c.session.Caller(ctx, ours)
	if err != nil {
		c.wrong("permission", err)
		return
	}
	for _, q := range asked {
		out, err := larder.ask(ctx, "explain-decision",
			value.Member{Key: "caller", Value: c.arn},
			value.Member{Key: "action", Value: q.action},
			value.Member{Key: "resource", Value: q.resource})
		var answer *operation.Failure
		switch {
		case errors.As(err, &answer) && strings.HasPrefix(answer.Code, "AccessDenied"):
			c.Info("permission", "you may not ask what you may: that needs larder:ExplainDecision on %s", c.arn)
			return
		case errors.As(err, &answer):
			c.Info("permission", "the service does not say what you may: %s", answer.Code)
			return
		case err != nil:
			c.wrong("permission", err)
			return
		}
		c.decided(q, out)
	}
}

// remedies say what to do where no policy of a sort allows something.
var remedies = map[string]string{
	"identity-based policy": "ask an administrator for a policy that does",
	"resource-based policy": "ask who owns the domain for a policy of it that does",
	"permissions boundary":  "ask an administrator to allow it in your permissions boundary too",
	"session policy":        "begin a session with a policy that does",
}

func (c *checkup) decided(q question, d *value.Object) {
	by := statement(d)
	switch d.Text("decision") {
	case "allowed":
		c.OK("permission", "%s%s", q.action, by)
	case "explicitDeny":
		if by == "" {
			by = " " + d.Text("reason") + " that you may not see"
		}
		c.Fail("permission", "%s on %s: denied%s: ask who wrote it", q.action, q.resource, by)
	default:
		c.Fail("permission", "%s on %s: refused %s: %s", q.action, q.resource, d.Text("reason"), remedies[d.Text("source")])
	}
}

// statement says which statement of which policy decided.
func statement(decision *value.Object) string {
	raw, _ := decision.Get("decidedBy")
	by, _ := raw.(*value.Object)
	if by.Len() == 0 {
		return ""
	}
	n, _ := by.Get("statement")
	text := ", by statement " + value.Str(n)
	if sid := by.Text("sid"); sid != "" {
		text += " (" + sid + ")"
	}
	text += " of the " + by.Text("policyType")
	if name := by.Text("policyName"); name != "" && name != by.Text("policyType") {
		text += " " + name
	}
	return text + " of " + by.Text("attachedTo")
}

// check is what to look at if something else answers than was meant.
func (c *checkup) check() string {
	return "is " + c.caller.base.Redacted() + " a registry? --endpoint-url or AWS_ENDPOINT_URL says where it is"
}

// remedy says what to do about a failure, unless its message does.
func (c *checkup) remedy(err error) string {
	var answer *operation.Failure
	if errors.As(err, &answer) {
		return c.answered(answer)
	}
	var way *connection
	if !errors.As(err, &way) {
		return ""
	}
	var certificate *tls.CertificateVerificationError
	var bundle bundleError
	var op *net.OpError
	switch {
	case errors.As(err, &certificate):
		return "say with --ca-bundle or AWS_CA_BUNDLE which file has the authority that signed it"
	case errors.As(err, &bundle):
		return "--ca-bundle, AWS_CA_BUNDLE or ca_bundle of the profile names that file"
	case errors.Is(err, http.ErrSchemeMismatch):
		return "what answers does not speak TLS: is its address http://?"
	case errors.As(err, &op) && op.Op != "dial" && op.Op != "read" && op.Op != "write":
		return "HTTP_PROXY and HTTPS_PROXY name it, and NO_PROXY who is asked without it"
	}
	return "does it run, and is that its address? --endpoint-url or AWS_ENDPOINT_URL says where it is"
}

// answered says what to do about an answer of the service.
func (c *checkup) answered(f *operation.Failure) string {
	switch f.Code {
	case "ExpiredToken", "ExpiredTokenException":
		return "get new credentials in the place of " + c.keys
	case "InvalidClientTokenId", "UnrecognizedClientException":
		return c.keys + " is not one of this service's: name another profile, or another endpoint"
	case "SignatureDoesNotMatch", "InvalidSignatureException":
		return "the clock is wrong, or the secret is not that of " + c.keys
	case "AccessDenied", "AccessDeniedException":
		return "ask an administrator for it"
	case "ResourceNotFoundException":
		return "list-domains and list-repositories show what there is; --domain-owner names another account"
	}
	if f.Op.Service == "sts" && f.Status < 500 {
		return c.check()
	}
	return ""
}

// tools says which package managers are configured, and whether what they
// were given still opens anything. A token is tried only where the service
// would take one.
func (c *checkup) tools(ctx context.Context) {
	for _, t := range doctor.Tools(c.session.Home(), func(address string) bool { _, found := helper.Locate(address); return found }) {
		token, expires, open := c.tokenOf(t)
		expiry := ""
		if !expires.IsZero() {
			expiry = ", token until " + c.moment(expires)
		}
		switch {
		case expiry != "" && !c.session.now().Before(expires):
			c.Fail(t.Tool, "%s in %s, token expired at %s: log in again: %s", t.Address, t.File, c.moment(expires), loginAgain(t))
		case open != "":
			c.Fail(t.Tool, "%s in %s%s: others can read the token: chmod 600 %s", t.Address, t.File, expiry, open)
		case token != "" && c.caller != nil && c.caller.mayHave(cache.Entry{}, t.Address) && c.caller.refused(ctx, t.Address, token):
			c.Fail(t.Tool, "%s in %s: the token is refused: log in again: %s", t.Address, t.File, loginAgain(t))
		default:
			c.OK(t.Tool, "%s in %s%s", t.Address, t.File, expiry)
		}
	}
}

// tokenOf finds the token that a package manager has for an address: the one
// of the words that a login noted for that domain and that lives longest, or
// what stands at the address itself. It says too which file others can read
// it in.
func (c *checkup) tokenOf(t doctor.Configured) (token string, expires time.Time, open string) {
	token = t.Token
	for _, w := range t.Words {
		n, noted := c.session.tokens().Noted(w.Text)
		if noted = noted && sameDomain(n.Address, t.Address); noted && n.Expires.After(expires) {
			token, expires = w.Text, n.Expires
		}
		if w.Open && (noted || w.Text == t.Token) {
			open = w.File
		}
	}
	return token, expires, open
}

// sameDomain reports whether a token for one address opens another.
func sameDomain(a, b string) bool {
	at, found := helper.Locate(a)
	other, too := helper.Locate(b)
	return found && too && at.Origin == other.Origin && at.Domain == other.Domain && at.Owner == other.Owner
}

// loginAgain is the command that gives a package manager another token.
func loginAgain(t doctor.Configured) string {
	a, _ := helper.Locate(t.Address)
	return "larder login --tool " + t.Tool + " --domain " + a.Domain + " --domain-owner " + a.Owner + " --repository " + a.Repository
}

// kept lists the tokens of the cache.
func (c *checkup) kept() {
	all, err := c.session.tokens().All()
	if err != nil {
		c.Fail("cache", "%v: LARDER_CACHE names another place for it", err)
	}
	for _, e := range all {
		c.Info("cache", "a token of %s for %s at %s, until %s", e.Key.Identity, e.Key.Domain, e.Key.Endpoint, c.moment(e.Expires))
	}
}

func (c *checkup) moment(t time.Time) string {
	return t.In(c.session.zone()).Format("2006-01-02 15:04:05-07:00")
}
