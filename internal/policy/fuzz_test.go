package policy_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/policy"
)

// FuzzParse also decides with whatever parses: no document may make a
// decision panic, explaining must not differ, a trust policy's
// federations can be told, and what is rewritten without a
// change is the same document.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		readOnly, typicalIdentity, typicalResource, document(allow, deny, other), document(grantTo(`"*"`)),
		`{"Statement":{"Effect":"Allow","Principal":{"Federated":"x"},"Action":"sts:*"}}`,
		document(`{"Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"NotAction":"*?","NotResource":"arn:${*}${aws:a, 'b'}"}`),
		document(`{"Effect":"Allow","Action":"a:*","Resource":"*","Condition":{"ForAnyValue:ArnLikeIfExists":{"aws:a":["arn:?:*:::${aws:b}"]},"DateLessThan":{"aws:c":2020},"BinaryEquals":{"aws:d":"eA=="}}}`),
		`{"Statement":[[[[`, `{"Statement":{"Effect":"Deny","Effect":"Allow"}}`, "{\"Statement\":\"\xff\"}",
	} {
		for k := range 3 {
			f.Add(k, []byte(s))
		}
	}
	w := world{rand.New(rand.NewPCG(7, 8))}
	for k := range 3 {
		for range 10 {
			f.Add(k, []byte(document(w.statements(policy.Kind(k), 3)...)))
		}
	}
	k := policy.Values{}
	k.Set("aws:a", "arn:aws:iam::111122223333:user/b", "x")
	k.Set("aws:b", "")
	k.Set("aws:c", "1")
	f.Fuzz(func(t *testing.T, kind int, document []byte) {
		p, err := policy.Parse(policy.Kind(uint(kind)%3), document)
		if err != nil {
			if !larder.Invalid.Is(err) {
				t.Fatalf("got %v, want an Invalid error", err)
			}
			return
		}
		if !json.Valid(document) {
			t.Fatal("parsed what is no JSON")
		}
		for _, r := range []*policy.Request{read(alice, k), read(deploy, k), read(workflow, nil), {Action: "sts:AssumeRole", Resource: "*", Principal: xen}} {
			for _, s := range []*policy.Set{
				{Identity: []*policy.Policy{p}, SameAccount: true},
				{Resource: []*policy.Policy{p}, SameAccount: true},
				{Trust: p, Boundary: p},
				{Identity: []*policy.Policy{p}, Resource: []*policy.Policy{p}, Session: []*policy.Policy{p, nil}},
			} {
				explained, findings := policy.Explain(r, s)
				if decided := policy.Decide(r, s); decided != explained {
					t.Fatalf("got %+v, explained as %+v", decided, explained)
				}
				for _, f := range findings {
					f.Policy.Statement(f.Statement)
				}
			}
		}
		if _, err := policy.Federations(document); p.Kind() == policy.Trust && err != nil {
			t.Fatalf("federations of what parses: %v", err)
		}
		p.ContextKeys()
		same, err := policy.Rewrite(document, func(p string) (string, error) { return p, nil })
		if err != nil || !bytes.Equal(same, document) {
			t.Fatalf("rewritten: got %s, %v, want %s", same, err, document)
		}
	})
}

// FuzzRewrite exchanges every name for the same one: what comes out is JSON
// as much as what went in.
func FuzzRewrite(f *testing.F) {
	f.Add([]byte(document(grantTo(`{"AWS":["a","*"]}`))), "AIDAALICEALICEALICE01")
	f.Add([]byte(`{"Statement":{"Principal":{"AWS":"\u0061"}}}`), "\"\\\x00\xff")
	f.Add([]byte(` {"Statement":[1,{"NotPrincipal":{"AWS":[[],{}]}}]} `), "")
	f.Fuzz(func(t *testing.T, document []byte, name string) {
		out, err := policy.Rewrite(document, func(string) (string, error) { return name, nil })
		if err != nil {
			return
		}
		if !json.Valid(out) {
			t.Fatalf("%q became %q", document, out)
		}
	})
}
