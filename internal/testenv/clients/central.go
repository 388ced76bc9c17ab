package clients

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// The clients of Maven Central are fetched by the machine's mvn with its own
// settings, into packages below the client's directory. Those that fetch
// plugins and libraries before they do anything are run once on a project of
// the directory seed, which needs what the stories' projects will, so that
// what they fetch is kept below the client's directory too: a story has a
// HOME of its own, and nothing but a registry of its own to ask.

// copyGoal is what mvn is told to fetch a file with.
const copyGoal = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"

// installCentral fetches packages, GROUP:ARTIFACT:VERSION:TYPE[:CLASSIFIER],
// and unpacks what is an archive.
func (c Client) installCentral(ctx context.Context, dir string) error {
	packages := filepath.Join(dir, "packages")
	for _, p := range c.packages {
		if _, err := run(ctx, dir, "mvn", "-B", "-q", copyGoal, "-Dartifact="+p, "-DoutputDirectory="+packages); err != nil {
			return err
		}
	}
	archives, err := filepath.Glob(filepath.Join(packages, "*.tar.gz"))
	if err != nil {
		return err
	}
	for _, a := range archives {
		if _, err := run(ctx, dir, "tar", "-xzf", a); err != nil {
			return err
		}
		if err := os.Remove(a); err != nil {
			return err
		}
	}
	return nil
}

//go:embed all:seed
var seeds embed.FS

// seeded is a run of a client on a project of seed. $CLIENT in the command is
// the client's directory.
type seeded struct {
	project string
	command []string
}

// run makes the client fetch what it needs.
func (s seeded) run(ctx context.Context, dir string) (err error) {
	if s.project == "" {
		return nil
	}
	work, err := os.MkdirTemp("", "larder-seed-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	project, err := fs.Sub(seeds, "seed/"+s.project)
	if err != nil {
		return err
	}
	if err := os.CopyFS(work, project); err != nil {
		return err
	}
	command := make([]string, len(s.command))
	for i, word := range s.command {
		command[i] = os.Expand(word, func(name string) string {
			return map[string]string{"CLIENT": dir, "WORK": work}[name]
		})
	}
	_, err = run(ctx, work, command[0], command[1:]...)
	return err
}

// recipe is the run as text, with all that is in the project.
func (s seeded) recipe() string {
	if s.project == "" {
		return ""
	}
	sum := sha256.New()
	err := fs.WalkDir(seeds, "seed/"+s.project, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := seeds.ReadFile(path)
		fmt.Fprintf(sum, "%s %d %s\n", path, len(text), text)
		return err
	})
	if err != nil {
		return err.Error() // of a project that is not there: its run fails
	}
	return strings.Join(s.command, " ") + " " + hex.EncodeToString(sum.Sum(nil)) + "\n"
}
