package npm

import (
	"io"
	"net/http"
	"strconv"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// put takes what a client puts at a package's URL: a publish has a tarball,
// a deprecation is the packument with changes. npm's star sends a document
// without versions: it must not be taken for the packument's replacement.
func put(x *format.Exchange) error {
	d, err := readDocument(x.R.Body, func(r io.Reader) (format.Upload, error) {
		return x.Registry.Upload(x.R.Context(), r)
	})
	switch {
	case err != nil:
		return err
	case d.tarball != nil:
		return publish(x, d)
	}
	return writeBack(x, d)
}

// publish adds the version that a document holds.
func publish(x *format.Exchange, d *document) error {
	version, claimed, err := d.check(x.Package)
	if err != nil {
		return err
	}
	if err := allowed(x); err != nil {
		return err
	}
	sums, err := claims(claimed.object("dist"), d.tarball.upload.Sums())
	if err != nil {
		return err
	}
	facts, err := d.facts(version, claimed)
	if err != nil {
		return err
	}
	err = x.Registry.Publish(x.R.Context(), larder.VersionRef{Package: x.Package, Version: version}, format.Publication{
		Assets: []format.NewAsset{{Name: packageFile, Upload: d.tarball.upload, Claimed: sums}},
		Facts:  &facts,
		Tags:   d.tags,
	})
	if larder.Conflict.Is(err) {
		conflict := *larder.AsError(err)
		conflict.Message = "You cannot publish over the previously published version " + version + " of " +
			displayed(x.Package) + ": " + conflict.Message
		return &conflict
	}
	if err != nil {
		return err
	}
	return done(x, http.StatusCreated)
}

// check holds a publish document against itself and the URL it was put at.
// It returns the version and its manifest, and completes the tags.
func (d *document) check(p larder.PackageRef) (version string, manifest *object, err error) {
	full := displayed(p)
	refuse := func(format string, args ...any) (string, *object, error) {
		return "", nil, larder.Errorf(larder.Invalid, format, args...)
	}
	switch {
	case d.name != full:
		return refuse("the document is of %.214q, but was put at %q", d.name, full)
	case d.id != "" && d.id != full:
		return refuse("the document has the _id %.214q, but is of %q", d.id, full)
	case len(d.versions) != 1:
		return refuse("a document that publishes holds exactly one version, this one holds %d", len(d.versions))
	}
	for version = range d.versions {
	}
	// The document is valid JSON and was read as an object before.
	manifest, err = parseObject(d.manifest)
	if err != nil {
		return refuse("version %q of the document is %v", version, err)
	}
	length := strconv.FormatInt(d.tarball.length, 10)
	switch {
	case manifest.text("name") != full:
		return refuse("the manifest in the document is of %.214q, but the document of %q", manifest.text("name"), full)
	case manifest.text("version") != version:
		return refuse("the manifest in the document has the version %.256q, but is listed as %q", manifest.text("version"), version)
	case !strict(version):
		return refuse("%q is no semantic version", version)
	case d.tarball.claimed != "" && d.tarball.claimed.String() != length:
		return refuse("the tarball has %s bytes, but the document says %s", length, d.tarball.claimed)
	}
	if len(d.tags) == 0 {
		d.tags = map[string]string{latestTag: version}
	}
	for tag, tagged := range d.tags {
		if err := checkTag(tag); err != nil {
			return "", nil, err
		}
		if tagged != version {
			return refuse("the tag %q points at %q, but the version published is %q", tag, tagged, version)
		}
	}
	return version, manifest, nil
}

// allowed refuses a name that a package may have but a new one may not take.
func allowed(x *format.Exchange) error {
	why := outdated(x.Package.Namespace, x.Package.Name)
	if why == "" {
		return nil
	}
	_, err := x.Registry.Package(x.R.Context(), x.Package)
	if larder.NotFound.Is(err) {
		return larder.Errorf(larder.Invalid, "package name %q %s: a new package cannot have it", displayed(x.Package), why)
	}
	return err
}

// facts inspects the tarball and holds it against the document. What npm
// makes of a version in package.json (it cleans it) is the same version.
func (d *document) facts(version string, claimed *object) (format.Facts, error) {
	upload := d.tarball.upload
	t, err := readTarball(upload, upload.Size())
	if err != nil {
		return format.Facts{}, err
	}
	m, err := readManifest(t)
	if err != nil {
		return format.Facts{}, err
	}
	if m.name != d.name || m.version != clean(version) {
		return format.Facts{}, larder.Errorf(larder.Invalid,
			"the document publishes %s@%s, but package.json in the tarball is of %.214s@%.256s", d.name, version, m.name, m.version)
	}
	m.version = version
	m.adopt(claimed)
	m.normalize(t)
	if d.bundle != "" {
		if err := d.attest(m); err != nil {
			return format.Facts{}, err
		}
	}
	return factsOf(m, t), nil
}
