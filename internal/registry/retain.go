package registry

import (
	"context"
	"slices"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/meta"
)

// retainedOrigin are the origin controls of a package whose first version came
// from upstream: nobody publishes under the name of what others make.
var retainedOrigin = meta.OriginControls{Publish: block, Upstream: allow}

// retain keeps what a client fetched in the repository that was asked: the
// version with all its files, of which those that nobody fetched yet are only
// known. What came through an external connection is kept in the repository
// that has the connection too; repositories between the two keep nothing.
// fetched are the bytes that have come, nil where the place had them.
//
// What a repository retains is its own: it stays, whatever becomes of the
// place that it came from.
func (r *Registry) retain(ctx context.Context, ref larder.AssetRef, o offer, fetched *Fetched) error {
	asked := ref.Version.Package.Repository
	if (o.asset.Companion || o.known != nil && o.known.Companion) && o.place.repository != asked {
		return nil // by itself it says nothing about whether the file is wanted
	}
	k := keeping{registry: r, ref: ref, offer: o, fetched: fetched}
	var err error
	if k.revision, err = r.newRevision(); err != nil {
		return err
	}
	places := []larder.RepositoryRef{asked}
	if o.connection != "" && o.place.repository != asked {
		places = append(places, o.place.repository)
	}
	// Always in one order, so that no two wait for each other.
	slices.SortFunc(places, func(a, b larder.RepositoryRef) int { return strings.Compare(a.Name, b.Name) })
	var changed []meta.Package
	err = r.DB.Publish(ctx, func(ctx context.Context, tx *meta.Tx) error {
		changed = changed[:0]
		if err := k.read(ctx, tx); err != nil {
			return err
		}
		for _, place := range places {
			pkg, quiet, err := k.in(ctx, tx, place)
			if err != nil {
				return err
			}
			if !quiet {
				changed = append(changed, pkg)
			}
		}
		return nil
	})
	for _, pkg := range changed {
		r.changed(pkg.Repository, pkg.Ref)
	}
	return err
}

// keeping is a retention on its way to its commit.
type keeping struct {
	registry *Registry
	ref      larder.AssetRef
	offer    offer
	fetched  *Fetched
	revision string // of versions that have changed, and of new ones that have none

	version       meta.Version // as it is kept
	facts, readme []byte
	assets        []meta.Asset
	tags          []string // that point at the version
}

// read finds out what there is to keep.
func (k *keeping) read(ctx context.Context, tx *meta.Tx) (err error) {
	if k.offer.version.ID == 0 {
		k.fromOutside()
		return nil
	}
	from := k.offer.version
	k.version = from
	if k.version.Manifest, k.version.Notes, err = tx.Manifest(ctx, from.ID); err != nil {
		return err
	}
	if k.facts, k.readme, err = tx.Facts(ctx, from.ID); err != nil {
		return err
	}
	if k.assets, err = tx.Assets(ctx, from.ID); err != nil {
		return err
	}
	tags, err := tx.PackageTags(ctx, from.Package)
	k.tags = aliases(tags, from.Version)
	return err
}

// fromOutside makes a version of what an index says, or of the one file that
// came where it says nothing about files.
func (k *keeping) fromOutside() {
	k.version = meta.Version{
		Version: k.ref.Version.Version, Revision: k.revision, Status: larder.Published,
		PublishedAt: k.registry.now(), OriginConnection: k.offer.connection,
	}
	if at := k.fetched.At; !at.IsZero() {
		k.version.PublishedAt = at
	}
	k.assets = nil
	v := k.offer.outside
	if v == nil {
		k.assets = []meta.Asset{{Name: k.ref.Name, AddedAt: k.version.PublishedAt, Known: &meta.Known{}}}
		return
	}
	if !v.PublishedAt.IsZero() {
		k.version.PublishedAt = v.PublishedAt
	}
	k.version.Manifest, k.version.Notes = v.Manifest, v.Notes
	k.tags = aliases(k.offer.tags, v.Version)
	for _, a := range v.Assets {
		k.assets = append(k.assets, knownAsset(a, k.version))
	}
}

// knownAsset is what is kept of an asset that nobody fetched yet.
func knownAsset(a format.Asset, of meta.Version) meta.Asset {
	kept := meta.Asset{
		Name: a.Name, AddedAt: a.At, Companion: a.Companion, Manifest: a.Manifest,
		Known: &meta.Known{
			URL: a.URL, Size: a.Size,
			MD5: a.Sums.MD5, SHA1: a.Sums.SHA1, SHA256: a.Sums.SHA256, SHA512: a.Sums.SHA512,
		},
	}
	if kept.AddedAt.IsZero() {
		kept.AddedAt = of.PublishedAt
	}
	return kept
}

// aliases are the tags that point at a version.
func aliases(tags map[string]string, version string) (all []string) {
	for tag, v := range tags {
		if v == version {
			all = append(all, tag)
		}
	}
	slices.Sort(all)
	return all
}

