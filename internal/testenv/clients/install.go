package clients

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/lockedfile"
)

// Install puts the client in its place unless it is there, and reports
// whether it had to. Several processes may do so at once; what one of them
// left half done is done again.
func (c Client) Install(ctx context.Context) (fresh bool, err error) {
	dir, err := c.Dir()
	if err != nil {
		return false, err
	}
	if c.installed(dir) {
		return false, nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return false, err
	}
	unlock, err := lockedfile.MutexAt(dir + ".lock").Lock()
	if err != nil {
		return false, err
	}
	defer unlock()
	if c.installed(dir) { // by whom we waited for
		return false, nil
	}
	if err := c.install(ctx, dir); err != nil {
		return false, fmt.Errorf("install %s: %w", c, err)
	}
	return true, nil
}

// install works in place and marks it last: a virtual environment cannot be
// moved.
func (c Client) install(ctx context.Context, dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o755); err != nil {
		return err
	}
	var err error
	switch c.from {
	case npm:
		err = c.installNPM(ctx, dir)
	case pip:
		err = c.installPip(ctx, dir)
	case central:
		err = c.installCentral(ctx, dir)
	case machine:
		err = linkRust(ctx, dir)
	}
	if err != nil {
		return err
	}
	for _, p := range c.bin {
		if err := p.link(dir); err != nil {
			return err
		}
	}
	if err := c.seed.run(ctx, dir); err != nil {
		return err
	}
	if err := c.verify(ctx, dir); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, mark), []byte(c.recipe()), 0o644)
}

// installNPM runs no scripts of the packages: none of these clients needs
// them, and some would download what no registry serves.
func (c Client) installNPM(ctx context.Context, dir string) error {
	args := append([]string{
		"install", "--prefix", dir, "--ignore-scripts", "--legacy-peer-deps",
		"--no-save", "--no-package-lock", "--no-audit", "--no-fund", "--no-update-notifier",
	}, c.packages...)
	if _, err := run(ctx, dir, "npm", args...); err != nil {
		return err
	}
	if c.unpack == (archived{}) {
		return nil
	}
	if err := c.unpack.into(dir); err != nil {
		return err
	}
	return os.RemoveAll(filepath.Join(dir, "node_modules"))
}

// installPip lets the machine's pip install into an environment that has
// none of its own: making one would take most of the time.
func (c Client) installPip(ctx context.Context, dir string) error {
	if _, err := run(ctx, dir, "python3", "-m", "venv", "--without-pip", dir); err != nil {
		return err
	}
	python := filepath.Join(dir, "bin", "python")
	args := append([]string{
		"-m", "pip", "--python", python, "install",
		"--quiet", "--no-input", "--disable-pip-version-check",
	}, c.packages...)
	_, err := run(ctx, dir, "python3", args...)
	return err
}

func (p program) link(dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, filepath.FromSlash(p.file)))
	if err != nil {
		return err
	}
	if len(files) != 1 {
		return fmt.Errorf("%s: got %d files, want one", p.file, len(files))
	}
	target, err := filepath.Rel(filepath.Join(dir, "bin"), files[0])
	if err != nil {
		return err
	}
	return os.Symlink(target, filepath.Join(dir, "bin", p.name))
}

// verify asks the client for its version, so that what is marked as
// installed has run once.
func (c Client) verify(ctx context.Context, dir string) error {
	program := filepath.Join(dir, "bin", c.says[0])
	if _, err := os.Lstat(program); err != nil {
		program = c.says[0] // an SDK runs on the machine's
	}
	out, err := run(ctx, dir, program, c.says[1:]...)
	if err != nil {
		return err
	}
	if !strings.Contains(out, c.Version) {
		return fmt.Errorf("%s: got version %q, want %s", strings.Join(c.says, " "), out, c.Version)
	}
	return nil
}

// run returns what the command prints on both its outputs.
func run(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	cmd.WaitDelay = 5 * time.Second // for what it started and did not end
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out)), nil
}
