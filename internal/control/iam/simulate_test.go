package iam_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
)

const repositories = "arn:aws:codeartifact:us-east-1:111122223333:repository/acme/"

// outline is what these tests look at in a result.
func outline(r iam.EvaluationResult) string {
	s := r.EvalActionName + " " + r.EvalResourceName + " " + r.EvalDecision
	for _, m := range r.MatchedStatements {
		s += " " + m.SourcePolicyType + ":" + m.SourcePolicyId
	}
	return s
}

func outlines(all []iam.EvaluationResult) (lines []string) {
	for _, r := range all {
		lines = append(lines, outline(r))
	}
	return lines
}

// Policies of the user, of its groups and those that are given count together.
func TestSimulatePrincipalPolicy(t *testing.T) {
	e := testenv.New(t)
	e.User("alice", allow("codeartifact:Describe*"))
	alice := "arn:aws:iam::" + e.Account + ":user/alice"
	testenv.OK(t, e.Admin, iam.CreateGroup, &iam.CreateGroupInput{GroupName: "readers"})
	testenv.OK(t, e.Admin, iam.AddUserToGroup, &iam.AddUserToGroupInput{GroupName: "readers", UserName: "alice"})
	testenv.OK(t, e.Admin, iam.PutGroupPolicy, &iam.PutGroupPolicyInput{GroupName: "readers", PolicyName: "read", PolicyDocument: allow("codeartifact:Read*")})
	testenv.OK(t, e.Admin, iam.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: "alice", PolicyArn: readOnly})
	in := &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: alice, ResourceArns: []string{repositories + "app"},
		ActionNames: []string{"codeartifact:DescribeRepository", "codeartifact:ReadFromRepository", "codeartifact:DeleteRepository", "iam:GetUser"},
	}
	want := []string{
		"codeartifact:DescribeRepository " + repositories + "app allowed user:policy0",
		"codeartifact:ReadFromRepository " + repositories + "app allowed group:read",
		"codeartifact:DeleteRepository " + repositories + "app implicitDeny",
		"iam:GetUser " + repositories + "app allowed aws-managed:IAMReadOnlyAccess",
	}
	if got := outlines(testenv.OK(t, e.Admin, iam.SimulatePrincipalPolicy, in).EvaluationResults); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}

	in.PolicyInputList = []string{policy("Deny", "codeartifact:Read*", repositories+"app")}
	in.PolicyExclusionList = []iam.PolicyIdentifier{
		{PolicyType: "aws-managed", PolicyArn: readOnly},
		{PolicyType: "inline", InlinePolicyIdentifier: &iam.InlinePolicyIdentifierType{PolicyName: "policy0", AttachmentType: "user", AttachmentName: "alice"}},
	}
	want = []string{
		"codeartifact:DescribeRepository " + repositories + "app implicitDeny",
		"codeartifact:ReadFromRepository " + repositories + "app explicitDeny none:PolicyInputList.1",
		"codeartifact:DeleteRepository " + repositories + "app implicitDeny",
		"iam:GetUser " + repositories + "app implicitDeny",
	}
	if got := outlines(testenv.OK(t, e.Admin, iam.SimulatePrincipalPolicy, in).EvaluationResults); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}

	// What is simulated of a group are its own policies.
	group := &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: "arn:aws:iam::" + e.Account + ":group/readers", ActionNames: []string{"codeartifact:ReadFromRepository", "iam:GetUser"},
	}
	want = []string{"codeartifact:ReadFromRepository * allowed group:read", "iam:GetUser * implicitDeny"}
	if got := outlines(testenv.OK(t, e.Admin, iam.SimulatePrincipalPolicy, group).EvaluationResults); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The whole answer, with positions, missing keys and the boundary.
