package metatest

import (
	"context"
	"errors"
	"testing"
	"time"

	"larder.example/larder/internal/meta"
)

// entity makes an entity of the account.
func (v *env) entity(k meta.EntityKind, id, name, path string) meta.Entity {
	v.Helper()
	e := meta.Entity{ID: id, Account: account, Kind: k, Name: name, Path: path, CreatedAt: v.now}
	if k == meta.Role {
		e.Trust, e.Description, e.MaxSession = "{}", "a role", time.Hour
	}
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		ok, err := tx.InsertEntity(ctx, e)
		v.equal("free", ok, true)
		return err
	})
	return e
}

func names(all []meta.Entity) []string {
	names := []string{}
	for _, e := range all {
		names = append(names, e.Name)
	}
	return names
}

func roles(_ *testing.T, v *env) {
	v.account()
	r := v.entity(meta.Role, "AROA1", "Deploy", "/")
	v.entity(meta.Role, "AROA2", "other", "/")
	v.entity(meta.User, "AIDA1", "deploy", "/") // names are free in each kind
	r.Name, r.Path, r.Boundary, r.Trust, r.Description, r.MaxSession = "moved", "/x/", "arn:b", `{"a":1}`, "", 2*time.Hour
	v.update(func(ctx context.Context, tx *meta.Tx) error { return tx.UpdateEntity(ctx, r) })
	got, ok, err := v.db.Now().Entity(v.ctx, account, meta.Role, "MOVED")
	v.equal("updated", tuple(got, ok, err), tuple(r, true, nil))
	_, ok, err = v.db.Now().Entity(v.ctx, account, meta.Role, "deploy")
	v.equal("the old name", tuple(ok, err), "false <nil>")
	r.Name = "Other"
	v.equal("another's name", v.db.Fault(v.db.Update(v.ctx, func(ctx context.Context, tx *meta.Tx) error { return tx.UpdateEntity(ctx, r) })), meta.Taken)

	use := meta.Use{At: v.now, Region: "us-east-1"}
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		return errors.Join(tx.SetRoleUse(ctx, r.ID, use), tx.SetRoleUse(ctx, r.ID, meta.Use{At: v.now.Add(-time.Hour)}))
	})
	used, err := v.db.Now().RoleUse(v.ctx, r.ID)
	v.equal("the last use", tuple(used, err), tuple(use, nil))
}

func members(_ *testing.T, v *env) {
	v.account()
	g := v.entity(meta.Group, "AGPA1", "dev", "/")
	h := v.entity(meta.Group, "AGPA2", "Ops", "/")
	for _, name := range []string{"carol", "Bob", "alice"} {
		u := v.entity(meta.User, "AIDA"+name, name, "/")
		v.update(func(ctx context.Context, tx *meta.Tx) error {
			return errors.Join(tx.AddMember(ctx, g.ID, u.ID, v.now), tx.AddMember(ctx, g.ID, u.ID, v.now), tx.AddMember(ctx, h.ID, u.ID, v.now))
		})
	}
	now := v.db.Now()
	first, err := now.Members(v.ctx, g.ID, "", 2)
	v.equal("members", tuple(names(first), err), "[alice Bob] <nil>")
	rest, err := now.Members(v.ctx, g.ID, "Bob", 2)
	v.equal("the rest", tuple(names(rest), err), "[carol] <nil>")
	groups, err := now.GroupsOf(v.ctx, "AIDABob")
	v.equal("groups", tuple(names(groups), err), "[dev Ops] <nil>")
	for what, id := range map[string]string{"a group with members": g.ID, "a member": "AIDABob"} {
		v.equal(what, v.db.Fault(v.db.Update(v.ctx, func(ctx context.Context, tx *meta.Tx) error { return tx.DeleteEntity(ctx, id) })), meta.Dangling)
	}
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		return errors.Join(tx.RemoveMember(ctx, g.ID, "AIDABob"), tx.RemoveMember(ctx, g.ID, "AIDABob"))
	})
	first, err = now.Members(v.ctx, g.ID, "", 2)
	v.equal("members without Bob", tuple(names(first), err), "[alice carol] <nil>")
}

