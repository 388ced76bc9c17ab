package format

import (
	"context"
	"encoding/json"
	"io"
	"iter"
	"time"

	"larder.example/larder"
)

// Registry is what a format may ask of the registry. Every call is judged
// for the caller of the request, on the resource that the call names, before
// it acts; a refusal is larder.Denied. No other registry is within a format's
// reach.
type Registry interface {
	// Package returns a package with at least one version that clients may
	// know of, or with remarks, or larder.NotFound. Unlisted versions are in
	// it, marked by their status; Archived, Disposed and Unfinished ones are
	// not.
	Package(ctx context.Context, p larder.PackageRef) (*Package, error)

	// Version returns a version as its publisher sees it: whatever its status,
	// or larder.NotFound. Needs codeartifact:PublishPackageVersion.
	Version(ctx context.Context, v larder.VersionRef) (*Version, error)

	// Packages yields the repository's packages of one format in order of
	// namespace and name.
	Packages(ctx context.Context, r larder.RepositoryRef, f larder.Format, q Query) iter.Seq2[*Package, error]

	// Upload spools what r yields and sums it. Nothing names the bytes until
	// they are published; the upload goes when the request ends.
	Upload(ctx context.Context, r io.Reader) (Upload, error)

	// Publish makes assets part of a version, and the version if it is new,
	// in one step. The same bytes under the same name again are fine; other
	// bytes are larder.Conflict. When it returns, the version is durable.
	Publish(ctx context.Context, v larder.VersionRef, p Publication) error

	// Amend changes what is not bytes, in one step.
	Amend(ctx context.Context, p larder.PackageRef, c Change) error
}

// Upload is a spooled body with its sums.
type Upload interface {
	io.ReaderAt
	Size() int64
	Sums() Sums
}

// Sums are the digests of an asset: all four for what is stored, what a
// client claims for what it sends. Lower-case hexadecimal; empty is unknown.
type Sums struct{ MD5, SHA1, SHA256, SHA512 string }

// Publication is what one publish adds to a version.
type Publication struct {
	Assets []NewAsset
	Tags   map[string]string // set along with it: tag to version

	// Facts are what is known of the version from now on. Nil leaves what is
	// known as it is: a Maven jar says nothing, its POM does.
	Facts *Facts

	// Status is that of a version that is new or Unfinished. Empty:
	// Published. A version that was finished keeps its own.
	Status larder.Status

	// Replace makes Assets all that the version has: others go. For formats
	// that grow, such as a Maven snapshot.
	Replace bool
}

// NewAsset is a file on its way into a version.
type NewAsset struct {
	Name    string
	Upload  Upload
	Claimed Sums // what the client says of it; a difference is larder.Invalid

	// Of is an asset of the same package whose bytes this one shares, in the
	// place of an Upload.
	Of larder.AssetRef

	// Manifest is the format's own index entry of the file.
	Manifest json.RawMessage

	// Companion says that the file is served but never listed: a wheel's
	// .metadata.
	Companion bool
}

// Change amends a package. Each part that is present needs its own
// permission; all of it happens or nothing.
type Change struct {
	// Tags are set, or removed where the version is empty.
	// Needs codeartifact:PutPackageMetadata.
	Tags map[string]string

	// Notes are merge patches (RFC 7396) of what is known of a version beside
	// its manifest (deprecated, yanked), so that two changes at once do not
	// undo each other; null removes it all.
	// Needs codeartifact:PutPackageMetadata.
	Notes map[string]json.RawMessage

	// Status is set of versions that are Unfinished, Published or Unlisted,
	// to one of the last two. Needs codeartifact:PutPackageMetadata.
	Status map[string]larder.Status

	// Delete names versions to delete.
	// Needs codeartifact:DeletePackageVersions.
	Delete []string

	// DeletePackage deletes the package with all its versions and its origin
	// configuration. Needs codeartifact:DeletePackage.
	DeletePackage bool
}

// Package is a package as clients may see it.
type Package struct {
	Ref      larder.PackageRef
	Stamp    string // changes whenever anything rendered from this may change
	Shows    string // changes whenever what it says may change: what is kept of what upstreams told anyway does not change it
	Tags     map[string]string
	Versions iter.Seq2[Version, error] // in no promised order; one pass reads the store

	// Find returns one version, where that is quicker than to range over all.
	// Nil: it is not.
	Find func(version string) (Version, bool, error)

	// Remarks are what public registries say beside versions, as the format's
	// [Source] read it, in the order of the search.
	Remarks []json.RawMessage

	// Until is when other registries must be asked again whether this is still
	// so. Zero: it holds until something changes here.
	Until time.Time

	// Stale says that another registry did not answer, and that this is what
	// it answered before.
	Stale bool

	// ChangedAt is set in what [Source.Read] returns only: when the registry
	// that it reads says that the package changed last. Zero: it does not say.
	ChangedAt time.Time

	// Held is set there too: about how many bytes the package takes that saved
	// a reading if they were kept. Zero: it would save little.
	Held int64
}

// Version is a version as clients may see it.
type Version struct {
	Version     string
	Status      larder.Status
	PublishedAt time.Time
	Manifest    json.RawMessage // as the format's Facts left it
	Notes       json.RawMessage // see [Change.Notes]; nil if there are none
	Assets      []Asset         // without companions
}

// Asset is a file of a version.
type Asset struct {
	Name     string
	Size     int64 // -1: not known until it is fetched
	Sums     Sums
	At       time.Time
	Manifest json.RawMessage // see [NewAsset.Manifest]; nil if there is none

	// Stored says that the bytes are here. Where they are not, the asset is
	// known from an upstream, and its size and sums as far as that tells them.
	Stored bool

	// URL is where the bytes are fetched from. Clients are never shown it.
	URL string

	// Companion is as in [NewAsset]. [Registry.Package] yields none, a
	// [Source] does.
	Companion bool
}

// Query narrows a listing. Zero fields do not.
type Query struct {
	Namespace, Prefix string
	After             string // the name of the last package of the page before
}
