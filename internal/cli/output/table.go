package output

import (
	"bufio"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"golang.org/x/text/width"

	"larder.example/larder/internal/cli/value"
)

// Table draws a value as a table under a title. Where it is wider than the
// columns of the terminal, sections of one row are turned on their side.
func Table(w io.Writer, title string, v any, columns int, color bool) error {
	t := table{columns: columns, color: color}
	if !t.build(title, v, 0) {
		return nil
	}
	t.w = bufio.NewWriter(w)
	t.draw()
	return t.w.Flush()
}

// table is a stack of sections, one below the other.
type table struct {
	sections []*section
	columns  int
	color    bool
	w        *bufio.Writer
}

type section struct {
	title   string
	depth   int
	headers []string
	rows    [][]string
	widths  []int // of the widest cell in each column
}

func (s *section) header(cells []string) {
	s.headers = cells
	s.widen(cells)
}

func (s *section) row(values ...any) {
	cells := make([]string, len(values))
	for i, v := range values {
		cells[i] = value.Str(v)
	}
	s.rows = append(s.rows, cells)
	s.widen(cells)
}

func (s *section) widen(cells []string) {
	for len(s.widths) < len(cells) {
		s.widths = append(s.widths, 0)
	}
	for i, c := range cells {
		s.widths[i] = max(s.widths[i], cellWidth(c))
	}
}

// cellWidth counts what East Asian terminals draw two columns wide as two,
// what is ambiguous too.
func cellWidth(s string) int {
	n := 0
	for _, r := range s {
		switch width.LookupRune(r).Kind() {
		case width.EastAsianWide, width.EastAsianFullwidth, width.EastAsianAmbiguous:
			n += 2
		case width.Neutral, width.EastAsianNarrow, width.EastAsianHalfwidth:
			n++
		}
	}
	return n
}

func (t *table) section(title string, depth int) *section {
	s := &section{title: title, depth: depth}
	t.sections = append(t.sections, s)
	return s
}

// isEmpty is what Python takes for false: there is nothing to draw of it.
func isEmpty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case int64:
		return v == 0
	case float64:
		return v == 0
	case []any:
		return len(v) == 0
	case *value.Object:
		return v.Len() == 0
	}
	return false
}

// build makes the sections of v, and reports whether there are any.
func (t *table) build(title string, v any, depth int) bool {
	if isEmpty(v) {
		return false
	}
	s := t.section(title, depth)
	switch v := v.(type) {
	case []any:
		if _, ok := v[0].(*value.Object); ok {
			t.list(s, v)
		} else {
			t.items(v)
		}
	case *value.Object:
		t.object(s, v)
	}
	return true
}

// items adds the items of a list to the last section that there is.
func (t *table) items(list []any) {
	for _, item := range list {
		last := t.sections[len(t.sections)-1]
		inner, isList := item.([]any)
		switch {
		case value.IsScalar(item):
			last.row(item)
		case isList && !slices.ContainsFunc(inner, func(v any) bool { return !value.IsScalar(v) }):
			last.row(inner...)
		case isList:
			t.items(inner)
		default:
			t.object(last, item.(*value.Object))
		}
	}
}

func (t *table) object(s *section, o *value.Object) {
	plain, nested := divideKeys(o)
	if len(plain) == 1 {
		v, _ := o.Get(plain[0])
		s.row(plain[0], v)
	} else if len(plain) > 0 {
		s.header(plain)
		s.row(pick(o, plain)...)
	}
	for _, k := range nested {
		v, _ := o.Get(k)
		t.build(k, v, s.depth+1)
	}
}

func (t *table) list(s *section, list []any) {
	plainSet, nestedSet := map[string]bool{}, map[string]bool{}
	for _, item := range list {
		o, _ := item.(*value.Object)
		plain, nested := divideKeys(o)
		for _, k := range plain {
			plainSet[k] = true
		}
		for _, k := range nested {
			nestedSet[k] = true
		}
	}
	headers, nested := slices.Sorted(maps.Keys(plainSet)), slices.Sorted(maps.Keys(nestedSet))
	s.header(headers)
	for i, item := range list {
		o, _ := item.(*value.Object)
		if i > 0 && len(nested) > 0 {
			s = t.section(s.title, s.depth)
			s.header(headers)
		}
		s.row(pick(o, headers)...)
		for _, k := range nested {
			if v, ok := o.Get(k); ok {
				t.build(k, v, s.depth+1)
			}
		}
	}
}

func pick(o *value.Object, keys []string) []any {
	var cells []any
	for _, k := range keys {
		v, ok := o.Get(k)
		if !ok {
			v = ""
		}
		cells = append(cells, v)
	}
	return cells
}

