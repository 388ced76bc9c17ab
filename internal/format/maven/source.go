package maven

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"larder.example/larder"
	"larder.example/larder/internal/format"
)

// public reads Maven Central and its like. What files a version has no
// document tells: only asking for one does.
var public = format.Source{
	Connections: []string{
		"public:maven-central", "public:maven-googleandroid", "public:maven-gradleplugins",
		"public:maven-commonsware", "public:maven-clojars",
	},
	Index: func(p larder.PackageRef) format.Request {
		return format.Request{URL: directory(p) + metadataFile}
	},
	Read:   readPublic,
	File:   publicFile,
	ByName: true,

	// SHA-1 is the one that every repository has; others are rare.
	Sidecar: func(url string) string { return url + ".sha1" },
	ReadSidecar: func(text []byte) (sums format.Sums) {
		sha1 := &algorithms[1]
		if fields := strings.Fields(string(text)); len(fields) > 0 && sha1.wellFormed(strings.ToLower(fields[0])) {
			sums.SHA1 = strings.ToLower(fields[0])
		}
		return sums
	},

	Usual: func(v larder.VersionRef) []string {
		stem := v.Package.Name + "-" + v.Version
		return []string{stem + ".pom", stem + ".jar", stem + "-sources.jar", stem + "-javadoc.jar"}
	},
}

// directory is where a repository has an artifact.
func directory(p larder.PackageRef) string {
	return strings.ReplaceAll(p.Namespace, ".", "/") + "/" + p.Name + "/"
}

// publicFile is where a repository has a file. Snapshots never come from
// public ones.
func publicFile(base string, a larder.AssetRef, _ *format.Asset) format.Request {
	v := a.Version
	if isSnapshot(v.Version) || badVersion(v.Version) != "" || badFile(a.Name) != "" || a.Name == metadataFile {
		return format.Request{}
	}
	return format.Request{URL: base + directory(v.Package) + v.Version + "/" + a.Name}
}

// readPublic reads the metadata of an artifact, or of the group whose path is
// the same: its plugins become the package's remark. When versions were
// published it does not say.
func readPublic(doc format.Document, p larder.PackageRef) (*format.Package, error) {
	var m metadata
	if err := decode(io.NewSectionReader(doc, 0, doc.Size), &m); err != nil {
		return nil, err
	}
	m.trim()
	if m.GroupID != "" && m.GroupID != p.Namespace || m.ArtifactID != "" && m.ArtifactID != p.Name {
		return nil, larder.Errorf(larder.Invalid, "The document is about %.255s:%.255s, not %s.", m.GroupID, m.ArtifactID, p)
	}
	names := m.named()
	if len(names) == 0 && len(m.Plugins) == 0 {
		return nil, nothing(p.String())
	}
	pkg := &format.Package{Ref: p, Tags: map[string]string{}}
	if len(m.Plugins) > 0 {
		remark, err := json.Marshal(m.Plugins)
		if err != nil {
			return nil, fmt.Errorf("note the plugins of group %s.%s: %w", p.Namespace, p.Name, err)
		}
		pkg.Remarks = []json.RawMessage{remark}
	}
	if at, err := time.Parse("20060102150405", strings.TrimSpace(m.Versioning.LastUpdated)); err == nil {
		pkg.ChangedAt = at
	}
	pkg.Versions = func(yield func(format.Version, error) bool) {
		for _, name := range names {
			if !isSnapshot(name) && !yield(format.Version{Version: name, Status: larder.Published}, nil) {
				return
			}
		}
	}
	return pkg, nil
}
