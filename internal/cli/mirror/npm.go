package mirror

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"larder.example/larder"
)

// readJSON reads what begins with a brace: package-lock.json, pip's report or
// Maven's tree.
func readJSON(l *Lock, b []byte) error {
	var what struct {
		LockfileVersion json.Number     `json:"lockfileVersion"`
		Install         json.RawMessage `json:"install"`
		GroupID         string          `json:"groupId"`
	}
	if err := json.Unmarshal(b, &what); err != nil {
		return fmt.Errorf("it is not JSON: %w", err)
	}
	switch {
	case what.Install != nil:
		return readPipReport(l, b)
	case what.GroupID != "":
		return readMavenTree(l, b)
	case what.LockfileVersion != "":
		return readPackageLock(l, b)
	}
	return errUnknown
}

// locked is a package of package-lock.json: of version 2 and 3 by its path, of
// version 1 by its name, with more below it.
type locked struct {
	Name         string            `json:"name"`
	Version      string            `json:"version"`
	Resolved     string            `json:"resolved"`
	Integrity    string            `json:"integrity"`
	Link         bool              `json:"link"`
	InBundle     bool              `json:"inBundle"`
	Bundled      bool              `json:"bundled"`
	Dependencies map[string]locked `json:"-"`
}

// UnmarshalJSON reads dependencies of version 1 only: those of a package of
// later versions are ranges.
func (k *locked) UnmarshalJSON(b []byte) error {
	type plain locked
	if err := json.Unmarshal(b, (*plain)(k)); err != nil {
		return err
	}
	var deeper struct {
		Dependencies map[string]locked `json:"dependencies"`
	}
	if json.Unmarshal(b, &deeper) == nil {
		k.Dependencies = deeper.Dependencies
	}
	return nil
}

func readPackageLock(l *Lock, b []byte) error {
	var lock struct {
		Packages     map[string]locked `json:"packages"`
		Dependencies map[string]locked `json:"dependencies"`
	}
	if err := json.Unmarshal(b, &lock); err != nil {
		return fmt.Errorf("read package-lock.json: %w", err)
	}
	if lock.Packages == nil {
		l.nested(lock.Dependencies)
		return nil
	}
	for path, k := range lock.Packages {
		_, name, installed := cutLast(path, "node_modules/")
		if !installed || k.Link {
			continue // the project itself, or one of its workspaces
		}
		if k.Name != "" { // it is installed under an alias
			name = k.Name
		}
		l.npm(name, k)
	}
	return nil
}

// nested adds packages of version 1.
func (l *Lock) nested(all map[string]locked) {
	for name, k := range all {
		if alias, found := strings.CutPrefix(k.Version, "npm:"); found {
			name, k.Version, _ = cutLast(alias, "@")
		}
		l.npm(name, k)
		l.nested(k.Dependencies)
	}
}

func (l *Lock) npm(name string, k locked) {
	if k.InBundle || k.Bundled {
		return // is in the tarball of another
	}
	scheme, _, _ := strings.Cut(k.Resolved, ":")
	if strings.HasPrefix(scheme, "git") || scheme == "file" || strings.Contains(k.Version, ":") || k.Version == "" {
		l.skip("%s is from %s", name, cmp.Or(k.Resolved, k.Version, "this project"))
		return
	}
	l.Items = append(l.Items, npmItem(name, k.Version, integrity(k.Integrity)...))
}

func npmItem(name, version string, digests ...string) Item {
	i := Item{Format: larder.NPM, Name: name, Version: version, Digests: digests}
	if scope, rest, found := strings.Cut(strings.TrimPrefix(name, "@"), "/"); found {
		i.Namespace, i.Name = scope, rest
	}
	return i
}

// integrity reads a value of the integrity attribute of Subresource Integrity.
func integrity(text string) (digests []string) {
	for _, one := range strings.Fields(text) {
		algorithm, value, _ := strings.Cut(one, "-")
		value, _, _ = strings.Cut(value, "?")
		if b, err := base64.StdEncoding.DecodeString(value); err == nil && len(b) > 0 {
			digests = append(digests, algorithm+":"+hex.EncodeToString(b))
		}
	}
	return digests
}

