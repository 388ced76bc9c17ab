package output

import (
	"bufio"
	"fmt"
	"io"
	"math/big"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"larder.example/larder/internal/cli/value"
)

// YAML writes a document as libyaml does in block style: keys sorted, plain
// where that reads back as the same, in single quotes where not, lines folded
// at 80 columns. A scalar alone is written as JSON. An empty object is nothing
// to print.
func YAML(w io.Writer, v any) error {
	if isEmptyObject(v) {
		return nil
	}
	if value.IsScalar(v) || isEmpty(v) {
		_, err := io.WriteString(w, value.Line(v)+"\n")
		return err
	}
	y := &yaml{w: bufio.NewWriter(w)}
	y.block(v, 0, true)
	return y.w.Flush()
}

// YAMLItem writes v as one item of the list that the whole output is.
func YAMLItem(w io.Writer, v any) error {
	y := &yaml{w: bufio.NewWriter(w)}
	y.block([]any{v}, 0, true)
	return y.w.Flush()
}

type yaml struct {
	w      *bufio.Writer
	column int
}

func (y *yaml) put(s string) {
	y.w.WriteString(s)
	if i := strings.LastIndexByte(s, '\n'); i >= 0 {
		y.column = utf8.RuneCountInString(s[i+1:])
	} else {
		y.column += utf8.RuneCountInString(s)
	}
}

// block writes a list or an object. begun says that the first line's
// indentation is written already.
func (y *yaml) block(v any, indent int, begun bool) {
	start := func(first bool) {
		if !first || !begun {
			y.put(strings.Repeat(" ", indent))
		}
	}
	switch v := v.(type) {
	case *value.Object:
		for i, k := range sortedKeys(v) {
			start(i == 0)
			member, _ := v.Get(k)
			y.scalar(k, indent, true)
			y.put(":")
			y.member(member, indent)
		}
	case []any:
		for i, item := range v {
			start(i == 0)
			y.put("-")
			if isEmptyContainer(item) || value.IsScalar(item) {
				y.put(" ")
				y.flow(item, indent)
				y.put("\n")
				continue
			}
			y.put(" ")
			y.block(item, indent+2, true)
		}
	}
}

// member writes what follows a key: lists are not indented below it.
func (y *yaml) member(v any, indent int) {
	if isEmptyContainer(v) || value.IsScalar(v) {
		y.put(" ")
		y.flow(v, indent)
		y.put("\n")
		return
	}
	y.put("\n")
	if _, ok := v.([]any); !ok {
		indent += 2
	}
	y.block(v, indent, false)
}

func isEmptyContainer(v any) bool { return !value.IsScalar(v) && isEmpty(v) }

// flow writes what stands in one line, but for what is folded.
func (y *yaml) flow(v any, indent int) {
	switch v := v.(type) {
	case nil:
		y.put("null")
	case bool:
		y.put(fmt.Sprint(v))
	case int64, *big.Int:
		y.put(value.Str(v))
	case value.Date:
		y.put(value.Str(v))
	case float64:
		y.put(yamlFloat(v))
	case []any:
		y.put("[]")
	case *value.Object:
		y.put("{}")
	default:
		y.scalar(value.Str(v), indent, false)
	}
}

func yamlFloat(f float64) string {
	switch s := value.Float(f); s {
	case "nan":
		return ".nan"
	case "inf":
		return ".inf"
	case "-inf":
		return "-.inf"
	default:
		return s
	}
}

// scalar writes a string. A key is never folded.
func (y *yaml) scalar(s string, indent int, key bool) {
	switch {
	case needsEscapes(s):
		y.doubleQuoted(s, indent, key)
	case isPlain(s):
		y.folded(s, indent+2, key, func(text string) string { return text })
	default:
		y.put("'")
		y.folded(s, indent+2, key, func(text string) string { return strings.ReplaceAll(text, "'", "''") })
		y.put("'")
	}
}

const foldAt = 80

