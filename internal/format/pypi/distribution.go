package pypi

import (
	"io"

	"larder.example/larder"
)

// distribution is a wheel or an sdist and what it says about itself.
type distribution struct {
	filename
	*metadata
	raw []byte // METADATA or PKG-INFO
}

// readDistribution reads the file that is named name. What it says inside
// must be what it is named.
func readDistribution(name filename, b io.ReaderAt, size int64) (*distribution, error) {
	d := &distribution{filename: name}
	stem, err := name.stem, error(nil)
	switch name.kind {
	case wheel:
		d.raw, stem, err = readWheel(b, size)
	case tarSdist, zipSdist:
		d.raw, err = readSdist(name.kind, b, size)
	}
	if err != nil {
		return nil, err
	}
	if d.metadata, err = readMetadata(d.raw); err != nil {
		return nil, err
	}
	if !d.isOf(d.project(), d.version) {
		return nil, larder.Errorf(larder.Invalid, "The file is named %s, but the metadata in it is of %s %s.", name.full, d.name, d.version)
	}
	if inside := (filename{stem: stem}); !inside.isOf(d.project(), d.version) {
		return nil, larder.Errorf(larder.Invalid, "METADATA in the wheel is of %s %s, but the directory that it stands in of %.255s.", d.name, d.version, stem)
	}
	return d, nil
}

// project is the project's normal name.
func (d *distribution) project() string { return normalize(d.name) }
