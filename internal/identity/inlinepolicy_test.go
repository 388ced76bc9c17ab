package identity_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/policy"
)

func TestInlinePolicies(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	h.user(owner, "Alice")
	text := " " + allow("codeartifact:*") + "\n"
	h.must(h.PutInlinePolicy(ctx, identity.UserRef(owner, "alice"), identity.InlinePolicy{Name: "one", Document: text}))
	u, got, err := h.InlinePolicy(ctx, identity.UserRef(owner, "ALICE"), "one")
	if err != nil || u.Name != "Alice" || got != text {
		t.Errorf("got %q of %q, %v, want %q as it was put", got, u.Name, err, text)
	}
	h.must(h.PutInlinePolicy(ctx, identity.UserRef(owner, "alice"), identity.InlinePolicy{Name: "one", Document: deny("codeartifact:*")}))
	if _, got, err := h.InlinePolicy(ctx, identity.UserRef(owner, "alice"), "one"); err != nil || got != deny("codeartifact:*") {
		t.Errorf("got %q, %v, want the one that replaced it", got, err)
	}

	h.must(h.DeleteInlinePolicy(ctx, identity.UserRef(owner, "alice"), "one"))
	_, _, err = h.InlinePolicy(ctx, identity.UserRef(owner, "alice"), "one")
	wants(t, err, larder.NotFound, "NoSuchEntity")
	says(t, err, "The user policy with name one cannot be found.")
	wants(t, h.DeleteInlinePolicy(ctx, identity.UserRef(owner, "alice"), "one"), larder.NotFound, "NoSuchEntity")
	for _, err := range []error{
		h.PutInlinePolicy(ctx, identity.UserRef(owner, "nobody"), identity.InlinePolicy{Name: "one", Document: text}),
		h.DeleteInlinePolicy(ctx, identity.UserRef(owner, "nobody"), "one"),
		h.PutInlinePolicy(ctx, identity.UserRef(outsider, "alice"), identity.InlinePolicy{Name: "one", Document: text}),
	} {
		wants(t, err, larder.NotFound, "NoSuchEntity")
	}
}

