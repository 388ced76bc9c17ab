package npm

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

const (
	// maxDocument bounds a publish document beside its tarball.
	maxDocument = 16 << 20

	// maxWrittenBack bounds a packument that a client sends back changed, as
	// deprecate and unpublish do. Little of it is held: packuments of 20 MB
	// and more exist.
	maxWrittenBack = 128 << 20

	maxVersions = 100_000
	maxTags     = 10_000

	// maxBundle bounds a provenance bundle; they have some 10 KiB.
	maxBundle = 1 << 20

	// maxNote bounds the message of a deprecation.
	maxNote = 16 << 10
)

// document is what a client puts at a package's URL: a version to publish
// with its tarball, a packument changed and written back, or a scrap of one.
type document struct {
	id, name, rev string
	tags          map[string]string // nil if the document has none
	versions      map[string]string // to the message of deprecation; nil if the document has none
	manifest      json.RawMessage   // of the version, if there is one only
	tarball       *attachment       // nil if nothing is published
	bundle        string            // the provenance bundle, if there is one
	starred       bool              // the document names users: it is npm's or pnpm's star
}

// attachment is a tarball that came in a document.
type attachment struct {
	name    string
	upload  format.Upload
	length  int64       // of the decoded data
	claimed json.Number // what the client says of the length; empty if nothing
}

// readDocument reads a document in whatever order its members come: npm,
// pnpm, yarn 1 and bun put _attachments last, yarn berry puts it second. The
// tarball goes to upload while it is decoded.
func readDocument(r io.Reader, upload func(io.Reader) (format.Upload, error)) (*document, error) {
	s := newStream(r, maxDocument)
	d := new(document)
	err := s.object(func(key string) (err error) {
		switch key {
		case "_id":
			d.id, err = s.text(maxKey)
		case "name":
			d.name, err = s.text(maxKey)
		case "_rev":
			d.rev, err = s.text(maxKey)
		case "dist-tags":
			err = d.readTags(s)
		case "versions":
			err = d.readVersions(s)
		case "users":
			var users json.RawMessage
			users, err = s.raw()
			o, _ := parseObject(users)
			d.starred = o != nil && len(o.keys) > 0
		case "_attachments":
			err = d.readAttachments(s, upload)
		default:
			err = s.skip()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return d, s.end()
}

func (d *document) readTags(s *stream) error {
	if null, err := s.null(); null || err != nil {
		return err
	}
	d.tags = map[string]string{}
	return s.object(func(tag string) error {
		if len(d.tags) == maxTags {
			return larder.Errorf(larder.TooLarge, "the document has more than %d dist-tags", maxTags)
		}
		version, err := s.text(maxVersion)
		d.tags[tag] = version
		return err
	})
}

// readVersions keeps the manifest of a version as long as it is the only
// one, and of all what a client may change.
func (d *document) readVersions(s *stream) error {
	if null, err := s.null(); null || err != nil {
		return err
	}
	d.versions = map[string]string{}
	return s.object(func(version string) error {
		switch len(d.versions) {
		case 0:
			manifest, err := s.raw()
			if err != nil {
				return err
			}
			o, err := parseObject(manifest)
			if err != nil {
				return larder.Errorf(larder.Invalid, "version %q of the document: %v", version, err)
			}
			d.manifest = manifest
			d.versions[version] = deprecation(o.values["deprecated"])
			return nil
		case 1:
			d.manifest = nil
			s.extend(maxWrittenBack)
		case maxVersions:
			return larder.Errorf(larder.TooLarge, "the document has more than %d versions", maxVersions)
		}
		d.versions[version] = ""
		return s.object(func(key string) error {
			if key != "deprecated" {
				return s.skip()
			}
			message, err := s.raw()
			d.versions[version] = deprecation(message)
			return err
		})
	})
}

// readAttachments takes the tarball, and the bundle of sigstore that npm
// sends beside it for provenance. An attachment without data is one that a
// packument mentions.
func (d *document) readAttachments(s *stream, upload func(io.Reader) (format.Upload, error)) error {
	if null, err := s.null(); null || err != nil {
		return err
	}
	return s.object(func(name string) error {
		if strings.HasSuffix(name, ".sigstore") {
			return d.readBundle(s, name)
		}
		a := attachment{name: name}
		return s.object(func(key string) (err error) {
			switch key {
			case "length":
				a.claimed, err = s.number()
			case "data":
				if d.tarball != nil {
					return larder.Errorf(larder.Invalid, "the document attaches %q beside %q: a version has one tarball", name, d.tarball.name)
				}
				d.tarball = &a
				err = a.read(s, upload)
			default:
				err = s.skip()
			}
			return err
		})
	})
}

func (a *attachment) read(s *stream, upload func(io.Reader) (format.Upload, error)) error {
	data, err := s.data()
	if err != nil {
		return err
	}
	a.upload, err = upload(data)
	a.length = data.n
	switch {
	case data.err == nil && err == nil:
		err = fmt.Errorf("upload %s: left before its end", a.name)
	case data.err != nil && !errors.Is(data.err, io.EOF):
		err = data.err // what broke the data says more than what came of it
	}
	return err
}

// readBundle reads an attachment whose data is text, not base64 (seen with
// npm 11).
func (d *document) readBundle(s *stream, name string) error {
	if d.bundle != "" {
		return larder.Errorf(larder.Invalid, "the document attaches a second provenance bundle, %q", name)
	}
	return s.object(func(key string) (err error) {
		if key != "data" {
			return s.skip()
		}
		d.bundle, err = s.text(maxBundle)
		return err
	})
}

// deprecation reads the message of a version's deprecation. Clients and old
// packages write false and true as well; "" means that it is not deprecated.
func deprecation(raw json.RawMessage) string {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return ""
	}
	switch v := v.(type) {
	case string:
		return v
	case bool:
		if v {
			return "deprecated"
		}
	}
	return ""
}
