package registry

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"strconv"
	"sync"

	"larder.example/larder"
	"larder.example/larder/internal/blob"
	"larder.example/larder/internal/format"
	"larder.example/larder/internal/meta"
)

// maxReadings bounds what is remembered of indexes, by [format.Package.Held].
const maxReadings = 8 << 20

// readings are indexes as they were read last: an install asks for the index
// of a package, for what it leads to, and for one version of it.
type readings struct {
	mu   sync.Mutex // guards what follows
	held int64
	last map[documentKey]reading
}

type reading struct {
	blob int64 // as which the index is stored
	pkg  *format.Package
}

// of returns an index that is stored as a blob; nil: it is not remembered.
func (r *readings) of(key documentKey, blob int64) *format.Package {
	r.mu.Lock()
	defer r.mu.Unlock()
	if had := r.last[key]; had.blob == blob {
		return had.pkg
	}
	return nil
}

// keep remembers an index in the place of the one before, and forgets others
// that there is no room for.
func (r *readings) keep(key documentKey, blob int64, pkg *format.Package) {
	if pkg.Held == 0 || pkg.Held > maxReadings/4 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.last == nil {
		r.last = map[documentKey]reading{}
	}
	r.drop(key)
	for other := range r.last {
		if r.held+pkg.Held <= maxReadings {
			break
		}
		r.drop(other)
	}
	r.last[key] = reading{blob, pkg}
	r.held += pkg.Held
}

// forget has an index read again.
func (r *readings) forget(key documentKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop(key)
}

// drop is forget, with r.mu held.
func (r *readings) drop(key documentKey) {
	if had, ok := r.last[key]; ok {
		delete(r.last, key)
		r.held -= had.pkg.Held
	}
}

// read reads a stored index, unless what was read of it is remembered.
func (p *Public) read(source *format.Source, ref larder.PackageRef, row meta.Document) (*format.Package, error) {
	key := documentKey{row.Connection, row.Path}
	known := p.readings.of(key, row.Blob.ID)
	if known == nil {
		d := &storedDocument{public: p, key: key, blob: row.Blob}
		defer d.close()
		var err error
		known, err = source.Read(format.Document{ReaderAt: d, Size: row.Blob.Size, URL: row.URL, ContentType: row.ContentType}, ref)
		if unreadable(err) {
			p.forget(key)
		}
		if err != nil {
			return nil, fmt.Errorf("read what %s knows of %s: %w", row.Connection, ref, err)
		}
		known.Versions = d.ranging(known.Versions)
		if known.Find != nil {
			known.Find = d.finding(known.Find)
		}
		p.readings.keep(key, row.Blob.ID, known)
	}
	pkg := *known
	pkg.Ref, pkg.Stamp = ref, "x"+strconv.FormatInt(row.Blob.ID, 36)
	return &pkg, nil
}

// unreadable reports whether something stored could not be read.
func unreadable(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, blob.ErrDamaged)
}

// storedDocument reads a stored answer, which is open only while it is read:
// nobody says when a package is needed no more.
type storedDocument struct {
	public *Public
	key    documentKey
	blob   meta.Blob

	mu      sync.Mutex // guards content
	content io.ReadSeekCloser
}

// ReadAt implements io.ReaderAt.
func (d *storedDocument) ReadAt(p []byte, off int64) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.content == nil {
		content, err := d.public.Registry.open(d.public.ctx, d.blob)
		if err != nil {
			return 0, err
		}
		d.content = content
	}
	if at, ok := d.content.(io.ReaderAt); ok {
		return at.ReadAt(p, off)
	}
	if _, err := d.content.Seek(off, io.SeekStart); err != nil {
		return 0, err
	}
	n, err := io.ReadFull(d.content, p)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = io.EOF
	}
	return n, err
}

func (d *storedDocument) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.content != nil {
		_ = d.content.Close() // it was only read
		d.content = nil
	}
}

// ranging closes the document whenever versions have been read.
func (d *storedDocument) ranging(versions iter.Seq2[format.Version, error]) iter.Seq2[format.Version, error] {
	return func(yield func(format.Version, error) bool) {
		defer d.close()
		for v, err := range versions {
			d.judge(err)
			if !yield(v, err) {
				return
			}
		}
	}
}

// finding closes the document whenever a version has been read.
func (d *storedDocument) finding(find func(string) (format.Version, bool, error)) func(string) (format.Version, bool, error) {
	return func(version string) (format.Version, bool, error) {
		defer d.close()
		v, ok, err := find(version)
		d.judge(err)
		return v, ok, err
	}
}

// judge has a document that cannot be read any more read anew.
func (d *storedDocument) judge(err error) {
	if unreadable(err) {
		d.public.readings.forget(d.key)
	}
}
