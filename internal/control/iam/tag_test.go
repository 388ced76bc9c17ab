package iam_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"larder.example/larder/internal/api/iam"
	"larder.example/larder/internal/client"
	"larder.example/larder/internal/testenv"
)

// holder is something that has tags.
type holder struct {
	quota string
	tag   func(context.Context, *client.Client, ...iam.Tag) error
	untag func(context.Context, *client.Client, ...string) error
	list  func(context.Context, *client.Client, string, int) ([]iam.Tag, string, error)
}

func holders(t *testing.T, e *testenv.Env) map[string]holder {
	t.Helper()
	e.User("alice")
	testenv.OK(t, e.Admin, iam.CreateRole, &iam.CreateRoleInput{RoleName: "deploy", AssumeRolePolicyDocument: trusts(e.Account)})
	policyARN := testenv.OK(t, e.Admin, iam.CreatePolicy, &iam.CreatePolicyInput{PolicyName: "p", PolicyDocument: allow("*")}).Policy.Arn
	providerARN := testenv.OK(t, e.Admin, iam.CreateOpenIDConnectProvider, &iam.CreateOpenIDConnectProviderInput{Url: "https://issuer.example"}).OpenIDConnectProviderArn
	return map[string]holder{
		"user": {
			"TagsPerUser",
			func(ctx context.Context, c *client.Client, tags ...iam.Tag) error {
				return errorOf(client.Call(ctx, c, iam.TagUser, &iam.TagUserInput{UserName: "alice", Tags: tags}))
			},
			func(ctx context.Context, c *client.Client, keys ...string) error {
				return errorOf(client.Call(ctx, c, iam.UntagUser, &iam.UntagUserInput{UserName: "alice", TagKeys: keys}))
			},
			func(ctx context.Context, c *client.Client, marker string, limit int) ([]iam.Tag, string, error) {
				out, err := client.Call(ctx, c, iam.ListUserTags, &iam.ListUserTagsInput{UserName: "alice", Marker: marker, MaxItems: limit})
				return out.Tags, out.Marker, err
			},
		},
		"role": {
			"TagsPerRole",
			func(ctx context.Context, c *client.Client, tags ...iam.Tag) error {
				return errorOf(client.Call(ctx, c, iam.TagRole, &iam.TagRoleInput{RoleName: "deploy", Tags: tags}))
			},
			func(ctx context.Context, c *client.Client, keys ...string) error {
				return errorOf(client.Call(ctx, c, iam.UntagRole, &iam.UntagRoleInput{RoleName: "deploy", TagKeys: keys}))
			},
			func(ctx context.Context, c *client.Client, marker string, limit int) ([]iam.Tag, string, error) {
				out, err := client.Call(ctx, c, iam.ListRoleTags, &iam.ListRoleTagsInput{RoleName: "deploy", Marker: marker, MaxItems: limit})
				return out.Tags, out.Marker, err
			},
		},
		"policy": {
			"TagsPerPolicy",
			func(ctx context.Context, c *client.Client, tags ...iam.Tag) error {
				return errorOf(client.Call(ctx, c, iam.TagPolicy, &iam.TagPolicyInput{PolicyArn: policyARN, Tags: tags}))
			},
			func(ctx context.Context, c *client.Client, keys ...string) error {
				return errorOf(client.Call(ctx, c, iam.UntagPolicy, &iam.UntagPolicyInput{PolicyArn: policyARN, TagKeys: keys}))
			},
			func(ctx context.Context, c *client.Client, marker string, limit int) ([]iam.Tag, string, error) {
				out, err := client.Call(ctx, c, iam.ListPolicyTags, &iam.ListPolicyTagsInput{PolicyArn: policyARN, Marker: marker, MaxItems: limit})
				return out.Tags, out.Marker, err
			},
		},
		"provider": {
			"TagsPerOpenIdConnectProvider",
			func(ctx context.Context, c *client.Client, tags ...iam.Tag) error {
				return errorOf(client.Call(ctx, c, iam.TagOpenIDConnectProvider, &iam.TagOpenIDConnectProviderInput{OpenIDConnectProviderArn: providerARN, Tags: tags}))
			},
			func(ctx context.Context, c *client.Client, keys ...string) error {
				return errorOf(client.Call(ctx, c, iam.UntagOpenIDConnectProvider, &iam.UntagOpenIDConnectProviderInput{OpenIDConnectProviderArn: providerARN, TagKeys: keys}))
			},
			func(ctx context.Context, c *client.Client, marker string, limit int) ([]iam.Tag, string, error) {
				out, err := client.Call(ctx, c, iam.ListOpenIDConnectProviderTags, &iam.ListOpenIDConnectProviderTagsInput{OpenIDConnectProviderArn: providerARN, Marker: marker, MaxItems: limit})
				return out.Tags, out.Marker, err
			},
		},
	}
}

