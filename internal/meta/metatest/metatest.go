// Package metatest is what any meta.Engine must do: bind placeholders by
// number, keep constraints, order by bytes, page by key, undo races, and say
// which fault a failure is.
package metatest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
)

// Run tests an engine. dsn returns the DSN of a fresh, empty database.
func Run(t *testing.T, e meta.Engine, dsn func(*testing.T) string) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, *env)
	}{
		{"placeholders are bound by number", placeholders},
		{"a second start finds the schema as it was", nil},
		{"constraints name their fault", faults},
		{"a failed transaction leaves nothing", rollback},
		{"a transaction inside a transaction is refused", nested},
		{"racing updates all happen", races},
		{"names are ordered by bytes and paged by key", paging},
		{"prefixes are ranges", prefixes},
		{"the epoch moves with every change", epoch},
		{"what decides is noted when it changes", changes},
		{"what narrows sessions and what was revoked is kept for its time", sessions},
		{"an entity goes only when nothing hangs on it", entities},
		{"a role may be moved to a free name", roles},
		{"a group has members, and they have groups", members},
		{"managed policies have versions, tags and holders", policies},
		{"identity providers keep their lists", providers},
		{"an account has one alias that nobody else has", aliases},
		{"access keys belong to their owner", keys},
		{"domains and repositories are found by reference", resources},
		{"package groups are found by what they are over", packageGroups},
		{"a domain's packages are named once", domainNames},
		{"a publish is seen whole", publish},
		{"publishes of one package wait for each other", samePackage},
		{"a publish that fails is undone alone", undone},
		{"versions are listed by name and by time", versions},
		{"the collector never takes a blob that an asset names", collector},
		{"a document keeps its bytes, and lets go those of before", documents},
		{"what came through a connection is found wherever it is", held},
		{"a lease has one holder", lease},
		{"what was put off is written on close", later},
		{"nodes are known from when they register until they are given up", nodes},
		{"what all nodes have alike is kept", common},
		{"who follows looks at once, and when it is told", follow},
		{"who follows looks each interval, until a look fails", followAnyway},
		{"no package changes without news", packageNews},
	} {
		t.Run(test.name, func(t *testing.T) {
			source := dsn(t)
			v := open(t, e, source)
			if test.run == nil {
				if err := v.db.Close(); err != nil {
					t.Fatal(err)
				}
				v.closed = true
				reopen(t, e, source)
				return
			}
			test.run(t, v)
		})
	}
}

type env struct {
	*testing.T
	ctx    context.Context
	engine meta.Engine
	dsn    string
	db     *meta.DB
	now    time.Time
	closed bool
}

func open(t *testing.T, e meta.Engine, dsn string) *env {
	t.Helper()
	db, err := meta.Open(t.Context(), e, dsn, nil)
	if err != nil {
		t.Fatal(err)
	}
	v := &env{T: t, ctx: t.Context(), engine: e, dsn: dsn, db: db, now: time.UnixMilli(1_790_000_000_123).UTC()}
	t.Cleanup(func() {
		if !v.closed {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	return v
}

func reopen(t *testing.T, e meta.Engine, dsn string) {
	v := open(t, e, dsn)
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		_, err := tx.InsertAccount(ctx, meta.Account{ID: "111122223333", CreatedAt: v.now})
		return err
	})
}

func (v *env) update(fn func(context.Context, *meta.Tx) error) {
	v.Helper()
	if err := v.db.Update(v.ctx, fn); err != nil {
		v.Fatal(err)
	}
}

func (v *env) equal(what string, got, want any) {
	v.Helper()
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		v.Errorf("%s: got %s, want %s", what, g, w)
	}
}

// tuple is several values as one string.
func tuple(values ...any) string { return strings.TrimSuffix(fmt.Sprintln(values...), "\n") }

const account = "111122223333"

func (v *env) account() {
	v.Helper()
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		_, err := tx.InsertAccount(ctx, meta.Account{ID: account, CreatedAt: v.now})
		return err
	})
}

