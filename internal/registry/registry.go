package registry

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/blob"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/identity"
	"larder.example/larder/internal/meta"
)

// Registry holds domains, repositories and packages. It is safe for
// concurrent use.
type Registry struct {
	DB       *meta.DB
	Blobs    blob.Store
	Identity *identity.Service
	Formats  map[larder.Format]*format.Format
	Region   string

	// Space refuses uploads before the disk is full. Nil never does.
	Space *blob.Watermark

	// MaxAsset is the size of the largest asset, in bytes. 0 is
	// CodeArtifact's 5 GB.
	MaxAsset int64

	// Outside reads the registries behind external connections. Nil reaches
	// none.
	Outside Outside

	// Changed is told of a package after a commit changed it in some
	// repository, or may have: it may look different in any of the domain.
	// Nil tells nobody.
	Changed func(p larder.PackageRef)

	// Rewired is told of a domain after the upstreams or the external
	// connection of one of its repositories changed, or may have. Nil tells
	// nobody.
	Rewired func(d larder.DomainRef)

	Log  *slog.Logger     // nil discards
	Now  func() time.Time // nil is time.Now
	Rand io.Reader        // nil is crypto/rand's
}

// What the control plane describes, and by which it lists.
type (
	// Domain is a domain as it is kept.
	Domain = meta.Domain
	// Repository is a repository as it is kept.
	Repository = meta.Repository
	// PackageRecord is a package as it is kept.
	PackageRecord = meta.Package
	// VersionRecord is a version as it is kept.
	VersionRecord = meta.Version
	// AssetRecord is an asset as it is kept.
	AssetRecord = meta.Asset
	// PackageQuery narrows a listing of packages.
	PackageQuery = meta.PackageQuery
	// PackageKey is where a listing of packages goes on.
	PackageKey = meta.PackageKey
	// VersionQuery narrows a listing of versions.
	VersionQuery = meta.VersionQuery
	// RepositoryQuery narrows a listing of repositories.
	RepositoryQuery = meta.RepositoryQuery
)

// Where a version comes from: it was published in its domain, or came through
// an external connection.
const (
	Internal = meta.Internal
	External = meta.External
)

func (r *Registry) now() time.Time {
	if r.Now == nil {
		return time.Now()
	}
	return r.Now()
}

func (r *Registry) log() *slog.Logger {
	if r.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return r.Log
}

func (r *Registry) random(n int) ([]byte, error) {
	source := r.Rand
	if source == nil {
		source = rand.Reader
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(source, b); err != nil {
		return nil, fmt.Errorf("read random bytes: %w", err)
	}
	return b, nil
}

// newRevision returns a revision: it looks as AWS's do, base64 of 32 bytes.
func (r *Registry) newRevision() (string, error) {
	b, err := r.random(32)
	return base64.StdEncoding.EncodeToString(b), err
}

// newUID returns a number that no domain had.
func (r *Registry) newUID() (uint64, error) {
	b, err := r.random(8)
	if err != nil {
		return 0, err
	}
	return binary.BigEndian.Uint64(b), nil
}

// changed tells of a package whose change was committed or may have been: a
// commit whose answer got lost is a failure that happened. A repository of 0
// says that there was nothing to change.
func (r *Registry) changed(repository int64, p larder.PackageRef) {
	if r.Changed != nil && repository != 0 {
		r.Changed(p)
	}
}

// rewired tells of a domain in which repositories find other packages from
// now on, or may.
func (r *Registry) rewired(d larder.DomainRef) {
	if r.Rewired != nil {
		r.Rewired(d)
	}
}

// authorize asks whether the caller in ctx may do action to resource.
func (r *Registry) authorize(ctx context.Context, action string, resource larder.ARN) error {
	return r.Identity.Authorize(ctx, identity.Question{Action: action, Resource: resource})
}

// view returns what fn reads on one snapshot of the database.
func view[T any](ctx context.Context, r *Registry, fn func(context.Context, *meta.Tx) (T, error)) (t T, err error) {
	err = r.DB.View(ctx, func(ctx context.Context, tx *meta.Tx) error {
		t, err = fn(ctx, tx)
		return err
	})
	return t, err
}