func TestTags(t *testing.T) {
	e := testenv.New(t)
	ctx := t.Context()
	for name, h := range holders(t, e) {
		t.Run(name, func(t *testing.T) {
			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			long := strings.Repeat("日", 128) // a key that has no room in a marker
			must(h.tag(ctx, e.Admin, iam.Tag{Key: "team", Value: "red"}, iam.Tag{Key: long, Value: ""}, iam.Tag{Key: "a", Value: "1"}))
			must(h.tag(ctx, e.Admin, iam.Tag{Key: "Team", Value: "blue"})) // the same key
			var got []iam.Tag
			for marker := ""; ; {
				some, next, err := h.list(ctx, e.Admin, marker, 1)
				must(err)
				got = append(got, some...)
				if marker = next; marker == "" {
					break
				}
			}
			if want := []iam.Tag{{Key: "Team", Value: "blue"}, {Key: "a", Value: "1"}, {Key: long}}; !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			must(h.untag(ctx, e.Admin, "team", "A", long, "absent"))
			if got, _, err := h.list(ctx, e.Admin, "", 0); err != nil || len(got) > 0 {
				t.Errorf("got %v, %v", got, err)
			}
			var fifty []iam.Tag
			for i := range 50 {
				fifty = append(fifty, iam.Tag{Key: fmt.Sprint("k", i)})
			}
			must(h.tag(ctx, e.Admin, fifty...))
			must(h.tag(ctx, e.Admin, iam.Tag{Key: "K7", Value: "again"}))
			wantRefusal(t, "one more", h.tag(ctx, e.Admin, iam.Tag{Key: "more"}), "LimitExceeded", 409, "Cannot exceed quota for "+h.quota+": 50")
			wantRefusal(t, "AWS's", h.tag(ctx, e.Admin, iam.Tag{Key: "aws:x"}), "InvalidInput", 400, "")
			wantRefusal(t, "twice", h.tag(ctx, e.Admin, iam.Tag{Key: "x"}, iam.Tag{Key: "X"}), "InvalidInput", 400, "")
		})
	}
}

// Tags decide: those of the caller and of what it asks about.
func TestTagsDecideAtOnce(t *testing.T) {
	e := testenv.New(t)
	alice := e.User("alice", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:Get*","Resource":"*",
		"Condition":{"StringEquals":{"iam:ResourceTag/team":"${aws:PrincipalTag/team}"}}}}`)
	arn := testenv.OK(t, e.Admin, iam.CreatePolicy, &iam.CreatePolicyInput{PolicyName: "p", PolicyDocument: allow("*"), Tags: []iam.Tag{{Key: "team", Value: "red"}}}).Policy.Arn
	get := func() string {
		_, err := client.Call(t.Context(), alice, iam.GetPolicy, &iam.GetPolicyInput{PolicyArn: arn})
		return testenv.RefusalOf(err).Code
	}
	if got := get(); got != "AccessDenied" {
		t.Errorf("without a tag: got %q", got)
	}
	testenv.OK(t, e.Admin, iam.TagUser, &iam.TagUserInput{UserName: "alice", Tags: []iam.Tag{{Key: "team", Value: "red"}}})
	if got := get(); got != "" {
		t.Errorf("of one team: got %q", got)
	}
	testenv.OK(t, e.Admin, iam.TagPolicy, &iam.TagPolicyInput{PolicyArn: arn, Tags: []iam.Tag{{Key: "team", Value: "blue"}}})
	if got := get(); got != "AccessDenied" {
		t.Errorf("of another: got %q", got)
	}
}
