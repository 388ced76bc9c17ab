package clients

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// Bin returns the directory that goes first in PATH for the named client to
// be the one that runs. It fails t if the client is not installed.
func Bin(t testing.TB, name string) string {
	t.Helper()
	return filepath.Join(Dir(t, name), "bin")
}

// Dir returns the directory of the named client: bin is in it, and
// node_modules for what comes from npm. It fails t if the client is not
// installed.
func Dir(t testing.TB, name string) string {
	t.Helper()
	c, known := Find(name)
	if !known {
		t.Fatalf("there is no client %q", name)
	}
	dir, err := c.Dir()
	if err != nil {
		t.Fatal(err)
	}
	if !c.installed(dir) {
		t.Fatalf(`the client %s is not installed: run "go run ./tools/clients %[1]s"`, name)
	}
	return dir
}

// Dir returns where the client is or will be. Each version has its own
// place, for two checkouts may want two of them at once.
func (c Client) Dir() (string, error) {
	root, err := root()
	if err != nil {
		return "", err
	}
	return filepath.Join(root, c.Name+"-"+c.Version), nil
}

func root() (string, error) {
	if root := os.Getenv("LARDER_CLIENTS"); root != "" {
		if !filepath.IsAbs(root) { // each test runs in a directory of its own
			return "", fmt.Errorf("LARDER_CLIENTS: got %q, want an absolute path", root)
		}
		return root, nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("LARDER_CLIENTS names no directory for the clients: %w", err)
	}
	return filepath.Join(cache, "larder", "clients"), nil
}

// mark is the file whose presence says that an installation is whole. It
// holds the recipe.
const mark = "installed"

// installed reports whether the client in dir is whole and made by the
// recipe of today. A virtual environment whose Python is gone is neither.
func (c Client) installed(dir string) bool {
	made, err := os.ReadFile(filepath.Join(dir, mark))
	if err != nil || string(made) != c.recipe() {
		return false
	}
	if c.from == pip {
		_, err = os.Stat(filepath.Join(dir, "bin", "python"))
	}
	return err == nil
}
