package server

import "golang.org/x/sys/unix"

// onNetwork reports whether a directory is on a network filesystem.
func onNetwork(dir string) (bool, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return false, err
	}
	return fs.Flags&unix.MNT_LOCAL == 0, nil
}
