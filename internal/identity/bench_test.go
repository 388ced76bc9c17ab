package identity_test

import (
	"context"
	"fmt"
	"testing"

	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/keyring"
	"larder.example/larder/internal/meta"
)

// typical is the policy of a team: what its members read, what they publish,
// from where and until when.
func typical() string {
	statements := []string{
		`{"Effect":"Allow","Action":"sts:GetServiceBearerToken","Resource":"*","Condition":{"StringEquals":{"sts:AWSServiceName":"codeartifact.amazonaws.com"}}}`,
		`{"Effect":"Allow","Action":["codeartifact:GetAuthorizationToken","codeartifact:Describe*","codeartifact:List*"],"Resource":"*"}`,
		`{"Effect":"Deny","Action":"codeartifact:Delete*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2030-01-01T00:00:00Z"}}}`,
		`{"Effect":"Deny","Action":"codeartifact:*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`,
		`{"Effect":"Deny","Action":"codeartifact:ReadFromRepository","Resource":"*","Condition":{"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","198.51.100.0/24"]}}}`,
		`{"Effect":"Allow","Action":"codeartifact:ReadFromRepository","Resource":"arn:aws:codeartifact:*:*:repository/team/*","Condition":{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}}`,
	}
	for i := range 7 {
		statements = append(statements, fmt.Sprintf(`{"Effect":"Allow","Action":"codeartifact:PublishPackageVersion","Resource":"arn:aws:codeartifact:*:*:package/team/app/npm/acme/part%d-*"}`, i))
	}
	return document(statements...)
}

func BenchmarkAuthorize(b *testing.B) {
	h := open(b)
	red := []identity.Tag{{Key: "team", Value: "red"}}
	h.must(h.TagResource(b.Context(), onRepository(app), red))
	admin := h.user(owner, "admin", allow("*"))
	member, err := h.CreateEntity(b.Context(), identity.Entity{EntityRef: identity.UserRef(owner, "member"), Tags: red})
	h.must(err)
	h.must(h.Change(b.Context(), func(ctx context.Context, tx *meta.Tx) error { // it is larger than IAM's quota
		return tx.PutInlinePolicy(ctx, meta.InlinePolicy{Entity: member.ID, Name: "p", Document: typical()})
	}))
	for name, p := range map[string]identity.Principal{"admin": admin, "typical": {Account: owner, ID: member.ID}} {
		b.Run(name, func(b *testing.B) {
			ctx := identity.WithCaller(b.Context(), asking(p))
			q := identity.Question{Action: readAction, Resource: app.ARN(region)}
			h.must(h.Authorize(ctx, q))
			b.ReportAllocs()
			for b.Loop() {
				if h.Authorize(ctx, q) != nil {
					b.Fatal("denied")
				}
			}
		})
	}
}

// BenchmarkChange is a change of one user's policy among many users, each
// with a policy of its own, two keys and a tag.
func BenchmarkChange(b *testing.B) {
	for _, users := range []int{10, 1000} {
		b.Run(fmt.Sprint(users, " users"), func(b *testing.B) {
			h := open(b)
			h.populate(users)
			documents := [2]string{allow("codeartifact:Describe*"), allow("codeartifact:Get*")}
			i := 0
			for b.Loop() {
				h.put(owner, "user0", "changing", documents[i%2])
				i++
			}
		})
	}
}

// populate makes users in one change.
func (h *house) populate(users int) {
	h.t.Helper()
	h.must(h.Change(h.t.Context(), func(ctx context.Context, tx *meta.Tx) error {
		for i := range users {
			e := meta.Entity{ID: fmt.Sprintf("AIDA%017d", i), Account: owner, Kind: meta.User, Name: fmt.Sprint("user", i), Path: "/", CreatedAt: start}
			if _, err := tx.InsertEntity(ctx, e); err != nil {
				return err
			}
			p := meta.InlinePolicy{Entity: e.ID, Name: "p", Document: allow(fmt.Sprint("codeartifact:Describe", i))}
			if err := tx.PutInlinePolicy(ctx, p); err != nil {
				return err
			}
			if err := tx.SetEntityTag(ctx, e.ID, identity.Tag{Key: "team", Value: "red"}); err != nil {
				return err
			}
			for n := range 2 {
				k := meta.AccessKey{ID: fmt.Sprintf("AKIA%016d", 2*i+n), Account: owner, Owner: e.ID, Status: identity.KeyActive, CreatedAt: start}
				k.Secret = h.keys.Encrypt(keyring.Record{Table: "access_keys", ID: k.ID, Account: owner}, make([]byte, 40))
				if err := tx.InsertAccessKey(ctx, k); err != nil {
					return err
				}
			}
		}
		return nil
	}))
}
