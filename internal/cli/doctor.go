package cli

import (
	"context"
	"errors"
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
}

// runDoctor exits with 1 if anything is wrong.
func runDoctor(ctx context.Context, s *Session, v args.Values) error {
	c := &checkup{Report: doctor.Report{Out: s.Stdout}, session: s, place: placeOf(v)}
	c.service(ctx)
	if c.caller != nil {
		c.identity(ctx)
		c.domain(ctx)
	}
	c.tools(ctx)
	c.kept()
	if c.Failed() {
		return ended(1)
	}
	return nil
}

// service says where the service is, and whether its clock is ours: a
// signature is not taken whose time is a quarter of an hour off.
func (c *checkup) service(ctx context.Context) {
	caller, err := c.session.registry(ctx, "")
	if err != nil {
		c.Fail("endpoint", "%v", err)
		return
	}
	c.caller = caller
	r, err := http.NewRequestWithContext(ctx, http.MethodHead, caller.base.String(), nil)
	if err != nil {
		c.Fail("endpoint", "%v", err)
		return
	}
	began := c.session.now()
	answer, err := caller.http.Do(r)
	if err != nil {
		c.Fail("endpoint", "%v", connectionError(r, err))
		c.caller = nil
		return
	}
	answer.Body.Close() //nolint:errcheck,gosec // a HEAD has none
	c.OK("endpoint", "%s in %s", caller.base.Redacted(), caller.region)
	theirs, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		c.Info("clock", "the service does not say what time it is")
		return
	}
	const tolerated, precision = 5 * time.Minute, time.Second
	switch off := began.Sub(theirs).Round(precision); {
	case off.Abs() > tolerated:
		c.Fail("clock", "%v from the service's; signatures are refused at 15m0s", off)
	default:
		c.OK("clock", "%v from the service's", off)
	}
}

func (c *checkup) identity(ctx context.Context) {
	sts, err := c.session.Caller(ctx, "sts")
	if err == nil {
		var out *value.Object
		if out, err = sts.ask(ctx, "get-caller-identity"); err == nil {
			c.arn = out.Text("Arn")
			c.OK("identity", "%s by the access key %s", c.arn, sts.signer.KeyID)
			return
		}
	}
	c.Fail("identity", "%v", err)
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
		c.Fail("token", "%v", err)
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
	domain := at + "domain/" + c.place.domain
	c.may(ctx, "codeartifact:GetAuthorizationToken", domain)
	c.may(ctx, "sts:GetServiceBearerToken", "*")
	if c.place.repository == "" {
		return
	}
	name := c.place.domain + "/" + c.place.repository
	c.may(ctx, "codeartifact:GetRepositoryEndpoint", at+"repository/"+name)
	c.may(ctx, "codeartifact:ReadFromRepository", at+"repository/"+name)
	c.may(ctx, "codeartifact:PublishPackageVersion", at+"package/"+name+"/npm//example")
	if endpoint, err := c.caller.endpoint(ctx, c.place, "npm"); err != nil {
		c.Fail("repository", "%v", err)
	} else {
		c.OK("repository", "%s", endpoint)
		if g.Token != "" && c.caller.mayHave(g.Entry, endpoint) && c.caller.refused(ctx, endpoint, g.Token) {
			c.Fail("token", "the repository does not take it: it was revoked, or its user is gone")
		}
	}
}

// may asks Larder for its decision, and which statement made it. AWS does not
// say, and Larder says it to who may ask only.
func (c *checkup) may(ctx context.Context, action, resource string) {
	if c.arn == "" || c.caller.amazon() {
		return
	}
	if _, known := operation.FindService(ours); !known {
		return
	}
	larder, err := c.session.Caller(ctx, ours)
	if err != nil {
		return
	}
	out, err := larder.ask(ctx, "explain-decision",
		value.Member{Key: "caller", Value: c.arn},
		value.Member{Key: "action", Value: action},
		value.Member{Key: "resource", Value: resource})
	var answer *operation.Failure
	switch {
	case errors.As(err, &answer):
		c.Info("permission", "%s: the service does not explain: %s", action, answer.Code)
		return
	case err != nil:
		c.Fail("permission", "%s: %v", action, err)
		return
	}
	by := statement(out)
	if strings.HasPrefix(strings.ToLower(out.Text("decision")), "allow") {
		c.OK("permission", "%s%s", action, by)
		return
	}
	if by == "" {
		by = ", which no statement allows"
	}
	c.Fail("permission", "%s on %s: %s%s", action, resource, out.Text("decision"), by)
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
	return text + " of " + by.Text("policyType") + " " + by.Text("policyName")
}

// tools says which package managers are configured, and whether what they
// were given still opens anything. A token is tried only where the service
// would take one.
func (c *checkup) tools(ctx context.Context) {
	for _, t := range doctor.Tools(c.session.Home(), func(address string) bool { _, found := helper.Locate(address); return found }) {
		expiry := ""
		if at, noted := c.session.tokens().Noted(t.Token); noted {
			expiry = ", token until " + c.moment(at)
			if !c.session.now().Before(at) {
				c.Fail(t.Tool, "%s in %s, token expired at %s: log in again", t.Address, t.File, c.moment(at))
				continue
			}
		}
		switch {
		case t.Open:
			c.Fail(t.Tool, "%s in %s%s: others can read the file", t.Address, t.File, expiry)
		case t.Token != "" && c.caller != nil && c.caller.mayHave(cache.Entry{}, t.Address) && c.caller.refused(ctx, t.Address, t.Token):
			c.Fail(t.Tool, "%s in %s: the token is refused: log in again", t.Address, t.File)
		default:
			c.OK(t.Tool, "%s in %s%s", t.Address, t.File, expiry)
		}
	}
}

// kept lists the tokens of the cache.
func (c *checkup) kept() {
	all, err := c.session.tokens().All()
	if err != nil {
		c.Fail("cache", "%v", err)
	}
	for _, e := range all {
		c.Info("cache", "a token of %s for %s at %s, until %s", e.Key.Identity, e.Key.Domain, e.Key.Endpoint, c.moment(e.Expires))
	}
}

func (c *checkup) moment(t time.Time) string {
	return t.In(c.session.zone()).Format("2006-01-02 15:04:05-07:00")
}
