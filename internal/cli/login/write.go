package login

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// write puts a file in the place of another at once, for the user alone: half
// a file is never there, and a link stays one.
func write(path string, content []byte) error {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("make the directory of %s: %w", path, err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".larder-*") // with mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer os.Remove(f.Name()) //nolint:errcheck // it has another name by then
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

// hide takes files from everyone but their user. Those that are not there are
// none of ours.
func hide(paths []string) error {
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm()&0o077 == 0 {
			continue
		}
		if err := os.Chmod(path, 0o600); err != nil {
			return fmt.Errorf("take %s from others: %w", path, err)
		}
	}
	return nil
}

// difference returns the lines of changed that are between what it and old
// begin and end with alike.
func difference(old, changed []byte) []byte {
	before, after := bytes.SplitAfter(old, []byte("\n")), bytes.SplitAfter(changed, []byte("\n"))
	for len(before) > 0 && len(after) > 0 && bytes.Equal(before[0], after[0]) {
		before, after = before[1:], after[1:]
	}
	for len(before) > 0 && len(after) > 0 && bytes.Equal(before[len(before)-1], after[len(after)-1]) {
		before, after = before[:len(before)-1], after[:len(after)-1]
	}
	text := bytes.Join(after, nil)
	if len(text) > 0 && text[len(text)-1] != '\n' {
		text = append(text, '\n')
	}
	return text
}
