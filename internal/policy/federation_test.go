package policy_test

import (
	"reflect"
	"testing"

	"larder.example/larder/internal/policy"
)

func TestFederationsAreTheStatementsThatLetProvidersUsersIn(t *testing.T) {
	document := `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"},
		{"Effect":"Allow","Principal":{"Federated":["a.example","b.example"]},"Action":"sts:AssumeRoleWithWebIdentity",
		 "Condition":{"StringLike":{"a.example:sub":["x","y*"]},"Bool":{"aws:SecureTransport":"true"}}},
		{"Effect":"Deny","Principal":{"Federated":"c.example"},"Action":"sts:*"},
		{"Effect":"Allow","Principal":{"Federated":"d.example"},"Action":"sts:*"}]}`
	got, err := policy.Federations([]byte(document))
	want := []policy.Federation{
		{Providers: []string{"a.example", "b.example"}, Conditions: []policy.Condition{
			{Operator: "StringLike", Key: "a.example:sub", Values: []string{"x", "y*"}},
			{Operator: "Bool", Key: "aws:SecureTransport", Values: []string{"true"}},
		}},
		{Providers: []string{"d.example"}},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	for name, text := range map[string]string{"no JSON": "{", "no trust policy": `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`} {
		if _, err := policy.Federations([]byte(text)); err == nil {
			t.Errorf("%s: got no error", name)
		}
	}
}
