package pypi

import (
	"bufio"
	"encoding/json"
	"io"
	"strconv"
)

// apiVersion is CodeArtifact's.
const apiVersion = "1.1"

// meta begins each document in JSON.
type meta struct {
	APIVersion string `json:"api-version"`
}

// writeJSON writes the page, a file a line.
func (p *page) writeJSON(to io.Writer) error {
	w := bufio.NewWriterSize(to, 32<<10)
	versions := make([]string, len(p.versions))
	for i, r := range p.versions {
		versions[i] = r.version
	}
	head, err := json.Marshal(struct {
		Meta     meta     `json:"meta"`
		Name     string   `json:"name"`
		Versions []string `json:"versions"`
	}{meta{apiVersion}, p.ref.Name, versions})
	if err != nil {
		return err
	}
	w.Write(head[:len(head)-1])
	w.WriteString(`,"files":[`)
	comma := ""
	err = p.files(func(f file) error {
		w.WriteString(comma)
		comma = ","
		_, err := w.Write(p.appendFile(w.AvailableBuffer(), f))
		return err
	})
	if err != nil {
		return err
	}
	w.WriteString("]}\n")
	return w.Flush()
}

// appendFile appends a file in JSON (PEP 691, 700, 714, 740). It is written by
// hand because a page has thousands.
func (p *page) appendFile(b []byte, f file) []byte {
	b = appendMember(b, `{"filename":`, f.Name)
	b = appendMember(b, `,"url":`, f.url)
	// pip verifies and records the first hash only, and where FIPS is in force
	// it has no MD5.
	b = appendMember(b, `,"hashes":{"sha256":`, f.Sums.SHA256)
	if f.Sums.MD5 != "" {
		b = appendMember(b, `,"md5":`, f.Sums.MD5)
	}
	b = append(b, `},"size":`...)
	b = strconv.AppendInt(b, f.Size, 10)
	b = append(f.appendTime(append(b, `,"upload-time":"`...)), '"')
	if f.RequiresPython != "" {
		b = appendMember(b, `,"requires-python":`, f.RequiresPython)
	}
	if f.CoreMetadata != "" {
		b = append(appendMember(b, `,"core-metadata":{"sha256":`, f.CoreMetadata), '}')
	}
	if url := p.provenanceURL(f); url != "" {
		b = appendMember(b, `,"provenance":`, url)
	}
	switch {
	case f.Yanked == nil:
		b = append(b, `,"yanked":false`...)
	case *f.Yanked == "":
		b = append(b, `,"yanked":true`...)
	default:
		b = appendMember(b, `,"yanked":`, *f.Yanked)
	}
	return append(b, '}', '\n')
}

// appendMember appends what comes before a value and the value as a string.
func appendMember(b []byte, before, value string) []byte {
	b = append(b, before...)
	for i := range len(value) {
		if c := value[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(value) // a string never fails
			return append(b, quoted...)
		}
	}
	b = append(b, '"')
	b = append(b, value...)
	return append(b, '"')
}
