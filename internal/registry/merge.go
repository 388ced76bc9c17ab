package registry

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/fnv"
	"maps"
	"strconv"
	"sync"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/meta"
)

const (
	// absentFor is how long it holds that a public registry has no such
	// package, for who was told so.
	absentFor = time.Minute

	// failedFor is how long what is served without a public registry that did
	// not answer is served before that is asked again.
	failedFor = 5 * time.Second
)

// layer is what one place of a search knows of a package.
type layer struct {
	place
	served  bool              // clients may know of some version of its own
	hidden  []string          // versions of its own that clients may not know of
	tags    map[string]string // its own
	outside *format.Package   // what its connection's registry says; nil: nothing
	failure error             // why nothing is known of that
}

// layers reads what the places of a search know, but for what lies outside.
func (r *Registry) layers(ctx context.Context, tx *meta.Tx, places []place) ([]layer, error) {
	all := make([]layer, len(places))
	for i, p := range places {
		l := &all[i]
		l.place = p
		if !p.has() {
			continue
		}
		var err error
		if l.served, err = tx.HasServed(ctx, p.pkg.ID); err != nil {
			return nil, err
		}
		if l.tags, err = tx.PackageTags(ctx, p.pkg.ID); err != nil {
			return nil, err
		}
		if len(places) == 1 && p.connection == "" {
			break // nobody else's versions are to be hidden
		}
		if l.hidden, err = tx.Hidden(ctx, p.pkg.ID); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// consult asks the public registries of layers, all at once.
func (r *Registry) consult(ctx context.Context, ref larder.PackageRef, layers []layer) {
	var all sync.WaitGroup
	for i := range layers {
		l := &layers[i]
		if l.connection == "" {
			continue
		}
		all.Go(func() {
			l.outside, l.failure = r.outside().Package(ctx, l.connection, ref)
		})
	}
	all.Wait()
}

// merged is a package as clients may see it: what the layers know, merged. It
// is larder.NotFound if none knows a version.
func (r *Registry) merged(ctx context.Context, ref larder.PackageRef, layers []layer) (*format.Package, error) {
	found, stale, failure := false, false, error(nil)
	var until time.Time
	var remarks []json.RawMessage
	for _, l := range layers {
		found = found || l.served || l.outside != nil
		switch {
		case l.connection == "":
		case l.outside != nil:
			until, stale = sooner(until, l.outside.Until), stale || l.outside.Stale
			remarks = append(remarks, l.outside.Remarks...)
		case larder.NotFound.Is(l.failure):
			until = sooner(until, r.now().Add(absentFor))
		default:
			failure = l.failure
			until = sooner(until, r.now().Add(failedFor))
		}
	}
	switch {
	case !found && failure != nil:
		return nil, failure
	case !found:
		return nil, meta.NoPackage(ref)
	case failure != nil:
		r.log().WarnContext(ctx, "a package is served without a public registry that did not answer", "package", ref.String(), "err", failure)
	}
	p := &format.Package{Ref: ref, Stamp: stamp(layers), Shows: shows(layers), Tags: mergedTags(layers), Remarks: remarks, Until: until, Stale: stale || failure != nil}
	if own := &layers[0]; len(layers) == 1 && own.outside == nil {
		p.Versions = r.versions(ctx, own.pkg.ID)
	} else {
		f := r.Formats[ref.Format]
		m := merge{registry: r, layers: layers, grows: f.Grows == format.Always}
		p.Versions = func(yield func(format.Version, error) bool) {
			m.run(ctx, yield)
		}
	}
	return p, nil
}

// sooner returns the earlier of two times, of which zero is never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// stamp is one stamp for all layers. The sequence of one package alone is
// enough for it.
func stamp(layers []layer) string {
	own := &layers[0]
	if len(layers) == 1 && own.connection == "" {
		return strconv.FormatInt(own.pkg.ID, 36) + "." + strconv.FormatInt(own.pkg.Seq, 36)
	}
	return digest(layers, func(p meta.Package) meta.Package { return p })
}

// shows is the stamp without what layers keep of what their connections tell
// anyway, while these do.
func shows(layers []layer) string {
	tell := false
	for _, l := range layers {
		if l.connection != "" && l.outside == nil {
			return stamp(layers)
		}
		tell = tell || l.outside != nil
	}
	if !tell {
		return stamp(layers)
	}
	return "s" + digest(layers, func(p meta.Package) meta.Package {
		if p.Seq -= p.Quiet; p.Seq == 0 {
			p.ID = 0
		}
		return p
	})
}

// digest is a digest of what layers show, whose packages count as as has them.
func digest(layers []layer, as func(meta.Package) meta.Package) string {
	h := fnv.New128a()
	for _, l := range layers {
		pkg := as(l.pkg)
		var numbers [3 * 8]byte
		binary.BigEndian.PutUint64(numbers[:], uint64(l.row))     //nolint:gosec // rows are positive
		binary.BigEndian.PutUint64(numbers[8:], uint64(pkg.ID))   //nolint:gosec // the same
		binary.BigEndian.PutUint64(numbers[16:], uint64(pkg.Seq)) //nolint:gosec // the same
		h.Write(numbers[:])
		if l.outside != nil {
			h.Write([]byte(l.connection + "\x00" + l.outside.Stamp))
		}
		h.Write([]byte{0})
	}
	sum := h.Sum(nil)
	return strconv.FormatUint(binary.BigEndian.Uint64(sum), 36) + "." + strconv.FormatUint(binary.BigEndian.Uint64(sum[8:]), 36)
}

// mergedTags are the tags of all layers. Where two have a tag, the upstream's
// value wins over its downstream's [CodeArtifact's guide], and among upstreams
// that of the one that is searched first.
func mergedTags(layers []layer) map[string]string {
	above := make([]map[string]string, len(layers)) // what the upstreams of a layer have
	for i := len(layers) - 1; i >= 0; i-- {
		l := &layers[i]
		all := maps.Clone(l.tags)
		if all == nil {
			all = map[string]string{}
		}
		maps.Copy(all, above[i])
		if l.outside != nil {
			maps.Copy(all, l.outside.Tags)
		}
		if l.below < 0 {
			return all
		}
		if above[l.below] == nil {
			above[l.below] = map[string]string{}
		}
		maps.Copy(above[l.below], all) // later ones came before
	}
	return nil
}

// merge yields the versions that layers know. A version is that of the first
// layer that has it, listed or not. Only where versions grow does one that
// was retained gain what its upstreams have got of it since.
type merge struct {
	registry *Registry
	layers   []layer
	grows    bool
}

// growing is a version that may gain files yet.
type growing struct {
	format.Version
	origin meta.Version // whence it came
	end    int          // the layer from which on it gains nothing
}

// run is one pass.
func (m merge) run(ctx context.Context, yield func(format.Version, error) bool) {
	p := pass{merge: m, yield: yield, seen: map[string]*growing{}}
	err := p.all(ctx)
	if err != nil && !errors.Is(err, errEnough) {
		yield(format.Version{}, err)
	}
}

// pass is a merge under way. A version that was seen and is not growing is
// done with.
type pass struct {
	merge
	yield func(format.Version, error) bool
	seen  map[string]*growing
	held  []*growing // in the order in which they were seen
}

func (p *pass) all(ctx context.Context) error {
	for i := range p.layers {
		l := &p.layers[i]
		if err := p.release(i); err != nil {
			return err
		}
		for _, version := range l.hidden {
			if g := p.seen[version]; g != nil {
				g.end = i // what upstream hides, it does not give
			} else {
				p.seen[version] = nil
			}
		}
		if l.served {
			if err := p.own(ctx, i); err != nil {
				return err
			}
		}
		if l.outside != nil {
			if err := p.foreign(i); err != nil {
				return err
			}
		}
	}
	return p.release(len(p.layers))
}

// own takes the versions of the repository of layer i.
func (p *pass) own(ctx context.Context, i int) error {
	l := &p.layers[i]
	return p.registry.DB.Now().Served(ctx, l.pkg.ID, func(v meta.Version, assets []meta.Asset) error {
		g, there := p.seen[v.Version]
		switch {
		case g != nil && i < g.end:
			if sameOrigin(g.origin, v) {
				g.follow(shownVersion(v, assets))
			}
			if !v.Retained {
				g.end = i // nothing came to this one from further away
			}
			return nil
		case there:
			return nil
		case p.grows && v.Retained && l.leads(i):
			g = &growing{Version: shownVersion(v, assets), origin: v, end: l.end}
			p.seen[v.Version] = g
			p.held = append(p.held, g)
			return nil
		}
		p.seen[v.Version] = nil
		return p.give(shownVersion(v, assets))
	})
}

// foreign takes the versions that the connection of layer i knows. Nobody
// asks for those of the last layer again.
func (p *pass) foreign(i int) error {
	l := &p.layers[i]
	last := i == len(p.layers)-1
	for v, err := range l.outside.Versions {
		if err != nil {
			return err
		}
		g, there := p.seen[v.Version]
		switch {
		case g != nil && i < g.end:
			if g.origin.OriginConnection == l.connection {
				g.refresh(v)
			}
		case there:
		default:
			if !last {
				p.seen[v.Version] = nil
			}
			v.Assets = listed(v.Assets)
			if err := p.give(v); err != nil {
				return err
			}
		}
	}
	return nil
}

// release gives the held versions that gain nothing from layer i on.
func (p *pass) release(i int) error {
	var left []*growing
	for _, g := range p.held {
		if g.end > i {
			left = append(left, g)
			continue
		}
		p.seen[g.Version.Version] = nil
		if err := p.give(g.Version); err != nil {
			return err
		}
	}
	p.held = left
	return nil
}

func (p *pass) give(v format.Version) error {
	if !p.yield(v, nil) {
		return errEnough
	}
	return nil
}

// sameOrigin reports whether two versions of a name are one.
func sameOrigin(a, b meta.Version) bool {
	return a.OriginConnection == b.OriginConnection && a.OriginRepository == b.OriginRepository
}

// follow makes a retained version what it is upstream by now. What only it
// still has, it keeps.
func (g *growing) follow(v format.Version) {
	for _, a := range v.Assets {
		if i := indexOf(g.Assets, a.Name); i >= 0 {
			g.Assets[i] = a
		} else {
			g.Assets = append(g.Assets, a)
		}
	}
	g.Manifest, g.Notes = v.Manifest, v.Notes
}

// refresh adds what a public registry lists of a version by now, and takes
// what it says of files that are here: that they were yanked. Their bytes stay
// what they are.
func (g *growing) refresh(v format.Version) {
	for _, a := range listed(v.Assets) {
		if i := indexOf(g.Assets, a.Name); i >= 0 {
			g.Assets[i].Manifest = a.Manifest
		} else {
			g.Assets = append(g.Assets, a)
		}
	}
}

func indexOf(assets []format.Asset, name string) int {
	for i := range assets {
		if assets[i].Name == name {
			return i
		}
	}
	return -1
}

// listed are the assets of a version without companions.
func listed(assets []format.Asset) []format.Asset {
	for i := range assets {
		if !assets[i].Companion {
			continue
		}
		var rest []format.Asset
		for _, a := range assets {
			if !a.Companion {
				rest = append(rest, a)
			}
		}
		return rest
	}
	return assets
}
