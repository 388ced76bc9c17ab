package registry

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/meta"
	"larder.example/larder/internal/packagegroup"
)

// An export is a tar: a header, then each package with the bytes that it is
// the first to name before it, then an end that tells the digest of all that.
// One without its end is no export.
const (
	// exportFormat is 2 of an export with package groups: a program that knows
	// none must not take its packages and leave what keeps others out.
	exportFormat  = 2
	plainFormat   = 1
	headerEntry   = "header.json"
	endEntry      = "end.json"
	blobEntries   = "blobs/"    // by SHA-256
	packageEntry  = "packages/" // by number
	versionsTaken = 500         // are read at a time
)

// exportHeader says what an export is of.
type exportHeader struct {
	Format       int                  `json:"format"`
	Repositories []exportedRepository `json:"repositories"`
	Groups       []exportedGroup      `json:"packageGroups,omitempty"`
}

// exportedGroup is a package group of the domain. Its lists name repositories
// that are in the export.
type exportedGroup struct {
	Pattern     string                         `json:"pattern"`
	ContactInfo string                         `json:"contactInfo,omitempty"`
	Description string                         `json:"description,omitempty"`
	Modes       map[meta.Restriction]meta.Mode `json:"modes"`
	Allowed     map[meta.Restriction][]string  `json:"allowed,omitempty"`
}

// exportEnd says that an export is whole.
type exportEnd struct {
	Entries int    `json:"entries"` // before it
	SHA256  string `json:"sha256"`  // of their names and digests
}

type exportedRepository struct {
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	Upstreams   []string `json:"upstreams,omitempty"`
	Connection  string   `json:"connection,omitempty"`
}

type exportedPackage struct {
	Repository string            `json:"repository"`
	Format     larder.Format     `json:"format"`
	Namespace  string            `json:"namespace,omitempty"`
	Name       string            `json:"name"`
	Publish    string            `json:"publish"`
	Upstream   string            `json:"upstream"`
	Tags       map[string]string `json:"tags,omitempty"`
	Versions   []exportedVersion `json:"versions"`
}

type exportedVersion struct {
	Version          string          `json:"version"`
	Revision         string          `json:"revision"`
	Status           larder.Status   `json:"status"`
	PublishedAt      time.Time       `json:"publishedAt"`
	OriginRepository string          `json:"originRepository,omitempty"`
	OriginConnection string          `json:"originConnection,omitempty"`
	Retained         bool            `json:"retained,omitempty"`
	Manifest         []byte          `json:"manifest,omitempty"`
	Notes            []byte          `json:"notes,omitempty"`
	Facts            []byte          `json:"facts,omitempty"`
	Readme           []byte          `json:"readme,omitempty"`
	Assets           []exportedAsset `json:"assets"`
}

type exportedAsset struct {
	Name      string      `json:"name"`
	AddedAt   time.Time   `json:"addedAt"`
	Companion bool        `json:"companion,omitempty"`
	Manifest  []byte      `json:"manifest,omitempty"`
	SHA256    string      `json:"sha256,omitempty"` // of its bytes, which are in the export
	Known     *meta.Known `json:"known,omitempty"`  // of one that was never fetched
}

// Counts are how much was exported or imported.
type Counts struct {
	Repositories, Packages, Versions, Files int
	Bytes                                   int64
}

// Export writes repositories of one domain, with all that is in them, as one
// archive that [Registry.Import] can verify.
func (r *Registry) Export(ctx context.Context, w io.Writer, refs []larder.RepositoryRef) (Counts, error) {
	x := exporting{registry: r, tar: tar.NewWriter(w), digest: sha256.New(), written: map[int64]bool{}}
	header := exportHeader{Format: plainFormat}
	var repositories []meta.Repository
	for _, ref := range refs {
		d, err := r.DescribeRepository(ctx, ref)
		if err != nil {
			return x.counts, err
		}
		repositories = append(repositories, d.Repository)
		header.Repositories = append(header.Repositories, exportedRepository{
			Name: ref.Name, Description: d.Description, Upstreams: d.Upstreams, Connection: d.Connection,
		})
	}
	if len(repositories) > 0 {
		var err error
		if header.Groups, err = r.exportGroups(ctx, repositories); err != nil {
			return x.counts, fmt.Errorf("export package groups: %w", err)
		}
	}
	if len(header.Groups) > 0 {
		header.Format = exportFormat
	}
	if err := x.document(headerEntry, header); err != nil {
		return x.counts, err
	}
	for _, repository := range repositories {
		if err := x.repository(ctx, repository); err != nil {
			return x.counts, fmt.Errorf("export %s: %w", repository.Ref, err)
		}
	}
	end := exportEnd{Entries: x.entries, SHA256: hex.EncodeToString(x.digest.Sum(nil))}
	return x.counts, errors.Join(x.document(endEntry, end), x.tar.Close())
}

// exportGroups returns the package groups of the domain of repositories,
// without those that say what every domain says.
func (r *Registry) exportGroups(ctx context.Context, of []meta.Repository) ([]exportedGroup, error) {
	return view(ctx, r, func(ctx context.Context, tx *meta.Tx) (all []exportedGroup, err error) {
		groups, err := tx.PackageGroups(ctx, domainOf(of[0]))
		if err != nil {
			return nil, err
		}
		for _, g := range groups {
			e := exportedGroup{
				Pattern: g.Ref.Pattern, ContactInfo: g.ContactInfo, Description: g.Description,
				Modes: g.Modes, Allowed: map[meta.Restriction][]string{},
			}
			for _, k := range meta.Restrictions {
				rows, err := tx.AllowedRows(ctx, g, k)
				if err != nil {
					return nil, err
				}
				for _, x := range of {
					if rows[x.ID] {
						e.Allowed[k] = append(e.Allowed[k], x.Ref.Name)
					}
				}
			}
			if g.Ref.Pattern != packagegroup.Root || !untouched(g) {
				all = append(all, e)
			}
		}
		return all, nil
	})
}

