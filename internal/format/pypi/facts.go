package pypi

import (
	"io"
	"strings"
	"unicode/utf8"

	"larder.example/larder/internal/format"
)

const (
	// maxReadme is how much of a description is kept as the README.
	maxReadme = 1 << 20

	// maxLicense is from where on the field License holds the licence's text
	// and not its name, as in projects of old it often did.
	maxLicense = 100
)

// inspect reads what a wheel or an sdist says about itself.
func inspect(asset string, b io.ReaderAt, size int64) (format.Facts, error) {
	name, err := parseFilename(asset)
	if err != nil {
		return format.Facts{}, err
	}
	d, err := readDistribution(name, b, size)
	if err != nil {
		return format.Facts{}, err
	}
	return d.facts(), nil
}

// facts tells what core metadata says.
func (m *metadata) facts() format.Facts {
	return format.Facts{
		Name:             normalize(m.name),
		Version:          m.version.String(),
		DisplayName:      m.name,
		Summary:          strings.Join(strings.Fields(m.first("summary")), " "),
		HomePage:         m.homePage(),
		SourceRepository: m.projectURL("source", "repository", "sourcecode", "github"),
		Licenses:         m.licenses(),
		Dependencies:     m.dependencies(),
		Readme:           []byte(truncate(m.description(), maxReadme)),
	}
}

// homePage is Home-page, or the project URL that took its place.
func (m *metadata) homePage() string {
	if url := webPage(m.first("home-page")); url != "" {
		return url
	}
	return m.projectURL("homepage")
}

// projectURL is the first project URL that has one of the well-known labels,
// which are compared without punctuation, white space and case ("Well-known
// Project URLs in Metadata").
func (m *metadata) projectURL(labels ...string) string {
	for _, wanted := range labels {
		for _, value := range m.all("project-url") {
			label, url, _ := strings.Cut(value, ",")
			if bareLabel(label) != wanted {
				continue
			}
			if url = webPage(strings.TrimSpace(url)); url != "" {
				return url
			}
		}
	}
	return ""
}

func bareLabel(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= 0x80 || isAlphanumeric(byte(r)) {
			return r
		}
		return -1
	}, strings.ToLower(s))
}

// webPage returns url if a browser may be sent there.
func webPage(url string) string {
	start := strings.ToLower(url)
	if strings.HasPrefix(start, "https://") || strings.HasPrefix(start, "http://") {
		return url
	}
	return ""
}

// licenses is the licence expression (PEP 639), or what came before it: a
// field that holds a name or a text, and classifiers.
func (m *metadata) licenses() []format.License {
	if expression := m.first("license-expression"); expression != "" {
		return []format.License{{Name: expression}}
	}
	var all []format.License
	if name := m.first("license"); name != "" && len(name) <= maxLicense && !strings.Contains(name, "\n") {
		all = append(all, format.License{Name: name})
	}
	for _, classifier := range m.all("classifier") {
		path := strings.Split(classifier, "::")
		if len(path) < 2 || strings.TrimSpace(path[0]) != "License" {
			continue
		}
		l := format.License{Name: strings.TrimSpace(path[len(path)-1])}
		if l.Name != "OSI Approved" && (len(all) == 0 || all[0] != l) {
			all = append(all, l)
		}
	}
	return all
}

// dependencies lists Requires-Dist by normal names, which is what the API
// wants to be asked about.
func (m *metadata) dependencies() []format.Dependency {
	var all []format.Dependency
	for _, value := range m.all("requires-dist") {
		name, requirement := cutRequirement(strings.Join(strings.Fields(value), " "))
		if isName(name) {
			all = append(all, format.Dependency{Name: normalize(name), Type: "Requires-Dist", Requirement: requirement})
		}
	}
	return all
}

// cutRequirement cuts a requirement (PEP 508) into the name and all that is
// demanded of it: extras, versions, a URL, markers.
func cutRequirement(s string) (name, demand string) {
	i := 0
	for i < len(s) && (isAlphanumeric(s[i]) || isSeparator(s[i])) {
		i++
	}
	return s[:i], strings.TrimSpace(s[i:])
}

// truncate cuts s to n bytes or fewer, between characters.
func truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