// readPnpm reads pnpm-lock.yaml of versions 5 to 9.
func readPnpm(l *Lock, b []byte) error {
	var lock struct {
		LockfileVersion string `yaml:"lockfileVersion"`
		Packages        map[string]struct {
			Name, Version string
			Resolution    struct{ Integrity, Tarball, Type, Directory string }
		}
	}
	if err := yaml.Unmarshal(b, &lock); err != nil {
		return fmt.Errorf("read pnpm-lock.yaml: %w", err)
	}
	for key, p := range lock.Packages {
		name, version, ok := pnpmKey(key, strings.HasPrefix(lock.LockfileVersion, "5"))
		if p.Name != "" && p.Version != "" {
			name, version, ok = p.Name, p.Version, true
		}
		if !ok || p.Resolution.Integrity == "" {
			l.skip("%s is from no registry", key)
			continue
		}
		l.Items = append(l.Items, npmItem(name, version, integrity(p.Resolution.Integrity)...))
	}
	return nil
}

// pnpmKey reads the key of a package: name@version, or of old /name/version,
// either with what its peers are behind it.
func pnpmKey(key string, old bool) (name, version string, ok bool) {
	key, _, _ = strings.Cut(strings.TrimPrefix(key, "/"), "(")
	if !old {
		name, version, ok = cutLast(key, "@")
		return name, version, ok && name != "" && !strings.ContainsAny(version, "/:")
	}
	segments := strings.Split(key, "/")
	last := len(segments) - 1
	if strings.HasPrefix(key, "@") {
		last = min(last, 2)
	} else {
		last = min(last, 1)
	}
	version, _, _ = strings.Cut(segments[last], "_")
	name = strings.Join(segments[:last], "/")
	return name, version, name != "" && !strings.Contains(key, ":")
}

// readYarnClassic reads yarn.lock of yarn 1, which is like YAML and is not.
func readYarnClassic(l *Lock, b []byte) error {
	var name string
	var k locked
	end := func() {
		if name != "" {
			l.npm(name, k)
		}
		name, k = "", locked{}
	}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimRight(line, "\r\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if line[0] != ' ' {
			end()
			first, _, _ := strings.Cut(strings.TrimSuffix(line, ":"), ",")
			name = descriptor(strings.Trim(first, `" `))
			continue
		}
		word, value, _ := strings.Cut(strings.TrimPrefix(line, "  "), " ")
		value = strings.Trim(value, `"`)
		switch word {
		case "version":
			k.Version = value
		case "resolved":
			k.Resolved = value
		case "integrity":
			k.Integrity = value
		}
	}
	end()
	return nil
}

// descriptor returns the name of the package that name@range asks for.
func descriptor(text string) string {
	name, asked := text, ""
	if i := strings.Index(text[min(1, len(text)):], "@"); i >= 0 {
		name, asked = text[:i+1], text[i+2:]
	}
	if alias, found := strings.CutPrefix(asked, "npm:"); found {
		if real, _, versioned := cutLast(alias, "@"); versioned && real != "" {
			return real
		}
	}
	return name
}

// readYarnBerry reads yarn.lock of yarn 2 and newer. Its checksums are of the
// archives that yarn makes itself.
func readYarnBerry(l *Lock, b []byte) error {
	var lock map[string]struct{ Version, Resolution, LinkType string }
	if err := yaml.Unmarshal(b, &lock); err != nil {
		return fmt.Errorf("read yarn.lock: %w", err)
	}
	for key, p := range lock {
		if key == "__metadata" {
			continue
		}
		name, version, ok := strings.Cut(p.Resolution, "@npm:")
		version, _, _ = strings.Cut(version, "::")
		switch {
		case ok && !strings.Contains(name, "@patch:"):
			l.Items = append(l.Items, npmItem(name, version))
		case strings.Contains(p.Resolution, "@patch:"): // what is patched has an entry of its own
		case !strings.Contains(p.Resolution, "@workspace:"):
			l.skip("%s is from no registry", p.Resolution)
		}
	}
	return nil
}

// cutLast cuts around the last separator.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}
