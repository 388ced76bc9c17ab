package policy_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/policy"
)

func TestRewriteChangesNothingButPrincipals(t *testing.T) {
	upper := func(p string) (string, error) { return "<" + strings.ToUpper(p) + ">", nil }
	for _, tt := range []struct {
		claim, document, want string
	}{
		{"a name", `{"Statement":{"Principal":{"AWS":"a"}}}`, `{"Statement":{"Principal":{"AWS":"<A>"}}}`},
		{"names in a list", `{"Statement":[{"Principal":{"AWS":["a", "b" ]}}]}`, `{"Statement":[{"Principal":{"AWS":["<A>", "<B>" ]}}]}`},
		{"every statement", `{"Statement":[{"Principal":{"AWS":"a"}},{"NotPrincipal":{"AWS":"b"}}]}`, `{"Statement":[{"Principal":{"AWS":"<A>"}},{"NotPrincipal":{"AWS":"<B>"}}]}`},
		{
			"text around it", "{ \"Version\" : \"x\",\n\t\"Statement\" : { \"Sid\" : \"caf\\u00e9\", \"Principal\":\t{ \"AWS\" :\"\\u0061\" } , \"Action\":\"a\" } }\n",
			"{ \"Version\" : \"x\",\n\t\"Statement\" : { \"Sid\" : \"caf\\u00e9\", \"Principal\":\t{ \"AWS\" :\"<A>\" } , \"Action\":\"a\" } }\n",
		},
		{"everyone is nobody's name", `{"Statement":[{"Principal":"*"},{"Principal":{"AWS":["*","a"]}}]}`, `{"Statement":[{"Principal":"*"},{"Principal":{"AWS":["*","<A>"]}}]}`},
		{"providers and services stay", `{"Statement":{"Principal":{"Service":"a","AWS":"a","Federated":["a"]}}}`, `{"Statement":{"Principal":{"Service":"a","AWS":"<A>","Federated":["a"]}}}`},
		{
			"other places stay", `{"Principal":{"AWS":"a"},"Statement":{"Condition":{"Principal":{"AWS":"a"},"StringEquals":{"AWS":["a"]}},"Resource":["a",{"AWS":"a"}]}}`,
			`{"Principal":{"AWS":"a"},"Statement":{"Condition":{"Principal":{"AWS":"a"},"StringEquals":{"AWS":["a"]}},"Resource":["a",{"AWS":"a"}]}}`,
		},
		{"what is no policy stays", `[{"Statement":1}]`, `[{"Statement":1}]`},
		{"what is no name stays", `{"Statement":[1,{"Principal":{"AWS":[{"AWS":"a"},["a"],null]}},"x"]}`, `{"Statement":[1,{"Principal":{"AWS":[{"AWS":"a"},["a"],null]}},"x"]}`},
	} {
		t.Run(tt.claim, func(t *testing.T) {
			got, err := policy.Rewrite([]byte(tt.document), upper)
			if err != nil || string(got) != tt.want {
				t.Errorf("got %s, %v, want %s", got, err, tt.want)
			}
			same, err := policy.Rewrite([]byte(tt.document), func(p string) (string, error) { return p, nil })
			if err != nil || string(same) != tt.document {
				t.Errorf("without a change: got %s, %v, want %s", same, err, tt.document)
			}
		})
	}
}

func TestRewriteSeesPrincipalsInOrder(t *testing.T) {
	var seen []string
	_, err := policy.Rewrite([]byte(document(grantTo(`{"AWS":["`+alice.ARN+`","*","111122223333"]}`), grantTo(`{"Federated":"x","AWS":"`+deploy.ID+`"}`))),
		func(p string) (string, error) { seen = append(seen, p); return p, nil })
	if want := []string{alice.ARN, "111122223333", deploy.ID}; err != nil || !slices.Equal(seen, want) {
		t.Errorf("got %q, %v, want %q", seen, err, want)
	}
}

func TestRewriteEndsWithAnError(t *testing.T) {
	unknown := errors.New("unknown")
	if _, err := policy.Rewrite([]byte(document(grantTo(`{"AWS":"x"}`))), func(string) (string, error) { return "", unknown }); !errors.Is(err, unknown) {
		t.Errorf("got %v, want %v", err, unknown)
	}
	keep := func(p string) (string, error) { return p, nil }
	for _, malformed := range []string{``, `{`, `{} x`, `{"Statement":[],"Statement":[]}`, "{\"Id\":\"\xff\"}"} {
		if _, err := policy.Rewrite([]byte(malformed), keep); !larder.Invalid.Is(err) {
			t.Errorf("%q: got %v, want an Invalid error", malformed, err)
		}
	}
}
