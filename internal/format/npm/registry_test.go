package npm

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// memory is a format.Registry of one repository, held in memory. It keeps
// the promises of the interface; versions come in no order because maps do.
type memory struct {
	mu       sync.Mutex
	now      time.Time // of the next publish; each takes a minute
	seq      int
	packages map[larder.PackageRef]*stored
	denied   map[string]bool // actions that the caller may not do
	change   *format.Change  // the last that was asked for
}

type stored struct {
	seq      int
	tags     map[string]string
	versions map[string]*storedVersion
}

type storedVersion struct {
	status larder.Status
	at     time.Time
	facts  format.Facts
	notes  json.RawMessage
	bytes  []byte
	sums   format.Sums
}

func newMemory() *memory {
	return &memory{
		now:      time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		packages: map[larder.PackageRef]*stored{},
		denied:   map[string]bool{},
	}
}

func (m *memory) judge(action string, p larder.PackageRef) error {
	if m.denied[action] {
		return larder.Errorf(larder.Denied, "not authorized to perform: codeartifact:%s on resource: %s", action, p.ARN("us-east-1"))
	}
	return nil
}

func (m *memory) Package(_ context.Context, p larder.PackageRef) (*format.Package, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.judge("ReadFromRepository", p); err != nil {
		return nil, err
	}
	if s, ok := m.packages[p]; ok {
		if pkg := s.shown(p); pkg != nil {
			return pkg, nil
		}
	}
	return nil, larder.Errorf(larder.NotFound, "package %s does not exist", p)
}

// shown is the package as it is now, or nil if no version may be known.
func (s *stored) shown(p larder.PackageRef) *format.Package {
	var versions []format.Version
	for name, v := range s.versions {
		if v.status != larder.Published && v.status != larder.Unlisted {
			continue
		}
		versions = append(versions, format.Version{
			Version: name, Status: v.status, PublishedAt: v.at, Manifest: v.facts.Manifest, Notes: v.notes,
			Assets: []format.Asset{{Name: packageFile, Size: int64(len(v.bytes)), Sums: v.sums, At: v.at}},
		})
	}
	if versions == nil {
		return nil
	}
	return &format.Package{
		Ref: p, Stamp: fmt.Sprint(s.seq), Shows: fmt.Sprint(s.seq), Tags: maps.Clone(s.tags),
		Versions: func(yield func(format.Version, error) bool) {
			for _, v := range versions {
				if !yield(v, nil) {
					return
				}
			}
		},
	}
}

func (m *memory) Packages(_ context.Context, r larder.RepositoryRef, f larder.Format, q format.Query) iter.Seq2[*format.Package, error] {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []*format.Package
	for ref, s := range m.packages {
		pkg := s.shown(ref)
		if pkg != nil && ref.Repository == r && ref.Format == f && ref.Name > q.After &&
			(q.Namespace == "" || q.Namespace == ref.Namespace) && strings.HasPrefix(ref.Name, q.Prefix) {
			all = append(all, pkg)
		}
	}
	slices.SortFunc(all, func(a, b *format.Package) int {
		return cmp.Or(cmp.Compare(a.Ref.Namespace, b.Ref.Namespace), cmp.Compare(a.Ref.Name, b.Ref.Name))
	})
	return func(yield func(*format.Package, error) bool) {
		for _, pkg := range all {
			if !yield(pkg, nil) {
				return
			}
		}
	}
}

type upload struct {
	*bytes.Reader
	bytes []byte
	sums  format.Sums
}

func (u *upload) Size() int64       { return int64(len(u.bytes)) }
func (u *upload) Sums() format.Sums { return u.sums }

func (m *memory) Upload(_ context.Context, r io.Reader) (format.Upload, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("spool upload: %w", err)
	}
	return newUpload(b), nil
}

func newUpload(b []byte) *upload {
	digest := func(h hash.Hash) string {
		h.Write(b)
		return hex.EncodeToString(h.Sum(nil))
	}
	return &upload{bytes.NewReader(b), b, format.Sums{
		MD5: digest(md5.New()), SHA1: digest(sha1.New()), SHA256: digest(sha256.New()), SHA512: digest(sha512.New()),
	}}
}

