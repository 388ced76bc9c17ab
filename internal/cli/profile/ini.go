package profile

import (
	"errors"
	"strings"
	"unicode"
)

// section is a section of a file: its keys, small, and their values. The value
// of a key whose lines below are indented begins with a line feed.
type section struct {
	name   string
	values map[string]string
}

var errSyntax = errors.New("neither a section, nor a key and a value, nor a comment")

// parseINI reads what Python's configparser reads: comments only where a line
// begins, '=' or ':' after a key, indented lines as more of a value, and no
// section or key twice.
func parseINI(text string) ([]section, error) {
	var sections []section
	named := map[string]bool{}
	var key string
	var lines []string // of the key's value
	indent := 0
	finish := func() {
		if key != "" {
			sections[len(sections)-1].values[key] = strings.Join(lines, "\n")
		}
	}
	for line := range strings.Lines(text) {
		line = strings.TrimRightFunc(line, unicode.IsSpace)
		bare := strings.TrimLeftFunc(line, unicode.IsSpace)
		depth := len(line) - len(bare)
		switch {
		case bare == "" || bare[0] == '#' || bare[0] == ';':
		case key != "" && depth > indent:
			lines = append(lines, bare)
		case bare[0] == '[' && strings.LastIndexByte(bare, ']') > 1:
			finish()
			name := bare[1:strings.LastIndexByte(bare, ']')]
			if named[name] {
				return nil, errors.New("section " + name + " is there twice")
			}
			named[name] = true
			sections, key = append(sections, section{name, map[string]string{}}), ""
		default:
			i := strings.IndexAny(bare, "=:")
			if i < 0 || len(sections) == 0 || strings.TrimSpace(bare[:i]) == "" {
				return nil, errSyntax
			}
			finish()
			key, indent = strings.ToLower(strings.TrimSpace(bare[:i])), depth
			last := sections[len(sections)-1].values
			if _, twice := last[key]; twice {
				return nil, errors.New("key " + key + " is there twice")
			}
			lines = []string{strings.TrimSpace(bare[i+1:])}
			last[key] = lines[0]
		}
	}
	finish()
	return sections, nil
}

// nested reads the indented lines below a key.
func nested(text string) map[string]string {
	values := map[string]string{}
	for line := range strings.Lines(text) {
		if key, v, ok := strings.Cut(line, "="); ok {
			values[strings.TrimSpace(key)] = strings.TrimSpace(v)
		}
	}
	return values
}
