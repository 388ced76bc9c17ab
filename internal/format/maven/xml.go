package maven

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"larder.example/larder"
)

// maxNesting bounds the elements within elements. The deepest POMs, with
// plugin configurations in profiles, have about twenty.
const maxNesting = 100

// decode reads an XML document into v. A document type is refused, and with
// it every entity that a document could define; HTML's own are known, since
// Maven knows them and old POMs have them.
func decode(r io.Reader, v any) error {
	src := &source{r: r}
	d := xml.NewDecoder(src)
	d.Entity = xml.HTMLEntity
	d.CharsetReader = charset
	err := xml.NewTokenDecoder(&guarded{d: d}).Decode(v)
	switch {
	case src.err != nil:
		return src.err
	case err == nil, larder.Invalid.Is(err):
		return err
	}
	return &larder.Error{Kind: larder.Invalid, Message: "it is not well-formed: " + err.Error(), Err: err}
}

// source remembers why it could not be read, which is not the document's
// fault.
type source struct {
	r   io.Reader
	err error
}

// Read implements io.Reader.
func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}

// guarded yields the tokens of a document as long as they are harmless.
type guarded struct {
	d     *xml.Decoder
	depth int
}

// Token implements xml.TokenReader.
func (g *guarded) Token() (xml.Token, error) {
	t, err := g.d.RawToken()
	if err != nil {
		return nil, err
	}
	switch t.(type) {
	case xml.Directive:
		return nil, larder.Errorf(larder.Invalid, "it has a document type")
	case xml.StartElement:
		if g.depth++; g.depth > maxNesting {
			return nil, larder.Errorf(larder.Invalid, "its elements are nested too deeply")
		}
	case xml.EndElement:
		g.depth--
	}
	return t, nil
}

// charset reads what is not in UTF-8: Latin-1 and its subset, of which old
// POMs are.
func charset(label string, r io.Reader) (io.Reader, error) {
	switch strings.ToLower(label) {
	case "utf8", "us-ascii", "ascii":
		return r, nil
	case "iso-8859-1", "latin1", "latin-1", "iso8859-1", "iso8859_1", "windows-1252", "cp1252":
		return &latin1{r: r}, nil
	}
	return nil, larder.Errorf(larder.Invalid, "its encoding %.40q is not known", label)
}

// latin1 turns Latin-1 into UTF-8.
type latin1 struct {
	r    io.Reader
	half byte // the second byte of a character whose first was read; 0: none
}

// Read implements io.Reader.
func (l *latin1) Read(p []byte) (n int, err error) {
	if len(p) == 0 {
		return 0, nil
	}
	if l.half != 0 {
		p[0], l.half = l.half, 0
		return 1, nil
	}
	raw := make([]byte, (len(p)+1)/2)
	got, err := l.r.Read(raw)
	for _, c := range raw[:got] {
		switch {
		case c < 0x80:
			p[n] = c
			n++
		case n+1 < len(p):
			p[n], p[n+1] = 0xc0|c>>6, 0x80|c&0x3f
			n += 2
		default:
			p[n], l.half = 0xc0|c>>6, 0x80|c&0x3f
			n++
		}
	}
	return n, err
}
