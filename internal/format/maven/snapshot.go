package maven

import (
	"strconv"
	"strings"
)

// snapshotWord ends the version of a snapshot; in the name of a build a
// timestamp and a number stand in its place.
const snapshotWord = "SNAPSHOT"

// isSnapshot reports whether a version is a snapshot, as Maven Resolver does.
func isSnapshot(version string) bool { return strings.HasSuffix(version, snapshotWord) }

// snapshotPrefix returns what a snapshot's builds begin with.
func snapshotPrefix(version string) (string, bool) { return strings.CutSuffix(version, snapshotWord) }

// build is one build of a snapshot.
type build struct {
	timestamp string // yyyyMMdd.HHmmss, in UTC
	number    string
}

// version is the build's own, behind the prefix of its snapshot.
func (b build) version(prefix string) string { return prefix + b.timestamp + "-" + b.number }

// compact is the timestamp as maven-metadata.xml has it elsewhere.
func (b build) compact() string { return strings.Replace(b.timestamp, ".", "", 1) }

// newer reports whether b was made after c.
func (b build) newer(c build) bool {
	if b.timestamp != c.timestamp {
		return b.timestamp > c.timestamp
	}
	n, _ := strconv.Atoi(b.number)
	m, _ := strconv.Atoi(c.number)
	return n > m
}

// valid reports whether b is spelled as Maven spells builds.
func (b build) valid() bool {
	date, time, ok := strings.Cut(b.timestamp, ".")
	return ok && len(date) == 8 && len(time) == 6 && digits(date) && digits(time) &&
		len(b.number) > 0 && len(b.number) <= 9 && digits(b.number)
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// buildIn reads the build from the name of a file.
func buildIn(file, artifact, prefix string) (b build, ok bool) {
	const timestamp = len("20060102.150405")
	rest, ok := strings.CutPrefix(file, artifact+"-"+prefix)
	if !ok || len(rest) <= timestamp || rest[timestamp] != '-' {
		return build{}, false
	}
	b.timestamp, rest = rest[:timestamp], rest[timestamp+1:]
	i := strings.IndexAny(rest, "-.")
	if i < 0 {
		return build{}, false
	}
	b.number, rest = rest[:i], rest[i:]
	return b, b.valid() && len(rest) > 1
}

// isBuild reports whether a version is that of a build.
func isBuild(version string) bool {
	i := strings.LastIndexByte(version, '-')
	stamp := i - len("20060102.150405")
	return stamp >= 0 && build{timestamp: version[stamp:i], number: version[i+1:]}.valid()
}

// variant is what tells the files of a build apart.
type variant struct {
	Classifier string `xml:"classifier"`
	Extension  string `xml:"extension"`
}

// file is the end of the name of the file.
func (v variant) file() string {
	if v.Classifier == "" {
		return "." + v.Extension
	}
	return "-" + v.Classifier + "." + v.Extension
}

// guess takes the end of a file's name apart. A classifier may have periods
// too, but extensions of two parts are the more frequent: tar.gz, jar.asc.
func guess(rest string) variant {
	if strings.HasPrefix(rest, ".") {
		return variant{Extension: rest[1:]}
	}
	classifier, extension, _ := strings.Cut(rest[1:], ".")
	return variant{Classifier: classifier, Extension: extension}
}
