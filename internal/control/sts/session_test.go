package sts_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/api/sts"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
)

const (
	everything = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
	readOnly   = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["codeartifact:Read*","codeartifact:Get*","codeartifact:Describe*","sts:GetServiceBearerToken"],"Resource":"*"}}`
)

// seconds is how long a session is asked for.
func seconds(n int) func(*sts.AssumeRoleInput) {
	return func(in *sts.AssumeRoleInput) { in.DurationSeconds = n }
}

// refusedRole asks for a session that must be refused.
func refusedRole(t *testing.T, c *client.Client, role, code, message string, settings ...func(*sts.AssumeRoleInput)) {
	t.Helper()
	in := &sts.AssumeRoleInput{RoleArn: role, RoleSessionName: "ci"}
	for _, set := range settings {
		set(in)
	}
	if r := testenv.Refused(t, c, sts.AssumeRole, in, code); !strings.Contains(r.Message, message) {
		t.Errorf("got %q, want %q", r.Message, message)
	}
}

func describe(c *client.Client, t *testing.T) error {
	_, err := client.Call(t.Context(), c, codeartifact.DescribeDomain, &codeartifact.DescribeDomainInput{Domain: testenv.Domain})
	return err
}

func TestASessionActsAsItsRole(t *testing.T) {
	e := testenv.New(t)
	alice := e.User("alice")
	role := e.Role("deploy", testenv.Trust("arn:aws:iam::"+e.Account+":user/alice"), readOnly)
	out := testenv.OK(t, alice, sts.AssumeRole, &sts.AssumeRoleInput{RoleArn: role, RoleSessionName: "ci@build,1"})
	if k := out.Credentials; !regexp.MustCompile(`^ASIA[A-Z2-7]{16}$`).MatchString(k.AccessKeyId) || len(k.SecretAccessKey) != 40 ||
		!k.Expiration.Equal(e.Clock.Now().Truncate(time.Second).Add(time.Hour)) || out.PackedPolicySize != nil {
		t.Errorf("got %+v", out)
	}
	id := testenv.OK(t, e.Admin, iam.GetRole, &iam.GetRoleInput{RoleName: "deploy"}).Role.RoleId
	want := sts.AssumedRoleUser{AssumedRoleId: id + ":ci@build,1", Arn: "arn:aws:sts::" + e.Account + ":assumed-role/deploy/ci@build,1"}
	if *out.AssumedRoleUser != want {
		t.Errorf("got %+v, want %+v", *out.AssumedRoleUser, want)
	}
	c := e.Session(out.Credentials)
	me := testenv.OK(t, c, sts.GetCallerIdentity, &sts.GetCallerIdentityInput{})
	if me.Arn != want.Arn || me.UserId != want.AssumedRoleId || me.Account != e.Account {
		t.Errorf("got %+v", me)
	}
	if err := describe(c, t); err != nil {
		t.Error(err)
	}
	r := testenv.Refused(t, c, codeartifact.DeleteDomain, &codeartifact.DeleteDomainInput{Domain: testenv.Domain}, "AccessDeniedException")
	if !strings.HasPrefix(r.Message, "User: "+want.Arn+" is not authorized to perform: codeartifact:DeleteDomain") {
		t.Errorf("got %q", r.Message)
	}
	if got := testenv.OK(t, e.Admin, sts.GetAccessKeyInfo, &sts.GetAccessKeyInfoInput{AccessKeyId: c.KeyID}).Account; got != e.Account {
		t.Errorf("got account %s, want %s", got, e.Account)
	}
	testenv.Refused(t, e.Admin, sts.GetAccessKeyInfo, &sts.GetAccessKeyInfoInput{AccessKeyId: "ASIAAAAAAAAAAAAAAAAA"}, "ValidationError")
}

// The members come in the order in which AWS writes them, not in its model's.
func TestAssumeRoleOnTheWire(t *testing.T) {
	e := testenv.New(t)
	role := e.Role("deploy", testenv.Trust(e.Account))
	a := e.DoSigned(e.Admin, "sts", http.MethodPost, "/", "Action=AssumeRole&Version=2011-06-15&RoleSessionName=ci&SourceIdentity=dana"+
		"&Tags.member.1.Key=team&Tags.member.1.Value=web&RoleArn="+strings.ReplaceAll(strings.ReplaceAll(role, ":", "%3A"), "/", "%2F"),
		"Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	var order []string
	for _, m := range regexp.MustCompile(`<(\w+)[> ]`).FindAllStringSubmatch(a.Body, -1) {
		order = append(order, m[1])
	}
	want := "AssumeRoleResponse AssumeRoleResult AssumedRoleUser AssumedRoleId Arn Credentials AccessKeyId SecretAccessKey SessionToken Expiration SourceIdentity PackedPolicySize ResponseMetadata RequestId"
	if got := strings.Join(order, " "); a.Status != http.StatusOK || got != want {
		t.Errorf("got %d %s, want %s", a.Status, got, want)
	}
}

// Which credentials sign: rows 14 and 15 of what STS checks, in its order.
func TestCredentialsOfSessions(t *testing.T) {
	e := testenv.New(t)
	trust := testenv.Trust(e.Account)
	role := e.Role("deploy", trust, readOnly)
	one, two := e.Assume(e.Admin, role, "one"), e.Assume(e.Admin, role, "two")
	kept := e.Assume(e.Admin, role, "long")
	narrowed := e.Assume(e.Admin, role, "narrow", func(in *sts.AssumeRoleInput) { in.Policy = readOnly })
	if err := describe(narrowed, t); err != nil {
		t.Fatal(err)
	}
	check := func(when string, c *client.Client, change func(*client.Client), code string) {
		t.Helper()
		k := e.Session(&sts.Credentials{AccessKeyId: c.KeyID, SecretAccessKey: c.Secret, SessionToken: c.SessionToken})
		if change != nil {
			change(k)
		}
		if got := testenv.RefusalOf(describe(k, t)).Code; got != code {
			t.Errorf("%s: got %q, want %q", when, got, code)
		}
	}
	const unknown, expired, wrong = "UnrecognizedClientException", "ExpiredTokenException", "InvalidSignatureException"
	check("the session", one, nil, "")
	check("a wrong secret", one, func(k *client.Client) { k.Secret = two.Secret }, wrong)
	check("no token", one, func(k *client.Client) { k.SessionToken = "" }, unknown)
	check("another session's token", one, func(k *client.Client) { k.SessionToken = two.SessionToken }, unknown)
	check("another session's key", one, func(k *client.Client) { k.KeyID = two.KeyID }, unknown)
	check("another session's token and a wrong secret", one, func(k *client.Client) { k.SessionToken, k.Secret = two.SessionToken, "x" }, unknown)
	check("a token that was changed", one, func(k *client.Client) { k.SessionToken = k.SessionToken[:len(k.SessionToken)-1] + "!" }, unknown)
	check("a token that is cut", one, func(k *client.Client) { k.SessionToken = k.SessionToken[:40] }, unknown)
	check("a user's key with a token", e.Admin, func(k *client.Client) { k.SessionToken = one.SessionToken }, unknown)

	e.Clock.Advance(time.Hour)
	check("expired", one, nil, expired)
	check("expired, and a wrong secret", one, func(k *client.Client) { k.Secret = "x" }, expired)
	check("expired, and another's token", one, func(k *client.Client) { k.SessionToken = two.SessionToken }, unknown)

	fresh := e.Assume(e.Admin, role, "fresh")
	testenv.OK(t, e.Admin, iam.DeleteRolePolicy, &iam.DeleteRolePolicyInput{RoleName: "deploy", PolicyName: "policy0"})
	testenv.OK(t, e.Admin, iam.DeleteRole, &iam.DeleteRoleInput{RoleName: "deploy"})
	check("a role that was deleted", fresh, nil, unknown)
	e.Role("deploy", trust, everything)
	check("a role that was made again", fresh, nil, unknown)
	check("a role that was made again, of one that has expired", kept, nil, expired)
	e.Clock.Advance(time.Hour)
	check("a role that was made again, once it has expired", fresh, nil, expired)
}

func TestWhoMayAssumeARole(t *testing.T) {
	e := testenv.New(t)
	other := e.NewAccount()
	named, delegated := testenv.Trust("arn:aws:iam::"+e.Account+":user/alice"), testenv.Trust(e.Account)
	may := func(role string) string {
		return `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["sts:AssumeRole","sts:TagSession"],"Resource":"` + role + `"}}`
	}
	deny := `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"sts:AssumeRole","Resource":"*"}}`
	arn := func(name string) string { return "arn:aws:iam::" + e.Account + ":role/" + name }
	alice, bob := e.User("alice"), e.User("bob", may(arn("*")))
	e.Role("named", named)
	e.Role("delegated", delegated)
	carol := e.User("carol", everything, deny)
	const refused = "is not authorized to perform: sts:AssumeRole on resource: "
	e.Assume(alice, arn("named"), "ci")
	e.Assume(bob, arn("delegated"), "ci")
	refusedRole(t, alice, arn("delegated"), "AccessDenied", "User: arn:aws:iam::"+e.Account+":user/alice "+refused+arn("delegated"))
	refusedRole(t, bob, arn("named"), "AccessDenied", refused+arn("named"))
	refusedRole(t, carol, arn("delegated"), "AccessDenied", refused)
	refusedRole(t, bob, arn("nobody"), "AccessDenied", "User: arn:aws:iam::"+e.Account+":user/bob "+refused+arn("nobody"))
	refusedRole(t, bob, "arn:aws:iam::"+other+":role/elsewhere", "AccessDenied", refused)
	refusedRole(t, bob, "arn:aws:iam::1:role/nothing", "ValidationError", "arn:aws:iam::1:role/nothing is invalid")
	refusedRole(t, e.Root(e.Account), arn("delegated"), "AccessDenied", "Roles may not be assumed by root accounts.")
	refusedRole(t, bob, arn("delegated"), "AccessDenied", "MultiFactorAuthentication failed", func(in *sts.AssumeRoleInput) {
		in.SerialNumber, in.TokenCode = "arn:aws:iam::"+e.Account+":mfa/bob", "123456"
	})

	// Across accounts both sides must allow, whomever the trust policy names.
	root := e.Root(other)
	eve := e.UserOf(root, "eve")
	e.Role("shared", testenv.Trust("arn:aws:iam::"+other+":user/eve"))
	refusedRole(t, eve, arn("shared"), "AccessDenied", refused)
	testenv.OK(t, root, iam.PutUserPolicy, &iam.PutUserPolicyInput{UserName: "eve", PolicyName: "may", PolicyDocument: may(arn("*"))})
	if got := testenv.OK(t, e.Assume(eve, arn("shared"), "ci"), sts.GetCallerIdentity, &sts.GetCallerIdentityInput{}).Account; got != e.Account {
		t.Errorf("got account %s, want %s", got, e.Account)
	}
	refusedRole(t, eve, arn("delegated"), "AccessDenied", refused)
}

// The threat table: a confused deputy across accounts.
func TestThreatConfusedDeputy(t *testing.T) {
	e := testenv.New(t)
	role := e.Role("vendor", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"`+e.Account+`"},`+
		`"Action":"sts:AssumeRole","Condition":{"StringEquals":{"sts:ExternalId":"customer-7"}}}}`)
	refusedRole(t, e.Admin, role, "AccessDenied", "sts:AssumeRole")
	refusedRole(t, e.Admin, role, "AccessDenied", "sts:AssumeRole", func(in *sts.AssumeRoleInput) { in.ExternalId = "customer-8" })
	e.Assume(e.Admin, role, "ci", func(in *sts.AssumeRoleInput) { in.ExternalId = "customer-7" })
}

