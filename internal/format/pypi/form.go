package pypi

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"

	"golang.org/x/crypto/blake2b"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

const (
	// maxFields bounds the fields of a form together, kept or not: a
	// description and attestations are among them.
	maxFields = 16 << 20

	// maxParts bounds how many parts a form has: each of hundreds of
	// classifiers is one.
	maxParts = 10_000
)

// form is an upload as it was sent.
type form struct {
	fields   map[string]string // those that count
	filename filename
	file     format.Upload // nil: there was none
	blake2   string        // of the file, in hexadecimal
	budget   int64         // bytes that fields may still have
}

// counts reports whether a field of a form does. The others repeat what the
// file says about itself.
func counts(field string) bool {
	switch field {
	case ":action", "protocol_version", "name", "version", "filetype",
		"md5_digest", "sha256_digest", "blake2_256_digest", "attestations":
		return true
	}
	return false
}

// readForm reads an upload, whose file goes to spool as it comes. Parts come
// in any order.
func readForm(r *http.Request, spool func(io.Reader) (format.Upload, error)) (*form, error) {
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case kind == "text/xml": // which pip search sends here
		return nil, larder.Errorf(larder.NotFound, "XML-RPC is not served here: there is no search.")
	case err != nil, kind != "multipart/form-data", params["boundary"] == "":
		return nil, larder.Errorf(larder.Invalid, "An upload is multipart/form-data with a boundary.")
	}
	f := &form{fields: map[string]string{}, budget: maxFields}
	parts := multipart.NewReader(r.Body, params["boundary"])
	for n := 0; ; n++ {
		p, err := parts.NextPart()
		if err == io.EOF { //nolint:errorlint // wrapped, the form was cut off
			break
		}
		if err != nil {
			return nil, malformed(err)
		}
		if n == maxParts {
			return nil, larder.Errorf(larder.Invalid, "An upload has no more than %d fields.", maxParts)
		}
		if p.FormName() == "content" {
			err = f.readFile(p, spool)
		} else {
			err = f.readField(p)
		}
		if err != nil {
			return nil, err
		}
	}
	// twine 1.11 sends an empty BLAKE2b where Python is too old to make one.
	maps.DeleteFunc(f.fields, func(_, value string) bool { return value == "" })
	if f.file == nil {
		return nil, larder.Errorf(larder.Invalid, `The upload has no file: no field is named "content".`)
	}
	return f, nil
}

func (f *form) readFile(p *multipart.Part, spool func(io.Reader) (format.Upload, error)) error {
	if f.file != nil {
		return larder.Errorf(larder.Invalid, "The upload has two files.")
	}
	// Part.FileName would cut off directories.
	_, params, err := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
	if err != nil || params["filename"] == "" {
		return larder.Errorf(larder.Invalid, "The file in the upload has no name.")
	}
	if f.filename, err = parseFilename(params["filename"]); err != nil {
		return err
	}
	sum, err := blake2b.New256(nil)
	if err != nil {
		return fmt.Errorf("begin a BLAKE2b sum: %w", err)
	}
	f.file, err = spool(io.TeeReader(part{p}, sum))
	f.blake2 = hex.EncodeToString(sum.Sum(nil))
	return err
}

// readField reads a field that is not the file. One that counts has one
// value: with two, whoever looks at the form later could see another.
func (f *form) readField(p *multipart.Part) error {
	body := &io.LimitedReader{R: part{p}, N: f.budget + 1}
	defer func() { f.budget = body.N - 1 }()
	name := p.FormName()
	var value strings.Builder
	to := io.Discard
	if counts(name) {
		if _, again := f.fields[name]; again {
			return larder.Errorf(larder.Invalid, "The upload has two fields %s.", name)
		}
		to = &value
	}
	_, err := io.Copy(to, body)
	switch {
	case err != nil:
		return err
	case body.N == 0:
		return larder.Errorf(larder.TooLarge, "The fields of the upload have more than %d MiB.", maxFields>>20)
	case to == &value:
		f.fields[name] = strings.TrimSpace(value.String())
	}
	return nil
}

// part is a part of a form, whose errors are the client's doing.
type part struct{ r io.Reader }

func (p part) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	if err == nil || err == io.EOF {
		return n, err
	}
	return n, malformed(err)
}

// malformed returns an error of reading a form as larder.Invalid, unless it
// is a larder.Error already.
func malformed(err error) error {
	var e *larder.Error
	if errors.As(err, &e) {
		return e
	}
	return &larder.Error{Kind: larder.Invalid, Message: "The upload is not whole multipart/form-data.", Err: err}
}