// untouched reports whether a root group is as its domain began with it.
func untouched(g meta.PackageGroup) bool {
	for _, mode := range g.Modes {
		if mode != meta.Allow {
			return false
		}
	}
	return g.ContactInfo == "" && g.Description == ""
}

// exporting is an export under way.
type exporting struct {
	registry *Registry
	tar      *tar.Writer
	digest   hash.Hash // of the names and digests of entries
	entries  int
	written  map[int64]bool // blobs, by row
	counts   Counts
}

// document writes an entry of JSON.
func (x *exporting) document(name string, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := x.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(text)), Typeflag: tar.TypeReg}); err != nil {
		return err
	}
	if _, err := x.tar.Write(text); err != nil {
		return err
	}
	x.note(name, sha256.Sum256(text))
	return nil
}

// note takes an entry into the digest of all.
func (x *exporting) note(name string, sum [32]byte) {
	x.entries++
	noteEntry(x.digest, name, sum)
}

func noteEntry(h hash.Hash, name string, sum [32]byte) {
	io.WriteString(h, name+"\x00") //nolint:errcheck // a hash never fails
	h.Write(sum[:])
}

func (x *exporting) repository(ctx context.Context, repository meta.Repository) error {
	x.counts.Repositories++
	q := meta.PackageQuery{Limit: packagesPage}
	for {
		page, err := x.registry.DB.Now().Packages(ctx, repository, q)
		if err != nil {
			return err
		}
		for _, row := range page {
			if err := x.pkg(ctx, row); err != nil {
				return fmt.Errorf("%s: %w", row.Ref, err)
			}
			q.Last = meta.PackageKey{Format: row.Ref.Format, Namespace: row.Ref.Namespace, Name: row.Ref.Name}
		}
		if len(page) < q.Limit {
			return nil
		}
	}
}

func (x *exporting) pkg(ctx context.Context, row meta.Package) error {
	db := x.registry.DB.Now()
	p := exportedPackage{
		Repository: row.Ref.Repository.Name, Format: row.Ref.Format, Namespace: row.Ref.Namespace, Name: row.Ref.Name,
		Publish: row.Origin.Publish, Upstream: row.Origin.Upstream,
	}
	var err error
	if p.Tags, err = db.PackageTags(ctx, row.ID); err != nil {
		return err
	}
	q := meta.VersionQuery{Limit: versionsTaken}
	for {
		page, err := db.Versions(ctx, row.ID, q)
		if err != nil {
			return err
		}
		for _, v := range page {
			taken, err := x.version(ctx, v)
			if err != nil {
				return fmt.Errorf("version %s: %w", v.Version, err)
			}
			p.Versions = append(p.Versions, taken)
			q.Last = v
		}
		if len(page) < q.Limit {
			break
		}
	}
	x.counts.Packages++
	x.counts.Versions += len(p.Versions)
	return x.document(packageEntry+strconv.Itoa(x.counts.Packages)+".json", p)
}

// version returns a version, after writing the bytes that nothing before it
// has.
func (x *exporting) version(ctx context.Context, v meta.Version) (exportedVersion, error) {
	c, err := view(ctx, x.registry, func(ctx context.Context, tx *meta.Tx) (content, error) { return contentOf(ctx, tx, v) })
	if err != nil {
		return exportedVersion{}, err
	}
	taken := exportedVersion{
		Version: v.Version, Revision: v.Revision, Status: v.Status, PublishedAt: v.PublishedAt,
		OriginRepository: v.OriginRepository, OriginConnection: v.OriginConnection, Retained: v.Retained,
		Manifest: c.manifest, Notes: c.notes, Facts: c.facts, Readme: c.readme,
	}
	for _, a := range c.assets {
		e := exportedAsset{Name: a.Name, AddedAt: a.AddedAt, Companion: a.Companion, Manifest: a.Manifest, Known: a.Known}
		if a.Known == nil {
			e.SHA256 = hex.EncodeToString(a.Blob.Sums.SHA256[:])
			if err := x.blob(ctx, a.Blob); err != nil {
				return taken, fmt.Errorf("%s: %w", a.Name, err)
			}
		}
		taken.Assets = append(taken.Assets, e)
	}
	return taken, nil
}

// blob writes bytes, once.
func (x *exporting) blob(ctx context.Context, b meta.Blob) (err error) {
	if x.written[b.ID] {
		return nil
	}
	x.written[b.ID] = true
	from, err := x.registry.open(ctx, b)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	name := blobEntries + hex.EncodeToString(b.Sums.SHA256[:])
	if err := x.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: b.Size, Typeflag: tar.TypeReg}); err != nil {
		return err
	}
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(x.tar, sum), from); err != nil {
		return err
	}
	if [32]byte(sum.Sum(nil)) != b.Sums.SHA256 {
		return fmt.Errorf("the bytes of blob %s are damaged", blobKey(b))
	}
	x.note(name, b.Sums.SHA256)
	x.counts.Files++
	x.counts.Bytes += b.Size
	return nil
}
