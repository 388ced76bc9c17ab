package maven

import (
	"cmp"
	"strings"
)

// compare orders versions as Maven does, and those that Maven holds equal
// (1 and 1.0) by their text.
func compare(a, b string) int { return ordered(a).compare(ordered(b)) }

// order is a version ready to be compared. It is taken apart as the newest
// Maven does it (ComparableVersion of 3.9): before a word, a period means
// what a hyphen does, unlike in 3.8, so that 1.0.0.RC1 is before 1.0.0-RC2.
type order struct {
	text  string
	items []item
}

// item is a part of a version.
type item struct {
	kind   kind
	number string // without zeros before it
	word   word
	list   []item
}

type kind int

const (
	number kind = iota
	qualifier
	combination // a qualifier and the number that follows it: rc1
	list        // what is behind a hyphen, or between a digit and a letter
)

// word is a qualifier, by its rank and where that does not decide by its text.
type word struct {
	rank int
	text string
}

// The ranks of qualifiers; others come behind them.
const (
	release = 5
	unknown = 7
)

func wordOf(s string, beforeDigit bool) word {
	if beforeDigit {
		switch s {
		case "a":
			s = "alpha"
		case "b":
			s = "beta"
		case "m":
			s = "milestone"
		}
	}
	switch s {
	case "alpha":
		return word{rank: 0}
	case "beta":
		return word{rank: 1}
	case "milestone":
		return word{rank: 2}
	case "rc", "cr":
		return word{rank: 3}
	case "snapshot":
		return word{rank: 4}
	case "", "ga", "final", "release":
		return word{rank: release}
	case "sp":
		return word{rank: 6}
	}
	return word{rank: unknown, text: s}
}

func (w word) compare(v word) int {
	return cmp.Or(cmp.Compare(w.rank, v.rank), strings.Compare(w.text, v.text))
}

// ordered takes a version apart.
func ordered(text string) order {
	p := parser{text: strings.ToLower(text), lists: [][]item{make([]item, 0, 4)}}
	p.parse()
	return order{text, p.close()}
}

func (o order) compare(p order) int {
	return cmp.Or(compareLists(o.items, p.items), strings.Compare(o.text, p.text))
}

// parser reads a version into lists of which each is the last item of the one
// before.
type parser struct {
	text     string
	lists    [][]item
	start    int  // of the part that is being read
	digits   bool // it is in digits now
	combined bool // it is a qualifier and a number
}

func (p *parser) parse() {
	for i := 0; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '.':
			p.end(i)
			p.start, p.combined = i+1, false
		case c == '-':
			if i > p.start && !p.digits && i+1 < len(p.text) && isDigit(p.text[i+1]) {
				p.combined = true // rc-1 is rc1
				continue
			}
			p.end(i)
			p.start, p.combined = i+1, false
			p.open()
		case isDigit(c):
			if !p.digits && i > p.start {
				p.combined = true
				p.open()
			}
			p.digits = true
		default:
			if p.digits && i > p.start {
				p.add(p.text[p.start:i])
				p.start, p.combined = i, false
				p.lists = append(p.lists, nil)
			}
			p.digits = false
		}
	}
	if p.start < len(p.text) {
		if !p.digits {
			p.open()
		}
		p.add(p.text[p.start:])
	}
}

// end ends a part at a separator. Nothing between two of them is a zero.
func (p *parser) end(at int) {
	if at == p.start {
		p.put(item{kind: number})
	} else {
		p.add(p.text[p.start:at])
	}
}

// open begins a list within the present one, unless nothing is in that.
func (p *parser) open() {
	if len(p.lists[len(p.lists)-1]) > 0 {
		p.lists = append(p.lists, nil)
	}
}

// add adds a part.
func (p *parser) add(part string) {
	switch {
	case p.combined:
		part = strings.ReplaceAll(part, "-", "")
		i := strings.IndexFunc(part, func(r rune) bool { return '0' <= r && r <= '9' })
		p.put(item{kind: combination, word: wordOf(part[:i], true), number: strings.TrimLeft(part[i:], "0")})
	case p.digits:
		p.put(item{kind: number, number: strings.TrimLeft(part, "0")})
	default:
		p.put(item{kind: qualifier, word: wordOf(part, false)})
	}
}

func (p *parser) put(i item) {
	last := len(p.lists) - 1
	p.lists[last] = append(p.lists[last], i)
}

// close puts the lists into each other, the innermost first, without the
// zeros that mean nothing.
func (p *parser) close() []item {
	for last := len(p.lists) - 1; ; last-- {
		p.lists[last] = normalized(p.lists[last])
		if last == 0 {
			return p.lists[0]
		}
		p.lists[last-1] = append(p.lists[last-1], item{kind: list, list: p.lists[last]})
	}
}

// normalized drops the zeros at the end, and those before a qualifier.
func normalized(items []item) []item {
	for i := len(items) - 1; i >= 0; i-- {
		if !items[i].null() {
			continue
		}
		if i == len(items)-1 || items[i+1].isWord() || items[i+1].kind == list && items[i+1].list[0].isWord() {
			items = append(items[:i], items[i+1:]...)
		}
	}
	return items
}

func (i *item) null() bool {
	return i.kind == number && i.number == "" || i.kind == list && len(i.list) == 0
}

func (i *item) isWord() bool { return i.kind == qualifier || i.kind == combination }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// compareLists compares item by item; the end of a list is an item that is
// before a number and behind a prerelease.
func compareLists(a, b []item) int {
	for i := range max(len(a), len(b)) {
		c := 0
		switch {
		case i >= len(a):
			c = -b[i].compareEnd()
		case i >= len(b):
			c = a[i].compareEnd()
		case a[i].kind == number && b[i].kind == number: // the most
			c = compareNumbers(a[i].number, b[i].number)
		default:
			c = a[i].compare(&b[i])
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

// compareEnd compares an item with the end of a list. A zero that was left
// has something behind it that is no prerelease.
func (i *item) compareEnd() int {
	switch i.kind {
	case number:
		return 1
	case list:
		for n := range i.list {
			if c := i.list[n].compareEnd(); c != 0 {
				return c
			}
		}
		return 0
	default:
		return i.word.compare(word{rank: release})
	}
}

// compare tells first on which side of the end of a list the items are, which
// Maven does last: to it 1.x.2 < 1-rc < 1 < 1.x.2, and that is no order.
func (i *item) compare(j *item) int {
	side := i.compareEnd()
	if c := cmp.Compare(side, j.compareEnd()); c != 0 || side == 0 {
		return c
	}
	switch {
	case i.isWord() && j.isWord():
		return cmp.Or(i.word.compare(j.word), cmp.Compare(i.kind, j.kind), compareNumbers(i.number, j.number))
	case i.kind != j.kind:
		return cmp.Compare(i.weight(), j.weight())
	case i.kind == number:
		return compareNumbers(i.number, j.number)
	}
	return compareLists(i.list, j.list)
}

// weight orders items of different kinds: 1.rc < 1-1 < 1.1.
func (i *item) weight() int {
	switch i.kind {
	case number:
		return 2
	case list:
		return 1
	default:
		return 0
	}
}

// compareNumbers compares numbers of any length.
func compareNumbers(a, b string) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}
