package npm

import (
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// next names what an install of the version that is tagged latest asks for
// when it has read the document: what that cannot do without. Most of what is
// optional is for other machines.
func next(p *format.Package) ([]larder.PackageRef, error) {
	v, ok, err := p.Find(p.Tags[latestTag])
	if err != nil || !ok {
		return nil, err
	}
	return required(v.Manifest, p.Ref), nil
}

// required are the packages that a manifest needs. What cannot be read of it
// needs nothing.
func required(manifest []byte, p larder.PackageRef) (all []larder.PackageRef) {
	optional := map[string]bool{}
	_ = members(manifest, "", func(key, value []byte) {
		if string(key) != "peerDependenciesMeta" {
			return
		}
		_ = members(value, "", func(name, about []byte) {
			_ = members(about, "", func(key, value []byte) {
				if string(key) == "optional" && string(value) == "true" {
					optional[string(name)] = true
				}
			})
		})
	})
	_ = members(manifest, "", func(key, value []byte) {
		peers := string(key) == "peerDependencies"
		if !peers && string(key) != "dependencies" {
			return
		}
		_ = members(value, "", func(name, wanted []byte) {
			if peers && optional[string(name)] {
				return
			}
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
