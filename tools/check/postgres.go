package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
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
	if err := mayInstall("a PostgreSQL server", "postgresql"); err != nil {
		return "", fmt.Errorf("%w; version 15 or newer will do, or name a server in LARDER_TEST_POSTGRES", err)
	}
	if err := refuseCluster("/etc/postgresql-common/createcluster.conf"); err != nil {
		return "", err
	}
	if err := aptGet(ctx, "postgresql"); err != nil {
		return "", err
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
