package login

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

// uv takes a password from the URL of an index and of what it publishes to,
// and keeps it out of lock files (seen with uv 0.13).
func uv(_ context.Context, h *Host, r *Request) ([]act, error) {
	dir := h.Getenv("XDG_CONFIG_HOME")
	switch {
	case h.OS == "windows":
		dir = h.Getenv("APPDATA")
	case dir == "":
		dir = filepath.Join(h.Home, ".config")
	}
	path := filepath.Join(dir, "uv", "uv.toml")
	return []act{{path: path, edit: func(old []byte) ([]byte, error) { return uvConfig(path, old, r) }}}, nil
}

// uvConfig makes the repository the default index, in the place of another
// one that is, and where uv publishes to.
func uvConfig(path string, old []byte, r *Request) ([]byte, error) {
	a := parse(r.Endpoint)
	url := a.with(r.Token)
	lines := setIn(split(old), 0, []pair{{"publish-url", `"` + url + `"`}})
	index := []pair{{"name", `"` + r.label() + `"`}, {"url", `"` + url + `simple/"`}, {"default", "true"}}
	at := -1
	for i, l := range lines {
		switch {
		case tomlKey(l) == "index" && tomlHeader(l) == "":
			return nil, fmt.Errorf("%s has index in a form that is not edited here: make it tables, [[index]]", path)
		case tomlHeader(l) == "[index]" && isDefault(lines[i+1:]):
			at = i
		}
	}
	if at < 0 {
		if len(lines) > 0 && strings.TrimSpace(lines[len(lines)-1]) != "" {
			lines = append(lines, "")
		}
		at = len(lines)
		lines = append(lines, "[[index]]")
	}
	return kept(path, toml.Unmarshal, old, join(setIn(lines, at+1, index)), func(said map[string]any) bool {
		ours := map[string]any{"name": r.label(), "url": url + "simple/", "default": true}
		all, _ := said["index"].([]map[string]any)
		i := slices.IndexFunc(all, func(i map[string]any) bool { return i["default"] == true })
		if i < 0 {
			all, i = append(all, map[string]any{}), len(all)
		}
		maps.Copy(all[i], ours)
		said["publish-url"], said["index"] = url, all
		return true
	})
}

// isDefault reports whether the table whose lines these begin with says so.
func isDefault(lines []string) bool {
	for _, l := range lines {
		if tomlHeader(l) != "" {
			return false
		}
		if tomlKey(l) == "default" && strings.HasPrefix(strings.TrimSpace(l[strings.IndexByte(l, '=')+1:]), "true") {
			return true
		}
	}
	return false
}
