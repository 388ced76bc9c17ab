package npm

import (
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// next names what an install of the version that is tagged latest asks for
// when it has read the document: what that depends on, but for development.
func next(doc format.Document, p larder.PackageRef) (all []larder.PackageRef, err error) {
	o, err := outlineOf(doc, p)
	if err != nil {
		return nil, err
	}
	w := newWindow(doc, doc.Size, o.versions)
	err = w.object(func(version string) error {
		if version != o.pkg.Tags[latestTag] {
			return w.skip()
		}
		raw, err := w.value()
		if err == nil {
			all = required(squeeze(nil, raw), p)
		}
		return err
	})
	return all, err
}

// required are the packages that a manifest needs installed.
func required(manifest []byte, p larder.PackageRef) (all []larder.PackageRef) {
	_ = members(manifest, "", func(key, value []byte) { // what cannot be read needs nothing
		switch string(key) {
		case "dependencies", "optionalDependencies", "peerDependencies":
		default:
			return
		}
		_ = members(value, "", func(name, wanted []byte) {
			full := aliased(string(name), text(wanted))
			ref := larder.PackageRef{Repository: p.Repository, Format: p.Format}
			ref.Namespace, ref.Name, _ = cut(full)
			if displayed(ref) == full && misnamed(ref.Namespace, ref.Name) == "" {
				all = append(all, ref)
			}
		})
	})
	return all
}

// aliased is the name of the package that a dependency is on: another than
// its own if it is npm:NAME@RANGE, and none if it is to be had elsewhere than
// from a registry (npm's package.json guide).
func aliased(name, wanted string) string {
	switch alias, is := strings.CutPrefix(wanted, "npm:"); {
	case is:
		if at := strings.LastIndexByte(alias, '@'); at > 0 {
			alias = alias[:at]
		}
		return alias
	case strings.ContainsAny(wanted, ":/"):
		return ""
	}
	return name
}
