package cli

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strings"
	"time"
)

// Process is what a run of the command line sees of the machine.
type Process struct {
	Program        string   // the name that it was called by, which messages show; empty is larder
	Args           []string // without the program
	Environ        []string // as os.Environ has it
	Stdin          io.Reader
	Stdout, Stderr io.Writer

	Now   func() time.Time                                 // nil is time.Now
	Zone  *time.Location                                   // nil is time.Local
	Sleep func(ctx context.Context, d time.Duration) error // nil waits

	// Replace puts a program in the place of this process, so that signals and
	// the exit code are its own. It returns only if it could not. Nil runs the
	// program and waits for it.
	Replace func(path string, argv, environ []string) error

	Columns int  // of the terminal; 0 is its own, or 80
	Watched bool // Stdout ends on a terminal, although it is none
}

// Getenv returns a variable of the environment, empty if it is not set. The
// last of several counts, as in Windows and in Python.
func (p *Process) Getenv(name string) string {
	v, _ := p.lookup(name)
	return v
}

func (p *Process) lookup(name string) (string, bool) {
	for i := len(p.Environ) - 1; i >= 0; i-- {
		key, v, ok := strings.Cut(p.Environ[i], "=")
		if ok && (key == name || runtime.GOOS == "windows" && strings.EqualFold(key, name)) {
			return v, true
		}
	}
	return "", false
}

func (p *Process) program() string { return cmp.Or(p.Program, "larder") }

func (p *Process) now() time.Time {
	if p.Now != nil {
		return p.Now()
	}
	return time.Now()
}

func (p *Process) zone() *time.Location {
	if p.Zone != nil {
		return p.Zone
	}
	return time.Local
}

func (p *Process) sleep(ctx context.Context, d time.Duration) error {
	if p.Sleep != nil {
		return p.Sleep(ctx, d)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Home returns the user's home directory.
func (p *Process) Home() string {
	if runtime.GOOS == "windows" {
		return p.Getenv("USERPROFILE")
	}
	if home := p.Getenv("HOME"); home != "" {
		return home
	}
	if u, err := user.Current(); err == nil {
		return u.HomeDir // where Python looks too, before a token is written to wherever we are
	}
	return ""
}

// Expand replaces variables and a leading ~ in a path, as Python's expandvars
// and expanduser do: what is not set stays.
func (p *Process) Expand(path string) string {
	path = os.Expand(path, func(name string) string {
		if v, ok := p.lookup(name); ok {
			return v
		}
		return "$" + name
	})
	if rest, ok := strings.CutPrefix(path, "~"); ok && (rest == "" || os.IsPathSeparator(rest[0])) {
		return filepath.Join(p.Home(), rest)
	}
	return path
}

// reason returns what Python says of a failed use of a file, without the
// file's name.
func reason(err error) string {
	var path *os.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "[Errno 2] No such file or directory"
	case errors.Is(err, os.ErrPermission):
		return "[Errno 13] Permission denied"
	case err.Error() == "is a directory":
		return "[Errno 21] Is a directory"
	}
	return err.Error()
}
