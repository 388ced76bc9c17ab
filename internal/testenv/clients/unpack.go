package clients

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// into unpacks a into dir.
func (a archived) into(dir string) error {
	z, err := zip.OpenReader(filepath.Join(dir, filepath.FromSlash(a.file)))
	if err != nil {
		return err
	}
	defer z.Close()
	to, err := os.OpenRoot(dir) // which no name in the archive leads out of
	if err != nil {
		return err
	}
	defer to.Close()
	var n int
	for _, f := range z.File {
		below, found := strings.CutPrefix(f.Name, a.dir+"/")
		if !found || below == "" || a.without != "" && strings.HasPrefix(below, a.without+"/") {
			continue
		}
		if err := unpack(to, path.Join(path.Base(a.dir), below), f); err != nil {
			return fmt.Errorf("unpack %s of %s: %w", f.Name, a.file, err)
		}
		n++
	}
	if n == 0 {
		return fmt.Errorf("nothing in %s is below %s", a.file, a.dir)
	}
	return nil
}

func unpack(to *os.Root, name string, f *zip.File) error {
	if f.Mode().IsDir() {
		return to.MkdirAll(name, 0o755)
	}
	if !f.Mode().IsRegular() {
		return fmt.Errorf("got %v, want a file", f.Mode())
	}
	if err := to.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	in, err := f.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := to.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_EXCL, f.Mode().Perm())
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
