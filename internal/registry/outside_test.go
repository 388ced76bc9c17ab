package registry_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/blob"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/registry"
)

// world is the public registries behind connections, in memory: packages by
// connection and name, each with its versions, each with its files.
type world struct {
	r    *registry.Registry
	mu   sync.Mutex // guards what follows
	pkgs map[string]map[string]files
	tags map[string]map[string]string // by package
	down bool
	said []string // what was asked
}

// files are contents by name.
type files map[string]string

// outside gives a registry a world outside.
func (v *env) outside() *world {
	w := &world{r: v.Registry, pkgs: map[string]map[string]files{}, tags: map[string]map[string]string{}}
	v.Outside = w
	return w
}

var dawn = time.Date(2020, 2, 3, 4, 5, 6, 0, time.UTC)

// has makes a connection's registry have a version of "thing".
func (w *world) has(connection, version string, f files) {
	w.mu.Lock()
	defer w.mu.Unlock()
	key := connection + " thing"
	if w.pkgs[key] == nil {
		w.pkgs[key] = map[string]files{}
	}
	w.pkgs[key][version] = f
}

func (w *world) asked(what string) error {
	w.said = append(w.said, what)
	if w.down {
		return larder.Errorf(larder.Unavailable, "no answer")
	}
	return nil
}

// took returns what was asked since it was called last.
func (w *world) took() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	said := strings.Join(w.said, ", ")
	w.said = nil
	return said
}

// Package implements registry.Outside.
func (w *world) Package(_ context.Context, connection string, p larder.PackageRef) (*format.Package, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.asked("index of " + p.Name); err != nil {
		return nil, err
	}
	versions, ok := w.pkgs[connection+" "+p.Name]
	if !ok {
		return nil, larder.Errorf(larder.NotFound, "no %s", p)
	}
	var all []format.Version
	for _, version := range slices.Sorted(maps.Keys(versions)) {
		v := format.Version{Version: version, Status: larder.Published, PublishedAt: dawn}
		for _, name := range slices.Sorted(maps.Keys(versions[version])) {
			if p.Format == named {
				continue
			}
			staged, err := blob.Spool(context.Background(), strings.NewReader(versions[version][name]), nil)
			if err != nil {
				return nil, err
			}
			v.Assets = append(v.Assets, format.Asset{
				Name: name, Size: staged.Size(), At: dawn, URL: "elsewhere/" + name,
				Sums: format.Sums{SHA256: staged.Sums().SHA256.String()}, Companion: strings.HasSuffix(name, ".about"),
				Manifest: []byte(`"` + versions[version][name] + `"`),
			})
		}
		all = append(all, v)
	}
	return &format.Package{
		Ref: p, Stamp: "w", Tags: w.tags[p.Name], Until: w.r.Now().Add(time.Minute),
		Versions: func(yield func(format.Version, error) bool) {
			for _, v := range all {
				if !yield(v, nil) {
					return
				}
			}
		},
	}, nil
}

// Fetch implements registry.Outside.
func (w *world) Fetch(ctx context.Context, connection string, a larder.AssetRef, _ *format.Asset, keep registry.Keep) (registry.Incoming, error) {
	w.mu.Lock()
	err := w.asked("file " + a.Name)
	text, ok := w.pkgs[connection+" "+a.Version.Package.Name][a.Version.Version][a.Name]
	w.mu.Unlock()
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, larder.Errorf(larder.NotFound, "no %s", a)
	}
	return &arriving{Reader: strings.NewReader(text), size: int64(len(text)), stored: func() error {
		b, err := w.store(ctx, text)
		if err != nil {
			return err
		}
		return keep(ctx, registry.Fetched{Blob: b, At: dawn})
	}}, nil
}

