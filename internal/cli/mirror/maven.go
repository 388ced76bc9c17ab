package mirror

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"larder.example/larder"
)

// mavenNode is an artifact of what dependency:tree -DoutputType=json writes.
type mavenNode struct {
	GroupID, ArtifactID, Version, Type, Classifier string
	Children                                       []mavenNode
}

func readMavenTree(l *Lock, b []byte) error {
	var project mavenNode
	if err := json.Unmarshal(b, &project); err != nil {
		return fmt.Errorf("read the dependency tree: %w", err)
	}
	var below func([]mavenNode)
	below = func(all []mavenNode) {
		for _, n := range all {
			l.maven(n.GroupID, n.ArtifactID, n.Type, n.Classifier, n.Version)
			below(n.Children)
		}
	}
	below(project.Children) // the project itself is being built
	return nil
}

func (l *Lock) maven(group, artifact, kind, classifier, version string) {
	l.Items = append(l.Items, Item{
		Format: larder.Maven, Namespace: group, Name: artifact, Version: version, Type: kind, Classifier: classifier,
	})
}

// readProject reads a pom.xml of what is built: no tree of its dependencies has
// its parent and what it imports.
func readProject(l *Lock, b []byte) error {
	var p pom
	if err := decodePOM(bytes.NewReader(b), &p); err != nil {
		return err
	}
	for _, a := range p.leadsTo() {
		l.maven(a.GroupID, a.ArtifactID, "pom", "", a.Version)
	}
	return nil
}

// coordinates are what Maven writes of an artifact, at most with a classifier
// and a scope. A project stands at the beginning of its line.
var coordinates = pattern(`(?m)(^(?:\[INFO\] )?|[ "])((?:[\w.-]+:){3,5}[\w.-]+)`)

// readMavenText reads what dependency:tree, dependency:list and
// dependency:resolve-plugins write, in a file or between other lines.
func readMavenText(l *Lock, b []byte) error {
	dot := strings.Contains(string(b), "digraph ")
	projects := map[string]bool{}
	var found [][]string
	for _, m := range coordinates().FindAllStringSubmatch(string(b), -1) {
		parts := strings.Split(m[2], ":")
		if len(parts) == 4 && (dot || m[1] == "" || m[1] == "[INFO] ") {
			projects[m[2]] = true
			continue
		}
		found = append(found, parts)
	}
	for _, p := range found {
		if projects[strings.Join(p[:4], ":")] {
			continue // of another module of the same build
		}
		kind, classifier, version := p[2], "", p[3]
		if len(p) == 6 || len(p) == 5 && !scopes[p[4]] {
			classifier, version = p[3], p[4]
		}
		l.maven(p[0], p[1], kind, classifier, version)
	}
	return nil
}

// scopes are those of Maven, which stand behind a version.
var scopes = map[string]bool{"compile": true, "provided": true, "runtime": true, "test": true, "system": true, "import": true}

// readGradle reads gradle.lockfile, which says of a file nothing but where it
// belongs.
func readGradle(l *Lock, b []byte) error {
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "empty=") {
			continue
		}
		name, _, _ := strings.Cut(line, "=")
		parts := strings.Split(name, ":")
		if len(parts) != 3 {
			return fmt.Errorf("%q is no line of gradle.lockfile", line)
		}
		l.maven(parts[0], parts[1], "", "", parts[2])
	}
	return nil
}
