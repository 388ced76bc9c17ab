package data

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/registry"
)

// errSent says that the answer has begun: nothing else can be written.
var errSent = errors.New("the answer was cut off")

// render answers with a document about the exchange's package, from the cache
// if it is there.
func (t *trip) render(variant, contentType string, write writer) error {
	if err := t.reads(); err != nil {
		return err
	}
	key, i := keyOf(t.exchange.Package), item{repository: t.repository.ID, document: variant}
	value, ok := t.plane.cache().lookup(key, i)
	if !ok {
		var err error
		value, err = t.plane.cache().get(t.r.Context(), key, i, func(ctx context.Context, before any) (made, error) {
			return t.make(ctx, variant, contentType, before, write)
		})
		if err != nil {
			return err
		}
	}
	if err := value.(*document).send(t.w, t.r); err != nil {
		return errors.Join(errSent, err)
	}
	return nil
}

// errSame ends the making of a document that would be the one before.
var errSame = errors.New("the package is as it was")

// make makes a document, of the one before if public registries say that
// nothing has changed.
func (t *trip) make(ctx context.Context, variant, contentType string, before any, write writer) (made, error) {
	had, _ := before.(*document)
	t.until.Store(0)
	t.stale.Store(false)
	t.shows.Store(nil)
	t.had.Store(had)
	defer t.had.Store(nil)
	d, err := newDocument(ctx, contentType, variant, t.exchange.Base, write)
	if errors.Is(err, errSame) {
		same := *had
		d, err = &same, nil
	}
	if err != nil {
		return made{}, err
	}
	d.stale = t.stale.Load()
	if shows := t.shows.Load(); shows != nil {
		d.shows = *shows
	}
	m := made{value: d, size: d.size()}
	if until := t.until.Load(); until != 0 {
		m.until = time.UnixMilli(until)
	}
	return m, nil
}

// send answers with the bytes of an asset: straight from its file, or as they
// come from outside.
func (t *trip) send(ref larder.AssetRef) error {
	if err := t.reads(); err != nil {
		return err
	}
	a, err := t.asset(ref)
	if err != nil {
		return err
	}
	t.event.Target.Version, t.event.Target.Asset = ref.Version.Version, ref.Name
	if !a.found.Stored && (t.r.Method == http.MethodHead || t.r.Header.Get("Range") != "") {
		if a, err = t.fetched(a, ref); err != nil { // a part can be sent of the whole only
			return err
		}
	}
	content, err := t.plane.Registry.Open(t.r.Context(), a.found)
	if err != nil {
		return err
	}
	defer content.Close()
	h := t.w.Header()
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/octet-stream")
	}
	h["Cache-Control"] = cacheControl
	if len(a.etag) > 0 {
		h["Etag"] = a.etag
	}
	if content.Stored != nil {
		http.ServeContent(t.w, t.r, "", content.Asset.At, content.Stored)
		return nil
	}
	return t.pass(content)
}

// pass answers with bytes that are on their way. An answer that cannot be
// completed is cut off, so that no client takes it for whole.
func (t *trip) pass(c *registry.Content) error {
	h := t.w.Header()
	if size := c.Coming.Size(); size >= 0 {
		h.Set("Content-Length", strconv.FormatInt(size, 10))
	}
	if !c.Asset.At.IsZero() {
		h.Set("Last-Modified", c.Asset.At.UTC().Format(http.TimeFormat))
	}
	n, err := io.Copy(t.w, c.Coming)
	switch {
	case err == nil:
		return nil
	case n == 0 && t.r.Context().Err() == nil:
		for _, name := range [...]string{"Content-Length", "Last-Modified", "Etag"} {
			h.Del(name)
		}
		return err
	}
	return errors.Join(errSent, err)
}

// find returns an asset that clients may fetch.
func (t *trip) find(ref larder.AssetRef) (format.Asset, error) {
	if err := t.reads(); err != nil {
		return format.Asset{}, err
	}
	a, err := t.asset(ref)
	if err != nil {
		return format.Asset{}, err
	}
	return a.found.Asset, nil
}

// fetch is find, and has the bytes here when it returns.
func (t *trip) fetch(ref larder.AssetRef) (format.Asset, error) {
	if err := t.reads(); err != nil {
		return format.Asset{}, err
	}
	a, err := t.asset(ref)
	if err == nil && !a.found.Stored {
		a, err = t.fetched(a, ref)
	}
	if err != nil {
		return format.Asset{}, err
	}
	return a.found.Asset, nil
}

// fetched has the bytes of an asset stored, and finds it again.
func (t *trip) fetched(a *asset, ref larder.AssetRef) (*asset, error) {
	if err := t.plane.Registry.Fetch(t.r.Context(), a.found); err != nil {
		return nil, err
	}
	return t.asset(ref)
}

// asset looks an asset up, once between two changes of its package if the
// repository has it.
func (t *trip) asset(ref larder.AssetRef) (*asset, error) {
	key := keyOf(ref.Version.Package)
	i := item{repository: t.repository.ID, version: ref.Version.Version, asset: ref.Name}
	value, ok := t.plane.cache().lookup(key, i)
	if !ok {
		var err error
		value, err = t.plane.cache().get(t.r.Context(), key, i, func(ctx context.Context, _ any) (made, error) {
			found, err := t.plane.Registry.Asset(ctx, ref)
			if err != nil {
				return made{}, err
			}
			a := &asset{found: found}
			if found.Sums.SHA256 != "" {
				a.etag = []string{`"sha256:` + found.Sums.SHA256 + `"`}
			}
			m := made{value: a, size: int64(len(found.Manifest))}
			if !found.Own() {
				m.until = t.plane.cache().now() // it is another's, which may change
			}
			return m, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return value.(*asset), nil
}

// asset is a looked-up asset with its header value, which all answers share.
type asset struct {
	found registry.FoundAsset
	etag  []string
}

// reads asks for what an answer from the cache gives away, unless the route
// has asked.
func (t *trip) reads() error {
	if t.route.Action == actionRead {
		return nil
	}
	return t.mayRead()
}

// keyOf is what the cache knows a package by.
func keyOf(p larder.PackageRef) packageKey {
	return packageKey{domain: p.Repository.Domain, format: string(p.Format), namespace: p.Namespace, name: p.Name}
}
