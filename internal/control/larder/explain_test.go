package larder_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"larder.example/larder/internal/api/codeartifact"
	"larder.example/larder/internal/api/iam"
	api "larder.example/larder/internal/api/larder"
	"larder.example/larder/internal/api/sts"
	"larder.example/larder/internal/testenv"
)

const reading = "codeartifact:ReadFromRepository"

// noReading is a policy of several lines, as people write them.
const noReading = `{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "*", "Resource": "*"},
    {"Sid": "NoReading", "Effect": "Deny", "Action": "codeartifact:Read*", "Resource": "*",
     "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}
  ]
}`

func repository(e *testenv.Env) string {
	return "arn:aws:codeartifact:" + testenv.Region + ":" + e.Account + ":repository/" + testenv.Domain + "/" + testenv.Repository
}

func TestExplainDecision(t *testing.T) {
	e := testenv.New(t)
	e.User("alice", noReading)
	in := &api.ExplainDecisionInput{Caller: "arn:aws:iam::" + e.Account + ":user/alice", Action: reading, Resource: repository(e)}
	out := testenv.OK(t, e.Admin, api.ExplainDecision, in)
	allows := api.ConsideredStatement{
		AccountId: e.Account, PolicyType: "identity-based policy", PolicyName: "policy0", AttachedTo: in.Caller,
		Statement: 1, Effect: "Allow", Start: &api.Position{Line: 4, Column: 5}, End: &api.Position{Line: 4, Column: 56}, Outcome: "applies",
	}
	denies := allows
	denies.Statement, denies.Sid, denies.Effect = 2, "NoReading", "Deny"
	denies.Start, denies.End = &api.Position{Line: 5, Column: 5}, &api.Position{Line: 6, Column: 69}
	denies.Outcome, denies.Condition = "conditionNotMet", "IpAddress aws:SourceIp"
	want := &api.ExplainDecisionOutput{
		Decision: "allowed", Source: "identity-based policy", DecidedBy: &allows, Statements: []api.ConsideredStatement{allows, denies},
		AbsentKeys: []string{"aws:SourceIp"}, CallerArn: in.Caller, Action: reading, Resource: in.Resource,
	}
	if !reflect.DeepEqual(out, want) {
		t.Errorf("got %+v, want %+v", out, want)
	}

	in.Context = []api.ContextEntry{{Key: "AWS:sourceip", Values: []string{"203.0.113.7"}}}
	denies.Outcome, denies.Condition = "applies", ""
	want.Decision, want.Reason, want.DecidedBy = "explicitDeny", "with an explicit deny in an identity-based policy", &denies
	want.Statements, want.AbsentKeys = []api.ConsideredStatement{allows, denies}, []string{}
	if out := testenv.OK(t, e.Admin, api.ExplainDecision, in); !reflect.DeepEqual(out, want) {
		t.Errorf("got %+v, want %+v", out, want)
	}
}

// A managed policy is named by its ARN, and root needs none.
func TestExplainDecisionOfManagedPoliciesAndOfRoot(t *testing.T) {
	e := testenv.New(t)
	e.User("alice")
	const arn = "arn:aws:iam::aws:policy/AWSCodeArtifactReadOnlyAccess"
	testenv.OK(t, e.Admin, iam.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: "alice", PolicyArn: arn})
	out := testenv.OK(t, e.Admin, api.ExplainDecision, &api.ExplainDecisionInput{
		Caller: "arn:aws:iam::" + e.Account + ":user/alice", Action: reading, Resource: repository(e),
	})
	if by := out.DecidedBy; by == nil || by.PolicyArn != arn || by.PolicyName != "AWSCodeArtifactReadOnlyAccess" || by.AccountId != "aws" || len(out.Statements) != 2 {
		t.Errorf("got %+v", out)
	}
	out = testenv.OK(t, e.Admin, api.ExplainDecision, &api.ExplainDecisionInput{Caller: e.Account, Action: "iam:CreateUser"})
	if out.Decision != "allowed" || out.DecidedBy != nil || len(out.Statements) > 0 || out.Resource != "*" {
		t.Errorf("got %+v", out)
	}
}

