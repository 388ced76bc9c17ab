package npm

import (
	"bufio"
	"encoding/json"
	"fmt"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// writeManifest writes a version as it stands in a packument: the stored
// manifest, with what only the registry and the request know. Keys are copied
// as they are: object.encode wrote them.
func writeManifest(w *bufio.Writer, base string, p larder.PackageRef, v format.Version, short bool) error {
	var dist, deprecated []byte
	sep := byte('{')
	err := members(v.Manifest, apartKey, func(key, value []byte) {
		switch string(key) {
		case "dist":
			dist = value
		case "deprecated":
			deprecated = value
		default:
			if !short || isShort(string(key)) {
				w.WriteByte(sep)
				sep = ','
				writeMember(w, key, value)
			}
		}
	})
	if err != nil {
		return fmt.Errorf("read manifest of %s %s: %w", p, v.Version, err)
	}
	w.WriteByte(sep)
	if err := writeDist(w, base, p, v, dist); err != nil {
		return fmt.Errorf("read dist of %s %s: %w", p, v.Version, err)
	}
	if v.Notes != nil {
		deprecated = quote(noted(v.Notes))
	}
	if len(deprecated) > len(`""`) {
		w.WriteString(`,"deprecated":`)
		w.Write(deprecated)
	}
	w.WriteByte('}')
	return nil
}

// writeDist writes where a version's tarball is and what it must be.
func writeDist(w *bufio.Writer, base string, p larder.PackageRef, v format.Version, stored []byte) error {
	w.WriteString(`"dist":{"tarball":`)
	writeQuoted(w, base+tarballPath(p, v.Version))
	for _, a := range v.Assets {
		if a.Name != packageFile {
			continue
		}
		sri, shasum := integrity(a.Sums)
		if sri != "" {
			w.WriteString(`,"integrity":`)
			writeQuoted(w, sri)
		}
		if shasum != "" {
			w.WriteString(`,"shasum":`)
			writeQuoted(w, shasum)
		}
	}
	err := members(stored, "", func(key, value []byte) {
		w.WriteByte(',')
		if string(key) == "attestations" {
			fmt.Fprintf(w, `"attestations":{"url":%s,%s`, quote(base+attestationsPath(p, v.Version)), value[1:])
			return
		}
		writeMember(w, key, value)
	})
	w.WriteByte('}')
	return err
}

// writeMember writes a member whose key members read.
func writeMember(w *bufio.Writer, key, value []byte) {
	w.WriteByte('"')
	w.Write(key)
	w.WriteString(`":`)
	w.Write(value)
}

func writeQuoted(w *bufio.Writer, s string) {
	w.Write(appendQuoted(w.AvailableBuffer(), s))
}

// isShort reports whether a member of a manifest is in the abbreviated form
// of a packument, application/vnd.npm.install-v1+json.
func isShort(key string) bool {
	switch key {
	case "name", "version", "dependencies", "optionalDependencies", "devDependencies",
		"bundleDependencies", "bundledDependencies", "peerDependencies", "peerDependenciesMeta", "acceptDependencies",
		"bin", "directories", "engines", "_hasShrinkwrap", "hasInstallScript", "funding",
		"os", "cpu", "libc":
		return true
	}
	return false
}

// notes is what is known of a version beside its manifest. An empty message
// lifts a deprecation that the manifest has.
type notes struct {
	Deprecated string `json:"deprecated"`
}

// noted returns the message of deprecation in a version's notes.
func noted(raw json.RawMessage) string {
	var n notes
	if json.Unmarshal(raw, &n) != nil {
		return ""
	}
	return n.Deprecated
}
