package identity_test

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/meta"
)

// Every context key, held against a policy's condition: what it answers, and
// that it is absent where AWS has none.
func TestContextKeys(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	u, err := h.CreateEntity(ctx, identity.Entity{EntityRef: identity.UserRef(owner, "Alice"), Path: "/dev/", Tags: []identity.Tag{{Key: "team", Value: "red"}, {Key: "Case", Value: "X"}}})
	h.must(err)
	alice := identity.Principal{Account: owner, ID: u.ID, ARN: u.ARN()}
	h.must(h.TagResource(ctx, onDomain(team), []identity.Tag{{Key: "stage", Value: "prod"}}))
	h.must(h.TagResource(ctx, onRepository(app), []identity.Tag{{Key: "stage", Value: "test"}}))
	group := larder.PackageGroupRef{Domain: team, Pattern: "/npm/*"}
	h.must(h.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		d, err := tx.Domain(ctx, team)
		if err != nil {
			return err
		}
		return tx.InsertPackageGroup(ctx, meta.PackageGroup{Domain: d.ID, Ref: group})
	}))
	h.must(h.TagResource(ctx, identity.Guarded{Domain: team, Pattern: group.Pattern}, []identity.Tag{{Key: "stage", Value: "group"}}))
	pkg := larder.PackageRef{Repository: app, Format: larder.NPM, Name: "thing"}.ARN(region)

	// on and caller change the question and the request; each may be nil.
	type question = identity.Question
	type caller = identity.Caller
	resource := func(a larder.ARN) func(*question) { return func(q *question) { q.Resource = a } }
	keys := func(name string, values ...string) func(*question) {
		return func(q *question) { q.Keys = map[string][]string{name: values} }
	}
	addr := func(s string) func(*caller) { return func(c *caller) { c.Addr = netip.MustParseAddr(s) } }

	for _, tt := range []struct {
		operator, key, value string
		ask                  func(*question)
		caller               func(*caller)
		want                 bool
	}{
		{"StringEquals", "aws:PrincipalArn", u.ARN(), nil, nil, true},
		{"ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:user/dev/*", nil, nil, true},
		{"StringEquals", "AWS:principalARN", u.ARN(), nil, nil, true},
		{"StringEquals", "aws:PrincipalArn", u.ARN(), nil, func(c *caller) { c.Principal.ARN = "" }, true}, // out of a token
		{"StringEquals", "aws:PrincipalAccount", owner, nil, nil, true},
		{"StringEquals", "aws:PrincipalAccount", outsider, nil, nil, false},
		{"StringEquals", "aws:PrincipalType", "User", nil, nil, true},
		{"StringEquals", "aws:userid", u.ID, nil, nil, true},
		{"StringEquals", "aws:username", "Alice", nil, nil, true},
		{"StringEquals", "aws:username", "alice", nil, nil, false},
		{"StringEquals", "aws:PrincipalTag/team", "red", nil, nil, true},
		{"StringEquals", "aws:principaltag/team", "red", nil, nil, true},
		{"StringEquals", "aws:PrincipalTag/Team", "red", nil, nil, false},
		{"Null", "aws:PrincipalTag/none", "true", nil, nil, true},
		{"Bool", "aws:PrincipalIsAWSService", "false", nil, nil, true},
		{"Bool", "aws:ViaAWSService", "false", nil, nil, true},
		{"Null", "aws:PrincipalOrgID", "true", nil, nil, true},

		{"Null", "aws:TokenIssueTime", "true", nil, nil, true},
		{"DateLessThan", "aws:TokenIssueTime", "2026-05-04T12:00:00Z", nil, func(c *caller) { c.TokenIssuedAt = start.Add(-time.Second) }, true},
		{"DateLessThan", "aws:TokenIssueTime", "2026-05-04T12:00:00Z", nil, func(c *caller) { c.TokenIssuedAt = start }, false},
		{"Null", "aws:MultiFactorAuthPresent", "true", nil, nil, true}, // long-term keys have none
		{"BoolIfExists", "aws:MultiFactorAuthPresent", "false", nil, nil, true},
		{"Bool", "aws:MultiFactorAuthPresent", "false", nil, nil, false},
		{"Null", "aws:FederatedProvider", "true", nil, nil, true},
		{"Null", "aws:SourceIdentity", "true", nil, nil, true},

		{"DateEquals", "aws:CurrentTime", "2026-05-04T12:00:00Z", nil, nil, true},
		{"DateGreaterThan", "aws:CurrentTime", "2026-05-04T12:00:00Z", nil, nil, false},
		{"DateGreaterThan", "aws:CurrentTime", "2026-05-04T12:00:00Z", nil, func(c *caller) { c.At = start.Add(time.Second) }, true},
		{"NumericEquals", "aws:EpochTime", "1777896000", nil, nil, true},
		{"DateEquals", "aws:EpochTime", "2026-05-04T12:00:00Z", nil, nil, true},
		{"IpAddress", "aws:SourceIp", "203.0.113.0/24", nil, nil, true},
		{"IpAddress", "aws:SourceIp", "198.51.100.0/24", nil, nil, false},
		{"IpAddress", "aws:SourceIp", "203.0.113.0/24", nil, addr("::ffff:203.0.113.9"), true},
		{"IpAddress", "aws:SourceIp", "2001:db8::/32", nil, addr("2001:db8::1"), true},
		{"Null", "aws:SourceIp", "true", nil, func(c *caller) { c.Addr = netip.Addr{} }, true},
		{"Bool", "aws:SecureTransport", "true", nil, nil, true},
		{"Bool", "aws:SecureTransport", "true", nil, func(c *caller) { c.Secure = false }, false},
		{"Bool", "aws:SecureTransport", "false", nil, func(c *caller) { c.Secure = false }, true},
		{"StringEquals", "aws:RequestedRegion", region, nil, nil, true},
		{"StringEquals", "aws:ResourceAccount", owner, nil, nil, true},
		{"StringEquals", "aws:ResourceAccount", owner, resource("*"), nil, true},
		{"StringEquals", "aws:ResourceAccount", owner, resource("arn:aws:iam::" + owner + ":user/bob"), nil, true},

		{"StringEquals", "aws:ResourceTag/stage", "test", nil, nil, true},
		{"StringEquals", "aws:ResourceTag/stage", "prod", nil, nil, false},
		{"StringEquals", "aws:ResourceTag/stage", "prod", resource(team.ARN(region)), nil, true},
		{"StringEquals", "aws:ResourceTag/stage", "group", resource(group.ARN(region)), nil, true},
		{"Null", "iam:ResourceTag/stage", "true", resource(group.ARN(region)), nil, true},
		{"Null", "aws:ResourceTag/stage", "true", resource(larder.PackageGroupRef{Domain: team, Pattern: "/*"}.ARN(region)), nil, true},
		{"Null", "aws:ResourceTag/stage", "true", resource(pkg), nil, true},
		{"Null", "aws:ResourceTag/stage", "true", resource("*"), nil, true},
		{"StringEquals", "aws:ResourceTag/team", "red", resource(larder.ARN(u.ARN())), nil, true},
		{"StringEquals", "iam:ResourceTag/Case", "X", resource(larder.ARN(u.ARN())), nil, true},
		{"Null", "aws:ResourceTag/team", "true", resource("arn:aws:iam::" + owner + ":user/Alice"), nil, true},
		{"Null", "iam:ResourceTag/stage", "true", nil, nil, true},

		{"StringEquals", "aws:RequestTag/stage", "prod", keys("aws:RequestTag/stage", "prod"), nil, true},
		{"StringEquals", "AWS:REQUESTTAG/stage", "prod", keys("aws:RequestTag/stage", "prod"), nil, true},
		{"StringEquals", "aws:RequestTag/Stage", "prod", keys("aws:RequestTag/stage", "prod"), nil, false},
		{"Null", "aws:RequestTag/stage", "true", nil, nil, true},
		{"ForAllValues:StringEquals", "aws:TagKeys", "stage", keys("aws:TagKeys", "stage", "team"), nil, false},
		{"ForAnyValue:StringEquals", "aws:TagKeys", "stage", keys("aws:TagKeys", "stage", "team"), nil, true},
		{"NumericLessThanEquals", "sts:DurationSeconds", "3600", keys("sts:DurationSeconds", "0"), nil, true},
		{"NumericLessThanEquals", "sts:DurationSeconds", "3600", keys("sts:DurationSeconds", "43200"), nil, false},
		{"StringEquals", "sts:AWSServiceName", "codeartifact.amazonaws.com", keys("sts:AWSServiceName", "codeartifact.amazonaws.com"), nil, true},
		{"ArnEquals", "iam:PolicyARN", "arn:aws:iam::aws:policy/IAMReadOnlyAccess", keys("iam:PolicyARN", "arn:aws:iam::aws:policy/IAMReadOnlyAccess"), nil, true},

		// CodeArtifact does not supply these.
		{"Null", "aws:Referer", "true", nil, nil, true},
		{"Null", "aws:UserAgent", "true", nil, nil, true},
	} {
		t.Run(tt.operator+" "+tt.key+" "+tt.value, func(t *testing.T) {
			h.put(owner, "alice", "p", document(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"`+
				tt.operator+`":{"`+tt.key+`":"`+tt.value+`"}}}`))
			c, q := asking(alice), question{Action: readAction, Resource: app.ARN(region)}
			if tt.caller != nil {
				tt.caller(&c)
			}
			if tt.ask != nil {
				tt.ask(&q)
			}
			err := h.Authorize(identity.WithCaller(ctx, c), q)
			if got := err == nil; got != tt.want {
				t.Errorf("got %v, want %v: %v", got, tt.want, err)
			}
		})
	}
}

