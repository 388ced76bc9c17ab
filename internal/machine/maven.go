package machine

import (
	"archive/zip"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// maven returns the mirror of Maven Central that Maven is told of, or where
// Maven's own super POM says that Central is.
func maven(ctx context.Context) string {
	var files []string
	if home, err := os.UserHomeDir(); err == nil {
		files = append(files, filepath.Join(home, ".m2", "settings.xml"))
	}
	home := mavenHome(output(ctx, "mvn", "--version"))
	if home != "" {
		files = append(files, filepath.Join(home, "conf", "settings.xml"))
	}
	for _, file := range files {
		if mirror := readMirror(file); mirror != "" {
			return mirror
		}
	}
	if home == "" {
		return ""
	}
	jars, err := filepath.Glob(filepath.Join(home, "lib", "maven-model-builder-*.jar"))
	if err != nil || len(jars) == 0 {
		return ""
	}
	return readCentral(jars[0])
}

// mavenHome reads what `mvn --version` prints, which may be coloured.
func mavenHome(version string) string {
	_, rest, ok := strings.Cut(version, "Maven home: ")
	if !ok {
		return ""
	}
	home, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSpace(home)
}

// readMirror returns the address of the first mirror of Central in a settings
// file.
func readMirror(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	var settings struct {
		Mirrors []struct {
			Of      string `xml:"mirrorOf"`
			URL     string `xml:"url"`
			Blocked bool   `xml:"blocked"`
		} `xml:"mirrors>mirror"`
	}
	if xml.Unmarshal(text, &settings) != nil {
		return ""
	}
	for _, m := range settings.Mirrors {
		if !m.Blocked && mirrorsCentral(m.Of) {
			return strings.TrimSpace(m.URL)
		}
	}
	return ""
}

// mirrorsCentral reads a mirrorOf, as Maven's guide to mirrors has it.
func mirrorsCentral(of string) bool {
	parts := strings.FieldsFunc(of, func(r rune) bool { return r == ',' || r == ' ' || r == '\n' || r == '\t' })
	return !slices.Contains(parts, "!central") &&
		(slices.Contains(parts, "central") || slices.Contains(parts, "*") || slices.Contains(parts, "external:*"))
}

// readCentral returns the address of Central in the super POM that Maven
// carries.
func readCentral(jar string) string {
	z, err := zip.OpenReader(jar)
	if err != nil {
		return ""
	}
	defer z.Close()
	f, err := z.Open("org/apache/maven/model/pom-4.0.0.xml")
	if err != nil {
		return ""
	}
	text, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if errors.Join(err, f.Close()) != nil {
		return ""
	}
	var pom struct {
		Repositories []struct {
			ID  string `xml:"id"`
			URL string `xml:"url"`
		} `xml:"repositories>repository"`
	}
	if xml.Unmarshal(text, &pom) != nil {
		return ""
	}
	for _, r := range pom.Repositories {
		if r.ID == "central" {
			return strings.TrimSpace(r.URL)
		}
	}
	return ""
}
