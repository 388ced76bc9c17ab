package pypi

import (
	"io"
	"path"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/archive"
)

// The limits of a distribution are generous: wheels of machine learning have
// gigabytes of libraries. A wheel is not inflated here, an sdist is.
const (
	maxFiles         = 500_000
	maxWheelUnpacked = 16 << 30
	maxSdistUnpacked = 4 << 30
)

// distInfo ends the name of the directory that says what a wheel is.
const distInfo = ".dist-info"

// readWheel returns METADATA of a wheel and what the directory that it stands
// in is named for. Nothing in a wheel may be anything but a file: what
// installs it writes the text of a link as a file's.
func readWheel(b io.ReaderAt, size int64) (raw []byte, stem string, err error) {
	w := wheelReader{pick: archive.Pick{Patterns: []string{"*" + distInfo + "/METADATA"}, Most: maxMetadata}}
	if err := archive.WalkZip(b, size, archive.Limits{Entries: maxFiles, Total: maxWheelUnpacked}, w.visit); err != nil {
		return nil, "", err
	}
	raw, ok := w.pick.Found[w.info+"/METADATA"]
	if !ok {
		return nil, "", larder.Errorf(larder.Invalid, "The wheel has no NAME-VERSION.dist-info/METADATA.")
	}
	return raw, strings.TrimSuffix(w.info, distInfo), nil
}

type wheelReader struct {
	pick archive.Pick
	info string // the .dist-info directory; empty: none was seen
}

// visit is for archive.WalkZip. A wheel is about one thing: pip refuses one
// with several .dist-info directories, others choose.
func (w *wheelReader) visit(e archive.Entry) error {
	if err := e.Check(); err != nil {
		return err
	}
	name := path.Clean(e.Name)
	top, _, below := strings.Cut(name, "/")
	if strings.HasSuffix(top, distInfo) && (below || e.Kind == archive.Dir) {
		if w.info != "" && w.info != top {
			return larder.Errorf(larder.Invalid, "The wheel has two .dist-info directories: %.255q and %.255q.", w.info, top)
		}
		w.info = top
	}
	return w.pick.Visit(e)
}
