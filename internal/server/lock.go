package server

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

var errInUse = errors.New("is in use")

// lockDir makes a data directory (0700) if need be and keeps every other
// process out of it until the file that it returns is closed. The lock goes
// with the process, however that ends.
func lockDir(dir string) (*os.File, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, unusable(err)
	}
	if err := refuseNetwork(dir); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, unusable(err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		holder := "another process"
		if pid, err := io.ReadAll(io.LimitReader(f, 32)); err == nil && len(pid) > 0 {
			holder = "process " + strings.TrimSpace(string(pid))
		}
		return nil, errors.Join(fmt.Errorf("the data directory %s %w by %s: stop it, or name another directory with --data", dir, errInUse, holder), f.Close())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", f.Name(), err), f.Close())
	}
	err = f.Truncate(0)
	if err == nil {
		_, err = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// unusable says what to do about a data directory that cannot be made or
// written to.
func unusable(err error) error {
	return fmt.Errorf("the data directory cannot be used: %w: name another with --data", err)
}

// refuseNetwork refuses filesystems on which neither SQLite's log nor the
// lock can be relied upon.
func refuseNetwork(dir string) error {
	network, err := onNetwork(dir)
	if err != nil {
		return fmt.Errorf("look at the filesystem of %s: %w", dir, err)
	}
	if network {
		return fmt.Errorf("the data directory %s is on a network filesystem, where a database cannot be kept safely: name a local one with --data", dir)
	}
	return nil
}
