package archive

import (
	"compress/flate"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"strings"

	"larder.example/larder"
)

// Zip files are read by our own hand because archive/zip reads a directory of
// any length into memory, lets entries share bytes, and believes the directory
// alone where other programs believe what stands before the bytes.

// WalkZip shows visit the entries of a zip archive in the order of its
// directory. Only bodies that visit reads are inflated; the limits hold for
// what the directory says, and a body for what its entry says. A visit that
// returns fs.SkipAll ends the walk; any other error of it is returned as it
// is.
func WalkZip(r io.ReaderAt, size int64, l Limits, visit func(Entry) error) error {
	src := &sourceAt{r: r}
	files, err := readDirectory(src, size, l.orDefaults())
	if err != nil {
		return src.explain(err)
	}
	for _, f := range files {
		err := visit(zipEntry(src, f))
		if errors.Is(err, fs.SkipAll) {
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func zipEntry(src *sourceAt, f *zipFile) Entry {
	e := Entry{Name: f.name, Kind: f.kind(), Flaw: flawOf(f.name), Body: strings.NewReader("")}
	if e.Kind == File || e.Kind == Symlink {
		e.Size, e.Body = f.inflated, explained{&zipBody{src: src, file: f}, src.explain}
	}
	return e
}

// The bits of a Unix mode that tell the kinds of files apart.
const (
	unixType    = 0o170000
	unixDir     = 0o040000
	unixRegular = 0o100000
	unixSymlink = 0o120000
)

// kind follows the trailing slash first, as every program that unpacks does.
func (f *zipFile) kind() Kind {
	const unix, darwin = 3, 19 // the systems whose attributes are a mode
	switch {
	case strings.HasSuffix(f.name, "/"):
		return Dir
	case f.system != unix && f.system != darwin:
		return File
	}
	switch f.attributes >> 16 & unixType {
	case 0, unixRegular:
		return File
	case unixDir:
		return Dir
	case unixSymlink:
		return Symlink
	default:
		return Special
	}
}

// The ways to store a file that are in use.
const (
	stored   = 0
	deflated = 8
)

// zipBody inflates a file, from the first Read on, and checks that it is as
// long as the directory says and has the checksum that it says.
type zipBody struct {
	src  *sourceAt
	file *zipFile
	r    io.Reader
	left int64
	sum  uint32
	err  error
}

func (b *zipBody) Read(p []byte) (int, error) {
	if b.err == nil && b.r == nil {
		b.left = b.file.inflated
		b.r, b.err = b.file.open(b.src)
	}
	if b.err != nil {
		return 0, b.err
	}
	if len(p) == 0 {
		return 0, nil
	}
	// One byte past the end tells a body that is too long.
	if int64(len(p)) > b.left {
		p = p[:b.left+1]
	}
	n, err := b.r.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		b.err = b.file.bad("is longer than the archive says")
		return 0, b.err
	}
	b.sum = crc32.Update(b.sum, crc32.IEEETable, p[:n])
	if ended(err) {
		err = b.atEnd()
	}
	b.err = err
	return n, err
}

func (b *zipBody) atEnd() error {
	switch {
	case b.left > 0:
		return b.file.bad("is shorter than the archive says")
	case b.sum != b.file.crc:
		return b.file.bad("has another checksum than the archive says")
	}
	return io.EOF
}

// open reads the header before the bytes, which must say what the directory
// says, and returns the inflated bytes.
func (f *zipFile) open(src *sourceAt) (io.Reader, error) {
	h := make(record, localLen)
	if err := src.fill(h, f.offset); err != nil {
		return nil, err
	}
	name := make([]byte, h.u16(26))
	if err := src.fill(name, f.offset+localLen); err != nil {
		return nil, err
	}
	flags, method := h.u16(6), h.u16(8)
	start := f.offset + localLen + int64(len(name)) + int64(h.u16(28))
	switch {
	case h.u32(0) != localSig:
		return nil, f.bad("is not where the archive says")
	case string(name) != f.name:
		return nil, f.bad("has another name before its bytes than in the directory")
	case method != f.method || !f.sameSizes(flags, h):
		return nil, f.bad("is described in two ways")
	case (flags|f.flags)&flagEncrypted != 0:
		return nil, f.bad("is encrypted")
	case start+f.packed > f.end:
		return nil, f.bad("shares bytes with another")
	}
	body := io.NewSectionReader(src, start, f.packed)
	switch method {
	case stored:
		return body, nil
	case deflated:
		return flate.NewReader(body), nil
	default:
		return nil, f.bad(fmt.Sprintf("is compressed by method %d, which is not supported", method))
	}
}

// sameSizes reports whether the checksum and the two sizes in the header
// before the bytes are those of the directory, where they are there at all.
func (f *zipFile) sameSizes(flags uint16, h record) bool {
	return flags&flagDescriptor != 0 || h.u32(14) == f.crc &&
		agrees(int64(h.u32(18)), f.packed, math.MaxUint32) &&
		agrees(int64(h.u32(22)), f.inflated, math.MaxUint32)
}

func (f *zipFile) bad(what string) error {
	return larder.Errorf(larder.Invalid, "The archive's entry %s %s.", short(f.name), what)
}
