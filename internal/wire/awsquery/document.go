package awsquery

import "unicode/utf8"

// document writes XML as AWS STS does: an element a line, two spaces an
// indent, no declaration.
type document struct {
	buf   []byte
	depth int
}

// element writes an element and in it what body writes. attributes are
// written as they are.
func (d *document) element(name, attributes string, body func()) {
	d.indent()
	d.buf = append(d.buf, '<')
	d.buf = append(d.buf, name...)
	d.buf = append(d.buf, attributes...)
	d.buf = append(d.buf, ">\n"...)
	start := len(d.buf)
	d.depth++
	body()
	d.depth--
	if len(d.buf) == start {
		d.buf = append(d.buf[:start-len(">\n")], "/>\n"...)
		return
	}
	d.indent()
	d.end(name)
}

// text writes an element with text in it.
func (d *document) text(name, text string) {
	d.indent()
	d.buf = append(d.buf, '<')
	d.buf = append(d.buf, name...)
	d.buf = append(d.buf, '>')
	d.buf = appendText(d.buf, text)
	d.end(name)
}

func (d *document) end(name string) {
	d.buf = append(d.buf, "</"...)
	d.buf = append(d.buf, name...)
	d.buf = append(d.buf, ">\n"...)
}

func (d *document) indent() {
	for range d.depth {
		d.buf = append(d.buf, "  "...)
	}
}

// appendText escapes text. encoding/xml would also escape quotes, tabs and
// line feeds, which AWS leaves alone in text.
func appendText(b []byte, s string) []byte {
	for _, r := range s {
		switch {
		case r == '&':
			b = append(b, "&amp;"...)
		case r == '<':
			b = append(b, "&lt;"...)
		case r == '>':
			b = append(b, "&gt;"...)
		case r == '\r': // a parser would make a line feed of it
			b = append(b, "&#13;"...)
		case !legal(r):
			b = utf8.AppendRune(b, utf8.RuneError)
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}

// legal reports whether XML 1.0 has the character at all, escaped or not.
func legal(r rune) bool {
	return r == '\t' || r == '\n' || r >= ' ' && r != 0xFFFE && r != 0xFFFF
}