func divideKeys(o *value.Object) (plain, nested []string) {
	for _, k := range sortedKeys(o) {
		if v, _ := o.Get(k); value.IsScalar(v) {
			plain = append(plain, k)
		} else {
			nested = append(nested, k)
		}
	}
	return plain, nested
}

const (
	padding = 4 // of each cell
	border  = 2 // of each section, on both sides together
)

func (t *table) width() int {
	widest := 0
	for _, s := range t.sections {
		total := border
		for _, w := range s.widths {
			total += w + padding
		}
		widest = max(widest, max(total, cellWidth(s.title)+border)+2*s.depth)
	}
	return widest
}

func (t *table) draw() {
	whole := t.width()
	if whole > t.columns {
		for i, s := range t.sections {
			t.sections[i] = s.turned()
		}
		whole = t.width()
	}
	t.w.WriteString(strings.Repeat("-", whole) + "\n")
	for _, s := range t.sections {
		t.drawSection(s, whole-2*s.depth)
	}
}

// turned returns a section of one row with headers on its side.
func (s *section) turned() *section {
	if len(s.rows) != 1 || len(s.headers) == 0 {
		return s
	}
	turned := &section{title: s.title, depth: s.depth}
	for i, h := range s.headers {
		turned.row(h, s.rows[0][i])
	}
	return turned
}

func (t *table) drawSection(s *section, whole int) {
	if s.title != "" {
		t.line(s, center(s.title, s.title, whole, "|"))
		if len(s.headers) == 0 && len(s.rows) == 0 {
			t.line(s, "+"+strings.Repeat("-", whole-2)+"+")
		}
	}
	widths := s.scaled(whole)
	if len(s.headers) > 0 {
		text, edge := "", "|"
		for i, h := range s.headers {
			text += center(h, h, widths[i], edge)
			edge = ""
		}
		t.line(s, rule(widths))
		t.line(s, text)
	}
	if len(s.rows) == 0 || len(widths) == 0 {
		return
	}
	t.line(s, rule(widths))
	for _, row := range s.rows {
		text, edge := "", "|"
		for i, c := range row {
			text += left(c, t.style(c, boldBlue), widths[i], edge)
			edge = ""
		}
		t.line(s, text)
	}
	t.line(s, rule(widths))
}

// line writes one line of a section between the edges of those around it.
func (t *table) line(s *section, text string) {
	edge := strings.Repeat("|", s.depth)
	if s.depth > 0 {
		edge = t.style(edge, dimYellow)
	}
	t.w.WriteString(edge + text + edge + "\n")
}

// scaled returns the widths of columns that fill the whole: in proportion,
// with what rounding leaves taken from the first or given to the last.
func (s *section) scaled(whole int) []int {
	if len(s.widths) == 0 {
		return nil
	}
	sum := 0
	for _, w := range s.widths {
		sum += w + padding
	}
	scale := float64(whole) / float64(sum)
	widths := make([]int, len(s.widths))
	over := -whole
	for i, w := range s.widths {
		widths[i] = int(math.RoundToEven(scale * float64(w+padding)))
		over += widths[i]
	}
	for over != 0 {
		for i := range widths {
			if over > 0 {
				widths[i]--
				over--
			} else {
				widths[len(widths)-1-i]++
				over++
			}
			if over == 0 {
				break
			}
		}
	}
	return widths
}

func rule(widths []int) string {
	text := "+"
	for i, w := range widths {
		dashes := w - 1
		if i == 0 {
			dashes = w - 2
		}
		text += strings.Repeat("-", max(dashes, 0)) + "+"
	}
	return text
}

// center puts a text, shown with its style, in the middle between edges.
func center(text, shown string, whole int, leftEdge string) string {
	n := cellWidth(text)
	before := max(whole/2-n/2-1, 0)
	after := max(whole-1-len(leftEdge)-before-n, 0)
	return leftEdge + strings.Repeat(" ", before) + shown + strings.Repeat(" ", after) + "|"
}

// left puts a text behind two spaces, or none where there is no room.
func left(text, shown string, whole int, leftEdge string) string {
	const indent = 2
	n, before := cellWidth(text), indent
	if whole < n+indent+len(leftEdge)+1 {
		before = 0
	}
	after := max(whole-len(leftEdge)-before-n-1, 0)
	return leftEdge + strings.Repeat(" ", before) + shown + strings.Repeat(" ", after) + "|"
}

// Styles, as terminals take them.
const (
	boldBlue  = "\x1b[1m\x1b[34m"
	dimYellow = "\x1b[2m\x1b[33m"
	plainText = "\x1b[0m"
)

func (t *table) style(text, style string) string {
	if !t.color {
		return text
	}
	return style + text + plainText
}
