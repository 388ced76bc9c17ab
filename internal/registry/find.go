package registry

import (
	"context"
	"fmt"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/meta"
)

// FoundAsset is an asset that clients may fetch. One that is not stored in
// the repository that was asked comes from an upstream, and may turn out to
// be absent there.
type FoundAsset struct {
	format.Asset
	ref    larder.AssetRef
	blob   meta.Blob // of an asset of the repository's own that is stored
	offers []offer   // of any other: where to take it from, the first that has it
}

// Own reports whether the repository that was asked has the bytes: only then
// does what was found hold until the package changes.
func (a *FoundAsset) Own() bool { return len(a.offers) == 0 }

// offer is one place to take an asset from.
type offer struct {
	place      place
	version    meta.Version    // the place's own, if the asset is one of it
	asset      meta.Asset      // the same
	outside    *format.Version // what the index of the place's connection says, if it lists files
	tags       map[string]string
	known      *format.Asset // what is known of an asset that is not stored
	connection string        // where the bytes come through; empty: they are stored
}

// Asset finds an asset that clients may fetch; see Package for who may ask.
func (r *Registry) Asset(ctx context.Context, ref larder.AssetRef) (FoundAsset, error) {
	if err := r.authorize(ctx, actionRead, ref.Version.Package.Repository.ARN(r.Region)); err != nil {
		return FoundAsset{}, err
	}
	return r.find(ctx, ref)
}

// find is Asset for who may ask.
func (r *Registry) find(ctx context.Context, ref larder.AssetRef) (FoundAsset, error) {
	f, ok := r.Formats[ref.Version.Package.Format]
	if !ok {
		return FoundAsset{}, fmt.Errorf("find %s: the format is not known", ref)
	}
	own, ok, err := r.DB.Now().Asset(ctx, ref)
	switch {
	case err != nil:
		return FoundAsset{}, err
	case ok && !served(own.Version.Status):
		return FoundAsset{}, noAsset(ref)
	case ok && !changes(f, own.Version) && own.Known == nil:
		return FoundAsset{Asset: shownAsset(own.Asset), ref: ref, blob: own.Blob}, nil
	case ok && own.Known != nil && own.Version.OriginConnection != "":
		shown := shownAsset(own.Asset)
		return FoundAsset{Asset: shown, ref: ref, offers: []offer{{
			place:   place{repository: ref.Version.Package.Repository},
			version: own.Version, asset: own.Asset, known: &shown, connection: own.Version.OriginConnection,
		}}}, nil
	}
	return r.seek(ctx, f, ref)
}

// changes reports whether a version that was retained may get other bytes
// upstream under a name that it has: one that was published in this domain and
// grows, as a snapshot does. What came from outside keeps its bytes.
func changes(f *format.Format, v meta.Version) bool {
	return f.Grows == format.Always && v.Retained && v.OriginConnection == ""
}

// holding is what a place has of an asset.
type holding struct {
	place
	version  meta.Version // without an ID: the place does not have it
	asset    meta.Asset
	hasAsset bool
}

// seek searches for an asset upstream.
func (r *Registry) seek(ctx context.Context, f *format.Format, ref larder.AssetRef) (FoundAsset, error) {
	pkg := ref.Version.Package
	held, err := view(ctx, r, func(ctx context.Context, tx *meta.Tx) ([]holding, error) {
		repository, err := tx.Repository(ctx, pkg.Repository)
		if err != nil {
			return nil, err
		}
		places, err := r.search(ctx, tx, repository, pkg)
		if err != nil {
			return nil, err
		}
		held := make([]holding, len(places))
		for i, p := range places {
			if held[i], err = holdingOf(ctx, tx, p, ref); err != nil {
				return nil, err
			}
		}
		return held, nil
	})
	if err != nil {
		return FoundAsset{}, err
	}
	s := seeker{registry: r, format: f, ref: ref, held: held, end: len(held)}
	if err := s.all(ctx); err != nil {
		return FoundAsset{}, err
	}
	if s.last != nil {
		if len(s.offers) > 0 && s.offers[0].asset.Blob.ID == s.last.asset.Blob.ID {
			s.offers = nil // nothing is newer
		}
		s.offers = append(s.offers, *s.last)
	}
	switch {
	case len(s.offers) == 0 && s.failure != nil:
		return FoundAsset{}, s.failure
	case len(s.offers) == 0:
		return FoundAsset{}, noAsset(ref)
	}
	return s.found(), nil
}

