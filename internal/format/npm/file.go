package npm

import (
	"strings"

	"larder.example/larder"
)

// packageFile is the one asset of every version, as CodeArtifact names it.
const packageFile = "package.tgz"

// tarballFile is the last part of a tarball's URL: the name without its
// scope, and the version.
func tarballFile(name, version string) string { return name + "-" + version + ".tgz" }

// tarballPath is a tarball's URL below the endpoint. The slash after a scope
// stays plain: yarn berry takes any other spelling for an unconventional URL
// and writes it into lock files.
func tarballPath(p larder.PackageRef, version string) string {
	return displayed(p) + "/-/" + tarballFile(p.Name, version)
}

// fileVersion reads the version back from the name of a tarball. Publish
// documents of npm spell the file with the scope before it; so may a client
// that believed one.
func fileVersion(p larder.PackageRef, file string) (string, bool) {
	if p.Namespace != "" {
		file = strings.TrimPrefix(file, "@"+p.Namespace+"/")
	}
	file, isTarball := strings.CutSuffix(file, ".tgz")
	version, isPackage := strings.CutPrefix(file, p.Name+"-")
	if !isTarball || !isPackage || version == "" || strings.Contains(version, "/") {
		return "", false
	}
	return version, true
}
