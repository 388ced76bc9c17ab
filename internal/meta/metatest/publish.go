package metatest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
)

func sums(n byte) meta.Sums {
	return meta.Sums{MD5: [16]byte{n}, SHA1: [20]byte{n, 1}, SHA256: [32]byte{n, 2}, SHA512: [64]byte{n, 3}}
}

// put publishes a version with one asset, as the registry does.
func (v *env) put(r meta.Repository, name, version string, n byte) (meta.Version, error) {
	var b meta.Blob
	if err := v.db.Reserve(v.ctx, func(ctx context.Context, tx *meta.Tx) (err error) {
		b, err = tx.ReserveBlob(ctx, sums(n), int64(n), v.now)
		return err
	}); err != nil {
		return meta.Version{}, err
	}
	x := meta.Version{Version: version, Revision: "r", Status: larder.Published, PublishedAt: v.now, OriginRepository: "app", Manifest: []byte(`{"v":1}`)}
	return x, v.db.Publish(v.ctx, func(ctx context.Context, tx *meta.Tx) error {
		p, err := tx.TouchPackage(ctx, r.ID, v.ref(r, name), meta.OriginControls{Publish: "ALLOW", Upstream: "BLOCK"}, v.now)
		if err != nil {
			return err
		}
		x.Package = p.ID
		if x.ID, err = tx.InsertVersion(ctx, x, []byte("facts"), nil); err != nil {
			return err
		}
		if err := tx.HoldBlob(ctx, b.ID); err != nil {
			return err
		}
		return tx.InsertAsset(ctx, x.ID, meta.Asset{Name: "package.tgz", Blob: b, AddedAt: v.now})
	})
}