// store stores bytes as a fetch does.
func (w *world) store(ctx context.Context, text string) (b meta.Blob, err error) {
	staged, err := w.r.Blobs.Stage(ctx, strings.NewReader(text))
	if err != nil {
		return b, err
	}
	defer staged.Discard()
	sums := staged.Sums()
	err = w.r.DB.Update(ctx, func(ctx context.Context, tx *meta.Tx) error {
		b, err = tx.ReserveBlob(ctx, meta.Sums{MD5: sums.MD5, SHA1: sums.SHA1, SHA256: sums.SHA256, SHA512: sums.SHA512}, staged.Size(), w.r.Now())
		return err
	})
	if err != nil {
		return b, err
	}
	return b, w.r.Blobs.Place(ctx, blob.Key{Digest: b.Sums.SHA256, ID: b.ID}, staged)
}

// arriving is a file on its way, which is stored when its end is reached.
type arriving struct {
	io.Reader
	size   int64
	stored func() error
}

func (a *arriving) Size() int64 { return a.size }

func (a *arriving) Close() error { return nil }

func (a *arriving) Read(p []byte) (int, error) {
	n, err := a.Reader.Read(p)
	if errors.Is(err, io.EOF) && a.stored != nil {
		if err := a.stored(); err != nil {
			return n, err
		}
		a.stored = nil
	}
	return n, err
}

// lay makes repositories with upstreams: "a: b c; b: @public:once". A
// repository that is there is changed.
func (v *env) lay(plan string) {
	v.Helper()
	for row := range strings.SplitSeq(plan, ";") {
		name, upstreams, _ := strings.Cut(strings.TrimSpace(row), ":")
		v.known(name)
		var names []string
		for _, u := range strings.Fields(upstreams) {
			if connection, ok := strings.CutPrefix(u, "@"); ok {
				_, err := v.AssociateExternalConnection(v.ctx, v.repo(name), connection)
				v.must(err)
				continue
			}
			v.known(u)
			names = append(names, u)
		}
		_, err := v.UpdateRepository(v.ctx, v.repo(name), registry.RepositoryUpdate{Upstreams: &names})
		if len(names) > 0 {
			v.must(err)
		}
	}
}

func (v *env) repo(name string) larder.RepositoryRef {
	return larder.RepositoryRef{Domain: v.app.Domain, Name: name}
}

// known makes a repository if it is not there.
func (v *env) known(name string) {
	v.Helper()
	if _, err := v.DescribeRepository(v.ctx, v.repo(name)); larder.NotFound.Is(err) {
		v.makeRepository(name)
	}
}

// of is a version of the package "thing" in a repository.
func (v *env) of(repository string, f larder.Format, version string) larder.VersionRef {
	ref := v.version(f, "thing", version)
	ref.Package.Repository = v.repo(repository)
	return ref
}

// opens lets a package be published and come from upstream.
func (v *env) opens(repository string, f larder.Format) {
	v.Helper()
	v.must(v.PutPackageOriginConfiguration(v.ctx, v.of(repository, f, "").Package, registry.OriginControls{Publish: "ALLOW", Upstream: "ALLOW"}))
}

// keeps checks what a repository itself has of "thing": its versions, each
// with its assets, of which those not stored are in parentheses; "-" is
// nothing.
func (v *env) keeps(repository string, f larder.Format, want string) {
	v.Helper()
	ref := v.of(repository, f, "").Package
	versions, _, err := v.ListPackageVersions(v.ctx, ref, registry.VersionQuery{Limit: 100})
	if larder.NotFound.Is(err) {
		err = nil
	}
	v.must(err)
	got := []string{}
	for _, x := range versions {
		_, assets, err := v.ListPackageVersionAssets(v.ctx, larder.VersionRef{Package: ref, Version: x.Version}, "", 100)
		v.must(err)
		var names []string
		for _, a := range assets {
			if a.Known != nil {
				a.Name = "(" + a.Name + ")"
			}
			names = append(names, a.Name)
		}
		got = append(got, x.Version+"="+strings.Join(names, "+"))
	}
	if len(got) == 0 {
		got = append(got, "-")
	}
	if got := strings.Join(got, " "); got != want {
		v.Errorf("%s keeps of %s: got %s, want %s", repository, ref, got, want)
	}
}
