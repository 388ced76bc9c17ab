package maven

import (
	"encoding/xml"
	"io"
	"slices"
	"strings"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// maxPOM bounds a POM that is read. The largest of Maven Central, which list
// all that a platform is made of, have about a megabyte.
const maxPOM = 4 << 20

// pom is what is read of a POM: of itself alone, never of its parents.
type pom struct {
	XMLName xml.Name `xml:"project"`
	coordinates
	Parent      coordinates `xml:"parent"`
	Packaging   string      `xml:"packaging"`
	Name        string      `xml:"name"`
	Description string      `xml:"description"`
	URL         string      `xml:"url"`
	Properties  properties  `xml:"properties"`
	Licenses    []struct {
		Name string `xml:"name"`
		URL  string `xml:"url"`
	} `xml:"licenses>license"`
	SCM struct {
		URL        string `xml:"url"`
		Connection string `xml:"connection"`
	} `xml:"scm"`
	Dependencies []dependency `xml:"dependencies>dependency"`
	Plugins      []plugin     `xml:"build>plugins>plugin"`

	written coordinates // before the values of properties were put in
}

type coordinates struct {
	GroupID    string `xml:"groupId"`
	ArtifactID string `xml:"artifactId"`
	Version    string `xml:"version"`
}

type dependency struct {
	coordinates
	Scope    string `xml:"scope"`
	Optional string `xml:"optional"`
}

type plugin struct {
	ArtifactID string `xml:"artifactId"`
	GoalPrefix string `xml:"configuration>goalPrefix"`
}

// readPOM reads a POM and puts the values of its own properties in.
func readPOM(b io.ReaderAt, size int64) (*pom, error) {
	if size > maxPOM {
		return nil, larder.Errorf(larder.Invalid, "The POM is larger than %d MiB.", maxPOM>>20)
	}
	var p pom
	if err := decode(io.NewSectionReader(b, 0, size), &p); err != nil {
		if larder.Invalid.Is(err) {
			return nil, &larder.Error{Kind: larder.Invalid, Message: "The POM cannot be read: " + larder.AsError(err).Message + ".", Err: err}
		}
		return nil, err
	}
	p.inherit()
	p.written = p.coordinates
	p.expand()
	return &p, nil
}

// inherit takes from the parent's coordinates what Maven takes.
func (p *pom) inherit() {
	for _, text := range p.texts() {
		*text = strings.TrimSpace(*text)
	}
	if p.GroupID == "" {
		p.GroupID = p.Parent.GroupID
	}
	if p.Version == "" {
		p.Version = p.Parent.Version
	}
	if p.Packaging == "" {
		p.Packaging = "jar"
	}
}

// texts are all that a property may be in.
func (p *pom) texts() []*string {
	texts := []*string{
		&p.GroupID, &p.ArtifactID, &p.Version, &p.Parent.GroupID, &p.Parent.ArtifactID, &p.Parent.Version,
		&p.Packaging, &p.Name, &p.Description, &p.URL, &p.SCM.URL, &p.SCM.Connection,
	}
	for i := range p.Licenses {
		texts = append(texts, &p.Licenses[i].Name, &p.Licenses[i].URL)
	}
	for i := range p.Dependencies {
		d := &p.Dependencies[i]
		texts = append(texts, &d.GroupID, &d.ArtifactID, &d.Version, &d.Scope, &d.Optional)
	}
	for i := range p.Plugins {
		texts = append(texts, &p.Plugins[i].ArtifactID, &p.Plugins[i].GoalPrefix)
	}
	return texts
}

// expand puts the values of properties in.
func (p *pom) expand() {
	known := p.Properties.values
	if known == nil {
		known = map[string]string{}
	}
	for name, value := range map[string]string{
		"groupId": p.GroupID, "artifactId": p.ArtifactID, "version": p.Version, "packaging": p.Packaging, "name": p.Name, "url": p.URL,
		"parent.groupId": p.Parent.GroupID, "parent.artifactId": p.Parent.ArtifactID, "parent.version": p.Parent.Version,
	} {
		known["project."+name], known["pom."+name] = value, value
	}
	for _, text := range p.texts() {
		*text = expand(*text, known)
	}
}

// check refuses the POM of another version than its path's. What is written
// with a property may be anything: mvn -Drevision=2 deploys a POM that says 1.
func (p *pom) check(at place, build string) error {
	for _, test := range []struct {
		what, written, says string
		allowed             []string
	}{
		{"group ID", p.written.GroupID, p.GroupID, []string{at.group}},
		{"artifact ID", p.written.ArtifactID, p.ArtifactID, []string{at.artifact}},
		{"version", p.written.Version, p.Version, []string{at.version, build}},
	} {
		if !strings.Contains(test.written, "${") && !slices.Contains(test.allowed, test.says) {
			return larder.Errorf(larder.Invalid, "The POM %s is of another artifact: its %s is %.80q.", at.file, test.what, test.says)
		}
	}
	return nil
}

// manifest is what is kept of the POM.
func (p *pom) manifest() manifest {
	m := manifest{
		Packaging: p.Packaging, Name: p.Name, Description: p.Description, URL: p.URL, SCM: p.SCM.URL,
	}
	if m.SCM == "" {
		m.SCM = p.SCM.Connection
	}
	for _, l := range p.Licenses {
		m.Licenses = append(m.Licenses, format.License{Name: l.Name, URL: l.URL})
	}
	if p.Parent.ArtifactID != "" {
		m.Dependencies = append(m.Dependencies, format.Dependency{
			Namespace: p.Parent.GroupID, Name: p.Parent.ArtifactID, Type: "parent", Requirement: p.Parent.Version,
		})
	}
	for _, d := range p.Dependencies {
		m.Dependencies = append(m.Dependencies, format.Dependency{
			Namespace: d.GroupID, Name: d.ArtifactID, Type: d.kind(), Requirement: d.Version,
		})
	}
	if p.Packaging == pluginPackaging {
		m.GoalPrefix = p.goalPrefix()
	}
	return m
}

// kind is the API's word for a dependency.
func (d dependency) kind() string {
	switch {
	case d.Optional == "true":
		return "optional"
	case d.Scope == "":
		return "compile"
	}
	return d.Scope
}

// goalPrefix is what the POM configures, or nothing.
func (p *pom) goalPrefix() string {
	for _, g := range p.Plugins {
		if g.ArtifactID == "maven-plugin-plugin" && g.GoalPrefix != "" && !strings.Contains(g.GoalPrefix, "${") {
			return g.GoalPrefix
		}
	}
	return ""
}