func publish(t *testing.T, v *env) {
	r := v.repository()
	x, err := v.put(r, "thing", "1.0.0", 7)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.db.View(v.ctx, func(ctx context.Context, tx *meta.Tx) error {
		seen := 0
		err := tx.Served(ctx, x.Package, func(got meta.Version, assets []meta.Asset) error {
			seen++
			v.equal("version", tuple(got.Version, got.Status, got.PublishedAt, string(got.Manifest)), tuple("1.0.0", larder.Published, v.now, `{"v":1}`))
			v.equal("assets", len(assets), 1)
			v.equal("asset", assets[0].Blob.Sums, sums(7))
			return nil
		})
		v.equal("versions", seen, 1)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	ref := larder.AssetRef{Version: larder.VersionRef{Package: v.ref(r, "thing"), Version: "1.0.0"}, Name: "package.tgz"}
	a, ok, err := v.db.Now().Asset(v.ctx, ref)
	v.equal("asset", tuple(a.Version.Status, a.Blob.Size, a.Blob.Placed, ok, err), "Published 7 true true <nil>")
	facts, readme, err := v.db.Now().Facts(v.ctx, x.ID)
	v.equal("facts", tuple(string(facts), len(readme), err), "facts 0 <nil>")

	v.update(func(ctx context.Context, tx *meta.Tx) error {
		return errors.Join(tx.SetPackageTag(ctx, x.Package, "latest", "1.0.0"), tx.SetPackageTag(ctx, x.Package, "old", "0.9.0"))
	})
	v.update(func(ctx context.Context, tx *meta.Tx) error {
		freed, err := tx.ReleaseVersion(ctx, x.ID, v.now)
		v.equal("released", len(freed), 1)
		return errors.Join(err, tx.DeleteVersion(ctx, x))
	})
	tags, err := v.db.Now().PackageTags(v.ctx, x.Package)
	v.equal("tags", tuple(tags, err), "map[old:0.9.0] <nil>")
	_, ok, err = v.db.Now().Asset(v.ctx, ref)
	v.equal("asset after", tuple(ok, err), "false <nil>")
}

func samePackage(t *testing.T, v *env) {
	r := v.repository()
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			if _, err := v.put(r, "thing", fmt.Sprintf("1.0.%d", i), byte(i+1)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	p, err := v.db.Now().Package(v.ctx, v.ref(r, "thing"))
	v.equal("seq", tuple(p.Seq, p.Quiet, err), "16 0 <nil>")
	v.update(func(ctx context.Context, tx *meta.Tx) error { return tx.Quieten(ctx, p.ID) })
	p, err = v.db.Now().Package(v.ctx, v.ref(r, "thing"))
	v.equal("seq of which one is quiet", tuple(p.Seq, p.Quiet, err), "16 1 <nil>")
}

// undone runs publishes at once, so that an engine may commit them together,
// of which two thirds fail after they have written.
func undone(t *testing.T, v *env) {
	r := v.repository()
	if _, err := v.put(r, "taken", "1.0.0", 1); err != nil {
		t.Fatal(err)
	}
	failed := errors.New("failed")
	var all sync.WaitGroup
	for i := range 48 {
		all.Go(func() {
			defer func() {
				if p := recover(); (p != nil) != (i%6 == 5) || p != nil && p != any(failed) {
					t.Errorf("publish %d panicked with %v", i, p)
				}
			}()
			err := v.db.Publish(v.ctx, func(ctx context.Context, tx *meta.Tx) error {
				p, err := tx.TouchPackage(ctx, r.ID, v.ref(r, fmt.Sprintf("thing-%d", i)), meta.OriginControls{}, v.now)
				if err != nil {
					return err
				}
				switch i % 6 {
				case 1:
					return failed
				case 2: // a constraint that does not hold
					_, err := tx.InsertVersion(ctx, meta.Version{Package: 1, Version: "1.0.0"}, nil, nil)
					return err
				case 4:
					_, err := tx.InsertVersion(ctx, meta.Version{Package: 1 << 40, Version: "1.0.0"}, nil, nil)
					return err
				case 5:
					panic(failed)
				}
				_, err = tx.InsertVersion(ctx, meta.Version{Package: p.ID, Version: "1.0.0"}, nil, nil)
				return err
			})
			want := map[int]bool{
				0: err == nil, 1: errors.Is(err, failed), 2: v.db.Fault(err) == meta.Taken,
				3: err == nil, 4: v.db.Fault(err) == meta.Dangling,
			}
			if ok, said := want[i%6]; said && !ok {
				t.Errorf("publish %d: got %v", i, err)
			}
		})
	}
	all.Wait()
	for i := range 48 {
		_, err := v.db.Now().Package(v.ctx, v.ref(r, fmt.Sprintf("thing-%d", i)))
		if got, want := err == nil, i%3 == 0; got != want {
			t.Errorf("package %d is there: got %v, want %v", i, got, want)
		}
	}
}

func versions(t *testing.T, v *env) {
	r := v.repository()
	var pkg int64
	for i, version := range []string{"1.0.0", "2.0.0", "10.0.0", "1.0.1"} {
		v.now = v.now.Add(time.Second * time.Duration(i%2)) // two by two at one time
		x, err := v.put(r, "thing", version, byte(i+1))
		if err != nil {
			t.Fatal(err)
		}
		pkg = x.Package
	}
	for newest, want := range map[bool]string{false: "1.0.0 1.0.1 10.0.0 2.0.0", true: "1.0.1 10.0.0 2.0.0 1.0.0"} {
		var got []string
		q := meta.VersionQuery{Newest: newest, Limit: 1}
		for range 5 {
			page, err := v.db.Now().Versions(v.ctx, pkg, q)
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range page {
				got = append(got, x.Version)
				q.Last = x
			}
		}
		v.equal(fmt.Sprint("newest first ", newest), strings.Join(got, " "), want)
	}
	none, err := v.db.Now().Versions(v.ctx, pkg, meta.VersionQuery{Status: larder.Archived, Limit: 10})
	v.equal("archived", tuple(len(none), err), "0 <nil>")
}

func collector(t *testing.T, v *env) {
	r := v.repository()
	if _, err := v.put(r, "kept", "1.0.0", 1); err != nil {
		t.Fatal(err)
	}
	var loose meta.Blob
	v.update(func(ctx context.Context, tx *meta.Tx) (err error) {
		loose, err = tx.ReserveBlob(ctx, sums(2), 2, v.now)
		return err
	})
	later := v.now.Add(time.Hour)
	ids, err := v.db.Now().Unreferenced(v.ctx, later, 0, 10)
	v.equal("unreferenced", tuple(ids, err), tuple([]int64{loose.ID}, nil))
	kept, _, err := v.db.Now().Asset(v.ctx, larder.AssetRef{Version: larder.VersionRef{Package: v.ref(r, "kept"), Version: "1.0.0"}, Name: "package.tgz"})
	if err != nil {
		t.Fatal(err)
	}
	v.equal("bury what is named", v.db.Fault(v.db.Update(v.ctx, func(ctx context.Context, tx *meta.Tx) error {
		return tx.Bury(ctx, kept.Blob.ID, later, later)
	})), meta.Dangling)
	v.update(func(ctx context.Context, tx *meta.Tx) error { return tx.Bury(ctx, loose.ID, v.now, later) })
	graves, err := v.db.Now().Graves(v.ctx, later.Add(time.Hour), 10)
	v.equal("too young to bury", tuple(graves, err), "[] <nil>")
	v.update(func(ctx context.Context, tx *meta.Tx) error { return tx.Bury(ctx, loose.ID, later, later) })
	graves, err = v.db.Now().Graves(v.ctx, later.Add(time.Hour), 10)
	v.equal("buried", tuple(len(graves), err, graves[0].ID == loose.ID, graves[0].SHA256 == loose.Sums.SHA256), "1 <nil> true true")

	err = v.db.Publish(v.ctx, func(ctx context.Context, tx *meta.Tx) error {
		p, err := tx.TouchPackage(ctx, r.ID, v.ref(r, "late"), meta.OriginControls{}, v.now)
		if err != nil {
			return err
		}
		id, err := tx.InsertVersion(ctx, meta.Version{Package: p.ID, Version: "1.0.0"}, nil, nil)
		if err != nil {
			return err
		}
		return tx.InsertAsset(ctx, id, meta.Asset{Name: "x", Blob: loose, AddedAt: v.now})
	})
	if !errors.Is(err, meta.ErrBlobGone) {
		t.Errorf("publish of a buried blob: got %v, want %v", err, meta.ErrBlobGone)
	}
	again := meta.Blob{}
	v.update(func(ctx context.Context, tx *meta.Tx) (err error) {
		again, err = tx.ReserveBlob(ctx, sums(2), 2, v.now)
		return errors.Join(err, tx.CloseGrave(ctx, loose.ID))
	})
	if again.ID == loose.ID {
		t.Error("the row's ID was used again")
	}
}
