package maven

import (
	"bytes"
	"encoding/xml"
	"slices"
	"strings"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// page is a maven-metadata.xml in the making. It is laid out as Maven does.
type page struct{ b bytes.Buffer }

const xmlHeader = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// element writes an element that holds a text, unless it is empty.
func (p *page) element(indent int, name, text string) {
	if text == "" {
		return
	}
	p.indent(indent)
	p.b.WriteString("<" + name + ">")
	xml.EscapeText(&p.b, []byte(text)) //nolint:errcheck // a buffer never fails
	p.b.WriteString("</" + name + ">\n")
}

// line writes a tag on a line of its own.
func (p *page) line(indent int, tag string) {
	p.indent(indent)
	p.b.WriteString(tag + "\n")
}

func (p *page) indent(n int) { p.b.WriteString("        "[:2*n]) }

// listing is what the metadata of an artifact says: which of its versions are
// listed.
type listing struct {
	group, artifact string
	versions        []order // in order, once sorted
	updated         time.Time
}

// add takes a version into the listing if it is listed.
func (l *listing) add(v format.Version) {
	if v.Status != larder.Published {
		return
	}
	l.versions = append(l.versions, ordered(v.Version))
	if v.PublishedAt.After(l.updated) {
		l.updated = v.PublishedAt
	}
}

// render writes the metadata of an artifact, and of the plugins of the group
// whose path is the same.
func (l *listing) render(plugins []metadataPlugin) []byte {
	slices.SortFunc(l.versions, order.compare)
	var p page
	p.b.WriteString(xmlHeader)
	p.line(0, "<metadata>")
	p.element(1, "groupId", l.group)
	p.element(1, "artifactId", l.artifact)
	p.line(1, "<versioning>")
	p.element(2, "latest", l.versions[len(l.versions)-1].text)
	for _, v := range slices.Backward(l.versions) {
		if !isSnapshot(v.text) {
			p.element(2, "release", v.text)
			break
		}
	}
	p.line(2, "<versions>")
	for _, v := range l.versions {
		p.element(3, "version", v.text)
	}
	p.line(2, "</versions>")
	p.element(2, "lastUpdated", l.updated.UTC().Format("20060102150405"))
	p.line(1, "</versioning>")
	p.plugins(plugins)
	p.line(0, "</metadata>")
	return p.b.Bytes()
}

// plugins writes the plugins of a group, if it has any.
func (p *page) plugins(plugins []metadataPlugin) {
	if len(plugins) == 0 {
		return
	}
	p.line(1, "<plugins>")
	for _, g := range plugins {
		p.line(2, "<plugin>")
		p.element(3, "name", g.Name)
		p.element(3, "prefix", g.Prefix)
		p.element(3, "artifactId", g.ArtifactID)
		p.line(2, "</plugin>")
	}
	p.line(1, "</plugins>")
}

// renderGroup writes the metadata of a group.
func renderGroup(plugins []metadataPlugin) []byte {
	var p page
	p.b.WriteString(xmlHeader)
	p.line(0, "<metadata>")
	p.plugins(plugins)
	p.line(0, "</metadata>")
	return p.b.Bytes()
}

// listBuild writes the metadata of a snapshot that has the files of a build.
// What their classifiers are, the client that deployed them says best.
func listBuild(said *metadata, assets []format.Asset) []byte {
	prefix, _ := snapshotPrefix(said.Version)
	of := said.build()
	stem := said.ArtifactID + "-" + of.version(prefix)
	told := map[string]variant{} // by the name of the file
	for _, s := range said.Versioning.SnapshotVersions {
		told[said.ArtifactID+"-"+s.Value+s.file()] = s.variant
	}
	var p page
	p.b.WriteString(xmlHeader)
	p.line(0, `<metadata modelVersion="1.1.0">`)
	p.element(1, "groupId", said.GroupID)
	p.element(1, "artifactId", said.ArtifactID)
	p.element(1, "version", said.Version)
	p.line(1, "<versioning>")
	p.line(2, "<snapshot>")
	p.element(3, "timestamp", of.timestamp)
	p.element(3, "buildNumber", of.number)
	p.line(2, "</snapshot>")
	p.element(2, "lastUpdated", of.compact())
	p.line(2, "<snapshotVersions>")
	for _, a := range assets {
		rest, ok := strings.CutPrefix(a.Name, stem)
		if !ok || rest == "" {
			continue
		}
		v, ok := told[a.Name]
		if !ok {
			v = guess(rest)
		}
		p.line(3, "<snapshotVersion>")
		p.element(4, "classifier", v.Classifier)
		p.element(4, "extension", v.Extension)
		p.element(4, "value", of.version(prefix))
		p.element(4, "updated", of.compact())
		p.line(3, "</snapshotVersion>")
	}
	p.line(2, "</snapshotVersions>")
	p.line(1, "</versioning>")
	p.line(0, "</metadata>")
	return p.b.Bytes()
}