func TestLivesOfSessions(t *testing.T) {
	e := testenv.New(t)
	trust := testenv.Trust(e.Account)
	short, long := e.Role("short", trust, everything), e.Role("long", trust, everything)
	testenv.OK(t, e.Admin, iam.UpdateRole, &iam.UpdateRoleInput{RoleName: "long", MaxSessionDuration: 43200})
	e.Assume(e.Admin, short, "ci", seconds(900))
	e.Assume(e.Admin, short, "ci", seconds(3600))
	refusedRole(t, e.Admin, short, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.", seconds(3601))
	refusedRole(t, e.Admin, short, "ValidationError", "durationSeconds", seconds(899))
	c := e.Assume(e.Admin, long, "ci", seconds(43200))
	e.Clock.Advance(12*time.Hour - time.Second)
	if err := describe(c, t); err != nil {
		t.Error(err)
	}

	// In a chain an hour is all.
	c = e.Assume(e.Admin, short, "first")
	refusedRole(t, c, long, "ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.", seconds(3601))
	refusedRole(t, c, short, "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.", seconds(3601))
	e.Assume(c, long, "second", seconds(3600))
	// A user's own session begins a chain, and is none.
	own := e.Session(testenv.OK(t, e.Admin, sts.GetSessionToken, &sts.GetSessionTokenInput{}).Credentials)
	e.Assume(own, long, "first", seconds(43200))
}

func TestSessionPoliciesNarrow(t *testing.T) {
	e := testenv.New(t)
	role := e.Role("deploy", testenv.Trust(e.Account), everything)
	arn := testenv.OK(t, e.Admin, iam.CreatePolicy, &iam.CreatePolicyInput{PolicyName: "reads", PolicyDocument: readOnly}).Policy.Arn
	inline := func(document string) func(*sts.AssumeRoleInput) {
		return func(in *sts.AssumeRoleInput) { in.Policy = document }
	}
	managed := func(arns ...string) func(*sts.AssumeRoleInput) {
		return func(in *sts.AssumeRoleInput) {
			for _, a := range arns {
				in.PolicyArns = append(in.PolicyArns, sts.PolicyDescriptorType{Arn: a})
			}
		}
	}
	for name, set := range map[string]func(*sts.AssumeRoleInput){
		"inline": inline(readOnly), "of the account": managed(arn), "AWS's": managed("arn:aws:iam::aws:policy/AWSCodeArtifactReadOnlyAccess"),
	} {
		c := e.Assume(e.Admin, role, "ci", set)
		if err := describe(c, t); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		r := testenv.Refused(t, c, codeartifact.DeleteDomain, &codeartifact.DeleteDomainInput{Domain: testenv.Domain}, "AccessDeniedException")
		if !strings.HasSuffix(r.Message, "because no session policy allows the codeartifact:DeleteDomain action") {
			t.Errorf("%s: got %q", name, r.Message)
		}
	}
	if got := testenv.OK(t, e.Admin, sts.AssumeRole, &sts.AssumeRoleInput{RoleArn: role, RoleSessionName: "ci", Policy: readOnly}).PackedPolicySize; got == nil || *got < 1 {
		t.Errorf("got packed size %v", got)
	}
	refusedRole(t, e.Admin, role, "MalformedPolicyDocument", "", inline(`{"Statement":`))
	refusedRole(t, e.Admin, role, "MalformedPolicyDocument", "", inline(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`))
	refusedRole(t, e.Admin, role, "ValidationError", "length less than or equal to 2048", inline(readOnly+strings.Repeat(" ", 2048)))
	refusedRole(t, e.Admin, role, "ValidationError", "does not exist", managed("arn:aws:iam::"+e.Account+":policy/nothing"))
	refusedRole(t, e.Admin, role, "ValidationError", "at most 10", managed(arn, arn, arn, arn, arn, arn, arn, arn, arn, arn, arn))
	elsewhere := e.Root(e.NewAccount())
	foreign := testenv.OK(t, elsewhere, iam.CreatePolicy, &iam.CreatePolicyInput{PolicyName: "reads", PolicyDocument: readOnly}).Policy.Arn
	refusedRole(t, e.Admin, role, "ValidationError", "does not exist in the account of the role", managed(foreign))
}

func TestTagsAndSourceIdentityGoThroughAChain(t *testing.T) {
	e := testenv.New(t)
	onlyAssume := `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"` + e.Account + `"},"Action":"sts:AssumeRole"}}`
	byTag := func(key, value string) string {
		return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:*"],"Resource":"*"},{"Effect":"Allow","Action":"codeartifact:*","Resource":"*",` +
			`"Condition":{"StringEquals":{"aws:PrincipalTag/` + key + `":"` + value + `","aws:SourceIdentity":"dana"}}}]}`
	}
	trust := testenv.Trust(e.Account)
	first, second := e.Role("first", trust, byTag("team", "web")), e.Role("second", trust, byTag("team", "web"))
	plain := e.Role("plain", onlyAssume)
	set := func(in *sts.AssumeRoleInput) {
		in.Tags = []sts.Tag{{Key: "team", Value: "web"}, {Key: "stage", Value: "test"}}
		in.TransitiveTagKeys, in.SourceIdentity = []string{"team"}, "dana"
	}
	refusedRole(t, e.Admin, plain, "AccessDenied", "is not authorized to perform: sts:TagSession on resource: "+plain, set)
	refusedRole(t, e.Admin, plain, "AccessDenied", "is not authorized to perform: sts:SetSourceIdentity on resource: "+plain, func(in *sts.AssumeRoleInput) { in.SourceIdentity = "dana" })
	one := e.Assume(e.Admin, first, "one", set)
	if err := describe(one, t); err != nil {
		t.Error(err)
	}
	two := e.Assume(one, second, "two")
	if err := describe(two, t); err != nil {
		t.Error("down the chain:", err)
	}
	if got := testenv.OK(t, one, sts.AssumeRole, &sts.AssumeRoleInput{RoleArn: second, RoleSessionName: "two"}).SourceIdentity; got != "dana" {
		t.Errorf("got source identity %q", got)
	}
	refusedRole(t, one, plain, "AccessDenied", "sts:TagSession") // what goes on must be trusted too
	refusedRole(t, one, second, "AccessDenied", "The source identity is already set for this assume role session", func(in *sts.AssumeRoleInput) { in.SourceIdentity = "erin" })
	refusedRole(t, one, second, "ValidationError", "conflicts with a transitive tag key", func(in *sts.AssumeRoleInput) { in.Tags = []sts.Tag{{Key: "Team", Value: "x"}} })
	refusedRole(t, e.Admin, first, "ValidationError", "must be included in the requested tags", func(in *sts.AssumeRoleInput) { in.TransitiveTagKeys = []string{"x"} })
	refusedRole(t, e.Admin, first, "ValidationError", "Duplicate tag keys", func(in *sts.AssumeRoleInput) {
		in.Tags = []sts.Tag{{Key: "team", Value: "x"}, {Key: "TEAM", Value: "y"}}
	})
	// A tag that is not transitive ends with its session.
	third := e.Role("third", trust, byTag("stage", "test"))
	if err := describe(e.Assume(one, third, "three"), t); !larder.Denied.Is(err) {
		t.Errorf("got %v", err)
	}
}

