package archive_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"larder.example/larder"
	"larder.example/larder/internal/archive"
)

func TestTarEntriesComeInOrderWithTheirBytes(t *testing.T) {
	long := strings.Repeat("deep/", 60) + "file"
	archived := tarOf(t,
		tar.Header{Name: "package/", Typeflag: tar.TypeDir},
		file("package/package.json", `{"name":"a"}`),
		file("package/empty", ""),
		file(long, "long name"),
		file("./package/größe.txt", "umlaut"),
	)
	want := []string{
		`package/ directory 0 ""`,
		`package/package.json file 12 "{\"name\":\"a\"}"`,
		`package/empty file 0 ""`,
		long + ` file 9 "long name"`,
		`./package/größe.txt file 6 "umlaut"`,
	}
	for name, b := range map[string][]byte{
		"plain":          archived,
		"gzip":           gzipped(t, archived),
		"two members":    slices.Concat(gzipped(t, archived[:700]), gzipped(t, archived[700:])),
		"zeros after it": slices.Concat(gzipped(t, archived), make([]byte, 5000)),
	} {
		t.Run(name, func(t *testing.T) {
			got, err := walkTar(iotest.OneByteReader(bytes.NewReader(b)), archive.Limits{})
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("got %q, %v, want %q", got, err, want)
			}
		})
	}
}

func TestThreatZipSlip(t *testing.T) {
	for _, test := range []struct {
		header tar.Header
		kind   archive.Kind
		flaw   archive.Flaw
		body   string
		check  string
	}{
		{file("a/b", "x"), archive.File, "", "x", ""},
		{file("./a..b/..c/...", "x"), archive.File, "", "x", ""},
		{tar.Header{Name: "a/", Typeflag: tar.TypeDir}, archive.Dir, "", "", ""},
		{file("/etc/passwd", "x"), archive.File, archive.Absolute, "x", `The archive's entry "/etc/passwd" has an absolute name.`},
		{file(`\\host\share`, "x"), archive.File, archive.Absolute, "x", `The archive's entry "\\\\host\\share" has an absolute name.`},
		{file(`c:\boot.ini`, "x"), archive.File, archive.Absolute, "x", `The archive's entry "c:\\boot.ini" has an absolute name.`},
		{file("C:evil", "x"), archive.File, archive.Absolute, "x", `The archive's entry "C:evil" has an absolute name.`},
		{file("..", "x"), archive.File, archive.Parent, "x", `The archive's entry ".." has .. in its name.`},
		{file("a/../../b", "x"), archive.File, archive.Parent, "x", `The archive's entry "a/../../b" has .. in its name.`},
		{file(`a\..\..\b`, "x"), archive.File, archive.Parent, "x", `The archive's entry "a\\..\\..\\b" has .. in its name.`},
		{file(`a\b`, "x"), archive.File, archive.Backslash, "x", `The archive's entry "a\\b" has a \ in its name.`},
		{file("", "x"), archive.File, archive.NoName, "x", `The archive's entry "" has no name.`},
		{tar.Header{Name: "l", Typeflag: tar.TypeSymlink, Linkname: "../../etc"}, archive.Symlink, "", "../../etc", `The archive's entry "l" is a symbolic link.`},
		{tar.Header{Name: "l", Typeflag: tar.TypeLink, Linkname: "a"}, archive.Hardlink, "", "a", `The archive's entry "l" is a hard link.`},
		{tar.Header{Name: "/l", Typeflag: tar.TypeLink, Linkname: "a"}, archive.Hardlink, archive.Absolute, "a", `The archive's entry "/l" has an absolute name.`},
		{tar.Header{Name: "d", Typeflag: tar.TypeChar}, archive.Special, "", "", `The archive's entry "d" is a special file.`},
		{tar.Header{Name: "d", Typeflag: tar.TypeBlock}, archive.Special, "", "", `The archive's entry "d" is a special file.`},
		{tar.Header{Name: "d", Typeflag: tar.TypeFifo}, archive.Special, "", "", `The archive's entry "d" is a special file.`},
		{tar.Header{Name: "d", Typeflag: 'V'}, archive.Special, "", "", `The archive's entry "d" is a special file.`},
	} {
		t.Run(fmt.Sprintf("%q %c", test.header.Name, test.header.Typeflag), func(t *testing.T) {
			shown := 0
			err := archive.WalkTar(bytes.NewReader(tarOf(t, test.header)), archive.Limits{}, func(e archive.Entry) error {
				shown++
				if e.Name != test.header.Name || e.Kind != test.kind || e.Flaw != test.flaw {
					t.Errorf("got %q, a %v, %q, want a %v, %q", e.Name, e.Kind, e.Flaw, test.kind, test.flaw)
				}
				if body, err := io.ReadAll(e.Body); string(body) != test.body || err != nil || e.Size != int64(len(body)) {
					t.Errorf("got %d bytes %q, %v, want %q", e.Size, body, err, test.body)
				}
				checkMessage(t, e.Check(), test.check)
				return nil
			})
			if err != nil || shown != 1 {
				t.Errorf("showed %d entries, %v", shown, err)
			}
		})
	}
}

