package registry

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"iter"
	"strconv"

	"larder.example/larder"
	"larder.example/larder/internal/blob"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/meta"
)

const actionRead = "codeartifact:ReadFromRepository"

// packagesPage is how many packages a listing reads at a time.
const packagesPage = 100

// served reports whether clients may fetch the assets of a version of that
// status.
func served(s larder.Status) bool { return s == larder.Published || s == larder.Unlisted }

// Package returns a package as clients may see it; see format.Registry.
func (r *Registry) Package(ctx context.Context, ref larder.PackageRef) (*format.Package, error) {
	if err := r.authorize(ctx, actionRead, ref.Repository.ARN(r.Region)); err != nil {
		return nil, err
	}
	return view(ctx, r, func(inside context.Context, tx *meta.Tx) (*format.Package, error) {
		row, err := tx.Package(inside, ref)
		if err != nil {
			return nil, err
		}
		return r.shown(inside, tx, row, r.versions(ctx, row.ID)) // read later, when inside has ended
	})
}

// shown returns a package as clients may see it, or larder.NotFound if they
// may not.
func (r *Registry) shown(ctx context.Context, tx *meta.Tx, row meta.Package, versions iter.Seq2[format.Version, error]) (*format.Package, error) {
	has, err := tx.HasServed(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	if !has {
		return nil, meta.NoPackage(row.Ref)
	}
	tags, err := tx.PackageTags(ctx, row.ID)
	if err != nil {
		return nil, err
	}
	return &format.Package{
		Ref:      row.Ref,
		Stamp:    strconv.FormatInt(row.ID, 36) + "." + strconv.FormatInt(row.Seq, 36),
		Tags:     tags,
		Versions: versions,
	}, nil
}

// Version returns a version as its publisher sees it; see format.Registry.
func (r *Registry) Version(ctx context.Context, ref larder.VersionRef) (*format.Version, error) {
	if err := r.authorize(ctx, actionPublish, ref.ARN(r.Region)); err != nil {
		return nil, err
	}
	return view(ctx, r, func(ctx context.Context, tx *meta.Tx) (*format.Version, error) {
		v, err := version(ctx, tx, ref)
		if err != nil {
			return nil, err
		}
		assets, err := tx.Assets(ctx, v.ID)
		if err != nil {
			return nil, err
		}
		if v.Manifest, v.Notes, err = tx.Manifest(ctx, v.ID); err != nil {
			return nil, err
		}
		shown := shownVersion(v, assets)
		return &shown, nil
	})
}

// shownVersion is a version as formats see it.
func shownVersion(v meta.Version, assets []meta.Asset) format.Version {
	shown := format.Version{Version: v.Version, Status: v.Status, PublishedAt: v.PublishedAt, Manifest: v.Manifest}
	if len(v.Notes) > 0 {
		shown.Notes = v.Notes
	}
	for _, a := range assets {
		if !a.Companion {
			shown.Assets = append(shown.Assets, shownAsset(a))
		}
	}
	return shown
}

// shownAsset is an asset as formats see it.
func shownAsset(a meta.Asset) format.Asset {
	shown := format.Asset{Name: a.Name, At: a.AddedAt, Companion: a.Companion}
	if a.Known == nil {
		shown.Stored, shown.Size, shown.Sums = true, a.Blob.Size, hexSums(a.Blob.Sums)
	} else {
		shown.URL, shown.Size, shown.Sums = a.Known.URL, a.Known.Size, knownSums(a)
	}
	if len(a.Manifest) > 0 {
		shown.Manifest = a.Manifest
	}
	return shown
}

// knownSums are what is known of the digests of an asset.
func knownSums(a meta.Asset) format.Sums {
	if a.Known == nil {
		return hexSums(a.Blob.Sums)
	}
	return format.Sums{MD5: a.Known.MD5, SHA1: a.Known.SHA1, SHA256: a.Known.SHA256, SHA512: a.Known.SHA512}
}

// errEnough ends a reading that the reader has enough of.
var errEnough = errors.New("enough")

// versions reads the versions of a package each time it is ranged over, ahead
// of who does.
func (r *Registry) versions(ctx context.Context, pkg int64) iter.Seq2[format.Version, error] {
	return ahead(func(yield func(format.Version, error) bool) {
		err := r.DB.Now().Served(ctx, pkg, func(v meta.Version, assets []meta.Asset) error {
			if !yield(shownVersion(v, assets), nil) {
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(format.Version{}, err)
		}
	})
}

// Packages yields the packages of one format that clients may see; see
// format.Registry.
func (r *Registry) Packages(ctx context.Context, ref larder.RepositoryRef, f larder.Format, q format.Query) iter.Seq2[*format.Package, error] {
	return func(yield func(*format.Package, error) bool) {
		err := r.authorize(ctx, actionRead, ref.ARN(r.Region))
		last := meta.PackageKey{Format: f, Namespace: q.Namespace, Name: q.After}
		for more := true; more && err == nil; {
			var page []*format.Package
			page, more, err = r.packages(ctx, ref, &last, q)
			for _, p := range page {
				if !yield(p, nil) {
					return
				}
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// packages returns the next page of packages behind last, which it moves on.
func (r *Registry) packages(ctx context.Context, ref larder.RepositoryRef, last *meta.PackageKey, q format.Query) (page []*format.Package, more bool, err error) {
	err = r.DB.View(ctx, func(inside context.Context, tx *meta.Tx) error {
		repository, err := tx.Repository(inside, ref)
		if err != nil {
			return err
		}
		rows, err := tx.Packages(inside, repository, meta.PackageQuery{
			Format: last.Format, NamespacePrefix: q.Namespace,
			NamePrefix: q.Prefix, Last: *last, Limit: packagesPage,
		})
		if err != nil {
			return err
		}
		more = len(rows) == packagesPage
		for _, row := range rows {
			if q.Namespace != "" && row.Ref.Namespace != q.Namespace { // one that begins with it
				more = false
				break
			}
			last.Namespace, last.Name = row.Ref.Namespace, row.Ref.Name
			p, err := r.shown(inside, tx, row, r.versions(ctx, row.ID))
			if larder.NotFound.Is(err) {
				continue
			}
			if err != nil {
				return err
			}
			page = append(page, p)
		}
		return nil
	})
	return page, more, err
}

// StoredAsset is an asset that clients may fetch.
type StoredAsset struct {
	format.Asset
	blob meta.Blob
}

// Asset finds an asset that clients may fetch; see Package for who may ask.
func (r *Registry) Asset(ctx context.Context, ref larder.AssetRef) (StoredAsset, error) {
	if err := r.authorize(ctx, actionRead, ref.Version.Package.Repository.ARN(r.Region)); err != nil {
		return StoredAsset{}, err
	}
	a, ok, err := r.DB.Now().Asset(ctx, ref)
	if err != nil {
		return StoredAsset{}, err
	}
	if !ok || !served(a.Status) {
		return StoredAsset{}, noAsset(ref)
	}
	return StoredAsset{shownAsset(a.Asset), a.Blob}, nil
}

func noAsset(ref larder.AssetRef) error {
	return &larder.Error{
		Kind: larder.NotFound, Resource: "asset", ID: ref.Name,
		Message: "Asset not found. Asset '" + ref.Name + "' of version '" + ref.Version.Version + "' of package '" +
			ref.Version.Package.String() + "' does not exist in repository '" + ref.Version.Package.Repository.Name + "'.",
	}
}

// Open opens the bytes of an asset that [Registry.Asset] found.
func (r *Registry) Open(ctx context.Context, a StoredAsset) (io.ReadSeekCloser, error) {
	return r.open(ctx, a.blob)
}

// open opens stored bytes. If they are not in the store, whatever became of
// them, that is noted: the next publish of the same bytes stores them again.
func (r *Registry) open(ctx context.Context, b meta.Blob) (io.ReadSeekCloser, error) {
	content, err := r.Blobs.Open(ctx, blobKey(b), b.Size)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, blob.ErrDamaged) {
		r.log().ErrorContext(ctx, "stored bytes are lost: publish them again", "blob", blobKey(b).String(), "err", err)
		r.DB.Later(func(ctx context.Context, tx *meta.Tx) error { return tx.LoseBlob(ctx, b.ID) })
	}
	return content, err
}
