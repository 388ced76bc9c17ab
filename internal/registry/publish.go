package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/meta"
)

const (
	allow = "ALLOW"
	block = "BLOCK"

	actionPublish = "codeartifact:PublishPackageVersion"

	// placeAttempts bounds how often a publish starts over because the
	// collector took a blob that it had placed. The grace period makes one
	// unlikely.
	placeAttempts = 5
)

// errUnchanged ends a publish of what is there already.
var errUnchanged = errors.New("nothing new")

// Publish makes assets part of a version, and the version if it is new. The
// caller in ctx is judged before anything is stored, and again at commit. The
// same bytes under the same name again are fine and change nothing; other
// bytes are larder.Conflict.
func (r *Registry) Publish(ctx context.Context, v larder.VersionRef, p format.Publication) error {
	f, ok := r.Formats[v.Package.Format]
	if !ok {
		return fmt.Errorf("publish %s: the format is not known", v)
	}
	if err := r.authorize(ctx, actionPublish, v.ARN(r.Region)); err != nil {
		return err
	}
	uploads, err := ours(p.Assets)
	if err != nil {
		return fmt.Errorf("publish %s: %w", v, err)
	}
	n := publication{Publication: p, ref: v, grows: f.Grows, at: r.now()}
	if err := n.prepare(r); err != nil {
		return err
	}
	for attempt := 1; ; attempt++ {
		if n.blobs, err = r.placeAll(ctx, uploads); err != nil {
			return err
		}
		var repository int64
		err := r.DB.Publish(ctx, func(ctx context.Context, tx *meta.Tx) error {
			row, err := tx.Repository(ctx, v.Package.Repository)
			if err != nil {
				return err
			}
			repository = row.ID
			return r.commit(ctx, tx, row, &n)
		})
		switch {
		case errors.Is(err, meta.ErrBlobGone) && attempt < placeAttempts:
			continue
		case errors.Is(err, errUnchanged):
			return nil
		}
		r.changed(repository, v.Package)
		return err
	}
}

// ours returns the uploads of assets, whose names must differ and whose bytes
// must be what the client claims.
func ours(assets []format.NewAsset) ([]*Upload, error) {
	uploads := make([]*Upload, len(assets))
	for i, a := range assets {
		u, ok := a.Upload.(*Upload)
		if !ok {
			return nil, errors.New("an upload that did not come from here")
		}
		if slices.ContainsFunc(assets[:i], func(b format.NewAsset) bool { return a.Name == b.Name }) {
			return nil, larder.Errorf(larder.Invalid, "The asset %s comes twice.", a.Name)
		}
		if err := claimsHold(a); err != nil {
			return nil, err
		}
		uploads[i] = u
	}
	return uploads, nil
}

// publication is a publish on its way to its commit.
type publication struct {
	format.Publication
	ref           larder.VersionRef
	grows         format.Growth
	at            time.Time
	revision      string
	facts, readme []byte
	blobs         []meta.Blob // of Assets, one by one
}

// prepare computes what the transaction must not.
func (n *publication) prepare(r *Registry) (err error) {
	if n.Status == "" {
		n.Status = larder.Published
	}
	if n.revision, err = r.newRevision(); err != nil {
		return err
	}
	if n.Facts == nil {
		return nil
	}
	n.readme = n.Facts.Readme
	n.facts, err = json.Marshal(factsOf(*n.Facts))
	return err
}

