package metatest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
)

func packageGroups(_ *testing.T, v *env) {
	r := v.repository()
	d := meta.Domain{ID: r.Domain, Ref: r.Ref.Domain}
	group := func(pattern, folded string) meta.PackageGroup {
		return meta.PackageGroup{
			Domain: d.ID, Ref: larder.PackageGroupRef{Domain: d.Ref, Pattern: pattern}, Folded: folded, ContactInfo: "c", Description: "d", CreatedAt: v.now,
			Modes: map[meta.Restriction]meta.Mode{meta.Publish: meta.Allow, meta.InternalUpstream: meta.Block, meta.ExternalUpstream: meta.Inherit},
		}
	}
	all, npm, acme, umlaut := group("/*", "/"), group("/npm/*", "/npm/"), group("/npm/acme/*", "/npm/acme/"), group("/npm/\u00e4%_~", "/npm/\u00e4%_")
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		return errors.Join(tx.InsertPackageGroup(ctx, acme), tx.InsertPackageGroup(ctx, all), tx.InsertPackageGroup(ctx, umlaut), tx.InsertPackageGroup(ctx, npm))
	})
	again := v.db.Update(v.ctx, func(ctx context.Context, tx *meta.Tx) error { return tx.InsertPackageGroup(ctx, npm) })
	v.equal("made twice", larder.Conflict.Is(again), true)

	now := v.db.Now()
	v.equal("a group", tuple(now.PackageGroup(v.ctx, npm.Ref)), tuple(npm, nil))
	v.equal("no group", larder.NotFound.Is(second(now.PackageGroup(v.ctx, group("/pypi/*", "").Ref))), true)
	v.equal("of no domain", larder.NotFound.Is(second(now.PackageGroup(v.ctx, larder.PackageGroupRef{Pattern: "/*"}))), true)
	patterns := func(groups []meta.PackageGroup, err error) string {
		said := ""
		for _, g := range groups {
			said += g.Ref.Pattern + " "
		}
		return fmt.Sprint(said, err)
	}
	v.equal("all", patterns(now.PackageGroups(v.ctx, d)), "/* /npm/* /npm/acme/* /npm/\u00e4%_~ <nil>")
	for folded, want := range map[string]int{"/pypi//x": 1, "/npm//x": 2, "/npm/acme/x": 3, "/npm/\u00e4%_/x": 3, "/npm/\u00e4ab/x": 2, "/NPM/": 1} {
		over, err := now.PackageGroupsOver(v.ctx, d, folded)
		v.equal("over "+folded, tuple(len(over), err), tuple(want, nil))
	}

	npm.ContactInfo, npm.Modes[meta.Publish] = "", meta.AllowSpecific
	var fresh, stale bool
	v.update(func(ctx context.Context, tx *meta.Tx) (err error) {
		err = errors.Join(tx.DescribePackageGroup(ctx, npm), tx.SetPackageGroupModes(ctx, npm),
			tx.SetPackageGroupTag(ctx, d.ID, "/npm/*", meta.Tag{Key: "k", Value: "1"}), tx.SetPackageGroupTag(ctx, d.ID, "/npm/*", meta.Tag{Key: "k", Value: "2"}),
			tx.SetPackageGroupTag(ctx, d.ID, "/npm/*", meta.Tag{Key: "gone"}), tx.DeletePackageGroupTag(ctx, d.ID, "/npm/*", "gone"))
		if err != nil {
			return err
		}
		if fresh, err = tx.AllowRepository(ctx, npm, meta.Publish, r.ID); err != nil {
			return err
		}
		stale, err = tx.AllowRepository(ctx, npm, meta.Publish, r.ID)
		return err
	})
	v.equal("put on the list", tuple(fresh, stale), "true false")
	v.equal("amended", tuple(now.PackageGroup(v.ctx, npm.Ref)), tuple(npm, nil))
	v.equal("tags", tuple(now.PackageGroupTags(v.ctx, d.ID, "/npm/*")), "[{k 2}] <nil>")
	v.equal("rows", tuple(now.AllowedRows(v.ctx, npm, meta.Publish)), tuple(map[int64]bool{r.ID: true}, nil))
	v.equal("another list", tuple(now.AllowedRows(v.ctx, npm, meta.InternalUpstream)), "map[] <nil>")
	v.equal("counts", tuple(now.AllowedCounts(v.ctx, d.ID)), "map[/npm/*:map[PUBLISH:1]] <nil>")
	v.equal("by name", tuple(now.AllowedRepositories(v.ctx, npm, meta.Publish, "", 10)), tuple([]meta.Repository{r}, nil))
	v.equal("behind it", tuple(now.AllowedRepositories(v.ctx, npm, meta.Publish, "app", 10)), "[] <nil>")
	v.update(func(ctx context.Context, tx *meta.Tx) (err error) {
		if fresh, err = tx.DisallowRepository(ctx, npm, meta.Publish, r.ID); err != nil {
			return err
		}
		if stale, err = tx.DisallowRepository(ctx, npm, meta.Publish, r.ID); err != nil {
			return err
		}
		_, err = tx.AllowRepository(ctx, npm, meta.Publish, r.ID)
		return err
	})
	v.equal("taken off the list", tuple(fresh, stale), "true false")

	// A repository and a group take with them what hangs on them.
	v.update(func(ctx context.Context, tx *meta.Tx) error { return tx.DeleteRepository(ctx, r.ID) })
	v.equal("rows without the repository", tuple(now.AllowedRows(v.ctx, npm, meta.Publish)), "map[] <nil>")
	v.update(func(ctx context.Context, tx *meta.Tx) error { return tx.DeletePackageGroup(ctx, npm) })
	v.equal("tags without the group", tuple(now.PackageGroupTags(v.ctx, d.ID, "/npm/*")), "[] <nil>")
	v.update(func(ctx context.Context, tx *meta.Tx) error { return tx.DeleteDomain(ctx, d.ID) })
	v.equal("groups without the domain", patterns(now.PackageGroups(v.ctx, d)), "<nil>")
}

