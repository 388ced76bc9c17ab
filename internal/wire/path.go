package wire

import (
	"strconv"
	"strings"
)

// Path says where in an input a member stands. It is spelled the way AWS
// names members in validation errors: "tags.1.member.key". A nil Path is the
// input itself.
type Path struct {
	up   *Path
	name string // of a member or a map's key; empty for an item of a list
	item int    // from 1
}

// Member returns the path of a structure's member or of a map's value.
func (p *Path) Member(name string) *Path { return &Path{up: p, name: name} }

// Item returns the path of a list's item, counted from 0.
func (p *Path) Item(i int) *Path { return &Path{up: p, item: i + 1} }

func (p *Path) String() string {
	var b strings.Builder
	p.write(&b)
	return b.String()
}

func (p *Path) write(b *strings.Builder) {
	if p == nil {
		return
	}
	p.up.write(b)
	if b.Len() > 0 {
		b.WriteByte('.')
	}
	if p.item == 0 {
		b.WriteString(p.name)
		return
	}
	b.WriteString(strconv.Itoa(p.item))
	b.WriteString(".member")
}
