package npm

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"larder.example/larder"
)

// maxDepth bounds how deep a document may nest.
const maxDepth = 100

// A stream reads one JSON text strictly (RFC 8259), without holding it: a
// publish document is one value with a tarball in the middle. A caller walks
// objects, takes the strings it wants and skips the rest, which is validated
// all the same. Text and skip are bounded by budget, data is not.
type stream struct {
	r      *bufio.Reader
	at     int64         // bytes read
	budget int           // bytes that may still be read other than as data
	limit  int           // what the budget was
	part   string        // the member of the top-level object that is being read
	depth  int           // of the value that is being read
	keep   *bytes.Buffer // where what is read is copied to; nil: nowhere
}

// buffered is how much of a text is read at a time. Go's allocator takes what
// is larger for large, and clears it.
const buffered = 32 << 10

func newStream(r io.Reader, limit int) *stream {
	return &stream{r: bufio.NewReaderSize(r, min(limit, buffered)), budget: limit, limit: limit}
}

// extend raises the budget to that of a larger limit.
func (s *stream) extend(limit int) {
	s.budget += limit - s.limit
	s.limit = limit
}

// object walks the object that comes next. member must read the value of
// each key; a key that comes twice is refused.
func (s *stream) object(member func(key string) error) error {
	if err := s.open('{'); err != nil {
		return err
	}
	seen := map[string]bool{}
	return s.elements('}', func() error {
		key, err := s.text(maxKey)
		if err != nil {
			return err
		}
		if seen[key] {
			return s.invalid("the key %.64q comes twice", key)
		}
		seen[key] = true
		if err := s.expect(':'); err != nil {
			return err
		}
		if s.depth == 1 {
			s.part = key
		}
		return member(key)
	})
}

// maxKey bounds the keys of objects that a caller walks.
const maxKey = 4 << 10

// text reads the string that comes next, of at most limit bytes.
func (s *stream) text(limit int) (string, error) {
	if err := s.expect('"'); err != nil {
		return "", err
	}
	var b []byte
	for {
		b = append(b, s.run()...)
		c, err := s.char()
		switch {
		case err != nil:
			return "", err
		case len(b) > limit:
			return "", larder.Errorf(larder.TooLarge, "a string in %q of the document is larger than %s", s.part, measure(int64(limit)))
		case c < 0:
			return string(b), nil
		}
		b = utf8.AppendRune(b, c)
	}
}

// raw returns the value that comes next as it is written.
func (s *stream) raw() ([]byte, error) {
	if _, err := s.peek(); err != nil {
		return nil, err
	}
	outer := s.keep
	s.keep = new(bytes.Buffer)
	err := s.skip()
	b := s.keep.Bytes()
	s.keep = outer
	if outer != nil {
		outer.Write(b)
	}
	return b, err
}

// skip reads the value that comes next for its syntax only.
func (s *stream) skip() error {
	c, err := s.peek()
	if err != nil {
		return err
	}
	switch c {
	case '{':
		if err := s.open('{'); err != nil {
			return err
		}
		return s.elements('}', func() error {
			if err := s.skipText(); err != nil {
				return err
			}
			if err := s.expect(':'); err != nil {
				return err
			}
			return s.skip()
		})
	case '[':
		if err := s.open('['); err != nil {
			return err
		}
		return s.elements(']', s.skip)
	case '"':
		return s.skipText()
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	}
	_, err = s.number()
	return err
}

// null reads a null if one comes next, and reports whether it did.
func (s *stream) null() (bool, error) {
	c, err := s.peek()
	if err != nil || c != 'n' {
		return false, err
	}
	return true, s.literal("null")
}

// end checks that nothing but space follows.
func (s *stream) end() error {
	for {
		c, err := s.r.ReadByte()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return s.broken(err)
		case !isSpace(c):
			return s.invalid("something follows its end")
		}
	}
}

func (s *stream) open(bracket byte) error {
	if err := s.expect(bracket); err != nil {
		return err
	}
	if s.depth++; s.depth > maxDepth {
		return larder.Errorf(larder.TooLarge, "%q in the document nests deeper than %d levels", s.part, maxDepth)
	}
	return nil
}

// elements reads what stands between an open bracket and its end, and commas.
func (s *stream) elements(end byte, element func() error) error {
	for first := true; ; first = false {
		c, err := s.peek()
		if err != nil {
			return err
		}
		if c == end && first {
			break
		}
		if err := element(); err != nil {
			return err
		}
		if c, err = s.peek(); err != nil {
			return err
		}
		if c == end {
			break
		}
		if err := s.expect(','); err != nil {
			return err
		}
	}
	s.depth--
	return s.expect(end)
}

func (s *stream) skipText() error {
	if err := s.expect('"'); err != nil {
		return err
	}
	for {
		s.run()
		if c, err := s.char(); err != nil || c < 0 {
			return err
		}
	}
}

// run reads the characters of a string that stand for themselves, as many as
// are buffered and the budget allows. It is good until the next read.
func (s *stream) run() []byte {
	b, _ := s.r.Peek(min(s.r.Buffered(), s.budget))
	b = b[:plain(b)]
	s.r.Discard(len(b)) //nolint:errcheck // they are buffered
	s.at += int64(len(b))
	s.budget -= len(b)
	if s.keep != nil {
		s.keep.Write(b)
	}
	return b
}

