package npm

import (
	"context"
	"io"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// maxTagBody bounds the body of a request about tags.
const maxTagBody = 1 << 20

// getTags answers with the tags that the packument shows.
func getTags(x *format.Exchange) error {
	return x.Render("tags", jsonType, func(ctx context.Context, w io.Writer) (string, error) {
		c, err := readCurrent(ctx, x)
		if err != nil {
			return "", err
		}
		if len(c.published) == 0 {
			return "", absent(x.Package)
		}
		_, err = w.Write(encode(c.tags(c.pkg.Tags)))
		return c.pkg.Stamp, err
	})
}

// setTag points one tag at a version. The body is the version, as JSON.
func setTag(x *format.Exchange) error {
	s := newStream(x.R.Body, maxTagBody)
	version, err := s.text(maxVersion)
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return err
	}
	c, err := readCurrent(x.R.Context(), x)
	if err != nil {
		return err
	}
	return c.retag(x, map[string]string{x.R.PathValue("tag"): version})
}

// mergeTags points each tag of the body, an object, at a version.
func mergeTags(x *format.Exchange) error {
	tags, err := readTags(x)
	if err != nil {
		return err
	}
	c, err := readCurrent(x.R.Context(), x)
	if err != nil {
		return err
	}
	return c.retag(x, tags)
}

// replaceTags is mergeTags, and removes every other tag.
func replaceTags(x *format.Exchange) error {
	tags, err := readTags(x)
	if err != nil {
		return err
	}
	c, err := readCurrent(x.R.Context(), x)
	if err != nil {
		return err
	}
	var others []string
	for tag := range c.pkg.Tags {
		if _, ok := tags[tag]; !ok {
			others = append(others, tag)
		}
	}
	return c.retag(x, tags, others...)
}

// removeTag removes one tag. Removing latest lets npm's own choice show.
func removeTag(x *format.Exchange) error {
	c, err := readCurrent(x.R.Context(), x)
	if err != nil {
		return err
	}
	tag := x.R.PathValue("tag")
	if _, ok := c.pkg.Tags[tag]; !ok {
		return larder.Errorf(larder.NotFound, "%.256q is not a dist-tag of %s", tag, displayed(x.Package))
	}
	return c.retag(x, nil, tag)
}

func readTags(x *format.Exchange) (map[string]string, error) {
	var d document
	s := newStream(x.R.Body, maxTagBody)
	if err := d.readTags(s); err != nil {
		return nil, err
	}
	if d.tags == nil {
		return nil, larder.Errorf(larder.Invalid, "the body is no object of tags and versions")
	}
	return d.tags, s.end()
}

// retag sets tags and removes others.
func (c *current) retag(x *format.Exchange, tags map[string]string, others ...string) error {
	var change format.Change
	for tag, version := range tags {
		if err := checkTag(tag); err != nil {
			return err
		}
		if _, ok := c.versions[version]; !ok {
			return noVersion(x.Package, version)
		}
		set(&change, tag, version)
	}
	for _, tag := range others {
		set(&change, tag, "")
	}
	return amend(x, change)
}

// checkTag refuses names that clients could not ask for: those that mean a
// range of versions, and those that npm finds no tag names.
func checkTag(tag string) error {
	switch {
	case tag == "", tag == ".", tag == "..", len(tag) > maxName, !urlSafe(tag):
		return larder.Errorf(larder.Invalid, "%.256q is no name for a dist-tag", tag)
	case isRange(tag):
		return larder.Errorf(larder.Invalid, "Tag name must not be a valid SemVer range: %q", tag)
	}
	return nil
}