// repository makes an account, a domain and a repository.
func (v *env) repository() meta.Repository {
	v.Helper()
	v.account()
	r := meta.Repository{
		Administrator: account, Description: "for tests", CreatedAt: v.now,
		Ref: larder.RepositoryRef{Domain: larder.DomainRef{Owner: account, Name: "team"}, Name: "app"},
	}
	v.update(func(ctx context.Context, tx *meta.Tx) (err error) {
		r.Domain, err = tx.InsertDomain(ctx, meta.Domain{UID: 1 << 63, Ref: r.Ref.Domain, CreatedAt: v.now, EncryptionKey: "arn:k"})
		if err != nil {
			return err
		}
		r.ID, err = tx.InsertRepository(ctx, r)
		return err
	})
	return r
}

func placeholders(t *testing.T, v *env) {
	read, write, err := v.engine.Open(v.ctx, v.dsn)
	if err != nil {
		t.Fatal(err)
	}
	for _, db := range []*sql.DB{read, write} {
		var got string
		if err := db.QueryRowContext(v.ctx, `SELECT $2 || $1 || $2`, "a", "b").Scan(&got); err != nil {
			t.Fatal(err)
		}
		v.equal("SELECT $2 || $1 || $2", got, "bab")
	}
	if err := errors.Join(write.Close(), read.Close()); err != nil {
		t.Fatal(err)
	}
}

func faults(_ *testing.T, v *env) {
	r := v.repository()
	fault := func(fn func(context.Context, *meta.Tx) error) meta.Fault {
		return v.db.Fault(v.db.Update(v.ctx, fn))
	}
	v.equal("a repository of no domain", fault(func(ctx context.Context, tx *meta.Tx) error {
		_, err := tx.InsertRepository(ctx, meta.Repository{Domain: 1 << 40, Ref: larder.RepositoryRef{Name: "x"}, Administrator: account})
		return err
	}), meta.Dangling)
	v.equal("a domain with a repository goes", fault(func(ctx context.Context, tx *meta.Tx) error {
		return tx.DeleteDomain(ctx, r.Domain)
	}), meta.Dangling)
	v.equal("a version twice", fault(func(ctx context.Context, tx *meta.Tx) error {
		p, err := tx.TouchPackage(ctx, r.ID, v.ref(r, "thing"), meta.OriginControls{}, v.now)
		for range 2 {
			if err == nil {
				_, err = tx.InsertVersion(ctx, meta.Version{Package: p.ID, Version: "1.0.0"}, nil, nil)
			}
		}
		return err
	}), meta.Taken)
	v.equal("a package in no repository", fault(func(ctx context.Context, tx *meta.Tx) error {
		_, err := tx.TouchPackage(ctx, 1<<40, v.ref(r, "thing"), meta.OriginControls{}, v.now)
		return err
	}), meta.Dangling)
	v.equal("no failure", v.db.Fault(nil), meta.Other)
	v.equal("the caller's own failure", fault(func(context.Context, *meta.Tx) error { return errors.New("no") }), meta.Other)
}

func rollback(t *testing.T, v *env) {
	no := errors.New("no")
	err := v.db.Update(v.ctx, func(ctx context.Context, tx *meta.Tx) error {
		if _, err := tx.InsertAccount(ctx, meta.Account{ID: account, CreatedAt: v.now}); err != nil {
			return err
		}
		return no
	})
	if !errors.Is(err, no) {
		t.Errorf("got %v, want %v", err, no)
	}
	all, err := v.db.Now().Accounts(v.ctx)
	if err != nil {
		t.Fatal(err)
	}
	v.equal("accounts", all, []meta.Account{})
}

func nested(t *testing.T, v *env) {
	err := v.db.Update(v.ctx, func(ctx context.Context, _ *meta.Tx) error {
		return v.db.Publish(ctx, func(context.Context, *meta.Tx) error { return nil })
	})
	if err == nil {
		t.Error("a transaction inside a transaction was not refused")
	}
}