func TestSparseFilesSayThatTheyAre(t *testing.T) {
	for _, name := range []string{"sparse-gnu.tar", "sparse-posix.tar"} { // made by GNU tar 1.34
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		err = archive.WalkTar(bytes.NewReader(b), archive.Limits{}, func(e archive.Entry) error {
			if e.Name != "holes" || e.Kind != archive.File || e.Flaw != archive.Sparse || e.Size != 1<<20+4 {
				t.Errorf("%s: got %q, a %v of %d bytes, %q", name, e.Name, e.Kind, e.Size, e.Flaw)
			}
			return nil
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		// The holes count as bytes.
		_, err = walkTar(bytes.NewReader(b), archive.Limits{Entry: 1 << 20})
		checkMessage(t, err, `The archive's entry "holes" inflates to more than 1 MiB.`)
	}
}

func TestGlobalHeadersMayOnlyComment(t *testing.T) {
	for _, test := range []struct {
		records map[string]string
		want    string
	}{
		{map[string]string{"comment": "5b3b1e5fbf0d4c7a"}, ""}, // git archive
		{map[string]string{"mtime": "0"}, ""},
		{map[string]string{"path": "package/package.json"}, `The archive has a global header that sets "path".`},
		{map[string]string{"linkpath": "/etc"}, `The archive has a global header that sets "linkpath".`},
		{map[string]string{"size": "10"}, `The archive has a global header that sets "size".`},
	} {
		global := tar.Header{Typeflag: tar.TypeXGlobalHeader, Name: "pax_global_header", PAXRecords: test.records}
		got, err := walkTar(bytes.NewReader(tarOf(t, global, file("a", "b"))), archive.Limits{})
		checkMessage(t, err, test.want)
		if want := []string{`a file 1 "b"`}; err == nil && !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestTarLimits(t *testing.T) {
	three := tarOf(t, file("a", "1"), file("b", strings.Repeat("x", 2000)), file("c", "3"))
	zeros := gzipped(t, tarOf(t, file("zeros", strings.Repeat("\x00", 17<<20))))
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
		{"total, just enough", three, archive.Limits{Total: int64(len(three))}, ""},
		{"total", three, archive.Limits{Total: 4 << 10}, "The archive inflates to more than 4 KiB."},
		{"total, compressed", gzipped(t, three), archive.Limits{Total: 4 << 10}, "The archive inflates to more than 4 KiB."},
		{"ratio", zeros, archive.Limits{}, "The archive inflates to more than 200 times its size."},
		{"ratio, allowed", zeros, archive.Limits{Ratio: 2000}, ""},
		{"ratio of a small archive", gzipped(t, tarOf(t, file("zeros", strings.Repeat("\x00", 1<<20)))), archive.Limits{}, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := walkTar(bytes.NewReader(test.bytes), test.limits)
			checkMessage(t, err, test.want)
			if err != nil && !larder.Invalid.Is(err) {
				t.Errorf("got %v, want Invalid", err)
			}
			// What is skipped costs as much as what is read.
			skipped := archive.WalkTar(bytes.NewReader(test.bytes), test.limits, func(archive.Entry) error { return nil })
			checkMessage(t, skipped, test.want)
		})
	}
}

func TestAMillionTarEntriesEndAtTheLimit(t *testing.T) {
	var header bytes.Buffer
	w := tar.NewWriter(&header)
	if err := w.WriteHeader(&tar.Header{Name: "f", Mode: 0o644}); err != nil {
		t.Fatal(err)
	}
	many := &repeated{b: header.Bytes(), times: 1_000_000}
	shown := 0
	limits := archive.Limits{Entries: 10_000}
	err := archive.WalkTar(many, limits, func(archive.Entry) error { shown++; return nil })
	checkMessage(t, err, "The archive holds more than 10000 entries.")
	if shown != limits.Entries {
		t.Errorf("showed %d entries, want %d", shown, limits.Entries)
	}
}

func TestABombInABombCostsWhatTheOuterOneDoes(t *testing.T) {
	inner := gzipped(t, tarOf(t, file("zeros", strings.Repeat("\x00", 8<<20))))
	outer := gzipped(t, tarOf(t, file("inner.tgz", string(inner))))
	err := archive.WalkTar(bytes.NewReader(outer), archive.Limits{Total: 1 << 20}, func(e archive.Entry) error {
		// Who walks into it, as a gem is walked, does so under limits too.
		return archive.WalkTar(e.Body, archive.Limits{Total: 1 << 20}, func(archive.Entry) error { return nil })
	})
	checkMessage(t, err, `The archive's entry "zeros" inflates to more than 1 MiB.`)
	if err := archive.WalkTar(bytes.NewReader(outer), archive.Limits{Total: 1 << 20}, func(archive.Entry) error { return nil }); err != nil {
		t.Errorf("walking past the inner archive: %v", err)
	}
}

func TestATruncatedTgzIsInvalidWhereverItEnds(t *testing.T) {
	whole := gzipped(t, tarOf(t, file("a", "first"), file("b", string(noise(600)))))
	for n := range len(whole) {
		_, err := walkTar(bytes.NewReader(whole[:n]), archive.Limits{})
		if n == 0 {
			continue // an empty tar
		}
		if !larder.Invalid.Is(err) {
			t.Errorf("the first %d of %d bytes: got %v, want Invalid", n, len(whole), err)
		}
	}
	_, err := walkTar(bytes.NewReader(whole[:len(whole)/2]), archive.Limits{})
	checkMessage(t, err, "The archive is truncated.")
}

func TestATruncatedTarIsInvalidWithinAnEntry(t *testing.T) {
	whole := tarOf(t, file("a", "first"), file("b", string(noise(3000))))
	for _, test := range []struct {
		bytes int
		where string
		want  string
	}{
		{0, "nothing", ""},
		{1, "first header", "The archive is truncated."},
		{511, "first header", "The archive is truncated."},
		{512, "first bytes", "The archive is truncated."},
		{516, "first bytes", "The archive is truncated."},
		{517, "padding", ""}, // as GNU tar has it
		{1024, "between entries", ""},
		{1025, "second header", "The archive is truncated."},
		{4535, "second bytes", "The archive is truncated."},
		{4536, "padding", ""},
		{4608, "before the end marker", ""},
		{4609, "end marker", "The archive is truncated."},
		{len(whole), "after the end marker", ""},
	} {
		_, err := walkTar(bytes.NewReader(whole[:test.bytes]), archive.Limits{})
		t.Logf("cut at %d: %s", test.bytes, test.where)
		checkMessage(t, err, test.want)
	}
}

func TestDamageIsInvalid(t *testing.T) {
	archived := tarOf(t, file("a", "first"))
	damagedSum := gzipped(t, archived)
	damagedSum[len(damagedSum)-8] ^= 1
	damagedHeader := bytes.Clone(archived)
	damagedHeader[0] ^= 1
	for name, test := range map[string]struct {
		bytes []byte
		want  string
	}{
		"checksum of gzip":   {damagedSum, "The archive is damaged: gzip: invalid checksum."},
		"garbage after gzip": {append(gzipped(t, archived), "garbage and more"...), "The archive is damaged: gzip: invalid header."},
		"header of tar":      {damagedHeader, "The archive is damaged: archive/tar: invalid tar header."},
		"no archive":         {bytes.Repeat([]byte("text"), 1000), "The archive is damaged: archive/tar: invalid tar header."},
		"one block of zeros": {slices.Concat(make([]byte, 512), archived), "The archive is damaged: archive/tar: invalid tar header."},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := walkTar(bytes.NewReader(test.bytes), archive.Limits{})
			checkMessage(t, err, test.want)
			if !larder.Invalid.Is(err) {
				t.Errorf("got %v, want Invalid", err)
			}
		})
	}
}

