package pypi

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// page is what a project's page shows: the versions that are listed, older
// first, and their files.
type page struct {
	ref      larder.PackageRef
	stamp    string
	base     string // the address of the endpoint
	versions []*release
}

// release is a version with its files in order.
type release struct {
	version string
	order   version
	assets  []format.Asset
}

// newPage reads a package in one pass.
func newPage(pkg *format.Package, base string) (*page, error) {
	p := &page{ref: pkg.Ref, stamp: pkg.Stamp, base: base}
	for v, err := range pkg.Versions {
		if err != nil {
			return nil, fmt.Errorf("read versions of %s: %w", pkg.Ref, err)
		}
		if v.Status != larder.Published {
			continue
		}
		r := &release{version: v.Version, assets: v.Assets}
		r.order, _ = parseVersion(v.Version)
		slices.SortFunc(r.assets, func(a, b format.Asset) int { return strings.Compare(a.Name, b.Name) })
		p.versions = append(p.versions, r)
	}
	slices.SortFunc(p.versions, func(a, b *release) int {
		if c := a.order.order(&b.order); c != 0 {
			return c
		}
		return strings.Compare(a.version, b.version)
	})
	return p, nil
}

// file is a file on a page.
type file struct {
	format.Asset
	entry
	url string // relative to the page
}

// files shows visit each file.
func (p *page) files(visit func(file) error) error {
	for _, r := range p.versions {
		dir := url.PathEscape(r.version) + "/"
		for _, a := range r.assets {
			e, err := entryOf(a)
			if err != nil {
				return fmt.Errorf("%s %s: %w", p.ref, r.version, err)
			}
			if err := visit(file{Asset: a, entry: e, url: dir + url.PathEscape(a.Name)}); err != nil {
				return err
			}
		}
	}
	return nil
}

// appendTime appends when the file came, as PEP 700 writes it.
func (f file) appendTime(b []byte) []byte {
	return f.At.UTC().AppendFormat(b, "2006-01-02T15:04:05.000000Z")
}

// provenanceURL is absolute, as PEP 740 wants it.
func (p *page) provenanceURL(f file) string {
	if f.Provenance == "" {
		return ""
	}
	return p.base + "simple/" + p.ref.Name + "/" + f.url + provenanceSuffix
}
