package mirror

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"strings"

	"larder.example/larder"
)

// pom is what a POM says that leads to other POMs, without which a build
// cannot read it.
type pom struct {
	GroupID    string     `xml:"groupId"`
	ArtifactID string     `xml:"artifactId"`
	Version    string     `xml:"version"`
	Packaging  string     `xml:"packaging"`
	Parent     *artifact  `xml:"parent"`
	Managed    []artifact `xml:"dependencyManagement>dependencies>dependency"`
	Properties properties `xml:"properties"`

	err error
}

type artifact struct {
	GroupID    string `xml:"groupId"`
	ArtifactID string `xml:"artifactId"`
	Version    string `xml:"version"`
	Type       string `xml:"type"`
	Scope      string `xml:"scope"`
}

type properties map[string]string

// UnmarshalXML implements [xml.Unmarshaler].
func (p *properties) UnmarshalXML(d *xml.Decoder, start xml.StartElement) error {
	var all struct {
		Each []struct {
			XMLName xml.Name
			Value   string `xml:",chardata"`
		} `xml:",any"`
	}
	if err := d.DecodeElement(&all, &start); err != nil {
		return err
	}
	*p = properties{}
	for _, e := range all.Each {
		(*p)[e.XMLName.Local] = strings.TrimSpace(e.Value)
	}
	return nil
}

// maven fetches an artifact, its POM, and the POMs that this one cannot be
// read without: its parents, and what they import.
func (f *Fetcher) maven(ctx context.Context, i Item) (Result, error) {
	p, total, err := f.pom(ctx, i.Namespace, i.Name, i.Version, 0)
	if err != nil {
		return total, err
	}
	if p.Packaging == "maven-plugin" {
		r, err := f.prefixes(ctx, i.Namespace)
		total.add(r)
		if err != nil {
			return total, err
		}
	}
	classifier, ext := suffix(i, p)
	if ext == "" {
		return total, nil
	}
	name := i.Name + "-" + i.Version
	if classifier != "" {
		name += "-" + classifier
	}
	r, err := f.download(ctx, larder.Maven, f.file(i.Namespace, i.Name, i.Version, name+"."+ext), nil)
	total.add(r)
	if err != nil || i.Type != "" {
		return total, err
	}
	// Gradle reads this in the place of the POM where it is.
	r, err = f.download(ctx, larder.Maven, f.file(i.Namespace, i.Name, i.Version, name+".module"), nil)
	total.add(r)
	if absent(err) {
		err = nil
	}
	return total, err
}

// prefixes fetches what names the plugins of a group, once: Maven finds none
// by its prefix without it.
func (f *Fetcher) prefixes(ctx context.Context, group string) (Result, error) {
	f.mu.Lock()
	known := f.groups[group]
	f.groups[group] = true
	f.mu.Unlock()
	if known {
		return Result{}, nil
	}
	r, err := f.download(ctx, larder.Maven, f.at(larder.Maven, append(strings.Split(group, "."), "maven-metadata.xml")...), nil)
	if absent(err) {
		err = nil
	}
	return r, err
}

func (f *Fetcher) file(group, artifact, version, name string) string {
	return f.at(larder.Maven, append(strings.Split(group, "."), artifact, version, name)...)
}

// suffix returns the classifier and the extension of the file of an artifact;
// no extension if it has none but its POM.
func suffix(i Item, p *pom) (classifier, ext string) {
	kind := i.Type
	if kind == "" {
		kind = p.Packaging
	}
	switch kind {
	case "pom":
		return "", ""
	case "test-jar":
		return "tests", "jar"
	case "java-source":
		return "sources", "jar"
	case "javadoc":
		return "javadoc", "jar"
	case "", "jar", "maven-plugin", "maven-archetype", "maven-extension", "ejb", "bundle", "eclipse-plugin", "hk2-jar":
		return i.Classifier, "jar"
	}
	return i.Classifier, kind
}

// deepest is how many POMs may lead to one another.
const deepest = 50

