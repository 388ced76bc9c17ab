package query

import (
	"fmt"
	"strings"
)

// projectionStop is the power below which a token ends a projection.
const projectionStop = 10

// maxNesting bounds how deep expressions nest.
const maxNesting = 200

// parser is a Pratt parser: a token begins an expression, and others go on
// with it as long as they bind more strongly.
type parser struct {
	text   string
	tokens []token
	at     int
	depth  int
}

func (p *parser) current() token { return p.tokens[p.at] }

// lookahead returns the kind of the token after the current one.
func (p *parser) lookahead() kind { return p.tokens[min(p.at+1, len(p.tokens)-1)].kind }

func (p *parser) advance() token {
	t := p.tokens[p.at]
	if p.at < len(p.tokens)-1 {
		p.at++
	}
	return t
}

func (p *parser) match(k kind) error {
	if t := p.current(); t.kind != k {
		return p.wrong(t, fmt.Sprintf("Expecting: %s, got: %s", k, t.kind))
	}
	p.advance()
	return nil
}

func (p *parser) expression(power int) (node, error) {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxNesting {
		return node{}, p.wrong(p.current(), "Expression is too deeply nested")
	}
	left, err := p.begin(p.advance())
	for err == nil && power < p.current().kind.power() {
		left, err = p.goOn(left, p.advance())
	}
	return left, err
}

// begin reads an expression whose first token is t.
func (p *parser) begin(t token) (node, error) {
	switch t.kind {
	case literal:
		return constant(t.value), nil
	case identifier:
		return field(t.text), nil
	case quotedIdentifier:
		if p.current().kind == lparen {
			t := p.current()
			t.start = 0
			return node{}, p.wrong(t, "Quoted identifier not allowed for function names.")
		}
		return field(t.text), nil
	case star:
		if p.current().kind == rbracket {
			return valueProjection(identity(), identity()), nil
		}
		right, err := p.projected(star.power())
		return valueProjection(identity(), right), err
	case filter:
		return p.filtered(identity())
	case lbrace:
		return p.multiHash()
	case lparen:
		inner, err := p.expression(0)
		if err == nil {
			err = p.match(rparen)
		}
		inner.name = ""
		return inner, err
	case flatten:
		right, err := p.projected(flatten.power())
		return projection(flattened(identity()), right), err
	case not:
		inner, err := p.expression(not.power())
		return negation(inner), err
	case lbracket:
		return p.bracket()
	case current:
		return identity(), nil
	case expref:
		inner, err := p.expression(expref.power())
		return reference(inner), err
	case eof:
		return node{}, p.incomplete()
	default:
		return node{}, p.wrong(t, "invalid token")
	}
}

// goOn reads what follows an expression, beginning with t.
func (p *parser) goOn(left node, t token) (node, error) {
	switch t.kind {
	case dot:
		if p.current().kind == star {
			p.advance()
			right, err := p.projected(dot.power())
			return valueProjection(left, right), err
		}
		right, err := p.afterDot(dot.power())
		return chain(left, right), err
	case pipe:
		right, err := p.expression(pipe.power())
		return chain(left, right), err
	case or, and:
		right, err := p.expression(t.kind.power())
		return logical(t.kind, left, right), err
	case eq, ne, lt, lte, gt, gte:
		right, err := p.expression(t.kind.power())
		return comparison(t.kind, left, right), err
	case lparen:
		return p.call(left)
	case filter:
		return p.filtered(left)
	case flatten:
		right, err := p.projected(flatten.power())
		return projection(flattened(left), right), err
	case lbracket:
		if k := p.current().kind; k == number || k == colon {
			return p.index(left)
		}
		if err := p.match(star); err != nil {
			return node{}, err
		}
		if err := p.match(rbracket); err != nil {
			return node{}, err
		}
		right, err := p.projected(star.power())
		return projection(left, right), err
	default:
		return node{}, p.wrong(t, "invalid token")
	}
}

