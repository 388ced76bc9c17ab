package pypi

import (
	"io"
	"path"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/archive"
)

// readSdist returns PKG-INFO of a source distribution, which stands in the
// one directory that everything is in (PEP 625, and what tools did before).
func readSdist(k kind, b io.ReaderAt, size int64) ([]byte, error) {
	s := sdistReader{pick: archive.Pick{Patterns: []string{"*/PKG-INFO"}, Most: maxMetadata}}
	limits := archive.Limits{Entries: maxFiles, Total: maxSdistUnpacked}
	var err error
	if k == zipSdist {
		err = archive.WalkZip(b, size, limits, s.visit)
	} else {
		err = walkTarGzip(b, size, limits, s.visit)
	}
	if err != nil {
		return nil, err
	}
	if len(s.pick.Found) > 1 {
		return nil, larder.Errorf(larder.Invalid, "The source distribution has PKG-INFO in several directories.")
	}
	for _, raw := range s.pick.Found {
		return raw, nil
	}
	return nil, larder.Errorf(larder.Invalid, "The source distribution has no NAME-VERSION/PKG-INFO.")
}

// walkTarGzip is archive.WalkTar for what must be compressed: pip goes by the
// file's name.
func walkTarGzip(b io.ReaderAt, size int64, l archive.Limits, visit func(archive.Entry) error) error {
	magic := make([]byte, 2)
	if n, err := b.ReadAt(magic, 0); n < len(magic) && err != io.EOF {
		return err
	}
	if string(magic) != "\x1f\x8b" {
		return larder.Errorf(larder.Invalid, "The file is named .tar.gz, but is not compressed by gzip.")
	}
	return archive.WalkTar(io.NewSectionReader(b, 0, size), l, visit)
}

type sdistReader struct{ pick archive.Pick }

// visit is for the walks of archive. A source tree may have links in it, as
// long as they stay there (PEP 721).
func (s *sdistReader) visit(e archive.Entry) error {
	if e.Flaw == "" && (e.Kind == archive.Symlink || e.Kind == archive.Hardlink) {
		return checkLink(e)
	}
	if err := e.Check(); err != nil {
		return err
	}
	return s.pick.Visit(e)
}

// maxLink is the longest path that Linux knows.
const maxLink = 4096

// checkLink refuses a link that leads out of the directory that the source
// distribution is.
func checkLink(e archive.Entry) error {
	b, err := e.Bytes(maxLink)
	if err != nil {
		return err
	}
	target := strings.ReplaceAll(string(b), `\`, "/")
	where := target
	if e.Kind == archive.Symlink {
		where = path.Join(path.Dir(e.Name), target)
	}
	top, _, _ := strings.Cut(path.Clean(e.Name), "/")
	inside, _, _ := strings.Cut(path.Clean(where), "/")
	if path.IsAbs(target) || strings.Contains(target, ":") || inside != top {
		return larder.Errorf(larder.Invalid, "The link %.255q in the source distribution leads out of it, to %.255q.", e.Name, b)
	}
	return nil
}
