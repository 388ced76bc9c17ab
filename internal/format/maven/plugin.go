package maven

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"larder.example/larder/internal/archive"
	"larder.example/larder/internal/format"
)

// pluginPackaging is the packaging of Maven's plugins.
const pluginPackaging = "maven-plugin"

const (
	descriptorFile = "META-INF/maven/plugin.xml"
	maxDescriptor  = 4 << 20
)

// descriptor is what is kept of a plugin's own descriptor, which the
// maven-plugin-plugin puts into its jar: the manifest of that asset.
type descriptor struct {
	GoalPrefix string `json:"goalPrefix,omitempty" xml:"goalPrefix"`
	Name       string `json:"name,omitempty" xml:"name"`
}

// readDescriptor reads what a jar says of the plugin in it. What is no jar,
// or no plugin's, says nothing: it is kept all the same.
func readDescriptor(b io.ReaderAt, size int64) json.RawMessage {
	var found descriptor
	err := archive.WalkZip(b, size, archive.Limits{}, func(e archive.Entry) error {
		if e.Name != descriptorFile || e.Kind != archive.File {
			return nil
		}
		text, err := e.Bytes(maxDescriptor)
		if err != nil {
			return err
		}
		if err := decode(bytes.NewReader(text), &found); err != nil {
			return err
		}
		return fs.SkipAll
	})
	found.GoalPrefix, found.Name = strings.TrimSpace(found.GoalPrefix), strings.TrimSpace(found.Name)
	if err != nil || found.GoalPrefix == "" || len(found.GoalPrefix) > maxPart || len(found.Name) > maxPart {
		return nil
	}
	text, err := json.Marshal(found)
	if err != nil {
		return nil // of strings alone
	}
	return text
}

// pluginOf returns what a version says of the plugin that it is, if it is one.
func pluginOf(artifact string, v format.Version) (p metadataPlugin, ok bool, err error) {
	m, err := manifestOf(v)
	if err != nil || m.Packaging != pluginPackaging {
		return metadataPlugin{}, false, err
	}
	p = metadataPlugin{Name: m.Name, Prefix: m.GoalPrefix, ArtifactID: artifact}
	var d descriptor
	for _, a := range v.Assets {
		if a.Manifest == nil {
			continue
		}
		if err := json.Unmarshal(a.Manifest, &d); err != nil {
			return p, false, fmt.Errorf("read descriptor in %s: %w", a.Name, err)
		}
	}
	p.Prefix = cmp.Or(d.GoalPrefix, p.Prefix, derivedPrefix(artifact))
	p.Name = cmp.Or(p.Name, d.Name, artifact)
	return p, true, nil
}

// derivedPrefix is the prefix of a plugin that configures none, as the
// maven-plugin-plugin makes it.
func derivedPrefix(artifact string) string {
	if artifact == "maven-plugin-plugin" {
		return "plugin"
	}
	for _, word := range []string{"maven", "plugin"} {
		artifact = dropWord(artifact, word)
	}
	return artifact
}

// dropWord drops a word wherever it is, with the hyphens around it.
func dropWord(s, word string) string {
	for {
		before, after, found := strings.Cut(s, word)
		if !found {
			return s
		}
		s = strings.TrimSuffix(before, "-") + strings.TrimPrefix(after, "-")
	}
}