// holdingOf reads what a place has of an asset.
func holdingOf(ctx context.Context, tx *meta.Tx, p place, ref larder.AssetRef) (h holding, err error) {
	h.place = p
	if !p.has() {
		return h, nil
	}
	var there bool
	if h.version, there, err = tx.Version(ctx, p.pkg.ID, ref.Version.Version); err != nil || !there {
		return h, err
	}
	h.asset, h.hasAsset, err = tx.AssetOf(ctx, h.version.ID, ref.Name)
	return h, err
}

// seeker is a search for one asset. The version is that of the first place
// that has it, whether it has the asset or not.
type seeker struct {
	registry *Registry
	format   *format.Format
	ref      larder.AssetRef
	held     []holding
	base     meta.Version // the version, once it is found
	end      int          // the place from which on nothing is looked for
	offers   []offer
	last     *offer // for the want of a newer one
	failure  error  // of a public registry that may have had it
}

func (s *seeker) all(ctx context.Context) error {
	for i := 0; i < s.end; i++ {
		h := &s.held[i]
		if h.version.ID != 0 && s.own(i) {
			return nil
		}
		if h.connection == "" || s.base.ID != 0 && s.base.OriginConnection != h.connection {
			continue
		}
		done, err := s.outside(ctx, h)
		if done || err != nil {
			return err
		}
	}
	return nil
}

// own looks into the version that place i has, and reports whether the search
// ends there.
func (s *seeker) own(i int) bool {
	h := &s.held[i]
	if !served(h.version.Status) || s.base.ID != 0 && !sameOrigin(s.base, h.version) {
		return true
	}
	if s.base.ID == 0 {
		s.base = h.version
	}
	further := s.format.Grows == format.Always && h.version.Retained && h.leads(i)
	switch {
	case h.hasAsset && further && changes(s.format, h.version):
		if s.last == nil {
			o := offerOf(h)
			s.last = &o
		}
	case h.hasAsset:
		s.offers = append(s.offers, offerOf(h))
		return true
	}
	s.end = min(s.end, h.end)
	return !further
}

func offerOf(h *holding) offer {
	o := offer{place: h.place, version: h.version, asset: h.asset}
	if h.asset.Known != nil {
		shown := shownAsset(h.asset)
		o.known, o.connection = &shown, h.version.OriginConnection
	}
	return o
}

// outside looks into what the connection of a place lists, and reports
// whether the search ends there.
func (s *seeker) outside(ctx context.Context, h *holding) (done bool, err error) {
	source := s.format.Source
	if source.ByName {
		if source.File("", s.ref, nil) != (format.Request{}) {
			s.offers = append(s.offers, offer{place: h.place, connection: h.connection})
		}
		return false, nil
	}
	pkg, err := s.registry.outside().Package(ctx, h.connection, s.ref.Version.Package)
	switch {
	case larder.NotFound.Is(err):
		return false, nil
	case err != nil:
		s.failure = err
		return false, nil
	}
	v, ok, err := listedVersion(pkg, s.ref.Version.Version)
	if err != nil || !ok {
		return false, err
	}
	if i := indexOf(v.Assets, s.ref.Name); i >= 0 {
		s.offers = append(s.offers, offer{place: h.place, outside: &v, tags: pkg.Tags, known: &v.Assets[i], connection: h.connection})
	}
	return true, nil
}

// listedVersion returns a version that an index lists.
func listedVersion(pkg *format.Package, version string) (format.Version, bool, error) {
	if pkg.Find != nil {
		return pkg.Find(version)
	}
	for v, err := range pkg.Versions {
		if err != nil || v.Version == version {
			return v, err == nil, err
		}
	}
	return format.Version{}, false, nil
}

// found is what the offers come to.
func (s *seeker) found() FoundAsset {
	a := FoundAsset{ref: s.ref, offers: s.offers}
	switch first := &s.offers[0]; {
	case first.connection == "":
		a.Asset = shownAsset(first.asset)
		if first.place.below < 0 { // it is its own, and there is no newer one
			a.blob, a.offers = first.asset.Blob, nil
		}
	case first.known != nil:
		a.Asset = *first.known
	default:
		a.Asset = format.Asset{Name: s.ref.Name, Size: -1}
	}
	return a
}
