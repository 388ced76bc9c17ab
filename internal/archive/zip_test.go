package archive_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"larder.example/larder"
	"larder.example/larder/internal/archive"
)

func TestZipEntriesComeInOrderWithTheirBytes(t *testing.T) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range []struct {
		name, body string
		method     uint16
		mode       fs.FileMode
	}{
		{"p/", "", zip.Store, fs.ModeDir | 0o755},
		{"p/stored", "stored", zip.Store, 0o644},
		{"p/deflated", strings.Repeat("deflated ", 500), zip.Deflate, 0o644},
		{"p/empty", "", zip.Deflate, 0o644},
		{"p/link", "../../etc/passwd", zip.Store, fs.ModeSymlink | 0o777},
		{"p/pipe", "", zip.Store, fs.ModeNamedPipe | 0o644},
		{`p\back`, "slash", zip.Store, 0o644},
		{"größe", "umlaut", zip.Store, 0o644},
	} {
		h := &zip.FileHeader{Name: e.name, Method: e.method}
		h.SetMode(e.mode)
		f, err := w.CreateHeader(h)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, e.body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.SetComment("a comment"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`p/ directory 0 ""`,
		`p/stored file 6 "stored"`,
		fmt.Sprintf("p/deflated file 4500 %q", strings.Repeat("deflated ", 500)),
		`p/empty file 0 ""`,
		`p/link symbolic link 16 "../../etc/passwd"`,
		`p/pipe special file 0 ""`,
		`p\back file 5 "slash"`,
		`größe file 6 "umlaut"`,
	}
	got, err := walkZip(b.Bytes(), archive.Limits{})
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestZipFlaws(t *testing.T) {
	for name, want := range map[string]archive.Flaw{
		"a/b":        "",
		"/a":         archive.Absolute,
		"a/../b":     archive.Parent,
		`a\b`:        archive.Backslash,
		"a\x00b":     archive.NUL,
		"a\x00/../b": archive.NUL,
		"":           archive.NoName,
	} {
		b := zipOf(t, name, "x")
		err := archive.WalkZip(bytes.NewReader(b), int64(len(b)), archive.Limits{}, func(e archive.Entry) error {
			if e.Name != name || e.Flaw != want {
				t.Errorf("got %q, %q, want %q, %q", e.Name, e.Flaw, name, want)
			}
			return nil
		})
		if err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
}

func TestThreatZipBombs(t *testing.T) {
	three := zipOf(t, "a", "1", "b", strings.Repeat("x", 2000), "c", "3")
	bomb := zipFile{{name: "zeros", method: zip.Deflate, packed: noise(100_000), inflated: 90 << 20}}.bytes()
	huge := zipFile{
		{name: "a", method: zip.Deflate, packed: noise(100_000), inflated: 1<<63 - 1},
		{name: "b", method: zip.Deflate, packed: noise(100_000), inflated: 1<<63 - 1},
	}.bytes()
	for _, test := range []struct {
		name   string
		bytes  []byte
		limits archive.Limits
		want   string
	}{
		{"entries, just enough", three, archive.Limits{Entries: 3}, ""},
		{"entries", three, archive.Limits{Entries: 2}, "The archive holds more than 2 entries."},
		{"one entry, just enough", three, archive.Limits{Entry: 2000}, ""},
		{"one entry", three, archive.Limits{Entry: 1999}, `The archive's entry "b" inflates to more than 1999 bytes.`},
		{"total, just enough", three, archive.Limits{Total: 2002}, ""},
		{"total", three, archive.Limits{Total: 2001}, "The archive inflates to more than 2001 bytes."},
		{"ratio", bomb, archive.Limits{}, "The archive inflates to more than 200 times its size."},
		{"ratio, allowed", bomb, archive.Limits{Ratio: 1000}, ""},
		{"sizes of eight EiB", huge, archive.Limits{}, `The archive's entry "a" inflates to more than 512 MiB.`},
		{"sizes whose sum overflows", huge, archive.Limits{Entry: 1<<63 - 1, Total: 1<<63 - 1}, "The archive inflates to more than 9223372036854775807 bytes."},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := archive.WalkZip(bytes.NewReader(test.bytes), int64(len(test.bytes)), test.limits, func(archive.Entry) error { return nil })
			checkMessage(t, err, test.want)
			if err != nil && !larder.Invalid.Is(err) {
				t.Errorf("got %v, want Invalid", err)
			}
		})
	}
}

