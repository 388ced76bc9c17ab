package maven

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"larder.example/larder/internal/format"
)

// manifest is what is kept of a version's POM: enough to make the facts of a
// snapshot of those of its build.
type manifest struct {
	Packaging    string              `json:"packaging"`
	GoalPrefix   string              `json:"goalPrefix,omitempty"`
	Name         string              `json:"name,omitempty"`
	Description  string              `json:"description,omitempty"`
	URL          string              `json:"url,omitempty"`
	SCM          string              `json:"scm,omitempty"`
	Licenses     []format.License    `json:"licenses,omitempty"`
	Dependencies []format.Dependency `json:"dependencies,omitempty"`
}

func manifestOf(v format.Version) (m manifest, err error) {
	if v.Manifest == nil {
		return m, nil
	}
	if err := json.Unmarshal(v.Manifest, &m); err != nil {
		return m, fmt.Errorf("read manifest of version %s: %w", v.Version, err)
	}
	return m, nil
}

// facts are the manifest's of a version.
func (m manifest) facts(group, artifact, version string) (*format.Facts, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("keep manifest of version %s: %w", version, err)
	}
	return &format.Facts{
		Namespace: group, Name: artifact, Version: version,
		DisplayName: m.Name, Summary: m.Description, HomePage: m.URL, SourceRepository: m.SCM,
		Licenses: m.Licenses, Dependencies: m.Dependencies,
		Manifest: text,
	}, nil
}

// inspect implements format.Format's Inspect: a POM says what is known of its
// version, other files say nothing about it.
func inspect(asset string, b io.ReaderAt, size int64) (format.Facts, error) {
	if !strings.HasSuffix(asset, ".pom") {
		return format.Facts{}, nil
	}
	p, err := readPOM(b, size)
	if err != nil {
		return format.Facts{}, err
	}
	facts, err := p.manifest().facts(p.GroupID, p.ArtifactID, p.Version)
	if err != nil {
		return format.Facts{}, err
	}
	return *facts, nil
}
