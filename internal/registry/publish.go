package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
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
	_, err := r.publish(ctx, v, p)
	return err
}

// PublishPackageVersion is Publish of one asset. It returns the version as it
// is afterwards.
func (r *Registry) PublishPackageVersion(ctx context.Context, v larder.VersionRef, a format.NewAsset, s larder.Status) (VersionRecord, error) {
	return r.publish(ctx, v, format.Publication{Assets: []format.NewAsset{a}, Status: s})
}

func (r *Registry) publish(ctx context.Context, v larder.VersionRef, p format.Publication) (meta.Version, error) {
	f, ok := r.Formats[v.Package.Format]
	if !ok {
		return meta.Version{}, fmt.Errorf("publish %s: the format is not known", v)
	}
	if err := r.authorize(ctx, actionPublish, v.ARN(r.Region)); err != nil {
		return meta.Version{}, err
	}
	uploads, err := ours(v.Package, p.Assets)
	if err != nil {
		return meta.Version{}, fmt.Errorf("publish %s: %w", v, err)
	}
	if err := r.guard(ctx, v); err != nil {
		return meta.Version{}, err
	}
	n := publication{Publication: p, ref: v, grows: f.Grows, at: r.now()}
	if err := n.prepare(r); err != nil {
		return meta.Version{}, err
	}
	for attempt := 1; ; attempt++ {
		if n.blobs, err = r.placeAll(ctx, uploads); err != nil {
			return meta.Version{}, err
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
			return n.version, nil
		}
		r.changed(repository, v.Package)
		return n.version, err
	}
}

// ours returns the uploads of assets, whose names must differ and whose bytes
// must be what the client claims. Those that share the bytes of others have
// none.
func ours(p larder.PackageRef, assets []format.NewAsset) ([]*Upload, error) {
	uploads := make([]*Upload, len(assets))
	for i, a := range assets {
		u, ok := a.Upload.(*Upload)
		if !ok && (a.Upload != nil || a.Of.Version.Package != p) {
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
	blobs         []meta.Blob  // of Assets, one by one
	version       meta.Version // as it is once this is committed
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
	pkg, admission, err := r.touch(ctx, tx, repository, n.ref.Package, publishedOrigin, n.at)
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
	if err := admission.refusePublish(n.ref.Package, repository); err != nil {
		return err
	}
	if err := n.share(ctx, tx); err != nil {
		return err
	}
	version, exists, err := tx.Version(ctx, pkg.ID, n.ref.Version)
	if err != nil {
		return err
	}
	n.version = version
	fresh, freed := n.all(), int64(0)
	if exists {
		if fresh, freed, err = r.grow(ctx, tx, repository, n); err != nil {
			return err
		}
	} else if err := n.insert(ctx, tx, pkg, repository); err != nil {
		return err
	}
	added, err := n.add(ctx, tx, repository, n.version.ID, fresh)
	if err != nil {
		return err
	}
	if err := setTags(ctx, tx, pkg, n.ref.Version, n.Tags); err != nil || added == freed {
		return err
	}
	return tx.AddDomainBytes(ctx, repository.Domain, added-freed) // last: it is the row that other packages' publishes wait for
}

// share finds the blobs of the assets that share another's bytes.
func (n *publication) share(ctx context.Context, tx *meta.Tx) error {
	for i, a := range n.Assets {
		if a.Upload != nil {
			continue
		}
		found, ok, err := tx.Asset(ctx, a.Of)
		if err != nil {
			return err
		}
		if !ok || found.Known != nil {
			return noAsset(a.Of)
		}
		n.blobs[i] = found.Blob
	}
	return nil
}

// insert makes the version.
func (n *publication) insert(ctx context.Context, tx *meta.Tx, pkg meta.Package, repository meta.Repository) (err error) {
	n.version = meta.Version{
		Package: pkg.ID, Version: n.ref.Version, Revision: n.revision, Status: n.Status,
		PublishedAt: n.at, OriginRepository: repository.Ref.Name,
	}
	if n.Facts != nil {
		n.version.Manifest = n.Facts.Manifest
	}
	n.version.ID, err = tx.InsertVersion(ctx, n.version, n.facts, n.readme)
	return err
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
		a := n.Assets[i]
		if err := tx.InsertAsset(ctx, version, meta.Asset{
			Name: a.Name, Blob: b, AddedAt: n.at, Companion: a.Companion, Manifest: a.Manifest,
		}); err != nil {
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

// grow makes room in a version that is there: it returns the indices of the
// assets that the version does not have yet, and how many bytes fewer are in
// the domain for those that were replaced. Other bytes under a name that it
// has, or a new name where the format's versions do not grow, are
// larder.Conflict. An Unfinished version is finished by a publication that
// does not say that it still is.
func (r *Registry) grow(ctx context.Context, tx *meta.Tx, repository meta.Repository, n *publication) (fresh []int, freed int64, err error) {
	v := &n.version
	conflict := &larder.Error{
		Kind: larder.Conflict, Resource: "package-version", ID: n.ref.Version,
		Message: "Version " + n.ref.Version + " of package " + n.ref.Package.String() + " already exists with other content.",
	}
	if v.Status == larder.Archived || v.Status == larder.Disposed {
		conflict.Message = "Version " + n.ref.Version + " of package " + n.ref.Package.String() + " already exists and is " + string(v.Status) + "."
		return nil, 0, conflict
	}
	have, err := tx.Assets(ctx, v.ID)
	if err != nil {
		return nil, 0, err
	}
	fresh, gone, ok := n.compare(have)
	status := v.Status
	if status == larder.Unfinished {
		status = n.Status
	}
	changed := len(fresh) > 0 || len(gone) > 0
	switch {
	case !ok, changed && (n.grows == format.Never || n.grows == format.WhileUnfinished && v.Status != larder.Unfinished):
		return nil, 0, conflict
	case !changed && status == v.Status:
		return nil, 0, errUnchanged
	case changed:
		v.Revision = n.revision
	}
	v.Status = status
	if err := tx.SetVersion(ctx, v.ID, v.Revision, v.Status); err != nil {
		return nil, 0, err
	}
	if v.Retained {
		if err := tx.Adopt(ctx, v.ID); err != nil {
			return nil, 0, err
		}
	}
	if n.Facts != nil {
		if err := tx.SetFacts(ctx, v.ID, n.Facts.Manifest, n.facts, n.readme); err != nil {
			return nil, 0, err
		}
	}
	freed, err = r.removeAssets(ctx, tx, repository.Domain, v.ID, gone)
	return fresh, freed, err
}

// compare tells Assets from those that a version has: which are new, and
// which must go for them if they replace all. It is not ok if there are other
// bytes under a name, and not to be replaced.
func (n *publication) compare(have []meta.Asset) (fresh []int, gone []meta.Asset, ok bool) {
	left := make(map[string]meta.Asset, len(have))
	for _, h := range have {
		left[h.Name] = h
	}
	for i, a := range n.Assets {
		h, there := left[a.Name]
		switch {
		case there && h.Known == nil && h.Blob.Sums.SHA256 == n.blobs[i].Sums.SHA256:
			delete(left, a.Name)
		case there && !n.Replace:
			return nil, nil, false
		default:
			fresh = append(fresh, i)
		}
	}
	if n.Replace {
		gone = slices.Collect(maps.Values(left))
	}
	return fresh, gone, true
}