func policies(_ *testing.T, v *env) {
	v.account()
	policy := func(id, path, name string) meta.Policy {
		p := meta.Policy{
			ID: id, Account: account, Name: name, Path: path, ARN: "arn:" + path + name, Description: "d",
			DefaultVersion: 1, NewestVersion: 1, CreatedAt: v.now, UpdatedAt: v.now,
		}
		v.update(func(ctx context.Context, tx *meta.Tx) error {
			ok, err := tx.InsertPolicy(ctx, p)
			v.equal("free", ok, true)
			return errors.Join(err, tx.InsertPolicyVersion(ctx, meta.PolicyVersion{Policy: id, Version: 1, Document: "{}", CreatedAt: v.now}))
		})
		return p
	}
	p := policy("ANPA1", "/z/", "Alpha")
	policy("ANPA2", "/", "beta")
	policy("ANPA3", "/z/", "gamma")
	now := v.db.Now()
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		ok, err := tx.InsertPolicy(ctx, meta.Policy{ID: "ANPA4", Account: account, Name: "ALPHA", Path: "/", ARN: "arn:other", CreatedAt: v.now, UpdatedAt: v.now})
		v.equal("in other case", ok, false)
		return err
	})
	for prefix, want := range map[string]string{"": "[Alpha beta] [gamma]", "/z/": "[Alpha gamma] []"} {
		var pages [2][]string
		for i := range pages {
			last := ""
			if i > 0 {
				last = pages[0][1]
			}
			page, err := now.Policies(v.ctx, account, prefix, last, 2)
			if err != nil {
				v.Fatal(err)
			}
			for _, p := range page {
				pages[i] = append(pages[i], p.Name)
			}
		}
		v.equal("policies below "+prefix, tuple(pages[0], pages[1]), want)
	}
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		p.DefaultVersion, p.NewestVersion, p.UpdatedAt = 2, 2, v.now.Add(time.Hour)
		return errors.Join(tx.UpdatePolicy(ctx, p), tx.InsertPolicyVersion(ctx, meta.PolicyVersion{Policy: p.ID, Version: 2, Document: "[]", CreatedAt: v.now}),
			tx.SetPolicyTag(ctx, p.ID, meta.Tag{Key: "k", Value: "1"}), tx.SetPolicyTag(ctx, p.ID, meta.Tag{Key: "k", Value: "2"}), tx.DeletePolicyTag(ctx, p.ID, "none"))
	})
	got, ok, err := now.Policy(v.ctx, p.ARN)
	v.equal("updated", tuple(got, ok, err), tuple(p, true, nil))
	versions, err := now.PolicyVersions(v.ctx, p.ID)
	v.equal("versions", tuple(versions, err), tuple([]meta.PolicyVersion{
		{Policy: p.ID, Version: 2, Document: "[]", CreatedAt: v.now}, {Policy: p.ID, Version: 1, Document: "{}", CreatedAt: v.now},
	}, nil))
	tags, err := now.PolicyTags(v.ctx, p.ID)
	v.equal("tags", tuple(tags, err), "[{k 2}] <nil>")
	n, m, err := now.CountPolicies(v.ctx, account)
	v.equal("counts", tuple(n, m, err), "3 4 <nil>")

	v.attached(p.ARN)
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		return errors.Join(tx.DeletePolicyVersion(ctx, p.ID, 1), tx.DeletePolicy(ctx, p.ID))
	})
	_, ok, err = now.Policy(v.ctx, p.ARN)
	v.equal("gone", tuple(ok, err), "false <nil>")
}

