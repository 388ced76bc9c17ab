package postgres

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
)

// oldest is the first major version that the registry supports.
const oldest = 15

// Binaries returns the directory of the programs of the newest PostgreSQL
// server on this machine.
func Binaries() (string, error) {
	// Debian keeps each version apart and none of them in PATH.
	if dir := newest("/usr/lib/postgresql"); dir != "" {
		return dir, nil
	}
	if initdb, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(initdb), nil
	}
	return "", errors.New("there is no PostgreSQL server on this machine: " +
		`"go run ./tools/check -only postgres" installs one on Debian, LARDER_TEST_POSTGRES names one elsewhere`)
}

// newest returns the bin directory of the highest version below root that
// can make a cluster, or nothing.
func newest(root string) string {
	versions, err := os.ReadDir(root)
	if err != nil {
		return "" // none is installed
	}
	var dir string
	best := oldest - 1
	for _, v := range versions {
		major, err := strconv.Atoi(v.Name())
		if err != nil || major <= best {
			continue
		}
		bin := filepath.Join(root, v.Name(), "bin")
		// The client packages make the directory too.
		if _, err := os.Stat(filepath.Join(bin, "initdb")); err == nil {
			dir, best = bin, major
		}
	}
	return dir
}