// in keeps the version in one repository, and returns the package there, and
// whether clients see it as before: the index that is merged with what is kept
// has told of the version already. A repository that is gone, or into which
// nothing may come from there by now, keeps nothing.
func (k *keeping) in(ctx context.Context, tx *meta.Tx, place larder.RepositoryRef) (pkg meta.Package, quiet bool, err error) {
	repository, err := tx.Repository(ctx, place)
	if larder.NotFound.Is(err) {
		return pkg, true, nil
	}
	if err != nil {
		return pkg, false, err
	}
	ref := k.ref.Version.Package
	ref.Repository = place
	var admission admission
	pkg, admission, err = k.registry.touch(ctx, tx, repository, ref, retainedOrigin, k.registry.now())
	if err != nil {
		return pkg, false, err
	}
	by := meta.InternalUpstream
	if k.offer.connection != "" && k.offer.place.repository == place {
		by = meta.ExternalUpstream
	}
	if !admission.lets(by, repository.ID) {
		pkg.Origin.Upstream = block
	}
	v, there, err := tx.Version(ctx, pkg.ID, k.version.Version)
	switch {
	case err != nil:
		return pkg, false, err
	case there:
		return pkg, false, k.add(ctx, tx, repository, pkg, v)
	case pkg.Origin.Upstream == block:
		return pkg, false, nil
	}
	quiet = k.offer.outside != nil
	if err = k.insert(ctx, tx, repository, pkg); err == nil && quiet {
		err = tx.Quieten(ctx, pkg.ID)
	}
	return pkg, quiet, err
}

// insert makes the version in a repository.
func (k *keeping) insert(ctx context.Context, tx *meta.Tx, repository meta.Repository, pkg meta.Package) error {
	v := k.version
	v.Package, v.Retained = pkg.ID, true
	id, err := tx.InsertVersion(ctx, v, k.facts, k.readme)
	if err != nil {
		return err
	}
	for _, a := range k.assets {
		if err := k.insertAsset(ctx, tx, repository, id, a); err != nil {
			return err
		}
	}
	for _, tag := range k.tags {
		if err := tx.SetPackageTag(ctx, pkg.ID, tag, v.Version); err != nil {
			return err
		}
	}
	return nil
}

// add makes a version that a repository has what it is upstream by now: it
// gains files, and the bytes of those that have come. What was not retained
// is as its publisher made it, but for bytes that it has waited for.
func (k *keeping) add(ctx context.Context, tx *meta.Tx, repository meta.Repository, pkg meta.Package, v meta.Version) error {
	if !sameOrigin(v, k.version) || !served(v.Status) {
		return nil
	}
	have, err := tx.Assets(ctx, v.ID)
	if err != nil {
		return err
	}
	grown, replace := false, changes(k.registry.Formats[pkg.Ref.Format], v) && k.offer.version.ID != v.ID
	for _, a := range k.assets {
		i := slices.IndexFunc(have, func(h meta.Asset) bool { return h.Name == a.Name })
		switch {
		case i >= 0 && have[i].Known != nil:
			err = k.fill(ctx, tx, repository, v.ID, a)
		case i >= 0 && (!replace || have[i].Blob.ID == a.Blob.ID):
		case i >= 0:
			grown = true
			if err = tx.ReleaseBlob(ctx, have[i].Blob.ID, k.registry.now()); err == nil {
				err = tx.DeleteAsset(ctx, v.ID, a.Name)
			}
			if err == nil {
				err = k.insertAsset(ctx, tx, repository, v.ID, a)
			}
		case v.Retained && pkg.Origin.Upstream != block:
			grown = true
			err = k.insertAsset(ctx, tx, repository, v.ID, a)
		}
		if err != nil {
			return err
		}
	}
	if !grown {
		return nil
	}
	if replace {
		if err := tx.SetFacts(ctx, v.ID, k.version.Manifest, k.facts, k.readme); err != nil {
			return err
		}
		return tx.SetVersion(ctx, v.ID, k.version.Revision, v.Status)
	}
	return tx.SetVersion(ctx, v.ID, k.revision, v.Status)
}

// came reports whether an asset is the one whose bytes have come.
func (k *keeping) came(a meta.Asset) bool { return k.fetched != nil && a.Name == k.ref.Name }

// insertAsset makes an asset of a version.
func (k *keeping) insertAsset(ctx context.Context, tx *meta.Tx, repository meta.Repository, version int64, a meta.Asset) error {
	if k.came(a) {
		a.Blob, a.Known = k.fetched.Blob, nil
	}
	if a.Known == nil {
		if err := k.hold(ctx, tx, repository, a.Blob); err != nil {
			return err
		}
	}
	return tx.InsertAsset(ctx, version, a)
}

// fill gives an asset that was only known the bytes that have come.
func (k *keeping) fill(ctx context.Context, tx *meta.Tx, repository meta.Repository, version int64, a meta.Asset) error {
	b := a.Blob
	if k.came(a) {
		b = k.fetched.Blob
	} else if a.Known != nil {
		return nil
	}
	if err := k.hold(ctx, tx, repository, b); err != nil {
		return err
	}
	_, err := tx.FillAsset(ctx, version, a.Name, b.ID)
	return err
}

// hold keeps a blob from the collector, and counts it if the domain did not
// have it.
func (k *keeping) hold(ctx context.Context, tx *meta.Tx, repository meta.Repository, b meta.Blob) error {
	if err := tx.HoldBlob(ctx, b.ID); err != nil {
		return err
	}
	known, err := tx.InDomain(ctx, b.ID, repository.Domain)
	if err != nil || known {
		return err
	}
	return tx.AddDomainBytes(ctx, repository.Domain, b.Size)
}
