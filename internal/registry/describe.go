package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/meta"
)

// ListPackages returns a page of a repository's packages, also those without
// versions.
func (r *Registry) ListPackages(ctx context.Context, ref larder.RepositoryRef, q PackageQuery) ([]PackageRecord, error) {
	return view(ctx, r, func(ctx context.Context, tx *meta.Tx) ([]PackageRecord, error) {
		repository, err := tx.Repository(ctx, ref)
		if err != nil {
			return nil, err
		}
		return tx.Packages(ctx, repository, q)
	})
}

// DescribePackage returns a package.
func (r *Registry) DescribePackage(ctx context.Context, ref larder.PackageRef) (PackageRecord, error) {
	return r.DB.Now().Package(ctx, ref)
}

// displayTag is the tag whose version stands for a package that has tags.
const displayTag = "latest"

// ListPackageVersions returns a page of a package's versions, whatever their
// status, and the version that stands for the package: the one tagged latest,
// else the one published last; empty if none is Published.
func (r *Registry) ListPackageVersions(ctx context.Context, ref larder.PackageRef, q VersionQuery) (page []VersionRecord, display string, err error) {
	page, err = view(ctx, r, func(ctx context.Context, tx *meta.Tx) ([]VersionRecord, error) {
		row, err := tx.Package(ctx, ref)
		if err != nil {
			return nil, err
		}
		if display, err = displayVersion(ctx, tx, row.ID); err != nil {
			return nil, err
		}
		return tx.Versions(ctx, row.ID, q)
	})
	return page, display, err
}

func displayVersion(ctx context.Context, tx *meta.Tx, pkg int64) (string, error) {
	tags, err := tx.PackageTags(ctx, pkg)
	if err != nil {
		return "", err
	}
	if tagged := tags[displayTag]; tagged != "" {
		v, ok, err := tx.Version(ctx, pkg, tagged)
		if err != nil || ok && v.Status == larder.Published {
			return v.Version, err
		}
	}
	newest, err := tx.Versions(ctx, pkg, meta.VersionQuery{Status: larder.Published, Newest: true, Limit: 1})
	if err != nil || len(newest) == 0 {
		return "", err
	}
	return newest[0].Version, nil
}

// version returns a version, whatever its status.
func version(ctx context.Context, tx *meta.Tx, ref larder.VersionRef) (meta.Version, error) {
	row, err := tx.Package(ctx, ref.Package)
	if err != nil {
		return meta.Version{}, err
	}
	return versionOf(ctx, tx, row, ref.Version)
}

// versionOf returns a version of a package, whatever its status.
func versionOf(ctx context.Context, tx *meta.Tx, row meta.Package, name string) (meta.Version, error) {
	v, ok, err := tx.Version(ctx, row.ID, name)
	if err == nil && !ok {
		err = meta.NoVersion(larder.VersionRef{Package: row.Ref, Version: name})
	}
	return v, err
}

// DescribedVersion is a version with what it says about itself.
type DescribedVersion struct {
	VersionRecord
	Facts  Facts
	Readme []byte
}

// DescribePackageVersion returns a version, whatever its status.
func (r *Registry) DescribePackageVersion(ctx context.Context, ref larder.VersionRef) (DescribedVersion, error) {
	var facts []byte
	d, err := view(ctx, r, func(ctx context.Context, tx *meta.Tx) (d DescribedVersion, err error) {
		if d.VersionRecord, err = version(ctx, tx, ref); err != nil {
			return d, err
		}
		facts, d.Readme, err = tx.Facts(ctx, d.ID)
		return d, err
	})
	switch {
	case err != nil:
		return d, err
	case len(facts) > 0:
		if err := json.Unmarshal(facts, &d.Facts); err != nil {
			return d, fmt.Errorf("read the facts of %s: %w", ref, err)
		}
	case d.OriginConnection != "":
		d.Facts, d.Readme, err = r.inspect(ctx, ref, d.VersionRecord)
	}
	return d, err
}

// ListPackageVersionAssets returns a version and a page of its assets by
// name.
func (r *Registry) ListPackageVersionAssets(ctx context.Context, ref larder.VersionRef, after string, limit int) (VersionRecord, []AssetRecord, error) {
	var v meta.Version
	assets, err := view(ctx, r, func(ctx context.Context, tx *meta.Tx) (_ []AssetRecord, err error) {
		if v, err = version(ctx, tx, ref); err != nil {
			return nil, err
		}
		return tx.ListedAssets(ctx, v.ID, after, limit)
	})
	return v, assets, err
}

// GetPackageVersionAsset opens an asset of a version that still has its
// content, and fetches it first if only an upstream has it. A revision that is
// not empty must be the version's: else larder.Conflict.
func (r *Registry) GetPackageVersionAsset(ctx context.Context, ref larder.AssetRef, revision string) (VersionRecord, io.ReadSeekCloser, error) {
	v, a, err := r.assetOf(ctx, ref, revision)
	if err != nil {
		return v, nil, err
	}
	if a.Known != nil {
		found, err := r.find(ctx, ref)
		if err == nil {
			err = r.Fetch(ctx, found)
		}
		if err == nil {
			_, a, err = r.assetOf(ctx, ref, "")
		}
		if err != nil {
			return v, nil, err
		}
	}
	content, err := r.open(ctx, a.Blob)
	return v, content, err
}

// assetOf returns an asset of a version of the repository itself.
func (r *Registry) assetOf(ctx context.Context, ref larder.AssetRef, revision string) (v meta.Version, a meta.FoundAsset, err error) {
	a, err = view(ctx, r, func(ctx context.Context, tx *meta.Tx) (a meta.FoundAsset, err error) {
		if v, err = version(ctx, tx, ref.Version); err != nil {
			return a, err
		}
		if revision != "" && revision != v.Revision {
			return a, &larder.Error{
				Kind: larder.Conflict, Resource: "package-version", ID: v.Version,
				Message: "current revision: " + v.Revision + ", expected revision: " + revision,
			}
		}
		a, ok, err := tx.Asset(ctx, ref)
		if err == nil && (!ok || v.Status == larder.Archived || v.Status == larder.Disposed) {
			err = noAsset(ref)
		}
		return a, err
	})
	return v, a, err
}

// HexSums returns the digests of an asset as the API shows them.
func HexSums(a AssetRecord) map[string]string { return Hashes(knownSums(a)) }

// SizeOf returns the size of an asset; -1 if it is not known.
func SizeOf(a AssetRecord) int64 {
	if a.Known != nil {
		return a.Known.Size
	}
	return a.Blob.Size
}

// Hashes returns digests as the API shows them, as far as they are known.
func Hashes(s format.Sums) map[string]string {
	all := map[string]string{"MD5": s.MD5, "SHA-1": s.SHA1, "SHA-256": s.SHA256, "SHA-512": s.SHA512}
	maps.DeleteFunc(all, func(_, digest string) bool { return digest == "" })
	return all
}