func (p *parser) bracket() (node, error) {
	switch k := p.current().kind; {
	case k == number || k == colon:
		return p.index(identity())
	case k == star && p.lookahead() == rbracket:
		p.advance()
		p.advance()
		right, err := p.projected(star.power())
		return projection(identity(), right), err
	default:
		return p.multiList()
	}
}

// index reads [number] or a slice, after its bracket.
func (p *parser) index(left node) (node, error) {
	if p.current().kind != colon && p.lookahead() != colon {
		n := p.advance()
		return chain(left, element(n.value)), p.match(rbracket)
	}
	var parts [3]any
	for at := 0; p.current().kind != rbracket; {
		switch t := p.current(); t.kind {
		case colon:
			if at++; at == len(parts) {
				return node{}, p.wrong(t, syntaxError)
			}
		case number:
			parts[at] = t.value
		default:
			return node{}, p.wrong(t, syntaxError)
		}
		p.advance()
	}
	p.advance()
	right, err := p.projected(star.power())
	return projection(chain(left, slice(parts)), right), err
}

func (p *parser) filtered(left node) (node, error) {
	condition, err := p.expression(0)
	if err != nil {
		return node{}, err
	}
	if err := p.match(rbracket); err != nil {
		return node{}, err
	}
	right := identity()
	if p.current().kind != flatten {
		right, err = p.projected(filter.power())
	}
	return filterProjection(left, right, condition), err
}

// projected reads what is applied to each item of a projection.
func (p *parser) projected(power int) (node, error) {
	switch t := p.current(); {
	case t.kind.power() < projectionStop:
		return identity(), nil
	case t.kind == lbracket, t.kind == filter:
		return p.expression(power)
	case t.kind == dot:
		p.advance()
		return p.afterDot(power)
	default:
		return node{}, p.wrong(t, syntaxError)
	}
}

func (p *parser) afterDot(power int) (node, error) {
	switch t := p.current(); t.kind {
	case identifier, quotedIdentifier, star:
		return p.expression(power)
	case lbracket:
		p.advance()
		return p.multiList()
	case lbrace:
		p.advance()
		return p.multiHash()
	default:
		message := "Expecting: ['quoted_identifier', 'unquoted_identifier', 'lbracket', 'lbrace'], got: " + t.kind.String()
		return node{}, fmt.Errorf("%s: Parse error at column %d, token \"%s\" (%s), for expression:\n\"%s\"\n%s^",
			message, t.start, t.text, strings.ToUpper(t.kind.String()), p.text, strings.Repeat(" ", t.start+1))
	}
}

func (p *parser) multiList() (node, error) {
	var items []node
	for {
		item, err := p.expression(0)
		if err != nil {
			return node{}, err
		}
		items = append(items, item)
		if p.current().kind == rbracket {
			p.advance()
			return multiList(items), nil
		}
		if err := p.match(comma); err != nil {
			return node{}, err
		}
	}
}

func (p *parser) multiHash() (node, error) {
	var keys []string
	var items []node
	for {
		key := p.current()
		if key.kind != identifier && key.kind != quotedIdentifier {
			return node{}, p.wrong(key, "Expecting: ['quoted_identifier', 'unquoted_identifier'], got: "+key.kind.String())
		}
		p.advance()
		if err := p.match(colon); err != nil {
			return node{}, err
		}
		item, err := p.expression(0)
		if err != nil {
			return node{}, err
		}
		keys, items = append(keys, key.text), append(items, item)
		switch p.current().kind {
		case rbrace:
			p.advance()
			return multiHash(keys, items), nil
		case comma:
			p.advance()
		default: // the next key is missed
		}
	}
}

func (p *parser) call(left node) (node, error) {
	if left.name == "" {
		t := p.tokens[max(p.at-2, 0)]
		return node{}, p.wrong(t, "Invalid function name '"+t.text+"'")
	}
	var arguments []node
	for p.current().kind != rparen {
		argument, err := p.expression(0)
		if err != nil {
			return node{}, err
		}
		if p.current().kind == comma {
			p.advance()
		}
		arguments = append(arguments, argument)
	}
	p.advance()
	return function(left.name, arguments), nil
}