func TestAFailingReaderIsNotADamagedArchive(t *testing.T) {
	broken := errors.New("input/output error")
	for _, whole := range [][]byte{tarOf(t, file("a", "first")), gzipped(t, tarOf(t, file("a", "first")))} {
		for n := range len(whole) {
			r := io.MultiReader(bytes.NewReader(whole[:n]), iotest.ErrReader(broken))
			_, err := walkTar(r, archive.Limits{})
			if !errors.Is(err, broken) || larder.Invalid.Is(err) {
				t.Errorf("broken after %d of %d bytes: got %v, want %v", n, len(whole), err, broken)
			}
		}
	}
}

func TestVisitEndsTheWalk(t *testing.T) {
	mine := errors.New("mine")
	for _, test := range []struct{ visit, want error }{
		{fs.SkipAll, nil},
		{fmt.Errorf("found it: %w", fs.SkipAll), nil},
		{mine, mine},
	} {
		visits := 0
		visit := func(archive.Entry) error { visits++; return test.visit }
		if err := archive.WalkTar(bytes.NewReader(tarOf(t, file("a", "1"), file("b", "2"))), archive.Limits{}, visit); !errors.Is(err, test.want) {
			t.Errorf("tar: got %v, want %v", err, test.want)
		}
		z := zipOf(t, "a", "1", "b", "2")
		if err := archive.WalkZip(bytes.NewReader(z), int64(len(z)), archive.Limits{}, visit); !errors.Is(err, test.want) {
			t.Errorf("zip: got %v, want %v", err, test.want)
		}
		if visits != 2 {
			t.Errorf("got %d visits, want one each", visits)
		}
	}
}

