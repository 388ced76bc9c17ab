package metatest

import (
	"context"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
)

// held keeps a package that came through a connection in two repositories,
// once without bytes.
func held(t *testing.T, v *env) {
	const connection = "public:npmjs"
	first := v.repository()
	second := first
	second.Ref.Name = "second"
	v.update(func(ctx context.Context, tx *meta.Tx) (err error) {
		second.ID, err = tx.InsertRepository(ctx, second)
		return err
	})
	if _, err := v.put(first, "thing", "0.9", 1); err != nil { // published here
		t.Fatal(err)
	}
	var b meta.Blob
	v.update(func(ctx context.Context, tx *meta.Tx) (err error) {
		b, err = tx.ReserveBlob(ctx, sums(2), 2, v.now)
		return err
	})
	for _, k := range []struct {
		in      meta.Repository
		version string
		asset   meta.Asset
	}{
		{second, "1.0", meta.Asset{Name: "package.tgz", AddedAt: v.now, Known: &meta.Known{SHA256: "two"}}},
		{first, "1.1", meta.Asset{Name: "package.tgz", AddedAt: v.now, Known: &meta.Known{}}},
		{first, "1.0", meta.Asset{Name: "package.tgz", AddedAt: v.now, Blob: b}},
	} {
		v.update(func(ctx context.Context, tx *meta.Tx) error {
			p, err := tx.TouchPackage(ctx, k.in.ID, v.ref(k.in, "thing"), meta.OriginControls{Publish: "BLOCK", Upstream: "ALLOW"}, v.now)
			if err != nil {
				return err
			}
			id, err := tx.InsertVersion(ctx, meta.Version{
				Package: p.ID, Version: k.version, Revision: "r", Status: larder.Published, PublishedAt: v.now, OriginConnection: connection,
			}, nil, nil)
			if err != nil {
				return err
			}
			return tx.InsertAsset(ctx, id, k.asset)
		})
	}
	found := func(connection, name, version string) (all []string) {
		held, err := v.db.Now().HeldFrom(v.ctx, connection, v.ref(first, name), version)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range held {
			sum := h.Blob.Sums.SHA256[0]
			all = append(all, tuple(h.Repository, h.Version, h.Name, h.Known != nil, sum))
		}
		return all
	}
	want := []string{
		tuple(first.Ref, "1.0", "package.tgz", false, 2),
		tuple(second.Ref, "1.0", "package.tgz", true, 0),
		tuple(first.Ref, "1.1", "package.tgz", true, 0),
	}
	v.equal("of all versions", found(connection, "thing", ""), want)
	v.equal("of one version", found(connection, "thing", "1.0"), want[:2])
	v.equal("of a version that was published here", len(found(connection, "thing", "0.9")), 0)
	v.equal("of another connection", len(found("public:pypi", "thing", "")), 0)
	v.equal("of another package", len(found(connection, "other", "")), 0)
}