// folded writes words, with a line break for a single space after the 80th
// column, and doubles line feeds, which a reader takes for spaces else.
func (y *yaml) folded(s string, indent int, key bool, escape func(string) string) {
	margin := strings.Repeat(" ", indent)
	for i := 0; i < len(s); {
		switch {
		case s[i] == '\n':
			end := i
			for end < len(s) && s[end] == '\n' {
				end++
			}
			y.put("\n" + strings.Repeat("\n", end-i) + margin)
			i = end
		case s[i] == ' ' && !key && y.column > foldAt && i > 0 && i+1 < len(s) &&
			s[i-1] != ' ' && s[i+1] != ' ' && s[i-1] != '\n' && s[i+1] != '\n':
			y.put("\n" + margin)
			i++
		default:
			end := i + 1
			for end < len(s) && s[end] != ' ' && s[end] != '\n' {
				end++
			}
			y.put(escape(s[i:end]))
			i = end
		}
	}
}

// needsEscapes reports whether a string has what only double quotes can hold.
func needsEscapes(s string) bool {
	for _, r := range s {
		if r != '\n' && !printable(r) {
			return true
		}
	}
	// A space next to a line break would be lost in a folded line.
	return strings.Contains(s, " \n") || strings.Contains(s, "\n ")
}

// printable is what YAML writes as it is: nothing beyond the basic plane.
func printable(r rune) bool {
	switch {
	case ' ' <= r && r <= '~':
		return true
	case r == 0xfeff, r == 0x85, r == 0x2028, r == 0x2029:
		return false
	}
	return 0xa0 <= r && r <= 0xd7ff || 0xe000 <= r && r <= 0xfffd
}

var shortEscapes = map[rune]string{
	0: `\0`, 7: `\a`, 8: `\b`, 9: `\t`, 10: `\n`, 11: `\v`, 12: `\f`, 13: `\r`, 27: `\e`,
	'"': `\"`, '\\': `\\`, 0x85: `\N`, 0xa0: `\_`, 0x2028: `\L`, 0x2029: `\P`,
}

func (y *yaml) doubleQuoted(s string, indent int, key bool) {
	margin := strings.Repeat(" ", indent+2)
	y.put(`"`)
	for i, r := range s {
		if r == ' ' && !key && y.column > foldAt && i > 0 && i < len(s)-1 {
			y.put("\n" + margin) // which reads as the space that it stands for
			if s[i+1] == ' ' {
				y.put(`\`)
			}
			continue
		}
		short, ok := shortEscapes[r]
		switch {
		case ok:
			y.put(short)
		case printable(r):
			y.put(string(r))
		case r <= 0xff:
			y.put(fmt.Sprintf(`\x%02X`, r))
		case r <= 0xffff:
			y.put(fmt.Sprintf(`\u%04X`, r))
		default:
			y.put(fmt.Sprintf(`\U%08X`, r))
		}
	}
	y.put(`"`)
}

// resolves matches what a reader of YAML 1.2 takes for something else than a
// string. Source: ruamel.yaml's resolver, which the AWS CLI uses.
var resolves = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:` +
		`true|True|TRUE|false|False|FALSE|~|null|Null|NULL|<<|=|` +
		`[-+]?0b[0-1_]+|[-+]?0o?[0-7_]+|[-+]?[0-9_]+|[-+]?0x[0-9a-fA-F_]+|` +
		`[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+]?[0-9]+)?|[-+]?(?:[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)|` +
		`[-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)|` +
		`[0-9]{4}-[0-9]{2}-[0-9]{2}|` +
		`[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?` +
		`)$`)
})

// isPlain reports whether a string reads back as itself without quotes.
func isPlain(s string) bool {
	if s == "" || resolves().MatchString(s) || strings.HasPrefix(s, "---") || strings.HasPrefix(s, "...") {
		return false
	}
	if strings.ContainsAny(s[:1], "#,[]{}&*!|>'\"%@`\\") || strings.ContainsRune(s, '\n') {
		return false
	}
	if strings.IndexByte("?:-", s[0]) >= 0 && (len(s) == 1 || s[1] == ' ') {
		return false
	}
	return s[0] != ' ' && !strings.HasSuffix(s, " ") &&
		!strings.Contains(s, ": ") && !strings.HasSuffix(s, ":") && !strings.Contains(s, " #")
}
