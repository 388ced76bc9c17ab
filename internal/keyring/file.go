package keyring

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const (
	ownerOnly fs.FileMode = 0o600

	// credentialMode is wider because systemd lets the service's user in by
	// an access list, whose mask a file's mode shows as the group's bits: 0440
	// is what a credential looks like to a service with User=.
	credentialMode fs.FileMode = 0o640
)

// readSecret reads a small file that nobody else may read.
func readSecret(path string, allowed fs.FileMode) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if mode := info.Mode().Perm(); mode&^allowed != 0 {
		return nil, fmt.Errorf("%s has mode %04o, so that others may read or change it: chmod 0600 it", path, mode)
	}
	const most = 1 << 20
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && len(b) > most {
		err = fmt.Errorf("%s is too large to be a key file", path)
	}
	return b, err
}

// writeSecret replaces a file by one that only the owner may read. When it
// returns the file is durable; until then the old one is.
func writeSecret(path string, b []byte) error {
	// A fixed name, so that a crash leaves one such file at most.
	temp := path + ".new"
	if err := os.Remove(temp); err != nil && !os.IsNotExist(err) {
		return err
	}
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, ownerOnly)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp)
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes the names in a directory durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if e := d.Close(); err == nil {
		err = e
	}
	return err
}
