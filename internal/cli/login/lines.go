package login

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"
)

// pair is a key and what it is set to, as a file spells both.
type pair struct{ key, value string }

// assign sets keys in a file of lines KEY=VALUE, such as .npmrc or a
// properties file: in the line that sets one already, or before the first
// section, where the file has any.
func assign(old []byte, pairs ...pair) []byte {
	lines := split(old)
	for _, p := range pairs {
		line := p.key + "=" + p.value
		end, found := len(lines), false
		for i := 0; i < end; i++ {
			if strings.HasPrefix(strings.TrimSpace(lines[i]), "[") {
				end = i
				break
			}
			if key, _, ok := strings.Cut(lines[i], "="); !ok || strings.TrimSpace(key) != p.key {
				continue
			}
			if found { // the last one counts
				lines = append(lines[:i], lines[i+1:]...)
				i, end = i-1, end-1
				continue
			}
			lines[i], found = line, true
		}
		if !found {
			lines = insert(lines, end, line)
		}
	}
	return join(lines)
}

// table is a table of a TOML file, [name], with the keys that are set in it.
type table struct {
	name  string
	pairs []pair
}

// tabulate sets keys in tables of a TOML file, and makes those that are not
// there. A file that has one in another of TOML's spellings is refused.
func tabulate(path string, old []byte, tables ...table) ([]byte, error) {
	lines := split(old)
	for _, t := range tables {
		at := -1
		for i, l := range lines {
			if tomlHeader(l) == t.name {
				at = i
			}
		}
		if at < 0 {
			parent, last, dotted := cutLast(t.name)
			if dotted && spelledOtherwise(lines, parent, last) {
				return nil, fmt.Errorf("%s has %s in a form that is not edited here: make it a table, [%s]", path, t.name, t.name)
			}
			if len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) != "" {
				lines = append(lines, "")
			}
			at = len(lines)
			lines = append(lines, "["+t.name+"]")
		}
		lines = setIn(lines, at+1, t.pairs)
	}
	return kept(path, toml.Unmarshal, old, join(lines), func(said map[string]any) bool {
		for _, t := range tables {
			for _, p := range t.pairs {
				v, err := tomlValue(p.value)
				if err != nil || !put(said, v, append(strings.Split(t.name, "."), p.key)...) {
					return false
				}
			}
		}
		return true
	})
}

// tomlValue reads a value as a file spells it.
func tomlValue(text string) (any, error) {
	var said struct{ V any }
	err := toml.Unmarshal([]byte("v = "+text), &said)
	return said.V, err
}

// setIn sets keys among the lines of one table, which begin at from.
func setIn(lines []string, from int, pairs []pair) []string {
	for _, p := range pairs {
		last, found := from, false
		for i := from; i < len(lines) && tomlHeader(lines[i]) == ""; i++ {
			if tomlKey(lines[i]) == p.key {
				lines[i], found = p.key+" = "+p.value, true
				break
			}
			if strings.TrimSpace(lines[i]) != "" {
				last = i + 1
			}
		}
		if !found {
			lines = insert(lines, last, p.key+" = "+p.value)
		}
	}
	return lines
}

// tomlHeader returns what a line that begins a table, or one of an array of
// tables, says between its brackets, without blanks and quotes.
func tomlHeader(line string) string {
	line, _, _ = strings.Cut(strings.TrimSpace(line), "#")
	line = strings.TrimSpace(line)
	if !strings.HasPrefix(line, "[") || !strings.HasSuffix(line, "]") || strings.Contains(line, ",") {
		return ""
	}
	return strings.NewReplacer(" ", "", "\t", "", `"`, "", "'", "").Replace(line[1 : len(line)-1])
}

// tomlKey returns the key that a line sets.
func tomlKey(line string) string {
	key, _, found := strings.Cut(line, "=")
	if !found {
		return ""
	}
	return strings.NewReplacer(" ", "", "\t", "", `"`, "", "'", "").Replace(key)
}

// spelledOtherwise reports whether a table is there as parent.last = {...},
// or as dotted keys.
func spelledOtherwise(lines []string, parent, last string) bool {
	in := ""
	for _, l := range lines {
		if h := tomlHeader(l); h != "" {
			in = h
			continue
		}
		key := tomlKey(l)
		if in != "" && key != "" {
			key = in + "." + key
		}
		if key == parent || key == parent+"."+last || strings.HasPrefix(key, parent+"."+last+".") {
			return true
		}
	}
	return false
}

func cutLast(name string) (parent, last string, dotted bool) {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return "", name, false
	}
	return name[:i], name[i+1:], true
}

// split returns the lines of a file, without their ends.
func split(text []byte) []string {
	text = bytes.TrimSuffix(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")), []byte("\n"))
	if len(text) == 0 {
		return nil
	}
	return strings.Split(string(text), "\n")
}

func join(lines []string) []byte { return []byte(strings.Join(lines, "\n") + "\n") }

func insert(lines []string, at int, line ...string) []string {
	return append(lines[:at:at], append(line, lines[at:]...)...)
}