// char reads one character of a string, or its closing quote as -1.
func (s *stream) char() (rune, error) {
	c, err := s.next()
	switch {
	case err != nil:
		return 0, err
	case c == '"':
		return -1, nil
	case c == '\\':
		return s.escape()
	case c < ' ':
		return 0, s.invalid("a string holds a control character")
	case c < utf8.RuneSelf:
		return rune(c), nil
	}
	b := [utf8.UTFMax]byte{c}
	n := 1
	for ; !utf8.FullRune(b[:n]); n++ {
		if b[n], err = s.next(); err != nil {
			return 0, err
		}
	}
	r, width := utf8.DecodeRune(b[:n])
	if width != n || r == utf8.RuneError && n == 1 {
		return 0, s.invalid("a string is not UTF-8")
	}
	return r, nil
}

// escape reads what follows a backslash. A lone half of a surrogate pair is
// U+FFFD, as encoding/json has it.
func (s *stream) escape() (rune, error) {
	c, err := s.next()
	if err != nil {
		return 0, err
	}
	switch c {
	case '"', '\\', '/':
		return rune(c), nil
	case 'b':
		return '\b', nil
	case 'f':
		return '\f', nil
	case 'n':
		return '\n', nil
	case 'r':
		return '\r', nil
	case 't':
		return '\t', nil
	case 'u':
	default:
		return 0, s.invalid("a string holds the unknown escape %q", `\`+string(rune(c)))
	}
	high, err := s.hex()
	if err != nil || !utf16.IsSurrogate(high) {
		return high, err
	}
	// What follows is read only if it is the other half: if not, it is a
	// character of its own.
	b, _ := s.r.Peek(6)
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return utf8.RuneError, nil
	}
	low, err := strconv.ParseUint(string(b[2:]), 16, 16)
	if err != nil || utf16.DecodeRune(high, rune(low)) == utf8.RuneError {
		return utf8.RuneError, nil
	}
	for range b {
		if _, err := s.next(); err != nil {
			return 0, err
		}
	}
	return utf16.DecodeRune(high, rune(low)), nil
}

func (s *stream) hex() (rune, error) {
	var r rune
	for range 4 {
		c, err := s.next()
		if err != nil {
			return 0, err
		}
		switch {
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case 'A' <= c && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			return 0, s.invalid("a string holds a broken \\u escape")
		}
	}
	return r, nil
}

func (s *stream) literal(word string) error {
	for i := range len(word) {
		c, err := s.next()
		if err != nil {
			return err
		}
		if c != word[i] {
			return s.invalid("unexpected %q", c)
		}
	}
	return nil
}

// number reads a number and returns its text.
func (s *stream) number() (json.Number, error) {
	if _, err := s.peek(); err != nil { // it also skips space
		return "", err
	}
	var b []byte
	for {
		c, err := s.r.Peek(1)
		if err != nil && len(b) == 0 {
			return "", s.broken(err)
		}
		if err != nil || !strings.ContainsRune("+-.0123456789eE", rune(c[0])) {
			break
		}
		if _, err := s.next(); err != nil {
			return "", err
		}
		if b = append(b, c[0]); len(b) > maxKey {
			return "", s.invalid("a number is longer than %s", measure(maxKey))
		}
	}
	switch {
	case len(b) == 0:
		c, _ := s.r.Peek(1)
		return "", s.invalid("unexpected %q", c)
	case !json.Valid(b):
		return "", s.invalid("%.32q is no number", b)
	}
	return json.Number(b), nil
}

// expect reads the byte c, after space.
func (s *stream) expect(c byte) error {
	got, err := s.peek()
	if err != nil {
		return err
	}
	if got != c {
		return s.invalid("%q where %q must stand", got, c)
	}
	_, err = s.next()
	return err
}

// peek skips space and returns the byte that follows without reading it.
func (s *stream) peek() (byte, error) {
	for {
		b, err := s.r.Peek(1)
		if err != nil {
			return 0, s.broken(err)
		}
		if !isSpace(b[0]) {
			return b[0], nil
		}
		if _, err := s.next(); err != nil {
			return 0, err
		}
	}
}

func (s *stream) next() (byte, error) {
	c, err := s.r.ReadByte()
	if err != nil {
		return 0, s.broken(err)
	}
	s.at++
	if s.budget--; s.budget < 0 {
		return 0, larder.Errorf(larder.TooLarge, "the document is larger than %s beside its tarball, at %q", measure(int64(s.limit)), s.part)
	}
	if s.keep != nil {
		s.keep.WriteByte(c)
	}
	return c, nil
}

func isSpace(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }

func (s *stream) invalid(format string, args ...any) error {
	return larder.Errorf(larder.Invalid, "the document is not valid JSON: %s (at byte %d)", fmt.Sprintf(format, args...), s.at)
}

// broken explains why no more can be read.
func (s *stream) broken(err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return larder.Errorf(larder.TooLarge, "the request is larger than %s", measure(large.Limit))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return larder.Errorf(larder.Invalid, "the document ends early, after %d bytes", s.at)
	}
	return fmt.Errorf("read document: %w", err)
}

// measure writes a limit for people.
func measure(n int64) string {
	switch {
	case n >= 1<<30:
		return strconv.FormatInt(n>>30, 10) + " GiB"
	case n >= 1<<20:
		return strconv.FormatInt(n>>20, 10) + " MiB"
	}
	return strconv.FormatInt(n>>10, 10) + " KiB"
}