func races(_ *testing.T, v *env) {
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 10 {
				err := v.db.Update(v.ctx, func(ctx context.Context, tx *meta.Tx) error {
					if _, err := tx.Epoch(ctx); err != nil {
						return err
					}
					_, err := tx.MoveEpoch(ctx, "n")
					return err
				})
				for larder.Unavailable.Is(err) { // lost ten races in a row
					err = v.db.Update(v.ctx, func(ctx context.Context, tx *meta.Tx) error {
						_, err := tx.MoveEpoch(ctx, "n")
						return err
					})
				}
				if err != nil {
					v.Error(err)
				}
			}
		})
	}
	all.Wait()
	e, err := v.db.Now().Epoch(v.ctx)
	if err != nil {
		v.Fatal(err)
	}
	v.equal("epoch", e.N, 80)
}

func (v *env) ref(r meta.Repository, name string) larder.PackageRef {
	return larder.PackageRef{Repository: r.Ref, Format: larder.NPM, Name: name}
}

func paging(_ *testing.T, v *env) {
	r := v.repository()
	want := []string{"A", "B-", "Ba", "a", "a-b", "aB", "ab", "é", "日", "😀"}
	for _, name := range slices.Backward(want) {
		v.update(func(ctx context.Context, tx *meta.Tx) error {
			_, err := tx.TouchPackage(ctx, r.ID, v.ref(r, name), meta.OriginControls{Publish: "ALLOW", Upstream: "BLOCK"}, v.now)
			return err
		})
	}
	var got []string
	q := meta.PackageQuery{Limit: 3}
	for {
		page, err := v.db.Now().Packages(v.ctx, r, q)
		if err != nil {
			v.Fatal(err)
		}
		for _, p := range page {
			got = append(got, p.Ref.Name)
			q.Last = meta.PackageKey{Format: p.Ref.Format, Namespace: p.Ref.Namespace, Name: p.Ref.Name}
		}
		if len(page) < q.Limit {
			break
		}
	}
	v.equal("names", got, want)
}

func prefixes(_ *testing.T, v *env) {
	r := v.repository()
	for _, name := range []string{"a", "ab", "abc", "ac", "b", "aé", "aéz", "aê", "a\U0010ffff", "a\U0010ffffb", "a\ud7ff"} {
		v.update(func(ctx context.Context, tx *meta.Tx) error {
			_, err := tx.TouchPackage(ctx, r.ID, v.ref(r, name), meta.OriginControls{}, v.now)
			return err
		})
	}
	for prefix, want := range map[string][]string{
		"ab":            {"ab", "abc"},
		"aé":            {"aé", "aéz"},
		"a\U0010ffff":   {"a\U0010ffff", "a\U0010ffffb"},
		"a\ud7ff":       {"a\ud7ff"},
		"%":             {},
		"\U0010ffff":    {},
		"a_":            {},
		"abcd":          {},
		"b":             {"b"},
		"a\U0010ffffbc": {},
	} {
		page, err := v.db.Now().Packages(v.ctx, r, meta.PackageQuery{NamePrefix: prefix, Limit: 100})
		if err != nil {
			v.Fatal(err)
		}
		got := []string{}
		for _, p := range page {
			got = append(got, p.Ref.Name)
		}
		v.equal(fmt.Sprintf("prefix %q", prefix), got, want)
	}
}

func epoch(_ *testing.T, v *env) {
	for want := int64(1); want <= 2; want++ {
		v.update(func(ctx context.Context, tx *meta.Tx) error {
			e, err := tx.MoveEpoch(ctx, fmt.Sprint("nonce", want))
			v.equal("moved", e, meta.Epoch{N: want, Nonce: fmt.Sprint("nonce", want)})
			return err
		})
		e, err := v.db.Now().Epoch(v.ctx)
		if err != nil {
			v.Fatal(err)
		}
		v.equal("read", e, meta.Epoch{N: want, Nonce: fmt.Sprint("nonce", want)})
	}
}