func TestGetSessionToken(t *testing.T) {
	e := testenv.New(t)
	out := testenv.OK(t, e.Admin, sts.GetSessionToken, &sts.GetSessionTokenInput{}).Credentials
	if got, want := out.Expiration, e.Clock.Now().Truncate(time.Second).Add(12*time.Hour); !got.Equal(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	c := e.Session(out)
	if got := testenv.OK(t, c, sts.GetCallerIdentity, &sts.GetCallerIdentityInput{}).Arn; got != "arn:aws:iam::"+e.Account+":user/quickstart" {
		t.Errorf("got %s", got)
	}
	if err := describe(c, t); err != nil {
		t.Error(err)
	}
	token := testenv.OK(t, c, codeartifact.GetAuthorizationToken, &codeartifact.GetAuthorizationTokenInput{Domain: testenv.Domain})
	if got := e.Do(http.MethodGet, e.Endpoint("npm")+"nothing", token.AuthorizationToken, nil).Status; got != http.StatusNotFound {
		t.Errorf("got %d", got)
	}
	testenv.Refused(t, c, iam.ListUsers, &iam.ListUsersInput{}, "InvalidClientTokenId")
	testenv.Refused(t, c, sts.GetAccessKeyInfo, &sts.GetAccessKeyInfoInput{AccessKeyId: c.KeyID}, "AccessDenied")
	if r := testenv.Refused(t, c, sts.GetSessionToken, &sts.GetSessionTokenInput{}, "AccessDenied"); r.Message != "Cannot call GetSessionToken with session credentials" {
		t.Errorf("got %q", r.Message)
	}
	e.Assume(c, e.Role("deploy", testenv.Trust(e.Account)), "ci")

	root := testenv.OK(t, e.Root(e.Account), sts.GetSessionToken, &sts.GetSessionTokenInput{DurationSeconds: 43200}).Credentials
	if got, want := root.Expiration, e.Clock.Now().Truncate(time.Second).Add(time.Hour); !got.Equal(want) {
		t.Errorf("root: got %v, want %v", got, want)
	}
	refusedRole(t, e.Session(root), e.Role("another", testenv.Trust(e.Account)), "AccessDenied", "Roles may not be assumed by root accounts.")
	longest := e.Session(testenv.OK(t, e.User("alice", everything), sts.GetSessionToken, &sts.GetSessionTokenInput{DurationSeconds: 129600}).Credentials)
	e.Clock.Advance(36*time.Hour - time.Second)
	if err := describe(longest, t); err != nil {
		t.Error(err)
	}
}
