package format

import (
	"context"
	"encoding/json"
	"io"
	"net/http"

	"larder.example/larder"
)

// Format is what one package format contributes: data where data will do,
// functions where it must be code, nil where it has nothing.
type Format struct {
	Name   larder.Format
	Names  Names
	Routes []Route // tried in order; the first that matches serves
	Grows  Growth

	// Source reads public registries of the format. Nil: there is none.
	Source *Source

	// Alone says that packages of the format are never served through
	// upstreams.
	Alone bool

	// TokenFrom names a further request header that may carry the bare
	// token, such as X-NuGet-ApiKey. Empty for most.
	TokenFrom string

	// Inspect reads what the bytes of an asset say about themselves. It is
	// pure, reads under caps, and fails with larder.Invalid where the bytes
	// are not what the asset's name says. Publishing, importing and
	// re-indexing all use it.
	Inspect func(asset string, b io.ReaderAt, size int64) (Facts, error)

	// Fail writes an error the way the package manager prints it. It is
	// called once a request, before anything was written.
	Fail func(http.ResponseWriter, *http.Request, *larder.Error)
}

// Names are the spelling rules of a format.
type Names struct {
	// Canonical returns the spelling that is stored, or larder.Invalid. It
	// is idempotent.
	Canonical func(namespace, name string) (string, string, error)

	// Fold maps names that must not stand beside each other to one string
	// (cargo's - and _). Nil: only equal names collide.
	Fold func(name string) string

	// Asset returns larder.Invalid for a name that no asset may have which is
	// published through the API. Nil: nothing is published so.
	Asset func(name string) error

	// Compare orders two versions, older first. It is a total order.
	Compare func(a, b string) int

	// Normalizes says that API input is canonicalised too (nuget, swift);
	// where it is false the API takes names as they are stored (pypi).
	Normalizes bool
}

// Growth says when a version of the format may gain assets.
type Growth int

// The ways in which versions grow.
const (
	Never           Growth = iota // npm, nuget, ruby, cargo, swift: one asset, published whole
	WhileUnfinished               // generic
	Always                        // maven, pypi
)

// Route is one kind of request of a package manager.
type Route struct {
	Method string

	// Path is a pattern below /{format}/{repository}, matched on the escaped
	// path, segment by segment: {name} is one segment or the rest of one
	// after a literal prefix ("@{scope}"), {rest...} any number of them, with
	// more behind it if need be. The decoded pieces are the request's path
	// values. HEAD is served by the GET row.
	Path string

	// Action is asked before Serve runs, on the package's ARN if Package
	// names one and the action is about packages, else on the repository's.
	// Empty: the calls of Exchange.Registry are all that is judged.
	Action string

	// Package names the package that the request line is about. Nil: none,
	// or only the body names it.
	Package func(*http.Request) (namespace, name string, err error)

	Serve func(*Exchange) error
}

// Exchange is one request on its way through Serve.
type Exchange struct {
	W          http.ResponseWriter
	R          *http.Request
	Repository larder.RepositoryRef
	Package    larder.PackageRef // canonical; zero unless the route's Package named one
	Base       string            // the endpoint of this format and repository, with its trailing slash
	User       string            // who the caller is, for a format that shows it: the user or session name
	Registry   Registry

	// Find returns an asset that clients may fetch, or larder.NotFound. What
	// it found is remembered until the package changes. An asset that is not
	// stored yet may turn out to be absent when it is fetched.
	Find func(larder.AssetRef) (Asset, error)

	// Fetch is Find, and has the bytes here when it returns: for who needs
	// sums that no upstream tells.
	Fetch func(larder.AssetRef) (Asset, error)

	// Send answers with an asset's bytes: ranges, HEAD, ETag and 304 are its
	// business, and Last-Modified is when the asset came. Content-Type is
	// kept if set.
	Send func(larder.AssetRef) error

	// Render answers with a document about Package made of what the registry
	// knows, from the cache if it is there. variant tells documents of one
	// package apart. write runs once for all who wait for the same document,
	// with a context that outlives the request of the one who asked first,
	// and must ask the registry with that; it returns the [Package.Stamp]
	// that it was made from, which becomes the ETag.
	Render func(variant, contentType string, write func(context.Context, io.Writer) (stamp string, err error)) error
}

// Facts is what DescribePackageVersion, ListPackageVersionDependencies and
// the formats' indexes are made of.
type Facts struct {
	Namespace, Name, Version                         string
	DisplayName, Summary, HomePage, SourceRepository string
	Licenses                                         []License
	Dependencies                                     []Dependency
	Readme                                           []byte
	Manifest                                         json.RawMessage // the format's own index entry of the version
}

// License is one licence of a version. Either field may be empty.
type License struct{ Name, URL string }

// Dependency is one direct dependency as the manifest states it. Type is the
// format's own word: regular, dev, peer, optional for npm.
type Dependency struct{ Namespace, Name, Type, Requirement string }