func entities(_ *testing.T, v *env) {
	v.account()
	ada := meta.Entity{ID: "AIDAAAAAAAAAAAAAAAAAA", Account: account, Kind: meta.User, Name: "Ada", Path: "/team/", CreatedAt: v.now}
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		ok, err := tx.InsertEntity(ctx, ada)
		v.equal("inserted", ok, true)
		return err
	})
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		again := ada
		again.ID, again.Name = "AIDABBBBBBBBBBBBBBBBB", "aDA"
		ok, err := tx.InsertEntity(ctx, again)
		v.equal("inserted in other case", ok, false)
		return err
	})
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		got, ok, err := tx.Entity(ctx, account, meta.User, "ADA")
		v.equal("found", ok, true)
		v.equal("entity", got, ada)
		return errors.Join(err,
			tx.SetEntityTag(ctx, ada.ID, meta.Tag{Key: "k", Value: "1"}), tx.SetEntityTag(ctx, ada.ID, meta.Tag{Key: "k", Value: "2"}),
			tx.PutInlinePolicy(ctx, meta.InlinePolicy{Entity: ada.ID, Name: "p", Document: "{}"}),
			tx.Attach(ctx, meta.Attachment{Entity: ada.ID, ARN: "arn:a"}), tx.Attach(ctx, meta.Attachment{Entity: ada.ID, ARN: "arn:a"}))
	})
	tags, err := v.db.Now().EntityTags(v.ctx, ada.ID)
	v.equal("tags", tuple(tags, err), "[{k 2}] <nil>")

	refused := func(what string) {
		v.equal(what, v.db.Fault(v.db.Update(v.ctx, func(ctx context.Context, tx *meta.Tx) error {
			return tx.DeleteEntity(ctx, ada.ID)
		})), meta.Dangling)
	}
	refused("delete with both policies")
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		ok, err := tx.DeleteInlinePolicy(ctx, ada.ID, "p")
		v.equal("deleted policy", ok, true)
		return err
	})
	refused("delete with an attached policy")
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		ok, err := tx.Detach(ctx, meta.Attachment{Entity: ada.ID, ARN: "arn:a"})
		v.equal("detached", ok, true)
		return errors.Join(err, tx.DeleteEntity(ctx, ada.ID))
	})
	n, err := v.db.Now().CountEntities(v.ctx, account, meta.User)
	v.equal("entities", tuple(n, err), "0 <nil>")
}

func keys(_ *testing.T, v *env) {
	v.account()
	k := meta.AccessKey{ID: "AKIAAAAAAAAAAAAAAAAA", Account: account, Owner: account, Secret: []byte{0, 255}, Status: "Active", CreatedAt: v.now}
	v.update(func(ctx context.Context, tx *meta.Tx) error { return tx.InsertAccessKey(ctx, k) })
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		ok, err := tx.SetAccessKeyStatus(ctx, "AIDAX", k.ID, "Inactive")
		v.equal("another's key", ok, false)
		if err != nil {
			return err
		}
		ok, err = tx.SetAccessKeyStatus(ctx, account, k.ID, "Inactive")
		v.equal("own key", ok, true)
		return err
	})
	k.Status = "Inactive"
	got, err := v.db.Now().AccessKeys(v.ctx, account)
	v.equal("keys", tuple(got, err), tuple([]meta.AccessKey{k}, nil))
	one, ok, err := v.db.Now().AccessKey(v.ctx, k.ID)
	v.equal("key", tuple(one, ok, err), tuple(k, true, nil))
	_, ok, err = v.db.Now().AccessKey(v.ctx, "AKIAX")
	v.equal("no key", tuple(ok, err), "false <nil>")
	n, err := v.db.Now().CountAccessKeys(v.ctx, account)
	v.equal("count", tuple(n, err), "1 <nil>")
	use := meta.Use{At: v.now, Service: "iam", Region: "us-east-1"}
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		return errors.Join(tx.SetKeyUse(ctx, k.ID, use), tx.SetKeyUse(ctx, k.ID, meta.Use{At: v.now.Add(-time.Hour), Service: "sts"}))
	})
	used, err := v.db.Now().KeyUse(v.ctx, k.ID)
	v.equal("the last use", tuple(used, err), tuple(use, nil))
}

