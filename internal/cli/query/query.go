// Package query evaluates JMESPath 1.0 expressions, by which --query picks
// what is printed, over values that keep the order of objects and tell
// integers from floats. Libraries have maps and floats in their place, and
// what they return would be printed in another order and as other numbers.
//
// Errors are worded as those of the jmespath package for Python, which the
// AWS CLI prints.
package query

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Expression is a compiled expression. It is safe for concurrent use.
type Expression struct{ root node }

// Compile reads an expression.
func Compile(text string) (*Expression, error) {
	if text == "" {
		return nil, errors.New("Invalid JMESPath expression: cannot be empty.") //nolint:staticcheck // jmespath's words
	}
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{text: text, tokens: tokens}
	root, err := p.expression(0)
	if err != nil {
		return nil, err
	}
	if t := p.current(); t.kind != eof {
		return nil, p.wrong(t, "Unexpected token: "+t.text)
	}
	return &Expression{root}, nil
}

// Search returns what the expression picks of v.
func (e *Expression) Search(v any) (any, error) { return e.root.eval(v) }

// wrong says where in the expression something is wrong.
func (p *parser) wrong(t token, message string) error {
	if t.kind == eof && !strings.HasPrefix(message, "Unexpected") && message != syntaxError {
		return p.incomplete()
	}
	return fmt.Errorf("%s: Parse error at column %d, token \"%s\" (%s), for expression:\n\"%s\"\n%s^",
		message, t.start, t.text, strings.ToUpper(t.kind.String()), p.text, strings.Repeat(" ", t.start+1))
}

const syntaxError = "syntax error"

func (p *parser) incomplete() error {
	return fmt.Errorf("Invalid jmespath expression: Incomplete expression:\n\"%s\"\n%s^", //nolint:staticcheck // jmespath's words
		p.text, strings.Repeat(" ", utf8.RuneCountInString(p.text)+1))
}