func TestSimulateCustomPolicyAnswersAsIAMDoes(t *testing.T) {
	e := testenv.New(t)
	document := `{
  "Version": "2012-10-17",
  "Statement": [
    {"Effect": "Allow", "Action": "codeartifact:*", "Resource": "*"},
    {"Effect": "Deny", "Action": "codeartifact:Delete*", "Resource": "*",
     "Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "web"}}}
  ]
}`
	in := &iam.SimulateCustomPolicyInput{
		PolicyInputList: []string{document}, PermissionsBoundaryPolicyInputList: []string{allow("codeartifact:D*")},
		ActionNames: []string{"codeartifact:DeleteDomain"},
	}
	statement := iam.Statement{
		SourcePolicyId: "PolicyInputList.1", SourcePolicyType: "none",
		StartPosition: &iam.Position{Line: new(5), Column: new(5)}, EndPosition: &iam.Position{Line: new(6), Column: new(73)},
	}
	in.ContextEntries = []iam.ContextEntry{{ContextKeyName: "aws:principaltag/team", ContextKeyValues: []string{"web"}, ContextKeyType: "string"}}
	allowed := statement
	allowed.StartPosition, allowed.EndPosition = &iam.Position{Line: new(4), Column: new(5)}, &iam.Position{Line: new(4), Column: new(69)}
	bounded := &iam.PermissionsBoundaryDecisionDetail{AllowedByPermissionsBoundary: true}
	want := iam.EvaluationResult{
		EvalActionName: "codeartifact:DeleteDomain", EvalResourceName: "*", EvalDecision: "allowed", MatchedStatements: []iam.Statement{allowed},
		MissingContextValues: []string{}, PermissionsBoundaryDecisionDetail: bounded,
		EvalDecisionDetails: map[string]string{}, ResourceSpecificResults: []iam.ResourceSpecificResult{},
	}
	if got := testenv.OK(t, e.Admin, iam.SimulateCustomPolicy, in).EvaluationResults; len(got) != 1 || !reflect.DeepEqual(got[0], want) {
		t.Errorf("got %s, want %s", text(got), text(want))
	}

	in.ContextEntries, in.ResourceArns = nil, []string{repositories + "app"}
	want.EvalResourceName, want.EvalDecision, want.MatchedStatements = in.ResourceArns[0], "explicitDeny", []iam.Statement{statement}
	want.ResourceSpecificResults = []iam.ResourceSpecificResult{{
		EvalResourceName: in.ResourceArns[0], EvalResourceDecision: "explicitDeny", MatchedStatements: want.MatchedStatements,
		MissingContextValues: []string{"aws:PrincipalTag/team"}, PermissionsBoundaryDecisionDetail: bounded,
		EvalDecisionDetails: map[string]string{},
	}}
	if got := testenv.OK(t, e.Admin, iam.SimulateCustomPolicy, in).EvaluationResults; len(got) != 1 || !reflect.DeepEqual(got[0], want) {
		t.Errorf("got %s, want %s", text(got), text(want))
	}

	in.ActionNames = []string{"codeartifact:GetDomainPermissionsPolicy"}
	got := testenv.OK(t, e.Admin, iam.SimulateCustomPolicy, in).EvaluationResults[0]
	if got.EvalDecision != "implicitDeny" || got.PermissionsBoundaryDecisionDetail.AllowedByPermissionsBoundary || len(got.MatchedStatements) > 0 {
		t.Errorf("out of bounds: got %+v", got)
	}
}

// A policy on the resource counts for its caller, across accounts both sides.
func TestSimulateWithAResourcePolicy(t *testing.T) {
	e := testenv.New(t)
	e.User("alice")
	alice := "arn:aws:iam::" + e.Account + ":user/alice"
	onResource := strings.Replace(allow("codeartifact:*"), `"Action"`, `"Principal":{"AWS":"`+alice+`"},"Action"`, 1)
	own := strings.ReplaceAll(repositories, "111122223333", e.Account)
	for _, tt := range []struct {
		name, identity, resource, owner, want string
	}{
		{"its account's resource", allow("s3:*"), own + "app", "", "allowed resource:ResourcePolicy"},
		{"another account's", allow("s3:*"), repositories + "app", "", "implicitDeny"},
		{"another account's, allowed at home", allow("*"), repositories + "app", "", "allowed none:PolicyInputList.1 resource:ResourcePolicy"},
		{"one that does not tell", allow("s3:*"), "arn:aws:s3:::thing", "", "allowed resource:ResourcePolicy"},
		{"one that is said to be another account's", allow("s3:*"), "arn:aws:s3:::thing", "arn:aws:iam::111122223333:root", "implicitDeny"},
	} {
		r := testenv.OK(t, e.Admin, iam.SimulateCustomPolicy, &iam.SimulateCustomPolicyInput{
			PolicyInputList: []string{tt.identity}, ResourcePolicy: onResource, CallerArn: alice, ResourceOwner: tt.owner,
			ActionNames: []string{"codeartifact:DescribeRepository"}, ResourceArns: []string{tt.resource},
		}).EvaluationResults[0]
		if got, want := outline(r), "codeartifact:DescribeRepository "+tt.resource+" "+tt.want; got != want {
			t.Errorf("%s: got %q, want %q", tt.name, got, want)
		}
	}
	crossing := testenv.OK(t, e.Admin, iam.SimulateCustomPolicy, &iam.SimulateCustomPolicyInput{
		PolicyInputList: []string{policy("Deny", "*", "*")}, ResourcePolicy: onResource, CallerArn: alice,
		ActionNames: []string{"codeartifact:DescribeRepository"}, ResourceArns: []string{repositories + "app"},
	}).EvaluationResults[0]
	if want := map[string]string{"IAM Policy": "explicitDeny", "Resource Policy": "allowed"}; !reflect.DeepEqual(crossing.EvalDecisionDetails, want) {
		t.Errorf("got %v, want %v", crossing.EvalDecisionDetails, want)
	}
}

