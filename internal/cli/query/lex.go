package query

import (
	"fmt"
	"strings"

	"larder.example/larder/internal/cli/value"
)

type kind uint8

const (
	eof kind = iota
	identifier
	quotedIdentifier
	literal
	number
	rbracket
	rparen
	comma
	rbrace
	colon
	current
	expref
	pipe
	or
	and
	eq
	ne
	lt
	lte
	gt
	gte
	flatten
	star
	filter
	dot
	not
	lbrace
	lbracket
	lparen
)

// kindNames are those of messages.
var kindNames = [...]string{
	"eof", "unquoted_identifier", "quoted_identifier", "literal", "number", "rbracket", "rparen", "comma", "rbrace", "colon",
	"current", "expref", "pipe", "or", "and", "eq", "ne", "lt", "lte", "gt", "gte", "flatten", "star", "filter", "dot", "not",
	"lbrace", "lbracket", "lparen",
}

func (k kind) String() string { return kindNames[k] }

// power is how strongly a token binds what stands before it.
func (k kind) power() int {
	switch k {
	case pipe:
		return 1
	case or:
		return 2
	case and:
		return 3
	case eq, ne, lt, lte, gt, gte:
		return 5
	case flatten:
		return 9
	case star:
		return 20
	case filter:
		return 21
	case dot:
		return 40
	case not:
		return 45
	case lbrace:
		return 50
	case lbracket:
		return 55
	case lparen:
		return 60
	case eof, identifier, quotedIdentifier, literal, number, rbracket, rparen, comma, rbrace, colon, current, expref:
	}
	return 0
}

type token struct {
	kind  kind
	text  string // as it is shown
	value any    // of literals, numbers and identifiers
	start int    // in characters
}

// punctuation are the tokens that are one or two characters, the longer first.
var punctuation = [...]struct {
	text string
	kind kind
}{
	{"[]", flatten},
	{"[?", filter},
	{"[", lbracket},
	{"||", or},
	{"|", pipe},
	{"&&", and},
	{"&", expref},
	{"<=", lte},
	{"<", lt},
	{">=", gte},
	{">", gt},
	{"!=", ne},
	{"!", not},
	{"==", eq},
	{".", dot},
	{"*", star},
	{"]", rbracket},
	{",", comma},
	{":", colon},
	{"@", current},
	{"(", lparen},
	{")", rparen},
	{"{", lbrace},
	{"}", rbrace},
}

type lexer struct {
	text  string
	chars []rune
	at    int
}

func lex(text string) ([]token, error) {
	l := lexer{text: text, chars: []rune(text)}
	var tokens []token
	for l.at < len(l.chars) {
		if strings.ContainsRune(" \t\n\r", l.chars[l.at]) {
			l.at++
			continue
		}
		t, err := l.next()
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
	}
	return append(tokens, token{kind: eof, start: len(l.chars)}), nil
}

func (l *lexer) fail(at int, format string, args ...any) error {
	return fmt.Errorf("Bad jmespath expression: %s:\n%s\n%s^", fmt.Sprintf(format, args...), l.text, strings.Repeat(" ", at)) //nolint:staticcheck // jmespath's words
}

func (l *lexer) next() (token, error) {
	start, c := l.at, l.chars[l.at]
	switch {
	case isLetter(c):
		for l.at < len(l.chars) && (isLetter(l.chars[l.at]) || isDigit(l.chars[l.at])) {
			l.at++
		}
		name := string(l.chars[start:l.at])
		return token{identifier, name, name, start}, nil
	case isDigit(c), c == '-':
		return l.number()
	case c == '\'':
		body, err := l.until('\'')
		s := strings.ReplaceAll(body, `\'`, `'`)
		return token{literal, s, s, start}, err
	case c == '"':
		return l.quoted()
	case c == '`':
		return l.json()
	}
	rest := string(l.chars[start:min(start+2, len(l.chars))])
	for _, p := range punctuation {
		if strings.HasPrefix(rest, p.text) {
			l.at += len(p.text)
			return token{p.kind, p.text, p.text, start}, nil
		}
	}
	if c == '=' {
		return token{}, l.fail(start, "Unknown token '='")
	}
	return token{}, l.fail(start, "Unknown token %c", c)
}

func isLetter(c rune) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }
func isDigit(c rune) bool  { return '0' <= c && c <= '9' }

func (l *lexer) number() (token, error) {
	start := l.at
	for l.at++; l.at < len(l.chars) && isDigit(l.chars[l.at]); l.at++ {
	}
	text := string(l.chars[start:l.at])
	n, ok := value.Integer(text)
	if !ok {
		return token{}, l.fail(start, "Unknown token '-'")
	}
	return token{number, value.Str(n), n, start}, nil
}

// until reads up to a delimiter that no backslash precedes.
func (l *lexer) until(delimiter rune) (string, error) {
	start := l.at
	for l.at++; l.at < len(l.chars) && l.chars[l.at] != delimiter; l.at++ {
		if l.chars[l.at] == '\\' {
			l.at++
		}
	}
	if l.at >= len(l.chars) {
		return "", l.fail(start, "Unclosed %c delimiter", delimiter)
	}
	l.at++
	return string(l.chars[start+1 : l.at-1]), nil
}

func (l *lexer) quoted() (token, error) {
	start := l.at
	body, err := l.until('"')
	if err != nil {
		return token{}, err
	}
	v, err := value.ParseJSON(`"` + body + `"`)
	if err != nil {
		message, _, _ := strings.Cut(err.Error(), ":")
		return token{}, l.fail(start, "%s", message)
	}
	return token{quotedIdentifier, value.Str(v), v, start}, nil
}

// json reads a literal. One that is no JSON is a string without its quotes, as
// JEP 12 has it for what was written before.
func (l *lexer) json() (token, error) {
	start := l.at
	body, err := l.until('`')
	if err != nil {
		return token{}, err
	}
	body = strings.ReplaceAll(body, "\\`", "`")
	v, err := value.ParseJSON(body)
	if err != nil {
		v, err = value.ParseJSON(`"` + strings.TrimLeft(body, " \t\n\r") + `"`)
	}
	if err != nil {
		return token{}, l.fail(start, "Bad token %s", body)
	}
	return token{literal, value.Str(v), v, start}, nil
}
