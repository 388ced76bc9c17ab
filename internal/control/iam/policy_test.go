package iam_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
)

func TestInlinePolicies(t *testing.T) {
	e := testenv.New(t)
	ctx := t.Context()
	testenv.OK(t, e.Admin, iam.CreateUser, &iam.CreateUserInput{UserName: "Alice"})
	text := "{\n \"Version\": \"2012-10-17\", \"Statement\": {\"Effect\": \"Allow\", \"Action\": \"iam:*\", \"Resource\": \"*\", \"Sid\": \"a1\"}}"
	testenv.OK(t, e.Admin, iam.PutUserPolicy, &iam.PutUserPolicyInput{UserName: "alice", PolicyName: "one", PolicyDocument: text})
	got := testenv.OK(t, e.Admin, iam.GetUserPolicy, &iam.GetUserPolicyInput{UserName: "alice", PolicyName: "one"})
	if got.UserName != "Alice" || got.PolicyName != "one" || got.PolicyDocument != text {
		t.Errorf("got %+v, want %q", got, text)
	}
	for i := range 4 {
		testenv.OK(t, e.Admin, iam.PutUserPolicy, &iam.PutUserPolicyInput{UserName: "alice", PolicyName: fmt.Sprint("p", i), PolicyDocument: allow("iam:*")})
	}
	var names []string
	for marker := ""; ; {
		out := testenv.OK(t, e.Admin, iam.ListUserPolicies, &iam.ListUserPoliciesInput{UserName: "alice", MaxItems: 2, Marker: marker})
		names = append(names, out.PolicyNames...)
		if marker = out.Marker; !out.IsTruncated {
			break
		}
	}
	if want := []string{"one", "p0", "p1", "p2", "p3"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
	testenv.OK(t, e.Admin, iam.DeleteUserPolicy, &iam.DeleteUserPolicyInput{UserName: "alice", PolicyName: "one"})
	for what, err := range map[string]error{
		"get":    errorOf(client.Call(ctx, e.Admin, iam.GetUserPolicy, &iam.GetUserPolicyInput{UserName: "alice", PolicyName: "one"})),
		"delete": errorOf(client.Call(ctx, e.Admin, iam.DeleteUserPolicy, &iam.DeleteUserPolicyInput{UserName: "alice", PolicyName: "one"})),
	} {
		wantRefusal(t, what, err, "NoSuchEntity", 404, "The user policy with name one cannot be found.")
	}

	for what, document := range map[string]string{
		"no JSON":     "{",
		"a key twice": `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}}`,
		"a principal": `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}}`,
	} {
		_, err := client.Call(ctx, e.Admin, iam.PutUserPolicy, &iam.PutUserPolicyInput{UserName: "alice", PolicyName: "bad", PolicyDocument: document})
		wantRefusal(t, what, err, "MalformedPolicyDocument", 400, "")
	}
	_, err := client.Call(ctx, e.Admin, iam.PutUserPolicy, &iam.PutUserPolicyInput{
		UserName: "alice", PolicyName: "long", PolicyDocument: allow("codeartifact:" + strings.Repeat("x", 2048)),
	})
	wantRefusal(t, "too long", err, "LimitExceeded", 409, "Maximum policy size of 2048 bytes exceeded for user Alice")
	_, err = client.Call(ctx, e.Admin, iam.PutUserPolicy, &iam.PutUserPolicyInput{UserName: "alice", PolicyName: "a b", PolicyDocument: allow("*")})
	wantRefusal(t, "a name that is none", err, "ValidationError", 400, "")
}

// IAM percent-encodes documents in its answers, and boto decodes them.
func TestDocumentsAreEncodedInAnswers(t *testing.T) {
	e := testenv.New(t)
	testenv.OK(t, e.Admin, iam.CreateUser, &iam.CreateUserInput{UserName: "alice"})
	text := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:Get*","Resource":"*", "Condition":{"StringEquals":{"aws:username":"a+b%20é~"}}}]}`
	testenv.OK(t, e.Admin, iam.PutUserPolicy, &iam.PutUserPolicyInput{UserName: "alice", PolicyName: "p", PolicyDocument: text})
	a := form(e, e.Admin, "GetUserPolicy", "UserName", "alice", "PolicyName", "p")
	want := "<PolicyDocument>%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22iam%3AGet%2A%22" +
		"%2C%22Resource%22%3A%22%2A%22%2C%20%22Condition%22%3A%7B%22StringEquals%22%3A%7B%22aws%3Ausername%22%3A%22a%2Bb%2520%C3%A9~%22%7D%7D%7D%5D%7D</PolicyDocument>"
	if a.Status != http.StatusOK || !strings.Contains(a.Body, want) {
		t.Errorf("got %d %s, want %s in it", a.Status, a.Body, want)
	}
}

func TestManagedPolicies(t *testing.T) {
	e := testenv.New(t)
	ctx := t.Context()
	testenv.OK(t, e.Admin, iam.CreateUser, &iam.CreateUserInput{UserName: "alice"})
	want := []string{administrator, "arn:aws:iam::aws:policy/AWSCodeArtifactAdminAccess", "arn:aws:iam::aws:policy/AWSCodeArtifactReadOnlyAccess", "arn:aws:iam::aws:policy/IAMFullAccess", readOnly}
	for _, arn := range append(want, administrator) {
		testenv.OK(t, e.Admin, iam.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: "alice", PolicyArn: arn})
	}
	var got []string
	for marker := ""; ; {
		out := testenv.OK(t, e.Admin, iam.ListAttachedUserPolicies, &iam.ListAttachedUserPoliciesInput{UserName: "alice", MaxItems: 2, Marker: marker})
		for _, p := range out.AttachedPolicies {
			if !strings.HasSuffix(p.PolicyArn, "/"+p.PolicyName) {
				t.Errorf("got %+v", p)
			}
			got = append(got, p.PolicyArn)
		}
		if marker = out.Marker; !out.IsTruncated {
			break
		}
	}
	if !slices.Equal(got, want) { // by name
		t.Errorf("got %v, want %v", got, want)
	}
	for prefix, n := range map[string]int{"/": 5, "/service-role/": 0} {
		out := testenv.OK(t, e.Admin, iam.ListAttachedUserPolicies, &iam.ListAttachedUserPoliciesInput{UserName: "alice", PathPrefix: prefix})
		if len(out.AttachedPolicies) != n {
			t.Errorf("below %s: got %+v, want %d", prefix, out.AttachedPolicies, n)
		}
	}
	testenv.OK(t, e.Admin, iam.DetachUserPolicy, &iam.DetachUserPolicyInput{UserName: "alice", PolicyArn: administrator})
	_, err := client.Call(ctx, e.Admin, iam.DetachUserPolicy, &iam.DetachUserPolicyInput{UserName: "alice", PolicyArn: administrator})
	wantRefusal(t, "detach again", err, "NoSuchEntity", 404, "Policy "+administrator+" was not found.")
	_, err = client.Call(ctx, e.Admin, iam.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: "alice", PolicyArn: "arn:aws:iam::aws:policy/PowerUserAccess"})
	wantRefusal(t, "a policy that we do not have", err, "NoSuchEntity", 404, "Policy arn:aws:iam::aws:policy/PowerUserAccess does not exist or is not attachable.")
}

// A policy decides from the next request on, and its absence too.
func TestPoliciesDecideFromTheNextRequestOn(t *testing.T) {
	e := testenv.New(t)
	alice := e.User("alice")
	list := func() string {
		_, err := client.Call(t.Context(), alice, iam.ListUsers, &iam.ListUsersInput{})
		return testenv.RefusalOf(err).Code
	}
	for range 5 {
		if got := list(); got != "AccessDenied" {
			t.Errorf("without: got %q", got)
		}
		testenv.OK(t, e.Admin, iam.AttachUserPolicy, &iam.AttachUserPolicyInput{UserName: "alice", PolicyArn: readOnly})
		if got := list(); got != "" {
			t.Errorf("attached: got %q", got)
		}
		e.PutUserPolicy("alice", "no", policy("Deny", "iam:ListUsers", "*"))
		if got := list(); got != "AccessDenied" {
			t.Errorf("denied: got %q", got)
		}
		testenv.OK(t, e.Admin, iam.DeleteUserPolicy, &iam.DeleteUserPolicyInput{UserName: "alice", PolicyName: "no"})
		testenv.OK(t, e.Admin, iam.DetachUserPolicy, &iam.DetachUserPolicyInput{UserName: "alice", PolicyArn: readOnly})
	}
}
