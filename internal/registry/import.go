package registry

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/packagegroup"
)

// maxPackageEntry bounds the document of a package in an export.
const maxPackageEntry = 1 << 30

// Import takes what [Registry.Export] wrote into a domain. The whole archive
// is verified before anything of it is kept. Repositories that are not there
// are made, with their upstreams and connections, and so are package groups. A
// version that is there stays as it is, but that it gets the bytes of files
// that it only knew of; so does a group, but a root group that nobody touched.
func (r *Registry) Import(ctx context.Context, archive io.ReadSeeker, to larder.DomainRef) (Counts, error) {
	header, err := verifyExport(archive)
	if err != nil {
		return Counts{}, err
	}
	if _, err := archive.Seek(0, io.SeekStart); err != nil {
		return Counts{}, fmt.Errorf("read the archive again: %w", err)
	}
	x := importing{registry: r, to: to, blobs: map[string]meta.Blob{}}
	if err := x.repositories(ctx, header.Repositories); err != nil {
		return x.counts, err
	}
	if err := x.groups(ctx, header.Groups); err != nil {
		return x.counts, fmt.Errorf("import package groups: %w", err)
	}
	err = eachEntry(archive, func(name string, size int64, body io.Reader) error {
		switch {
		case strings.HasPrefix(name, blobEntries):
			return x.blob(ctx, strings.TrimPrefix(name, blobEntries), size, body)
		case strings.HasPrefix(name, packageEntry):
			return x.pkg(ctx, body)
		}
		return nil
	})
	if err != nil {
		return x.counts, fmt.Errorf("import: %w", err)
	}
	return x.counts, r.DB.Update(ctx, func(ctx context.Context, tx *meta.Tx) error {
		d, err := tx.Domain(ctx, to)
		if err != nil {
			return err
		}
		return tx.RecountDomain(ctx, d.ID)
	})
}

// eachEntry hands the entries of an archive to fn.
func eachEntry(archive io.Reader, fn func(name string, size int64, body io.Reader) error) error {
	entries := tar.NewReader(archive)
	for {
		h, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return brokenExport("it is no tar: " + err.Error())
		}
		if err := fn(h.Name, h.Size, entries); err != nil {
			return err
		}
	}
}

func brokenExport(why string) error {
	return larder.Errorf(larder.Invalid, "The archive is not a whole export: %s.", why)
}

// verifyExport reads an archive to its end, and refuses one that is not what
// was written.
func verifyExport(archive io.Reader) (exportHeader, error) {
	var header exportHeader
	var end *exportEnd
	digest, count := sha256.New(), 0
	err := eachEntry(archive, func(name string, size int64, body io.Reader) error {
		if end != nil {
			return brokenExport("there is more behind its end")
		}
		var text []byte
		sum := sha256.New()
		into := io.Writer(sum)
		if name == headerEntry || name == endEntry {
			if size > maxPackageEntry {
				return brokenExport(name + " is too large")
			}
			var err error
			if text, err = io.ReadAll(body); err != nil {
				return brokenExport(err.Error())
			}
			into.Write(text) //nolint:errcheck // a hash never fails
		} else if _, err := io.Copy(into, body); err != nil {
			return brokenExport(err.Error())
		}
		got := [32]byte(sum.Sum(nil))
		switch {
		case name == headerEntry:
			if err := json.Unmarshal(text, &header); err != nil {
				return brokenExport("its header cannot be read")
			}
		case count == 0:
			return brokenExport("it does not begin with a header")
		case name == endEntry:
			end = &exportEnd{}
			if err := json.Unmarshal(text, end); err != nil {
				return brokenExport("its end cannot be read")
			}
			if end.Entries != count || end.SHA256 != hex.EncodeToString(digest.Sum(nil)) {
				return brokenExport("its contents are not those that its end tells of")
			}
			return nil
		case strings.HasPrefix(name, blobEntries) && name != blobEntries+hex.EncodeToString(got[:]):
			return brokenExport("the bytes of " + name + " are others")
		}
		noteEntry(digest, name, got)
		count++
		return nil
	})
	switch {
	case err != nil:
		return header, err
	case end == nil:
		return header, brokenExport("it has no end")
	case header.Format < plainFormat || header.Format > exportFormat:
		return header, larder.Errorf(larder.Invalid, "The archive has format %d; this program knows those up to %d.", header.Format, exportFormat)
	}
	return header, nil
}

