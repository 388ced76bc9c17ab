package format

import (
	"io"

	"larder.example/larder"
)

// Source is how a format reads the registries that others run. It does no
// I/O: whoever fetches asks it what to fetch, and hands in what came.
type Source struct {
	// Connections are the external connections that it can read:
	// "public:npmjs" and so on.
	Connections []string

	// Index tells where what a registry knows of a package stands.
	Index func(p larder.PackageRef) Request

	// Read reads that document. Package.Versions parses it again each time it
	// is ranged over, in memory that does not grow with the document. A
	// document of another kind, such as a page of HTML, is larder.Invalid; one
	// that says that there is no such package is larder.NotFound.
	Read func(doc Document, p larder.PackageRef) (*Package, error)

	// Next names the packages that who asked for this one, as Read returned it,
	// is likely to ask for next. Nil: nothing tells.
	Next func(p *Package) ([]larder.PackageRef, error)

	// File tells where the bytes of an asset are: known is what the index says
	// of it, nil where it says nothing. A zero Request says that no registry
	// has such a file. base is that of the connection.
	File func(base string, a larder.AssetRef, known *Asset) Request

	// ByName says that the index does not list files: only asking for one
	// tells whether it is there.
	ByName bool

	// Sidecar tells where the digests of a file stand of which the index tells
	// none, and ReadSidecar reads them. Nil: nowhere.
	Sidecar     func(url string) string
	ReadSidecar func(text []byte) Sums

	// Usual are the names that the files of a version have for the most part,
	// for a format whose index does not list them.
	Usual func(v larder.VersionRef) []string
}

// Request is what to ask a registry for.
type Request struct {
	URL    string // absolute, or below the connection's base
	Accept string // the header; empty: anything
}

// Document is what a registry answered.
type Document struct {
	io.ReaderAt
	Size        int64
	URL         string // where it stood
	ContentType string
}
