package npm

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"larder.example/larder"
)

// maxShownReadme is how much of a README a packument shows, as on npm.
const maxShownReadme = 64 << 10

// apartKey is the last member of a stored manifest. It holds what stands
// elsewhere than among the versions of a packument: who writes those stops
// before it.
const apartKey = "_apart"

// manifest is a version as a packument shows it, but for what only the
// registry knows: dist.tarball and the digests. It is made of package.json,
// put in order as npm does before it publishes, as far as clients rely on
// that when they install from a packument.
type manifest struct {
	*object
	name, version string
}

// readManifest reads the package.json of t.
func readManifest(t *tarball) (*manifest, error) {
	text := bytes.ToValidUTF8(t.manifest, []byte("\ufffd"))
	o, err := parseObject(text)
	if err != nil {
		return nil, larder.Errorf(larder.Invalid, "package.json in the tarball is %v", err)
	}
	// What could be published but not written back could not be deprecated.
	s := newStream(bytes.NewReader(text), len(text))
	s.depth = 2 // of a manifest among the versions of a packument
	if err := s.skip(); err != nil {
		return nil, larder.Errorf(larder.Invalid, "package.json in the tarball cannot be in a packument: %v", err)
	}
	m := &manifest{object: o, name: strings.TrimSpace(o.text("name")), version: clean(o.text("version"))}
	namespace, name, rest := cut(m.name)
	if _, _, err := canonical(namespace, name); err != nil || rest != "" {
		return nil, larder.Errorf(larder.Invalid, "package.json in the tarball has the name %.214q, which no package can have", m.name)
	}
	if m.version == "" {
		return nil, larder.Errorf(larder.Invalid, "package.json in the tarball has the version %.256q, which is no semantic version", o.text("version"))
	}
	return m, nil
}

// adopt takes over what a publish document says of the version and the
// tarball need not: npm derives some of it as it publishes. It describes;
// nothing that decides what is installed or run is in it.
func (m *manifest) adopt(published *object) {
	for _, key := range []string{
		"description", "keywords", "homepage", "bugs", "repository", "license", "licenses",
		"author", "contributors", "maintainers", "funding", "gitHead", "_nodeVersion", "_npmVersion",
	} {
		value, says := published.values[key]
		if _, has := m.values[key]; says && (!has || isPrivate(key)) {
			m.set(key, value)
		}
	}
}

// isPrivate reports whether a key is the registry's and the clients' own.
// Old packages have leftovers of an installation under such keys.
func isPrivate(key string) bool { return strings.HasPrefix(key, "_") }

// normalize puts m in order as the manifest of the package that t is.
func (m *manifest) normalize(t *tarball) {
	for _, key := range slices.Clone(m.keys) {
		if isPrivate(key) && key != "_nodeVersion" && key != "_npmVersion" {
			m.remove(key)
		}
	}
	for _, key := range []string{"dist", "readme", "readmeFilename", "hasInstallScript"} {
		m.remove(key)
	}
	m.put("name", m.name)
	m.put("version", m.version)
	m.put("_id", m.name+"@"+m.version)
	m.normalizeBin(t)
	m.normalizeDependencies()
	m.normalizeScripts(t)
	m.normalizeProse()
	m.put("_hasShrinkwrap", t.shrinkwrap)
	m.put("dist", struct {
		FileCount    int   `json:"fileCount"`
		UnpackedSize int64 `json:"unpackedSize"`
	}{len(t.paths), t.unpacked})
	apart := newObject()
	if readme := readable(t.readme); readme != "" {
		apart.put("readme", truncate(readme, maxShownReadme))
		apart.put("readmeFilename", t.readmeFile)
	}
	m.set(apartKey, apart.encode())
}

// normalizeScripts tells clients whether installing runs something. They
// read that from a packument and need not look into the package for it.
func (m *manifest) normalizeScripts(t *tarball) {
	scripts := m.object.object("scripts")
	for _, name := range slices.Clone(scripts.keys) {
		if scripts.text(name) == "" {
			scripts.remove(name)
		}
	}
	if t.gyp && scripts.text("install") == "" && scripts.text("preinstall") == "" && string(m.values["gypfile"]) != "false" {
		scripts.put("install", "node-gyp rebuild")
		m.put("gypfile", true)
	}
	m.replace("scripts", scripts)
	for _, name := range []string{"preinstall", "install", "postinstall"} {
		if scripts.text(name) != "" {
			m.put("hasInstallScript", true)
		}
	}
}

// normalizeProse makes what clients print be of the types that they expect.
func (m *manifest) normalizeProse() {
	if message := deprecation(m.values["deprecated"]); message != "" {
		m.put("deprecated", message)
	} else {
		m.remove("deprecated")
	}
	if list := m.text("keywords"); list != "" {
		m.put("keywords", strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' || r == '\t' || r == '\n' }))
	}
	for _, key := range []string{"keywords", "maintainers", "contributors"} {
		if _, has := m.values[key]; has && m.list(key) == nil {
			m.remove(key)
		}
	}
}

// replace puts a normalised object at key; an empty one leaves nothing.
func (m *manifest) replace(key string, o *object) {
	if len(o.keys) == 0 {
		m.remove(key)
		return
	}
	m.set(key, o.encode())
}

// readable returns text as clients read it, as UTF-8 with U+FFFD for what is
// not, and without NUL, which databases refuse.
func readable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "")
}

// truncate cuts s to at most n bytes without cutting a character.
func truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
