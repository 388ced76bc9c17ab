package npm

import (
	"encoding/base64"
	"errors"
	"io"

	"larder.example/larder"
)

// data reads the string that comes next as base64. What it yields is not
// held and not counted against the budget. It must be read to its end before
// the stream is used again; after that the string has been consumed.
func (s *stream) data() (*data, error) {
	if err := s.expect('"'); err != nil {
		return nil, err
	}
	d := &data{s: s}
	d.decoded = base64.NewDecoder(base64.StdEncoding, (*encoded)(d))
	return d, nil
}

// data is a base64 string of a document, decoded.
type data struct {
	s       *stream
	decoded io.Reader
	ended   bool  // the closing quote was read
	n       int64 // bytes yielded
	err     error // why no more is yielded; io.EOF at the end
}

func (d *data) Read(p []byte) (int, error) {
	if d.err != nil {
		return 0, d.err
	}
	n, err := d.decoded.Read(p)
	d.n += int64(n)
	var corrupt base64.CorruptInputError
	switch {
	case errors.As(err, &corrupt):
		err = larder.Errorf(larder.Invalid, "the data of an attachment is not base64, at byte %d of it", int64(corrupt))
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = larder.Errorf(larder.Invalid, "the data of an attachment is not whole base64")
	}
	d.err = err
	return n, err
}

// encoded is the string before it is decoded, without its escapes: base64 in
// JSON may well have its slashes escaped.
type encoded data

func (e *encoded) Read(p []byte) (int, error) {
	if e.ended {
		return 0, io.EOF
	}
	if len(p) == 0 {
		return 0, nil
	}
	s := e.s
	if _, err := s.r.Peek(1); err != nil {
		return 0, s.broken(err)
	}
	defer func(budget int) { s.budget = budget }(s.budget)
	s.budget = len(p)
	if n := copy(p, s.run()); n > 0 {
		return n, nil
	}
	s.budget = len(`\ud83d\udce6`) // the longest that one character takes
	c, err := s.char()
	switch {
	case err != nil:
		return 0, err
	case c < 0:
		e.ended = true
		return 0, io.EOF
	case c > 0x7f:
		p[0] = 0xff // is no base64, whatever it is
	default:
		p[0] = byte(c)
	}
	return 1, nil
}

// plain returns how many bytes at the start of s stand for themselves in a
// JSON string.
func plain[T string | []byte](s T) int {
	for i := range len(s) {
		if c := s[i]; c == '"' || c == '\\' || c < ' ' || c > 0x7e {
			return i
		}
	}
	return len(s)
}
