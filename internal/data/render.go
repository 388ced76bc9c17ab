package data

import (
	"context"
	"errors"
	"net/http"

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
	key, i := t.packageKey(t.exchange.Package), item{document: variant}
	value, ok := t.plane.cache().lookup(key, i)
	if !ok {
		var err error
		value, err = t.plane.cache().get(t.r.Context(), key, i, func(ctx context.Context) (any, int64, error) {
			d, err := newDocument(ctx, contentType, variant, t.exchange.Base, write)
			if err != nil {
				return nil, 0, err
			}
			return d, d.size(), nil
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

// send answers with the bytes of an asset, straight from its file.
func (t *trip) send(ref larder.AssetRef) error {
	if err := t.reads(); err != nil {
		return err
	}
	a, err := t.asset(ref)
	if err != nil {
		return err
	}
	content, err := t.plane.Registry.Open(t.r.Context(), a.stored)
	if err != nil {
		return err
	}
	defer content.Close()
	h := t.w.Header()
	if h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/octet-stream")
	}
	h["Cache-Control"], h["Etag"] = cacheControl, a.etag
	t.event.Target.Version, t.event.Target.Asset = ref.Version.Version, ref.Name
	http.ServeContent(t.w, t.r, "", a.stored.At, content)
	return nil
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
	return a.stored.Asset, nil
}

// asset looks an asset up, once between two changes of its package.
func (t *trip) asset(ref larder.AssetRef) (*asset, error) {
	key, i := t.packageKey(ref.Version.Package), item{version: ref.Version.Version, asset: ref.Name}
	value, ok := t.plane.cache().lookup(key, i)
	if !ok {
		var err error
		value, err = t.plane.cache().get(t.r.Context(), key, i, func(ctx context.Context) (any, int64, error) {
			a, err := t.plane.Registry.Asset(ctx, ref)
			return &asset{stored: a, etag: []string{`"sha256:` + a.Sums.SHA256 + `"`}}, int64(len(a.Manifest)), err
		})
		if err != nil {
			return nil, err
		}
	}
	return value.(*asset), nil
}

// asset is a looked-up asset with its header value, which all answers share.
type asset struct {
	stored registry.StoredAsset
	etag   []string
}

// reads asks for what an answer from the cache gives away, unless the route
// has asked.
func (t *trip) reads() error {
	if t.route.Action == actionRead {
		return nil
	}
	return t.mayRead()
}

// packageKey is what the cache knows a package of the trip's repository by.
func (t *trip) packageKey(p larder.PackageRef) packageKey {
	return packageKey{repository: t.repository.ID, format: string(p.Format), namespace: p.Namespace, name: p.Name}
}
