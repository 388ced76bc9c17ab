package policy_test

import (
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/policy"
)

func TestActions(t *testing.T) {
	const action = "codeartifact:ReadFromRepository"
	for _, tt := range []struct {
		claim   string
		actions string
		want    bool
	}{
		{"itself", `"Action":"codeartifact:ReadFromRepository"`, true},
		{"in any case", `"Action":"CODEARTIFACT:readfromrepository"`, true},
		{"another", `"Action":"codeartifact:ReadFromRepositor"`, false},
		{"every action", `"Action":"*"`, true},
		{"every action of every service", `"Action":"*:*"`, true},
		{"every action of the service", `"Action":"CodeArtifact:*"`, true},
		{"of another service", `"Action":"codeartifacts:*"`, false},
		{"a prefix", `"Action":"codeartifact:read*"`, true},
		{"a suffix", `"Action":"codeartifact:*Repository"`, true},
		{"an infix", `"Action":"codeartifact:*from*"`, true},
		{"another infix", `"Action":"codeartifact:*Version*"`, false},
		{"one character", `"Action":"codeartifact:ReadFromRepositor?"`, true},
		{"a service in part", `"Action":"code*:Read*"`, true},
		{"one of several", `"Action":["sts:*","codeartifact:ReadFromRepository"]`, true},
		{"none of several", `"Action":["sts:*","codeartifact:Get*","iam:?etUser"]`, false},
		{"all but others", `"NotAction":["iam:*","sts:*"]`, true},
		{"all but this", `"NotAction":["iam:*","codeartifact:read*"]`, false},
		{"all but all", `"NotAction":"*"`, false},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			s := identity(t, `{"Effect":"Allow",`+tt.actions+`,"Resource":"*"}`)
			r := &policy.Request{Action: action, Resource: repository, Principal: alice}
			if got := policy.Decide(r, s).Allowed; got != tt.want {
				t.Errorf("%s: got %v, want %v", tt.actions, got, tt.want)
			}
			r.Action = "CodeArtifact:READFromRepository"
			if got := policy.Decide(r, s).Allowed; got != tt.want {
				t.Errorf("%s, asked in other letters: got %v, want %v", tt.actions, got, tt.want)
			}
		})
	}
}

func TestActionsOfAnyLengthAreCompared(t *testing.T) {
	for _, action := range []string{"", "*", "a:b", "A:B", "iam:Get", "x:" + string(make([]byte, 200))} {
		s := identity(t, `{"Effect":"Allow","Action":"*","Resource":"*"}`, `{"Effect":"Deny","Action":"a:b","Resource":"*"}`)
		got := policy.Decide(&policy.Request{Action: action, Resource: "*", Principal: alice}, s).Allowed
		if want := action != "a:b" && action != "A:B"; got != want {
			t.Errorf("%q: got %v, want %v", action, got, want)
		}
	}
}

func TestResources(t *testing.T) {
	const react = larder.ARN("arn:aws:codeartifact:us-east-1:111122223333:package/acme/shared/npm//react")
	k := policy.Values{}
	k.Set("aws:username", "alice")
	k.Set("aws:PrincipalTag/repo", "shared")
	k.Set("aws:PrincipalTag/star", "*")
	k.Set("aws:PrincipalTag/slash", "acme/shared")
	for _, tt := range []struct {
		claim     string
		resource  larder.ARN
		resources string
		want      bool
	}{
		{"everything", repository, `"Resource":"*"`, true},
		{"itself", repository, `"Resource":"arn:aws:codeartifact:us-east-1:111122223333:repository/acme/shared"`, true},
		{"its case", repository, `"Resource":"arn:aws:codeartifact:us-east-1:111122223333:repository/Acme/shared"`, false},
		{"its domain is another resource", repository, `"Resource":"arn:aws:codeartifact:us-east-1:111122223333:domain/acme"`, false},
		{"a prefix is not enough", repository, `"Resource":"arn:aws:codeartifact:us-east-1:111122223333:repository/acme/share"`, false},
		{"a star crosses slashes", repository, `"Resource":"arn:aws:codeartifact:us-east-1:111122223333:repository/*"`, true},
		{"a star crosses colons", repository, `"Resource":"arn:aws:codeartifact:*"`, true},
		{"a star for the region", repository, `"Resource":"arn:aws:codeartifact:*:111122223333:repository/acme/shared"`, true},
		{"a star for the type", repository, `"Resource":"arn:aws:codeartifact:*:*:*/acme/*"`, true},
		{"another service's", repository, `"Resource":"arn:aws:iam:*"`, false},
		{"one character", repository, `"Resource":"arn:aws:codeartifact:us-east-?:111122223333:repository/acme/sh?red"`, true},
		{"colon is not slash", repository, `"Resource":"arn:aws:codeartifact:us-east-1:111122223333:repository:acme:shared"`, false},
		{"no namespace is an empty one", react, `"Resource":"arn:aws:codeartifact:*:*:package/acme/shared/npm//react"`, true},
		{"no namespace is not no segment", react, `"Resource":"arn:aws:codeartifact:*:*:package/acme/shared/npm/react"`, false},
		{"a repository is not its packages", react, `"Resource":"arn:aws:codeartifact:*:*:repository/acme/shared*"`, false},
		{"one of several", repository, `"Resource":["arn:aws:codeartifact:*:*:domain/acme","arn:aws:codeartifact:*:*:repository/acme/*"]`, true},
		{"no resource is in no ARN", "*", `"Resource":"arn:aws:codeartifact:*"`, false},
		{"no resource is in everything", "*", `"Resource":"*"`, true},
		{"an encoded star is no pattern", "arn:aws:codeartifact:us-east-1:111122223333:package-group/acme/npm/%2a", `"Resource":"arn:aws:codeartifact:us-east-1:111122223333:package-group/acme/npm/%2a"`, true},

		{"all but others", repository, `"NotResource":"arn:aws:codeartifact:*:*:domain/*"`, true},
		{"all but this", repository, `"NotResource":["arn:aws:codeartifact:*:*:domain/*","arn:aws:codeartifact:*:*:repository/*"]`, false},
		{"all but all", repository, `"NotResource":"*"`, false},

		{"a variable", repository, `"Resource":"arn:aws:codeartifact:*:*:repository/acme/${aws:PrincipalTag/repo}"`, true},
		{"a variable of another value", repository, `"Resource":"arn:aws:codeartifact:*:*:repository/acme/${aws:username}"`, false},
		{"a variable of several segments", repository, `"Resource":"arn:aws:codeartifact:*:*:repository/${aws:PrincipalTag/slash}"`, true},
		{"a value is no pattern", repository, `"Resource":"arn:aws:codeartifact:*:*:repository/acme/${aws:PrincipalTag/star}"`, false},
		{"a value beside a pattern", repository, `"Resource":"arn:aws:codeartifact:*:*:*/${aws:PrincipalTag/repo}"`, true},
		{"a default", repository, `"Resource":"arn:aws:codeartifact:*:*:repository/${aws:PrincipalTag/none, 'acme'}/shared"`, true},
		{"a default is no pattern", repository, `"Resource":"arn:aws:codeartifact:*:*:repository/${aws:PrincipalTag/none, '*'}"`, false},
		{"a variable without a value", repository, `"Resource":"arn:aws:codeartifact:*:*:repository/acme/shared${aws:PrincipalTag/none}"`, false},
		{"an alternative to it", repository, `"Resource":["arn:aws:codeartifact:*:*:repository/${aws:PrincipalTag/none}","arn:aws:codeartifact:*:*:repository/acme/*"]`, true},
		{"all but a variable's value", repository, `"NotResource":"arn:aws:codeartifact:*:*:repository/acme/${aws:username}"`, true},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			r := &policy.Request{Action: "codeartifact:x", Resource: tt.resource, Principal: alice, Keys: k}
			if got := policy.Decide(r, identity(t, `{"Effect":"Allow","Action":"*",`+tt.resources+`}`)).Allowed; got != tt.want {
				t.Errorf("%s in an Allow: got %v, want %v", tt.resources, got, tt.want)
			}
			if got := policy.Decide(r, identity(t, `{"Effect":"Deny","Action":"*",`+tt.resources+`}`)).Reason == policy.Forbidden; got != tt.want {
				t.Errorf("%s in a Deny: got %v, want %v", tt.resources, got, tt.want)
			}
		})
	}
}

