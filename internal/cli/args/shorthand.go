package args

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"larder.example/larder/internal/cli/value"
)

// Shorthand reads the AWS CLI's shorthand for structures: key=a,other=b,c with
// lists, nested [] and {}, quotes, and key@=file://f, whose value load reads.
func Shorthand(text string, load func(string) (any, error)) (*value.Object, error) {
	s := shorthand{text: text, load: load}
	o := new(value.Object)
	for {
		begin := s.at
		key, v, err := s.pair(s.values)
		if err != nil {
			return nil, err
		}
		if _, twice := o.Get(key); twice {
			return nil, fmt.Errorf("Second instance of key \"%s\" encountered for input:\n%s\n%s", //nolint:staticcheck // the AWS CLI's words
				key, place(s.text, begin), `This is often because there is a preceding "," instead of a space.`)
		}
		o.Set(key, v)
		if s.at >= len(s.text) {
			return o, nil
		}
		if err := s.expect(',', true); err != nil {
			return nil, err
		}
	}
}

type shorthand struct {
	text   string
	at     int
	load   func(string) (any, error)
	isFile bool // the value that is read names a file
	depth  int
}

// place shows the input with a mark below the byte at.
func place(text string, at int) string {
	before, after := text, ""
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		before, after = text[:at+i], text[at+i:]
	}
	column := utf8.RuneCountInString(text[strings.LastIndexByte(text[:at], '\n')+1 : at])
	return before + "\n" + strings.Repeat(" ", column) + "^" + after
}

// misplaced is a failure in the AWS CLI's words. They have all of the input,
// and most of them are never told: what ends a list is one too.
type misplaced struct {
	expected, received string
	text               string
	at                 int
}

func (m *misplaced) Error() string {
	return fmt.Sprintf("Expected: '%s', received: '%s' for input:\n %s", m.expected, m.received, place(m.text, m.at))
}

func (s *shorthand) wrong(expected, received string) error {
	return &misplaced{expected, received, s.text, s.at}
}

func (s *shorthand) space() {
	for s.at < len(s.text) && strings.IndexByte(" \t\n\r\v\f", s.text[s.at]) >= 0 {
		s.at++
	}
}

func (s *shorthand) peek() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

func (s *shorthand) expect(c byte, spaced bool) error {
	if spaced {
		s.space()
	}
	if s.at >= len(s.text) {
		return s.wrong(string(c), "EOF")
	}
	if s.text[s.at] != c {
		r, _ := utf8.DecodeRuneInString(s.text[s.at:])
		return s.wrong(string(c), string(r))
	}
	s.at++
	if spaced {
		s.space()
	}
	return nil
}

// pair reads a key and what values makes of what follows.
func (s *shorthand) pair(values func() (any, error)) (string, any, error) {
	start := s.at
	for s.at < len(s.text) && isKeyByte(s.text[s.at]) {
		s.at++
	}
	key := s.text[start:s.at]
	s.space()
	s.isFile = s.peek() == '@'
	if s.isFile {
		s.at++
	}
	if err := s.expect('=', true); err != nil {
		return "", nil, err
	}
	v, err := values()
	return key, v, err
}

func isKeyByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-_.#/:", c) >= 0
}

// values reads what stands after a key that is not nested: there a list needs
// no brackets.
func (s *shorthand) values() (any, error) {
	switch {
	case s.at >= len(s.text):
		return "", nil
	case s.peek() == '[':
		return s.list()
	case s.peek() == '{':
		return s.object()
	}
	first, err := s.single(true)
	if err != nil {
		return nil, err
	}
	s.space()
	if s.peek() != ',' {
		return first, nil
	}
	if err := s.expect(',', true); err != nil {
		return nil, err
	}
	list := []any{first}
	for {
		// What is no value any more, as it is followed by '=', begins a pair.
		v, err := s.second()
		if err == nil {
			s.space()
			if s.at >= len(s.text) {
				list = append(list, v)
				break
			}
			err = s.expect(',', true)
		}
		if err != nil {
			if s.at >= len(s.text) {
				return nil, err
			}
			s.at = strings.LastIndexByte(s.text[:s.at+1], ',')
			break
		}
		list = append(list, v)
	}
	if len(list) == 1 {
		return first, nil
	}
	return list, nil
}