func TestManyZipEntries(t *testing.T) {
	const n = 70_000 // needs the zip64 records
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for range n {
		if _, err := w.CreateHeader(&zip.FileHeader{Name: "f"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := walkZip(b.Bytes(), archive.Limits{})
	if err != nil || len(got) != n {
		t.Errorf("showed %d entries, %v, want %d", len(got), err, n)
	}
	_, err = walkZip(b.Bytes(), archive.Limits{Entries: n - 1})
	checkMessage(t, err, "The archive holds more than 69999 entries.")

	// An end record that counts in 16 bits alone, as a bomb for readers that
	// go on for as long as there are entries.
	end := b.Len() - 22
	short := slices.Concat(b.Bytes()[:end-56-20], b.Bytes()[end:])
	binary.LittleEndian.PutUint16(short[len(short)-14:], n&0xffff)
	binary.LittleEndian.PutUint16(short[len(short)-12:], n&0xffff)
	copy(short[len(short)-10:], b.Bytes()[end-20-56+40:][:4])
	copy(short[len(short)-6:], b.Bytes()[end-20-56+48:][:4])
	_, err = walkZip(short, archive.Limits{})
	checkMessage(t, err, "The archive is not a valid zip file: the directory is longer than its entries.")
}

func TestAMillionZipEntriesAreRefusedUnread(t *testing.T) {
	b := append(make([]byte, 46_000_000), make([]byte, 56+20+22)...)
	end64, locator, end := b[46_000_000:], b[46_000_056:], b[46_000_076:]
	copy(end64, "PK\x06\x06")
	binary.LittleEndian.PutUint64(end64[4:], 44)
	binary.LittleEndian.PutUint64(end64[24:], 1_000_000)
	binary.LittleEndian.PutUint64(end64[32:], 1_000_000)
	binary.LittleEndian.PutUint64(end64[40:], 46_000_000)
	copy(locator, "PK\x06\x07")
	binary.LittleEndian.PutUint64(locator[8:], 46_000_000)
	binary.LittleEndian.PutUint32(locator[16:], 1)
	copy(end, "PK\x05\x06\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff")
	_, err := walkZip(b, archive.Limits{})
	checkMessage(t, err, "The archive holds more than 100000 entries.")
}

func TestALargeFileNeedsNoLargeNumbersOfOurs(t *testing.T) {
	b := zipFile{{name: "large", method: zip.Deflate, packed: noise(30 << 20), inflated: 5 << 30}}.bytes()
	err := archive.WalkZip(bytes.NewReader(b), int64(len(b)), archive.Limits{Total: 6 << 30}, func(e archive.Entry) error {
		if e.Size != 5<<30 {
			t.Errorf("got %d bytes, want 5 GiB", e.Size)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestZipsThatLieAreInvalid(t *testing.T) {
	text := []byte(strings.Repeat("text ", 1000))
	for _, test := range []struct {
		name string
		file zipFile
		want string
	}{
		{
			"shorter than said",
			zipFile{{name: "f", method: zip.Deflate, packed: deflated(text), inflated: 5001, sum: crc32.ChecksumIEEE(text)}},
			`The archive's entry "f" is shorter than the archive says.`,
		},
		{
			"longer than said",
			zipFile{{name: "f", method: zip.Deflate, packed: deflated(text), inflated: 4999, sum: crc32.ChecksumIEEE(text)}},
			`The archive's entry "f" is longer than the archive says.`,
		},
		{
			"said to be empty",
			zipFile{{name: "f", method: zip.Deflate, packed: deflated(text), inflated: 0}},
			`The archive's entry "f" is longer than the archive says.`,
		},
		{
			"wrong checksum",
			zipFile{{name: "f", method: zip.Deflate, packed: deflated(text), inflated: 5000, sum: 1}},
			`The archive's entry "f" has another checksum than the archive says.`,
		},
		{
			"stored with two sizes",
			zipFile{{name: "f", packed: text, inflated: 10}},
			`The archive's entry "f" is stored with two sizes.`,
		},
		{
			"cut off",
			zipFile{{name: "f", method: zip.Deflate, packed: deflated(text)[:20], inflated: 5000}},
			"The archive is truncated.",
		},
		{
			"not deflated",
			zipFile{{name: "f", method: zip.Deflate, packed: text, inflated: 5000}},
			"The archive is damaged: flate: corrupt input before offset 5.",
		},
		{
			"another name before the bytes",
			zipFile{{name: "f", local: "g", packed: text, inflated: 5000}},
			`The archive's entry "f" has another name before its bytes than in the directory.`,
		},
		{
			"another size before the bytes",
			zipFile{{name: "f", packed: text, inflated: 5000, localSize: 1}},
			`The archive's entry "f" is described in two ways.`,
		},
		{
			"a second name",
			zipFile{{name: "f", packed: text, inflated: 5000, extra: "\x75\x70\x06\x00\x01\x00\x00\x00\x00g"}},
			`The archive's entry "f" has two names.`,
		},
		{
			"encrypted",
			zipFile{{name: "f", packed: text, inflated: 5000, flags: 1}},
			`The archive's entry "f" is encrypted.`,
		},
		{
			"compressed by LZMA",
			zipFile{{name: "f", method: 14, packed: text, inflated: 5000}},
			`The archive's entry "f" is compressed by method 14, which is not supported.`,
		},
		{
			"two entries of the same bytes",
			zipFile{{name: "f", packed: text, inflated: 5000}, {name: "f", at: at(0), inflated: 5000, packed: text}},
			`The archive's entry "f" shares bytes with another.`,
		},
		{
			"an entry within another",
			zipFile{{name: "f", packed: text, inflated: 5000}, {name: "g", at: at(100), inflated: 10, packed: text[:10]}},
			`The archive's entry "f" shares bytes with another.`,
		},
		{
			"an entry beyond the directory",
			zipFile{{name: "f", at: at(1 << 30), packed: text, inflated: 5000}},
			`The archive's entry "f" shares bytes with another.`,
		},
		{
			"an entry that reaches into the directory",
			zipFile{{name: "f", packed: text, inflated: 5000}, {name: "g", at: at(5000 + 31), inflated: 10, packed: text[:10]}},
			`The archive's entry "g" shares bytes with another.`,
		},
		{
			"a name that leaves no room for its bytes",
			zipFile{{name: "f", packed: text, inflated: 5000, localExtra: 4, extraMissing: true}},
			`The archive's entry "f" shares bytes with another.`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := walkZip(test.file.bytes(), archive.Limits{})
			checkMessage(t, err, test.want)
			if !larder.Invalid.Is(err) {
				t.Errorf("got %v, want Invalid", err)
			}
		})
	}
}

func TestBytesOutsideTheArchiveAreInvalid(t *testing.T) {
	whole := zipOf(t, "a", "first")
	end := len(whole) - 22
	hidden := func(b []byte, comment int) []byte {
		b = bytes.Clone(b)
		binary.LittleEndian.PutUint16(b[end+20:], uint16(comment))
		return b
	}
	for _, test := range []struct {
		name  string
		bytes []byte
		want  string
	}{
		{"behind it", append(bytes.Clone(whole), "garbage"...), "it has no end record"},
		{"before it", append([]byte("#!/bin/sh\n"), whole...), "its directory is not where it says"},
		{"between directory and end", slices.Concat(whole[:end], []byte("gap"), whole[end:]), "its directory is not where it says"},
		{"an end within the comment", hidden(append(bytes.Clone(whole), zipOf(t)...), 22), "it ends in two ways"},
		{"one of several disks", setByte(whole, end+4, 1), "it is one part of several"},
		{"empty", nil, "it has no end record"},
		{"a gzip", gzipped(t, []byte("text")), "it has no end record"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := walkZip(test.bytes, archive.Limits{})
			checkMessage(t, err, "The archive is not a valid zip file: "+test.want+".")
		})
	}
}

func TestATruncatedZipIsInvalidWhereverItEnds(t *testing.T) {
	whole := zipOf(t, "a", "first", "b", string(noise(3000)))
	for n := range len(whole) {
		if _, err := walkZip(whole[:n], archive.Limits{}); !larder.Invalid.Is(err) {
			t.Errorf("the first %d of %d bytes: got %v, want Invalid", n, len(whole), err)
		}
	}
}

func TestAFailingReaderIsNotADamagedZip(t *testing.T) {
	whole := zipOf(t, "a", "first", "b", string(noise(3000)))
	for n := range int64(len(whole)) {
		r := brokenFrom{bytes.NewReader(whole), n}
		err := archive.WalkZip(r, int64(len(whole)), archive.Limits{}, func(e archive.Entry) error {
			_, err := io.Copy(io.Discard, e.Body)
			return err
		})
		if !errors.Is(err, errBroken) || larder.Invalid.Is(err) {
			t.Errorf("broken from byte %d: got %v, want %v", n, err, errBroken)
		}
	}
}

func FuzzWalkZip(f *testing.F) {
	f.Add(zipOf(f, "a", "first", "dir/", "", "b", strings.Repeat("x", 500)))
	f.Add(zipFile{{name: "a", packed: []byte("x"), inflated: 1}, {name: "b", at: at(0), packed: []byte("x"), inflated: 1}}.bytes())
	f.Add(zipFile{{name: "large", method: zip.Deflate, packed: []byte("x"), inflated: 5 << 30}}.bytes())
	limits := archive.Limits{Entries: 20, Entry: 100_000, Total: 300_000}
	f.Fuzz(func(t *testing.T, b []byte) {
		var names []string
		var total int64
		bodies := make(map[int][]byte)
		err := archive.WalkZip(bytes.NewReader(b), int64(len(b)), limits, func(e archive.Entry) error {
			body, err := io.ReadAll(e.Body)
			if err == nil && int64(len(body)) != e.Size {
				t.Errorf("%q has %d bytes, not %d", e.Name, len(body), e.Size)
			}
			total += int64(len(body))
			if e.Kind == archive.File && err == nil {
				bodies[len(names)] = body
			}
			names = append(names, e.Name)
			if int64(len(body)) > limits.Entry || len(names) > limits.Entries || total > limits.Total {
				t.Errorf("entry %d has %d of %d bytes", len(names), len(body), total)
			}
			return err
		})
		if err != nil {
			if !larder.Invalid.Is(err) {
				t.Errorf("got %v, want Invalid", err)
			}
			return
		}
		// What we accept, another reader sees as we do.
		other, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
		if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
			return
		}
		if len(other.File) != len(names) {
			t.Fatalf("archive/zip sees %d entries, not %d", len(other.File), len(names))
		}
		for i, o := range other.File {
			if o.Name != names[i] {
				t.Errorf("archive/zip sees %q, not %q", o.Name, names[i])
			}
			r, err := o.Open()
			if err != nil || bodies[i] == nil {
				continue
			}
			if body, err := io.ReadAll(r); err == nil && !bytes.Equal(body, bodies[i]) {
				t.Errorf("archive/zip sees %q in %q, not %q", body, o.Name, bodies[i])
			}
		}
	})
}

func walkZip(b []byte, l archive.Limits) ([]string, error) {
	var lines []string
	err := archive.WalkZip(bytes.NewReader(b), int64(len(b)), l, collect(&lines))
	return lines, err
}

// zipOf makes an honest archive of names and bodies.
func zipOf(t testing.TB, namesAndBodies ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for pair := range slices.Chunk(namesAndBodies, 2) {
		f, err := w.CreateHeader(&zip.FileHeader{Name: pair[0], Method: zip.Deflate})
		if err != nil {
			t.Fatal(err)
		}
		if pair[1] == "" {
			continue
		}
		if _, err := io.WriteString(f, pair[1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// zipFile makes dishonest ones: every field is written as it is given.
type zipFile []zipEntry

type zipEntry struct {
	name, local   string // local: in the header before the bytes; name if empty
	method, flags uint16
	packed        []byte
	inflated      int64
	sum           uint32 // that of packed if zero
	localSize     uint32
	extra         string
	localExtra    uint16 // bytes of extra field before the bytes
	extraMissing  bool   // they are announced only
	at            *int64 // where the directory says that it is; nil: where it is
}

func at(offset int64) *int64 { return &offset }

func (z zipFile) bytes() []byte {
	le := binary.LittleEndian
	var b, dir []byte
	for _, e := range z {
		offset := int64(len(b))
		if e.local == "" {
			e.local = e.name
		}
		if e.sum == 0 {
			e.sum = crc32.ChecksumIEEE(e.packed)
		}
		small := func(n int64) uint32 { return uint32(min(n, 1<<32-1)) }
		if e.at == nil {
			localSize := e.localSize
			if localSize == 0 {
				localSize = small(e.inflated)
			}
			b = append(b, "PK\x03\x04\x14\x00"...)
			b = le.AppendUint16(le.AppendUint16(b, e.flags), e.method)
			b = append(b, 0, 0, 0, 0)
			b = le.AppendUint32(le.AppendUint32(le.AppendUint32(b, e.sum), uint32(len(e.packed))), localSize)
			b = le.AppendUint16(le.AppendUint16(b, uint16(len(e.local))), e.localExtra)
			b = append(b, e.local...)
			if !e.extraMissing {
				b = append(b, make([]byte, e.localExtra)...)
			}
			b = append(b, e.packed...)
		} else {
			offset = *e.at
		}
		extra := []byte(e.extra)
		if e.inflated >= 1<<32-1 {
			extra = le.AppendUint64(append(extra, "\x01\x00\x08\x00"...), uint64(e.inflated))
		}
		dir = append(dir, "PK\x01\x02\x14\x00\x14\x00"...)
		dir = le.AppendUint16(le.AppendUint16(dir, e.flags), e.method)
		dir = append(dir, 0, 0, 0, 0)
		dir = le.AppendUint32(le.AppendUint32(le.AppendUint32(dir, e.sum), uint32(len(e.packed))), small(e.inflated))
		dir = le.AppendUint16(le.AppendUint16(dir, uint16(len(e.name))), uint16(len(extra)))
		dir = append(dir, make([]byte, 10)...)
		dir = le.AppendUint32(dir, uint32(offset))
		dir = append(append(dir, e.name...), extra...)
	}
	end := append([]byte("PK\x05\x06"), 0, 0, 0, 0)
	end = le.AppendUint16(le.AppendUint16(end, uint16(len(z))), uint16(len(z)))
	end = le.AppendUint32(le.AppendUint32(end, uint32(len(dir))), uint32(len(b)))
	return slices.Concat(b, dir, end, []byte{0, 0})
}

func deflated(b []byte) []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	f, _ := w.CreateHeader(&zip.FileHeader{Method: zip.Deflate}) // a bytes.Buffer takes everything
	_, _ = f.Write(b)
	_ = w.Close()
	r, _ := zip.NewReader(bytes.NewReader(out.Bytes()), int64(out.Len()))
	return out.Bytes()[30:][:r.File[0].CompressedSize64]
}

func noise(size int) []byte {
	b := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(b)
	return b
}

func setByte(b []byte, at int, to byte) []byte {
	b = bytes.Clone(b)
	b[at] = to
	return b
}

var errBroken = errors.New("input/output error")

// brokenFrom cannot read the byte at some offset.
type brokenFrom struct {
	r  io.ReaderAt
	at int64
}

func (b brokenFrom) ReadAt(p []byte, off int64) (int, error) {
	if off <= b.at && b.at < off+int64(len(p)) {
		n, _ := b.r.ReadAt(p[:b.at-off], off)
		return n, errBroken
	}
	return b.r.ReadAt(p, off)
}
