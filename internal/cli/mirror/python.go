package mirror

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/BurntSushi/toml"

	"larder.example/larder"
)

// pypiName is a name as PEP 503 normalizes it.
func pypiName(name string) string {
	return strings.ToLower(pypiSeparators().ReplaceAllString(name, "-"))
}

var pypiSeparators = pattern(`[-_.]+`)

func (l *Lock) pypi(name, version string, digests ...string) {
	l.Items = append(l.Items, Item{Format: larder.PyPI, Name: pypiName(name), Version: version, Digests: digests})
}

// pinned is a line of a requirements file that asks for one version.
var pinned = pattern(`^([\w.-]+)\s*(?:\[[^]]*\])?\s*===?\s*([^\s;,*]+)\s*(?:;.*|--.*)?$`)

var hashOption = pattern(`--hash[= ]\s*([\w-]+):([0-9a-fA-F]+)`)

// readRequirements reads a requirements file in which every version is said,
// as pip freeze and pip-compile write it.
func readRequirements(l *Lock, b []byte) error {
	text := strings.NewReplacer("\\\r\n", " ", "\\\n", " ").Replace(string(b))
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if i := strings.Index(" "+line, " #"); i >= 0 {
			line = strings.TrimSpace(line[:i])
		}
		switch {
		case line == "":
		case strings.HasPrefix(line, "-r"), strings.HasPrefix(line, "--requirement"), strings.HasPrefix(line, "-c"), strings.HasPrefix(line, "--constraint"):
			l.skip("%s: give larder that file too", line)
		case strings.HasPrefix(line, "-e"), strings.HasPrefix(line, "--editable"), strings.Contains(line, " @ "), strings.Contains(line, "://"):
			if !strings.HasPrefix(line, "--") {
				l.skip("%s is from no registry", line)
			}
		case strings.HasPrefix(line, "-"): // says how pip is to go about it
		default:
			m := pinned().FindStringSubmatch(line)
			if m == nil {
				return fmt.Errorf("%q names no one version: have pip freeze or pip-compile write the file", line)
			}
			var digests []string
			for _, h := range hashOption().FindAllStringSubmatch(line, -1) {
				digests = append(digests, h[1]+":"+strings.ToLower(h[2]))
			}
			l.pypi(m[1], m[2], digests...)
		}
	}
	return nil
}

// readPipReport reads what pip install --report writes.
func readPipReport(l *Lock, b []byte) error {
	var report struct {
		Install []struct {
			Metadata struct{ Name, Version string }
			Download struct {
				URL     string
				VCS     json.RawMessage                    `json:"vcs_info"`
				Dir     json.RawMessage                    `json:"dir_info"`
				Archive struct{ Hashes map[string]string } `json:"archive_info"`
			} `json:"download_info"`
			IsDirect bool `json:"is_direct"`
		}
	}
	if err := json.Unmarshal(b, &report); err != nil {
		return fmt.Errorf("read pip's report: %w", err)
	}
	for _, i := range report.Install {
		if i.Download.VCS != nil || i.Download.Dir != nil || i.IsDirect {
			l.skip("%s is from no registry", i.Metadata.Name)
			continue
		}
		l.pypi(i.Metadata.Name, i.Metadata.Version, spelled(i.Download.Archive.Hashes)...)
	}
	return nil
}

func spelled(hashes map[string]string) (digests []string) {
	for algorithm, hex := range hashes {
		digests = append(digests, algorithm+":"+hex)
	}
	return digests
}

// pythonFile is a file as uv.lock, poetry.lock and pylock.toml have it.
type pythonFile struct {
	Hash   string
	Hashes map[string]string
}

func (f pythonFile) digests() []string {
	if f.Hash != "" {
		return []string{f.Hash}
	}
	return spelled(f.Hashes)
}

// pythonPackage is a package of any of the three.
type pythonPackage struct {
	Name, Version string

	Source                 map[string]any // of uv and poetry: where it is from
	VCS, Directory         map[string]any // of pylock.toml
	Files, Wheels          []pythonFile
	SDist, Archive         *pythonFile
	ReferenceURL, IndexURL string
}

// local reports whether no registry has the package.
func (p *pythonPackage) local() bool {
	if p.VCS != nil || p.Directory != nil || p.Archive != nil {
		return true
	}
	for _, from := range []string{"git", "directory", "editable", "virtual", "path", "url"} {
		if _, found := p.Source[from]; found && p.Source["type"] == nil {
			return true
		}
	}
	kind, _ := p.Source["type"].(string)
	return kind != "" && kind != "legacy"
}

// readPythonLock reads uv.lock, poetry.lock and pylock.toml.
func readPythonLock(l *Lock, b []byte) error {
	var lock struct{ Package, Packages []pythonPackage }
	if err := toml.Unmarshal(b, &lock); err != nil {
		return fmt.Errorf("it is not TOML: %w", err)
	}
	for _, p := range append(lock.Package, lock.Packages...) {
		if p.local() || p.Version == "" {
			l.skip("%s is from no registry", p.Name)
			continue
		}
		files := append(p.Files, p.Wheels...)
		if p.SDist != nil {
			files = append(files, *p.SDist)
		}
		var digests []string
		for _, f := range files {
			digests = append(digests, f.digests()...)
		}
		l.pypi(p.Name, p.Version, digests...)
	}
	return nil
}