func TestInlinePolicyThatDoesNotParseIsRefused(t *testing.T) {
	h := open(t)
	h.user(owner, "alice")
	for name, text := range map[string]string{
		"no JSON":              `{`,
		"a key twice":          `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Effect":"Allow","Action":"*","Resource":"*"}]}`,
		"a principal":          grants("*", "codeartifact:*"),
		"an unknown operator":  document(`{"Effect":"Allow","Action":"*","Resource":"*","Condition":{"StringIs":{"aws:username":"a"}}}`),
		"both kinds of action": document(`{"Effect":"Allow","Action":"*","NotAction":"*","Resource":"*"}`),
	} {
		err := h.PutInlinePolicy(t.Context(), identity.UserRef(owner, "alice"), identity.InlinePolicy{Name: "p", Document: text})
		if !larder.Invalid.Is(err) || larder.AsError(err).Code != policy.CodeMalformed {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if names, err := h.InlinePolicies(t.Context(), identity.UserRef(owner, "alice"), "", 9); err != nil || len(names) > 0 {
		t.Errorf("got %v, %v, want none", names, err)
	}
}

// The quota is of all inline policies together, white space aside.
func TestInlinePoliciesHaveAQuotaThatWhiteSpaceDoesNotCountFor(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	h.user(owner, "alice")
	sized := func(n int) string {
		text := allow("codeartifact:*")
		return strings.Replace(text, "codeartifact:*", "codeartifact:"+strings.Repeat("x", n-len(text)+1), 1)
	}
	put := func(name, text string) error {
		return h.PutInlinePolicy(ctx, identity.UserRef(owner, "alice"), identity.InlinePolicy{Name: name, Document: text})
	}
	h.must(put("a", sized(1000)))
	h.must(put("b", sized(1048)))
	err := put("c", allow("x:y"))
	wants(t, err, larder.Conflict, "LimitExceeded")
	says(t, err, "Maximum policy size of 2048 bytes exceeded for user alice")
	wants(t, put("b", sized(1049)), larder.Conflict, "LimitExceeded")
	if err := put("b", strings.ReplaceAll(sized(1048), ",", ",\n\t  \r\n")); err != nil {
		t.Errorf("with white space: %v", err)
	}
	if err := put("b", sized(1000)); err != nil {
		t.Errorf("smaller in its own place: %v", err)
	}
}

func TestInlinePoliciesPagesByName(t *testing.T) {
	h := open(t)
	h.user(owner, "alice", allow("a:b"), allow("a:c"), allow("a:d"))
	for limit := 1; limit <= 4; limit++ {
		var got []string
		for after := ""; ; after = got[len(got)-1] {
			page, err := h.InlinePolicies(t.Context(), identity.UserRef(owner, "alice"), after, limit)
			h.must(err)
			if len(page) == 0 {
				break
			}
			for _, p := range page {
				got = append(got, p.Name)
			}
		}
		if want := []string{"a", "b", "c"}; !slices.Equal(got, want) {
			t.Errorf("by %d: got %v, want %v", limit, got, want)
		}
	}
	_, err := h.InlinePolicies(t.Context(), identity.UserRef(owner, "nobody"), "", 9)
	wants(t, err, larder.NotFound, "NoSuchEntity")
}

func TestManagedPoliciesGrantWhatTheirNamesSay(t *testing.T) {
	const repository = larder.ARN("arn:aws:codeartifact:us-east-1:" + owner + ":repository/team/app")
	actions := []string{
		readAction, "codeartifact:DescribeDomain", "codeartifact:ListPackages", "codeartifact:PublishPackageVersion",
		"codeartifact:DeleteRepository", "iam:ListUsers", "iam:GetUser", "iam:CreateUser",
	}
	for _, tt := range []struct {
		policy  string
		allowed []string
	}{
		{"AdministratorAccess", actions},
		{"AWSCodeArtifactAdminAccess", actions[:5]},
		{"AWSCodeArtifactReadOnlyAccess", actions[:3]},
		{"IAMFullAccess", actions[5:]},
		{"IAMReadOnlyAccess", actions[5:7]},
	} {
		t.Run(tt.policy, func(t *testing.T) {
			h := open(t)
			alice := h.user(owner, "alice")
			h.must(h.AttachPolicy(t.Context(), identity.UserRef(owner, "alice"), "arn:aws:iam::aws:policy/"+tt.policy))
			for _, action := range actions {
				if got, want := h.may(alice, action, repository) == nil, slices.Contains(tt.allowed, action); got != want {
					t.Errorf("%s: got %v, want %v", action, got, want)
				}
			}
			h.must(h.DetachPolicy(t.Context(), identity.UserRef(owner, "alice"), "arn:aws:iam::aws:policy/"+tt.policy))
			if err := h.may(alice, tt.allowed[0], repository); !larder.Denied.Is(err) {
				t.Errorf("detached: got %v", err)
			}
		})
	}
}

func TestAttachedPolicies(t *testing.T) {
	h := open(t)
	ctx := t.Context()
	h.user(owner, "alice")
	arns := []string{"arn:aws:iam::aws:policy/IAMReadOnlyAccess", "arn:aws:iam::aws:policy/AdministratorAccess"}
	for _, arn := range append(arns, arns[0]) { // a second time is fine
		h.must(h.AttachPolicy(ctx, identity.UserRef(owner, "alice"), arn))
	}
	want := []identity.AttachedPolicy{{Name: "AdministratorAccess", ARN: arns[1]}, {Name: "IAMReadOnlyAccess", ARN: arns[0]}}
	got, err := h.AttachedPolicies(ctx, identity.UserRef(owner, "alice"), "")
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if got, err := h.AttachedPolicies(ctx, identity.UserRef(owner, "alice"), "/dev/"); err != nil || len(got) > 0 {
		t.Errorf("below another path: got %v, %v", got, err)
	}
	for _, arn := range []string{
		"arn:aws:iam::aws:policy/PowerUserAccess", "arn:aws:iam::" + owner + ":policy/AdministratorAccess",
		"arn:aws:iam::aws:policy/job-function/AdministratorAccess",
	} {
		err := h.AttachPolicy(ctx, identity.UserRef(owner, "alice"), arn)
		wants(t, err, larder.NotFound, "NoSuchEntity")
		says(t, err, fmt.Sprintf("Policy %s does not exist or is not attachable.", arn))
		wants(t, h.DetachPolicy(ctx, identity.UserRef(owner, "alice"), arn), larder.NotFound, "NoSuchEntity")
	}
	for _, arn := range []string{"AdministratorAccess", "arn:aws:iam::aws:policy/", "arn:aws:iam::1:policy/p", "arn:aws:iam::aws:role/p", "arn:aws:s3:::aws:policy/p"} {
		err := h.AttachPolicy(ctx, identity.UserRef(owner, "alice"), arn)
		wants(t, err, larder.Invalid, "InvalidInput")
		says(t, err, "ARN "+arn+" is not valid.")
		wants(t, h.DetachPolicy(ctx, identity.UserRef(owner, "alice"), arn), larder.Invalid, "InvalidInput")
	}
	wants(t, h.AttachPolicy(ctx, identity.UserRef(owner, "nobody"), arns[0]), larder.NotFound, "NoSuchEntity")
	wants(t, h.DetachPolicy(ctx, identity.UserRef(owner, "nobody"), arns[0]), larder.NotFound, "NoSuchEntity")
}
