package pypi

import (
	"bytes"
	"strings"

	"larder.example/larder"
)

const (
	// maxMetadata bounds METADATA and PKG-INFO, which hold the description.
	maxMetadata = 4 << 20

	// newestMajor is the newest major version of core metadata that is read.
	// A reader must refuse newer ones, and may read newer minor ones as if it
	// knew them (the core metadata specification).
	newestMajor = "2"
)

// metadata is core metadata: what METADATA and PKG-INFO hold.
type metadata struct {
	name    string // as it is spelled there
	version version
	fields  map[string][]string // by the name in lower case
	body    string
}

// readMetadata parses core metadata and checks what it is of.
func readMetadata(text []byte) (*metadata, error) {
	m := parseHeaders(string(bytes.TrimPrefix(text, []byte("\ufeff"))))
	for _, key := range [...]string{"metadata-version", "name", "version"} {
		if n := len(m.fields[key]); n > 1 {
			return nil, larder.Errorf(larder.Invalid, "The metadata in the file has %d fields %s.", n, key)
		}
	}
	if v := m.first("metadata-version"); v != "" {
		if major, _, _ := strings.Cut(v, "."); !isNumber(major) || compareNumbers(trimZeros(major), newestMajor) > 0 {
			return nil, larder.Errorf(larder.Invalid, "The metadata in the file is of version %.32q, which is not known.", v)
		}
	}
	m.name = m.first("name")
	if m.name == "" {
		return nil, larder.Errorf(larder.Invalid, "The metadata in the file has no Name.")
	}
	if _, _, err := canonical("", m.name); err != nil {
		return nil, err
	}
	var ok bool
	if m.version, ok = parseVersion(m.first("version")); !ok || len(m.version.String()) > maxVersion {
		return nil, larder.Errorf(larder.Invalid, "The metadata in the file has the version %.64q, which is none of PEP 440.", m.first("version"))
	}
	return m, nil
}

// maxVersion is CodeArtifact's bound of a version.
const maxVersion = 255

// parseHeaders reads header fields and the body behind them as Python's email
// package does, with which the tools read them: a line may end in CR, and one
// that is no field ends the header.
func parseHeaders(text string) *metadata {
	m := &metadata{fields: map[string][]string{}}
	key := ""
	for text != "" {
		line, rest := cutLine(text)
		if line == "" {
			m.body = rest
			break
		}
		if line[0] == ' ' || line[0] == '\t' {
			if values := m.fields[key]; len(values) > 0 {
				values[len(values)-1] += "\n" + line
			}
			text = rest
			continue
		}
		name, value, ok := strings.Cut(line, ":")
		if !ok || !isFieldName(name) {
			m.body = text
			break
		}
		key = strings.ToLower(name)
		m.fields[key] = append(m.fields[key], strings.TrimLeft(value, " \t"))
		text = rest
	}
	return m
}

// cutLine cuts the first line off text, which is not empty.
func cutLine(text string) (line, rest string) {
	i := strings.IndexAny(text, "\r\n")
	switch {
	case i < 0:
		return text, ""
	case strings.HasPrefix(text[i:], "\r\n"):
		return text[:i], text[i+2:]
	}
	return text[:i], text[i+1:]
}

func isFieldName(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// all returns the values of a field, as text. Old tools wrote UNKNOWN for
// what was not said.
func (m *metadata) all(key string) []string {
	var values []string
	for _, value := range m.fields[key] {
		value = strings.TrimSpace(readable(value))
		if value != "" && value != "UNKNOWN" {
			values = append(values, value)
		}
	}
	return values
}

// first returns the first value of a field, or nothing.
func (m *metadata) first(key string) string {
	if values := m.all(key); len(values) > 0 {
		return values[0]
	}
	return ""
}

// description is the body, or the field that it was before version 2.1 of
// core metadata, whose lines are indented there.
func (m *metadata) description() string {
	text := m.first("description")
	if text == "" {
		return readable(m.body)
	}
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if rest, ok := strings.CutPrefix(line, "       |"); ok { // as the specification has it
			lines[i] = rest
		} else {
			lines[i] = strings.TrimPrefix(line, "        ") // as setuptools does
		}
	}
	return strings.Join(lines, "\n")
}

// readable returns text as UTF-8 with U+FFFD for what is none, and without
// NUL, which no database keeps.
func readable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "")
}