// AWS's pages disagree on a NotResource whose variable has no value: it
// matches nothing, or its statement is invalid.
func TestNotResourceWithoutAValueGrantsLess(t *testing.T) {
	const nothing = `"Action":"*","NotResource":"arn:aws:codeartifact:*:*:repository/acme/${aws:PrincipalTag/none}"`
	const this = `"Action":"*","NotResource":["arn:aws:codeartifact:*:*:repository/acme/${aws:PrincipalTag/none}","arn:aws:codeartifact:*:*:repository/acme/shared"]`
	for _, tt := range []struct {
		claim     string
		statement string
		want      policy.Reason
	}{
		{"Allow is void", `{"Effect":"Allow",` + nothing + `}`, policy.Silent},
		{"Deny applies", `{"Effect":"Deny",` + nothing + `}`, policy.Forbidden},
		{"Deny excepts what else is listed", `{"Effect":"Deny",` + this + `}`, policy.Silent},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			if got := policy.Decide(read(alice, nil), identity(t, tt.statement)).Reason; got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestResourceVariablesAreTextBefore2012(t *testing.T) {
	k := policy.Values{}
	k.Set("aws:PrincipalTag/repo", "shared")
	p := parse(t, policy.Identity, `{"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:codeartifact:*:*:repository/acme/${aws:PrincipalTag/repo}"}}`)
	s := &policy.Set{Identity: []*policy.Policy{p}, SameAccount: true}
	if policy.Decide(read(alice, k), s).Allowed {
		t.Error("got allowed, want the variable to be text")
	}
	r := read(alice, k)
	r.Resource = "arn:aws:codeartifact:us-east-1:111122223333:repository/acme/${aws:PrincipalTag/repo}"
	if !policy.Decide(r, s).Allowed {
		t.Error("got denied, want the text to match itself")
	}
}

// A word has room for 64 statements; a policy may have more.
func TestManyStatementsAreAllLookedAt(t *testing.T) {
	var statements []string
	for range 150 {
		statements = append(statements, `{"Effect":"Allow","Action":"sts:GetCallerIdentity","Resource":"*"}`)
	}
	for _, i := range []int{0, 63, 64, 127, 128, 149} {
		statements[i] = `{"Effect":"Allow","NotAction":"sts:*","Resource":"*"}`
		if d := policy.Decide(read(alice, nil), identity(t, statements...)); !d.Allowed || d.Statement != i {
			t.Errorf("got %v by statement %d, want allowed by %d", d.Allowed, d.Statement, i)
		}
		statements[i] = `{"Effect":"Deny","Action":"codeartifact:*","Resource":"*"}`
		if d := policy.Decide(read(alice, nil), identity(t, statements...)); d.Reason != policy.Forbidden || d.Statement != i {
			t.Errorf("got %v by statement %d, want forbidden by %d", d.Reason, d.Statement, i)
		}
		statements[i] = statements[(i+1)%150]
	}
}
