package args

import (
	"slices"
	"strings"
)

// Parse reads words and returns what they say, with what is none of these
// options, in order. It follows Python 3.13's argparse. With an error come the
// values that were read before it.
func Parse(options []Option, words []string) (Values, []string, error) {
	p := parser{options: options, words: words, values: Values{}}
	for i := range options {
		if options[i].Word {
			p.positional = append(p.positional, &options[i])
		}
	}
	p.classify()
	if err := p.run(); err != nil {
		return p.values, nil, err
	}
	return p.values, p.rest, p.missing()
}

// parser is one pass over the words of a command line.
type parser struct {
	options    []Option
	words      []string
	kinds      []wordKind
	found      [][]match // of a word that is an option: those it can be
	positional []*Option // those that have not been read yet
	values     Values
	seen       []*Option
	rest       []string
}

type wordKind uint8

const (
	plain  wordKind = iota
	dashed          // an option, known or not
	divide          // --
)

// match is an option that a word can mean.
type match struct {
	option   *Option
	name     string // in full
	value    string
	hasValue bool
}

func (p *parser) classify() {
	p.kinds = make([]wordKind, len(p.words))
	p.found = make([][]match, len(p.words))
	for i, w := range p.words {
		if w == "--" {
			p.kinds[i] = divide
			return // all that follow are plain
		}
		if p.isOption(i, w) {
			p.kinds[i] = dashed
		}
	}
}

// isOption reports whether a word is an option, and finds those that it can
// be; none if it is one that nobody knows.
func (p *parser) isOption(i int, w string) bool {
	if len(w) < 2 || w[0] != '-' {
		return false
	}
	for k := range p.options {
		if o := &p.options[k]; !o.Word && o.flag() == w {
			p.found[i] = []match{{option: o, name: w}}
			return true
		}
	}
	name, text, hasValue := strings.Cut(w, "=")
	for k := range p.options {
		if o := &p.options[k]; hasValue && !o.Word && o.flag() == name {
			p.found[i] = []match{{o, name, text, true}}
			return true
		}
	}
	if strings.HasPrefix(name, "--") {
		for k := range p.options {
			if o := &p.options[k]; !o.Word && strings.HasPrefix(o.flag(), name) {
				p.found[i] = append(p.found[i], match{o, o.flag(), text, hasValue})
			}
		}
	}
	if len(p.found[i]) > 0 {
		return true
	}
	return !isNegative(w) && !strings.Contains(w, " ")
}

// isNegative reports whether a word is a negative number, which is a value
// and no option.
func isNegative(w string) bool {
	whole, fraction, _ := strings.Cut(w[1:], ".")
	digits := whole + fraction
	return digits != "" && strings.Trim(digits, "0123456789_") == "" && w[len(w)-1] != '.'
}

func (p *parser) run() error {
	last := -1
	for i, k := range p.kinds {
		if k == dashed {
			last = i
		}
	}
	at := 0
	for at <= last {
		next := at
		for p.kinds[next] != dashed {
			next++
		}
		if at != next {
			end, err := p.readWords(at)
			if err != nil {
				return err
			}
			if end > at {
				at = end
				continue
			}
			p.rest = append(p.rest, p.words[at:next]...)
			at = next
		}
		end, err := p.readOption(at)
		if err != nil {
			return err
		}
		at = end
	}
	end, err := p.readWords(at)
	p.rest = append(p.rest, p.words[end:]...)
	return err
}

// readWords reads as many of the words from at on as there are places for, and
// returns where it stopped.
func (p *parser) readWords(at int) (int, error) {
	for n := len(p.positional); n > 0; n-- {
		ends, ok := p.fit(p.positional[:n], at)
		if !ok {
			continue
		}
		for i, o := range p.positional[:n] {
			words := slices.DeleteFunc(slices.Clone(p.words[at:ends[i]]), func(w string) bool { return w == "--" })
			at = ends[i]
			if len(words) == 0 {
				continue
			}
			p.seen = append(p.seen, o)
			if err := p.values.take(o, words); err != nil {
				return at, err
			}
		}
		p.positional = p.positional[n:]
		return at, nil
	}
	return at, nil
}

// fit returns where each of the words of options ends, if all have one.
func (p *parser) fit(options []*Option, at int) ([]int, bool) {
	skip := func() {
		for at < len(p.kinds) && p.kinds[at] == divide {
			at++
		}
	}
	var ends []int
	for _, o := range options {
		skip()
		if at < len(p.kinds) && p.kinds[at] == plain {
			at++
		} else if o.Kind != Maybe {
			return nil, false
		}
		skip()
		ends = append(ends, at)
	}
	return ends, true
}

// readOption reads the option at and its values, and returns where it stopped.
func (p *parser) readOption(at int) (int, error) {
	found := p.found[at]
	switch len(found) {
	case 0:
		p.rest = append(p.rest, p.words[at])
		return at + 1, nil
	case 1:
	default:
		var names []string
		for _, m := range found {
			names = append(names, m.name)
		}
		return at, errorf("ambiguous option: %s could match %s", p.words[at], strings.Join(names, ", "))
	}
	m := found[0]
	o := m.option
	var words []string
	end := at + 1
	switch takesNone := o.Kind == Flag || o.Kind == Unset; {
	case m.hasValue && takesNone:
		return at, o.wrong("ignored explicit argument %s", quoted(m.value))
	case m.hasValue:
		words = []string{m.value}
	case takesNone:
	default:
		for end < len(p.words) && p.kinds[end] == plain && (o.Kind == Texts || end == at+1) {
			end++
		}
		words = p.words[at+1 : end]
		if len(words) == 0 && o.Kind != Texts && o.Kind != Maybe {
			return at, o.wrong("expected one argument")
		}
	}
	p.seen = append(p.seen, o)
	return end, p.values.take(o, words)
}

func (p *parser) missing() error {
	var names []string
	for i := range p.options {
		if o := &p.options[i]; o.Required && !slices.Contains(p.seen, o) {
			names = append(names, o.flag())
		}
	}
	if names == nil {
		return nil
	}
	return errorf("the following arguments are required: %s", strings.Join(names, ", "))
}
