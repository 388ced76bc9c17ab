package maven

import (
	"encoding/xml"
	"strings"
)

// properties are those that a POM defines: their elements are their names.
type properties struct{ values map[string]string }

// UnmarshalXML implements xml.Unmarshaler.
func (p *properties) UnmarshalXML(d *xml.Decoder, _ xml.StartElement) error {
	if p.values == nil {
		p.values = map[string]string{}
	}
	for {
		t, err := d.Token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			var value string
			if err := d.DecodeElement(&value, &t); err != nil {
				return err
			}
			p.values[t.Name.Local] = strings.TrimSpace(value)
		case xml.EndElement:
			return nil
		}
	}
}

const (
	// maxExpanded bounds a text whose properties are put in: ten that are
	// each ten times another make billions of one.
	maxExpanded = 16 << 10

	// maxWithin bounds the properties within properties, and with it those
	// that are within themselves.
	maxWithin = 16
)

// expand puts the values of ${properties} into a text. What is not known
// stays, and so does the whole text if it would become too long.
func expand(text string, known map[string]string) string {
	if !strings.Contains(text, "${") {
		return text
	}
	e := expansion{known: known, left: maxExpanded}
	if !e.add(text, maxWithin) {
		return text
	}
	return e.b.String()
}

type expansion struct {
	known map[string]string
	b     strings.Builder
	left  int // bytes that may be read or written yet
}

// add reports whether all of text was added.
func (e *expansion) add(text string, within int) bool {
	if e.left -= len(text) + 1; e.left < 0 || within == 0 {
		return false
	}
	for {
		before, rest, found := strings.Cut(text, "${")
		e.b.WriteString(before)
		if !found {
			return true
		}
		name, after, closed := strings.Cut(rest, "}")
		value, known := e.known[name]
		switch {
		case !closed:
			e.b.WriteString("${" + rest)
			return true
		case !known:
			e.b.WriteString("${" + name + "}")
		case !e.add(value, within-1):
			return false
		}
		text = after
	}
}
