package registry

import (
	"context"
	"fmt"

	"larder.example/larder"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/meta"
)

// maxWrong bounds how many wrong files are remembered as reported.
const maxWrong = 10_000

// Drift is a file of which a public registry tells other digests than those
// under which repositories have it, or sends other bytes. What repositories
// have stays as it is.
type Drift struct {
	Connection   string
	Asset        larder.AssetRef // in the first of Repositories
	Repositories []string        // of the domain, that have it otherwise
	Have         format.Sums     // what they have, as far as it is known
	Told         format.Sums     // what the registry tells or sends
}

// drifts are the files of held that differ from what told says of them: one
// for all repositories of a domain that have the same bytes. held is in the
// order of [meta.Tx.HeldFrom].
func drifts(connection string, ref larder.PackageRef, held []meta.Held, told func(meta.Held) format.Sums) []Drift {
	var all []Drift
	for _, h := range held {
		have, now := knownSums(h.Asset), told(h)
		if !differ(have, now) {
			continue
		}
		of := ref
		of.Repository = h.Repository
		asset := larder.AssetRef{Version: larder.VersionRef{Package: of, Version: h.Version}, Name: h.Name}
		if n := len(all); n > 0 {
			last := &all[n-1]
			at := last.Asset
			at.Version.Package.Repository.Name = h.Repository.Name
			if at == asset && !differ(last.Have, have) {
				last.Repositories = append(last.Repositories, h.Repository.Name)
				continue
			}
		}
		all = append(all, Drift{
			Connection: connection, Asset: asset, Repositories: []string{h.Repository.Name}, Have: have, Told: now,
		})
	}
	return all
}

// differ reports whether two sets of digests are those of different bytes.
// The strongest digest that both have decides; without one nothing is known.
func differ(a, b format.Sums) bool {
	for _, sum := range [...][2]string{{a.SHA512, b.SHA512}, {a.SHA256, b.SHA256}, {a.SHA1, b.SHA1}, {a.MD5, b.MD5}} {
		if sum[0] != "" && sum[1] != "" {
			return sum[0] != sum[1]
		}
	}
	return false
}

func (p *Public) report(ctx context.Context, all []Drift) {
	for _, d := range all {
		p.Registry.log().WarnContext(ctx, "a public registry tells of other bytes than are here",
			"connection", d.Connection, "asset", d.Asset.Name, "version", d.Asset.Version.String(), "repositories", d.Repositories)
		if p.Drifted != nil {
			p.Drifted(ctx, d)
		}
	}
}

// assetKey names an asset among those of a package.
type assetKey struct{ version, name string }

// compare reports what an index that is about to take the place of the one
// before tells otherwise than it is here, and than the one before did.
func (p *Public) compare(ctx context.Context, source *format.Source, key documentKey, ref larder.PackageRef, now format.Document) error {
	held, err := p.Registry.DB.Now().HeldFrom(ctx, key.connection, ref, "")
	if err != nil || len(held) == 0 {
		return err
	}
	wanted := map[assetKey]format.Sums{}
	for _, h := range held {
		wanted[assetKey{h.Version, h.Name}] = format.Sums{}
	}
	told, err := digests(source, now, ref, wanted)
	if err != nil {
		return err
	}
	found := drifts(key.connection, ref, held, func(h meta.Held) format.Sums { return told[assetKey{h.Version, h.Name}] })
	if len(found) == 0 {
		return nil
	}
	before, err := p.before(ctx, source, key, ref, wanted)
	if err != nil {
		// It is better to say twice what differs than not at all.
		p.Registry.log().WarnContext(ctx, "what a public registry said before cannot be read", "connection", key.connection, "path", key.path, "err", err)
	}
	var news []Drift
	for _, d := range found {
		if before[assetKey{d.Asset.Version.Version, d.Asset.Name}] != d.Told {
			news = append(news, d)
		}
	}
	p.report(ctx, news)
	return nil
}

// before returns what the stored index tells of the assets that are wanted.
// It is read from the database: another node may have stored a newer one.
func (p *Public) before(ctx context.Context, source *format.Source, key documentKey, ref larder.PackageRef, wanted map[assetKey]format.Sums) (map[assetKey]format.Sums, error) {
	row, found, err := p.Registry.DB.Now().Document(ctx, key.connection, key.path)
	if err != nil || !found || !row.Blob.Placed {
		return nil, err
	}
	d := &storedDocument{public: p, blob: row.Blob}
	defer d.close()
	return digests(source, format.Document{ReaderAt: d, Size: row.Blob.Size, URL: row.URL, ContentType: row.ContentType}, ref, wanted)
}

// digests returns what an index tells of the assets that are wanted.
func digests(source *format.Source, d format.Document, ref larder.PackageRef, wanted map[assetKey]format.Sums) (map[assetKey]format.Sums, error) {
	pkg, err := source.Read(d, ref)
	if err != nil {
		return nil, fmt.Errorf("read an index of %s: %w", ref, err)
	}
	told := map[assetKey]format.Sums{}
	for v, err := range pkg.Versions {
		if err != nil {
			return nil, fmt.Errorf("read an index of %s: %w", ref, err)
		}
		for _, a := range v.Assets {
			key := assetKey{v.Version, a.Name}
			if _, ok := wanted[key]; ok {
				told[key] = a.Sums
			}
		}
	}
	return told, nil
}

// compareBytes reports bytes that came and are not those that repositories
// have. Where an index has told of them, it was compared when it came.
func (p *Public) compareBytes(ctx context.Context, e errand, got format.Sums, wrong bool) error {
	if e.sums != (format.Sums{}) && !wrong {
		return nil
	}
	ref := e.asset.Version.Package
	of, err := p.Registry.DB.Now().HeldFrom(ctx, e.connection, ref, e.asset.Version.Version)
	if err != nil {
		return err
	}
	var held []meta.Held
	for _, h := range of {
		if h.Name != e.asset.Name {
			continue
		}
		if h.Known == nil && !differ(knownSums(h.Asset), got) {
			return nil // these came before, and were compared then
		}
		held = append(held, h)
	}
	found := drifts(e.connection, ref, held, func(meta.Held) format.Sums { return got })
	if len(found) > 0 && (!wrong || p.firstWrong(e.connection+" "+e.request.URL+" "+got.SHA256)) {
		p.report(ctx, found)
	}
	return nil
}

// firstWrong reports whether wrong bytes are reported for the first time:
// they are not kept, so nothing else remembers that they came.
func (p *Public) firstWrong(key string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wrong[key] {
		return false
	}
	if p.wrong == nil || len(p.wrong) >= maxWrong {
		p.wrong = map[string]bool{}
	}
	p.wrong[key] = true
	return true
}
