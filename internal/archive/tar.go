package archive

import (
	"archive/tar"
	"bufio"
	"errors"
	"io"
	"io/fs"
	"strings"

	"larder.example/larder"
)

// WalkTar shows visit the entries of a tar archive in their order. Whether it
// is compressed by gzip is told by its first bytes, as npm tells it. A visit
// that returns fs.SkipAll ends the walk; any other error of it is returned as
// it is. The stream is read to its end, so that the checksums of gzip count.
func WalkTar(r io.Reader, l Limits, visit func(Entry) error) error {
	l = l.orDefaults()
	src := &source{r: r}
	inflated, err := inflate(src, l)
	if err != nil {
		return src.explain(err)
	}
	archive := tar.NewReader(inflated)
	for n := int64(1); ; n++ {
		h, err := archive.Next()
		if ended(err) {
			break
		}
		if err != nil && !errors.Is(err, tar.ErrInsecurePath) { // which is what Flaw says
			return src.explain(err)
		}
		if err := l.checkEntries(n); err != nil {
			return err
		}
		if h.Typeflag == tar.TypeXGlobalHeader {
			if err := checkGlobal(h); err != nil {
				return err
			}
			continue
		}
		if err := l.checkEntry(h.Name, h.Size); err != nil {
			return err
		}
		err = visit(tarEntry(h, explained{archive, src.explain}))
		if errors.Is(err, fs.SkipAll) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	_, err = io.Copy(io.Discard, inflated)
	return src.explain(err)
}

// inflate returns the tar's own bytes, held to the limits.
func inflate(src *source, l Limits) (*meter, error) {
	b := bufio.NewReaderSize(src, 32<<10)
	m := &meter{r: b, src: src, limits: l}
	magic, err := b.Peek(2)
	if err != nil && !ended(err) {
		return nil, err
	}
	if string(magic) == "\x1f\x8b" {
		if m.r, err = newGunzip(b); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// meter counts what is read from r and judges it.
type meter struct {
	r      io.Reader
	src    *source
	limits Limits
	read   int64
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.r.Read(p)
	m.read += int64(n)
	if bad := m.limits.checkTotal(m.read, m.src.read); bad != nil {
		return 0, bad
	}
	return n, err
}

func tarEntry(h *tar.Header, body io.Reader) Entry {
	e := Entry{Name: h.Name, Flaw: flawOf(h.Name), Body: strings.NewReader("")}
	switch h.Typeflag {
	case tar.TypeReg, tar.TypeCont, tar.TypeGNUSparse:
		e.Kind, e.Size, e.Body = File, h.Size, body
		if e.Flaw == "" && isSparse(h) {
			e.Flaw = Sparse
		}
	case tar.TypeDir:
		e.Kind = Dir
	case tar.TypeSymlink:
		e.Kind, e.Size, e.Body = Symlink, int64(len(h.Linkname)), strings.NewReader(h.Linkname)
	case tar.TypeLink:
		e.Kind, e.Size, e.Body = Hardlink, int64(len(h.Linkname)), strings.NewReader(h.Linkname)
	default:
		e.Kind = Special
	}
	return e
}

func isSparse(h *tar.Header) bool {
	if h.Typeflag == tar.TypeGNUSparse {
		return true
	}
	for key := range h.PAXRecords {
		if strings.HasPrefix(key, "GNU.sparse.") {
			return true
		}
	}
	return false
}

// checkGlobal refuses a global header that renames or resizes: archive/tar
// leaves it without effect, while npm and Python apply it to every entry after
// it. "git archive" writes one with a comment.
func checkGlobal(h *tar.Header) error {
	for key := range h.PAXRecords {
		if key == "path" || key == "linkpath" || key == "size" || strings.HasPrefix(key, "GNU.sparse.") {
			return larder.Errorf(larder.Invalid, "The archive has a global header that sets %q.", key)
		}
	}
	return nil
}
