package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"larder.example/larder/internal/policy"
)

// AWS's read-only managed policy for CodeArtifact, as identity policies hold it.
const readOnly = `{"Version":"2012-10-17","Statement":[
	{"Effect":"Allow","Action":["codeartifact:Describe*","codeartifact:Get*","codeartifact:List*","codeartifact:ReadFromRepository"],"Resource":"*"},
	{"Effect":"Allow","Action":"sts:GetServiceBearerToken","Resource":"*","Condition":{"StringEquals":{"sts:AWSServiceName":"codeartifact.amazonaws.com"}}}]}`

// typicalIdentity and typicalResource have 13 statements together.
const (
	typicalIdentity = `{"Version":"2012-10-17","Statement":[
	{"Effect":"Allow","Action":["codeartifact:Describe*","codeartifact:Get*","codeartifact:List*"],"Resource":"*"},
	{"Effect":"Allow","Action":"codeartifact:ReadFromRepository","Resource":"arn:aws:codeartifact:*:111122223333:repository/acme/*",
		"Condition":{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}},
	{"Effect":"Allow","Action":"sts:GetServiceBearerToken","Resource":"*"},
	{"Effect":"Allow","Action":["codeartifact:PublishPackageVersion","codeartifact:PutPackageMetadata"],"Resource":"arn:aws:codeartifact:*:111122223333:package/acme/*"},
	{"Effect":"Deny","Action":"codeartifact:Delete*","Resource":"*"},
	{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]}}},
	{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"DateLessThan":{"aws:TokenIssueTime":"2026-01-01T00:00:00Z"}}},
	{"Effect":"Allow","Action":["iam:Get*","iam:List*"],"Resource":"arn:aws:iam::111122223333:user/${aws:username}"}]}`
	typicalResource = `{"Version":"2012-10-17","Statement":[
	{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::444455556666:root"},"Action":["codeartifact:ReadFromRepository","codeartifact:GetRepositoryEndpoint"],"Resource":"*"},
	{"Effect":"Allow","Principal":{"AWS":["AIDAEXAMPLEEXAMPLE001","AROAEXAMPLEEXAMPLE002"]},"Action":"codeartifact:PublishPackageVersion","Resource":"*"},
	{"Effect":"Allow","Principal":"*","Action":"codeartifact:ReadFromRepository","Resource":"*","Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-example"}}},
	{"Effect":"Deny","Principal":"*","Action":"codeartifact:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}},
	{"Effect":"Deny","Principal":"*","Action":"codeartifact:DisposePackageVersions","Resource":"*"}]}`
)

// typicalKeys answers as a server would that keeps what it knows of a request
// in fields: no map, and no slice to allocate.
type typicalKeys struct{ ip, issued, secure, team, org, name [1]string }

func newTypicalKeys() *typicalKeys {
	return &typicalKeys{
		ip: [1]string{"203.0.113.7"}, issued: [1]string{"2026-11-24T13:00:00Z"}, secure: [1]string{"true"},
		team: [1]string{"web"}, org: [1]string{"o-other"}, name: [1]string{"alice"},
	}
}

func (k *typicalKeys) Lookup(key string) ([]string, bool) {
	switch key {
	case "aws:sourceip":
		return k.ip[:], true
	case "aws:tokenissuetime":
		return k.issued[:], true
	case "aws:securetransport":
		return k.secure[:], true
	case "aws:resourcetag/team", "aws:principaltag/team":
		return k.team[:], true
	case "aws:principalorgid":
		return k.org[:], true
	case "aws:username":
		return k.name[:], true
	}
	return nil, false
}

func benchmark(b *testing.B, r *policy.Request, s *policy.Set) {
	b.Helper()
	b.ReportAllocs()
	for b.Loop() {
		if d := policy.Decide(r, s); !d.Allowed {
			b.Fatal(d.Because(r.Action))
		}
	}
}

func BenchmarkDecideReadOnly(b *testing.B) {
	r := &policy.Request{Action: "codeartifact:ReadFromRepository", Resource: repository, Principal: alice, Keys: newTypicalKeys()}
	benchmark(b, r, &policy.Set{Identity: []*policy.Policy{parse(b, policy.Identity, readOnly)}, SameAccount: true})
}

func BenchmarkDecideTypical(b *testing.B) {
	r := &policy.Request{Action: "codeartifact:ReadFromRepository", Resource: repository, Principal: alice, Keys: newTypicalKeys()}
	benchmark(b, r, &policy.Set{
		Identity:    []*policy.Policy{parse(b, policy.Identity, typicalIdentity)},
		Resource:    []*policy.Policy{parse(b, policy.Resource, typicalResource)},
		SameAccount: true,
	})
}

func BenchmarkDecideHundredConditions(b *testing.B) {
	var statements []string
	for i := range 100 {
		statements = append(statements, fmt.Sprintf(`{"Effect":"Allow","Action":"codeartifact:*",
			"Resource":"arn:aws:codeartifact:*:111122223333:repository/acme/*","Condition":{
			"StringLike":{"aws:PrincipalTag/team":"team-%d-*"},"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}`, i))
	}
	statements = append(statements, `{"Effect":"Allow","Action":"*","Resource":"*"}`)
	document := `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
	r := &policy.Request{Action: "codeartifact:ReadFromRepository", Resource: repository, Principal: alice, Keys: newTypicalKeys()}
	benchmark(b, r, &policy.Set{Identity: []*policy.Policy{parse(b, policy.Identity, document)}, SameAccount: true})
}

func BenchmarkParseTypical(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		parse(b, policy.Identity, typicalIdentity)
	}
}
