package maven

import (
	"encoding/xml"
	"io"
	"strings"

	"larder.example/larder"
)

// maxMetadata bounds the body of a maven-metadata.xml: that of a hundred
// thousand versions.
const maxMetadata = 16 << 20

// metadata is a maven-metadata.xml as clients send it: about an artifact, one
// of its snapshots, or a group.
type metadata struct {
	XMLName    xml.Name `xml:"metadata"`
	GroupID    string   `xml:"groupId"`
	ArtifactID string   `xml:"artifactId"`
	Version    string   `xml:"version"`
	Versioning struct {
		Latest      string   `xml:"latest"`
		Release     string   `xml:"release"`
		LastUpdated string   `xml:"lastUpdated"`
		Versions    []string `xml:"versions>version"`
		Snapshot    struct {
			Timestamp   string `xml:"timestamp"`
			BuildNumber string `xml:"buildNumber"`
		} `xml:"snapshot"`
		SnapshotVersions []snapshotVersion `xml:"snapshotVersions>snapshotVersion"`
	} `xml:"versioning"`
	Plugins []metadataPlugin `xml:"plugins>plugin"`
}

type snapshotVersion struct {
	variant
	Value string `xml:"value"`
}

// metadataPlugin is a plugin of a group.
type metadataPlugin struct {
	Name       string `json:"name,omitempty" xml:"name"`
	Prefix     string `json:"prefix" xml:"prefix"`
	ArtifactID string `json:"artifactId" xml:"artifactId"`
}

// readMetadata reads what a client sends.
func readMetadata(b io.ReaderAt, size int64) (*metadata, error) {
	var m metadata
	if err := decode(io.NewSectionReader(b, 0, size), &m); err != nil {
		if larder.Invalid.Is(err) {
			return nil, &larder.Error{Kind: larder.Invalid, Message: "The body is no " + metadataFile + ": " + larder.AsError(err).Message + ".", Err: err}
		}
		return nil, err
	}
	m.trim()
	return &m, nil
}

// trim drops the blanks around what is compared.
func (m *metadata) trim() {
	v := &m.Versioning
	texts := []*string{&m.GroupID, &m.ArtifactID, &m.Version, &v.Latest, &v.Release, &v.Snapshot.Timestamp, &v.Snapshot.BuildNumber}
	for i := range v.Versions {
		texts = append(texts, &v.Versions[i])
	}
	for i := range v.SnapshotVersions {
		s := &v.SnapshotVersions[i]
		texts = append(texts, &s.Classifier, &s.Extension, &s.Value)
	}
	for i := range m.Plugins {
		p := &m.Plugins[i]
		texts = append(texts, &p.Name, &p.Prefix, &p.ArtifactID)
	}
	for _, text := range texts {
		*text = strings.TrimSpace(*text)
	}
}

// named are the versions of the artifact that the document names, each once.
func (m *metadata) named() []string {
	seen := map[string]bool{"": true}
	var names []string
	for _, list := range [][]string{{m.Versioning.Release, m.Versioning.Latest}, m.Versioning.Versions} {
		for _, name := range list {
			if !seen[name] && badVersion(name) == "" {
				seen[name], names = true, append(names, name)
			}
		}
	}
	return names
}

// deployed is the version that the document was sent about, or nothing if it
// does not say.
func (m *metadata) deployed() string {
	switch v := &m.Versioning; {
	case v.Release != "":
		return v.Release
	case v.Latest != "":
		return v.Latest
	case len(v.Versions) == 1:
		return v.Versions[0]
	}
	return ""
}

// build is the build of a snapshot that the document is about.
func (m *metadata) build() build {
	return build{timestamp: m.Versioning.Snapshot.Timestamp, number: m.Versioning.Snapshot.BuildNumber}
}
