package pypi

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"larder.example/larder/internal/format"
)

// What the names of a file's companions end in.
const (
	metadataSuffix   = ".metadata"   // PEP 658
	provenanceSuffix = ".provenance" // as on PyPI, see PEP 740
)

// entry is what the page says of a file beside what every asset has. It is
// kept as the asset's manifest.
type entry struct {
	RequiresPython string  `json:"requires-python,omitempty"`
	CoreMetadata   string  `json:"core-metadata,omitempty"` // SHA-256 of that companion; empty: there is none
	Provenance     string  `json:"provenance,omitempty"`    // the same
	Yanked         *string `json:"yanked,omitempty"`        // why; only what came from upstream can be
}

// entry returns what a file says of itself.
func (d *distribution) entry() entry {
	var e entry
	if python := d.first("requires-python"); isSpecifier(python) {
		e.RequiresPython = python
	}
	return e
}

// encode returns the entry as a manifest, without the escapes that would make
// it slow to read.
func (e entry) encode() (json.RawMessage, error) {
	var b bytes.Buffer
	to := json.NewEncoder(&b)
	to.SetEscapeHTML(false)
	err := to.Encode(e)
	return bytes.TrimSpace(b.Bytes()), err
}

// entryOf returns the entry of an asset.
func entryOf(a format.Asset) (entry, error) {
	if len(a.Manifest) == 0 {
		return entry{}, nil
	}
	if e, ok := plainEntry(string(a.Manifest)); ok {
		return e, nil
	}
	var e entry
	if err := json.Unmarshal(a.Manifest, &e); err != nil {
		return entry{}, fmt.Errorf("read index entry of %s: %w", a.Name, err)
	}
	return e, nil
}

// plainEntry reads an entry as encode writes nearly all of them, without
// escapes. It reports false for what it cannot read. A page has thousands,
// and encoding/json would take a third of its time.
func plainEntry(s string) (e entry, ok bool) {
	s, ok = strings.CutPrefix(s, "{")
	if !ok || strings.Contains(s, `\`) {
		return e, false
	}
	for s != "}" {
		key, rest, _ := strings.Cut(strings.TrimPrefix(s, `"`), `":"`)
		value, rest, ok := strings.Cut(rest, `"`)
		if !ok {
			return e, false
		}
		switch key {
		case "requires-python":
			e.RequiresPython = value
		case "core-metadata":
			e.CoreMetadata = value
		case "provenance":
			e.Provenance = value
		case "yanked":
			e.Yanked = &value
		default:
			return e, false
		}
		s = strings.TrimPrefix(rest, ",")
	}
	return e, true
}
