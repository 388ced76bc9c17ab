package npm

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"larder.example/larder/internal/format"
)

// normalizeDependencies makes the maps of dependencies be maps of strings,
// and takes out of dependencies what is optional: npm once wanted it in
// both, and optional wins.
func (m *manifest) normalizeDependencies() {
	optional := m.dependencies("optionalDependencies")
	for _, key := range []string{"dependencies", "devDependencies", "peerDependencies", "optionalDependencies"} {
		o := m.dependencies(key)
		if key == "dependencies" {
			for _, name := range optional.keys {
				o.remove(name)
			}
		}
		m.replace(key, o)
	}
	if _, has := m.values["bundleDependencies"]; !has {
		m.set("bundleDependencies", m.values["bundledDependencies"])
	}
	m.remove("bundledDependencies")
	switch bundled := m.object.object("bundleDependencies"); {
	case m.list("bundleDependencies") != nil:
	case len(bundled.keys) > 0:
		m.put("bundleDependencies", bundled.keys)
	case string(m.values["bundleDependencies"]) == "true":
		m.put("bundleDependencies", append([]string{}, m.dependencies("dependencies").keys...))
	default:
		m.remove("bundleDependencies")
	}
}

// dependencies reads one map of dependencies, or one of the lists that stood
// for a map once: "a@1 b@>=2" and ["a@1", "b@>=2"].
func (m *manifest) dependencies(key string) *object {
	o := m.object.object(key)
	for _, name := range slices.Clone(o.keys) {
		if len(o.values[name]) == 0 || o.values[name][0] != '"' || name == "" {
			o.remove(name)
		}
	}
	list := strings.FieldsFunc(m.text(key), func(r rune) bool { return strings.ContainsRune(" \t\r\n,", r) })
	for _, raw := range m.list(key) {
		list = append(list, text(raw))
	}
	for _, dependency := range list {
		if part := listedDependency().FindStringSubmatch(strings.TrimSpace(dependency)); part != nil {
			o.put(part[1], strings.TrimSpace(strings.TrimPrefix(part[2], "@")))
		}
	}
	return o
}

// listedDependency takes "name@range" or "name >= range" apart.
var listedDependency = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(@?[^@\s><=]+)(.*)$`)
})

// dependenciesOf lists the direct dependencies that a normalised manifest
// states, by CodeArtifact's types.
func dependenciesOf(m *manifest) []format.Dependency {
	var all []format.Dependency
	for _, kind := range []struct{ key, name string }{
		{"dependencies", "regular"},
		{"devDependencies", "dev"},
		{"peerDependencies", "peer"},
		{"optionalDependencies", "optional"},
	} {
		o := m.object.object(kind.key)
		for _, full := range o.keys {
			namespace, name, rest := cut(full)
			if rest != "" || name == "" {
				namespace, name = "", full // what is no name is told as it stands
			}
			all = append(all, format.Dependency{
				Namespace: readable(namespace), Name: readable(name), Type: kind.name, Requirement: readable(o.text(full)),
			})
		}
	}
	return all
}