// commit writes a publication. Everything that may have changed since the
// request began is read again here.
func (r *Registry) commit(ctx context.Context, tx *meta.Tx, repository meta.Repository, n *publication) error {
	pkg, err := tx.TouchPackage(ctx, repository.ID, n.ref.Package, meta.OriginControls{Publish: allow, Upstream: block}, n.at)
	if err != nil {
		if tx.Fault(err) == meta.Dangling {
			return meta.NoRepository(repository.Ref)
		}
		return err
	}
	if err := r.authorize(ctx, actionPublish, n.ref.ARN(r.Region)); err != nil {
		return err
	}
	if pkg.Origin.Publish == block {
		return larder.Errorf(larder.Denied, "Versions of package %s cannot be published to repository '%s': its origin configuration blocks it.",
			n.ref.Package, repository.Ref.Name)
	}
	version, exists, err := tx.Version(ctx, pkg.ID, n.ref.Version)
	if err != nil {
		return err
	}
	fresh := n.all()
	if exists {
		if fresh, err = n.grow(ctx, tx, version); err != nil {
			return err
		}
	} else {
		version = meta.Version{
			Package: pkg.ID, Version: n.ref.Version, Revision: n.revision, Status: n.Status,
			PublishedAt: n.at, OriginRepository: repository.Ref.Name,
		}
		if n.Facts != nil {
			version.Manifest = n.Facts.Manifest
		}
		if version.ID, err = tx.InsertVersion(ctx, version, n.facts, n.readme); err != nil {
			return err
		}
	}
	added, err := n.add(ctx, tx, repository, version.ID, fresh)
	if err != nil {
		return err
	}
	if err := setTags(ctx, tx, pkg, n.ref.Version, n.Tags); err != nil || added == 0 {
		return err
	}
	return tx.AddDomainBytes(ctx, repository.Domain, added) // last: it is the row that other packages' publishes wait for
}

// add inserts fresh, indices of Assets, and returns how many bytes are new in
// the domain.
func (n *publication) add(ctx context.Context, tx *meta.Tx, repository meta.Repository, version int64, fresh []int) (added int64, err error) {
	for _, i := range fresh {
		b := n.blobs[i]
		if err := tx.HoldBlob(ctx, b.ID); err != nil {
			return 0, err
		}
		known, err := tx.InDomain(ctx, b.ID, repository.Domain)
		if err != nil {
			return 0, err
		}
		if !known {
			added += b.Size
		}
		if err := tx.InsertAsset(ctx, version, meta.Asset{Name: n.Assets[i].Name, Blob: b, AddedAt: n.at}); err != nil {
			return 0, err
		}
	}
	return added, nil
}

// all returns the indices of Assets.
func (n *publication) all() []int {
	indices := make([]int, len(n.Assets))
	for i := range indices {
		indices[i] = i
	}
	return indices
}

// grow returns the indices of the assets that a version does not have yet.
// Other bytes under a name that it has, or a new name where the format's
// versions do not grow, are larder.Conflict. An Unfinished version is
// finished by a publication that does not say that it still is.
func (n *publication) grow(ctx context.Context, tx *meta.Tx, version meta.Version) ([]int, error) {
	conflict := &larder.Error{
		Kind: larder.Conflict, Resource: "package-version", ID: n.ref.Version,
		Message: "Version " + n.ref.Version + " of package " + n.ref.Package.String() + " already exists with other content.",
	}
	if version.Status == larder.Archived || version.Status == larder.Disposed {
		conflict.Message = "Version " + n.ref.Version + " of package " + n.ref.Package.String() + " already exists and is " + string(version.Status) + "."
		return nil, conflict
	}
	have, err := tx.Assets(ctx, version.ID, "", 0)
	if err != nil {
		return nil, err
	}
	var fresh []int
	for i, a := range n.Assets {
		at := slices.IndexFunc(have, func(h meta.Asset) bool { return h.Name == a.Name })
		if at < 0 {
			fresh = append(fresh, i)
		} else if have[at].Blob.Sums.SHA256 != n.blobs[i].Sums.SHA256 {
			return nil, conflict
		}
	}
	status := version.Status
	if status == larder.Unfinished {
		status = n.Status
	}
	switch {
	case len(fresh) == 0 && status == version.Status:
		return nil, errUnchanged
	case len(fresh) > 0 && (n.grows == format.Never || n.grows == format.WhileUnfinished && version.Status != larder.Unfinished):
		return nil, conflict
	}
	return fresh, tx.SetVersion(ctx, version.ID, n.revision, status)
}