// importing is an import under way.
type importing struct {
	registry *Registry
	to       larder.DomainRef
	blobs    map[string]meta.Blob // by SHA-256
	counts   Counts
}

// repositories makes those that are not there, and then gives them what lies
// upstream of them, as far as that is there.
func (x *importing) repositories(ctx context.Context, all []exportedRepository) error {
	var made []exportedRepository
	for _, e := range all {
		_, err := x.registry.CreateRepository(ctx, NewRepository{
			Ref: x.repository(e.Name), Administrator: x.to.Owner, Description: e.Description,
		})
		if larder.Conflict.Is(err) {
			continue
		}
		if err != nil {
			return err
		}
		made = append(made, e)
	}
	x.counts.Repositories = len(all)
	for _, e := range made {
		if err := x.wire(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

func (x *importing) repository(name string) larder.RepositoryRef {
	return larder.RepositoryRef{Domain: x.to, Name: name}
}

func (x *importing) wire(ctx context.Context, e exportedRepository) error {
	if _, ok := x.registry.connectionFormat(e.Connection); ok {
		_, err := x.registry.AssociateExternalConnection(ctx, x.repository(e.Name), e.Connection)
		return err
	}
	_, err := x.registry.rewire(ctx, x.repository(e.Name), func(ctx context.Context, tx *meta.Tx, row *meta.Repository) error {
		var there []string
		for _, name := range e.Upstreams {
			_, err := tx.Repository(ctx, x.repository(name))
			if err == nil {
				there = append(there, name)
			} else if !larder.NotFound.Is(err) {
				return err
			}
		}
		return x.registry.connect(ctx, tx, *row, there, nil)
	})
	return err
}

// groups makes the package groups that are not there.
func (x *importing) groups(ctx context.Context, all []exportedGroup) error {
	if len(all) == 0 {
		return nil
	}
	err := x.registry.Identity.Change(ctx, func(ctx context.Context, tx *meta.Tx) error {
		d, err := tx.Domain(ctx, x.to)
		if err != nil {
			return err
		}
		for _, e := range all {
			if err := x.group(ctx, tx, d, e); err != nil {
				return fmt.Errorf("%s: %w", e.Pattern, err)
			}
		}
		return nil
	})
	x.registry.rewired(x.to)
	return err
}

func (x *importing) group(ctx context.Context, tx *meta.Tx, d meta.Domain, e exportedGroup) error {
	p, err := x.registry.pattern(e.Pattern)
	if err != nil {
		return err
	}
	g := meta.PackageGroup{
		Domain: d.ID, Ref: larder.PackageGroupRef{Domain: d.Ref, Pattern: e.Pattern}, Folded: p.Folded(),
		ContactInfo: e.ContactInfo, Description: e.Description, CreatedAt: x.registry.now(), Modes: e.Modes,
	}
	for _, k := range meta.Restrictions {
		switch mode := g.Modes[k]; {
		case mode == meta.Inherit && e.Pattern != packagegroup.Root:
		case mode == meta.Allow, mode == meta.AllowSpecific, mode == meta.Block:
		default:
			return brokenExport("package group " + e.Pattern + " has the mode '" + string(mode) + "'")
		}
	}
	err = tx.InsertPackageGroup(ctx, g)
	if larder.Conflict.Is(err) {
		there, err := tx.PackageGroup(ctx, g.Ref)
		if err != nil || e.Pattern != packagegroup.Root || !untouched(there) {
			return err
		}
		if err := errors.Join(tx.SetPackageGroupModes(ctx, g), tx.DescribePackageGroup(ctx, g)); err != nil {
			return err
		}
	} else if err != nil {
		return err
	}
	for _, k := range meta.Restrictions {
		for _, name := range e.Allowed[k] {
			repository, err := tx.Repository(ctx, x.repository(name))
			if err != nil {
				return err
			}
			if _, err := tx.AllowRepository(ctx, g, k, repository.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// blob stores bytes, whose digest was verified.
func (x *importing) blob(ctx context.Context, sha256 string, size int64, body io.Reader) error {
	staged, err := x.registry.Blobs.Stage(ctx, body)
	if err != nil {
		return err
	}
	u := &Upload{staged: staged}
	defer u.Discard()
	if u.Sums().SHA256 != sha256 { // somebody has changed the file meanwhile
		return brokenExport("the bytes of " + sha256 + " are others")
	}
	placed, err := x.registry.placeAll(ctx, []*Upload{u})
	if err != nil {
		return err
	}
	x.blobs[sha256] = placed[0]
	x.counts.Files++
	x.counts.Bytes += size
	return nil
}

func (x *importing) pkg(ctx context.Context, body io.Reader) error {
	var p exportedPackage
	if err := json.NewDecoder(io.LimitReader(body, maxPackageEntry)).Decode(&p); err != nil {
		return brokenExport("a package cannot be read: " + err.Error())
	}
	ref := larder.PackageRef{Repository: x.repository(p.Repository), Format: p.Format, Namespace: p.Namespace, Name: p.Name}
	if _, ok := x.registry.Formats[p.Format]; !ok {
		return larder.Errorf(larder.Invalid, "The archive has packages of format %s, which this program does not know.", p.Format)
	}
	err := x.registry.DB.Publish(ctx, func(ctx context.Context, tx *meta.Tx) error {
		repository, err := tx.Repository(ctx, ref.Repository)
		if err != nil {
			return err
		}
		row, err := tx.TouchPackage(ctx, repository.ID, ref, meta.OriginControls{Publish: p.Publish, Upstream: p.Upstream}, x.registry.now())
		if err != nil {
			return err
		}
		for _, v := range p.Versions {
			if err := x.version(ctx, tx, row, v); err != nil {
				return fmt.Errorf("%s %s: %w", ref, v.Version, err)
			}
		}
		return setTags(ctx, tx, row, "", p.Tags)
	})
	if x.registry.Changed != nil {
		x.registry.Changed(ref)
	}
	x.counts.Packages++
	x.counts.Versions += len(p.Versions)
	return err
}

func (x *importing) version(ctx context.Context, tx *meta.Tx, pkg meta.Package, e exportedVersion) error {
	v, there, err := tx.Version(ctx, pkg.ID, e.Version)
	if err != nil {
		return err
	}
	if there {
		return x.fill(ctx, tx, v, e)
	}
	id, err := tx.InsertVersion(ctx, meta.Version{
		Package: pkg.ID, Version: e.Version, Revision: e.Revision, Status: e.Status, PublishedAt: e.PublishedAt,
		OriginRepository: e.OriginRepository, OriginConnection: e.OriginConnection, Retained: e.Retained,
		Manifest: e.Manifest, Notes: e.Notes,
	}, e.Facts, e.Readme)
	if err != nil {
		return err
	}
	for _, a := range e.Assets {
		if err := x.asset(ctx, tx, id, a); err != nil {
			return err
		}
	}
	return nil
}

// asset makes an asset of a version.
func (x *importing) asset(ctx context.Context, tx *meta.Tx, version int64, e exportedAsset) error {
	a := meta.Asset{Name: e.Name, AddedAt: e.AddedAt, Companion: e.Companion, Manifest: e.Manifest, Known: e.Known}
	if e.Known == nil {
		b, ok := x.blobs[e.SHA256]
		if !ok {
			return brokenExport("it does not have the bytes of " + e.Name)
		}
		if err := tx.HoldBlob(ctx, b.ID); err != nil {
			return err
		}
		a.Blob = b
	}
	return tx.InsertAsset(ctx, version, a)
}

// fill gives a version that is there the bytes of the files that it only knew
// of, and the files of the same origin that it did not know of if it was
// retained.
func (x *importing) fill(ctx context.Context, tx *meta.Tx, v meta.Version, e exportedVersion) error {
	if !sameOrigin(v, meta.Version{OriginRepository: e.OriginRepository, OriginConnection: e.OriginConnection}) {
		return nil
	}
	have, err := tx.Assets(ctx, v.ID)
	if err != nil {
		return err
	}
	for _, a := range e.Assets {
		i := slices.IndexFunc(have, func(h meta.Asset) bool { return h.Name == a.Name })
		b, stored := x.blobs[a.SHA256]
		switch {
		case i < 0 && v.Retained:
			err = x.asset(ctx, tx, v.ID, a)
		case i >= 0 && have[i].Known != nil && stored:
			if err = tx.HoldBlob(ctx, b.ID); err == nil {
				_, err = tx.FillAsset(ctx, v.ID, a.Name, b.ID)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}
