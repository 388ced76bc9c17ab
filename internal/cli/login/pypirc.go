package login

import (
	"fmt"
	"strings"
	"unicode"
)

// pypirc makes codeartifact one of the index servers of a .pypirc. What is
// read of the file afterwards is what is read of the AWS CLI's, which writes
// it anew without its comments; a file that the AWS CLI refuses is refused, in
// its words, which are Python's.
func pypirc(path string, old []byte, r *Request) ([]byte, error) {
	if old == nil {
		old = []byte("[distutils]\nindex-servers = \n\tpypi\n\tcodeartifact\n\n")
	}
	f, err := parseINI(path, string(old))
	if err != nil {
		return nil, err
	}
	servers := f.section("distutils")
	if servers == nil {
		return nil, says("No section: 'distutils'")
	}
	list := servers.option("index-servers")
	if list == nil {
		return nil, says("No option 'index-servers' in section: 'distutils'")
	}
	if !list.has("codeartifact") {
		list.lines = append(list.lines, list.indent+"\tcodeartifact\n")
	}
	s := f.section("codeartifact")
	if s == nil {
		s = f.add("codeartifact")
	}
	for _, o := range [...]struct{ key, value string }{
		{"repository", r.Endpoint}, {"username", "aws"}, {"password", r.Token},
	} {
		s.set(o.key, o.value)
	}
	return []byte(f.String()), nil
}

// ini is a file as Python's RawConfigParser reads it, with every line of it in
// one place.
type ini struct {
	preamble []string // comments and blank lines
	sections []*iniSection
}

type iniSection struct {
	name    string
	head    []string // its line, and comments before its first option
	options []*iniOption
}

// iniOption is an option with the lines that its value goes on in, and what
// is between it and the next.
type iniOption struct {
	key    string // in lower case
	indent string // before it; what goes on is indented more
	lines  []string
	tail   []string
}

func (f *ini) section(name string) *iniSection {
	for _, s := range f.sections {
		if s.name == name {
			return s
		}
	}
	return nil
}

func (f *ini) add(name string) *iniSection {
	if text := f.String(); !strings.HasSuffix(text, "\n\n") {
		last := f.sections[len(f.sections)-1]
		last.append("\n")
	}
	s := &iniSection{name: name, head: []string{"[" + name + "]\n"}}
	f.sections = append(f.sections, s)
	return s
}

// append puts a line that means nothing at the end of the section.
func (s *iniSection) append(line string) {
	if n := len(s.options); n > 0 {
		s.options[n-1].tail = append(s.options[n-1].tail, line)
		return
	}
	s.head = append(s.head, line)
}

func (s *iniSection) option(key string) *iniOption {
	for _, o := range s.options {
		if o.key == key {
			return o
		}
	}
	return nil
}

// set puts a value in the place of the one that is there, or behind the last
// option.
func (s *iniSection) set(key, value string) {
	line := key + " = " + value + "\n"
	if o := s.option(key); o != nil {
		o.lines = []string{o.indent + line}
		return
	}
	o := &iniOption{key: key, lines: []string{line}, tail: []string{"\n"}}
	if n := len(s.options); n > 0 {
		last := s.options[n-1]
		o.indent, o.lines = last.indent, []string{last.indent + line}
		o.tail, last.tail = last.tail, nil
	}
	s.options = append(s.options, o)
}

// has reports whether one of the value's lines is that word alone.
func (o *iniOption) has(word string) bool {
	for i, line := range o.lines {
		if i == 0 {
			line = line[strings.IndexAny(line, "=:")+1:]
		}
		if strings.TrimSpace(line) == word {
			return true
		}
	}
	return false
}

func (f *ini) String() string {
	var b strings.Builder
	write := func(lines []string) {
		for _, l := range lines {
			b.WriteString(l)
		}
	}
	write(f.preamble)
	for _, s := range f.sections {
		write(s.head)
		for _, o := range s.options {
			write(o.lines)
			write(o.tail)
		}
	}
	return b.String()
}

// parseINI reads text. The failures are worded as Python 3.14 words them,
// which is in the AWS CLI.
func parseINI(path, text string) (*ini, error) {
	f := &ini{}
	var section *iniSection
	var option *iniOption
	var wrong strings.Builder
	number := 0
	for line := range strings.Lines(strings.ReplaceAll(text, "\r\n", "\n")) {
		number++
		raw := line
		if !strings.HasSuffix(line, "\n") {
			line += "\n"
		}
		word := strings.TrimSpace(line)
		indent := line[:len(line)-len(strings.TrimLeftFunc(line, unicode.IsSpace))]
		switch {
		case word == "" || word[0] == '#' || word[0] == ';':
			f.blank(section, line)
		case option != nil && len(indent) > len(option.indent):
			option.lines = append(append(option.lines, option.tail...), line)
			option.tail = nil
		case word[0] == '[' && strings.LastIndexByte(word, ']') > 1:
			name := word[1:strings.LastIndexByte(word, ']')]
			if f.section(name) != nil {
				return nil, says("While reading from %s [line %2d]: section %s already exists", literal(path), number, literal(name))
			}
			section, option = &iniSection{name: name, head: []string{line}}, nil
			f.sections = append(f.sections, section)
		case section == nil:
			return nil, says("File contains no section headers.\nfile: %s, line: %d\n%s", literal(path), number, literal(raw))
		default:
			i := strings.IndexAny(word, "=:")
			if i < 0 || strings.TrimSpace(word[:i]) == "" {
				fmt.Fprintf(&wrong, "\n\t[line %2d]: %s", number, literal(raw))
				continue
			}
			key := strings.ToLower(strings.TrimSpace(word[:i]))
			if section.option(key) != nil {
				return nil, says("While reading from %s [line %2d]: option %s in section %s already exists",
					literal(path), number, literal(key), literal(section.name))
			}
			option = &iniOption{key: key, indent: indent, lines: []string{line}}
			section.options = append(section.options, option)
		}
	}
	if wrong.Len() > 0 {
		return nil, says("Source contains parsing errors: %s%s", literal(path), wrong.String())
	}
	return f, nil
}

// blank keeps a line that means nothing where it is.
func (f *ini) blank(section *iniSection, line string) {
	if section == nil {
		f.preamble = append(f.preamble, line)
		return
	}
	section.append(line)
}
