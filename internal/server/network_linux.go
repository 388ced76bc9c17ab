package server

import "golang.org/x/sys/unix"

// onNetwork reports whether a directory is on a network filesystem.
func onNetwork(dir string) (bool, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return false, err
	}
	switch uint32(fs.Type) { //nolint:gosec // the magic numbers are 32 bits, of either sign
	case unix.NFS_SUPER_MAGIC, unix.SMB_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC:
		return true, nil
	}
	return false, nil
}
