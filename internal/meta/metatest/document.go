package metatest

import (
	"context"
	"errors"
	"testing"
	"time"

	"larder.example/larder/internal/meta"
)

func documents(t *testing.T, v *env) {
	const connection, path = "public:npmjs", "@a/b"
	if d, found, err := v.db.Now().Document(v.ctx, connection, path); found || err != nil {
		t.Fatalf("got %v %v %v, want nothing", d, found, err)
	}
	reserve := func(n byte) (b meta.Blob) {
		v.update(func(ctx context.Context, tx *meta.Tx) (err error) {
			b, err = tx.ReserveBlob(ctx, sums(n), int64(n), v.now)
			return err
		})
		return b
	}
	put := func(d meta.Document, now time.Time) error {
		return v.db.Publish(v.ctx, func(ctx context.Context, tx *meta.Tx) error {
			if err := tx.HoldBlob(ctx, d.Blob.ID); err != nil {
				return err
			}
			return tx.PutDocument(ctx, d, now)
		})
	}
	want := meta.Document{
		Connection: connection, Path: path, URL: "https://npm.test/@a%2fb", ContentType: "application/json",
		ETag: `W/"1"`, Modified: "yesterday", ChangedAt: v.now.Add(-time.Hour), StoredAt: v.now,
	}
	for n := byte(1); n <= 2; n++ {
		want.Blob = reserve(n)
		want.Blob.Placed = true
		if err := put(want, v.now.Add(time.Minute)); err != nil {
			t.Fatal(err)
		}
		got, found, err := v.db.Now().Document(v.ctx, connection, path)
		v.equal("document", tuple(got, found, err), tuple(want, true, nil))
		want.ETag, want.ChangedAt = "", time.Time{} // not all say so
	}
	ids, err := v.db.Now().Unreferenced(v.ctx, v.now.Add(time.Hour), 0, 10)
	if err != nil || len(ids) != 1 || ids[0] == want.Blob.ID {
		t.Errorf("unreferenced: got %v %v, want the bytes of before", ids, err)
	}
	if ids, err = v.db.Now().Unreferenced(v.ctx, v.now.Add(time.Minute), 0, 10); err != nil || len(ids) != 0 {
		t.Errorf("unreferenced before the grace period: got %v %v", ids, err)
	}
	later := v.now.Add(2 * time.Hour)
	v.equal("bury what is named", v.db.Fault(v.db.Update(v.ctx, func(ctx context.Context, tx *meta.Tx) error {
		return tx.Bury(ctx, want.Blob.ID, later, later)
	})), meta.Dangling)
	gone := reserve(3)
	v.update(func(ctx context.Context, tx *meta.Tx) error { return tx.Bury(ctx, gone.ID, later, later) })
	want.Blob = gone
	if err := put(want, v.now); !errors.Is(err, meta.ErrBlobGone) {
		t.Errorf("a document of buried bytes: got %v, want %v", err, meta.ErrBlobGone)
	}
}