func TestSimulationsHavePages(t *testing.T) {
	e := testenv.New(t)
	in := &iam.SimulateCustomPolicyInput{
		PolicyInputList: []string{allow("a:B*")}, ActionNames: []string{"a:Beta", "a:Gamma"},
		ResourceArns: []string{repositories + "1", repositories + "2", repositories + "3"}, MaxItems: 4,
	}
	var got []string
	for {
		out := testenv.OK(t, e.Admin, iam.SimulateCustomPolicy, in)
		got = append(got, outlines(out.EvaluationResults)...)
		if in.Marker = out.Marker; !out.IsTruncated {
			break
		}
	}
	var want []string
	for _, action := range []string{"a:Beta %s allowed none:PolicyInputList.1", "a:Gamma %s implicitDeny"} {
		for _, r := range in.ResourceArns {
			want = append(want, strings.Replace(action, "%s", r, 1))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestGetContextKeysForPrincipalPolicy(t *testing.T) {
	e := testenv.New(t)
	e.User("alice", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:iam::*:user/${aws:username}",
		"Condition":{"Bool":{"aws:SecureTransport":"true"},"StringEquals":{"aws:PrincipalTag/Team":"web"}}}}`)
	in := &iam.GetContextKeysForPrincipalPolicyInput{PolicySourceArn: "arn:aws:iam::" + e.Account + ":user/alice"}
	want := []string{"aws:PrincipalTag/Team", "aws:SecureTransport", "aws:username"}
	if got := testenv.OK(t, e.Admin, iam.GetContextKeysForPrincipalPolicy, in).ContextKeyNames; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestSimulationsThatMeanNothing(t *testing.T) {
	e := testenv.New(t)
	e.User("alice")
	alice := "arn:aws:iam::" + e.Account + ":user/alice"
	absent := "arn:aws:iam::" + e.Account + ":user/nobody"
	session := "arn:aws:sts::" + e.Account + ":assumed-role/builder/one"
	onResource := `{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`
	_, err := client.Call(t.Context(), e.Admin, iam.SimulatePrincipalPolicy, &iam.SimulatePrincipalPolicyInput{PolicySourceArn: absent, ActionNames: []string{"a:B"}})
	wantRefusal(t, "a user who is not there", err, "NoSuchEntity", 404, "The user with name nobody cannot be found.")
	_, err = client.Call(t.Context(), e.Admin, iam.SimulatePrincipalPolicy, &iam.SimulatePrincipalPolicyInput{PolicySourceArn: session, ActionNames: []string{"a:B"}})
	wantRefusal(t, "a session", err, "InvalidInput", 400, "Invalid Entity Arn: "+session+" does not clearly define entity type and name.")
	for name, in := range map[string]iam.SimulateCustomPolicyInput{
		"no policy":                            {PolicyInputList: []string{"{}"}},
		"two boundaries":                       {PermissionsBoundaryPolicyInputList: []string{allow("*"), allow("*")}},
		"a resource policy without a caller":   {ResourcePolicy: onResource},
		"a resource policy without principals": {ResourcePolicy: allow("*"), CallerArn: alice},
		"no ARN":                               {ResourceArns: []string{"thing"}},
		"no account":                           {ResourceOwner: "arn:aws:iam::x:root"},
		"organizations":                        {OrderedOrganizationPolicyInputList: []iam.OrderedOrganizationPolicyType{{ServiceControlPolicyInputList: []string{allow("*")}}}},
	} {
		in.ActionNames = []string{"a:Beta"}
		if in.PolicyInputList == nil {
			in.PolicyInputList = []string{allow("*")}
		}
		_, err := client.Call(t.Context(), e.Admin, iam.SimulateCustomPolicy, &in)
		wantRefusal(t, name, err, "InvalidInput", 400, "")
	}

	// Whose policies one may not look at one may not simulate either.
	one := e.User("one", policy("Allow", "iam:SimulatePrincipalPolicy", alice))
	in := &iam.SimulatePrincipalPolicyInput{PolicySourceArn: alice, ActionNames: []string{"a:Beta"}}
	testenv.OK(t, one, iam.SimulatePrincipalPolicy, in)
	in.PolicySourceArn = "arn:aws:iam::" + e.Account + ":user/one"
	_, err = client.Call(t.Context(), one, iam.SimulatePrincipalPolicy, in)
	wantRefusal(t, "another", err, "AccessDenied", 403, "")
}

// text is a value with all that pointers in it point to.
func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
