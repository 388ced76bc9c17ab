package npm

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// A packument is written in one pass over the versions, whatever their
// number: they come first in it, because only then is it known which of them
// are listed, and so what time and dist-tags may name.
type packument struct {
	listing
	base      string
	pkg       *format.Package
	short     bool
	w         *bufio.Writer
	latest    []byte // the manifest of the version tagged latest, if it is listed
	otherwise []byte // the manifest of the preferred version
}

// writePackument writes the document of a package: what is needed to install
// if short, else all. It writes nothing if no version is listed: to clients
// the package is absent. It returns the package's stamp.
func writePackument(ctx context.Context, x *format.Exchange, w io.Writer, short bool) (stamp string, err error) {
	pkg, err := x.Registry.Package(ctx, x.Package)
	if err != nil {
		return "", err
	}
	p := &packument{base: x.Base, pkg: pkg, short: short, w: bufio.NewWriterSize(w, 32<<10)}
	for v, err := range pkg.Versions {
		if err != nil {
			return "", fmt.Errorf("read versions of %s: %w", x.Package, err)
		}
		if err := p.version(v); err != nil {
			return "", err
		}
	}
	if len(p.published) == 0 {
		return "", absent(x.Package)
	}
	if err := p.rest(); err != nil {
		return "", err
	}
	return pkg.Stamp, p.w.Flush()
}

func (p *packument) version(v format.Version) error {
	first := len(p.published) == 0
	if !p.add(v) {
		return nil
	}
	if v.Version == p.pkg.Tags[latestTag] {
		p.latest = v.Manifest
	}
	if v.Version == p.preferred {
		p.otherwise = v.Manifest
	}
	if first {
		fmt.Fprintf(p.w, `{"name":%s,"versions":{`, quote(displayed(p.pkg.Ref)))
	} else {
		p.w.WriteByte(',')
	}
	writeQuoted(p.w, v.Version)
	p.w.WriteByte(':')
	return writeManifest(p.w, p.base, p.pkg.Ref, v, p.short)
}

// rest writes what follows the versions. pnpm, yarn and Renovate read from
// time how old a version is.
func (p *packument) rest() error {
	order := p.chronology()
	modified := stamped(p.published[order[len(order)-1]])
	p.w.WriteByte('}')
	p.tags()
	if p.short {
		fmt.Fprintf(p.w, `,"modified":%s}`, modified)
		return nil
	}
	fmt.Fprintf(p.w, `,"time":{"created":%s,"modified":%s`, stamped(p.published[order[0]]), modified)
	for _, version := range order {
		if p.published[version].IsZero() {
			continue // its registry does not say, and clients that ask how old it is must not be told that it is
		}
		fmt.Fprintf(p.w, `,%s:%s`, quote(version), stamped(p.published[version]))
	}
	fmt.Fprintf(p.w, `},"_id":%s,"_rev":%s`, quote(displayed(p.pkg.Ref)), quote(revision(p.pkg.Shows)))
	latest := p.latest
	if latest == nil {
		latest = p.otherwise
	}
	err := p.head(latest)
	p.w.WriteByte('}')
	return err
}

// head writes what stands at the top of the packument of its latest version.
func (p *packument) head(latest []byte) error {
	var apart []byte
	err := members(latest, "", func(key, value []byte) {
		switch string(key) {
		case "description", "homepage", "keywords", "repository", "author", "bugs", "license",
			"contributors", "maintainers":
			p.w.WriteByte(',')
			writeMember(p.w, key, value)
		case apartKey:
			apart = value
		}
	})
	if err != nil || apart == nil {
		return err
	}
	return members(apart, "", func(key, value []byte) {
		switch string(key) {
		case "readme", "readmeFilename":
			p.w.WriteByte(',')
			writeMember(p.w, key, value)
		}
	})
}

func (p *packument) tags() {
	shown := p.listing.tags(p.pkg.Tags)
	p.w.WriteString(`,"dist-tags":{`)
	for i, tag := range slices.Sorted(maps.Keys(shown)) {
		if i > 0 {
			p.w.WriteByte(',')
		}
		fmt.Fprintf(p.w, `%s:%s`, quote(tag), quote(shown[tag]))
	}
	p.w.WriteByte('}')
}

// revision is the _rev of a package that shows what it does. CouchDB's begin
// with a number; clients give them back as part of a path.
func revision(shows string) string {
	sum := sha256.Sum256([]byte(shows))
	return "1-" + hex.EncodeToString(sum[:16])
}

// milliseconds is how JavaScript writes a time of day in UTC.
const milliseconds = "2006-01-02T15:04:05.000Z"

// stamped writes a time as JavaScript does.
func stamped(t time.Time) []byte {
	return quote(t.UTC().Format(milliseconds))
}

// absent is what is said of a package that clients may not know of.
func absent(p larder.PackageRef) error {
	return &larder.Error{
		Kind: larder.NotFound, Resource: "package", ID: displayed(p),
		Message: "Not found: package " + displayed(p),
	}
}
