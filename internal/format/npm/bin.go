package npm

import (
	"path"
	"strings"
)

// normalizeBin makes bin the object of command to file that clients link
// from, whichever of its old forms package.json has: a file for the command
// that is called like the package, a list of files, or a whole directory.
func (m *manifest) normalizeBin(t *tarball) {
	bin := m.object.object("bin")
	switch file := m.text("bin"); {
	case file != "":
		bin.put(m.name, file)
	case m.list("bin") != nil:
		for _, raw := range m.list("bin") {
			bin.set(path.Base(text(raw)), raw)
		}
	default:
		if dir := m.object.object("directories").text("bin"); dir != "" && m.values["bin"] == nil {
			bin = binaries(t, within(dir))
		}
	}
	clean := newObject()
	for _, command := range bin.keys {
		name := within(path.Base(strings.NewReplacer(`\`, "/", ":", "/").Replace(command)))
		if file := within(bin.text(command)); name != "" && file != "" {
			clean.put(name, file)
		}
	}
	m.replace("bin", clean)
}

// binaries are the files below dir, each a command of its own name.
func binaries(t *tarball, dir string) *object {
	o := newObject()
	for _, file := range t.paths {
		below, ok := strings.CutPrefix(file, dir+"/")
		if ok && !strings.Contains("/"+below, "/.") {
			o.put(path.Base(below), file)
		}
	}
	return o
}

// within resolves a path of package.json inside the package: it cannot climb
// out of it.
func within(file string) string {
	return strings.TrimPrefix(path.Join("/", strings.ReplaceAll(file, `\`, "/")), "/")
}