// attached asks who has a policy.
func (v *env) attached(arn string) {
	v.Helper()
	user := v.entity(meta.User, "AIDA1", "u", "/a/")
	group := v.entity(meta.Group, "AGPA1", "G", "/")
	role := v.entity(meta.Role, "AROA1", "r", "/a/")
	role.Boundary = arn
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		return errors.Join(tx.Attach(ctx, meta.Attachment{Entity: user.ID, ARN: arn}), tx.Attach(ctx, meta.Attachment{Entity: group.ID, ARN: arn}), tx.UpdateEntity(ctx, role))
	})
	now := v.db.Now()
	attached, bounding, err := now.CountAttachments(v.ctx, account, arn)
	v.equal("attachments", tuple(attached, bounding, err), "2 1 <nil>")
	attached, bounding, err = now.CountAttachments(v.ctx, "999999999999", arn)
	v.equal("another account's", tuple(attached, bounding, err), "0 0 <nil>")
	for _, tt := range []struct {
		name string
		q    meta.PolicyEntityQuery
		want string
	}{
		{"all", meta.PolicyEntityQuery{Attached: true, Boundary: true, Limit: 9}, "[G r u]"},
		{"attached", meta.PolicyEntityQuery{Attached: true, Limit: 9}, "[G u]"},
		{"bounded", meta.PolicyEntityQuery{Boundary: true, Limit: 9}, "[r]"},
		{"of a kind", meta.PolicyEntityQuery{Attached: true, Boundary: true, Kind: meta.User, Limit: 9}, "[u]"},
		{"below a path", meta.PolicyEntityQuery{Attached: true, Boundary: true, PathPrefix: "/a/", Limit: 9}, "[r u]"},
		{"a page", meta.PolicyEntityQuery{Attached: true, Boundary: true, Limit: 1, Last: group}, "[r]"},
		{"behind the last", meta.PolicyEntityQuery{Attached: true, Boundary: true, Limit: 1, Last: user}, "[]"},
	} {
		tt.q.Account, tt.q.ARN = account, arn
		got, err := now.PolicyEntities(v.ctx, tt.q)
		v.equal("entities: "+tt.name, tuple(names(got), err), tt.want+" <nil>")
	}
	n, err := now.CountEntities(v.ctx, account, meta.Group)
	v.equal("groups", tuple(n, err), "1 <nil>")
}

func providers(_ *testing.T, v *env) {
	v.account()
	p := meta.Provider{ARN: "arn:p", Account: account, URL: "issuer.example", ClientIDs: []string{"a", `"`}, CreatedAt: v.now}
	now := v.db.Now()
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		ok, err := tx.InsertProvider(ctx, p)
		again, err2 := tx.InsertProvider(ctx, p)
		v.equal("inserted", tuple(ok, again), "true false")
		p.ClientIDs, p.Thumbprints = []string{"b"}, []string{"c", "d"}
		return errors.Join(err, err2, tx.UpdateProvider(ctx, p),
			tx.SetProviderTag(ctx, p.ARN, meta.Tag{Key: "k", Value: "1"}), tx.SetProviderTag(ctx, p.ARN, meta.Tag{Key: "k", Value: "2"}), tx.DeleteProviderTag(ctx, p.ARN, "none"))
	})
	got, ok, err := now.Provider(v.ctx, p.ARN)
	v.equal("provider", tuple(got, ok, err), tuple(p, true, nil))
	all, err := now.Providers(v.ctx, account)
	v.equal("providers", tuple(all, err), tuple([]meta.Provider{p}, nil))
	tags, err := now.TagsOfProvider(v.ctx, p.ARN)
	v.equal("tags", tuple(tags, err), "[{k 2}] <nil>")
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		ok, err := tx.DeleteProvider(ctx, p.ARN)
		again, err2 := tx.DeleteProvider(ctx, p.ARN)
		v.equal("deleted", tuple(ok, again), "true false")
		return errors.Join(err, err2)
	})
}

func aliases(_ *testing.T, v *env) {
	v.account()
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		_, err := tx.InsertAccount(ctx, meta.Account{ID: "444455556666", CreatedAt: v.now})
		return errors.Join(err, tx.SetAlias(ctx, account, "first"), tx.SetAlias(ctx, account, "second"))
	})
	got, err := v.db.Now().Aliases(v.ctx, account)
	v.equal("alias", tuple(got, err), "[second] <nil>")
	v.equal("another's", v.db.Fault(v.db.Update(v.ctx, func(ctx context.Context, tx *meta.Tx) error { return tx.SetAlias(ctx, "444455556666", "second") })), meta.Taken)
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		other, err := tx.DeleteAlias(ctx, "444455556666", "second")
		own, err2 := tx.DeleteAlias(ctx, account, "second")
		v.equal("deleted", tuple(other, own), "false true")
		return errors.Join(err, err2)
	})
}
