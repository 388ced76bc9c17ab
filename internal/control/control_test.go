package control_test

import (
	"net/url"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/testenv"
)

const (
	region = testenv.Region

	// everything lets a user do what an administrator may.
	everything = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`
)

// query returns a path with a query of names and values in turn.
func query(path string, pairs ...string) string {
	values := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		values.Add(pairs[i], pairs[i+1])
	}
	return path + "?" + values.Encode()
}

// document is a policy of statements.
func document(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

func allow(action, resource string) string {
	return `{"Effect":"Allow","Action":"` + action + `","Resource":"` + resource + `"}`
}

func deny(action, resource string) string {
	return `{"Effect":"Deny","Action":"` + action + `","Resource":"` + resource + `"}`
}

// grant is a statement of a resource policy.
func grant(principal, action string) string {
	return `{"Effect":"Allow","Principal":{"AWS":"` + principal + `"},"Action":"` + action + `","Resource":"*"}`
}

func domainARN(e *testenv.Env, name string) string {
	return string(larder.DomainRef{Owner: e.Account, Name: name}.ARN(region))
}

func repositoryARN(e *testenv.Env, name string) string {
	return string(larder.RepositoryRef{Domain: larder.DomainRef{Owner: e.Account, Name: testenv.Domain}, Name: name}.ARN(region))
}