func resources(t *testing.T, v *env) {
	r := v.repository()
	now := v.db.Now()
	d, err := now.Domain(v.ctx, r.Ref.Domain)
	if err != nil {
		t.Fatal(err)
	}
	v.equal("domain", d, meta.Domain{ID: r.Domain, UID: 1 << 63, Ref: r.Ref.Domain, CreatedAt: v.now, EncryptionKey: "arn:k"})
	got, err := now.Repository(v.ctx, r.Ref)
	if err != nil {
		t.Fatal(err)
	}
	v.equal("repository", got, r)

	for what, err := range map[string]error{
		"domain":     second(now.Repository(v.ctx, larder.RepositoryRef{Domain: larder.DomainRef{Owner: account, Name: "none"}, Name: "app"})),
		"repository": second(now.Repository(v.ctx, larder.RepositoryRef{Domain: r.Ref.Domain, Name: "none"})),
		"package":    second(now.Package(v.ctx, v.ref(r, "none"))),
	} {
		var e *larder.Error
		if !errors.As(err, &e) || e.Kind != larder.NotFound || e.Resource != what {
			t.Errorf("absent %s: got %v", what, err)
		}
	}
	for _, err := range []error{
		v.db.Update(v.ctx, func(ctx context.Context, tx *meta.Tx) error { return second(tx.InsertDomain(ctx, d)) }),
		v.db.Update(v.ctx, func(ctx context.Context, tx *meta.Tx) error { return second(tx.InsertRepository(ctx, r)) }),
	} {
		if !larder.Conflict.Is(err) {
			t.Errorf("made twice: got %v", err)
		}
	}
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		return errors.Join(
			tx.SetDomainTag(ctx, d.ID, meta.Tag{Key: "a", Value: "1"}), tx.SetRepositoryTag(ctx, r.ID, meta.Tag{Key: "b", Value: ""}),
			tx.SetDomainPolicy(ctx, d.ID, meta.ResourcePolicy{Document: "{}", Revision: "r"}),
			tx.SetRepositoryPolicy(ctx, r.ID, meta.ResourcePolicy{Document: "{}", Revision: "s"}),
			tx.AddDomainBytes(ctx, d.ID, 5), tx.AddDomainBytes(ctx, d.ID, -2))
	})
	d, err = now.Domain(v.ctx, r.Ref.Domain)
	v.equal("domain amended", tuple(d.AssetBytes, d.Policy, err), "3 {{} r} <nil>")
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		return errors.Join(tx.DeleteRepository(ctx, r.ID), tx.DeleteDomain(ctx, d.ID))
	})
	v.equal("gone", larder.NotFound.Is(second(now.Domain(v.ctx, r.Ref.Domain))), true)
}

func second[T any](_ T, err error) error { return err }

func lease(_ *testing.T, v *env) {
	take := func(holder string, now, until time.Time) (got bool) {
		v.update(func(ctx context.Context, tx *meta.Tx) (err error) {
			got, err = tx.Lease(ctx, "job", holder, now, until)
			return err
		})
		return got
	}
	soon := v.now.Add(time.Minute)
	v.equal("first", take("a", v.now, soon), true)
	v.equal("other", take("b", v.now, soon), false)
	v.equal("again", take("a", v.now, soon), true)
	v.equal("other, expired", take("b", soon.Add(time.Second), soon.Add(time.Minute)), true)
	v.equal("first, lost", take("a", soon.Add(2*time.Second), soon.Add(time.Minute)), false)
}

func later(t *testing.T, v *env) {
	v.db.Later(func(ctx context.Context, tx *meta.Tx) error {
		_, err := tx.MoveEpoch(ctx, "n")
		return err
	})
	if err := v.db.Close(); err != nil {
		t.Fatal(err)
	}
	v.closed = true
	again := open(t, v.engine, v.dsn)
	e, err := again.db.Now().Epoch(v.ctx)
	v.equal("epoch", tuple(e.N, err), "1 <nil>")
}
