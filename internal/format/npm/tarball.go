package npm

import (
	"bytes"
	"io"
	"path"
	"strings"
	"unicode/utf8"

	"larder.example/larder"
	"larder.example/larder/internal/archive"
)

const (
	// maxManifest bounds package.json.
	maxManifest = 4 << 20

	// maxReadme is how much of a README is kept; npm keeps 64 KiB in a
	// packument, see maxShownReadme.
	maxReadme = 1 << 20
)

// tarball is what a published archive says about itself.
type tarball struct {
	manifest   []byte // package.json; without a byte order mark
	readme     string
	readmeFile string
	paths      []string // of all files, below the root
	named      int      // bytes of paths
	unpacked   int64    // bytes of all files
	gyp        bool     // has a *.gyp: is built by node-gyp if no script says otherwise
	shrinkwrap bool     // has an npm-shrinkwrap.json: clients must look into it
}

// The limits of a tarball are generous: CodeArtifact's for a publish is 2 GB,
// and packages that bundle what they depend on have many files.
const (
	maxFiles    = 500_000
	maxPaths    = 32 << 20 // bytes of all names: they are held
	maxUnpacked = 8 << 30
)

// readTarball reads what is in a package's archive without unpacking it. A
// path that comes twice counts as the last does, which is what clients have
// on disk after they extract it.
func readTarball(b io.ReaderAt, size int64) (*tarball, error) {
	t := new(tarball)
	limits := archive.Limits{Entries: maxFiles, Total: maxUnpacked}
	err := archive.WalkTar(io.NewSectionReader(b, 0, size), limits, func(e archive.Entry) error {
		if e.Kind != archive.File {
			return nil // clients skip links and devices
		}
		file, ok := inRoot(e.Name)
		if err := unanimous(e, file); err != nil || !ok {
			return err
		}
		return t.add(file, e)
	})
	if err != nil {
		return nil, err
	}
	if t.manifest == nil {
		return nil, larder.Errorf(larder.Invalid, "the tarball has no package.json")
	}
	return t, nil
}

func (t *tarball) add(file string, e archive.Entry) (err error) {
	if t.named += len(file); t.named > maxPaths {
		return larder.Errorf(larder.Invalid, "the names of the tarball's files have more than %s", measure(maxPaths))
	}
	t.paths = append(t.paths, strings.Clone(file))
	t.unpacked += e.Size
	switch {
	case file == "package.json":
		t.manifest, err = e.Bytes(maxManifest)
		t.manifest = bytes.TrimPrefix(t.manifest, []byte("\ufeff"))
	case isGyp(file):
		t.gyp = true
	case file == "npm-shrinkwrap.json":
		t.shrinkwrap = true
	case isReadme(file) && (t.readmeFile == "" || readmeRank(file) <= readmeRank(t.readmeFile)):
		t.readmeFile = file
		var b []byte
		b, err = io.ReadAll(io.LimitReader(e.Body, maxReadme+utf8.UTFMax))
		t.readme = truncate(string(b), maxReadme)
	}
	return err
}

// inRoot returns the path of an entry below the package's root: clients drop
// the first part whatever it is called, even if it is empty or .., and refuse
// to climb after that.
func inRoot(entry string) (string, bool) {
	_, below, ok := strings.Cut(entry, "/")
	if !ok || strings.Contains("/"+below+"/", "/../") {
		return "", false
	}
	below = path.Clean(strings.TrimLeft(below, "/"))
	return below, below != "."
}

// unanimous refuses an entry that some clients take for a file that decides
// what an installation does, and others do not: npm drops C:/ anywhere,
// Windows has \ for /, C ends a name at NUL, and most know no sparse files.
func unanimous(e archive.Entry, file string) error {
	elsewhere, _ := inRoot(strings.ReplaceAll(e.Name, `\`, "/"))
	for len(elsewhere) > 1 && elsewhere[1] == ':' {
		elsewhere = strings.TrimLeft(elsewhere[2:], "/")
	}
	if e.Flaw == archive.NUL || isDecisive(elsewhere) && (elsewhere != file || e.Flaw == archive.Sparse) {
		return larder.Errorf(larder.Invalid, "the tarball's entry %.256q is not the same file to all clients", e.Name)
	}
	return nil
}

// isDecisive reports whether a file decides what an installation does.
func isDecisive(file string) bool {
	return file == "package.json" || file == "npm-shrinkwrap.json" || isGyp(file)
}

// isGyp reports whether npm would build the package with node-gyp for the
// sake of the file.
func isGyp(file string) bool {
	return strings.HasSuffix(file, ".gyp") && !strings.Contains(file, "/")
}

// isReadme reports whether npm would show the file as the package's README.
func isReadme(file string) bool {
	name, _, _ := strings.Cut(file, ".")
	return strings.EqualFold(name, "readme") && !strings.Contains(file, "/")
}

// readmeRank orders several READMEs: Markdown before plain text before
// anything else.
func readmeRank(file string) int {
	switch strings.ToLower(path.Ext(file)) {
	case ".md":
		return 0
	case ".markdown", ".mdown", ".mkd":
		return 1
	case "":
		return 2
	}
	return 3
}
