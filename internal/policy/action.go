package policy

import (
	"math/bits"
	"strings"
)

// block is up to 64 statements of a policy, which a word has room for, and
// the tables that tell from an action which of them to look at.
type block struct {
	first     int    // the index of its first statement
	count     int    // how many statements it has
	deny      uint64 // the statements that deny
	inverted  uint64 // the statements with NotAction
	actions   table
	exception table // the actions of NotAction
}

const blockSize = 64

// about returns the statements whose actions match.
func (b *block) about(a *action) uint64 {
	set := b.actions.find(a)
	if b.inverted != 0 {
		set |= b.inverted &^ b.exception.find(a)
	}
	return set
}

// add enters the actions of statement i of the block.
func (b *block) add(i int, deny, inverted bool, actions []string) {
	bit := uint64(1) << i
	if deny {
		b.deny |= bit
	}
	t := &b.actions
	if inverted {
		b.inverted |= bit
		t = &b.exception
	}
	for _, a := range actions {
		t.add(a, bit)
	}
	b.count++
}

// table tells which statements name an action. Actions are case-insensitive.
type table struct {
	all      uint64
	patterns []actionPattern
}

type actionPattern struct {
	lead string // before the first wildcard, as written
	rest string // from there on, in lower case and as glob reads it; empty if there is none
	set  uint64
}

// add keeps one entry a pattern, however many statements have it.
func (t *table) add(name string, set uint64) {
	if name == "*" {
		t.all |= set
		return
	}
	lead, rest := name, ""
	if i := strings.IndexAny(name, "*?"); i >= 0 {
		lead, rest = name[:i], wildcards(lowered(name[i:]))
	}
	for i := range t.patterns {
		if q := &t.patterns[i]; len(q.lead) == len(lead) && foldEqual(q.lead, lead) && q.rest == rest {
			q.set |= set
			return
		}
	}
	t.patterns = append(t.patterns, actionPattern{lead: lead, rest: rest, set: set})
}

func (t *table) find(a *action) uint64 {
	set := t.all
	for i := range t.patterns {
		if p := &t.patterns[i]; p.likely(a.name) && p.set&^set != 0 && p.match(a) {
			set |= p.set
		}
	}
	return set
}

// likely sorts out most of the patterns that do not match by one letter.
func (p *actionPattern) likely(name string) bool {
	n := len(p.lead)
	return n == 0 || n <= len(name) && (name[n-1]^p.lead[n-1])&^('a'^'A') == 0
}

// match is asked about what is likely.
func (p *actionPattern) match(a *action) bool {
	n := len(p.lead)
	if p.rest == "" && len(a.name) != n || a.name[:n] != p.lead && !foldEqual(a.name[:n], p.lead) {
		return false
	}
	return p.rest == "" || p.rest == star || glob(p.rest, a.folded()[n:])
}

// action is the action of a request.
type action struct {
	name  string
	lower string // the same in lower case, once a pattern with an inner wildcard asks for it
}

func (a *action) folded() string {
	if a.lower == "" {
		a.lower = lowered(a.name)
	}
	return a.lower
}

// foldEqual compares two strings of one length without regard to the case of
// ASCII letters.
func foldEqual(a, b string) bool {
	for i := range len(a) {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

// lowered returns s with its ASCII letters in lower case, and as long as it was.
func lowered(s string) string {
	b := []byte(s)
	for i, c := range b {
		b[i] = lower(c)
	}
	return string(b)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// lowest returns the lowest statement of a set.
func lowest(set uint64) int { return bits.TrailingZeros64(set) }