func (m *memory) Publish(_ context.Context, v larder.VersionRef, p format.Publication) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.judge("PublishPackageVersion", v.Package); err != nil {
		return err
	}
	for _, a := range p.Assets {
		is := a.Upload.Sums()
		for _, kind := range []string{"md5", "sha1", "sha256", "sha512"} {
			if says := *sum(&a.Claimed, kind); says != "" && says != *sum(&is, kind) {
				return larder.Errorf(larder.Invalid, "asset %s has another %s than claimed", a.Name, kind)
			}
		}
	}
	s, ok := m.packages[v.Package]
	if !ok {
		s = &stored{tags: map[string]string{}, versions: map[string]*storedVersion{}}
	}
	asset := p.Assets[0].Upload.(*upload)
	if old, ok := s.versions[v.Version]; ok {
		if old.sums != asset.sums || old.status == larder.Archived {
			return larder.Errorf(larder.Conflict, "package version %s already exists", v)
		}
		return nil
	}
	m.now = m.now.Add(time.Minute)
	m.packages[v.Package] = s
	s.versions[v.Version] = &storedVersion{
		status: cmp.Or(p.Status, larder.Published), at: m.now, facts: *p.Facts, bytes: asset.bytes, sums: asset.sums,
	}
	maps.Copy(s.tags, p.Tags)
	m.bump(s)
	return nil
}

// Version is nothing that npm asks for.
func (m *memory) Version(_ context.Context, v larder.VersionRef) (*format.Version, error) {
	return nil, larder.Errorf(larder.NotFound, "version %s does not exist", v)
}

func (m *memory) Amend(_ context.Context, p larder.PackageRef, c format.Change) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.change = &c
	s, ok := m.packages[p]
	if !ok {
		return larder.Errorf(larder.NotFound, "package %s does not exist", p)
	}
	for action, asked := range map[string]bool{
		"PutPackageMetadata":    len(c.Tags)+len(c.Notes) > 0,
		"DeletePackageVersions": len(c.Delete) > 0,
		"DeletePackage":         c.DeletePackage,
	} {
		if asked {
			if err := m.judge(action, p); err != nil {
				return err
			}
		}
	}
	for _, named := range [][]string{c.Delete, slices.Collect(maps.Keys(c.Notes))} {
		for _, version := range named {
			if s.versions[version] == nil {
				return larder.Errorf(larder.NotFound, "package version %s %s does not exist", p, version)
			}
		}
	}
	for tag, version := range c.Tags {
		if s.tags[tag] = version; version == "" {
			delete(s.tags, tag)
		}
	}
	for version, note := range c.Notes {
		s.versions[version].notes = note
		if string(note) == "null" {
			s.versions[version].notes = nil
		}
	}
	for _, version := range c.Delete {
		delete(s.versions, version)
	}
	maps.DeleteFunc(s.tags, func(_, version string) bool { return s.versions[version] == nil })
	m.bump(s)
	if c.DeletePackage {
		delete(m.packages, p)
	}
	return nil
}

// bump makes what is rendered of a package new.
func (m *memory) bump(s *stored) {
	m.seq++
	s.seq = m.seq
}

// restatus sets the status of a version.
func (m *memory) restatus(p larder.PackageRef, version string, status larder.Status) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.packages[p].versions[version].status = status
	m.bump(m.packages[p])
}

// asset returns the bytes that are sent, or nil.
func (m *memory) asset(a larder.AssetRef) ([]byte, time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.packages[a.Version.Package]
	if s == nil || s.versions[a.Version.Version] == nil {
		return nil, time.Time{}
	}
	v := s.versions[a.Version.Version]
	switch {
	case v.status != larder.Published && v.status != larder.Unlisted:
		return nil, time.Time{}
	case a.Name == packageFile:
		return v.bytes, v.at
	}
	return nil, time.Time{}
}
