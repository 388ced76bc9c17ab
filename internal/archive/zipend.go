package archive

import (
	"math"

	"larder.example/larder"
)

// directory is where the entries are described, and how many there are.
type directory struct{ entries, size, offset int64 }

// findDirectory reads the records at the end. The directory must reach up to
// them and they to the end of the file: bytes before or between are where
// archives are hidden in archives.
func findDirectory(src *sourceAt, size int64) (directory, error) {
	tail := make(record, min(size, endLen+math.MaxUint16))
	if err := src.fill(tail, size-int64(len(tail))); err != nil {
		return directory{}, err
	}
	at, err := findEnd(tail)
	if err != nil {
		return directory{}, err
	}
	b := tail[at:]
	here, total := b.u16(8), b.u16(10)
	dir := directory{
		entries: int64(total),
		size:    int64(b.u32(12)),
		offset:  int64(b.u32(16)),
	}
	end := size - int64(len(tail)) + int64(at)
	large, end, err := findDirectory64(src, end)
	if err != nil {
		return directory{}, err
	}
	if large != nil {
		// Some programs read the small record unless it is saturated, others
		// the large one always: they must agree.
		if !agrees(dir.entries, large.entries, math.MaxUint16) ||
			!agrees(dir.size, large.size, math.MaxUint32) ||
			!agrees(dir.offset, large.offset, math.MaxUint32) {
			return directory{}, malformed("it has two directories that differ")
		}
		dir = *large
	} else if b.u32(4) != 0 || here != total {
		return directory{}, malformed("it is one part of several")
	}
	if dir.size > end || dir.offset != end-dir.size {
		return directory{}, malformed("its directory is not where it says")
	}
	return dir, nil
}

// findEnd returns where in the last bytes of the file the end record begins.
func findEnd(tail record) (int, error) {
	found := -1
	for i := len(tail) - endLen; i >= 0; i-- {
		if tail.u32(i) != endSig {
			continue
		}
		comment := int(tail.u16(i + 20))
		if i+endLen+comment != len(tail) {
			continue
		}
		if found >= 0 {
			return 0, malformed("it ends in two ways")
		}
		found = i
	}
	if found < 0 {
		return 0, malformed("it has no end record")
	}
	return found, nil
}

// findDirectory64 reads the zip64 records that stand right before the end
// record, if they do, and returns where the first of them begins.
func findDirectory64(src *sourceAt, end int64) (*directory, int64, error) {
	at := end - locator64Len
	b := make(record, end64Len)
	if at < end64Len {
		return nil, end, nil
	}
	if err := src.fill(b[:locator64Len], at); err != nil {
		return nil, 0, err
	}
	if b.u32(0) != locator64Sig {
		return nil, end, nil
	}
	disk, offset, disks := b.u32(4), b.u64(8), b.u32(16)
	if disk != 0 || disks > 1 {
		return nil, 0, malformed("it is one part of several")
	}
	if offset > uint64(at-end64Len) {
		return nil, 0, malformed("its directory is not where it says")
	}
	if err := src.fill(b, int64(offset)); err != nil {
		return nil, 0, err
	}
	// The record's own length does not count its first twelve bytes.
	length := b.u64(4)
	if b.u32(0) != end64Sig || length != uint64(at)-offset-12 {
		return nil, 0, malformed("its directory is not where it says")
	}
	here, total := b.u64(24), b.u64(32)
	if b.u32(16) != 0 || b.u32(20) != 0 || here != total {
		return nil, 0, malformed("it is one part of several")
	}
	dir := directory{
		entries: int64(total),
		size:    int64(b.u64(40)),
		offset:  int64(b.u64(48)),
	}
	if dir.entries < 0 || dir.size < 0 || dir.offset < 0 {
		return nil, 0, malformed("its directory is not where it says")
	}
	return &dir, int64(offset), nil
}

// agrees reports whether a field of the end record is the same in the zip64
// record, or is saturated, which says to look there.
func agrees(small, large, saturated int64) bool { return small == large || small == saturated }

func malformed(what string) error {
	return larder.Errorf(larder.Invalid, "The archive is not a valid zip file: %s.", what)
}
