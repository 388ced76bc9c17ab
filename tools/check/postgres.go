package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"larder.example/larder/internal/testenv/postgres"
)

// setUpPostgres installs Debian's server where there is none. The tests
// start it themselves.
func setUpPostgres(ctx context.Context) (string, error) {
	if os.Getenv("LARDER_TEST_POSTGRES") != "" {
		return "LARDER_TEST_POSTGRES", nil
	}
	if bin, err := postgres.Binaries(); err == nil {
		return bin, nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil {
		return "", errors.New("this machine has no PostgreSQL server and no apt-get to install one: " +
			"install version 15 or newer, or name a server in LARDER_TEST_POSTGRES")
	}
	if os.Geteuid() != 0 {
		return "", errors.New("this machine has no PostgreSQL server: " +
			`run "sudo apt-get install postgresql", or name a server in LARDER_TEST_POSTGRES`)
	}
	if err := refuseCluster("/etc/postgresql-common/createcluster.conf"); err != nil {
		return "", err
	}
	for _, args := range [][]string{
		{"update", "-q"},
		// The file that we have just written is the one to keep.
		{"install", "-q", "-y", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold", "postgresql"},
	} {
		cmd := command(ctx, "apt-get", args...)
		cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
		if err := silent(cmd); err != nil {
			return "", err
		}
	}
	bin, err := postgres.Binaries()
	return bin + " installed", err
}

// refuseCluster keeps Debian's package from making a cluster that nobody
// asked for. A file that is there already is its owner's word.
func refuseCluster(conf string) error {
	if err := os.MkdirAll(filepath.Dir(conf), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(conf, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(f, "create_main_cluster = false")
	return errors.Join(err, f.Close())
}
