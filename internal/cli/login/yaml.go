package login

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// nest sets a value in the mappings of a YAML file that is written as block
// mappings, as package managers write theirs: keys lead to it from the
// outside in. Keys and value are as the file is to spell them; a key that is
// there in other quotes is the same. A file that has one of the mappings in
// another form is refused.
func nest(path string, old []byte, value string, keys ...string) ([]byte, error) {
	changed, err := nestLines(path, old, value, keys)
	if err != nil {
		return nil, err
	}
	return kept(path, yaml.Unmarshal, old, changed, func(said map[string]any) bool {
		var v any
		var names []string
		for _, key := range keys {
			names = append(names, yamlUnquote(key))
		}
		return yaml.Unmarshal([]byte(value), &v) == nil && put(said, v, names...)
	})
}

func nestLines(path string, old []byte, value string, keys []string) ([]byte, error) {
	lines := split(old)
	from, to, indent := 0, len(lines), 0
	for i, key := range keys {
		at := yamlKey(lines[from:to], indent, key)
		if at < 0 {
			return join(insert(lines, yamlEnd(lines, from, to), yamlLines(indent, value, keys[i:])...)), nil
		}
		at += from
		end := at + 1
		for end < to && (yamlIndent(lines[end]) > indent || yamlBlank(lines[end]) || indent >= 0 && yamlItem(lines[end], indent)) {
			end++
		}
		end = yamlEnd(lines, at+1, end)
		if i == len(keys)-1 {
			return join(append(lines[:at:at], append(yamlLines(indent, value, keys[i:]), lines[end:]...)...)), nil
		}
		if rest := yamlRest(lines[at]); rest != "" && rest[0] != '#' {
			return nil, fmt.Errorf("%s has %s in a form that is not edited here: make it a block mapping", path, key)
		}
		from, to, indent = at+1, end, yamlChild(lines[at+1:end], indent+2)
	}
	return join(lines), nil
}

// yamlLines spells keys below each other, the last one with its value, which
// goes on below it if it has several lines.
func yamlLines(indent int, value string, keys []string) []string {
	var lines []string
	for i, key := range keys {
		line := strings.Repeat(" ", indent+2*i) + key + ":"
		if i < len(keys)-1 {
			lines = append(lines, line)
			continue
		}
		first, more, _ := strings.Cut(value, "\n")
		if first != "" {
			first = " " + first
		}
		lines = append(lines, line+first)
		for l := range strings.Lines(more) {
			lines = append(lines, strings.Repeat(" ", indent+2*i)+strings.TrimSuffix(l, "\n"))
		}
	}
	return lines
}

// yamlKey returns the line that begins with a key, or -1.
func yamlKey(lines []string, indent int, key string) int {
	for i, l := range lines {
		if yamlIndent(l) == indent && !yamlBlank(l) && yamlName(l) == yamlUnquote(key) {
			return i
		}
	}
	return -1
}

// yamlName returns the key that a line begins with, unquoted.
func yamlName(line string) string {
	line = strings.TrimSpace(line)
	if strings.HasSuffix(line, ":") && !strings.Contains(line, ": ") {
		return yamlUnquote(line[:len(line)-1])
	}
	key, _, found := strings.Cut(line, ": ")
	if !found {
		return ""
	}
	return yamlUnquote(key)
}

func yamlRest(line string) string {
	_, rest, _ := strings.Cut(strings.TrimSpace(line), ": ")
	return strings.TrimSpace(rest)
}

func yamlUnquote(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 1 && (s[0] == '"' || s[0] == '\'') && s[len(s)-1] == s[0] {
		return s[1 : len(s)-1]
	}
	return s
}

func yamlIndent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// yamlItem reports whether a line is an item of the list that is the value of
// a key with the same indentation.
func yamlItem(line string, indent int) bool {
	return yamlIndent(line) == indent && strings.HasPrefix(line[indent:], "- ")
}

func yamlBlank(line string) bool {
	line = strings.TrimSpace(line)
	return line == "" || line[0] == '#' || line == "---"
}

// yamlEnd returns where a mapping's lines end: what means nothing behind them
// belongs to what follows.
func yamlEnd(lines []string, from, to int) int {
	for to > from && yamlBlank(lines[to-1]) && lines[to-1] != "---" {
		to--
	}
	return to
}

// yamlChild returns how far the members of a mapping are indented.
func yamlChild(lines []string, otherwise int) int {
	for _, l := range lines {
		if !yamlBlank(l) {
			return yamlIndent(l)
		}
	}
	return otherwise
}
