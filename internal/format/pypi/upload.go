package pypi

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// post takes the file that a client uploads.
func post(x *format.Exchange) error {
	f, err := readForm(x.R, func(r io.Reader) (format.Upload, error) {
		return x.Registry.Upload(x.R.Context(), r)
	})
	if err != nil {
		return err
	}
	d, err := f.check()
	if err != nil {
		return err
	}
	v := larder.VersionRef{
		Package: larder.PackageRef{Repository: x.Repository, Format: larder.PyPI, Name: d.project()},
		Version: d.version.String(),
	}
	if err := publish(x, v, f, d); err != nil {
		return err
	}
	x.W.WriteHeader(http.StatusOK)
	return nil
}

// check holds a form against itself and the file in it.
func (f *form) check() (*distribution, error) {
	refuse := func(format string, args ...any) (*distribution, error) {
		return nil, larder.Errorf(larder.Invalid, format, args...)
	}
	if action, ok := f.fields[":action"]; ok && action != "file_upload" {
		return refuse("The :action %.64q is not supported: there is only file_upload.", action)
	}
	if protocol, ok := f.fields["protocol_version"]; ok && protocol != "1" {
		return refuse("The protocol_version %.64q is not known: it is 1.", protocol)
	}
	if want, ok := f.fields["filetype"]; ok && want != f.filename.kind.filetype() {
		return refuse("The upload says that the file is a %.64q, but %s is a %s.", want, f.filename.full, f.filename.kind.filetype())
	}
	if want, ok := f.fields["blake2_256_digest"]; ok && !strings.EqualFold(want, f.blake2) {
		return refuse("The BLAKE2b-256 of %s is %s, not %.64s as the upload says.", f.filename.full, f.blake2, want)
	}
	d, err := readDistribution(f.filename, f.file, f.file.Size())
	if err != nil {
		return nil, err
	}
	if name, ok := f.fields["name"]; ok && normalize(name) != d.project() {
		return refuse("The upload is for the project %.64q, but the metadata in %s is of %s.", name, d.full, d.name)
	}
	if text, ok := f.fields["version"]; ok {
		if v, ok := parseVersion(text); !ok || v.String() != d.version.String() {
			return refuse("The upload is for the version %.64q, but the metadata in %s is of %s.", text, d.full, d.version)
		}
	}
	return d, nil
}

// filetype is the kind as forms spell it.
func (k kind) filetype() string {
	if k == wheel {
		return "bdist_wheel"
	}
	return "sdist"
}

// publish makes the file part of its version, with the companions that it has.
func publish(x *format.Exchange, v larder.VersionRef, f *form, d *distribution) error {
	facts, err := news(x, v, d)
	if err != nil {
		return err
	}
	e := d.entry()
	asset := format.NewAsset{Name: d.full, Upload: f.file, Claimed: format.Sums{
		MD5:    strings.ToLower(f.fields["md5_digest"]),
		SHA256: strings.ToLower(f.fields["sha256_digest"]),
	}}
	var companions []format.NewAsset
	add := func(suffix string, content []byte) (format.Upload, error) {
		u, err := x.Registry.Upload(x.R.Context(), bytes.NewReader(content))
		if err != nil {
			return nil, fmt.Errorf("spool %s%s: %w", d.full, suffix, err)
		}
		companions = append(companions, format.NewAsset{Name: d.full + suffix, Upload: u, Companion: true})
		return u, nil
	}
	if d.kind == wheel {
		u, err := add(metadataSuffix, d.raw)
		if err != nil {
			return err
		}
		e.CoreMetadata = u.Sums().SHA256
	}
	if text := f.fields["attestations"]; text != "" {
		provenance, err := provenanceOf(text, d.full, f.file.Sums().SHA256)
		if err != nil {
			return err
		}
		u, err := add(provenanceSuffix, provenance)
		if err != nil {
			return err
		}
		e.Provenance = u.Sums().SHA256
	}
	if asset.Manifest, err = e.encode(); err != nil {
		return err
	}
	assets := append([]format.NewAsset{asset}, companions...)
	err = x.Registry.Publish(x.R.Context(), v, format.Publication{Assets: assets, Facts: facts})
	if larder.Conflict.Is(err) && e.Provenance != "" {
		// The file may be there already, attested at another time. It counts,
		// and the attestations that came with it first.
		err = x.Registry.Publish(x.R.Context(), v, format.Publication{Assets: assets[:len(assets)-1], Facts: facts})
	}
	if larder.Conflict.Is(err) {
		conflict := *larder.AsError(err)
		conflict.Message = "File already exists: " + d.full + ". " + conflict.Message
		return &conflict
	}
	return err
}

// news returns what d says of its version if that is to be known from now on:
// the first wheel's word counts, and an sdist's until there is one.
func news(x *format.Exchange, v larder.VersionRef, d *distribution) (*format.Facts, error) {
	known, err := x.Registry.Version(x.R.Context(), v)
	if err != nil && !larder.NotFound.Is(err) {
		return nil, err
	}
	if err == nil {
		if d.kind != wheel {
			return nil, nil
		}
		for _, a := range known.Assets {
			if strings.HasSuffix(a.Name, ".whl") {
				return nil, nil
			}
		}
	}
	facts := d.facts()
	return &facts, nil
}