// nested reads what stands inside of brackets.
func (s *shorthand) nested() (any, error) {
	switch s.peek() {
	case '[':
		return s.list()
	case '{':
		return s.object()
	}
	return s.single(true)
}

func (s *shorthand) enter() error {
	if s.depth++; s.depth > maxNesting {
		return s.wrong("less nesting", "more")
	}
	return nil
}

const maxNesting = 200

func (s *shorthand) list() (any, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer func() { s.depth-- }()
	if err := s.expect('[', true); err != nil {
		return nil, err
	}
	list := []any{}
	for s.peek() != ']' {
		v, err := s.nested()
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		if err := s.separate(']'); err != nil {
			return nil, err
		}
	}
	s.at++
	return list, nil
}

func (s *shorthand) object() (any, error) {
	if err := s.enter(); err != nil {
		return nil, err
	}
	defer func() { s.depth-- }()
	if err := s.expect('{', true); err != nil {
		return nil, err
	}
	o := new(value.Object)
	for s.peek() != '}' {
		key, v, err := s.pair(s.nested)
		if err != nil {
			return nil, err
		}
		o.Set(key, v)
		if err := s.separate('}'); err != nil {
			return nil, err
		}
	}
	s.at++
	return o, nil
}

// separate reads a comma, unless the bracket closes.
func (s *shorthand) separate(closing byte) error {
	s.space()
	if s.peek() == closing {
		return nil
	}
	if err := s.expect(',', false); err != nil {
		return err
	}
	s.space()
	return nil
}

// single reads a value, in quotes or not. A first one may have '=' in it, and
// be empty.
func (s *shorthand) single(first bool) (any, error) {
	switch s.peek() {
	case '\'':
		return s.quoted('\'', "singled quoted")
	case '"':
		return s.quoted('"', "double quoted")
	}
	start := s.at
	for s.at < len(s.text) {
		if strings.HasPrefix(s.text[s.at:], `\,`) {
			s.at += 2
			continue
		}
		r, n := utf8.DecodeRuneInString(s.text[s.at:])
		if !inWord(r, first, s.at == start) {
			break
		}
		s.at += n
	}
	word := strings.TrimRightFunc(strings.ReplaceAll(s.text[start:s.at], `\,`, ","), unicode.IsSpace)
	return s.resolve(word)
}

func (s *shorthand) second() (any, error) {
	start := s.at
	v, err := s.single(false)
	if err == nil && s.at == start {
		return nil, s.wrong("<second>", "<none>")
	}
	return v, err
}

// inWord reports whether a word may have the character, where it begins or
// later. Only a first value goes on over '='.
func inWord(r rune, first, begins bool) bool {
	switch {
	case r == ',' || r == '"' || r == '\'' && begins:
		return false
	case begins:
		return r > ' ' && !unicode.IsSpace(r) && !strings.ContainsRune("=[]{}", r)
	case r == '\'' || r == '=' && !first:
		return false
	case first:
		return r != ']' && r != '}' && (r >= ' ' || unicode.IsSpace(r))
	default:
		return r >= ' ' || unicode.IsSpace(r)
	}
}

func (s *shorthand) quoted(mark byte, name string) (any, error) {
	i := s.at + 1
	for i < len(s.text) && s.text[i] != mark {
		if s.text[i] == '\\' && i+1 < len(s.text) && s.text[i+1] == mark {
			i++
		}
		i++
	}
	if i >= len(s.text) {
		return nil, s.wrong("<"+name+">", "<none>")
	}
	body := s.text[s.at+1 : i]
	s.at = i + 1
	body = strings.ReplaceAll(strings.ReplaceAll(body, `\`+string(mark), string(mark)), `\\`, `\`)
	return s.resolve(body)
}

func (s *shorthand) resolve(word string) (any, error) {
	if s.isFile {
		return s.load(word)
	}
	return word, nil
}
