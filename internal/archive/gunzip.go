package archive

import (
	"bufio"
	"compress/gzip"
	"io"

	"larder.example/larder"
)

// gunzip inflates the members of a gzip stream one after the other. Zeros
// after a member are padding, as Node's zlib and GNU gzip have it and
// compress/gzip does not.
type gunzip struct {
	src *bufio.Reader
	zip *gzip.Reader
}

func newGunzip(src *bufio.Reader) (*gunzip, error) {
	zip, err := gzip.NewReader(src)
	if err != nil {
		return nil, err
	}
	zip.Multistream(false)
	return &gunzip{src, zip}, nil
}

func (g *gunzip) Read(p []byte) (int, error) {
	for {
		n, err := g.zip.Read(p)
		if !ended(err) {
			return n, err
		}
		if n > 0 {
			return n, nil
		}
		next, err := g.src.Peek(1)
		if err != nil {
			return 0, err
		}
		if next[0] == 0 {
			return 0, io.EOF
		}
		if err := g.zip.Reset(g.src); err != nil {
			return 0, err
		}
		g.zip.Multistream(false)
	}
}

// Gunzip inflates what r yields, to no more than most bytes.
func Gunzip(r io.Reader, most int64) ([]byte, error) {
	src := &source{r: r}
	g, err := newGunzip(bufio.NewReader(src))
	if ended(err) {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return nil, src.explain(err)
	}
	b, err := io.ReadAll(io.LimitReader(g, most+1))
	if err != nil {
		return nil, src.explain(err)
	}
	if int64(len(b)) > most {
		return nil, larder.Errorf(larder.Invalid, "The compressed file inflates to more than %s.", amount(most))
	}
	return b, nil
}