// pom fetches a POM and what it cannot be read without, each once.
func (f *Fetcher) pom(ctx context.Context, group, name, version string, depth int) (*pom, Result, error) {
	if depth > deepest {
		return nil, Result{}, errors.New("its parents lead to one another")
	}
	path := f.file(group, name, version, name+"-"+version+".pom")
	f.mu.Lock()
	p, known := f.known[path]
	f.mu.Unlock()
	if known {
		return p, Result{}, p.err
	}
	p = &pom{}
	total, err := f.readPOM(ctx, path, p)
	if err == nil {
		var r Result
		r, err = f.leads(ctx, p, depth)
		total.add(r)
	}
	if err != nil {
		err = fmt.Errorf("%s:%s:%s: %w", group, name, version, err)
	}
	p.err = err
	f.mu.Lock()
	f.known[path] = p
	f.mu.Unlock()
	return p, total, err
}

func (f *Fetcher) readPOM(ctx context.Context, address string, p *pom) (r Result, err error) {
	err = f.get(ctx, larder.Maven, address, "", func(body io.Reader) error {
		counted := &counter{r: body}
		if err := decodePOM(counted, p); err != nil {
			return err
		}
		_, err := io.Copy(io.Discard, counted)
		r = Result{Files: 1, Bytes: counted.n}
		return err
	})
	return r, err
}

// counter counts what is read.
type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(b []byte) (int, error) {
	n, err := c.r.Read(b)
	c.n += int64(n)
	return n, err
}

func decodePOM(r io.Reader, p *pom) error {
	d := xml.NewDecoder(r)
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil } // names are ASCII
	d.Strict = false
	*p = pom{}
	if err := d.Decode(p); err != nil {
		return fmt.Errorf("read a POM: %w", err)
	}
	return nil
}

// leads fetches the parent of a POM and what it imports, and makes what the
// parent says its own.
func (f *Fetcher) leads(ctx context.Context, p *pom, depth int) (total Result, err error) {
	if a := p.Parent; a != nil {
		parent, r, err := f.pom(ctx, strings.TrimSpace(a.GroupID), strings.TrimSpace(a.ArtifactID), strings.TrimSpace(a.Version), depth+1)
		total.add(r)
		if err != nil {
			return total, err
		}
		p.inherit(parent)
	}
	for _, a := range p.imports() {
		_, r, err := f.pom(ctx, a.GroupID, a.ArtifactID, a.Version, depth+1)
		total.add(r)
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// leadsTo returns the parent and what is imported.
func (p *pom) leadsTo() []artifact {
	all := p.imports()
	if a := p.Parent; a != nil && !strings.Contains(a.Version, "${") {
		all = append(all, artifact{GroupID: strings.TrimSpace(a.GroupID), ArtifactID: strings.TrimSpace(a.ArtifactID), Version: strings.TrimSpace(a.Version)})
	}
	return all
}

// imports returns the POMs that are imported, but for those of which nobody
// but Maven knows the version.
func (p *pom) imports() (all []artifact) {
	for _, m := range p.Managed {
		a := artifact{GroupID: p.value(m.GroupID), ArtifactID: p.value(m.ArtifactID), Version: p.value(m.Version)}
		if p.value(m.Scope) == "import" && p.value(m.Type) == "pom" && a.Version != "" && !strings.Contains(a.Version, "${") {
			all = append(all, a)
		}
	}
	return all
}

func (p *pom) inherit(parent *pom) {
	if p.GroupID == "" {
		p.GroupID = parent.GroupID
	}
	if p.Version == "" {
		p.Version = parent.Version
	}
	all := properties{}
	maps.Copy(all, parent.Properties)
	maps.Copy(all, p.Properties)
	p.Properties = all
}

// value returns a text with its properties in their places.
func (p *pom) value(text string) string {
	text = strings.TrimSpace(text)
	for range 10 { // properties may be of properties
		if !strings.Contains(text, "${") {
			break
		}
		text = os.Expand(text, p.property)
	}
	return text
}

func (p *pom) property(name string) string {
	if v, found := p.Properties[name]; found {
		return v
	}
	switch name {
	case "project.version", "pom.version", "version":
		return p.Version
	case "project.groupId", "pom.groupId", "groupId":
		return p.GroupID
	case "project.parent.version":
		if p.Parent != nil {
			return p.Parent.Version
		}
	}
	return "${" + name + "}"
}
