package npm

import (
	"bytes"
	"errors"
	"io"

	"larder.example/larder"
)

const (
	// windowSize is how much of a document is looked at at a time.
	windowSize = 128 << 10

	// findSize is how much is read at first of one value that is wanted; most
	// versions are smaller.
	findSize = 8 << 10

	// maxManifestRead bounds a version in a public registry's document, and
	// whatever else of it is held whole.
	maxManifestRead = 16 << 20
)

// window walks a JSON document of any size. It finds where values end and
// does not judge what is in them: of a document of 100 MB only one value at a
// time is held, and what is skipped is not even that.
type window struct {
	r     io.ReaderAt
	size  int64
	base  int64 // the offset of buf in the document
	buf   []byte
	pos   int // in buf
	space bool
}

func newWindow(r io.ReaderAt, size, at int64) *window {
	return &window{r: r, size: size, base: at}
}

// at is the offset of what comes next.
func (w *window) at() int64 { return w.base + int64(w.pos) }

var errEnds = larder.Errorf(larder.Invalid, "The document ends early.")

// more reads on, and keeps what is in buf from keep on.
func (w *window) more(keep int) error {
	n := copy(w.buf, w.buf[keep:])
	w.base += int64(keep)
	w.pos -= keep
	if n == cap(w.buf) {
		if n >= maxManifestRead {
			return larder.Errorf(larder.Invalid, "A part of the document is larger than %s.", measure(maxManifestRead))
		}
		bigger := make([]byte, n, max(2*n, windowSize))
		copy(bigger, w.buf[:n])
		w.buf = bigger
	}
	room := w.buf[n:cap(w.buf)]
	room = room[:max(min(int64(len(room)), w.size-w.base-int64(n)), 0)]
	if len(room) == 0 {
		w.buf = w.buf[:n]
		return errEnds
	}
	got, err := w.r.ReadAt(room, w.base+int64(n))
	w.buf = w.buf[:n+got]
	if got == 0 {
		if err == nil || errors.Is(err, io.EOF) {
			return errEnds
		}
		return err
	}
	return nil
}

// peek skips space and returns the byte that follows.
func (w *window) peek() (byte, error) {
	for {
		for ; w.pos < len(w.buf); w.pos++ {
			if !isSpace(w.buf[w.pos]) {
				return w.buf[w.pos], nil
			}
		}
		if err := w.more(len(w.buf)); err != nil {
			return 0, err
		}
	}
}

// take reads the byte c, after space.
func (w *window) take(c byte) error {
	got, err := w.peek()
	if err != nil {
		return err
	}
	if got != c {
		return larder.Errorf(larder.Invalid, "The document is not JSON: %q stands where %q must, at byte %d.", got, c, w.at())
	}
	w.pos++
	return nil
}

// object walks the object that comes next. member must read the value of each
// key.
func (w *window) object(member func(key string) error) error {
	if err := w.take('{'); err != nil {
		return err
	}
	if c, err := w.peek(); err != nil || c == '}' {
		w.pos++
		return err
	}
	for {
		raw, err := w.value()
		if err != nil {
			return err
		}
		key, ok := decoded(raw)
		if !ok {
			return larder.Errorf(larder.Invalid, "The document is not JSON: a key is none, before byte %d.", w.at())
		}
		if err := w.take(':'); err != nil {
			return err
		}
		if err := member(key); err != nil {
			return err
		}
		c, err := w.peek()
		if err != nil {
			return err
		}
		w.pos++
		switch c {
		case ',':
		case '}':
			return nil
		default:
			return larder.Errorf(larder.Invalid, "The document is not JSON: unexpected %q at byte %d.", c, w.at()-1)
		}
	}
}

// value returns the value that comes next as it is written; it is good until
// the next read. w.space says whether there is space between its tokens.
func (w *window) value() ([]byte, error) { return w.pass(true) }

// skip passes the value that comes next.
func (w *window) skip() error {
	_, err := w.pass(false)
	return err
}

func (w *window) pass(hold bool) ([]byte, error) {
	if _, err := w.peek(); err != nil {
		return nil, err
	}
	var s scan
	start := w.pos
	for {
		n, done := s.run(w.buf[w.pos:])
		w.pos += n
		if done {
			w.space = s.space
			if !hold {
				return nil, nil
			}
			return w.buf[start:w.pos], nil
		}
		keep := start
		if !hold {
			keep = len(w.buf)
		}
		if err := w.more(keep); err != nil {
			return nil, err
		}
		start -= keep
	}
}

// scan finds the end of a value that may come in pieces.
type scan struct {
	depth   int
	text    bool // within a string
	escaped bool // behind a backslash
	scalar  bool // a number, true, false or null
	space   bool // there was space between tokens
}

// run goes through b, and reports how far and whether the value has ended.
func (s *scan) run(b []byte) (n int, done bool) {
	for i := 0; i < len(b); i++ {
		if s.text {
			i += s.inText(b[i:])
			if s.text {
				return len(b), false
			}
			if s.depth == 0 {
				return i + 1, true
			}
			continue
		}
		switch c := b[i]; c {
		case '"':
			s.text = true
		case '{', '[':
			s.depth++
		case '}', ']':
			if s.scalar && s.depth == 0 {
				return i, true
			}
			if s.depth--; s.depth == 0 {
				return i + 1, true
			}
		case ' ', '\n', '\r', '\t':
			s.space = true
			if s.scalar && s.depth == 0 {
				return i, true
			}
		case ',':
			if s.depth == 0 {
				return i, true
			}
		default:
			if s.depth == 0 {
				s.scalar = true
			}
		}
	}
	return len(b), false
}

// inText goes through what b has of a string, up to its closing quote.
func (s *scan) inText(b []byte) int {
	i := 0
	if s.escaped {
		s.escaped = false
		i = 1
	}
	for i < len(b) {
		n := bytes.IndexByte(b[i:], '"')
		end := i + n
		if n < 0 {
			end = len(b)
		}
		slash := bytes.IndexByte(b[i:end], '\\')
		switch {
		case slash >= 0 && i+slash+1 == len(b):
			s.escaped = true
			return len(b)
		case slash >= 0:
			i += slash + 2
			continue
		case n < 0:
			return len(b)
		}
		s.text = false
		return end
	}
	return len(b)
}

// squeeze appends a value to b without the space between its tokens. As the
// window does, it does not judge them.
func squeeze(b, value []byte) []byte {
	for i := 0; i < len(value); {
		switch c := value[i]; {
		case isSpace(c):
			i++
		case c == '"':
			end := stringEnd(value, i)
			if end < 0 {
				end = len(value)
			}
			b = append(b, value[i:end]...)
			i = end
		default:
			b = append(b, c)
			i++
		}
	}
	return b
}
