package archive

import (
	"bufio"
	"cmp"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"slices"

	"larder.example/larder"
)

// The records of a zip file, APPNOTE.TXT 4.3, with their fixed lengths.
const (
	localSig, localLen         = 0x04034b50, 30
	fileSig, fileLen           = 0x02014b50, 46
	endSig, endLen             = 0x06054b50, 22
	end64Sig, end64Len         = 0x06064b50, 56
	locator64Sig, locator64Len = 0x07064b50, 20

	extraZip64       = 0x0001
	extraUnicodeName = 0x7075 // Info-ZIP's

	flagEncrypted  = 1 << 0
	flagDescriptor = 1 << 3 // checksum and sizes follow the bytes

	// mostDirectory bounds what the names and extra fields of all entries may
	// take in memory.
	mostDirectory = 64 << 20
)

// record is the bytes of one, read in little-endian at an offset.
type record []byte

func (r record) u16(at int) uint16 { return binary.LittleEndian.Uint16(r[at:]) }
func (r record) u32(at int) uint32 { return binary.LittleEndian.Uint32(r[at:]) }
func (r record) u64(at int) uint64 { return binary.LittleEndian.Uint64(r[at:]) }

// zipFile is an entry as the directory describes it.
type zipFile struct {
	name             string
	system           byte // that made it: decides what attributes mean
	flags, method    uint16
	crc, attributes  uint32
	packed, inflated int64
	offset           int64 // of the header before its bytes
	end              int64 // where the next entry begins, or the directory
}

func readDirectory(src *sourceAt, size int64, l Limits) ([]*zipFile, error) {
	dir, err := findDirectory(src, size)
	if err != nil {
		return nil, err
	}
	if err := l.checkEntries(dir.entries); err != nil {
		return nil, err
	}
	if dir.size > mostDirectory {
		return nil, larder.Errorf(larder.Invalid, "The archive's directory is larger than %s.", amount(mostDirectory))
	}
	section := io.NewSectionReader(src, dir.offset, dir.size)
	r := bufio.NewReaderSize(section, 64<<10)
	var files []*zipFile
	var inflated, packed int64
	for range dir.entries {
		f, err := readFile(r)
		if err != nil {
			return nil, err
		}
		if err := l.checkEntry(f.name, f.inflated); err != nil {
			return nil, err
		}
		// Both are judged before they are added up, lest the sum overflow.
		if f.packed > size-packed {
			return nil, f.bad("shares bytes with another")
		}
		if f.inflated > l.Total-inflated {
			return nil, l.tooMuch()
		}
		packed, inflated = packed+f.packed, inflated+f.inflated
		files = append(files, f)
	}
	if _, err := r.ReadByte(); !ended(err) {
		if err != nil {
			return nil, err
		}
		return nil, malformed("the directory is longer than its entries")
	}
	if err := l.checkTotal(inflated, packed); err != nil {
		return nil, err
	}
	return files, checkOverlap(files, dir.offset)
}

// checkOverlap refuses entries that share bytes, by which a small archive
// inflates to a huge one, and notes where each must end.
func checkOverlap(files []*zipFile, end int64) error {
	sorted := slices.Clone(files)
	slices.SortFunc(sorted, func(a, b *zipFile) int { return cmp.Compare(a.offset, b.offset) })
	for i, f := range sorted {
		f.end = end
		if i+1 < len(sorted) {
			f.end = sorted[i+1].offset
		}
		// Of the header's extra field we know when we read it.
		if f.offset > end || f.end-f.offset < localLen+int64(len(f.name))+f.packed {
			return f.bad("shares bytes with another")
		}
	}
	return nil
}

// readFile reads one entry of the directory.
func readFile(r *bufio.Reader) (*zipFile, error) {
	h := make(record, fileLen)
	if _, err := io.ReadFull(r, h); err != nil {
		return nil, cut(err)
	}
	if h.u32(0) != fileSig {
		return nil, malformed("its directory has fewer entries than it says")
	}
	nameLen, extraLen, commentLen := int(h.u16(28)), int(h.u16(30)), int(h.u16(32))
	rest := make(record, nameLen+extraLen+commentLen)
	if _, err := io.ReadFull(r, rest); err != nil {
		return nil, cut(err)
	}
	f := &zipFile{
		name:       string(rest[:nameLen]),
		system:     h[5],
		flags:      h.u16(8),
		method:     h.u16(10),
		crc:        h.u32(16),
		packed:     int64(h.u32(20)),
		inflated:   int64(h.u32(24)),
		attributes: h.u32(38),
		offset:     int64(h.u32(42)),
	}
	if err := f.readExtra(rest[nameLen : nameLen+extraLen]); err != nil {
		return nil, err
	}
	if f.method == stored && f.packed != f.inflated {
		return nil, f.bad("is stored with two sizes")
	}
	return f, nil
}

// cut is for reads of bytes that the directory said it has.
func cut(err error) error {
	if ended(err) || errors.Is(err, io.ErrUnexpectedEOF) {
		return malformed("its directory has fewer entries than it says")
	}
	return err
}

// readExtra reads the fields that may replace what the entry said before. What
// does not parse is left alone, as other programs do: Android's padding.
func (f *zipFile) readExtra(extra record) error {
	for len(extra) >= 4 {
		id, n := extra.u16(0), int(extra.u16(2))
		if n > len(extra)-4 {
			return nil
		}
		field := extra[4 : 4+n]
		extra = extra[4+n:]
		switch {
		case id == extraZip64:
			if err := f.readSizes(field); err != nil {
				return err
			}
		case id == extraUnicodeName && n >= 5 && string(field[5:]) != f.name:
			return f.bad("has two names")
		}
	}
	return nil
}

// readSizes reads the sizes that did not fit into 32 bits.
func (f *zipFile) readSizes(field record) error {
	for _, size := range []*int64{&f.inflated, &f.packed, &f.offset} {
		if *size != math.MaxUint32 {
			continue
		}
		if len(field) < 8 {
			return f.bad("says no size")
		}
		*size = int64(field.u64(0))
		if *size < 0 {
			return f.bad("has a size beyond reason")
		}
		field = field[8:]
	}
	return nil
}
