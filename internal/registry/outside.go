package registry

import (
	"context"
	"io"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/meta"
)

// Outside reads the registries behind external connections. It decides
// nothing: which connection is asked, and what is kept, is decided here.
type Outside interface {
	// Package returns what a connection's registry says of a package: fresh,
	// or as it was said last where that registry does not answer; Until says
	// how long it holds. larder.NotFound says that it has no such package.
	Package(ctx context.Context, connection string, p larder.PackageRef) (*format.Package, error)

	// Fetch begins to read an asset's bytes, or finds that the registry has
	// none (larder.NotFound). known is what its index says of the asset, nil
	// where it says nothing. Once the bytes are here, durable, and those that
	// known tells of, keep is called with them, under a context that the reader
	// cannot end; only then does the reader get the last of them. If keep
	// fails, so does the reading.
	Fetch(ctx context.Context, connection string, a larder.AssetRef, known *format.Asset, keep Keep) (Incoming, error)
}

// Keep is called with bytes that came from outside.
type Keep func(context.Context, Fetched) error

// Fetched are bytes that came from outside and are stored.
type Fetched struct {
	Blob meta.Blob
	At   time.Time // when they were published there; zero if that is not told
}

// Incoming is bytes on their way from outside. An error says that they are
// not to be trusted: whoever reads must not complete what came so far.
type Incoming interface {
	io.ReadCloser
	Size() int64 // -1: not known
}

// nowhere is the outside of a registry that has none.
type nowhere struct{}

func (nowhere) Package(_ context.Context, connection string, _ larder.PackageRef) (*format.Package, error) {
	return nil, unreachable(connection)
}

func (nowhere) Fetch(_ context.Context, connection string, _ larder.AssetRef, _ *format.Asset, _ Keep) (Incoming, error) {
	return nil, unreachable(connection)
}

func unreachable(connection string) error {
	return larder.Errorf(larder.Unavailable, "The registry behind %s cannot be reached: this server has no address of it.", connection)
}

func (r *Registry) outside() Outside {
	if r.Outside == nil {
		return nowhere{}
	}
	return r.Outside
}
