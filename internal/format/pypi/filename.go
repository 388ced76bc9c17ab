package pypi

import (
	"strings"

	"larder.example/larder"
)

// maxFilename is CodeArtifact's bound of an asset's name.
const maxFilename = 255

// kind is what sort of distribution a file is.
type kind int

const (
	wheel    kind = iota // PEP 427
	tarSdist             // PEP 625
	zipSdist             // its forerunner, which PyPI takes too (PEP 527)
)

// filename is the name of a distribution file, taken apart as far as that is
// possible without knowing what it is of: the name of an sdist before PEP 625
// has hyphens in it.
type filename struct {
	full string
	kind kind
	stem string // NAME-VERSION
}

// parseFilename reads the name of a file.
func parseFilename(s string) (filename, error) {
	refuse := func(why string) (filename, error) {
		return filename{}, larder.Errorf(larder.Invalid, "The file name %.255q %s.", s, why)
	}
	if len(s) > maxFilename {
		return refuse("is longer than 255 characters")
	}
	for i := range len(s) {
		if !isAlphanumeric(s[i]) && strings.IndexByte("-_.+!", s[i]) < 0 {
			return refuse("has characters that no distribution's has")
		}
	}
	if stem, ok := strings.CutSuffix(s, ".whl"); ok {
		parts := strings.Split(stem, "-")
		if why := misnamedWheel(parts); why != "" {
			return refuse(why)
		}
		return filename{s, wheel, parts[0] + "-" + parts[1]}, nil
	}
	f := filename{full: s}
	var ok bool
	if f.stem, ok = strings.CutSuffix(s, ".tar.gz"); ok {
		f.kind = tarSdist
	} else if f.stem, ok = strings.CutSuffix(s, ".zip"); ok {
		f.kind = zipSdist
	} else {
		return refuse("is neither a wheel's (.whl) nor that of a source distribution (.tar.gz, .zip): other kinds of distributions are not supported")
	}
	if !strings.Contains(f.stem, "-") {
		return refuse("is not NAME-VERSION, as that of a source distribution is")
	}
	return f, nil
}

// misnamedWheel says what is wrong with the parts of a wheel's name:
// NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM.
func misnamedWheel(parts []string) string {
	if len(parts) != 5 && len(parts) != 6 {
		return "is not NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM.whl"
	}
	for _, p := range parts {
		if p == "" {
			return "has an empty part"
		}
	}
	if _, ok := parseVersion(strings.ReplaceAll(parts[1], "_", "-")); !ok {
		return "has a version that is none of PEP 440"
	}
	if len(parts) == 6 && !isDigit(parts[2][0]) {
		return "has a build number that does not begin with a digit"
	}
	for _, tag := range parts[len(parts)-3:] {
		if strings.ContainsAny(tag, "+!") {
			return "has a tag that is none"
		}
	}
	return ""
}

// isOf reports whether the file may be one of a version of a project. In the
// name of a wheel, underscores stand for hyphens; where an sdist's has
// several hyphens, any of them may be the one before the version.
func (f filename) isOf(project string, v version) bool {
	want := v.String()
	for i := range len(f.stem) {
		if f.stem[i] != '-' || normalize(f.stem[:i]) != project {
			continue
		}
		got, ok := parseVersion(strings.ReplaceAll(f.stem[i+1:], "_", "-"))
		if ok && got.String() == want {
			return true
		}
	}
	return false
}