func domainNames(t *testing.T, v *env) {
	r := v.repository()
	other := r
	other.Ref.Name = "lib"
	v.update(func(ctx context.Context, tx *meta.Tx) (err error) {
		if other.ID, err = tx.InsertRepository(ctx, other); err != nil {
			return err
		}
		for _, x := range []struct {
			in              meta.Repository
			format          larder.Format
			namespace, name string
		}{{r, "npm", "", "b"}, {other, "npm", "", "b"}, {other, "npm", "acme", "a"}, {r, "pypi", "", "a"}, {r, "npm", "", "a"}} {
			ref := larder.PackageRef{Repository: x.in.Ref, Format: x.format, Namespace: x.namespace, Name: x.name}
			if _, err := tx.TouchPackage(ctx, x.in.ID, ref, meta.OriginControls{Publish: "ALLOW", Upstream: "ALLOW"}, v.now); err != nil {
				return err
			}
		}
		return nil
	})
	for _, tt := range []struct {
		format larder.Format
		last   meta.PackageKey
		limit  int
		want   string
	}{
		{"", meta.PackageKey{}, 10, "[{npm  a} {npm  b} {npm acme a} {pypi  a}]"},
		{"", meta.PackageKey{Format: "npm", Name: "a"}, 2, "[{npm  b} {npm acme a}]"},
		{"npm", meta.PackageKey{Format: "npm", Name: "b"}, 10, "[{npm acme a}]"},
		{"maven", meta.PackageKey{}, 10, "[]"},
	} {
		got, err := v.db.Now().NamesInDomain(v.ctx, r.Domain, tt.format, tt.last, tt.limit)
		if err != nil {
			t.Fatal(err)
		}
		v.equal(fmt.Sprintf("%s behind %v", tt.format, tt.last), tuple(got), tt.want)
	}
}
