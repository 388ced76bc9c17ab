package data

import (
	"bytes"
	"context"
	"errors"
	"hash/fnv"
	"io"
	"net/http"
	"strconv"

	"github.com/klauspost/compress/gzip"
)

const (
	// compressFrom is the size from which a document is worth compressing.
	compressFrom = 512

	// plainTo is the size to which a document is kept uncompressed beside its
	// compressed form. A larger one is inflated for the few who cannot.
	plainTo = 128 << 10

	// packedTag ends the tag of a document's compressed form: a strong ETag
	// names bytes.
	packedTag = "-gzip"
)

// document is a rendered document, ready to be sent. Its header values are
// shared by all answers, which set and never append to them.
type document struct {
	tag           string // of the ETag, without quotes and packedTag
	shows         string // what its package showed when it was made
	stale         bool   // a public registry did not answer when it was made
	contentType   []string
	plain, packed form
}

// form is a document as it is or compressed.
type form struct {
	body         []byte // nil: not kept
	etag, length []string
}

// Header values that every document has.
var (
	// Permissions are judged anew at each request, and a version may be gone.
	cacheControl = []string{"private, no-cache"}
	vary         = []string{"Accept, Accept-Encoding"}
	gzipped      = []string{"gzip"}

	// RFC 7234, 5.5.2: a public registry was asked and did not answer.
	staleWarning = []string{`111 larder "Revalidation Failed"`}
)

// newDocument runs write and compresses what it wrote. What a document says
// depends on the package as of the stamp, on what was asked for, and on the
// address that its links begin with.
func newDocument(ctx context.Context, contentType, variant, base string, write writer) (*document, error) {
	var p press
	defer p.close() //nolint:errcheck // for a write that panics; else it is closed below
	stamp, err := write(ctx, &p)
	packed, err2 := p.close()
	if err := errors.Join(err, err2); err != nil {
		return nil, err
	}
	h := fnv.New64a()
	io.WriteString(h, variant) //nolint:errcheck // a hash never fails
	io.WriteString(h, base)    //nolint:errcheck // the same
	d := &document{
		tag:         stamp + "-" + strconv.FormatUint(h.Sum64(), 36),
		contentType: []string{contentType},
	}
	d.plain = newForm(d.tag, p.size)
	if p.size <= plainTo {
		d.plain.body = append(make([]byte, 0, p.size), p.plain...) // without the room that it grew into
	}
	if packed != nil {
		d.packed = newForm(d.tag+packedTag, len(packed))
		d.packed.body = packed
	}
	return d, nil
}

// writer writes a document and returns the stamp that it was made from.
type writer = func(context.Context, io.Writer) (stamp string, err error)

func newForm(tag string, length int) form {
	return form{etag: []string{`"` + tag + `"`}, length: []string{strconv.Itoa(length)}}
}

// size is how many bytes are kept.
func (d *document) size() int64 { return int64(len(d.plain.body) + len(d.packed.body)) }

// send answers with the document, or says that the client has it.
func (d *document) send(w http.ResponseWriter, r *http.Request) error {
	f, packed := d.plain, d.packed.body != nil && acceptsGzip(r.Header["Accept-Encoding"])
	if packed {
		f = d.packed
	}
	h := w.Header()
	h["Cache-Control"], h["Vary"], h["Etag"] = cacheControl, vary, f.etag
	if d.stale {
		h["Warning"] = staleWarning
	}
	if noneMatch(r.Header["If-None-Match"], d.tag) {
		h.Del("Content-Type")
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	h["Content-Type"], h["Content-Length"] = d.contentType, f.length
	if packed {
		h["Content-Encoding"] = gzipped
	}
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	if f.body != nil {
		_, err := w.Write(f.body)
		return err
	}
	return d.inflate(w)
}

// inflate writes a document of which only the compressed form is kept.
func (d *document) inflate(w io.Writer) error {
	z, err := gzip.NewReader(bytes.NewReader(d.packed.body))
	if err == nil {
		_, err = io.Copy(w, z)
	}
	return err
}
