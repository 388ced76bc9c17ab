package registry

import (
	"context"
	"errors"
	"iter"

	"larder.example/larder"
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
	layers, err := view(ctx, r, func(ctx context.Context, tx *meta.Tx) ([]layer, error) {
		repository, err := tx.Repository(ctx, ref.Repository)
		if err != nil {
			return nil, err
		}
		places, err := r.search(ctx, tx, repository, ref)
		if err != nil {
			return nil, err
		}
		return r.layers(ctx, tx, places)
	})
	if err != nil {
		return nil, err
	}
	r.consult(ctx, ref, layers)
	return r.merged(ctx, ref, layers)
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
		keys, err := tx.NamesInReach(inside, repository, meta.PackageQuery{
			NamespacePrefix: q.Namespace, NamePrefix: q.Prefix, Last: *last, Limit: packagesPage,
		})
		if err != nil {
			return err
		}
		more = len(keys) == packagesPage
		for _, k := range keys {
			if q.Namespace != "" && k.Namespace != q.Namespace { // one that begins with it
				more = false
				break
			}
			*last = k
			p, err := r.listed(ctx, inside, tx, repository, larder.PackageRef{
				Repository: ref, Format: k.Format, Namespace: k.Namespace, Name: k.Name,
			})
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

// listed returns a package of a listing: as clients may see it, but for what
// public registries know, which are not asked about each. Its versions are
// read later, under ctx, when inside has ended.
func (r *Registry) listed(ctx, inside context.Context, tx *meta.Tx, from meta.Repository, ref larder.PackageRef) (*format.Package, error) {
	places, err := r.search(inside, tx, from, ref)
	if err != nil {
		return nil, err
	}
	for i := range places {
		places[i].connection = ""
	}
	layers, err := r.layers(inside, tx, places)
	if err != nil {
		return nil, err
	}
	return r.merged(ctx, ref, layers)
}

func noAsset(ref larder.AssetRef) error {
	return &larder.Error{
		Kind: larder.NotFound, Resource: "asset", ID: ref.Name,
		Message: "Asset not found. Asset '" + ref.Name + "' of version '" + ref.Version.Version + "' of package '" +
			ref.Version.Package.String() + "' does not exist in repository '" + ref.Version.Package.Repository.Name + "'.",
	}
}
