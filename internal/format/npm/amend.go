package npm

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// writeBack takes the packument that npm deprecate and undeprecate send back
// with other messages. Versions that it lacks stay: it may be a part. It may
// also lack a revision, and then says what it says of any.
func writeBack(x *format.Exchange, d *document) error {
	c, err := readWrittenBack(x, d)
	if err != nil {
		return err
	}
	if d.rev != "" {
		if err := c.check(d.rev); err != nil {
			return err
		}
	}
	var change format.Change
	if err := c.note(&change, d); err != nil {
		return err
	}
	if err := c.tag(&change, d); err != nil {
		return err
	}
	return amend(x, change)
}

// replace takes the packument that npm unpublish sends back without some of
// its versions: those are deleted, and tags are as it says.
func replace(x *format.Exchange) error {
	d, err := readDocument(x.R.Body, func(io.Reader) (format.Upload, error) {
		return nil, larder.Errorf(larder.Invalid, "nothing can be published at a revision of %s", displayed(x.Package))
	})
	if err != nil {
		return err
	}
	c, err := readWrittenBack(x, d)
	if err != nil {
		return err
	}
	if err := c.check(x.R.PathValue("rev")); err != nil {
		return err
	}
	var change format.Change
	if err := c.note(&change, d); err != nil {
		return err
	}
	for version := range c.published {
		if c.drops(d, version) {
			change.Delete = append(change.Delete, version)
		}
	}
	slices.Sort(change.Delete)
	if err := c.tag(&change, d); err != nil {
		return err
	}
	if err := c.untag(&change, d); err != nil {
		return err
	}
	return amend(x, change)
}

// readWrittenBack reads what a document without a tarball is to change.
// npm's star and owner send documents that have no versions, pnpm's star a
// packument with users, of which this registry shows none.
func readWrittenBack(x *format.Exchange, d *document) (*current, error) {
	if d.versions == nil || d.starred {
		return nil, larder.Errorf(larder.Invalid,
			"stars and maintainers are not kept by this registry")
	}
	if full := displayed(x.Package); d.name != "" && d.name != full {
		return nil, larder.Errorf(larder.Invalid, "the document is of %.214q, but was put at %q", d.name, full)
	}
	c, err := readCurrent(x.R.Context(), x)
	if err != nil {
		return nil, err
	}
	for version := range d.versions {
		if _, ok := c.versions[version]; !ok {
			return nil, larder.Errorf(larder.Invalid,
				"%s has no version %.256s: a new version is published with its tarball attached", displayed(x.Package), version)
		}
	}
	return c, nil
}

// note adds to a change the deprecations that d states otherwise.
func (c *current) note(change *format.Change, d *document) error {
	for version, message := range d.versions {
		is := c.versions[version]
		if message == is.now {
			continue
		}
		if len(message) > maxNote {
			return larder.Errorf(larder.TooLarge, "the message that deprecates %s is larger than %s", version, measure(maxNote))
		}
		if change.Notes == nil {
			change.Notes = map[string]json.RawMessage{}
		}
		if message == is.made {
			change.Notes[version] = json.RawMessage("null")
		} else {
			change.Notes[version] = encode(notes{message})
		}
	}
	return nil
}

// drops reports whether d takes a version out of the packument. One that is
// not listed is not in it and so not missed.
func (c *current) drops(d *document, version string) bool {
	_, listed := c.published[version]
	_, stays := d.versions[version]
	return listed && !stays
}

// tag adds to a change the tags that d has otherwise than they are shown.
func (c *current) tag(change *format.Change, d *document) error {
	shown := c.tags(c.pkg.Tags)
	for tag, version := range d.tags {
		if version == shown[tag] {
			continue
		}
		if err := checkTag(tag); err != nil {
			return err
		}
		if _, ok := c.versions[version]; !ok {
			return noVersion(c.pkg.Ref, version)
		}
		set(change, tag, version)
	}
	return nil
}

// untag adds to a change the removal of the tags that d lacks, but for those
// that go with the versions that they point at. A tag cannot stay without.
func (c *current) untag(change *format.Change, d *document) error {
	for tag, version := range d.tags {
		if c.drops(d, version) {
			return larder.Errorf(larder.Invalid, "the tag %q points at version %s, which the document takes away", tag, version)
		}
	}
	for tag, version := range c.tags(c.pkg.Tags) {
		_, stays := d.tags[tag]
		_, stored := c.pkg.Tags[tag]
		if stored && !stays && d.tags != nil && !c.drops(d, version) {
			set(change, tag, "")
		}
	}
	return nil
}

func set(change *format.Change, tag, version string) {
	if change.Tags == nil {
		change.Tags = map[string]string{}
	}
	change.Tags[tag] = version
}

// unpublishFile deletes the version of a tarball. npm asks for it after the
// packument without that version was accepted: then there is nothing to do.
func unpublishFile(x *format.Exchange) error {
	version, err := askedFile(x)
	if err != nil {
		return err
	}
	c, err := readCurrent(x.R.Context(), x)
	if err != nil {
		return err
	}
	if err := c.check(x.R.PathValue("rev")); err != nil {
		return err
	}
	if _, ok := c.versions[version]; !ok {
		return done(x, http.StatusOK)
	}
	return amend(x, format.Change{Delete: []string{version}})
}

// unpublishAll deletes the package.
func unpublishAll(x *format.Exchange) error {
	c, err := readCurrent(x.R.Context(), x)
	if err != nil {
		return err
	}
	if err := c.check(x.R.PathValue("rev")); err != nil {
		return err
	}
	return amend(x, format.Change{DeletePackage: true})
}

// amend makes a change, if it is one.
func amend(x *format.Exchange, c format.Change) error {
	if len(c.Tags)+len(c.Notes)+len(c.Delete) > 0 || c.DeletePackage {
		if err := x.Registry.Amend(x.R.Context(), x.Package, c); err != nil {
			return err
		}
	}
	return done(x, http.StatusOK)
}