func TestGunzip(t *testing.T) {
	text := strings.Repeat("metadata ", 1000)
	whole := gzipped(t, []byte(text))
	if got, err := archive.Gunzip(bytes.NewReader(whole), int64(len(text))); string(got) != text || err != nil {
		t.Errorf("got %d bytes, %v, want %d", len(got), err, len(text))
	}
	for _, test := range []struct {
		name  string
		bytes []byte
		want  string
	}{
		{"too large", gzipped(t, []byte(text+"!")), "The compressed file inflates to more than 9000 bytes."},
		{"empty", nil, "The archive is truncated."},
		{"truncated", whole[:len(whole)-1], "The archive is truncated."},
		{"not gzip", []byte(text), "The archive is damaged: gzip: invalid header."},
	} {
		_, err := archive.Gunzip(bytes.NewReader(test.bytes), 9000)
		checkMessage(t, err, test.want)
	}
}

func FuzzWalkTar(f *testing.F) {
	plain := tarOf(f, file("a", "first"), tar.Header{Name: "l", Typeflag: tar.TypeSymlink, Linkname: "a"},
		tar.Header{Name: "p", Typeflag: tar.TypeReg, PAXRecords: map[string]string{"comment": "x"}})
	f.Add(plain)
	f.Add(gzipped(f, plain))
	for _, name := range []string{"sparse-gnu.tar", "sparse-posix.tar"} {
		b, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	limits := archive.Limits{Entries: 20, Entry: 100_000, Total: 300_000}
	f.Fuzz(func(t *testing.T, b []byte) {
		var entries, total int64
		err := archive.WalkTar(bytes.NewReader(b), limits, func(e archive.Entry) error {
			n, err := io.Copy(io.Discard, e.Body)
			if err == nil && n != e.Size {
				t.Errorf("%q has %d bytes, not %d", e.Name, n, e.Size)
			}
			entries++
			if e.Flaw != archive.Sparse {
				total += n
			}
			if n > limits.Entry || entries > int64(limits.Entries) || total > limits.Total {
				t.Errorf("entry %d has %d of %d bytes", entries, n, total)
			}
			return err
		})
		if err != nil && !larder.Invalid.Is(err) {
			t.Errorf("got %v, want Invalid", err)
		}
	})
}

// walkTar returns what a walk showed, an entry a line.
func walkTar(r io.Reader, l archive.Limits) ([]string, error) {
	var lines []string
	err := archive.WalkTar(r, l, collect(&lines))
	return lines, err
}

func collect(lines *[]string) func(archive.Entry) error {
	return func(e archive.Entry) error {
		body, err := io.ReadAll(e.Body)
		*lines = append(*lines, fmt.Sprintf("%s %v %d %.5000q", e.Name, e.Kind, e.Size, body))
		return err
	}
}

// content is written as the body of a header made by file.
const content = "LARDER.content"

func file(name, body string) tar.Header {
	return tar.Header{Name: name, Typeflag: tar.TypeReg, Mode: 0o644, Size: int64(len(body)), PAXRecords: map[string]string{content: body}}
}

func tarOf(t testing.TB, headers ...tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		body := h.PAXRecords[content]
		if _, ok := h.PAXRecords[content]; ok {
			h.PAXRecords = nil
		}
		if err := w.WriteHeader(&h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, body); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipped(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// repeated yields b so many times.
type repeated struct {
	b     []byte
	at    int
	times int
}

func (r *repeated) Read(p []byte) (int, error) {
	if r.times == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.b[r.at:])
	if r.at += n; r.at == len(r.b) {
		r.at, r.times = 0, r.times-1
	}
	return n, nil
}

// checkMessage checks the sentence that a caller would see; "" is no error.
func checkMessage(t *testing.T, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = larder.AsError(err).Message
	}
	if got != want {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
}
