package maven

import (
	"net/http"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// maxDepth bounds the directories of a path. The deepest groups of Maven
// Central have about a dozen parts.
const maxDepth = 64

// place is where in a repository a file lies: GROUP/AS/PATH/ARTIFACT/VERSION/FILE.
type place struct {
	group, artifact string
	version         string // the directory, which for the build of a snapshot is the snapshot's
	file            string
	sum             *algorithm // of which the path is the checksum of the file; nil: it is the file
}

// parse takes a decoded path apart. What is refused as a segment includes all
// that would lead out of a directory: a slash that was escaped separates like
// any other, and has had no chance to be anything else.
func parse(path string) (place, error) {
	segments := strings.Split(path, "/")
	n := len(segments)
	if n < 4 {
		return place{}, badPath(path, "is none of GROUP/ARTIFACT/VERSION/FILE")
	}
	p, err := parseDir(strings.Join(segments[:n-2], "/"))
	if err != nil {
		return place{}, err
	}
	p.version, p.file = segments[n-2], segments[n-1]
	if why := badVersion(p.version); why != "" {
		return place{}, badPath(path, "has a version that "+why)
	}
	p.file, p.sum = cutSum(p.file)
	if _, again := cutSum(p.file); p.sum != nil && again != nil {
		return place{}, badPath(path, "is the checksum of a checksum")
	}
	if why := badFile(p.file); why != "" {
		return place{}, badPath(path, "has a file name that "+why)
	}
	return p, nil
}

// parseDir takes the path of an artifact's directory apart.
func parseDir(dir string) (place, error) {
	segments := strings.Split(dir, "/")
	n := len(segments)
	if n < 2 {
		return place{}, badPath(dir, "is none of GROUP/ARTIFACT")
	}
	if n > maxDepth {
		return place{}, badPath(dir, "is too deep")
	}
	group, err := parseGroup(segments[:n-1])
	if err != nil {
		return place{}, err
	}
	p := place{group: group, artifact: segments[n-1]}
	if why := badArtifact(p.artifact); why != "" {
		return place{}, badPath(dir, "has an artifact ID that "+why)
	}
	return p, nil
}

// parseGroup makes a group ID of directories. A period in one would make two
// paths of one group.
func parseGroup(segments []string) (string, error) {
	group := strings.Join(segments, ".")
	if why := badGroup(group); why != "" {
		return "", badPath(strings.Join(segments, "/"), "has a group ID that "+why)
	}
	if strings.Count(group, ".") != len(segments)-1 {
		return "", badPath(strings.Join(segments, "/"), "has a period in the directory of a group")
	}
	return group, nil
}

func badPath(path, why string) error {
	return larder.Errorf(larder.Invalid, "The path %.256q %s.", path, why)
}

// build returns the version that the file belongs to: that of its directory,
// or of the build of a snapshot that its name tells.
func (p place) build() (string, error) {
	prefix, ok := snapshotPrefix(p.version)
	if !ok {
		return p.version, nil
	}
	b, ok := buildIn(p.file, p.artifact, prefix)
	if !ok {
		return "", larder.Errorf(larder.Invalid,
			"The file %.256q is not of a build of %s: only snapshots with timestamps are kept.", p.file, p.version)
	}
	return b.version(prefix), nil
}

// isPOM reports whether the file is the POM of the version itself.
func (p place) isPOM(build string) bool { return p.file == p.artifact+"-"+build+".pom" }

// isJar reports whether the file is the jar of the version itself.
func (p place) isJar(build string) bool { return p.file == p.artifact+"-"+build+".jar" }

// The packages of the rows.

func wanted(r *http.Request) (group, artifact string, err error) {
	p, err := parse(r.PathValue("path"))
	return p.group, p.artifact, absent(err)
}

func deployed(r *http.Request) (group, artifact string, err error) {
	p, err := parse(r.PathValue("path"))
	return p.group, p.artifact, err
}

func described(r *http.Request) (group, artifact string, err error) {
	group, artifact, err = sent(r)
	return group, artifact, absent(err)
}

// sent is the package that a maven-metadata.xml is next to, or in a snapshot
// of. If it is about a group, no such package need be.
func sent(r *http.Request) (group, artifact string, err error) {
	dir, _ := snapshotDir(r.PathValue("dir"))
	p, err := parseDir(dir)
	return p.group, p.artifact, err
}

// snapshotDir cuts the directory of a snapshot off the path of a directory,
// if that is one.
func snapshotDir(dir string) (artifact, snapshot string) {
	i := strings.LastIndexByte(dir, '/')
	if last := dir[i+1:]; i > 0 && isSnapshot(last) && badVersion(last) == "" {
		return dir[:i], last
	}
	return dir, ""
}

// absent is what is said of a path that cannot be an artifact's: clients ask
// the next repository after that.
func absent(err error) error {
	if err == nil {
		return nil
	}
	return &larder.Error{Kind: larder.NotFound, Resource: "asset", Message: larder.AsError(err).Message}
}

// ref names a version of the package that a request is about.
func ref(x *format.Exchange, version string) larder.VersionRef {
	return larder.VersionRef{Package: x.Package, Version: version}
}