func TestContextKeysOfRoot(t *testing.T) {
	h := open(t)
	for _, tt := range []struct {
		operator, key, value string
		denied               bool
	}{
		{"StringEquals", "aws:PrincipalType", "Account", true},
		{"StringEquals", "aws:PrincipalArn", "arn:aws:iam::" + owner + ":root", true},
		{"StringEquals", "aws:userid", owner, true},
		{"Null", "aws:username", "true", true},
		{"StringLike", "aws:username", "*", false},
	} {
		h.guard(onRepository(app), document(`{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*","Condition":{"`+
			tt.operator+`":{"`+tt.key+`":"`+tt.value+`"}}}`))
		err := h.may(root(owner), readAction, app.ARN(region))
		if got := larder.Denied.Is(err); got != tt.denied {
			t.Errorf("%s %s: got %v, want %v: %v", tt.operator, tt.key, got, tt.denied, err)
		}
	}
}

// More answers than a question has room for are each their own.
func TestContextKeysDoNotShareTheirAnswers(t *testing.T) {
	h := open(t)
	alice := h.user(owner, "alice")
	h.put(owner, "alice", "p", document(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringEquals":{
		"aws:PrincipalAccount":"`+owner+`","aws:PrincipalType":"User","aws:userid":"`+alice.ID+`","aws:username":"alice",
		"aws:PrincipalArn":"`+alice.ARN+`","aws:RequestedRegion":"`+region+`","aws:ResourceAccount":"`+owner+`",
		"aws:EpochTime":"1777896000","aws:CurrentTime":"2026-05-04T12:00:00Z","aws:SecureTransport":"true","aws:SourceIp":"203.0.113.7"}}}`))
	if err := h.may(alice, readAction, app.ARN(region)); err != nil {
		t.Error(err)
	}
}

func TestVariablesAreOfTheOneWhoAsks(t *testing.T) {
	h := open(t)
	own := document(`{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::*:user/${aws:username}"}`)
	alice, bob := h.user(owner, "alice", own), h.user(owner, "bob", own)
	for _, tt := range []struct {
		who  identity.Principal
		on   string
		want bool
	}{
		{alice, "alice", true},
		{alice, "bob", false},
		{bob, "bob", true},
		{bob, "alice", false},
	} {
		err := h.may(tt.who, "iam:GetUser", h.about(identity.UserRef(owner, tt.on)))
		if got := err == nil; got != tt.want {
			t.Errorf("%s on %s: got %v, want %v", tt.who.ARN, tt.on, got, tt.want)
		}
	}
}