// Who may explain whom, and what they are shown of others' policies: the
// account of who is explained sees that side, the account of the resource the
// other one, the first account both.
func TestExplainDecisionShowsToEachWhatIsTheirs(t *testing.T) {
	e := testenv.New(t)
	abroad := e.NewAccount() // which owns the domain
	owner, third := e.Root(abroad), e.Root(e.NewAccount())
	home := e.NewAccount()
	root := e.Root(home)
	e.UserOf(root, "alice", allow("*", "*"))
	alice := "arn:aws:iam::" + home + ":user/alice"
	testenv.OK(t, owner, codeartifact.CreateDomain, &codeartifact.CreateDomainInput{Domain: "acme"})
	testenv.OK(t, owner, codeartifact.PutDomainPermissionsPolicy, &codeartifact.PutDomainPermissionsPolicyInput{
		Domain: "acme", PolicyDocument: `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Principal":"*","Action":"codeartifact:DescribeDomain","Resource":"*"}}`,
	})
	domain := "arn:aws:codeartifact:" + testenv.Region + ":" + abroad + ":domain/acme"
	in := &api.ExplainDecisionInput{Caller: alice, Action: "codeartifact:DescribeDomain", Resource: domain}
	shown := func(out *api.ExplainDecisionOutput) (s string) {
		for _, c := range out.Statements {
			s += c.AttachedTo + " "
		}
		if out.DecidedBy != nil {
			s += "by " + out.DecidedBy.AttachedTo
		}
		return s
	}
	for _, tt := range []struct {
		name string
		got  *api.ExplainDecisionOutput
		want string
	}{
		{"the caller's account", testenv.OK(t, root, api.ExplainDecision, in), alice + " "},
		{"the resource's account", testenv.OK(t, owner, api.ExplainDecision, in), domain + " by " + domain},
		{"the first account", testenv.OK(t, e.Admin, api.ExplainDecision, in), alice + " " + domain + " by " + domain},
	} {
		if got := shown(tt.got); got != tt.want || tt.got.Reason != "with an explicit deny in a resource-based policy" {
			t.Errorf("%s: got %q, %q, want %q", tt.name, got, tt.got.Reason, tt.want)
		}
	}
	testenv.Refused(t, third, api.ExplainDecision, in, "AccessDeniedException")

	// Who is allowed to explain some may not explain others.
	some := e.UserOf(root, "some", allow("larder:ExplainDecision", alice))
	testenv.OK(t, some, api.ExplainDecision, in)
	in.Caller = "arn:aws:iam::" + home + ":user/some"
	testenv.Refused(t, some, api.ExplainDecision, in, "AccessDeniedException")
	in.Caller = "arn:aws:iam::" + home + ":user/nobody"
	testenv.Refused(t, some, api.ExplainDecision, in, "AccessDeniedException") // before anybody learns that there is none
	absent := testenv.Refused(t, root, api.ExplainDecision, in, "ResourceNotFoundException")
	if absent.ResourceID != in.Caller || !strings.Contains(absent.Message, in.Caller) {
		t.Errorf("got %+v", absent)
	}
}

// Of a session that was narrowed, the audit record of a refusal has what
// ExplainDecision must be told.
func TestExplainDecisionOfANarrowedSession(t *testing.T) {
	e := testenv.New(t)
	role := e.Role("builds", testenv.Trust(e.Account), allow("*", "*"))
	session := e.Assume(e.Admin, role, "one", func(in *sts.AssumeRoleInput) { in.Policy = allow("sts:*", "*") })
	testenv.Refused(t, session, codeartifact.CreateDomain, &codeartifact.CreateDomainInput{Domain: "mine"}, "AccessDeniedException")
	text, err := os.ReadFile(filepath.Join(e.Dir, "audit", "audit.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	_, id, _ := strings.Cut(string(text), `"sessionContext":"`)
	id, _, _ = strings.Cut(id, `"`)

	in := &api.ExplainDecisionInput{Caller: "arn:aws:sts::" + e.Account + ":assumed-role/builds/one", Action: "codeartifact:CreateDomain"}
	if out := testenv.OK(t, e.Admin, api.ExplainDecision, in); out.Decision != "allowed" {
		t.Errorf("the role without its session: got %+v", out)
	}
	in.SessionContext = id
	if out := testenv.OK(t, e.Admin, api.ExplainDecision, in); out.Decision != "implicitDeny" || out.Source != "session policy" ||
		out.CallerArn != in.Caller || out.Statements[1].Outcome != "otherAction" {
		t.Errorf("got %+v", out)
	}
	in.SessionContext = strings.Repeat("0", 31) + "1"
	if out := testenv.OK(t, e.Admin, api.ExplainDecision, in); out.Decision != "explicitDeny" || out.DecidedBy.PolicyName != "session policy" {
		t.Errorf("a context that nobody knows: got %+v", out)
	}
}

// Who asks about itself is explained as it asks: what it was narrowed to, and
// from where it comes.
func TestExplainDecisionOfWhoAsks(t *testing.T) {
	e := testenv.New(t)
	role := e.Role("builds", testenv.Trust(e.Account), allow("*", "*"))
	session := e.Assume(e.Admin, role, "one", func(in *sts.AssumeRoleInput) { in.Policy = allow("larder:*", "*") })
	in := &api.ExplainDecisionInput{Caller: "arn:aws:sts::" + e.Account + ":assumed-role/builds/one", Action: "codeartifact:CreateDomain"}
	if out := testenv.OK(t, session, api.ExplainDecision, in); out.Decision != "implicitDeny" || out.Source != "session policy" {
		t.Errorf("got %+v", out)
	}
	in.SessionContext = strings.Repeat("0", 31) + "1"
	if out := testenv.OK(t, session, api.ExplainDecision, in); out.Decision != "explicitDeny" {
		t.Errorf("a context that nobody knows: got %+v", out)
	}
	bob := e.User("bob", allow("*", "*"), strings.ReplaceAll(noReading, "203.0.113.0/24", "127.0.0.0/8"))
	in = &api.ExplainDecisionInput{Caller: "arn:aws:iam::" + e.Account + ":user/bob", Action: reading, Resource: repository(e)}
	if out := testenv.OK(t, bob, api.ExplainDecision, in); out.Decision != "explicitDeny" {
		t.Errorf("got %+v", out)
	}
	if out := testenv.OK(t, e.Admin, api.ExplainDecision, in); out.Decision != "allowed" {
		t.Errorf("asked by another: got %+v", out)
	}
}
